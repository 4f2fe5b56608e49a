//! Registering at providers of SMS.

use http::Method;
use serde_json::json;

use super::{At, Registration};
use crate::{json, outbound::Call, provider::Failure, twilio};

/// Two webhooks, one for each direction. <https://www.bulksms.com/developer/json/v1/#tag/Webhooks>
pub(super) async fn bulksms(at: At<'_>) -> Result<Registration, Failure> {
    let call = |method: Method| {
        let call = Call::to(at.account, method, "https://api.bulksms.com/v1", "/webhooks")?;
        call.basic(at.account.require("tokenId")?, at.account.require("tokenSecret")?)
    };
    let there = at.call(call(Method::GET)?).await?;
    for (scope, name) in [("SENT", "Dundun receipts"), ("RECEIVED", "Dundun incoming")] {
        let ours = json::list(&there, "").iter().any(|webhook| {
            json::text(webhook, "/url").as_deref() == Some(at.url)
                && json::text(webhook, "/triggerScope").as_deref() == Some(scope)
        });
        if !ours {
            let body = json!({ "name": name, "url": at.url, "triggerScope": scope, "invokeOption": "MANY" });
            at.call(call(Method::POST)?.json(&body)).await?;
        }
    }
    Ok(Registration::done(Vec::new()))
}

/// Every text names its own address for receipts; what people write goes to that of the messaging profile.
/// <https://developers.telnyx.com/api-reference/profiles/update-a-messaging-profile>
pub(super) async fn telnyx(at: At<'_>) -> Result<Registration, Failure> {
    let Some(profile) = json::text(&at.account.settings, "/messagingProfileId") else {
        return Ok(Registration::by_hand(vec![format!(
            "Portal → Messaging → your profile → Inbound: {} as Webhook URL, API version 2. Receipts come by themselves.",
            at.url
        )]));
    };
    let call =
        Call::to(at.account, Method::PATCH, "https://api.telnyx.com/v2", &format!("/messaging_profiles/{profile}"))?;
    let body = json!({ "webhook_url": at.url, "webhook_api_version": "2" });
    at.call(call.bearer(at.account.require("apiKey")?)?.json(&body)).await?;
    Ok(Registration::done(Vec::new()))
}

/// Every text names its own address for receipts; what people write goes to that of the number, or of the messaging service.
/// <https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource>
pub(super) async fn twilio(at: At<'_>) -> Result<Registration, Failure> {
    let by_hand = || {
        let step = format!(
            "Console → Messaging → Services → your service → Integration: {} as Incoming messages webhook, POST. Receipts \
             come by themselves.",
            at.url
        );
        Registration::by_hand(vec![step])
    };
    let Some(sender) = at.account.sender().filter(|sender| sender.starts_with('+')) else { return Ok(by_hand()) };
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("PhoneNumber", sender).finish();
    let mut call = twilio::call(at.account, Method::GET, "/IncomingPhoneNumbers.json")?;
    call.url.set_query(Some(&query));
    let numbers = at.call(call).await?;
    let Some(sid) = json::text(&numbers, "/incoming_phone_numbers/0/sid") else { return Ok(by_hand()) };
    let call = twilio::call(at.account, Method::POST, &format!("/IncomingPhoneNumbers/{sid}.json"))?;
    at.call(call.form([("SmsUrl", at.url), ("SmsMethod", "POST")])).await?;
    Ok(Registration::done(Vec::new()))
}

/// The account's own addresses, of which it has one each. <https://developer.vonage.com/account/code-snippets/configure-account>
pub(super) async fn vonage(at: At<'_>) -> Result<Registration, Failure> {
    let call = Call::to(at.account, Method::POST, "https://rest.nexmo.com", "/account/settings")?;
    let call = call.basic(at.account.require("apiKey")?, at.account.require("apiSecret")?)?;
    at.call(call.form([("moCallBackUrl", at.url), ("drCallBackUrl", at.url)])).await?;
    Ok(Registration::done(Vec::new()))
}
