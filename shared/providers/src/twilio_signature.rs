//! Whether a webhook call comes from Twilio. <https://www.twilio.com/docs/usage/security#validating-requests>
//!
//! Signed is the public URL with its query, then every field of a form, sorted. A JSON body is not signed itself: its
//! SHA-256 stands in the signed query. The URL counts with and without its port, because proxies drop it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    form::query_field,
    provider::{Account, Forged, WebhookRequest},
    secret::Secret,
    signature,
};

type Sign = fn(&[u8], &[&[u8]]) -> Vec<u8>;

/// Checks the signature with the auth token, or with a shared key where the call says so.
pub(crate) fn verify(account: &Account, request: &WebhookRequest) -> Result<(), Forged> {
    let forged = |why: &str| Err(Forged(format!("Twilio: {why}")));
    let Some(given) = request.header("x-twilio-signature") else { return forged("no signature") };
    let Some(base) = account.webhook_url.as_deref() else { return forged("the public address is not known") };
    let fields = if is_form(request) {
        fields(&request.body)
    } else if let Some(digest) = query_field(request, "bodySHA256") {
        if !signature::is_hex_of(&digest, &signature::sha256(&request.body)) {
            return forged("the body is not the signed one");
        }
        String::new()
    } else if request.body.is_empty() {
        String::new()
    } else {
        return forged("a body that nothing signs");
    };
    let (key, sign): (_, Sign) = match request.header("x-twilio-webhooks-signature-settings") {
        None => (account.credential("authToken"), signature::hmac_sha1),
        Some(settings) => {
            if setting(settings, "algorithm") != Some("HMAC_SHA256") {
                return forged("an unknown algorithm");
            }
            let id = account.credential("webhookKeyId").map_or("", Secret::expose);
            if !signature::same(id.as_bytes(), setting(settings, "key").unwrap_or("").as_bytes()) {
                return forged("signed with a shared key that is not configured");
            }
            (account.credential("webhookKeySecret"), signature::hmac_sha256)
        }
    };
    let Some(key) = key else { return forged("no key to check with") };
    let sign = |url: String| sign(key.expose().as_bytes(), &[url.as_bytes(), fields.as_bytes()]);
    let url = if request.query.is_empty() { base.to_owned() } else { format!("{base}?{}", request.query) };
    // Both are always computed: which one matches is nobody's business.
    let matches = both_ports(&url).map(|url| signature::is_base64_of(given, &sign(url)));
    if matches[0] | matches[1] { Ok(()) } else { forged("the signature does not match") }
}

/// `key=…,algorithm=…`
fn setting<'a>(settings: &'a str, name: &str) -> Option<&'a str> {
    settings
        .split(',')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

fn is_form(request: &WebhookRequest) -> bool {
    request
        .header("content-type")
        .is_some_and(|kind| kind.trim().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"))
}

/// Names and values in the order of bytes; of a repeated name each distinct value once.
fn fields(body: &[u8]) -> String {
    let mut sorted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        sorted.entry(name.into_owned()).or_default().insert(value.into_owned());
    }
    let mut text = String::new();
    for (name, values) in &sorted {
        for value in values {
            text.push_str(name);
            text.push_str(value);
        }
    }
    text
}

/// The URL without a port, and with one (the scheme's own if it names none). Nothing else of its spelling changes.
fn both_ports(url: &str) -> [String; 2] {
    let Some((scheme, rest)) = url.split_once("://") else { return [url.to_owned(), url.to_owned()] };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let default = if scheme == "http" { "80" } else { "443" };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
        _ => (authority, default),
    };
    [format!("{scheme}://{host}{path}"), format!("{scheme}://{host}:{port}{path}")]
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::{Kind, testing};

    const URL: &str = "https://hooks.example.test/v1/webhooks/twilio/ch_01";
    const BODY: &str = "MessageSid=SM00000000000000000000000000000001&MessageStatus=delivered&To=%2B254700000001\
        &From=%2B15005550006&AccountSid=AC00000000000000000000000000000001";
    /// Made with the official Python library.
    const SIGNATURE: &str = "4+vrgPj7if46ytUccwd+WaSxV7Q=";

    fn account() -> Account {
        let mut account = testing::account(Kind::Twilio);
        account.credentials.insert("authToken".into(), "test_auth_token".into());
        account.webhook_url = Some(URL.to_owned());
        account
    }

    fn request(headers: &[(&'static str, &str)], query: &str, body: &str) -> WebhookRequest {
        testing::webhook(Method::POST, headers, query, body)
    }

    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");

    #[test]
    fn the_official_vector() {
        let signed = request(&[FORM, ("x-twilio-signature", SIGNATURE)], "tenant=t1", BODY);
        assert_eq!(verify(&account(), &signed), Ok(()));
        let mut with_port = account();
        with_port.webhook_url = Some(URL.replace("example.test", "example.test:443"));
        assert_eq!(verify(&with_port, &signed), Ok(()));
    }

    #[test]
    fn anything_changed_is_forged() {
        let good = [FORM, ("x-twilio-signature", SIGNATURE)];
        let cases = [
            request(&[FORM], "tenant=t1", BODY),
            request(&good, "tenant=t2", BODY),
            request(&good, "", BODY),
            request(&good, "tenant=t1", &BODY.replace("delivered", "failed")),
            request(&good, "tenant=t1", &format!("{BODY}&Extra=1")),
            request(&good, "tenant=t1", &BODY[..BODY.len() - 1]),
            request(&[FORM, ("x-twilio-signature", "AAAA")], "tenant=t1", BODY),
            request(&[("x-twilio-signature", SIGNATURE)], "tenant=t1", BODY),
            request(&[("content-type", "application/json"), good[1]], "tenant=t1", BODY),
            request(
                &[good[0], good[1], ("x-twilio-webhooks-signature-settings", "key=k,algorithm=HMAC_SHA256")],
                "tenant=t1",
                BODY,
            ),
        ];
        for case in cases {
            assert!(verify(&account(), &case).is_err(), "{case:?}");
        }
        let mut other = account();
        other.credentials.insert("authToken".into(), "other".into());
        assert!(verify(&other, &request(&good, "tenant=t1", BODY)).is_err());
    }

    #[test]
    fn a_json_body_is_bound_by_its_digest() {
        let body = r#"{"a":1}"#;
        let query = format!("bodySHA256={}", hex::encode(signature::sha256(body.as_bytes())));
        let signed =
            signature::base64(signature::hmac_sha1(b"test_auth_token", &[format!("{URL}?{query}").as_bytes()]));
        let headers = [("content-type", "application/json"), ("x-twilio-signature", signed.as_str())];
        assert_eq!(verify(&account(), &request(&headers, &query, body)), Ok(()));
        assert!(verify(&account(), &request(&headers, &query, r#"{"a":2}"#)).is_err());
    }

    #[test]
    fn a_shared_key_signs_with_sha256() {
        let mut account = account();
        account.credentials.insert("webhookKeyId".into(), "k1".into());
        account.credentials.insert("webhookKeySecret".into(), "shared".into());
        let signed = signature::base64(signature::hmac_sha256(b"shared", &[format!("{URL}?q=1A2").as_bytes(), b"B1"]));
        let with = |settings| {
            let headers =
                [FORM, ("x-twilio-signature", signed.as_str()), ("x-twilio-webhooks-signature-settings", settings)];
            // The body's field `B` follows the URL whose query ends in `1A2`.
            verify(&account, &request(&headers, "q=1A2", "B=1"))
        };
        assert_eq!(with("key=k1,algorithm=HMAC_SHA256"), Ok(()));
        assert!(with("key=k2,algorithm=HMAC_SHA256").is_err());
        assert!(with("key=k1,algorithm=HMAC_SHA1").is_err());
        assert!(with("").is_err());
    }

    #[test]
    fn repeated_fields_count_once_each_and_sorted() {
        assert_eq!(fields(b"b=2&a=1&b=1&b=2"), "a1b1b2");
        assert_eq!(fields(b"a=%2B1+2&B=x"), "Bxa+1 2");
    }

    #[test]
    fn ports() {
        assert_eq!(both_ports("https://a.test:8443/x?y=:1"), ["https://a.test/x?y=:1", "https://a.test:8443/x?y=:1"]);
        assert_eq!(both_ports("http://a.test?x"), ["http://a.test?x", "http://a.test:80?x"]);
        assert_eq!(both_ports("https://[::1]/x")[1], "https://[::1]:443/x");
    }
}
