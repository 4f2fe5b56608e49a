//! Whether a config can work, as far as that can be known without calling anybody. Derived from the catalogue;
//! each provider adds what it knows of its own settings.

use std::sync::LazyLock;

use domain::{Violation, message::Channel, sender};
use regex::Regex;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::{
    catalogue,
    kind::{Availability, Kind},
    outbound::Outbound,
    provider::Account,
};

/// What is wrong with a config; empty if it is ready. Pointers are those of the API (`/credentials/apiKey`).
pub fn validate(account: &Account, outbound: &Outbound) -> Vec<Violation> {
    let spec = catalogue::spec(account.kind);
    if spec.status != Availability::Available {
        return vec![Violation::new("/kind", "kind_coming_soon", format!("{} cannot be used yet", spec.name))];
    }
    let mut found = Vec::new();
    if !spec.channels.contains(&account.channel) {
        found.push(Violation::new(
            "/channel",
            "channel_unsupported",
            format!("{} does not send on this channel", spec.name),
        ));
    }
    for field in spec.fields {
        let pointer = format!("/credentials/{}", field.name);
        match account.credential(field.name) {
            None if field.required => {
                found.push(Violation::new(pointer, "required", format!("{}: {}", field.label, field.help)));
            }
            Some(value) if !matches_whole(field.pattern, value.expose()) => {
                found.push(Violation::new(pointer, "pattern_mismatch", format!("{}: {}", field.label, field.help)));
            }
            _ => {}
        }
    }
    for name in account.credentials.keys() {
        if account.kind != Kind::Custom && !spec.fields.iter().any(|field| field.name == name) {
            let detail = format!("{} has no such credential", spec.name);
            found.push(Violation::new(format!("/credentials/{}", escape(name)), "unknown_field", detail));
        }
    }
    if let Some(url) = account.api_url.as_deref() {
        found.extend(check_url("/apiUrl", url, outbound));
    }
    found.extend(check_sender(account));
    found.extend(crate::provider(account.kind).check(account, outbound));
    found
}

/// What is wrong with the sender of SMS, where the provider takes what networks take.
fn check_sender(account: &Account) -> Option<Violation> {
    let free = matches!(account.kind, Kind::Custom | Kind::Sandbox);
    let text = account.sender().filter(|_| account.channel == Channel::Sms && !free)?;
    let is_service = account.kind == Kind::Twilio && crate::twilio::is_service(text);
    let wrong = sender::sender(text).err().filter(|_| !is_service)?;
    Some(Violation::new("/senderId", "pattern_mismatch", wrong.to_string()))
}

/// What is wrong with a URL that somebody typed.
pub(crate) fn check_url(pointer: &str, text: &str, outbound: &Outbound) -> Option<Violation> {
    match Url::parse(text) {
        Err(_) => Some(Violation::new(
            pointer,
            "url_invalid",
            "expected a whole address, such as https://api.example.com/send",
        )),
        Ok(url) => outbound.check(&url).err().map(|refused| Violation::new(pointer, "url_refused", refused.0)),
    }
}

/// Reads settings into their type; absent ones are `{}`. Unknown fields and wrong types are violations with a pointer.
pub(crate) fn settings<T: DeserializeOwned>(value: &Value) -> Result<T, Violation> {
    static EMPTY: LazyLock<Value> = LazyLock::new(|| Value::Object(serde_json::Map::new()));
    let value = if value.is_null() { &*EMPTY } else { value };
    // serde would take a list for a structure.
    if !value.is_object() {
        return Err(Violation::new("/settings", "invalid", "expected an object"));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut pointer = "/settings".to_owned();
        for segment in error.path() {
            match segment {
                serde_path_to_error::Segment::Map { key } => pointer = format!("{pointer}/{}", escape(key)),
                serde_path_to_error::Segment::Seq { index } => pointer = format!("{pointer}/{index}"),
                _ => {}
            }
        }
        let detail = error.inner().to_string();
        let code = if detail.starts_with("unknown field") {
            "unknown_field"
        } else if detail.starts_with("missing field") {
            "required"
        } else {
            "invalid"
        };
        Violation::new(pointer, code, detail)
    })
}

/// What is wrong with an adapter's settings: that they cannot be read, else what `find` finds in them.
pub(crate) fn check_settings<T: DeserializeOwned>(
    account: &Account,
    find: impl FnOnce(T, &mut Vec<Violation>),
) -> Vec<Violation> {
    let mut found = Vec::new();
    match settings(&account.settings) {
        Ok(settings) => find(settings, &mut found),
        Err(violation) => found.push(violation),
    }
    found
}

/// A key as a part of a JSON pointer (RFC 6901 §3).
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn matches_whole(pattern: Option<&str>, value: &str) -> bool {
    pattern.is_none_or(|pattern| {
        Regex::new(&format!("^(?:{pattern})$")).expect("a test compiles every pattern of the catalogue").is_match(value)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{kind::Channel, testing::account};

    fn codes(account: &Account) -> Vec<(String, String)> {
        let outbound = Outbound::new("127.0.0.1".parse().unwrap());
        validate(account, &outbound).into_iter().map(|found| (found.pointer, found.code.into_owned())).collect()
    }

    fn pair(pointer: &str, code: &str) -> (String, String) {
        (pointer.to_owned(), code.to_owned())
    }

    #[test]
    fn a_config_is_held_against_the_catalogue() {
        let mut at = account(Kind::AfricasTalking);
        assert_eq!(codes(&at), []);
        at.credentials.remove("apiKey");
        at.credentials.insert("token".into(), "x".into());
        at.credentials.insert("username".into(), "with space".into());
        at.channel = Channel::Email;
        at.api_url = Some("http://169.254.169.254/latest".into());
        assert_eq!(
            codes(&at),
            [
                pair("/channel", "channel_unsupported"),
                pair("/credentials/username", "pattern_mismatch"),
                pair("/credentials/apiKey", "required"),
                pair("/credentials/token", "unknown_field"),
                pair("/apiUrl", "url_refused"),
            ]
        );
        at.api_url = Some("api.example.com".into());
        assert!(codes(&at).contains(&pair("/apiUrl", "url_invalid")));
    }

    #[test]
    fn a_sender_is_what_networks_take() {
        let wrong = pair("/senderId", "pattern_mismatch");
        for kind in [Kind::AfricasTalking, Kind::Twilio, Kind::BulkSms, Kind::Vonage] {
            let mut at = account(kind);
            for sender in ["ACME", "20414", "+254700000001"] {
                at.sender_id = Some(sender.into());
                assert_eq!(codes(&at), [], "{kind} {sender}");
            }
            for sender in ["Sunrise School", "0712345678", "ACMÉ"] {
                at.sender_id = Some(sender.into());
                assert_eq!(codes(&at), std::slice::from_ref(&wrong), "{kind} {sender}");
            }
        }
        let mut at = account(Kind::Twilio);
        at.sender_id = Some(format!("MG{}", "0".repeat(32)));
        assert_eq!(codes(&at), []);
        let mut at = account(Kind::Custom);
        at.sender_id = Some("whatever they take".into());
        assert!(!codes(&at).contains(&wrong));
    }

    #[test]
    fn settings_are_read_strictly() {
        let mut at = account(Kind::AfricasTalking);
        at.settings = json!({ "enqueue": "yes" });
        assert_eq!(codes(&at), [pair("/settings/enqueue", "invalid")]);
        at.settings = json!({ "queue": true });
        assert_eq!(codes(&at), [pair("/settings/queue", "unknown_field")]);
        at.settings = json!([1]);
        assert_eq!(codes(&at), [pair("/settings", "invalid")]);
        at.settings = json!({ "enqueue": false });
        assert_eq!(codes(&at), []);
    }

    #[test]
    fn every_kind_can_be_made() {
        for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Custom) {
            assert_eq!(codes(&account(kind)), [], "{kind}");
        }
    }
}
