//! Notifications of Amazon SNS, by which SES tells what became of mails.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html>
//!
//! Invariant: a certificate or a confirmation is fetched from Amazon's own names only, by the guarded client. Certificates
//! are kept by their address: one under the same address never changes.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use bytes::Bytes;
use domain::delivery::ErrorClass;
use http::Method;
use regex::Regex;
use serde_json::{Map, Value};
use url::Url;

use crate::{
    outbound::{Call, Outbound},
    provider::{Failure, Forged, Unreadable, WebhookRequest},
    public_key::{self, Digest},
    request,
};

/// The most certificates that are kept. There are few: one a region at a time.
const KEPT: usize = 64;

/// The keys that are signed, in their order; those that a call lacks are left out.
const NOTIFICATION: &[&str] = &["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "TopicArn", "Type"];
const CONFIRMATION: &[&str] =
    &["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

/// Names of Amazon SNS: `sns.eu-west-1.amazonaws.com`, `sns.cn-north-1.amazonaws.com.cn`.
static HOSTS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^sns\.[a-zA-Z0-9-]{3,}\.amazonaws\.com(\.cn)?$").expect("a test compiles it"));

static CERTIFICATES: LazyLock<Mutex<HashMap<Url, Bytes>>> = LazyLock::new(Mutex::default);

/// Fetches the certificate that a call names, unless it is kept.
pub(crate) async fn prepare(outbound: &Outbound, request: &WebhookRequest) -> Result<(), Failure> {
    // A call that names none, or somebody else's, needs no answer of Amazon to be found out.
    match call(request).ok().and_then(|call| certificate_url(&call).ok()) {
        Some(url) if kept(&url).is_none() => fetch(outbound, url).await,
        _ => Ok(()),
    }
}

/// Whether SNS made this call, for `topic` if one is given.
pub(crate) fn verify(request: &WebhookRequest, topic: Option<&str>) -> Result<(), Forged> {
    let call = call(request).map_err(|Unreadable(why)| Forged(why))?;
    if topic.is_some_and(|topic| text(&call, "TopicArn") != topic) {
        return Err(Forged("the call is of another topic".to_owned()));
    }
    let certificate =
        kept(&certificate_url(&call)?).ok_or_else(|| Forged("the certificate is not there".to_owned()))?;
    is_signed(&call, &certificate)
}

#[expect(clippy::case_sensitive_file_extension_comparisons, reason = "Amazon writes it so")]
fn certificate_url(call: &Map<String, Value>) -> Result<Url, Forged> {
    let url = amazon_url(text(call, "SigningCertURL"))?;
    if url.path().ends_with(".pem") {
        Ok(url)
    } else {
        Err(Forged("the certificate's address does not end in `.pem`".to_owned()))
    }
}

/// Whether the call has a signature by the certificate's key.
fn is_signed(call: &Map<String, Value>, certificate: &[u8]) -> Result<(), Forged> {
    let digest = match text(call, "SignatureVersion") {
        "1" => Digest::Sha1,
        "2" => Digest::Sha256,
        _ => return Err(Forged("the signature is of an unknown version".to_owned())),
    };
    let keys = if text(call, "Type") == "Notification" { NOTIFICATION } else { CONFIRMATION };
    let mut signed = String::new();
    for key in keys {
        if let Some(Value::String(value)) = call.get(*key) {
            signed.extend([key, "\n", value, "\n"]);
        }
    }
    if public_key::is_signed_by_certificate(certificate, digest, signed.as_bytes(), text(call, "Signature")) {
        Ok(())
    } else {
        Err(Forged("the signature is not that of the call".to_owned()))
    }
}

/// An address at SNS itself. A user name, a port or another scheme would lead elsewhere.
fn amazon_url(text: &str) -> Result<Url, Forged> {
    let elsewhere = || Forged("the call names an address that is not Amazon's".to_owned());
    let url: Url = text.parse().map_err(|_| elsewhere())?;
    let plain =
        url.scheme() == "https" && url.port().is_none() && url.username().is_empty() && url.password().is_none();
    if plain && url.host_str().is_some_and(|host| HOSTS.is_match(host)) { Ok(url) } else { Err(elsewhere()) }
}

fn kept(url: &Url) -> Option<Bytes> {
    CERTIFICATES.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned()
}

async fn fetch(outbound: &Outbound, url: Url) -> Result<(), Failure> {
    let certificate = get(outbound, url.clone()).await?;
    let mut certificates = CERTIFICATES.lock().unwrap_or_else(PoisonError::into_inner);
    if certificates.len() >= KEPT {
        certificates.clear();
    }
    certificates.insert(url, certificate);
    Ok(())
}

async fn get(outbound: &Outbound, url: Url) -> Result<Bytes, Failure> {
    let answer = request::answered(outbound, Call::new(Method::GET, url)).await?;
    if answer.status == 200 {
        Ok(answer.body)
    } else {
        Err(failed(format!("Amazon SNS answered with HTTP {}", answer.status)))
    }
}

fn failed(why: String) -> Failure {
    Failure::new(ErrorClass::Transient, why, String::new())
}

/// Confirms the subscription, if a (proven) call asks for that. Other calls ask for nothing.
pub(crate) async fn confirm(outbound: &Outbound, request: &WebhookRequest) -> Result<(), Failure> {
    let call = call(request).map_err(|Unreadable(why)| failed(why))?;
    if text(&call, "Type") != "SubscriptionConfirmation" {
        return Ok(());
    }
    let url = amazon_url(text(&call, "SubscribeURL")).map_err(|Forged(why)| failed(why))?;
    get(outbound, url).await.map(drop)
}

/// The message of a notification; `None` for calls about the subscription itself.
pub(crate) fn notification(request: &WebhookRequest) -> Result<Option<String>, Unreadable> {
    let call = call(request)?;
    if text(&call, "Type") != "Notification" {
        return Ok(None);
    }
    match call.get("Message") {
        Some(Value::String(message)) => Ok(Some(message.clone())),
        _ => Err(Unreadable("a notification without `Message`".to_owned())),
    }
}

/// They send JSON as `text/plain`.
fn call(request: &WebhookRequest) -> Result<Map<String, Value>, Unreadable> {
    serde_json::from_slice(&request.body).map_err(|_| Unreadable("the body is no JSON object".to_owned()))
}

fn text<'a>(call: &'a Map<String, Value>, key: &str) -> &'a str {
    call.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
#[path = "tests/ses_sns.rs"]
mod tests;
