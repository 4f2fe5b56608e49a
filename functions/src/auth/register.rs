//! `POST /api/auth/register`: makes an organization and its first owner, and signs them in.
//!
//! Where registration is closed (`DUNDUN_REGISTRATION=invite`) the setup token of the deployment opens it once.

use domain::phone::Country;
use engine::app::Registration;
use web::{prelude::*, signing::Signing};

use super::{SignedIn, accounts, limits, passwords, sign_in};
use crate::{organization, text};

/// The row.
pub fn row() -> Row {
    Row::post("auth-register", "/api/auth/register", handle)
        .summary("Register an organization")
        .description(
            "Where registration is closed, `setupToken` opens it once, for the first owner. With `X-Session: cookie` the \
             refresh token is in an HttpOnly cookie instead of the body.",
        )
        .tag("Auth")
        .public()
        .grants(&[Grant::Table, Grant::SigningSecret])
        .errors(&[
            "403 registration_closed",
            "409 email_taken",
            "429 rate_limited",
            "name_invalid",
            "email_invalid",
            "password_weak",
            "country_invalid",
            "timezone_invalid",
        ])
        .limits(512, 29)
}

/// Who registers.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Register {
    /// The organization's name.
    #[schemars(extend("examples" = ["Sunrise School"]))]
    organization_name: String,
    /// The owner's name.
    #[schemars(extend("examples" = ["Amina"]))]
    name: String,
    /// What the owner signs in with.
    #[schemars(extend("examples" = ["amina@example.org"]))]
    email: String,
    /// At least eight characters.
    #[schemars(extend("examples" = ["correct horse battery"]))]
    password: String,
    /// ISO 3166-1 alpha-2: the country of phone numbers in local form. Without one, only international form is taken.
    #[schemars(extend("examples" = ["KE"]))]
    default_country: Option<String>,
    /// IANA name: where days begin. UTC if left out.
    #[schemars(extend("examples" = ["Africa/Nairobi"]))]
    timezone: Option<String>,
    /// Of the deployment, where registration is closed.
    #[schemars(extend("examples" = [null]))]
    setup_token: Option<String>,
}

async fn handle(cx: Cx, body: Json<Register>) -> Result<WithCookie<Created<SignedIn>>> {
    let app = &cx.app;
    let body = body.read()?;
    let mut more = Vec::new();
    if app.settings.registration == Registration::Invite {
        let token = body.setup_token.as_deref().unwrap_or_default();
        if !Signing::read(app).await?.is_setup_token(token) {
            return Err(closed());
        }
        more.push(store::users::use_setup_token(&app.table, token, cx.now())?);
    }
    limits::may_register(&cx).await?;
    passwords::check(&body.password, "/password")?;
    let new = accounts::NewOrganization {
        organization: text::name(&body.organization_name, "/organizationName")?,
        default_country: match body.default_country {
            None => Country::NONE,
            Some(text) => organization::country(&text, "/defaultCountry")?,
        },
        timezone: organization::timezone(body.timezone.as_deref().unwrap_or("UTC"), "/timezone")?,
        name: text::name(&body.name, "/name")?,
        email: text::email(&body.email, "/email")?,
        password: body.password,
    };
    let (organization, user) = match accounts::create(app, new, more).await {
        Ok(created) => created,
        Err(Error::Conflict { code: "email_taken", .. }) => {
            limits::probed(&cx).await?;
            return Err(accounts::email_taken());
        }
        Err(Error::Conflict { .. }) => return Err(closed()),
        Err(error) => return Err(error),
    };
    sign_in(&cx, organization.id, user.id, Created).await
}

fn closed() -> Error {
    Error::Forbidden { code: "registration_closed", detail: "Registration is by invitation here.".into() }
}
