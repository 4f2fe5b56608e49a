//! `POST /api/auth/refresh`: another pair of tokens for a session. A refresh token is good once: one that comes back
//! was copied, so it ends the session for whoever holds the others.

use store::sessions;
use web::prelude::*;

use super::{SignedIn, answer, cookie, tokens};

/// The row.
pub fn row() -> Row {
    Row::post("auth-refresh", "/api/auth/refresh", handle)
        .summary("Refresh the tokens")
        .description(
            "With `X-Session: cookie` the refresh token comes and goes in an HttpOnly cookie; the body is not read.",
        )
        .tag("Auth")
        .public()
        .grants(&[Grant::Table, Grant::SigningSecret])
        .errors(&["401 refresh_invalid", "401 refresh_reused"])
}

/// The token to exchange.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Refresh {
    /// The newest one.
    #[schemars(extend("examples" = ["rt_…"]))]
    refresh_token: String,
}

async fn handle(cx: Cx, body: Json<Refresh>) -> Result<WithCookie<Success<SignedIn>>> {
    let table = &cx.app.table;
    let token = if cookie::wanted(&cx) { cookie::given(&cx).ok_or_else(invalid)? } else { body.read()?.refresh_token };
    let (user, id) = tokens::named(&token).ok_or_else(invalid)?;
    let session = sessions::get(table, user, id, cx.now()).await?.ok_or_else(invalid)?;
    let next = tokens::refresh(&cx.app, user, id);
    let rotated = tokens::is_newest(&session, &token)
        && sessions::rotate(table, &session, &store::keys::hash(&next), cx.now() + tokens::SESSION).await?;
    if !rotated {
        sessions::delete(table, user, id).await?;
        tracing::warn!(session = %id, "refresh token reused, session ended");
        let detail = "This refresh token was used before. The session has ended; sign in again.".into();
        return Err(Error::Unauthenticated { code: "refresh_reused", detail });
    }
    answer(&cx, &session, next, Success).await?.ok_or_else(invalid)
}

fn invalid() -> Error {
    Error::Unauthenticated { code: "refresh_invalid", detail: "The refresh token does not hold. Sign in again.".into() }
}
