//! The settings that every kind of e-mail config has, beside those of its own kind in the same object.

use domain::Violation;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use url::{Host, Url};

use crate::validate;

/// The settings of e-mail.
#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EmailSettings {
    /// Where answers go; the sender without it.
    pub reply_to: Option<String>,
    /// Whether mails carry a link by which people unsubscribe.
    pub unsubscribe_link: bool,
    /// The host of links to us instead of `DUNDUN_PUBLIC_URL`'s. The engine makes the links.
    pub tracking_domain: Option<String>,
    /// Whether the provider notices that pictures were loaded; as the account says without it.
    pub track_opens: Option<bool>,
    /// Whether it notices that links were followed.
    pub track_clicks: Option<bool>,
    /// How mails look.
    pub branding: Branding,
}

/// How mails look.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Branding {
    /// A picture above the text.
    pub logo_url: Option<String>,
    /// Of links and of the line below the logo: `#1d4ed8`.
    pub color: Option<String>,
    /// Around the text.
    pub background_color: Option<String>,
    /// A line below the text.
    pub footer: Option<String>,
    /// Whom mails are from, by post: the law of many countries wants it.
    pub postal_address: Option<String>,
}

impl Default for EmailSettings {
    fn default() -> Self {
        Self {
            reply_to: None,
            unsubscribe_link: true,
            tracking_domain: None,
            track_opens: None,
            track_clicks: None,
            branding: Branding::default(),
        }
    }
}

/// The names of [`EmailSettings`].
const NAMES: [&str; 6] = ["replyTo", "unsubscribeLink", "trackingDomain", "trackOpens", "trackClicks", "branding"];
/// The most characters of a line of the footer.
const LONGEST: usize = 500;

/// Reads settings: those of every e-mail config, and those of its kind.
pub(super) fn read<T: DeserializeOwned>(value: &Value) -> Result<(EmailSettings, T), Violation> {
    let (mut common, mut own) = (Map::new(), Map::new());
    match value {
        Value::Null => {}
        Value::Object(all) => {
            for (name, value) in all {
                let part = if NAMES.contains(&name.as_str()) { &mut common } else { &mut own };
                part.insert(name.clone(), value.clone());
            }
        }
        _ => return Err(Violation::new("/settings", "invalid", "expected an object")),
    }
    Ok((validate::settings(&Value::Object(common))?, validate::settings(&Value::Object(own))?))
}

impl EmailSettings {
    /// What is wrong with the values.
    pub fn check(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        let mut add = |pointer: &str, code, detail: &str| {
            found.push(Violation::new(format!("/settings/{pointer}"), code, detail.to_owned()));
        };
        if self.reply_to.as_deref().is_some_and(|text| super::mailbox(text, "").is_err()) {
            add("replyTo", "email_invalid", "expected an address: hello@acme.example, or Acme <hello@acme.example>");
        }
        if self.tracking_domain.as_deref().is_some_and(|name| !is_host_name(name)) {
            add("trackingDomain", "pattern_mismatch", "expected the name of a host, such as links.acme.example");
        }
        let look = &self.branding;
        let is_https = |text: &str| Url::parse(text).is_ok_and(|url| url.scheme() == "https");
        if look.logo_url.as_deref().is_some_and(|text| !is_https(text)) {
            add("branding/logoUrl", "url_invalid", "expected an https address of a picture");
        }
        for (name, color) in [("color", &look.color), ("backgroundColor", &look.background_color)] {
            if color.as_deref().is_some_and(|color| !is_color(color)) {
                add(&format!("branding/{name}"), "pattern_mismatch", "expected a colour such as #1d4ed8");
            }
        }
        for (name, line) in [("footer", &look.footer), ("postalAddress", &look.postal_address)] {
            if line.as_deref().is_some_and(|line| line.chars().count() > LONGEST) {
                add(&format!("branding/{name}"), "too_long", "at most 500 characters");
            }
        }
        found
    }
}

fn is_host_name(name: &str) -> bool {
    name.contains('.') && matches!(Host::parse(name), Ok(Host::Domain(host)) if host.eq_ignore_ascii_case(name))
}

fn is_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    matches!(digits.len(), 3 | 6) && digits.chars().all(|digit| digit.is_ascii_hexdigit())
}
