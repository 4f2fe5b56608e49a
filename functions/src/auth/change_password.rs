//! `POST /api/auth/change-password`: another password. All other sessions of the person end.

use store::{sessions, users};
use web::{auth::Actor, prelude::*};

use super::{limits::Attempt, passwords};

/// The row.
pub fn row() -> Row {
    Row::post("auth-change-password", "/api/auth/change-password", handle)
        .summary("Change my password")
        .tag("Auth")
        .person(Role::Viewer)
        .grants(&[Grant::Table])
        .errors(&["429 rate_limited", "password_wrong", "password_weak"])
        .limits(512, 29)
}

/// The old and the new password.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangePassword {
    /// To be sure that it is you.
    #[schemars(extend("examples" = ["correct horse battery"]))]
    old_password: String,
    /// At least eight characters.
    #[schemars(extend("examples" = ["battery horse correct"]))]
    new_password: String,
}

async fn handle(cx: Cx, body: Json<ChangePassword>) -> Result<NoContent> {
    let table = &cx.app.table;
    let id = cx.user()?;
    let body = body.read()?;
    passwords::check(&body.new_password, "/newPassword")?;
    let user = users::get(table, id).await?.ok_or_else(|| Error::not_found("user", id))?;
    let attempt = Attempt::password(&cx, &user.email).await?;
    if !passwords::verify(body.old_password, Some(user.password_hash.clone())).await? {
        return Err(Error::invalid("/oldPassword", "password_wrong", "This is not the password."));
    }
    attempt.good(&cx).await?;
    let hash = passwords::hash(body.new_password).await?;
    if !users::set_password(table, id, &user.password_hash, &hash, cx.now()).await? {
        return Err(Error::conflict("changed_meanwhile", "The password was changed by another request."));
    }
    let keep = match cx.principal().actor {
        Actor::User { session, .. } => Some(session),
        Actor::ApiKey(_) => None,
    };
    sessions::delete_others(table, id, keep).await?;
    Ok(NoContent)
}
