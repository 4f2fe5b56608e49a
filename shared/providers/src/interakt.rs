//! `INTERAKT`: WhatsApp through Interakt's public API. <https://www.interakt.shop/resource-center/how-to-send-whatsapp-templates-using-apis-webhooks/>
//!
//! One recipient a call; our delivery id rides in `callbackData`. The API is made for approved templates. Not verified
//! against the live provider: the shape of a free text, the signature of webhooks (as several of its users read it), and
//! that a message without a recipient proves the key, because no page names a call that only tries it.

use domain::{Violation, delivery::ErrorClass as E, phone::Phone};
use http::{Method, header};
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
pub struct Interakt;

const LIVE: &str = "https://api.interakt.ai";
/// Calls in flight for one batch. They allow 5 or 10 a second, by plan.
const CONCURRENT: usize = 4;
const NAME: &str = "Interakt";

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    /// The approved template of texts that name none.
    template: Option<Carrier>,
}

pub(crate) fn signed(account: &Account, method: Method, path: &str) -> Result<Call, Failure> {
    // The key is shown in base64 already.
    let key = format!("Basic {}", account.require("apiKey")?);
    Call::to(account, method, LIVE, path)?.secret(header::AUTHORIZATION, &key)
}

fn call(account: &Account, body: &Value) -> Result<Call, Failure> {
    Ok(signed(account, Method::POST, "/v1/public/message/")?.json(body))
}

fn filled(template: &Template) -> Value {
    let mut filled = json!({
        "name": template.name,
        "languageCode": template.language,
        "bodyValues": template.body,
    });
    match &template.header {
        None => {}
        Some(Header::Text { text }) => filled["headerValues"] = json!([text]),
        Some(Header::Image { url } | Header::Video { url }) => filled["headerValues"] = json!([url]),
        Some(Header::Document { url, filename }) => {
            filled["headerValues"] = json!([url]);
            filled["fileName"] = filename.as_str().into();
        }
    }
    if !template.buttons.is_empty() {
        let value = |button: &crate::outgoing::Button| (button.index.to_string(), json!([button.value]));
        filled["buttonValues"] = Value::Object(template.buttons.iter().map(value).collect());
    }
    filled
}

impl Provider for Interakt {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        validate::settings::<Settings>(&account.settings).err().into_iter().collect()
    }

    fn submission(&self, account: &Account, outgoing: &Outgoing) -> Result<Call, Failure> {
        let parts = outgoing.to.parse::<Phone>().ok().and_then(Phone::parts);
        let (country, number) =
            parts.ok_or_else(|| Failure::new(E::InvalidRecipient, "not a phone number", String::new()))?;
        let mut message = json!({
            "countryCode": format!("+{country}"),
            "phoneNumber": number,
            "callbackData": outgoing.delivery_id.to_string(),
        });
        match whatsapp::template(account.settings::<Settings>().template.as_ref(), outgoing) {
            None if !outgoing.media.is_empty() => {
                let reason = "Interakt sends files in templates only: set `settings.template` to one with a header";
                return Err(Failure::new(E::Template, reason, String::new()));
            }
            None => {
                message["type"] = "Text".into();
                message["data"] = json!({ "message": outgoing.body });
            }
            Some(template) => {
                message["type"] = "Template".into();
                message["template"] = filled(&template);
            }
        }
        call(account, &message)
    }

    /// An answer of 2xx may still say `"result": false`.
    fn taken(&self, account: &Account, answer: &Answer) -> Outcome {
        let body = json::answer(answer);
        let response = answer::kept(account, &answer.body);
        if body.get("result") == Some(&Value::Bool(false)) {
            let (class, reason) = self.known(answer).unwrap_or((E::BadContent, format!("{NAME}: refused")));
            return answer::outcome(class, reason, None, response);
        }
        Outcome::accepted(json::text(&body, "/id"), response)
    }

    /// Refusals are sentences; the word `template` is all that is looked for.
    fn known(&self, answer: &Answer) -> Known {
        let message = json::text(&json::answer(answer), "/message")?.to_ascii_lowercase();
        let about_template = matches!(answer.status, 200 | 400) && message.contains("template");
        about_template.then(|| (E::Template, format!("{NAME}: {}", answer::meaning(E::Template))))
    }

    /// Submits a message without a recipient, which cannot be sent: a good key is told what is missing, a bad one that
    /// it is bad.
    fn test<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> Asking<'a, TestReport> {
        Box::pin(async move {
            let answer = request::answered(outbound, call(account, &json!({}))?).await?;
            if answer.status != 400 {
                return Err(answer::failure_of_status(account, &answer));
            }
            Ok(TestReport::good("the key is good"))
        })
    }

    fn verify(&self, account: &Account, request: &WebhookRequest) -> Result<(), Forged> {
        whatsapp::verify_if_secret(NAME, "interakt-signature", account, request)
    }

    /// `type` ends in what happened: `message_api_delivered`.
    fn receipts(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        let body = json::body(request)?;
        let kind = json::text(&body, "/type").ok_or_else(|| Unreadable("a call without `type`".to_owned()))?;
        let Some(status) = kind.rsplit('_').next().and_then(whatsapp::status) else { return Ok(Vec::new()) };
        let id = json::text(&body, "/data/message/id");
        let id = id.ok_or_else(|| Unreadable("a receipt without `data.message.id`".to_owned()))?;
        let ours = json::text(&body, "/data/message/meta_data/source_data/callback_data");
        let why = || whatsapp::known(NAME, json::number(&body, "/data/message/channel_error_code")?);
        Ok(vec![Receipt {
            correlation: ours.and_then(|id| id.parse().ok()),
            provider_message_id: Some(id),
            phone: customer(&body),
            occurred_at: json::moment(&body, "/timestamp"),
            ..Receipt::new(status, why, NAME)
        }])
    }

    fn inbound(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Inbound>, Unreadable> {
        let body = json::body(request)?;
        if json::text(&body, "/type").as_deref() != Some("message_received") {
            return Ok(Vec::new());
        }
        let from = customer(&body).ok_or_else(|| Unreadable("a text without a number".to_owned()))?;
        Ok(vec![Inbound {
            provider_message_id: json::text(&body, "/data/message/id"),
            text: json::text(&body, "/data/message/message").unwrap_or_default(),
            occurred_at: json::moment(&body, "/timestamp"),
            ..Inbound::by(from)
        }])
    }

    fn at_once(&self, _: &Account) -> usize {
        CONCURRENT
    }
}

/// The number of the customer, whole or in its parts.
fn customer(body: &Value) -> Option<String> {
    let told = |name: &str| json::text(body, &format!("/data/customer/{name}"));
    let whole = told("channel_phone_number");
    whole.or_else(|| Some(told("country_code")? + &told("phone_number")?)).as_deref().and_then(international)
}

#[cfg(test)]
#[path = "tests/interakt.rs"]
mod tests;
