//! Whether a webhook call comes from Vonage. <https://developer.vonage.com/en/getting-started/concepts/webhooks>
//!
//! The Messages API sends a JSON Web Token that holds the SHA-256 of the body. The SMS API signs the fields, if the
//! account is set so.

use std::collections::BTreeMap;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::{
    form::Form,
    provider::{Account, Forged, WebhookRequest},
    secret::Secret,
    signature,
};

/// How the SMS API signs, as the account's settings name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Method {
    /// MD5 of the fields and the secret behind them.
    Md5Hash,
    /// HMAC-MD5.
    Md5,
    /// HMAC-SHA1.
    Sha1,
    /// HMAC-SHA256.
    #[default]
    Sha256,
    /// HMAC-SHA512.
    Sha512,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    payload_hash: String,
    api_key: Option<String>,
}

fn forged(why: &str) -> Forged {
    Forged(format!("Vonage: {why}"))
}

/// Checks `Authorization: Bearer <token>` (HS256) and that it is of this body.
pub(crate) fn verify_token(account: &Account, secret: &Secret, request: &WebhookRequest) -> Result<(), Forged> {
    let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let token = token.ok_or_else(|| forged("no token"))?;
    let mut validation = Validation::new(Algorithm::HS256);
    // It has no end; what it is of is its body, and saying that twice does no harm.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let key = DecodingKey::from_secret(secret.expose().as_bytes());
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation);
    let claims = claims.map_err(|_| forged("the token is not signed with the secret"))?.claims;
    let is_account = match (&claims.api_key, account.credential("apiKey")) {
        (Some(told), Some(ours)) => signature::same(told.as_bytes(), ours.expose().as_bytes()),
        _ => true,
    };
    if claims.iss != "Vonage" || !is_account {
        Err(forged("the token is of another account"))
    } else if !signature::is_hex_of(&claims.payload_hash, &signature::sha256(&request.body)) {
        Err(forged("the token is of another body"))
    } else {
        Ok(())
    }
}

/// Checks `sig`.
pub(crate) fn verify_fields(method: Method, secret: &Secret, request: &WebhookRequest) -> Result<(), Forged> {
    let form = Form::read(request).map_err(|_| forged("the fields cannot be read"))?;
    let given = form.get("sig").ok_or_else(|| forged("no signature"))?;
    let (text, key) = (signed(&form), secret.expose().as_bytes());
    let parts: [&[u8]; 1] = [text.as_bytes()];
    let code = match method {
        Method::Md5Hash => signature::md5(&[text.as_bytes(), key].concat()),
        Method::Md5 => signature::hmac_md5(key, &parts),
        Method::Sha1 => signature::hmac_sha1(key, &parts),
        Method::Sha256 => signature::hmac_sha256(key, &parts),
        Method::Sha512 => signature::hmac_sha512(key, &parts),
    };
    if signature::is_hex_of(given, &code) { Ok(()) } else { Err(forged("the signature does not match")) }
}

/// All fields but `sig` as `&name=value`, sorted by name; `&` and `=` in a value are `_`.
fn signed(form: &Form) -> String {
    let sorted: BTreeMap<&str, &str> = form.pairs().filter(|(name, _)| *name != "sig").collect();
    let fields = sorted.into_iter().map(|(name, value)| format!("&{name}={}", value.replace(['&', '='], "_")));
    fields.collect()
}

#[cfg(test)]
#[path = "tests/vonage_signature.rs"]
mod tests;
