//! Values that clients name themselves: a contact's `attributes` and a message's `variables`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Violation;

/// The most keys in one map.
pub const MAX_KEYS: usize = 50;
/// The most characters of a key.
pub const MAX_KEY: usize = 64;
/// The most characters of a value.
pub const MAX_VALUE: usize = 1_000;

/// A value: text, number or boolean. Its `Display` is what a template shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Value {
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(serde_json::Number),
    /// A text.
    Text(String),
}

impl fmt::Display for Value {
    /// Numbers as people write them: `12`, not `12.0`; never with an exponent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => match number.as_f64() {
                Some(value) if number.is_f64() => write!(f, "{value}"),
                _ => write!(f, "{number}"),
            },
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

/// A key as it is compared: without blanks around it, in lower case.
pub fn key(text: &str) -> String {
    text.trim().to_lowercase()
}

/// The value of a key, whatever the case it is written in and the blanks around it. The exact spelling wins.
pub fn find<'a>(values: &'a BTreeMap<String, Value>, name: &str) -> Option<&'a Value> {
    values.get(name).or_else(|| {
        let wanted = key(name);
        values.iter().find(|(name, _)| key(name) == wanted).map(|(_, value)| value)
    })
}

/// What is wrong with `values`, which stand at `pointer` of the body. Codes: `too_many_keys`, `key_invalid`,
/// `key_too_long`, `key_duplicate`, `value_too_long`.
pub fn check(values: &BTreeMap<String, Value>, pointer: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    if values.len() > MAX_KEYS {
        found.push(Violation::new(pointer, "too_many_keys", format!("At most {MAX_KEYS} keys.")));
        return found;
    }
    let mut seen = BTreeSet::new();
    for (name, value) in values {
        let pointer = || format!("{pointer}/{}", escape(name));
        if !is_key(name) {
            let detail = "A key has letters, digits, blanks or signs, but no braces, no | and no line breaks.";
            found.push(Violation::new(pointer(), "key_invalid", detail));
        } else if name.trim().chars().count() > MAX_KEY {
            found.push(Violation::new(pointer(), "key_too_long", format!("At most {MAX_KEY} characters.")));
        } else if !seen.insert(key(name)) {
            found.push(Violation::new(pointer(), "key_duplicate", "The case of a key does not matter."));
        }
        if let Value::Text(text) = value
            && text.chars().count() > MAX_VALUE
        {
            found.push(Violation::new(pointer(), "value_too_long", format!("At most {MAX_VALUE} characters.")));
        }
    }
    found
}

/// Whether a template can name this key.
pub fn is_key(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains(|letter: char| matches!(letter, '{' | '}' | '|') || letter.is_control())
}

/// A key as a step of an RFC 6901 pointer.
pub fn escape(text: &str) -> String {
    text.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(json: &str) -> BTreeMap<String, Value> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn values_are_texts_numbers_and_booleans() {
        let values = values(r#"{"a":"x","b":12,"c":12.50,"d":true,"e":12.0,"f":1e21,"g":-3}"#);
        let shown: Vec<String> = values.values().map(ToString::to_string).collect();
        assert_eq!(shown, ["x", "12", "12.5", "true", "12", "1000000000000000000000", "-3"]);
        assert!(serde_json::from_str::<Value>("null").is_err());
        assert!(serde_json::from_str::<Value>("[1]").is_err());
        assert!(serde_json::from_str::<Value>(r#"{"a":1}"#).is_err());
    }

    #[test]
    fn keys_match_in_any_case() {
        let values = values(r#"{" Due Date ":"1 May","x":1}"#);
        assert_eq!(find(&values, "due date"), Some(&Value::from("1 May")));
        assert_eq!(find(&values, "X"), Some(&Value::from(1)));
        assert_eq!(find(&values, "y"), None);
    }

    #[test]
    fn limits_become_violations() {
        let codes = |values: &BTreeMap<String, Value>| -> Vec<(String, String)> {
            check(values, "/attributes").into_iter().map(|one| (one.pointer, one.code.into_owned())).collect()
        };
        assert!(check(&values(r#"{"Due Date":"x","Amount (KES)":5}"#), "/attributes").is_empty());
        assert_eq!(codes(&values(r#"{"a/b{":1}"#)), [("/attributes/a~1b{".into(), "key_invalid".into())]);
        assert_eq!(codes(&values(r#"{" ":1}"#))[0].1, "key_invalid");
        assert_eq!(codes(&values(r#"{"A":1,"a":2}"#))[0].1, "key_duplicate");
        assert_eq!(codes(&BTreeMap::from([("k".repeat(65), Value::from(1))]))[0].1, "key_too_long");
        assert_eq!(codes(&BTreeMap::from([("k".into(), Value::from("v".repeat(1_001)))]))[0].1, "value_too_long");
        let many: BTreeMap<_, _> = (0..51).map(|n| (n.to_string(), Value::from(n))).collect();
        assert_eq!(codes(&many), [("/attributes".into(), "too_many_keys".into())]);
    }
}
