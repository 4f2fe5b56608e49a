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
use domain::{Violation, delivery::ErrorClass, dns::DnsRecord};
use http::{HeaderName, HeaderValue, Method};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    answer::{self, Known},
    email::{self, CORRELATION, Mail, Sender, mime, reply},
    json,
    outbound::{Answer, Call, Outbound},
    provider::{
        Account, Asking, Engagement, Failure, Forged, Outcome, Outgoing, Provider, Receipt, Suppressed,
        SuppressionPage, TestReport, Unreadable, WebhookRequest,
    },
    ses_account, ses_events, ses_sns, signature,
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

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct AccountPage {
    production_access_enabled: bool,
    sending_enabled: bool,
    send_quota: Quota,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
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

pub(crate) fn request(account: &Account, method: Method, path: &str, body: Option<&Value>) -> Result<Call, Failure> {
    let region = account.require("region")?;
    let mut call = Call::to(account, method, &format!("https://email.{region}.amazonaws.com"), path)?;
    if let Some(body) = body {
        call = call.json(body);
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

/// The parts of a mail, or with files the mail as it goes over the wire.
fn content(sender: &Sender<Settings>, mail: Mail<'_>) -> Result<Value, Failure> {
    if !mail.files.is_empty() {
        let written = mime::write(sender, mail).map_err(|why| Failure::new(E::BadContent, why, String::new()))?;
        return Ok(json!({ "Raw": { "Data": signature::base64(written.bytes) } }));
    }
    let part = |data: &str| json!({ "Data": data, "Charset": "UTF-8" });
    let headers: Vec<Value> =
        mail.headers().into_iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    Ok(json!({ "Simple": {
        "Subject": part(&mail.subject),
        "Body": { "Text": part(&mail.text), "Html": part(&mail.html) },
        "Headers": headers,
    } }))
}

fn body(sender: &Sender<Settings>, mail: Mail<'_>) -> Result<Value, Failure> {
    let mut body = json!({
        "FromEmailAddress": sender.from.to_string(),
        "Destination": { "ToAddresses": [mail.to] },
        "EmailTags": [{ "Name": CORRELATION, "Value": mail.id.to_string() }],
        "Content": content(sender, mail)?,
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
    Ok(body)
}

impl Provider for Ses {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        let (mut found, settings) = email::check::<Settings>(account);
        let is_topic = |arn: &String| arn.starts_with("arn:aws") && arn.contains(":sns:");
        if settings.is_some_and(|settings| settings.topic_arn.is_some_and(|arn| !is_topic(&arn))) {
            let detail = "expected a topic: arn:aws:sns:eu-west-1:123456789012:mails";
            found.push(Violation::new("/settings/topicArn", "pattern_mismatch", detail));
        }
        // The configuration set says it.
        found.extend(email::no_tracking(account));
        found
    }

    fn submission(&self, account: &Account, outgoing: &Outgoing) -> Result<Call, Failure> {
        let sender = Sender::<Settings>::of(account)?;
        let body = body(&sender, sender.mail(outgoing))?;
        request(account, Method::POST, "/v2/email/outbound-emails", Some(&body))
    }

    fn taken(&self, account: &Account, answer: &Answer) -> Outcome {
        Outcome::accepted(json::text(&json::answer(answer), "/MessageId"), answer::kept(account, &answer.body))
    }

    /// The name of an error comes with an address behind a colon.
    fn known(&self, answer: &Answer) -> Known {
        let name = answer.headers.get("x-amzn-errortype").and_then(|name| name.to_str().ok()).unwrap_or_default();
        let name = name.split(':').next().unwrap_or_default();
        let body = json::answer(answer);
        let said = json::text(&body, "/message").or_else(|| json::text(&body, "/Message")).unwrap_or_default();
        let class = match ERRORS.iter().find(|(known, _)| *known == name) {
            // The sandbox sends to verified addresses only, and a sender has to be verified everywhere.
            Some((_, E::BadContent)) if said.contains("not verified") => E::BadSender,
            Some((_, E::BadContent)) if said.contains("address") => E::InvalidRecipient,
            Some((_, class)) => *class,
            None => answer::class_of_status(answer.status),
        };
        Some((class, format!("Amazon SES {} {name}: {}", answer.status, reply::said(&said))))
    }

    /// Reads the account's page, which tells the limits too.
    fn question(&self, account: &Account) -> Result<Call, Failure> {
        request(account, Method::GET, "/v2/email/account", None)
    }

    fn answered(&self, _: &Account, page: &Value) -> Result<TestReport, Failure> {
        let page = AccountPage::deserialize(page).unwrap_or_default();
        if !page.sending_enabled {
            return Err(Failure::new(E::AccountSuspended, "sending is disabled or paused", String::new()));
        }
        let Quota { max_24_hour_send, max_send_rate, sent_last_24_hours } = page.send_quota;
        let sandbox = if page.production_access_enabled { "" } else { "; the account is in the sandbox" };
        Ok(TestReport::good(format!(
            "the keys are good: {sent_last_24_hours} of {max_24_hour_send} mails used in 24 hours, {max_send_rate} a \
             second{sandbox}"
        )))
    }

    fn prepare<'a>(&'a self, outbound: &'a Outbound, request: &'a WebhookRequest) -> Asking<'a, ()> {
        Box::pin(ses_sns::prepare(outbound, request))
    }

    fn verify(&self, account: &Account, request: &WebhookRequest) -> Result<(), Forged> {
        ses_sns::verify(request, account.settings["topicArn"].as_str())
    }

    fn confirm<'a>(&'a self, outbound: &'a Outbound, request: &'a WebhookRequest) -> Asking<'a, ()> {
        Box::pin(ses_sns::confirm(outbound, request))
    }

    fn receipts(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        ses_events::receipts(request)
    }

    fn suppressed(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Suppressed>, Unreadable> {
        ses_events::suppressed(request)
    }

    fn engagements(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Engagement>, Unreadable> {
        ses_events::engagements(request)
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
        Box::pin(ses_account::suppressions(account, outbound, after))
    }

    fn domain_records<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        name: &'a str,
    ) -> Asking<'a, Vec<DnsRecord>> {
        Box::pin(ses_account::records(account, outbound, name))
    }

    fn at_once(&self, _: &Account) -> usize {
        CONCURRENT
    }

    /// Each mail carries its files itself.
    fn window(&self, _: &Account, rest: &[Outgoing]) -> usize {
        rest.len().min(email::with_files(rest, CONCURRENT))
    }
}

#[cfg(test)]
#[path = "tests/ses.rs"]
mod tests;
