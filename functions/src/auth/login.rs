//! `POST /api/auth/login`: signs a person in. Neither the answer nor its time says whether an account exists.

use store::users;
use web::prelude::*;

use super::{SignedIn, cookie, limits::Attempt, passwords, place, sign_in};

/// The row.
pub fn row() -> Row {
    Row::post("auth-login", "/api/auth/login", handle)
        .summary("Sign in")
        .description(cookie::ABOUT)
        .tag("Auth")
        .public()
        .grants(&[Grant::Table, Grant::SigningSecret])
        .errors(&["401 credentials_invalid", "429 rate_limited"])
        .limits(512, 29)
}

/// Who signs in.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Login {
    /// In any case.
    #[schemars(extend("examples" = ["amina@example.org"]))]
    email: String,
    /// The password.
    #[schemars(extend("examples" = ["correct horse battery"]))]
    password: String,
}

async fn handle(cx: Cx, body: Json<Login>) -> Result<WithCookie<Success<SignedIn>>> {
    let table = &cx.app.table;
    let body = body.read()?;
    let email = body.email.trim().to_lowercase();
    let attempt = Attempt::sign_in(&cx, &email).await?;
    // An address longer than any account's is nobody's (and no key).
    let owner = if email.len() <= 254 && !email.is_empty() { users::by_email(table, &email).await? } else { None };
    let user = match owner {
        Some(owner) => users::get(table, owner.user_id).await?,
        None => None,
    };
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let good = passwords::verify(body.password, hash).await?;
    let (Some(owner), Some(user), true) = (owner, user, good) else { return Err(invalid()) };
    if place(&cx, owner.org_id, user.id).await?.is_none() {
        return Err(invalid());
    }
    attempt.good(&cx).await?;
    sign_in(&cx, owner.org_id, user.id, Success).await
}

fn invalid() -> Error {
    Error::Unauthenticated { code: "credentials_invalid", detail: "E-mail address or password is wrong.".into() }
}
