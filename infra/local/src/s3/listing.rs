//! Lists of objects: prefix, delimiter, pages.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::{
    S3Request, S3Result,
    dto::{
        CommonPrefix, ETag, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output, Object,
        ObjectStorageClass,
    },
    s3_error,
};

use super::{
    Inner,
    catalogue::{Catalogue, past},
    conditions::shown,
    records,
};

/// What a page is asked for.
struct Wanted {
    bucket: String,
    prefix: String,
    delimiter: Option<String>,
    /// The page starts after this key.
    after: String,
    limit: usize,
}

/// A page: objects and groups of objects, and the key it ends with if there is more.
#[derive(Default)]
struct Page {
    objects: Vec<records::Object>,
    prefixes: Vec<String>,
    more_after: Option<String>,
}

impl Wanted {
    /// Reads forward in steps and jumps over each group: a list of ten folders costs ten steps, however full they are.
    fn page(&self, catalogue: &Catalogue) -> S3Result<Page> {
        catalogue.rules(&self.bucket)?;
        let mut page = Page::default();
        let mut after = self.after.clone();
        loop {
            let left = self.limit - page.objects.len() - page.prefixes.len();
            let found = catalogue.objects(&self.bucket, &self.prefix, &after, left + 1)?;
            let mut jumped = false;
            for object in found {
                if page.objects.len() + page.prefixes.len() == self.limit {
                    page.more_after = (self.limit > 0).then_some(after);
                    return Ok(page);
                }
                if let Some(group) = self.group(&object.key) {
                    after = past(&group);
                    page.prefixes.push(group);
                    jumped = true;
                    break;
                }
                after.clone_from(&object.key);
                page.objects.push(object);
            }
            // All that was found was taken, and one more than fits was asked for: nothing is left.
            if !jumped {
                return Ok(page);
            }
        }
    }

    /// The group that a key belongs to: up to and with the first delimiter after the prefix.
    fn group(&self, key: &str) -> Option<String> {
        let delimiter = self.delimiter.as_deref().filter(|delimiter| !delimiter.is_empty())?;
        let rest = &key[self.prefix.len()..];
        rest.find(delimiter).map(|at| format!("{}{}", self.prefix, &rest[..at + delimiter.len()]))
    }
}

/// Names as the answer shows them: encoded where XML could not carry them and the client asked for it.
struct Shown(bool);

impl Shown {
    fn name(&self, name: String) -> String {
        const ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'*').remove(b'_');
        if self.0 { utf8_percent_encode(&name, &ENCODED).to_string() } else { name }
    }

    fn objects(&self, objects: Vec<records::Object>) -> Vec<Object> {
        let object = |object: records::Object| Object {
            key: Some(self.name(object.key)),
            e_tag: Some(ETag::Strong(object.etag)),
            last_modified: Some(shown(object.modified)),
            size: Some(object.size as i64),
            storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
            ..Object::default()
        };
        objects.into_iter().map(object).collect()
    }

    fn prefixes(&self, prefixes: Vec<String>) -> Vec<CommonPrefix> {
        prefixes.into_iter().map(|prefix| CommonPrefix { prefix: Some(self.name(prefix)) }).collect()
    }
}

fn limit(asked: Option<i32>) -> S3Result<usize> {
    usize::try_from(asked.unwrap_or(1000)).map(|limit| limit.min(1000)).map_err(|_| s3_error!(InvalidArgument))
}

pub(super) async fn list_objects_v2(
    s3: &Inner,
    request: S3Request<ListObjectsV2Input>,
) -> S3Result<ListObjectsV2Output> {
    let input = request.input;
    let after = match &input.continuation_token {
        Some(token) => URL_SAFE_NO_PAD
            .decode(token)
            .ok()
            .and_then(|key| String::from_utf8(key).ok())
            .ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))?,
        None => input.start_after.clone().unwrap_or_default(),
    };
    let wanted = Wanted {
        bucket: input.bucket.clone(),
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        after,
        limit: limit(input.max_keys)?,
    };
    let max_keys = wanted.limit as i32;
    let page = s3.catalogue.run(move |catalogue| wanted.page(catalogue)).await?;
    let names = Shown(input.encoding_type.is_some());
    Ok(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(names.name(input.prefix.unwrap_or_default())),
        max_keys: Some(max_keys),
        key_count: Some((page.objects.len() + page.prefixes.len()) as i32),
        is_truncated: Some(page.more_after.is_some()),
        continuation_token: input.continuation_token,
        next_continuation_token: page.more_after.map(|key| URL_SAFE_NO_PAD.encode(key)),
        contents: Some(names.objects(page.objects)),
        common_prefixes: Some(names.prefixes(page.prefixes)),
        delimiter: input.delimiter.map(|delimiter| names.name(delimiter)),
        encoding_type: input.encoding_type,
        start_after: input.start_after.map(|key| names.name(key)),
        ..ListObjectsV2Output::default()
    })
}

pub(super) async fn list_objects(s3: &Inner, request: S3Request<ListObjectsInput>) -> S3Result<ListObjectsOutput> {
    let input = request.input;
    let marker = input.marker.clone().unwrap_or_default();
    let mut wanted = Wanted {
        bucket: input.bucket.clone(),
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        after: String::new(),
        limit: limit(input.max_keys)?,
    };
    // A marker that is a group, as the last page named it, stands for all of the group.
    let group = marker.strip_prefix(&wanted.prefix).and_then(|_| wanted.group(&marker));
    wanted.after = if group.as_deref() == Some(marker.as_str()) { past(&marker) } else { marker };
    let max_keys = wanted.limit as i32;
    let page = s3.catalogue.run(move |catalogue| wanted.page(catalogue)).await?;
    let names = Shown(input.encoding_type.is_some());
    let next = page.more_after.map(|key| names.name(key.trim_end_matches('\u{10FFFF}').to_owned()));
    Ok(ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(names.name(input.prefix.unwrap_or_default())),
        marker: Some(names.name(input.marker.unwrap_or_default())),
        max_keys: Some(max_keys),
        is_truncated: Some(next.is_some()),
        next_marker: next.filter(|_| input.delimiter.is_some()),
        contents: Some(names.objects(page.objects)),
        common_prefixes: Some(names.prefixes(page.prefixes)),
        delimiter: input.delimiter.map(|delimiter| names.name(delimiter)),
        encoding_type: input.encoding_type,
        ..ListObjectsOutput::default()
    })
}
