//! The organization of the token, and its settings.

use domain::{
    id::OrgId,
    keywords::{MAX_WORDS, OwnWords},
    phone::Country,
    suppression::StopScope,
    text::MAX_BODY,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::organizations::{InboundSettings, Organization};

mod get;
mod update;

web::rows! { get, update }

/// An organization, as clients see it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrganizationView {
    /// Its id.
    id: OrgId,
    /// As its people call it.
    #[schemars(extend("examples" = ["Sunrise School"]))]
    name: String,
    /// ISO 3166-1 alpha-2: the country of phone numbers in local form. Null until someone says: then only numbers in
    /// international form are taken.
    default_country: Option<Country>,
    /// IANA name: where its days begin.
    #[schemars(extend("examples" = ["Africa/Nairobi"]))]
    timezone: String,
    /// What happens when people write to it.
    inbound: InboundView,
    /// Whether its SMS have curly quotes, dashes and the like replaced where that keeps them in the GSM alphabet, unless the
    /// message or its provider config says.
    smart: bool,
    /// When it was registered.
    created_at: Timestamp,
    /// When its settings were last changed.
    updated_at: Timestamp,
}

impl From<&Organization> for OrganizationView {
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization.id,
            name: organization.name.clone(),
            default_country: Some(organization.default_country).filter(|country| *country != Country::NONE),
            timezone: organization.timezone.clone(),
            inbound: InboundView::from(organization.inbound.clone()),
            smart: organization.smart,
            created_at: organization.created_at,
            updated_at: organization.updated_at,
        }
    }
}

/// What happens when people write to the organization. What is left out of a change becomes what it is at first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "InboundSettings")]
pub(crate) struct InboundView {
    /// Words of its own for opting out, in any language. `STOP`, `STOPALL`, `UNSUBSCRIBE`, `CANCEL`, `END`, `QUIT`,
    /// `OPTOUT` and `REVOKE` always hold. Case, accents and punctuation do not matter; the whole message must be the word.
    #[schemars(extend("examples" = [["ACHA", "ARRET"]]))]
    stop_words: Vec<String>,
    /// Words of its own for opting in again, beside `START` and `UNSTOP`.
    #[schemars(extend("examples" = [["ANZA"]]))]
    start_words: Vec<String>,
    /// Words of its own for help, beside `HELP`.
    #[schemars(extend("examples" = [["MSAADA"]]))]
    help_words: Vec<String>,
    /// Words of its own for confirming that one wants to be in a group, beside `YES`. They mean something only to who was asked.
    #[schemars(extend("examples" = [["NDIYO"]]))]
    yes_words: Vec<String>,
    /// Whether an opt-out holds for the channel it came by (at first), or for all.
    stop_scope: StopScope,
    /// What is answered to `HELP`: who writes, and how to stop it. Null: nothing.
    #[schemars(extend("examples" = ["Sunrise School, +254 712 345678. Text STOP to get no more messages."]))]
    help_reply: Option<String>,
    /// What is answered to an opt-out: the one message that they still get. Null: nothing. Where the provider or the network
    /// answers by itself, leave it so.
    #[schemars(extend("examples" = ["You get no more messages of Sunrise School. Text START to get them again."]))]
    stop_reply: Option<String>,
    /// What is answered to an opt-in. Null: nothing.
    #[schemars(extend("examples" = ["Welcome back."]))]
    start_reply: Option<String>,
    /// What is answered to who confirms that they want to be in a group. Null: nothing.
    #[schemars(extend("examples" = ["Thank you, you are on our list."]))]
    confirm_reply: Option<String>,
}

impl From<InboundSettings> for InboundView {
    fn from(settings: InboundSettings) -> Self {
        let InboundSettings { words, stop_scope, help_reply, stop_reply, start_reply, confirm_reply } = settings;
        let OwnWords { stop: stop_words, start: start_words, help: help_words, yes: yes_words } = words;
        Self {
            stop_words,
            start_words,
            help_words,
            yes_words,
            stop_scope,
            help_reply,
            stop_reply,
            start_reply,
            confirm_reply,
        }
    }
}

impl InboundView {
    /// 422 `words_invalid`, `reply_too_long`.
    fn check(self) -> domain::Result<InboundSettings> {
        let words = OwnWords {
            stop: words(&self.stop_words, "/inbound/stopWords")?,
            start: words(&self.start_words, "/inbound/startWords")?,
            help: words(&self.help_words, "/inbound/helpWords")?,
            yes: words(&self.yes_words, "/inbound/yesWords")?,
        };
        Ok(InboundSettings {
            words,
            stop_scope: self.stop_scope,
            help_reply: reply(self.help_reply, "/inbound/helpReply")?,
            stop_reply: reply(self.stop_reply, "/inbound/stopReply")?,
            start_reply: reply(self.start_reply, "/inbound/startReply")?,
            confirm_reply: reply(self.confirm_reply, "/inbound/confirmReply")?,
        })
    }
}

fn reply(given: Option<String>, pointer: &str) -> domain::Result<Option<String>> {
    let text = given.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > MAX_BODY) {
        let detail = format!("Expected at most {MAX_BODY} characters.");
        return Err(domain::Error::invalid(pointer, "reply_too_long", detail));
    }
    Ok(text)
}

fn words(given: &[String], pointer: &str) -> domain::Result<Vec<String>> {
    let (most, longest) = MAX_WORDS;
    let words: Vec<String> = given.iter().map(|word| word.trim().to_owned()).collect();
    let fits = |word: &String| word.chars().any(char::is_alphanumeric) && word.chars().count() <= longest;
    if words.len() <= most && words.iter().all(fits) {
        return Ok(words);
    }
    let detail = format!("Expected at most {most} words of 1 to {longest} characters.");
    Err(domain::Error::invalid(pointer, "words_invalid", detail))
}

/// A country as clients write it. 422 `country_invalid`.
pub(crate) fn country(text: &str, pointer: &str) -> domain::Result<Country> {
    text.parse().map_err(|_| {
        domain::Error::invalid(pointer, "country_invalid", "Expected an ISO 3166-1 alpha-2 code, such as KE.")
    })
}

/// A time zone as clients write it. 422 `timezone_invalid`.
pub(crate) fn timezone(text: &str, pointer: &str) -> domain::Result<String> {
    // The name goes back as the database spells it.
    let zone = jiff::tz::TimeZone::get(text.trim()).ok().filter(|_| !text.trim().is_empty());
    zone.as_ref().and_then(|zone| zone.iana_name()).map(str::to_owned).ok_or_else(|| {
        domain::Error::invalid(pointer, "timezone_invalid", "Expected an IANA name, such as Africa/Nairobi.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_by_their_iana_name() {
        assert_eq!(timezone("africa/nairobi", "/timezone").unwrap(), "Africa/Nairobi");
        assert_eq!(timezone("UTC", "/timezone").unwrap(), "UTC");
        for wrong in ["", "Nairobi", "+03:00"] {
            assert!(timezone(wrong, "/timezone").is_err(), "{wrong}");
        }
    }
}
