//! What the catalogue keeps of each thing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The checksums a sender gave and that were found right, in base64.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Checksums {
    pub crc32: Option<String>,
    pub crc32c: Option<String>,
    pub crc64nvme: Option<String>,
    pub sha1: Option<String>,
    pub sha256: Option<String>,
}

impl Checksums {
    /// Whether every checksum in `wanted` is the one here.
    pub fn agrees_with(&self, wanted: &Self) -> bool {
        let same = |have: &Option<String>, want: &Option<String>| want.is_none() || have == want;
        same(&self.crc32, &wanted.crc32)
            && same(&self.crc32c, &wanted.crc32c)
            && same(&self.crc64nvme, &wanted.crc64nvme)
            && same(&self.sha1, &wanted.sha1)
            && same(&self.sha256, &wanted.sha256)
    }
}

/// What is kept beside an object's bytes and given back with them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Attributes {
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    pub content_disposition: Option<String>,
    pub content_language: Option<String>,
    pub cache_control: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub checksums: Checksums,
}

/// An object as the catalogue has it.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub key: String,
    /// The name of its file.
    pub blob: String,
    pub size: u64,
    /// Without its quotation marks.
    pub etag: String,
    /// In whole seconds, as HTTP dates are.
    pub modified: Timestamp,
    pub attributes: Attributes,
}

/// A started multipart upload.
pub(super) struct Upload {
    pub id: String,
    pub key: String,
    pub started: Timestamp,
    pub attributes: Attributes,
}

/// A part of an upload.
#[derive(Clone)]
pub(super) struct Part {
    pub number: i32,
    pub blob: String,
    pub size: u64,
    /// MD5 in hexadecimal.
    pub md5: String,
    pub modified: Timestamp,
}

/// An event on its way.
pub(super) struct Event {
    pub id: i64,
    pub queue_arn: String,
    pub body: String,
    pub at: Timestamp,
}
