//! `AISENSY`: WhatsApp campaigns through AiSensy. <https://wiki.aisensy.com/en/articles/11501889-api-reference-docs>
//!
//! One recipient a call. A template goes out by the campaign API, whose key stands in the body; free text by the project
//! API, where the config has its credentials. Not verified against the live provider: the project API, the webhooks and
//! their signature, all known from its users' code. Older accounts answer without an id, and their receipts match nothing.

use domain::{Violation, delivery::ErrorClass as E};
use futures::future::ready;
use http::{HeaderName, Method};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    answer::{self, Known},
    json,
    number::international,
    outbound::{Answer, Call, Outbound},
    outgoing::{Header, Outgoing, Template},
    provider::{
        Account, Asking, Failure, Forged, Inbound, Outcome, Provider, Receipt, TestReport, Unreadable, WebhookRequest,
    },
    request, validate,
    whatsapp::{self, Carrier},
};

/// The adapter.
pub struct AiSensy;

const CAMPAIGNS: &str = "https://backend.aisensy.com";
const PROJECTS: &str = "https://apis.aisensy.com";
/// Calls in flight for one batch.
const CONCURRENT: usize = 5;
const NAME: &str = "AiSensy";

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    /// The live API campaign of texts that name none.
    campaign: Option<String>,
}

fn campaign(account: &Account, template: &Template, outgoing: &Outgoing) -> Result<Value, Failure> {
    let mut campaign = json!({
        "apiKey": account.require("apiKey")?,
        "campaignName": template.name,
        // Without its `+` they would take it for an Indian number.
        "destination": outgoing.to,
        "userName": outgoing.to,
        "templateParams": template.body,
        "source": "dundun",
    });
    let media = match &template.header {
        None | Some(Header::Text { .. }) => None,
        Some(Header::Image { url } | Header::Video { url }) => Some((url, url.rsplit('/').next().unwrap_or_default())),
        Some(Header::Document { url, filename }) => Some((url, filename.as_str())),
    };
    if let Some((url, filename)) = media {
        campaign["media"] = json!({ "url": url, "filename": filename });
    }
    Ok(campaign)
}

/// Whether it does not say that it failed: the project API's answer has no such word.
fn is_success(body: &Value) -> bool {
    match body.get("success") {
        None => true,
        Some(Value::Bool(success)) => *success,
        Some(other) => other.as_str() == Some("true"),
    }
}

impl Provider for AiSensy {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        let mut found: Vec<_> = validate::settings::<Settings>(&account.settings).err().into_iter().collect();
        if account.credential("projectId").is_some() != account.credential("projectApiPassword").is_some() {
            let detail = "the project API wants the project's id and its password";
            found.push(Violation::new("/credentials/projectApiPassword", "required", detail));
        }
        found
    }

    fn submission(&self, account: &Account, outgoing: &Outgoing) -> Result<Call, Failure> {
        let carrier = account.settings::<Settings>().campaign.as_deref().map(Carrier::named);
        if let Some(template) = whatsapp::template(carrier.as_ref(), outgoing) {
            let call = Call::to(account, Method::POST, CAMPAIGNS, "/campaign/t1/api/v2")?;
            return Ok(call.json(&campaign(account, &template, outgoing)?));
        }
        let path = format!("/project-apis/v1/project/{}/messages", account.require("projectId")?);
        let password = HeaderName::from_static("x-aisensy-project-api-pwd");
        let call = Call::to(account, Method::POST, PROJECTS, &path)?;
        Ok(call.secret(password, account.require("projectApiPassword")?)?.json(&whatsapp::message(outgoing, None)))
    }

    /// An answer of 2xx: `success` is a text, and may say `false`.
    fn taken(&self, account: &Account, answer: &Answer) -> Outcome {
        let body = json::answer(answer);
        let response = answer::kept(account, &answer.body);
        if !is_success(&body) {
            return answer::outcome(E::BadContent, format!("{NAME}: refused"), None, response);
        }
        let id = json::text(&body, "/submitted_message_id").or_else(|| json::text(&body, "/messages/0/id"));
        Outcome::accepted(id, response)
    }

    /// Refusals of the campaign API are sentences; these are on its page.
    fn known(&self, answer: &Answer) -> Known {
        let body = json::answer(answer);
        let told = json::text(&body, "/message").or_else(|| json::text(&body, "/errorMessage"))?.to_ascii_lowercase();
        let class = match answer.status {
            400 if told.contains("campaign") => E::Template,
            400 if told.contains("invalid number") => E::InvalidRecipient,
            _ => return None,
        };
        Some((class, format!("{NAME}: {}", answer::meaning(class))))
    }

    /// Without a campaign in the settings there is nothing that the key could be tried on.
    fn test<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> Asking<'a, TestReport> {
        if account.settings::<Settings>().campaign.is_some() {
            return Box::pin(request::test(self, account, outbound));
        }
        let message = "the settings name no campaign on which the key could be tried; they read well";
        Box::pin(ready(Ok(TestReport::unasked(message))))
    }

    /// Reads the settings' campaign.
    fn question(&self, account: &Account) -> Result<Call, Failure> {
        let campaign = account.settings::<Settings>().campaign;
        let body = json!({ "apiKey": account.require("apiKey")?, "campaignName": campaign });
        Ok(Call::to(account, Method::POST, CAMPAIGNS, "/campaign/t1/api/campaign-details")?.json(&body))
    }

    fn answered(&self, _: &Account, page: &Value) -> Result<TestReport, Failure> {
        if !is_success(page) {
            return Err(Failure::new(E::Template, "there is no such campaign", String::new()));
        }
        let values = json::list(page, "/requestBody/templateParams").len();
        Ok(TestReport::good(format!("the key is good; the campaign takes {values} values")))
    }

    fn verify(&self, account: &Account, request: &WebhookRequest) -> Result<(), Forged> {
        whatsapp::verify_if_secret(NAME, "x-aisensy-signature", account, request)
    }

    fn receipts(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        let body = json::body(request)?;
        if topic(&body)? != "message.status.updated" {
            return Ok(Vec::new());
        }
        let told = |name: &str| json::text(&body, &format!("/data/message/{name}"));
        let word = told("status").ok_or_else(|| Unreadable("a receipt without `data.message.status`".to_owned()))?;
        let Some(status) = whatsapp::status(&word) else { return Ok(Vec::new()) };
        let id =
            told("messageId").ok_or_else(|| Unreadable("a receipt without `data.message.messageId`".to_owned()))?;
        let why = || whatsapp::known(NAME, told("failureResponse/code")?.parse().ok()?);
        Ok(vec![Receipt {
            provider_message_id: Some(id),
            phone: told("phone_number").as_deref().and_then(international),
            occurred_at: json::moment(&body, "/created_at"),
            ..Receipt::new(status, why, NAME)
        }])
    }

    fn inbound(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Inbound>, Unreadable> {
        let body = json::body(request)?;
        if topic(&body)? != "message.sender.user" {
            return Ok(Vec::new());
        }
        let told = |name: &str| json::text(&body, &format!("/data/message/{name}"));
        let from = told("phone_number").as_deref().and_then(international);
        let from = from.ok_or_else(|| Unreadable("a text without `data.message.phone_number`".to_owned()))?;
        Ok(vec![Inbound {
            provider_message_id: told("messageId"),
            text: told("message_content/text").or_else(|| told("message_content")).unwrap_or_default(),
            occurred_at: json::moment(&body, "/created_at"),
            ..Inbound::by(from)
        }])
    }

    fn at_once(&self, _: &Account) -> usize {
        CONCURRENT
    }
}

fn topic(body: &Value) -> Result<String, Unreadable> {
    json::text(body, "/topic").ok_or_else(|| Unreadable("a call without `topic`".to_owned()))
}

#[cfg(test)]
#[path = "tests/aisensy.rs"]
mod tests;
