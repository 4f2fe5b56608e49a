//! `SES`: e-mail through Amazon SES, API version 2.
//! <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>
//!
//! One call a recipient: mails are whole here, and `SendBulkEmail` takes only templates with holes, of whose escaping the
//! pages say too little to trust a recipient's words to them. SES counts recipients, not calls, so nothing is lost but
//! calls. Our id is a tag, which their events bring back; those come through Amazon SNS (see `ses_sns`).

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use domain::{Violation, delivery::ErrorClass, money::Money};
use futures::{StreamExt, future::BoxFuture, stream};
use http::{HeaderName, HeaderValue, Method};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    answer,
    email::{self, CORRELATION, Mail, Sender, call},
    outbound::{Answer, Call, Outbound},
    provider::{
        Account, Failure, Forged, Outcome, Outgoing, Provider, Receipt, Suppressed, TestReport, Unreadable,
        WebhookRequest,
    },
    ses_events, ses_sns,
};

/// The adapter.
pub struct Ses;

/// Calls in flight for one batch.
const CONCURRENT: usize = 10;
/// The service's name in signatures. Its address has another.
const SERVICE: &str = "ses";

use ErrorClass as E;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    /// The configuration set, which publishes events.
    configuration_set: Option<String>,
    /// The tenant of the account, where it has some.
    tenant: Option<String>,
    /// The topic that events come by; calls of others are refused.
    topic_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    message_id: Option<String>,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(alias = "Message")]
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccountPage {
    #[serde(default)]
    production_access_enabled: bool,
    sending_enabled: bool,
    #[serde(default)]
    send_quota: Quota,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Quota {
    #[serde(rename = "Max24HourSend")]
    max_24_hour_send: f64,
    max_send_rate: f64,
    #[serde(rename = "SentLast24Hours")]
    sent_last_24_hours: f64,
}

/// `x-amzn-ErrorType`: the class.
const ERRORS: &[(&str, ErrorClass)] = &[
    ("TooManyRequestsException", E::RateLimited),
    ("ThrottlingException", E::RateLimited),
    ("LimitExceededException", E::RateLimited),
    ("AccountSuspendedException", E::AccountSuspended),
    ("SendingPausedException", E::AccountSuspended),
    ("MailFromDomainNotVerifiedException", E::BadSender),
    ("NotFoundException", E::BadSender),
    ("MessageRejected", E::BadContent),
    ("BadRequestException", E::BadContent),
    ("UnrecognizedClientException", E::BadCredentials),
    ("InvalidSignatureException", E::BadCredentials),
    ("SignatureDoesNotMatch", E::BadCredentials),
    ("InvalidClientTokenId", E::BadCredentials),
    ("ExpiredTokenException", E::BadCredentials),
    ("AccessDeniedException", E::BadCredentials),
];

fn request(account: &Account, method: Method, path: &str, body: Option<&Value>) -> Result<Call, Failure> {
    let region = account.require("region")?;
    let mut call = call::to(account, &format!("https://email.{region}.amazonaws.com"), method, path)?;
    if let Some(body) = body {
        call::json(&mut call, body);
    }
    sign_call(account, region, &mut call)?;
    Ok(call)
}

/// Signature version 4. The clock has to be right within five minutes.
#[expect(clippy::disallowed_methods, reason = "AWS holds the signature's time against its own clock")]
fn sign_call(account: &Account, region: &str, call: &mut Call) -> Result<(), Failure> {
    let token = account.credential("sessionToken").map(|token| token.expose().to_owned());
    let (id, key) = (account.require("accessKeyId")?, account.require("secretAccessKey")?);
    let identity = Credentials::new(id, key, token, None, "config").into();
    let bad = |_| Failure::new(E::BadCredentials, "the request cannot be signed with these keys", String::new());
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(SERVICE)
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .expect("all of it was given")
        .into();
    let url = call.url.to_string();
    let type_of_body = call.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let request = SignableRequest::new(call.method.as_str(), url, type_of_body, SignableBody::Bytes(&call.body));
    let signed = request.and_then(|request| sign(request, &params)).map_err(bad)?;
    for (name, value) in signed.output().headers() {
        let name = HeaderName::try_from(name).expect("a signer names headers");
        let mut value = HeaderValue::try_from(value)
            .map_err(|_| Failure::new(E::BadCredentials, "the keys hold characters that no key has", String::new()))?;
        value.set_sensitive(true);
        call.headers.insert(name, value);
    }
    Ok(())
}

fn body(sender: &Sender<Settings>, mail: &Mail<'_>) -> Value {
    let part = |data: &str| json!({ "Data": data, "Charset": "UTF-8" });
    let headers: Vec<Value> =
        mail.headers().into_iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    let mut body = json!({
        "FromEmailAddress": sender.from.to_string(),
        "Destination": { "ToAddresses": [mail.to] },
        "Content": { "Simple": {
            "Subject": part(&mail.subject),
            "Body": { "Text": part(&mail.text), "Html": part(&mail.html) },
            "Headers": headers,
        } },
        "EmailTags": [{ "Name": CORRELATION, "Value": mail.id.to_string() }],
    });
    if let Some(reply_to) = &sender.reply_to {
        body["ReplyToAddresses"] = json!([reply_to.to_string()]);
    }
    if let Some(set) = &sender.own.configuration_set {
        body["ConfigurationSetName"] = json!(set);
    }
    if let Some(tenant) = &sender.own.tenant {
        body["TenantName"] = json!(tenant);
    }
    body
}

async fn send_one(account: &Account, outbound: &Outbound, sender: &Sender<Settings>, outgoing: &Outgoing) -> Outcome {
    let body = body(sender, &sender.mail(outgoing));
    let call = request(account, Method::POST, "/v2/email/outbound-emails", Some(&body));
    match call::exchange(outbound, call).await {
        Ok(answer) if answer.status == 200 => {
            let id = serde_json::from_slice::<Sent>(&answer.body).ok().and_then(|sent| sent.message_id);
            let response = answer::kept(account, &answer.body);
            Outcome::Accepted { id, cost: None, segments: None, response }
        }
        Ok(answer) => refused(account, &answer),
        Err(outcome) => outcome,
    }
}

/// The name of an error and what it says. The name comes with an address behind a colon.
fn error(answer: &Answer) -> (String, String) {
    let name = answer.headers.get("x-amzn-errortype").and_then(|name| name.to_str().ok()).unwrap_or_default();
    let name = name.split(':').next().unwrap_or_default().to_owned();
    let said = serde_json::from_slice::<Problem>(&answer.body).ok().and_then(|problem| problem.message);
    (name, said.unwrap_or_default())
}

fn refused(account: &Account, answer: &Answer) -> Outcome {
    let (name, said) = error(answer);
    let class = match ERRORS.iter().find(|(known, _)| *known == name) {
        // The sandbox sends to verified addresses only, and a sender has to be verified everywhere.
        Some((_, E::BadContent)) if said.contains("not verified") => E::BadSender,
        Some((_, E::BadContent)) if said.contains("address") => E::InvalidRecipient,
        Some((_, class)) => *class,
        None => answer::class_of_status(answer.status),
    };
    let said = domain::text::cut(&said, 120);
    let reason = format!("Amazon SES {} {name}: {said}", answer.status);
    answer::outcome(class, reason, answer::retry_after(&answer.headers), answer::kept(account, &answer.body))
}

impl Provider for Ses {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        let (mut found, settings) = email::check::<Settings>(account);
        let is_topic = |arn: &String| arn.starts_with("arn:aws") && arn.contains(":sns:");
        if settings.is_some_and(|settings| settings.topic_arn.is_some_and(|arn| !is_topic(&arn))) {
            let detail = "expected a topic: arn:aws:sns:eu-west-1:123456789012:mails";
            found.push(Violation::new("/settings/topicArn", "pattern_mismatch", detail));
        }
        found
    }

    fn send<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        batch: &'a [Outgoing],
    ) -> BoxFuture<'a, Vec<Outcome>> {
        Box::pin(async move {
            let sender = match Sender::<Settings>::of(account) {
                Ok(sender) => sender,
                Err(failure) => return vec![call::refusal(&failure); batch.len()],
            };
            let calls: Vec<_> = batch.iter().map(|outgoing| send_one(account, outbound, &sender, outgoing)).collect();
            stream::iter(calls).buffered(CONCURRENT).collect().await
        })
    }

    /// Reads the account's page, which tells the limits too.
    fn test<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> BoxFuture<'a, Result<TestReport, Failure>> {
        Box::pin(async move {
            let call = request(account, Method::GET, "/v2/email/account", None)?;
            let page: AccountPage = call::read(account, outbound, call).await?;
            if !page.sending_enabled {
                return Err(Failure::new(E::AccountSuspended, "sending is disabled or paused", String::new()));
            }
            let Quota { max_24_hour_send, max_send_rate, sent_last_24_hours } = page.send_quota;
            let sandbox = if page.production_access_enabled { "" } else { "; the account is in the sandbox" };
            let message = format!(
                "the keys are good: {sent_last_24_hours} of {max_24_hour_send} mails used in 24 hours, {max_send_rate} a \
                 second{sandbox}"
            );
            Ok(TestReport { message, asked: true, balance: None })
        })
    }

    /// AWS bills by the month.
    fn balance<'a>(&'a self, _: &'a Account, _: &'a Outbound) -> BoxFuture<'a, Result<Option<Money>, Failure>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    fn prepare<'a>(
        &'a self,
        outbound: &'a Outbound,
        request: &'a WebhookRequest,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(ses_sns::prepare(outbound, request))
    }

    fn verify(&self, account: &Account, request: &WebhookRequest) -> Result<(), Forged> {
        ses_sns::verify(request, account.settings["topicArn"].as_str())
    }

    fn confirm<'a>(
        &'a self,
        outbound: &'a Outbound,
        request: &'a WebhookRequest,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(ses_sns::confirm(outbound, request))
    }

    fn receipts(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        ses_events::receipts(request)
    }

    fn suppressed(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Suppressed>, Unreadable> {
        ses_events::suppressed(request)
    }

    fn batch_size(&self, _: &Account) -> usize {
        1
    }

    fn window(&self, _: &Account, rest: &[Outgoing]) -> usize {
        rest.len().min(CONCURRENT)
    }
}

#[cfg(test)]
#[path = "tests/ses.rs"]
mod tests;
