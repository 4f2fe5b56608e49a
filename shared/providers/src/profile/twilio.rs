//! The profile of a WhatsApp sender at Twilio. <https://www.twilio.com/docs/whatsapp/api/senders>
//!
//! Not verified against the live provider: whether a profile may be changed in parts; so it is read, and sent whole.

use domain::delivery::ErrorClass as E;
use futures::future::BoxFuture;
use http::Method;
use serde_json::{Value, json};

use super::{Profile, Profiles, set};
use crate::{
    json,
    outbound::{Call, Outbound},
    provider::{Account, Failure},
    request, twilio,
};

/// Twilio's API.
pub(super) struct Twilio;

/// A call below the senders.
pub(crate) fn call(account: &Account, method: Method, path: &str) -> Result<Call, Failure> {
    let path = format!("/v2/Channels/Senders{path}");
    twilio::signed(account, Call::to(account, method, "https://messaging.twilio.com", &path)?)
}

/// The config's sender; `None` where it is a messaging service, or not in the account.
pub(crate) async fn sender(account: &Account, outbound: &Outbound) -> Result<Option<Value>, Failure> {
    let Some(own) = account.sender().map(|sender| sender.trim_start_matches("whatsapp:")) else { return Ok(None) };
    let list = call(account, Method::GET, "?Channel=whatsapp&PageSize=100")?;
    let page: Value = request::ask(account, outbound, list, twilio::known).await?;
    let is_own =
        |one: &&Value| json::text(one, "/sender_id").is_some_and(|id| id.trim_start_matches("whatsapp:") == own);
    Ok(json::list(&page, "/senders").iter().find(is_own).cloned())
}

/// The sender with its id and all that is known of it.
async fn whole(account: &Account, outbound: &Outbound) -> Result<(String, Value), Failure> {
    let sid = sender(account, outbound).await?.and_then(|sender| json::text(&sender, "/sid"));
    let missing =
        || Failure::new(E::BadSender, "the account has no WhatsApp sender with the config's `senderId`", String::new());
    let sid = sid.ok_or_else(missing)?;
    let path = format!("/{sid}");
    let page = request::ask(account, outbound, call(account, Method::GET, &path)?, twilio::known).await?;
    Ok((sid, page))
}

impl Profiles for Twilio {
    fn get<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> BoxFuture<'a, Result<Profile, Failure>> {
        Box::pin(async move {
            let (_, page) = whole(account, outbound).await?;
            let of = |field: &str| json::text(&page, &format!("/profile/{field}"));
            let websites = json::list(&page, "/profile/websites").iter();
            Ok(Profile {
                display_name: of("name"),
                about: of("about"),
                address: of("address"),
                description: of("description"),
                email: of("emails/0/email"),
                websites: Some(websites.filter_map(|one| json::text(one, "/website")).collect()),
                category: of("vertical"),
                picture_url: of("logo_url"),
            })
        })
    }

    fn put<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        change: &'a Profile,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let (sid, page) = whole(account, outbound).await?;
            let mut profile =
                page.get("profile").filter(|profile| profile.is_object()).cloned().unwrap_or_else(|| json!({}));
            let fields = [
                ("about", &change.about),
                ("address", &change.address),
                ("description", &change.description),
                ("vertical", &change.category),
                ("logo_url", &change.picture_url),
            ];
            set(&mut profile, &fields);
            if let Some(email) = &change.email {
                profile["emails"] = json!([{ "email": email, "label": "Email" }]);
            }
            if let Some(websites) = &change.websites {
                profile["websites"] =
                    websites.iter().map(|site| json!({ "website": site, "label": "Website" })).collect();
            }
            let call = call(account, Method::POST, &format!("/{sid}"))?.json(&json!({ "profile": profile }));
            // It answers 202 with what it is about to do.
            let answer = request::answered(outbound, call).await?;
            if answer.is_success() { Ok(()) } else { Err(request::failure(account, &answer, twilio::known(&answer))) }
        })
    }
}
