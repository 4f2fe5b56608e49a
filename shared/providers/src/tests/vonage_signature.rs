//! Signatures of Vonage.

use http::Method as HttpMethod;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

use super::*;
use crate::{Kind, testing};

/// Fields and the signature that the official library makes of them, with HMAC-SHA256.
const FIELDS: &str = "msisdn=447700900001&to=447700900000&messageId=0A01&text=a%3Db%26c&timestamp=1700000000&nonce=n1";
const SIGNATURE: &str = "9f759fbbcc7da44d12412fe0267ec31a0736cb498f738ef132e90dbd838e48db";

fn verified(method: Method, fields: &str, signature: &str) -> bool {
    let body = format!("{fields}&sig={signature}");
    let request = testing::webhook(HttpMethod::POST, &[], "", &body);
    verify_fields(method, &"sigsecret".into(), &request).is_ok()
}

#[test]
fn the_official_vector() {
    assert!(verified(Method::Sha256, FIELDS, SIGNATURE));
    assert!(verified(Method::Sha256, FIELDS, &SIGNATURE.to_uppercase()));
    let query = testing::webhook(HttpMethod::GET, &[], &format!("{FIELDS}&sig={SIGNATURE}"), "");
    assert_eq!(verify_fields(Method::Sha256, &"sigsecret".into(), &query), Ok(()));
    assert!(!verified(Method::Sha256, &FIELDS.replace("0A01", "0A02"), SIGNATURE));
    assert!(!verified(Method::Sha256, &format!("{FIELDS}&price=1"), SIGNATURE));
    assert!(!verified(Method::Sha512, FIELDS, SIGNATURE));
}

/// Each method against the definition: HMAC is checked by its own known answers, so only the choice is left.
#[test]
fn the_account_s_method_counts() {
    let text = "&messageId=0A01&msisdn=447700900001&nonce=n1&text=a_b_c&timestamp=1700000000&to=447700900000";
    let (key, parts): (&[u8], [&[u8]; 1]) = (b"sigsecret", [text.as_bytes()]);
    for (method, code) in [
        (Method::Md5Hash, signature::md5(format!("{text}sigsecret").as_bytes())),
        (Method::Md5, signature::hmac_md5(key, &parts)),
        (Method::Sha1, signature::hmac_sha1(key, &parts)),
        (Method::Sha512, signature::hmac_sha512(key, &parts)),
    ] {
        assert!(verified(method, FIELDS, &hex::encode(&code)), "{method:?}");
        assert!(!verified(Method::Sha256, FIELDS, &hex::encode(&code)), "{method:?}");
    }
}

#[test]
fn a_token_is_of_this_account_and_this_body() {
    let account = testing::account(Kind::Vonage);
    let secret = Secret::from("signature-secret");
    let good = json!({ "iat": 1, "jti": "j", "iss": "Vonage", "payload_hash": hex::encode(signature::sha256(b"{}")), "api_key": "abcd1234" });
    let check = |algorithm: Algorithm, claims: &Value, key: &str, body: &str| {
        let token =
            jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(key.as_bytes())).unwrap();
        let request = testing::webhook(HttpMethod::POST, &[("authorization", &format!("Bearer {token}"))], "", body);
        verify_token(&account, &secret, &request).is_ok()
    };
    let with = |name: &str, value: &str| {
        let mut claims = good.clone();
        claims[name] = value.into();
        claims
    };
    assert!(check(Algorithm::HS256, &good, "signature-secret", "{}"));
    assert!(!check(Algorithm::HS256, &good, "signature-secret", "{ }"));
    assert!(!check(Algorithm::HS256, &good, "another-secret", "{}"));
    assert!(!check(Algorithm::HS512, &good, "signature-secret", "{}"));
    assert!(!check(Algorithm::HS256, &with("iss", "Someone"), "signature-secret", "{}"));
    assert!(!check(Algorithm::HS256, &with("api_key", "other"), "signature-secret", "{}"));
    assert!(!check(Algorithm::HS256, &json!({ "iss": "Vonage" }), "signature-secret", "{}"));
    let none = testing::webhook(HttpMethod::POST, &[("authorization", "Bearer eyJhbGciOiJub25lIn0.e30.")], "", "{}");
    assert!(verify_token(&account, &secret, &none).is_err());
}
