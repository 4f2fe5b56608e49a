//! `PATCH /api/organization`: changes the organization's settings; what is left out stays.

use domain::phone::Country;
use store::organizations::{self, Settings};
use web::prelude::*;

use super::{InboundView, OrganizationView};
use crate::text;

/// The row.
pub fn row() -> Row {
    Row::patch("organization-update", "/api/organization", handle)
        .summary("Change the organization's settings")
        .tag("Organization")
        .access(Role::Admin, Scope::OrganizationWrite)
        .grants(&[Grant::Table])
        .errors(&["name_invalid", "country_invalid", "timezone_invalid", "words_invalid", "reply_too_long"])
}

/// What to change.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateOrganization {
    /// As its people call it.
    #[schemars(extend("examples" = ["Sunrise School"]))]
    name: Option<String>,
    /// ISO 3166-1 alpha-2: the country of phone numbers in local form; null for none. Contacts keep their numbers.
    #[serde(default)]
    #[schemars(extend("examples" = ["KE"]))]
    default_country: Patch<String>,
    /// IANA name: where its days begin.
    #[schemars(extend("examples" = ["Africa/Nairobi"]))]
    timezone: Option<String>,
    /// What happens when people write to it; replaced as a whole.
    inbound: Option<InboundView>,
    /// Whether its SMS have look-alike characters replaced, unless the message or its provider config says.
    smart: Option<bool>,
}

async fn handle(cx: Cx, body: Json<UpdateOrganization>) -> Result<Success<OrganizationView>> {
    let body = body.read()?;
    let old = organizations::get(&cx.app.table, cx.org()).await?;
    let name = body.name.map_or(Ok(old.name), |name| text::name(&name, "/name"))?;
    let country = match body.default_country {
        Patch::Keep => old.default_country,
        Patch::Clear => Country::NONE,
        Patch::Set(text) => super::country(&text, "/defaultCountry")?,
    };
    let timezone = body.timezone.map_or(Ok(old.timezone), |text| super::timezone(&text, "/timezone"))?;
    let inbound = body.inbound.map_or(Ok(old.inbound), InboundView::check)?;
    let smart = body.smart.unwrap_or(old.smart);
    let settings = Settings { name, default_country: country, timezone, inbound, smart };
    let new = organizations::update(&cx.app.table, cx.org(), &settings, cx.now()).await?;
    Ok(Success(OrganizationView::from(&new)))
}
