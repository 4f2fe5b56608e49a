//! Registering at providers of WhatsApp.

use domain::delivery::ErrorClass as E;
use http::{Method, header};
use serde_json::json;

use super::{At, Registration};
use crate::{gupshup, json, meta, outbound::Call, profile, provider::Failure};

/// The number's own address instead of the app's, so that several configs may share an app; the app has to listen to the
/// account for that. <https://developers.facebook.com/docs/whatsapp/embedded-signup/webhooks/override>
pub(super) async fn meta(at: At<'_>) -> Result<Registration, Failure> {
    let body = json!({
        "webhook_configuration": {
            "override_callback_uri": at.url,
            "verify_token": at.account.require("verifyToken")?,
        },
    });
    if let Some(business) = at.account.credential("businessAccountId") {
        let path = format!("/{}/subscribed_apps", business.expose());
        at.call(meta::graph(at.account, Method::POST, &path)?).await?;
    }
    // Meta tries the address before it answers.
    at.call(meta::call(at.account, Method::POST, "")?.json(&body)).await?;
    let mut steps = vec![
        "App dashboard → WhatsApp → Configuration → Webhook fields: subscribe to `messages`, if it is not yet."
            .to_owned(),
    ];
    if at.account.credential("businessAccountId").is_none() {
        steps.push(
            "Fill in the credential `businessAccountId` and call this again, so that the app listens to the account."
                .to_owned(),
        );
    }
    Ok(Registration::done(steps))
}

/// One subscription, in their own form (version 2), which holds the ids that receipts are found by.
/// <https://docs.gupshup.io/reference/addsubscription>
pub(super) async fn gupshup(at: At<'_>) -> Result<Registration, Failure> {
    let Ok(app) = gupshup::app(at.account) else {
        return Ok(Registration::by_hand(vec![format!(
            "App → Webhooks → Callback URL: {} with all message events and user events. Or fill in `settings.appId` and \
             call this again.",
            at.url
        )]));
    };
    let path = format!("{app}/subscription");
    let there = at.call(gupshup::call(at.account, Method::GET, &path)?).await?;
    let ours = |one: &serde_json::Value| json::text(one, "/url").as_deref() == Some(at.url);
    if !json::list(&there, "/subscriptions").iter().any(ours) {
        let modes = "SENT,DELIVERED,READ,FAILED,MESSAGE,ENQUEUED,OTHERS";
        let form = [("modes", modes), ("tag", "dundun"), ("url", at.url), ("version", "2")];
        at.call(gupshup::call(at.account, Method::POST, &path)?.form(form)).await?;
    }
    Ok(Registration::done(Vec::new()))
}

/// The device's own settings. <https://docs.fonnte.com/api-update-device/>. They want its name and number again, which it
/// tells.
pub(super) async fn fonnte(at: At<'_>) -> Result<Registration, Failure> {
    let call = |path: &str| {
        let call = Call::to(at.account, Method::POST, "https://api.fonnte.com", path)?;
        call.secret(header::AUTHORIZATION, at.account.require("token")?)
    };
    let told = |body: &serde_json::Value| match body.get("status") {
        Some(serde_json::Value::Bool(false)) => {
            let reason = json::text(body, "/reason").unwrap_or_else(|| "refused".to_owned());
            Err(Failure::new(E::BadCredentials, format!("Fonnte: {reason}"), String::new()))
        }
        _ => Ok(()),
    };
    let device = at.call(call("/device")?).await?;
    told(&device)?;
    let of = |name: &str| json::text(&device, name).unwrap_or_default();
    let form = [
        ("name", of("/name")),
        ("device", of("/device")),
        ("webhook", at.url.to_owned()),
        ("webhookstatus", at.url.to_owned()),
        // Without it they do not tell what people write.
        ("autoread", "true".to_owned()),
        ("personal", "true".to_owned()),
    ];
    told(&at.call(call("/update-device")?.form(form)).await?)?;
    Ok(Registration::done(Vec::new()))
}

/// Receipts come by the address of each text; what people write by that of the sender.
/// <https://www.twilio.com/docs/whatsapp/api/senders>
pub(super) async fn twilio(at: At<'_>) -> Result<Registration, Failure> {
    let Some(sid) =
        profile::twilio::sender(at.account, at.outbound).await?.and_then(|sender| json::text(&sender, "/sid"))
    else {
        return Ok(Registration::by_hand(vec![format!(
            "Console → Messaging → Senders → WhatsApp senders → your sender: {} as Webhook URL for incoming messages, POST. \
             Receipts come by themselves.",
            at.url
        )]));
    };
    let call = profile::twilio::call(at.account, Method::POST, &format!("/{sid}"))?;
    let body = json!({ "webhook": { "callback_url": at.url, "callback_method": "POST" } });
    at.call(call.json(&body)).await?;
    Ok(Registration::done(Vec::new()))
}
