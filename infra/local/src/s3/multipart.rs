//! Uploads in parts: create, upload a part, list, complete, abort.

use s3s::{
    S3Request, S3Result,
    crypto::{Checksum as _, Md5},
    dto::{
        AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
        CompleteMultipartUploadOutput, CompletedPart, CreateMultipartUploadInput, CreateMultipartUploadOutput, ETag,
        ListMultipartUploadsInput, ListMultipartUploadsOutput, ListPartsInput, ListPartsOutput, MultipartUpload,
        Part as ShownPart, UploadPartInput, UploadPartOutput,
    },
    s3_error,
};

use super::{
    Inner,
    blobs::{Expected, random_name},
    chunked::Trailers,
    conditions::{Writing, internal, shown},
    events::Created,
    objects::{attributes, check_key, expected, whole_second},
    records::{Attributes, Checksums, Object, Part, Upload},
    service::info,
};

/// The smallest part that is not the last: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.
const SMALLEST: u64 = 5 << 20;

pub(super) async fn create_multipart_upload(
    s3: &Inner,
    request: S3Request<CreateMultipartUploadInput>,
) -> S3Result<CreateMultipartUploadOutput> {
    let mut input = request.input;
    check_key(&input.key)?;
    let attributes = attributes!(input);
    let (id, started) = (random_name(), whole_second(s3.clock.now()));
    let output = CreateMultipartUploadOutput {
        bucket: Some(input.bucket.clone()),
        key: Some(input.key.clone()),
        upload_id: Some(id.clone()),
        checksum_algorithm: input.checksum_algorithm,
        ..CreateMultipartUploadOutput::default()
    };
    let upload = Upload { id, key: input.key, started, attributes };
    s3.catalogue.run(move |catalogue| catalogue.start_upload(&input.bucket, &upload)).await?;
    Ok(output)
}

pub(super) async fn upload_part(s3: &Inner, mut request: S3Request<UploadPartInput>) -> S3Result<UploadPartOutput> {
    let expected = expected!(request);
    let input = request.input;
    if !(1..=10_000).contains(&input.part_number) {
        return Err(s3_error!(InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive"));
    }
    let (bucket, key, id) = (input.bucket, input.key, input.upload_id.clone());
    s3.catalogue.run(move |catalogue| catalogue.upload(&bucket, &key, &id)).await?;
    let written = s3.blobs.write(input.body, expected).await?;
    let part = Part {
        number: input.part_number,
        blob: written.name.clone(),
        size: written.size,
        md5: hex::encode(written.md5),
        modified: whole_second(s3.clock.now()),
    };
    let etag = part.md5.clone();
    match s3.catalogue.run(move |catalogue| catalogue.put_part(&input.upload_id, &part)).await {
        Ok(Some(old)) => s3.blobs.remove(&old).await,
        Ok(None) => {}
        Err(error) => {
            s3.blobs.remove(&written.name).await;
            return Err(error);
        }
    }
    Ok(UploadPartOutput {
        e_tag: Some(ETag::Strong(etag)),
        checksum_crc32: written.checksums.crc32,
        checksum_crc32c: written.checksums.crc32c,
        checksum_crc64nvme: written.checksums.crc64nvme,
        checksum_sha1: written.checksums.sha1,
        checksum_sha256: written.checksums.sha256,
        ..UploadPartOutput::default()
    })
}

/// The parts that a completion names, in its order; refused as S3 refuses them.
fn chosen(wanted: &[CompletedPart], parts: &[Part]) -> S3Result<Vec<Part>> {
    if wanted.is_empty() {
        return Err(s3_error!(MalformedXML, "A completion names at least one part."));
    }
    if !wanted.is_sorted_by(|left, right| left.part_number < right.part_number) {
        return Err(s3_error!(InvalidPartOrder));
    }
    let part = |wanted: &CompletedPart| {
        let found = parts.iter().find(|part| Some(part.number) == wanted.part_number);
        let same = |part: &&Part| wanted.e_tag.as_ref().is_none_or(|etag| etag.value() == part.md5);
        found.filter(same).cloned().ok_or_else(|| s3_error!(InvalidPart))
    };
    let chosen: Vec<Part> = wanted.iter().map(part).collect::<S3Result<_>>()?;
    if chosen[..chosen.len() - 1].iter().any(|part| part.size < SMALLEST) {
        return Err(s3_error!(EntityTooSmall));
    }
    Ok(chosen)
}

/// The tag of an object made of parts: the MD5 of their MD5s, and how many.
fn joint_etag(parts: &[Part]) -> S3Result<String> {
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(&hex::decode(&part.md5).map_err(internal)?);
    }
    Ok(format!("{}-{}", hex::encode(md5.finalize().as_ref()), parts.len()))
}

pub(super) async fn complete_multipart_upload(
    s3: &Inner,
    request: S3Request<CompleteMultipartUploadInput>,
) -> S3Result<CompleteMultipartUploadOutput> {
    let info = info(&request);
    let input = request.input;
    let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
    let (upload, parts) =
        s3.catalogue.run(move |catalogue| Ok((catalogue.upload(&bucket, &key, &id)?, catalogue.parts(&id)?))).await?;
    let wanted = input.multipart_upload.and_then(|wanted| wanted.parts).unwrap_or_default();
    let parts = chosen(&wanted, &parts)?;
    let names: Vec<String> = parts.iter().map(|part| part.blob.clone()).collect();
    let (blob, size) = s3.blobs.join(&names).await.map_err(internal)?;
    let object = Object {
        key: upload.key,
        blob: blob.clone(),
        size,
        etag: joint_etag(&parts)?,
        modified: whole_second(s3.clock.now()),
        attributes: upload.attributes,
    };
    let output = CompleteMultipartUploadOutput {
        location: Some(format!("/{}/{}", input.bucket, object.key)),
        bucket: Some(input.bucket.clone()),
        key: Some(object.key.clone()),
        e_tag: Some(ETag::Strong(object.etag.clone())),
        ..CompleteMultipartUploadOutput::default()
    };
    let condition = Writing { if_match: input.if_match, if_none_match: input.if_none_match };
    let region = s3.region.clone();
    let ended = s3.catalogue.run(move |catalogue| {
        let event = "ObjectCreated:CompleteMultipartUpload";
        let created = Created::new(&region, &input.bucket, &object, event, &info);
        let allowed = |old: Option<&Object>| condition.check(old);
        let messages = |rules: &[_]| created.messages(rules);
        catalogue.end_upload(&input.bucket, &input.upload_id, Some(&object), allowed, messages)
    });
    match ended.await {
        Ok(gone) => {
            s3.wake.notify_one();
            for blob in gone {
                s3.blobs.remove(&blob).await;
            }
            Ok(output)
        }
        Err(error) => {
            s3.blobs.remove(&blob).await;
            Err(error)
        }
    }
}

pub(super) async fn abort_multipart_upload(
    s3: &Inner,
    request: S3Request<AbortMultipartUploadInput>,
) -> S3Result<AbortMultipartUploadOutput> {
    let input = request.input;
    let ended = s3.catalogue.run(move |catalogue| {
        catalogue.upload(&input.bucket, &input.key, &input.upload_id)?;
        catalogue.end_upload(&input.bucket, &input.upload_id, None, |_| Ok(()), |_| Vec::new())
    });
    for blob in ended.await? {
        s3.blobs.remove(&blob).await;
    }
    Ok(AbortMultipartUploadOutput::default())
}

pub(super) async fn list_parts(s3: &Inner, request: S3Request<ListPartsInput>) -> S3Result<ListPartsOutput> {
    let input = request.input;
    let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
    let parts = s3.catalogue.run(move |catalogue| {
        catalogue.upload(&bucket, &key, &id)?;
        catalogue.parts(&id)
    });
    let (after, limit) = (input.part_number_marker.unwrap_or(0), input.max_parts.unwrap_or(1000).clamp(1, 1000));
    let mut parts = parts.await?;
    parts.retain(|part| part.number > after);
    let more = parts.len() > limit as usize;
    parts.truncate(limit as usize);
    let last = parts.last().map(|part| part.number);
    let part = |part: Part| ShownPart {
        part_number: Some(part.number),
        e_tag: Some(ETag::Strong(part.md5)),
        size: Some(part.size as i64),
        last_modified: Some(shown(part.modified)),
        ..ShownPart::default()
    };
    Ok(ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        parts: Some(parts.into_iter().map(part).collect()),
        max_parts: Some(limit),
        part_number_marker: Some(after),
        is_truncated: Some(more),
        next_part_number_marker: last.filter(|_| more),
        ..ListPartsOutput::default()
    })
}

/// The first thousand uploads under way: no more are ever looked at on one machine.
pub(super) async fn list_multipart_uploads(
    s3: &Inner,
    request: S3Request<ListMultipartUploadsInput>,
) -> S3Result<ListMultipartUploadsOutput> {
    let input = request.input;
    let (bucket, prefix) = (input.bucket.clone(), input.prefix.clone().unwrap_or_default());
    let uploads = s3.catalogue.run(move |catalogue| catalogue.uploads(&bucket, &prefix)).await?;
    let upload = |upload: Upload| MultipartUpload {
        upload_id: Some(upload.id),
        key: Some(upload.key),
        initiated: Some(shown(upload.started)),
        ..MultipartUpload::default()
    };
    Ok(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        prefix: input.prefix,
        uploads: Some(uploads.into_iter().map(upload).collect()),
        is_truncated: Some(false),
        max_uploads: Some(1000),
        ..ListMultipartUploadsOutput::default()
    })
}
