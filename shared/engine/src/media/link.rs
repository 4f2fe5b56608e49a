//! Links to files: whoever has one gets the file, for a day. Providers of WhatsApp fetch files by them.
//!
//! Invariant: a link cannot be made without the root key, names one file of one organization, and says until when it is
//! good; all three are under an HMAC.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::{
    Error, Result,
    id::{MediaId, OrgId},
    media::MediaStatus,
};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use store::media::{self, Media};

use super::key;
use crate::{App, app::RootKey};

/// How long a link is good.
const GOOD_FOR: Duration = Duration::from_hours(24);

/// How long the bucket's own link is good, to which a large file is passed on.
const FETCH: Duration = Duration::from_mins(10);

/// The most bytes that an answer of a function may have (6 MB, in Base64).
const ANSWERED: u64 = 4 << 20;

/// What the key is for: others made of the root key are other keys.
const PURPOSE: &[u8] = b"media: links";

/// Organization, file and the end, before the HMAC.
const NAMED: usize = 16 + 16 + 8;

/// A link.
#[derive(Debug, Clone)]
pub struct Link {
    /// The address.
    pub url: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// What a link leads to.
#[derive(Debug)]
pub enum Linked {
    /// The file itself.
    Bytes(Box<Media>, bytes::Bytes),
    /// The bucket's own link, for a file that is too large for an answer.
    Elsewhere(String),
}

fn mac(root: &RootKey, named: &[u8]) -> Hmac<Sha256> {
    let mut key = <Hmac<Sha256> as KeyInit>::new_from_slice(root.as_slice()).expect("HMAC takes keys of any length");
    key.update(PURPOSE);
    let key = key.finalize().into_bytes();
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).expect("HMAC takes keys of any length");
    mac.update(named);
    mac
}

fn seal(root: &RootKey, org: OrgId, id: MediaId, until: Timestamp) -> String {
    let named = [
        org.bits().to_be_bytes().as_slice(),
        id.bits().to_be_bytes().as_slice(),
        until.as_second().to_be_bytes().as_slice(),
    ]
    .concat();
    let tag = mac(root, &named).finalize().into_bytes();
    BASE64_URL_SAFE_NO_PAD.encode([named.as_slice(), &tag].concat())
}

/// Whom a link names, if it was made here and is good at `now`.
fn open(root: &RootKey, token: &str, now: Timestamp) -> Option<(OrgId, MediaId)> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
    let (named, tag) = bytes.split_at_checked(NAMED)?;
    // In constant time.
    mac(root, named).verify_slice(tag).ok()?;
    let number = |range: std::ops::Range<usize>| Some(u128::from_be_bytes(named[range].try_into().ok()?));
    let until = Timestamp::from_second(i64::from_be_bytes(named[32..].try_into().ok()?)).ok()?;
    if until <= now {
        return None;
    }
    Some((OrgId::from_bits(number(0..16)?), MediaId::from_bits(number(16..32)?)))
}

/// The link of a file.
pub(super) async fn to(app: &App, media: &Media) -> Result<Link> {
    let root = app.secrets.root().await?;
    let expires_at = Timestamp::from_second((app.now() + GOOD_FOR).as_second()).map_err(Error::internal)?;
    let token = seal(&root, media.org, media.id, expires_at);
    Ok(Link { url: format!("{}/api/m/{token}", app.settings.public_url), expires_at })
}

/// What a link leads to. 404 for one that was not made here, is over, or whose file is gone.
pub async fn linked(app: &App, token: &str) -> Result<Linked> {
    let gone = || Error::not_found("media", "of this link");
    let (org, id) = open(&app.secrets.root().await?, token, app.now()).ok_or_else(gone)?;
    let media = media::find(&app.table, org, id).await?.filter(|media| media.status == MediaStatus::Ready);
    let media = media.ok_or_else(gone)?;
    if media.size.is_some_and(|size| size > ANSWERED) {
        return app.files.presign_get(&key(org, id), FETCH).await.map(Linked::Elsewhere);
    }
    let bytes = app.files.read(&key(org, id)).await?;
    Ok(Linked::Bytes(Box::new(media), bytes))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use zeroize::Zeroizing;

    use super::*;

    #[test]
    fn a_link_opens_its_file_until_its_end_and_no_other() {
        let root: RootKey = Arc::new(Zeroizing::new([1; 32]));
        let other: RootKey = Arc::new(Zeroizing::new([2; 32]));
        let until = Timestamp::from_second(1_000).unwrap();
        let (org, id) = (OrgId::new(until, 1), MediaId::new(until, 2));
        let token = seal(&root, org, id, until);
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(open(&root, &token, at(999)), Some((org, id)));
        assert_eq!(open(&root, &token, at(1_000)), None, "over");
        assert_eq!(open(&other, &token, at(0)), None, "another root key");
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(open(&root, std::str::from_utf8(&changed).unwrap(), at(0)), None, "{place}");
        }
        for token in ["", "AAAA", &token[..60], &format!("{token}AA"), "%2e"] {
            assert_eq!(open(&root, token, at(0)), None, "{token}");
        }
    }
}
