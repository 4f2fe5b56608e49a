//! `POST /api/auth/accept-invite`: turns an invite into an account, and signs its person in.

use store::users::{self, User};
use web::prelude::*;

use super::{SignedIn, accounts, cookie, passwords, sign_in};
use crate::text;

/// The row.
pub fn row() -> Row {
    Row::post("auth-accept-invite", "/api/auth/accept-invite", handle)
        .summary("Accept an invite")
        .description(cookie::ABOUT)
        .tag("Auth")
        .public()
        .grants(&[Grant::Table, Grant::SigningSecret])
        .errors(&["401 invite_invalid", "409 email_taken", "name_invalid", "password_weak"])
        .limits(512, 29)
}

/// The invite's token, and who accepts.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AcceptInvite {
    /// What is behind `#token=` in the link.
    #[schemars(extend("examples" = ["q1hEzS…"]))]
    token: String,
    /// As you want to be called.
    #[schemars(extend("examples" = ["Juma"]))]
    name: String,
    /// At least eight characters.
    #[schemars(extend("examples" = ["correct horse battery"]))]
    password: String,
}

async fn handle(cx: Cx, body: Json<AcceptInvite>) -> Result<WithCookie<Created<SignedIn>>> {
    let table = &cx.app.table;
    let body = body.read()?;
    let token_hash = store::keys::hash(&body.token);
    let invite = users::find_invite(table, &token_hash, cx.now()).await?.ok_or_else(invalid)?;
    let member = users::member(table, invite.org_id, invite.user_id).await?.ok_or_else(invalid)?;
    let name = text::name(&body.name, "/name")?;
    passwords::check(&body.password, "/password")?;
    let user = User {
        id: invite.user_id,
        email: member.email,
        name,
        password_hash: passwords::hash(body.password).await?,
        created_at: cx.now(),
        updated_at: cx.now(),
    };
    let writes = users::accept_invite(table, invite.org_id, &user, &token_hash)?;
    table.transact(writes).await.map_err(|cancelled| {
        // The invite first: whoever lost the race for it has the winner's address in the way too.
        if cancelled.failed(1) || cancelled.failed(3) {
            invalid()
        } else if cancelled.failed(0) {
            accounts::email_taken()
        } else {
            cancelled.into()
        }
    })?;
    sign_in(&cx, invite.org_id, user.id, Created).await
}

fn invalid() -> Error {
    Error::Unauthenticated { code: "invite_invalid", detail: "This invite was used, was withdrawn or is over.".into() }
}
