//! The bucket: uploads, presigned links, exports.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_sdk_s3::{Client, presigning::PresigningConfig, primitives::ByteStream};
use bytes::Bytes;
use domain::{Error, Result};
use store::Clock;

use super::Settings;

/// How a client uploads a file straight to the bucket.
#[derive(Debug, Clone)]
pub struct Upload {
    /// `PUT`.
    pub method: String,
    /// Presigned, good for an hour.
    pub url: String,
    /// Headers that must be sent as they are.
    pub headers: Vec<(String, String)>,
}

/// How long an upload link holds.
const UPLOAD: Duration = Duration::from_hours(1);

/// The longest file name at the end of a key, in characters.
const NAME: usize = 120;

/// A name that is safe as the end of an object's key.
pub(crate) fn safe_name(name: &str) -> String {
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }).collect();
    let cut = name.len().saturating_sub(NAME);
    if name.is_empty() { "file".into() } else { name[cut..].to_owned() }
}

/// The bucket. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Files {
    client: Client,
    bucket: String,
    clock: Clock,
}

impl Files {
    pub(super) fn new(sdk: &SdkConfig, settings: &Settings, clock: Clock) -> Self {
        let config = aws_sdk_s3::config::Builder::from(sdk)
            // An endpoint of one's own has no host name per bucket.
            .force_path_style(sdk.endpoint_url().is_some())
            .request_checksum_calculation(aws_sdk_s3::config::RequestChecksumCalculation::WhenRequired)
            .build();
        Self { client: Client::from_conf(config), bucket: settings.bucket.clone(), clock }
    }

    fn presigning(&self, good_for: Duration) -> Result<PresigningConfig> {
        let now = SystemTime::from(self.clock.now());
        PresigningConfig::builder().start_time(now).expires_in(good_for).build().map_err(Error::internal)
    }

    /// A presigned upload of one object.
    pub async fn presign_put(&self, key: &str, good_for: Duration) -> Result<Upload> {
        let expiry = self.presigning(good_for)?;
        let request =
            self.client.put_object().bucket(&self.bucket).key(key).presigned(expiry).await.map_err(failure)?;
        let headers = request.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(Upload { method: request.method().to_owned(), url: request.uri().to_owned(), headers })
    }

    /// A presigned upload by a client, good for an hour.
    pub async fn presign_upload(&self, key: &str) -> Result<Upload> {
        self.presign_put(key, UPLOAD).await
    }

    /// A presigned download of one object.
    pub async fn presign_get(&self, key: &str, good_for: Duration) -> Result<String> {
        let expiry = self.presigning(good_for)?;
        let request =
            self.client.get_object().bucket(&self.bucket).key(key).presigned(expiry).await.map_err(failure)?;
        Ok(request.uri().to_owned())
    }

    /// Writes an object.
    pub async fn put(&self, key: &str, bytes: Vec<u8>, content_type: &str) -> Result<()> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(content_type)
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(failure)?;
        Ok(())
    }

    /// The size of an object in bytes; `None` if there is none.
    pub async fn size(&self, key: &str) -> Result<Option<u64>> {
        match self.client.head_object().bucket(&self.bucket).key(key).send().await {
            Ok(head) => Ok(Some(head.content_length().unwrap_or(0).max(0) as u64)),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(aws_sdk_s3::operation::head_object::HeadObjectError::is_not_found) =>
            {
                Ok(None)
            }
            Err(error) => Err(failure(error)),
        }
    }

    /// Reads an object as a stream of bytes.
    pub async fn stream(&self, key: &str) -> Result<ByteStream> {
        let object = self.client.get_object().bucket(&self.bucket).key(key).send().await.map_err(failure)?;
        Ok(object.body)
    }

    /// Reads a small object whole.
    pub async fn read(&self, key: &str) -> Result<Bytes> {
        let bytes = self.stream(key).await?.collect().await;
        Ok(bytes.map_err(|_| Error::Unavailable("the file broke off".into()))?.into_bytes())
    }

    /// Removes an object. Absent ones are no error.
    pub async fn delete(&self, key: &str) -> Result<()> {
        self.client.delete_object().bucket(&self.bucket).key(key).send().await.map_err(failure)?;
        Ok(())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn failure<E, R>(error: aws_sdk_s3::error::SdkError<E, R>) -> Error
where
    E: aws_sdk_s3::error::ProvideErrorMetadata + std::fmt::Debug,
    R: std::fmt::Debug,
{
    let code = aws_sdk_s3::error::ProvideErrorMetadata::code(&error).unwrap_or("no answer").to_owned();
    Error::Unavailable(format!("s3: {code}"))
}
