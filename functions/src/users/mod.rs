//! The people of an organization, and their roles.

use domain::{Error, Result, access::Role, id::UserId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::users::Member;
use web::Cx;

mod create;
mod delete;
mod list;
mod update;

web::rows! { list, create, update, delete }

/// A person of an organization, as clients see them.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserView {
    /// Their id.
    id: UserId,
    /// What they sign in with.
    #[schemars(extend("examples" = ["amina@example.org"]))]
    email: String,
    /// As they want to be called.
    #[schemars(extend("examples" = ["Amina"]))]
    name: String,
    /// What they may do.
    role: Role,
    /// Whether they have accepted their invite.
    status: UserStatus,
    /// When they joined or were invited.
    created_at: Timestamp,
    /// When something of this was last changed.
    updated_at: Timestamp,
}

/// Whether a person has accepted their invite.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
enum UserStatus {
    /// Signs in.
    Active,
    /// Has a link, and has not yet used it.
    Invited,
}

impl From<&Member> for UserView {
    fn from(member: &Member) -> Self {
        Self {
            id: member.user_id,
            email: member.email.clone(),
            name: member.name.clone(),
            role: member.role,
            status: if member.invited { UserStatus::Invited } else { UserStatus::Active },
            created_at: member.created_at,
            updated_at: member.updated_at,
        }
    }
}

/// The person with this id in the organization of the token.
async fn find(cx: &Cx, id: UserId) -> Result<Member> {
    store::users::member(&cx.app.table, cx.org(), id).await?.ok_or_else(|| Error::not_found("user", id))
}

/// Owners are touched by owners only: an admin can neither make, change nor remove one.
fn owners_only(cx: &Cx, touched: &[Role]) -> Result<()> {
    if touched.contains(&Role::Owner) && cx.principal().role < Role::Owner {
        return Err(Error::Forbidden {
            code: "role_too_small",
            detail: "Only an owner can do this to an owner.".into(),
        });
    }
    Ok(())
}
