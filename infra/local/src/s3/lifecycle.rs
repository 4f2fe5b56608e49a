//! Lifecycle rules: objects and unfinished uploads that go by themselves after some days.
//!
//! Of S3's rules those are taken that say a prefix and whole days. As there, something is gone at the midnight (UTC)
//! after it has had its days:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html#intro-lifecycle-rules-number-of-days>.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use s3s::{
    S3Request, S3Result,
    dto::{
        AbortIncompleteMultipartUpload, DeleteBucketLifecycleInput, DeleteBucketLifecycleOutput, ExpirationStatus,
        GetBucketLifecycleConfigurationInput, GetBucketLifecycleConfigurationOutput, LifecycleExpiration,
        LifecycleRule, LifecycleRuleFilter, PutBucketLifecycleConfigurationInput,
        PutBucketLifecycleConfigurationOutput,
    },
    s3_error,
};
use serde::{Deserialize, Serialize};
use store::Clock;

use super::{Inner, blobs::Blobs, catalogue::Catalogue};

/// How often rules are applied.
const EVERY: Duration = Duration::from_hours(1);

/// A rule, as the catalogue keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Expiry {
    pub id: Option<String>,
    pub enabled: bool,
    pub prefix: String,
    /// After how many days objects go.
    pub objects: Option<i32>,
    /// After how many days unfinished uploads go.
    pub uploads: Option<i32>,
}

impl Expiry {
    /// What was made before this goes, if it has had `days`.
    pub fn made_before(now: Timestamp, days: i32) -> Timestamp {
        let midnight = now.to_zoned(TimeZone::UTC).start_of_day().map_or(now, |midnight| midnight.timestamp());
        midnight.checked_sub(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MIN)
    }

    fn read(rule: LifecycleRule) -> S3Result<Self> {
        let filter = rule.filter.unwrap_or_default();
        let narrower = filter.and.is_some()
            || filter.tag.is_some()
            || filter.object_size_greater_than.is_some()
            || filter.object_size_less_than.is_some();
        let other = rule.transitions.is_some()
            || rule.noncurrent_version_expiration.is_some()
            || rule.noncurrent_version_transitions.is_some();
        let expiration = rule.expiration.unwrap_or_default();
        if narrower || other || expiration.date.is_some() || expiration.expired_object_delete_marker == Some(true) {
            return Err(s3_error!(NotImplemented, "Only rules with a prefix and days are kept."));
        }
        let uploads = rule.abort_incomplete_multipart_upload.and_then(|abort| abort.days_after_initiation);
        if [expiration.days, uploads].into_iter().flatten().any(|days| days < 1) {
            return Err(s3_error!(InvalidArgument, "'Days' for Expiration action must be a positive integer"));
        }
        Ok(Self {
            id: rule.id,
            enabled: rule.status.as_str() == ExpirationStatus::ENABLED,
            prefix: filter.prefix.or(rule.prefix).unwrap_or_default(),
            objects: expiration.days,
            uploads,
        })
    }

    fn show(self) -> LifecycleRule {
        let status = if self.enabled { ExpirationStatus::ENABLED } else { ExpirationStatus::DISABLED };
        LifecycleRule {
            abort_incomplete_multipart_upload: self
                .uploads
                .map(|days| AbortIncompleteMultipartUpload { days_after_initiation: Some(days) }),
            expiration: self
                .objects
                .map(|days| LifecycleExpiration { days: Some(days), ..LifecycleExpiration::default() }),
            filter: Some(LifecycleRuleFilter { prefix: Some(self.prefix), ..LifecycleRuleFilter::default() }),
            id: self.id,
            noncurrent_version_expiration: None,
            noncurrent_version_transitions: None,
            prefix: None,
            status: ExpirationStatus::from_static(status),
            transitions: None,
        }
    }
}

pub(super) async fn put_bucket_lifecycle_configuration(
    s3: &Inner,
    request: S3Request<PutBucketLifecycleConfigurationInput>,
) -> S3Result<PutBucketLifecycleConfigurationOutput> {
    let input = request.input;
    let rules = input.lifecycle_configuration.map(|configuration| configuration.rules).unwrap_or_default();
    let rules = rules.into_iter().map(Expiry::read).collect::<S3Result<Vec<_>>>()?;
    s3.catalogue.run(move |catalogue| catalogue.set_lifecycle(&input.bucket, &rules)).await?;
    Ok(PutBucketLifecycleConfigurationOutput::default())
}

pub(super) async fn get_bucket_lifecycle_configuration(
    s3: &Inner,
    request: S3Request<GetBucketLifecycleConfigurationInput>,
) -> S3Result<GetBucketLifecycleConfigurationOutput> {
    let rules = s3.catalogue.run(move |catalogue| catalogue.lifecycle(&request.input.bucket)).await?;
    if rules.is_empty() {
        return Err(s3_error!(NoSuchLifecycleConfiguration));
    }
    Ok(GetBucketLifecycleConfigurationOutput {
        rules: Some(rules.into_iter().map(Expiry::show).collect()),
        ..GetBucketLifecycleConfigurationOutput::default()
    })
}

pub(super) async fn delete_bucket_lifecycle(
    s3: &Inner,
    request: S3Request<DeleteBucketLifecycleInput>,
) -> S3Result<DeleteBucketLifecycleOutput> {
    s3.catalogue.run(move |catalogue| catalogue.set_lifecycle(&request.input.bucket, &[])).await?;
    Ok(DeleteBucketLifecycleOutput {})
}

/// Applies the rules of all buckets again and again.
pub(super) async fn watch(catalogue: Arc<Catalogue>, blobs: Blobs, clock: Clock) {
    loop {
        if let Err(error) = apply(&catalogue, &blobs, clock.now()).await {
            tracing::error!(%error, "lifecycle rules could not be applied");
        }
        clock.sleep(EVERY).await;
    }
}

/// Removes what the rules say is over at `now`.
pub(super) async fn apply(catalogue: &Arc<Catalogue>, blobs: &Blobs, now: Timestamp) -> S3Result<()> {
    for blob in catalogue.run(move |catalogue| catalogue.expire(now)).await? {
        blobs.remove(&blob).await;
    }
    Ok(())
}
