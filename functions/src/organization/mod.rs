//! The organization of the token, and its settings.

use domain::{id::OrgId, phone::Country};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::organizations::Organization;

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
            created_at: organization.created_at,
            updated_at: organization.updated_at,
        }
    }
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
