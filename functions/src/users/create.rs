//! `POST /api/users`: invites a person. The answer has a link that works once, within seven days.
//!
//! Whether the address belongs to someone in another organization shows nowhere here: only who follows the link
//! learns it.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use store::users::{self, Member};
use web::prelude::*;

use super::{UserView, owners_only};
use crate::text;

/// How long an invite holds.
const INVITE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The row.
pub fn row() -> Row {
    Row::post("users-create", "/api/users", handle)
        .summary("Invite a user")
        .description(
            "`inviteUrl` works once, for seven days, and is shown once: a repeated request (same `Idempotency-Key`) \
             shows null. Pass it on; nothing is e-mailed.",
        )
        .tag("Users")
        .access(Role::Admin, Scope::UsersWrite)
        .idempotent()
        .grants(&[Grant::Table])
        .errors(&["409 user_exists", "name_invalid", "email_invalid"])
}

/// Whom to invite.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateUser {
    /// What they will sign in with.
    #[schemars(extend("examples" = ["juma@example.org"]))]
    email: String,
    /// As you call them; they may change it.
    #[schemars(extend("examples" = ["Juma"]))]
    name: String,
    /// What they may do.
    #[serde(default = "member")]
    role: Role,
}

fn member() -> Role {
    Role::Member
}

/// An invited person with the link.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct InvitedUser {
    #[serde(flatten)]
    user: UserView,
    /// The link. Null when the answer is repeated.
    #[schemars(extend("examples" = ["https://example.org/accept-invite#token=…"]))]
    invite_url: Option<String>,
}

async fn handle(cx: Cx, body: Json<CreateUser>) -> Result<Created<InvitedUser>> {
    let body = body.read()?;
    owners_only(&cx, &[body.role])?;
    let email = text::email(&body.email, "/email")?;
    let name = text::name(&body.name, "/name")?;
    let mut after = None;
    loop {
        let page = users::members(&cx.app.table, cx.org(), after, 100).await?;
        if page.rows.iter().any(|member| member.email == email) {
            return Err(Error::conflict("user_exists", "There is a user with this address in the organization."));
        }
        match page.next {
            None => break,
            next => after = next,
        }
    }

    let token = BASE64_URL_SAFE_NO_PAD.encode(cx.app.random.bytes::<32>());
    let (at, bits) = cx.repeatable("user");
    let member = Member {
        user_id: id::UserId::new(at, bits),
        email,
        name,
        role: body.role,
        invited: true,
        created_at: cx.now(),
        updated_at: cx.now(),
    };
    let mut writes = users::invite(&cx.app.table, cx.org(), &member, &store::keys::hash(&token), cx.now() + INVITE)?;
    writes.extend(cx.reply_record(201, &InvitedUser { user: UserView::from(&member), invite_url: None })?);
    cx.app.table.transact(writes).await?;
    // Behind `#`, so that the token is sent to no server and kept in no log.
    let invite_url = format!("{}/accept-invite#token={token}", cx.app.settings.public_url);
    Ok(Created(InvitedUser { user: UserView::from(&member), invite_url: Some(invite_url) }))
}
