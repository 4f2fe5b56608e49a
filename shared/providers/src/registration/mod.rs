//! Registering a config's webhook address at its provider, where the provider's API can: for receipts, and for what people
//! write. Everything else is told as steps with the exact address.
//!
//! Registering twice changes nothing: an address that is there already stays the only one of ours.

mod email;
mod phone;
mod whatsapp;

use domain::delivery::ErrorClass as E;
use serde_json::Value;

use crate::{
    answer, json,
    kind::{Channel, Kind},
    outbound::{Call, Outbound},
    provider::{Account, Failure},
    request,
};

/// What was registered, and what is left to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Whether the provider's API was told; else the steps say it all.
    pub registered: bool,
    /// What is left to do by hand, in order, with the exact address.
    pub steps: Vec<String>,
}

impl Registration {
    fn done(steps: Vec<String>) -> Self {
        Self { registered: true, steps }
    }

    fn by_hand(steps: Vec<String>) -> Self {
        Self { registered: false, steps }
    }
}

/// Registers the config's address.
pub async fn register(account: &Account, outbound: &Outbound) -> Result<Registration, Failure> {
    let missing = || Failure::new(E::BadSender, "the config has no public address", String::new());
    let url = account.webhook_url.as_deref().ok_or_else(missing)?;
    let at = At { account, outbound, url };
    match (account.kind, account.channel) {
        (Kind::BulkSms, _) => phone::bulksms(at).await,
        (Kind::Telnyx, _) => phone::telnyx(at).await,
        (Kind::Vonage, Channel::Sms) => phone::vonage(at).await,
        (Kind::Twilio, Channel::WhatsApp) => whatsapp::twilio(at).await,
        (Kind::Twilio, _) => phone::twilio(at).await,
        (Kind::Meta, _) => whatsapp::meta(at).await,
        (Kind::Gupshup, _) => whatsapp::gupshup(at).await,
        (Kind::Fonnte, _) => whatsapp::fonnte(at).await,
        (Kind::Mailgun, _) => email::mailgun(at).await,
        (Kind::SendGrid, _) => email::sendgrid(at).await,
        _ => Ok(Registration::by_hand(steps(account.kind, url))),
    }
}

/// Where something is registered.
#[derive(Clone, Copy)]
struct At<'a> {
    account: &'a Account,
    outbound: &'a Outbound,
    url: &'a str,
}

impl At<'_> {
    /// Makes a call; an answer that is not of 2xx is a failure with the provider's own words, which are about the account.
    async fn call(self, call: Call) -> Result<Value, Failure> {
        let answer = request::answered(self.outbound, call).await?;
        let body = json::answer(&answer);
        if answer.is_success() {
            return Ok(body);
        }
        let failure = answer::failure_of_status(self.account, &answer);
        let told = ["/message", "/error/message", "/errors/0/detail", "/errors/0/message", "/detail"];
        let told = told.iter().find_map(|pointer| json::text(&body, pointer));
        let reason = told.map_or(failure.reason.clone(), |told| format!("{}: {told}", failure.reason));
        Err(Failure { reason, ..failure })
    }
}

/// What people do where the API cannot.
fn steps(kind: Kind, url: &str) -> Vec<String> {
    let steps: &[&str] = match kind {
        Kind::AfricasTalking => &[
            "Dashboard of the app → SMS → SMS callback URLs → Delivery reports: paste {url} and save.",
            "For a two-way short code the same as Incoming messages; for alphanumeric senders as Bulk SMS opt-out.",
        ],
        Kind::Vonage => {
            &["API dashboard → Applications → your application → Messages: {url} as Inbound URL and as Status URL."]
        }
        Kind::AiSensy => {
            &["Manage → Webhooks → Add: {url} with the topics message.status.updated and message.sender.user."]
        }
        Kind::Interakt => &[
            "Settings → Developer settings → Webhooks: {url}, with a secret key of your choice that also goes into the \
             credential `webhookSecret`.",
            "Choose the types for messages sent by the API and, on higher plans, incoming ones.",
        ],
        Kind::Mailjet => &[
            "Account settings → REST API → Event notifications: {url} for sent, bounce, blocked, spam and unsub, with group events.",
            "With a `webhookPassword` write `dundun:<password>@` before the host of the address.",
        ],
        Kind::Ses => &[
            "SES → Configuration sets → your set → Event destinations: Amazon SNS with a topic, for send, delivery, bounce, \
             complaint and reject.",
            "SNS → Topics → that topic → Create subscription → HTTPS: {url}. It confirms itself within a minute.",
        ],
        Kind::Custom => &["In the gateway's settings: {url}, as the address for receipts and for incoming messages."],
        Kind::Sandbox | Kind::Smtp => &["Nothing to do: nobody calls {url}."],
        _ => &["In the provider's settings: {url}, for receipts and for incoming messages."],
    };
    steps.iter().map(|step| step.replace("{url}", url)).collect()
}

#[cfg(test)]
#[path = "../tests/registration.rs"]
mod tests;
