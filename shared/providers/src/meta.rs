//! `META`: WhatsApp straight from Meta, by the Cloud API. <https://developers.facebook.com/docs/whatsapp/cloud-api>
//!
//! One recipient a call. Our delivery id comes back as `biz_opaque_callback_data`. No key against doubles, no balance and
//! no prices: Meta bills by card.

use domain::Violation;
use http::Method;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    answer::{self, Known},
    form::query_field,
    json,
    outbound::{Answer, Call, Outbound},
    outgoing::Outgoing,
    provider::{Account, Failure, Forged, Inbound, Outcome, Provider, Receipt, TestReport, Unreadable, WebhookRequest},
    secret::Secret,
    signature, validate,
    whatsapp::{self, Carrier},
};

/// The adapter.
pub struct Meta;

const LIVE: &str = "https://graph.facebook.com";
/// The version that this adapter was written from.
const VERSION: &str = "v23.0";
/// Calls in flight for one batch. A number takes 80 messages a second by default.
const CONCURRENT: usize = 50;
const NAME: &str = "Meta";

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    /// `v23.0` without it.
    version: Option<String>,
    /// The approved template of texts that name none.
    template: Option<Carrier>,
}

pub(crate) fn known(answer: &Answer) -> Known {
    whatsapp::known(NAME, json::number(&json::answer(answer), "/error/code")?)
}

/// A call of the Graph API, below its version.
pub(crate) fn graph(account: &Account, method: Method, path: &str) -> Result<Call, Failure> {
    let settings: Settings = account.settings();
    let version = settings.version.as_deref().unwrap_or(VERSION);
    Call::to(account, method, LIVE, &format!("/{version}{path}"))?.bearer(account.require("accessToken")?)
}

/// A call below the number.
pub(crate) fn call(account: &Account, method: Method, path: &str) -> Result<Call, Failure> {
    graph(account, method, &format!("/{}{path}", account.require("phoneNumberId")?))
}

/// Calls about other numbers of the same app come to the same address.
fn number(account: &Account) -> Option<&str> {
    account.credential("phoneNumberId").map(Secret::expose)
}

impl Provider for Meta {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        let is_version = |text: &str| {
            text.strip_prefix('v')
                .is_some_and(|rest| rest.bytes().all(|letter| letter.is_ascii_digit() || letter == b'.'))
        };
        validate::check_settings(account, |settings: Settings, found| {
            if settings.version.is_some_and(|version| !is_version(&version)) {
                found.push(Violation::new("/settings/version", "pattern_mismatch", "a version such as v23.0"));
            }
        })
    }

    fn submission(&self, account: &Account, outgoing: &Outgoing) -> Result<Call, Failure> {
        let settings: Settings = account.settings();
        let template = whatsapp::template(settings.template.as_ref(), outgoing);
        let mut message = whatsapp::message(outgoing, template.as_deref());
        message["biz_opaque_callback_data"] = outgoing.delivery_id.to_string().into();
        Ok(call(account, Method::POST, "/messages")?.json(&message))
    }

    fn taken(&self, account: &Account, answer: &Answer) -> Outcome {
        Outcome::accepted(json::text(&json::answer(answer), "/messages/0/id"), answer::kept(account, &answer.body))
    }

    fn known(&self, answer: &Answer) -> Known {
        known(answer)
    }

    /// Reads the number's own page.
    fn question(&self, account: &Account) -> Result<Call, Failure> {
        call(account, Method::GET, "?fields=display_phone_number,verified_name,quality_rating")
    }

    fn answered(&self, _: &Account, page: &Value) -> Result<TestReport, Failure> {
        let told = |name: &str| json::text(page, name).unwrap_or_else(|| "unknown".to_owned());
        Ok(TestReport::good(format!(
            "the token is good for {} ({}); its quality is {}",
            told("/display_phone_number"),
            told("/verified_name"),
            told("/quality_rating")
        )))
    }

    /// A report is signed with the app's secret; a try of the address holds the token that was typed beside it.
    fn verify(&self, account: &Account, request: &WebhookRequest) -> Result<(), Forged> {
        let forged = |why: &str| Forged(format!("{NAME}: {why}"));
        let secret = |name| account.credential(name).ok_or_else(|| forged("nothing to check with"));
        if request.method == Method::GET {
            // Nothing signs it, so it may say nothing.
            if !request.body.is_empty() {
                return Err(forged("a try of the address with a body"));
            }
            let given = query_field(request, "hub.verify_token").ok_or_else(|| forged("no verify token"))?;
            let is_token = signature::same(given.as_bytes(), secret("verifyToken")?.expose().as_bytes());
            return if is_token { Ok(()) } else { Err(forged("another verify token")) };
        }
        let given = request.header("x-hub-signature-256").ok_or_else(|| forged("no signature"))?;
        let signed = signature::signs_body(given, secret("appSecret")?.expose().as_bytes(), &request.body);
        if signed { Ok(()) } else { Err(forged("the signature does not match")) }
    }

    fn handshake(&self, request: &WebhookRequest) -> Option<String> {
        let subscribes = query_field(request, "hub.mode").as_deref() == Some("subscribe");
        if request.method == Method::GET && subscribes { query_field(request, "hub.challenge") } else { None }
    }

    fn receipts(&self, account: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        Ok(whatsapp::receipts(NAME, &whatsapp::body(request)?, number(account)))
    }

    fn inbound(&self, account: &Account, request: &WebhookRequest) -> Result<Vec<Inbound>, Unreadable> {
        Ok(whatsapp::inbound(&whatsapp::body(request)?, number(account)))
    }

    fn at_once(&self, _: &Account) -> usize {
        CONCURRENT
    }
}

#[cfg(test)]
#[path = "tests/meta.rs"]
mod tests;
