//! Single objects: put, get, head, copy, delete.

use jiff::Timestamp;
use s3s::{
    S3Request, S3Result,
    dto::{
        CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, DeleteObjectInput, DeleteObjectOutput,
        DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, ETag, GetObjectInput, GetObjectOutput, HeadObjectInput,
        HeadObjectOutput, PutObjectInput, PutObjectOutput,
    },
    s3_error,
};

use super::{
    Inner,
    blobs::Expected,
    chunked::Trailers,
    conditions::{Reading, Writing, internal, shown},
    events::Created,
    gate::RequestInfo,
    records::{Attributes, Checksums, Object},
    service::info,
};

/// The longest key, in bytes: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>.
const LONGEST_KEY: usize = 1024;

pub(super) fn check_key(key: &str) -> S3Result<()> {
    if key.len() > LONGEST_KEY { Err(s3_error!(KeyTooLongError)) } else { Ok(()) }
}

/// Now, in whole seconds: S3 keeps no finer time.
pub(super) fn whole_second(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

macro_rules! attributes {
    ($input:ident) => {
        Attributes {
            content_type: $input.content_type.take(),
            content_encoding: $input.content_encoding.take(),
            content_disposition: $input.content_disposition.take(),
            content_language: $input.content_language.take(),
            cache_control: $input.cache_control.take(),
            metadata: $input.metadata.take().unwrap_or_default().into_iter().collect(),
            checksums: Checksums::default(),
        }
    };
}
macro_rules! expected {
    ($request:ident) => {
        Expected {
            length: $request.input.content_length,
            md5: $request.input.content_md5.take(),
            checksums: Checksums {
                crc32: $request.input.checksum_crc32.take(),
                crc32c: $request.input.checksum_crc32c.take(),
                crc64nvme: $request.input.checksum_crc64nvme.take(),
                sha1: $request.input.checksum_sha1.take(),
                sha256: $request.input.checksum_sha256.take(),
            },
            trailers: $request.extensions.get::<Trailers>().cloned(),
        }
    };
}
pub(super) use {attributes, expected};

impl Inner {
    /// The object, or `NoSuchKey`.
    pub(super) async fn object(&self, bucket: &str, key: &str) -> S3Result<Object> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let object = self.catalogue.run(move |catalogue| catalogue.object(&bucket, &key)).await?;
        object.ok_or_else(|| s3_error!(NoSuchKey))
    }

    /// Puts an object in place whose file is written, and lets its events go. On a refusal the file is removed.
    async fn put(
        &self,
        bucket: String,
        object: Object,
        condition: Writing,
        event: &'static str,
        request: RequestInfo,
    ) -> S3Result<()> {
        let (region, blob) = (self.region.clone(), object.blob.clone());
        let result = self.catalogue.run(move |catalogue| {
            let created = Created::new(&region, &bucket, &object, event, &request);
            catalogue.put(&bucket, &object, |old| condition.check(old), |rules| created.messages(rules))
        });
        match result.await {
            Ok(old) => {
                self.wake.notify_one();
                if let Some(old) = old {
                    self.blobs.remove(&old).await;
                }
                Ok(())
            }
            Err(error) => {
                self.blobs.remove(&blob).await;
                Err(error)
            }
        }
    }
}

pub(super) async fn put_object(s3: &Inner, mut request: S3Request<PutObjectInput>) -> S3Result<PutObjectOutput> {
    check_key(&request.input.key)?;
    let expected = expected!(request);
    let info = info(&request);
    let mut input = request.input;
    let bucket = input.bucket.clone();
    // Before the body is written: a missing bucket is told at once.
    s3.catalogue.run(move |catalogue| catalogue.rules(&bucket)).await?;
    let written = s3.blobs.write(input.body.take(), expected).await?;
    let mut attributes = attributes!(input);
    attributes.checksums = written.checksums.clone();
    let object = Object {
        key: input.key,
        blob: written.name,
        size: written.size,
        etag: hex::encode(written.md5),
        modified: whole_second(s3.clock.now()),
        attributes,
    };
    let etag = object.etag.clone();
    let condition = Writing { if_match: input.if_match, if_none_match: input.if_none_match };
    s3.put(input.bucket, object, condition, "ObjectCreated:Put", info).await?;
    Ok(PutObjectOutput {
        e_tag: Some(ETag::Strong(etag)),
        checksum_crc32: written.checksums.crc32,
        checksum_crc32c: written.checksums.crc32c,
        checksum_crc64nvme: written.checksums.crc64nvme,
        checksum_sha1: written.checksums.sha1,
        checksum_sha256: written.checksums.sha256,
        ..PutObjectOutput::default()
    })
}

pub(super) async fn get_object(s3: &Inner, request: S3Request<GetObjectInput>) -> S3Result<GetObjectOutput> {
    let input = request.input;
    let condition = Reading {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
        if_modified_since: input.if_modified_since,
        if_unmodified_since: input.if_unmodified_since,
    };
    loop {
        let object = s3.object(&input.bucket, &input.key).await?;
        condition.check(&object)?;
        let range = input.range.map(|range| range.check(object.size)).transpose()?;
        let (start, end) = range.as_ref().map_or((0, object.size), |range| (range.start, range.end));
        let body = match s3.blobs.read(&object.blob, start, end - start).await {
            Ok(body) => body,
            // The object was replaced or deleted since its row was read: read the row again.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if s3.object(&input.bucket, &input.key).await?.blob == object.blob {
                    return Err(internal("the file of an object is missing"));
                }
                continue;
            }
            Err(error) => return Err(internal(error)),
        };
        let Object { size, etag, modified, attributes, .. } = object;
        // The checksum is one of the whole object.
        let sums = if range.is_none() { attributes.checksums } else { Checksums::default() };
        return Ok(GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            body: Some(body),
            content_length: Some((end - start) as i64),
            content_range: range.map(|range| format!("bytes {}-{}/{size}", range.start, range.end - 1)),
            content_type: Some(attributes.content_type.unwrap_or_else(default_type)),
            content_encoding: attributes.content_encoding,
            content_disposition: attributes.content_disposition,
            content_language: attributes.content_language,
            cache_control: attributes.cache_control,
            metadata: Some(attributes.metadata.into_iter().collect()),
            e_tag: Some(ETag::Strong(etag)),
            last_modified: Some(shown(modified)),
            checksum_crc32: sums.crc32,
            checksum_crc32c: sums.crc32c,
            checksum_crc64nvme: sums.crc64nvme,
            checksum_sha1: sums.sha1,
            checksum_sha256: sums.sha256,
            ..GetObjectOutput::default()
        });
    }
}

fn default_type() -> String {
    "binary/octet-stream".to_owned()
}

pub(super) async fn head_object(s3: &Inner, request: S3Request<HeadObjectInput>) -> S3Result<HeadObjectOutput> {
    let input = request.input;
    let object = s3.object(&input.bucket, &input.key).await?;
    let condition = Reading {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
        if_modified_since: input.if_modified_since,
        if_unmodified_since: input.if_unmodified_since,
    };
    condition.check(&object)?;
    let Object { size, etag, modified, attributes, .. } = object;
    Ok(HeadObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        content_length: Some(size as i64),
        content_type: Some(attributes.content_type.unwrap_or_else(default_type)),
        content_encoding: attributes.content_encoding,
        content_disposition: attributes.content_disposition,
        content_language: attributes.content_language,
        cache_control: attributes.cache_control,
        metadata: Some(attributes.metadata.into_iter().collect()),
        e_tag: Some(ETag::Strong(etag)),
        last_modified: Some(shown(modified)),
        checksum_crc32: attributes.checksums.crc32,
        checksum_crc32c: attributes.checksums.crc32c,
        checksum_crc64nvme: attributes.checksums.crc64nvme,
        checksum_sha1: attributes.checksums.sha1,
        checksum_sha256: attributes.checksums.sha256,
        ..HeadObjectOutput::default()
    })
}

pub(super) async fn copy_object(s3: &Inner, request: S3Request<CopyObjectInput>) -> S3Result<CopyObjectOutput> {
    let info = info(&request);
    let mut input = request.input;
    check_key(&input.key)?;
    let CopySource::Bucket { bucket, key, .. } = &input.copy_source else {
        return Err(s3_error!(NotImplemented));
    };
    let source = s3.object(bucket, key).await?;
    let condition = Reading {
        if_match: input.copy_source_if_match.take(),
        if_none_match: input.copy_source_if_none_match.take(),
        if_modified_since: input.copy_source_if_modified_since.take(),
        if_unmodified_since: input.copy_source_if_unmodified_since.take(),
    };
    // A copy that is not to be made is 412 for every condition.
    condition.check(&source).map_err(|_| s3_error!(PreconditionFailed))?;
    let (blob, size) = s3.blobs.join(&[source.blob]).await.map_err(internal)?;
    let attributes = if input.metadata_directive.as_ref().is_some_and(|directive| directive.as_str() == "REPLACE") {
        Attributes { checksums: source.attributes.checksums, ..attributes!(input) }
    } else {
        source.attributes
    };
    let modified = whole_second(s3.clock.now());
    let object = Object { key: input.key, blob, size, etag: source.etag.clone(), modified, attributes };
    let condition = Writing { if_match: None, if_none_match: None };
    s3.put(input.bucket, object, condition, "ObjectCreated:Copy", info).await?;
    let result = CopyObjectResult {
        e_tag: Some(ETag::Strong(source.etag)),
        last_modified: Some(shown(modified)),
        ..CopyObjectResult::default()
    };
    Ok(CopyObjectOutput { copy_object_result: Some(result), ..CopyObjectOutput::default() })
}

async fn delete(s3: &Inner, bucket: String, keys: Vec<String>) -> S3Result<()> {
    let gone = s3.catalogue.run(move |catalogue| catalogue.delete(&bucket, &keys)).await?;
    for blob in gone {
        s3.blobs.remove(&blob).await;
    }
    Ok(())
}

pub(super) async fn delete_object(s3: &Inner, request: S3Request<DeleteObjectInput>) -> S3Result<DeleteObjectOutput> {
    delete(s3, request.input.bucket, vec![request.input.key]).await?;
    Ok(DeleteObjectOutput::default())
}

pub(super) async fn delete_objects(
    s3: &Inner,
    request: S3Request<DeleteObjectsInput>,
) -> S3Result<DeleteObjectsOutput> {
    let keys: Vec<String> = request.input.delete.objects.into_iter().map(|object| object.key).collect();
    if keys.is_empty() || keys.len() > 1000 {
        return Err(s3_error!(MalformedXML));
    }
    let deleted = keys.iter().cloned().map(|key| DeletedObject { key: Some(key), ..DeletedObject::default() });
    let deleted = (request.input.delete.quiet != Some(true)).then(|| deleted.collect());
    delete(s3, request.input.bucket, keys).await?;
    Ok(DeleteObjectsOutput { deleted, ..DeleteObjectsOutput::default() })
}
