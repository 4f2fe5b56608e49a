//! Credentials as they are given: write-only, kept where they are left out, and never replaced by their own mask.

use std::collections::BTreeMap;

use ::providers::{Credentials, Secret};
use domain::{Error, Result, Violation};

const MAX_FIELDS: usize = 30;
const MAX_NAME: usize = 64;
const MAX_VALUE: usize = 4_096;

/// What a request says of credentials: by field, null to remove one.
pub(super) type Given = BTreeMap<String, Option<String>>;

/// The credentials after a request, and whether they differ from those before. A value that is the mask of the stored
/// one keeps it; a mask of anything else is refused, for it would replace a secret by stars.
pub(super) fn merge(old: &Credentials, given: Given) -> Result<(Credentials, bool)> {
    let mut merged = old.clone();
    let mut changed = false;
    let mut violations = Vec::new();
    for (name, value) in given {
        let pointer = format!("/credentials/{}", name.replace('~', "~0").replace('/', "~1"));
        let stored = old.get(&name);
        let Some(value) = value.map(Secret::new).filter(|value| !value.expose().trim().is_empty()) else {
            changed |= merged.remove(&name).is_some();
            continue;
        };
        if name.is_empty() || name.len() > MAX_NAME || value.expose().len() > MAX_VALUE {
            let detail = format!("A name of 1 to {MAX_NAME} bytes and a value of at most {MAX_VALUE}.");
            violations.push(Violation::new(pointer, "credential_too_long", detail));
        } else if stored.is_some_and(|stored| stored.masked() == value.expose()) {
            // The answer of a GET, sent back as it was.
        } else if is_mask(value.expose()) {
            let detail = "This is a mask. Send the credential itself, or leave it out to keep what is stored.";
            violations.push(Violation::new(pointer, "credential_masked", detail));
        } else if stored.is_none_or(|stored| stored.expose() != value.expose()) {
            merged.insert(name, value);
            changed = true;
        }
    }
    if merged.len() > MAX_FIELDS {
        violations.push(Violation::new("/credentials", "too_many", format!("At most {MAX_FIELDS} credentials.")));
    }
    if violations.is_empty() { Ok((merged, changed)) } else { Err(Error::Invalid(violations)) }
}

/// What answers show of credentials.
pub(super) fn masks(credentials: &Credentials) -> BTreeMap<String, String> {
    credentials.iter().map(|(name, secret)| (name.clone(), secret.masked())).collect()
}

/// Up to four characters and four stars: what [`Secret::masked`] makes.
fn is_mask(text: &str) -> bool {
    text.strip_suffix("****").is_some_and(|shown| shown.chars().count() <= 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> Credentials {
        BTreeMap::from([("apiKey".to_owned(), Secret::new("sk_live_123")), ("pin".to_owned(), Secret::new("1234"))])
    }

    fn given(pairs: &[(&str, Option<&str>)]) -> Given {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect()
    }

    fn merged(pairs: &[(&str, Option<&str>)]) -> (Vec<(String, String)>, bool) {
        let (merged, changed) = merge(&stored(), given(pairs)).unwrap();
        (merged.iter().map(|(name, secret)| (name.clone(), secret.expose().to_owned())).collect(), changed)
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_mask_sent_back_keeps_the_secret() {
        let all = vec![pair("apiKey", "sk_live_123"), pair("pin", "1234")];
        assert_eq!(merged(&[("apiKey", Some("sk_l****")), ("pin", Some("****"))]), (all.clone(), false));
        assert_eq!(merged(&[]), (all.clone(), false));
        assert_eq!(merged(&[("apiKey", Some("sk_live_123"))]), (all, false));
    }

    #[test]
    fn a_new_value_replaces_and_null_or_nothing_removes() {
        let (now, changed) = merged(&[("apiKey", Some("another-key")), ("pin", None)]);
        assert_eq!((now, changed), (vec![pair("apiKey", "another-key")], true));
        assert_eq!(merged(&[("pin", Some(""))]), (vec![pair("apiKey", "sk_live_123")], true));
        assert!(!merged(&[("unknown", None)]).1);
    }

    #[test]
    fn a_mask_of_something_else_is_refused() {
        for (name, mask) in [("apiKey", "abcd****"), ("apiKey", "****"), ("other", "****")] {
            let Err(Error::Invalid(violations)) = merge(&stored(), given(&[(name, Some(mask))])) else {
                panic!("{mask}")
            };
            assert_eq!(violations[0].code, "credential_masked");
            assert_eq!(violations[0].pointer, format!("/credentials/{name}"));
        }
        assert!(merged(&[("apiKey", Some("long-enough****"))]).1);
    }

    #[test]
    fn masks_show_four_characters() {
        assert_eq!(masks(&stored()), BTreeMap::from([pair("apiKey", "sk_l****"), pair("pin", "****")]));
    }
}
