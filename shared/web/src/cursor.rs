//! Cursors: where a list continues. Opaque to clients, and bound to organization, path and filters, so that the
//! position of one list says nothing in another.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::{Error, Result, id::OrgId};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::cx::Cx;

/// The first byte, should the form ever change.
const VERSION: u8 = 1;
/// How much of the HMAC is kept, in bytes.
const TAG: usize = 16;
/// The longest cursor that is looked at. The longest sort key has 1,024 bytes.
const LONGEST: usize = 1_500;

fn tag(key: &[u8], org: OrgId, binding: &str, position: &[u8]) -> [u8; TAG] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(&org.bits().to_be_bytes());
    // Length first, so that no other split of the same bytes gives the same text.
    mac.update(&(binding.len() as u64).to_be_bytes());
    mac.update(binding.as_bytes());
    mac.update(position);
    let full = mac.finalize().into_bytes();
    *full.first_chunk::<TAG>().expect("HMAC-SHA-256 has 32 bytes")
}

fn seal(key: &[u8], org: OrgId, binding: &str, position: &str) -> String {
    let mut bytes = vec![VERSION];
    bytes.extend(tag(key, org, binding, position.as_bytes()));
    bytes.extend(position.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn open(key: &[u8], org: OrgId, binding: &str, cursor: &str) -> Option<String> {
    if cursor.len() > LONGEST {
        return None;
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (version, rest) = bytes.split_first()?;
    let (found, position) = rest.split_first_chunk::<TAG>()?;
    let right = tag(key, org, binding, position);
    (*version == VERSION && bool::from(right.ct_eq(found))).then(|| String::from_utf8(position.to_vec()).ok())?
}

impl Cx {
    /// The cursor of a first page that is embedded in another answer: it continues at `path`, which has no filters.
    pub async fn embedded_next(&self, path: &str, next: Option<String>) -> Result<Option<String>> {
        match next {
            None => Ok(None),
            Some(next) => self.seal_cursor(&crate::extract::binding(path, &[]), &next).await.map(Some),
        }
    }

    /// A cursor into another list, without filters: for detail answers that show its first rows. `path` is that list's
    /// path, `next` where its second page begins.
    pub async fn cursor_into(&self, path: &str, next: &str) -> Result<String> {
        self.seal_cursor(&format!("{path}\n"), next).await
    }

    pub(crate) async fn seal_cursor(&self, binding: &str, position: &str) -> Result<String> {
        Ok(seal(&self.kit.cursor_key().await?, self.org(), binding, position))
    }

    pub(crate) async fn open_cursor(&self, binding: &str, cursor: &str) -> Result<String> {
        open(&self.kit.cursor_key().await?, self.org(), binding, cursor).ok_or_else(|| Error::Unreadable {
            code: "cursor_invalid",
            detail: "The cursor does not belong to this list with these filters.".into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn org(bits: u128) -> OrgId {
        OrgId::new(Timestamp::UNIX_EPOCH, bits)
    }

    proptest! {
        #[test]
        fn a_cursor_opens_where_it_was_sealed_and_nowhere_else(position in ".{0,80}", binding in ".{0,40}", other in ".{0,40}") {
            let cursor = seal(b"key", org(1), &binding, &position);
            prop_assert_eq!(open(b"key", org(1), &binding, &cursor), Some(position));
            prop_assert_eq!(open(b"key", org(2), &binding, &cursor), None);
            prop_assert_eq!(open(b"other", org(1), &binding, &cursor), None);
            if other != binding {
                prop_assert_eq!(open(b"key", org(1), &other, &cursor), None);
            }
        }

        #[test]
        fn an_edited_cursor_does_not_open(position in "[a-z]{1,40}", at in 0_usize..1000, with in "[A-Za-z0-9_-]") {
            let cursor = seal(b"key", org(1), "", &position);
            let at = at % cursor.len();
            let mut edited = cursor.clone();
            edited.replace_range(at..=at, &with);
            // Unused bits of the last character must be zero, so another character is another value or refused.
            prop_assert!(edited == cursor || open(b"key", org(1), "", &edited).is_none());
        }

        #[test]
        fn any_text_is_refused_calmly(text in ".{0,100}", bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(open(b"key", org(1), "", &text), None);
            // Well-formed, with the right version; and longer than any.
            let forged = BASE64_URL_SAFE_NO_PAD.encode([&[VERSION], &bytes[..]].concat());
            prop_assert_eq!(open(b"key", org(1), "", &forged), None);
            prop_assert_eq!(open(b"key", org(1), "", &forged.repeat(LONGEST)), None);
        }
    }
}
