//! `SENDGRID`: e-mail through Twilio SendGrid, API version 3.
//! <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send>
//!
//! One call takes a mail and up to 1,000 personalizations: each has a recipient, a subject, headers, our own id and texts
//! that take the place of words in the mail. These texts have at most 10,000 bytes together, so what mails of a call begin
//! and end with alike is sent once. Accepted is a 202 without a body. Not verified against the live provider: the largest
//! `custom_args`.

use std::time::Duration;

use domain::{Violation, delivery::ErrorClass, dns::DnsRecord, suppression::SuppressionReason};
use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    answer,
    email::{self, CORRELATION, Mail, Sender, reply},
    json,
    outbound::{Answer, Call, Outbound},
    outgoing::Attachment,
    provider::{
        Account, Asking, Engagement, Failure, Forged, Outcome, Outgoing, Provider, Receipt, ReceiptStatus, Sending,
        Suppressed, SuppressionPage, TestReport, Unreadable, WebhookRequest,
    },
    public_key, request, sendgrid_account,
    sendgrid_parts::{self, Part},
    signature,
};

/// The adapter.
pub struct SendGrid;

const GLOBAL: &str = "https://api.sendgrid.com";
const EU: &str = "https://api.eu.sendgrid.com";
/// Personalizations in a call.
pub(crate) const RECIPIENTS: usize = 1_000;
/// Bytes of mails in a call: what is larger does not leave in time.
pub(crate) const BYTES: usize = 4 << 20;

use ErrorClass as E;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    /// `GLOBAL` (the default) or `EU`: where the account's data lie.
    region: Option<String>,
    /// They check mails and deliver none.
    sandbox_mode: bool,
}

#[derive(Default, Deserialize)]
struct Problems {
    #[serde(default)]
    errors: Vec<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    message: String,
    field: Option<String>,
}

/// One event of a webhook call. `custom_args` stand beside the other fields.
#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "named as they name it")]
struct Event {
    event: String,
    email: Option<String>,
    #[serde(default)]
    timestamp: i64,
    sg_message_id: Option<String>,
    #[serde(default, deserialize_with = "email::or_default")]
    reason: String,
    #[serde(default, deserialize_with = "email::or_default")]
    status: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    dundun_delivery: Option<String>,
    /// The link that was followed.
    url: Option<String>,
    /// A program loaded the pictures, whether somebody looked or not.
    #[serde(default, deserialize_with = "email::or_default")]
    sg_machine_open: bool,
}

pub(crate) fn call(account: &Account, method: Method, path: &str) -> Result<Call, Failure> {
    let base = if account.settings["region"] == "EU" { EU } else { GLOBAL };
    Call::to(account, method, base, path)?.bearer(account.require("apiKey")?)
}

fn send_call(account: &Account, sender: &Sender<Settings>, part: &Part, mails: &[Mail<'_>]) -> Result<Call, Failure> {
    let address = |mailbox: &lettre::message::Mailbox| {
        let mut address = json!({ "email": mailbox.email.to_string() });
        if let Some(name) = &mailbox.name {
            address["name"] = json!(name);
        }
        address
    };
    let personalizations: Vec<Value> = part
        .mails
        .iter()
        .map(|&index| {
            let mail = &mails[index];
            let mut own = json!({
                "to": [{ "email": mail.to }],
                "subject": mail.subject,
                "custom_args": { CORRELATION: mail.id.to_string() },
                "substitutions": part.substitutions(mail),
            });
            for (name, value) in mail.headers() {
                own["headers"][name] = json!(value);
            }
            own
        })
        .collect();
    let (text, html) = part.content();
    let mut body = json!({
        "personalizations": personalizations,
        "from": address(&sender.from),
        // Each personalization has its own.
        "subject": "-",
        "content": [{ "type": "text/plain", "value": text }, { "type": "text/html", "value": html }],
    });
    if let Some(reply_to) = &sender.reply_to {
        body["reply_to"] = address(reply_to);
    }
    if sender.own.sandbox_mode {
        body["mail_settings"] = json!({ "sandbox_mode": { "enable": true } });
    }
    for (name, wish) in [("open_tracking", sender.tracking.opens), ("click_tracking", sender.tracking.clicks)] {
        if let Some(enable) = wish {
            body["tracking_settings"][name] = json!({ "enable": enable });
        }
    }
    // All mails of a call are of one message, whose files they share.
    let files = part.mails.first().map_or(&[][..], |&index| mails[index].files);
    if !files.is_empty() {
        body["attachments"] = files.iter().map(attached).collect();
    }
    Ok(call(account, Method::POST, "/v3/mail/send")?.json(&body))
}

fn attached(file: &Attachment) -> Value {
    json!({
        "content": signature::base64(&file.bytes),
        "type": file.content_type,
        "filename": file.name,
        "disposition": "attachment",
    })
}

/// Sends one call. A 400 names the recipients that it is refused for: the others are sent again, once.
async fn send(
    account: &Account,
    outbound: &Outbound,
    sender: &Sender<Settings>,
    part: &Part,
    mails: &[Mail<'_>],
) -> Vec<(usize, Outcome)> {
    let (mut part, mut outcomes, mut again) = (part.clone(), Vec::new(), true);
    loop {
        let answer = request::exchange(outbound, send_call(account, sender, &part, mails)).await;
        if let (Ok(answer), true) = (&answer, again)
            && answer.status == 400
        {
            let named = named(answer);
            if !named.is_empty()
                && named.len() < part.mails.len()
                && named.iter().all(|place| *place < part.mails.len())
            {
                let refused = self::refused(account, answer);
                outcomes.extend(named.iter().map(|place| (part.mails[*place], refused.clone())));
                let mut place = 0;
                part.mails.retain(|_| {
                    place += 1;
                    !named.contains(&(place - 1))
                });
                again = false;
                continue;
            }
        }
        let outcome = match answer {
            // 200 is the answer of the sandbox mode.
            Ok(answer) if matches!(answer.status, 200 | 202) => accepted(account, &answer),
            Ok(answer) => self::refused(account, &answer),
            Err(outcome) => outcome,
        };
        outcomes.extend(part.mails.iter().map(|&index| (index, outcome.clone())));
        return outcomes;
    }
}

/// The places of the personalizations that a refusal names: `personalizations.3.to.0.email`.
fn named(answer: &Answer) -> Vec<usize> {
    let place = |problem: &Problem| {
        let (place, field) = problem.field.as_deref()?.strip_prefix("personalizations.")?.split_once('.')?;
        field.starts_with("to").then(|| place.parse().ok()).flatten()
    };
    let errors = serde_json::from_slice::<Problems>(&answer.body).unwrap_or_default().errors;
    let mut places: Vec<usize> = errors.iter().filter_map(place).collect();
    places.sort_unstable();
    places.dedup();
    places
}

fn accepted(account: &Account, answer: &Answer) -> Outcome {
    let id = answer.headers.get("x-message-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    Outcome::accepted(id, answer::kept(account, &answer.body))
}

fn refused(account: &Account, answer: &Answer) -> Outcome {
    let errors = serde_json::from_slice::<Problems>(&answer.body).unwrap_or_default().errors;
    let field = errors.first().and_then(|problem| problem.field.as_deref()).unwrap_or_default();
    let said = errors.first().map_or("", |problem| problem.message.as_str());
    let class = match answer.status {
        400 if field.starts_with("personalizations") && field.contains(".to") => E::InvalidRecipient,
        400 if field.starts_with("from") => E::BadSender,
        403 if field.starts_with("from") || said.contains("Sender Identity") => E::BadSender,
        // So they say that the free mails of the day are used up.
        401 if said.to_lowercase().contains("credits") => E::InsufficientBalance,
        413 => E::BadContent,
        status => answer::class_of_status(status),
    };
    let reason = format!("SendGrid answered with HTTP {}: {}", answer.status, reply::said(said));
    answer::outcome(class, reason, pause(answer), answer::kept(account, &answer.body))
}

/// `Retry-After`, or the time at which the limit starts anew, in seconds since 1970, by their clock.
fn pause(answer: &Answer) -> Option<Duration> {
    answer::retry_after(&answer.headers).or_else(|| {
        let reset = answer.headers.get("x-ratelimit-reset")?.to_str().ok()?.trim().parse().ok()?;
        answer::until(&answer.headers, Timestamp::from_second(reset).ok()?)
    })
}

fn events(request: &WebhookRequest) -> Result<Vec<Event>, Unreadable> {
    serde_json::from_slice(&request.body).map_err(|_| Unreadable("the body is not a list of events".to_owned()))
}

impl Event {
    /// What a drop or a bounce means: the class, and whether the address is to get no more.
    fn failure(&self) -> (ErrorClass, Option<SuppressionReason>) {
        let said = format!("{} {}", self.status, self.reason);
        let code = self.reason.get(..3).and_then(|code| code.parse().ok());
        let code = code.unwrap_or(if self.status.starts_with('4') { 450 } else { 550 });
        match (self.event.as_str(), self.reason.as_str()) {
            ("dropped", "Unsubscribed Address") => (E::OptedOut, Some(SuppressionReason::OptedOut)),
            ("dropped", "Spam Reporting Address") => (E::OptedOut, Some(SuppressionReason::Complained)),
            ("dropped", "Bounced Address" | "Invalid") => (E::InvalidRecipient, Some(SuppressionReason::Bounced)),
            ("dropped", _) => (E::BadContent, None),
            // The receiving server refused the mail or us, not the address.
            _ if self.kind.as_deref() == Some("blocked") => (E::Transient, None),
            _ => {
                let dead = reply::no_such_address(code, &said);
                (reply::class(code, &said), dead.then_some(SuppressionReason::Bounced))
            }
        }
    }

    fn occurred_at(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.timestamp).ok()
    }
}

impl Provider for SendGrid {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        let (mut found, settings) = email::check::<Settings>(account);
        if settings.is_some_and(|settings| !matches!(settings.region.as_deref(), None | Some("GLOBAL" | "EU"))) {
            found.push(Violation::new("/settings/region", "pattern_mismatch", "GLOBAL or EU"));
        }
        found
    }

    fn send<'a>(&'a self, account: &'a Account, outbound: &'a Outbound, batch: &'a [Outgoing]) -> Sending<'a> {
        request::or_all_fail(batch, async move {
            let sender = Sender::<Settings>::of(account)?;
            let mails: Vec<Mail<'_>> = batch.iter().map(|outgoing| sender.mail(outgoing)).collect();
            let mut outcomes = Vec::with_capacity(batch.len());
            for part in sendgrid_parts::of(&mails) {
                outcomes.extend(send(account, outbound, &sender, &part, &mails).await);
            }
            Ok(request::in_order(outcomes))
        })
    }

    /// Reads what the key may do.
    fn question(&self, account: &Account) -> Result<Call, Failure> {
        call(account, Method::GET, "/v3/scopes")
    }

    fn answered(&self, _: &Account, page: &Value) -> Result<TestReport, Failure> {
        if json::list(page, "/scopes").iter().any(|scope| scope == "mail.send") {
            return Ok(TestReport::good("the key is good and may send"));
        }
        Err(Failure::new(E::BadCredentials, "the key may not send: give it `Mail Send`", String::new()))
    }

    /// ECDSA over the timestamp and the raw body, with the key that their settings show.
    fn verify(&self, account: &Account, request: &WebhookRequest) -> Result<(), Forged> {
        let key = account
            .credential("webhookPublicKey")
            .ok_or_else(|| Forged("the config has no verification key, so nothing proves the call".to_owned()))?;
        let header = |name: &str| {
            request.header(name).ok_or_else(|| Forged(format!("the header `{name}` is missing: is the signing on?")))
        };
        let signature = header("x-twilio-email-event-webhook-signature")?;
        let timestamp = header("x-twilio-email-event-webhook-timestamp")?;
        let signed = [timestamp.as_bytes(), &request.body[..]].concat();
        if public_key::is_signed_by_p256(key.expose(), &signed, signature) {
            Ok(())
        } else {
            Err(Forged("the signature is not that of timestamp and body".to_owned()))
        }
    }

    /// A list of events. Opens and clicks are no steps of a delivery.
    fn receipts(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        let receipt = |event: Event| {
            let status = match event.event.as_str() {
                "processed" => ReceiptStatus::Sent,
                "delivered" => ReceiptStatus::Delivered,
                "bounce" | "dropped" => ReceiptStatus::Failed,
                _ => return None,
            };
            let reason = || format!("SendGrid {}: {}", event.event, reply::said(&event.reason));
            let receipt = Receipt::new(status, || Some((event.failure().0, reason())), "SendGrid");
            // What they append to the id that we were told.
            let id = event.sg_message_id.as_deref().map(|id| id.split('.').next().unwrap_or(id).to_owned());
            Some(Receipt {
                correlation: event.dundun_delivery.as_deref().and_then(|id| id.parse().ok()),
                provider_message_id: id,
                occurred_at: event.occurred_at(),
                phone: event.email,
                ..receipt
            })
        };
        Ok(events(request)?.into_iter().filter_map(receipt).collect())
    }

    fn suppressed(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Suppressed>, Unreadable> {
        let suppressed = |event: Event| {
            let reason = match event.event.as_str() {
                "spamreport" => SuppressionReason::Complained,
                "unsubscribe" | "group_unsubscribe" => SuppressionReason::OptedOut,
                "bounce" | "dropped" => event.failure().1?,
                _ => return None,
            };
            Some(Suppressed { address: event.email?, reason })
        };
        Ok(events(request)?.into_iter().filter_map(suppressed).collect())
    }

    fn engagements(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Engagement>, Unreadable> {
        let engagement = |event: Event| {
            let delivery = event.dundun_delivery.as_deref().and_then(|id| id.parse().ok());
            let at = event.occurred_at();
            Engagement::of(&event.event, delivery, event.url, at).filter(|_| !event.sg_machine_open)
        };
        Ok(events(request)?.into_iter().filter_map(engagement).collect())
    }

    fn keeps_suppressions(&self) -> bool {
        true
    }

    fn suppressions<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        after: Option<&'a str>,
    ) -> Asking<'a, SuppressionPage> {
        Box::pin(sendgrid_account::suppressions(account, outbound, after))
    }

    fn domain_records<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        name: &'a str,
    ) -> Asking<'a, Vec<DnsRecord>> {
        Box::pin(sendgrid_account::records(account, outbound, name))
    }

    fn batch_size(&self, _: &Account) -> usize {
        RECIPIENTS
    }

    fn window(&self, _: &Account, rest: &[Outgoing]) -> usize {
        email::within(rest, RECIPIENTS, BYTES)
    }
}

#[cfg(test)]
#[path = "tests/sendgrid.rs"]
mod tests;
