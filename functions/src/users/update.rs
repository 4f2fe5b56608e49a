//! `PATCH /api/users/{id}`: changes a person's role or name. The last owner stays one.

use store::users;
use web::prelude::*;

use super::{UserView, find, owners_only};
use crate::text;

/// The row.
pub fn row() -> Row {
    Row::patch("users-update", "/api/users/{id}", handle)
        .summary("Change a user")
        .tag("Users")
        .access(Role::Admin, Scope::UsersWrite)
        .grants(&[Grant::Table])
        .errors(&["409 last_owner", "409 user_invited", "name_invalid"])
}

/// What to change.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateUser {
    /// What they may do. Counts from their next request on.
    role: Option<Role>,
    /// As they are called.
    #[schemars(extend("examples" = ["Juma"]))]
    name: Option<String>,
}

async fn handle(cx: Cx, Path(id): Path<id::UserId>, body: Json<UpdateUser>) -> Result<Success<UserView>> {
    let table = &cx.app.table;
    let member = find(&cx, id).await?;
    owners_only(&cx, &[member.role])?;
    let body = body.read()?;
    let name = body.name.map(|name| text::name(&name, "/name")).transpose()?;
    if let Some(role) = body.role.filter(|role| *role != member.role) {
        owners_only(&cx, &[role])?;
        users::set_role(table, cx.org(), &member, role, cx.now()).await?;
    }
    if let Some(name) = name {
        if member.invited {
            return Err(Error::conflict("user_invited", "They choose their name when they accept."));
        }
        users::rename(table, cx.org(), id, &name, cx.now()).await?;
    }
    Ok(Success(UserView::from(&find(&cx, id).await?)))
}
