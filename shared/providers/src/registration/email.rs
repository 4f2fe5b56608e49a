//! Registering at providers of e-mail.

use http::Method;
use serde_json::{Value, json};

use super::{At, Registration};
use crate::{json, outbound::Call, provider::Failure};

/// What Mailgun is to tell: what becomes a receipt or a suppression.
const MAILGUN: [&str; 5] = ["delivered", "permanent_fail", "temporary_fail", "complained", "unsubscribed"];

fn is_in_eu(at: At<'_>) -> bool {
    at.account.settings["region"] == "EU"
}

/// One address for several events.
/// <https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/domain-webhooks/post-v4-domains--domain--webhooks>
pub(super) async fn mailgun(at: At<'_>) -> Result<Registration, Failure> {
    let base = if is_in_eu(at) { "https://api.eu.mailgun.net" } else { "https://api.mailgun.net" };
    let domain = at.account.require("domain")?;
    let call = |method, version: &str| {
        let call = Call::to(at.account, method, base, &format!("/{version}/domains/{domain}/webhooks"))?;
        call.basic("api", at.account.require("apiKey")?)
    };
    let there = at.call(call(Method::GET, "v3")?).await?;
    let is_there = |event: &&str| {
        let urls = json::list(&there, &format!("/webhooks/{event}/urls"));
        urls.iter().any(|url| url.as_str() == Some(at.url))
    };
    let missing: Vec<&str> = MAILGUN.into_iter().filter(|event| !is_there(event)).collect();
    if !missing.is_empty() {
        let events = missing.into_iter().map(|event| ("event_types", event));
        at.call(call(Method::POST, "v4")?.form(std::iter::once(("url", at.url)).chain(events))).await?;
    }
    let key = at.account.credential("webhookSigningKey").is_none();
    let step = "Sending → Webhooks: store the HTTP webhook signing key as the credential `webhookSigningKey`.";
    Ok(Registration::done(key.then(|| step.to_owned()).into_iter().collect()))
}

/// An event webhook that signs. <https://www.twilio.com/docs/sendgrid/api-reference/webhooks/create-an-event-webhook>
pub(super) async fn sendgrid(at: At<'_>) -> Result<Registration, Failure> {
    let base = if is_in_eu(at) { "https://api.eu.sendgrid.com" } else { "https://api.sendgrid.com" };
    let call = |method, path: &str| {
        let path = format!("/v3/user/webhooks/event/settings{path}");
        Call::to(at.account, method, base, &path)?.bearer(at.account.require("apiKey")?)
    };
    let there = at.call(call(Method::GET, "/all")?).await?;
    let ours = |one: &&Value| json::text(one, "/url").as_deref() == Some(at.url);
    let id = if let Some(webhook) = json::list(&there, "/webhooks").iter().find(ours) {
        json::text(webhook, "/id")
    } else {
        let body = json!({
            "enabled": true, "url": at.url, "friendly_name": "Dundun", "processed": true, "delivered": true,
            "deferred": true, "bounce": true, "dropped": true, "spam_report": true, "unsubscribe": true,
            "group_unsubscribe": true, "open": false, "click": false, "group_resubscribe": false,
        });
        json::text(&at.call(call(Method::POST, "")?.json(&body)).await?, "/id")
    };
    let path = format!("/signed/{}", id.unwrap_or_default());
    let signed = at.call(call(Method::PATCH, &path)?.json(&json!({ "enabled": true }))).await?;
    let key = json::text(&signed, "/public_key");
    let known = at.account.credential("webhookPublicKey").map(crate::secret::Secret::expose);
    let step = key
        .filter(|key| known != Some(key))
        .map(|key| format!("Store the verification key as the credential `webhookPublicKey`: {key}"));
    Ok(Registration::done(step.into_iter().collect()))
}
