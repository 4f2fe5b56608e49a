//! Conditional requests (RFC 9110 §13) and the one way in which an inner fault is answered.

use jiff::Timestamp;
use s3s::{
    S3Error, S3ErrorCode, S3Result,
    dto::{self, ETag, ETagCondition},
    s3_error,
};

use super::records::Object;

/// A fault of this server: logged here, answered as `InternalError` without its text.
pub(super) fn internal(error: impl std::fmt::Display) -> S3Error {
    tracing::error!(%error, "the local S3 failed");
    S3Error::new(S3ErrorCode::InternalError)
}

/// A time as the protocol library has it.
pub(super) fn shown(at: Timestamp) -> dto::Timestamp {
    dto::Timestamp::from(std::time::SystemTime::from(at))
}

fn matches(condition: &ETagCondition, object: &Object) -> bool {
    condition.as_etag().is_none_or(|etag| etag.value() == object.etag)
}

/// The conditions of GET and HEAD.
#[expect(clippy::struct_field_names, reason = "they are named like their headers")]
pub(super) struct Reading {
    pub if_match: Option<ETagCondition>,
    pub if_none_match: Option<ETagCondition>,
    pub if_modified_since: Option<dto::Timestamp>,
    pub if_unmodified_since: Option<dto::Timestamp>,
}

impl Reading {
    /// `PreconditionFailed` or `NotModified` when the object is not to be read. A tag goes before its time.
    pub fn check(&self, object: &Object) -> S3Result<()> {
        let modified = shown(object.modified);
        let changed = match (&self.if_match, &self.if_unmodified_since) {
            (Some(condition), _) => !matches(condition, object),
            (None, Some(since)) => modified > *since,
            (None, None) => false,
        };
        if changed {
            return Err(s3_error!(PreconditionFailed));
        }
        let same = match (&self.if_none_match, &self.if_modified_since) {
            (Some(condition), _) => matches(condition, object),
            (None, Some(since)) => modified <= *since,
            (None, None) => false,
        };
        if same {
            let mut error = s3_error!(NotModified);
            if let Ok(etag) = ETag::Strong(object.etag.clone()).to_http_header() {
                error.set_headers([(http::header::ETAG, etag)].into_iter().collect());
            }
            return Err(error);
        }
        Ok(())
    }
}

/// The conditions of PUT and of completing an upload:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>.
pub(super) struct Writing {
    pub if_match: Option<ETagCondition>,
    pub if_none_match: Option<ETagCondition>,
}

impl Writing {
    /// Whether an object may take the place of `old`.
    pub fn check(&self, old: Option<&Object>) -> S3Result<()> {
        match (&self.if_match, old) {
            (Some(_), None) => return Err(s3_error!(NoSuchKey)),
            (Some(condition), Some(old)) if !matches(condition, old) => return Err(s3_error!(PreconditionFailed)),
            _ => {}
        }
        match (&self.if_none_match, old) {
            (Some(condition), Some(old)) if matches(condition, old) => Err(s3_error!(PreconditionFailed)),
            _ => Ok(()),
        }
    }
}
