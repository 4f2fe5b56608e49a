//! Business profiles as clients see and change them.

use ::providers::profile::Profile;
use domain::{Error, Result, Violation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What people see of a WhatsApp number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BusinessProfile")]
pub(super) struct ProfileView {
    /// What the number is called.
    display_name: Option<String>,
    /// One line about the business.
    about: Option<String>,
    /// Where it is.
    address: Option<String>,
    /// What it does.
    description: Option<String>,
    /// Where it is written to.
    email: Option<String>,
    /// Its pages.
    websites: Vec<String>,
    /// What business it is, in Meta's words.
    #[schemars(extend("examples" = ["RETAIL"]))]
    category: Option<String>,
    /// Where its picture is; such an address may end.
    picture_url: Option<String>,
}

impl From<Profile> for ProfileView {
    fn from(profile: Profile) -> Self {
        Self {
            display_name: profile.display_name,
            about: profile.about,
            address: profile.address,
            description: profile.description,
            email: profile.email,
            websites: profile.websites.unwrap_or_default(),
            category: profile.category,
            picture_url: profile.picture_url,
        }
    }
}

/// What changes in a profile; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(rename = "UpdateBusinessProfile")]
pub(super) struct ProfileChange {
    /// As it is: WhatsApp checks a new one, in its own console.
    display_name: Option<String>,
    /// One line about the business, 1 to 139 characters.
    #[schemars(example = &"Bread since 1911")]
    about: Option<String>,
    /// Where it is, at most 256 characters.
    address: Option<String>,
    /// What it does, at most 512 characters.
    description: Option<String>,
    /// Where it is written to, at most 128 characters.
    email: Option<String>,
    /// Its pages, at most 2 of at most 256 characters.
    websites: Option<Vec<String>>,
    /// What business it is, in Meta's words.
    #[schemars(example = &"RETAIL")]
    category: Option<String>,
    /// The public address of its picture.
    picture_url: Option<String>,
}

/// The most pages.
const MAX_WEBSITES: usize = 2;

impl ProfileChange {
    /// Holds it to WhatsApp's bounds. Source:
    /// <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/business-profiles>.
    pub fn into_profile(self) -> Result<Profile> {
        let mut wrong = Vec::new();
        let mut add = |pointer: &str, code, detail: String| wrong.push(Violation::new(pointer, code, detail));
        if self.display_name.is_some() {
            add(
                "/displayName",
                "display_name_fixed",
                "WhatsApp checks a new name: change it in its own console.".into(),
            );
        }
        for (pointer, text, most) in [
            ("/about", &self.about, 139),
            ("/address", &self.address, 256),
            ("/description", &self.description, 512),
            ("/email", &self.email, 128),
            ("/category", &self.category, 64),
        ] {
            if text.as_ref().is_some_and(|text| text.chars().count() > most) {
                add(pointer, "too_long", format!("At most {most} characters."));
            }
        }
        let is_address =
            |text: &str| text.len() <= 2_000 && (text.starts_with("https://") || text.starts_with("http://"));
        if self.picture_url.as_deref().is_some_and(|url| !is_address(url)) {
            add("/pictureUrl", "url_invalid", "Expected an address such as https://example.com/logo.png.".into());
        }
        let websites = self.websites.as_deref().unwrap_or_default();
        if websites.len() > MAX_WEBSITES {
            add("/websites", "too_many", format!("At most {MAX_WEBSITES}."));
        }
        for (index, _) in websites.iter().enumerate().filter(|(_, site)| !is_address(site) || site.len() > 256) {
            add(&format!("/websites/{index}"), "url_invalid", "Expected an address of at most 256 characters.".into());
        }
        if !wrong.is_empty() {
            return Err(Error::Invalid(wrong));
        }
        Ok(Profile {
            display_name: None,
            about: self.about,
            address: self.address,
            description: self.description,
            email: self.email,
            websites: self.websites,
            category: self.category,
            picture_url: self.picture_url,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_held_to_its_bound() {
        let told = |change: ProfileChange| match change.into_profile() {
            Err(Error::Invalid(all)) => all.into_iter().map(|one| one.pointer).collect(),
            _ => Vec::new(),
        };
        assert!(told(ProfileChange { about: Some("Bread".into()), ..ProfileChange::default() }).is_empty());
        assert_eq!(told(ProfileChange { about: Some("x".repeat(140)), ..ProfileChange::default() }), ["/about"]);
        assert_eq!(
            told(ProfileChange { display_name: Some("x".into()), ..ProfileChange::default() }),
            ["/displayName"]
        );
        assert_eq!(
            told(ProfileChange { picture_url: Some("logo".into()), ..ProfileChange::default() }),
            ["/pictureUrl"]
        );
        let websites = Some(vec!["https://a.example".into(), "b".into(), "https://c.example".into()]);
        assert_eq!(told(ProfileChange { websites, ..ProfileChange::default() }), ["/websites", "/websites/1"]);
    }
}
