//! Signing in: organizations register, people sign in, tokens are refreshed and ended.

mod accept_invite;
pub mod accounts;
mod change_password;
mod cookie;
mod limits;
mod login;
mod logout;
mod me;
mod passwords;
mod refresh;
mod register;
pub mod tokens;
mod update_me;

use domain::{
    Error, Result,
    id::{OrgId, UserId},
};
use schemars::JsonSchema;
use serde::Serialize;
use store::{
    organizations::{self, Organization},
    sessions::{self, Session},
    users::{self, Member},
};
use web::{Cx, reply::WithCookie};

use crate::{organization::OrganizationView, users::UserView};

web::rows! { register, login, refresh, logout, me, update_me, change_password, accept_invite }

/// What signing in answers.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SignedIn {
    /// For `Authorization: Bearer`.
    #[schemars(extend("examples" = ["eyJhbGciOiJFZERTQSJ9…"]))]
    access_token: String,
    /// For `POST /api/auth/refresh`; good once. Null where it went into a cookie.
    #[schemars(extend("examples" = ["rt_…"]))]
    refresh_token: Option<String>,
    /// How long the access token holds, in seconds.
    #[schemars(extend("examples" = [900]))]
    expires_in: i64,
    /// Who signed in.
    user: UserView,
    /// Where.
    organization: OrganizationView,
}

/// Who asks, and in which organization.
#[derive(Serialize, JsonSchema)]
struct Me {
    /// The person.
    user: UserView,
    /// Their organization.
    organization: OrganizationView,
}

/// A person's place and organization; `None` if they were removed.
async fn place(cx: &Cx, org: OrgId, user: UserId) -> Result<Option<(Member, Organization)>> {
    let table = &cx.app.table;
    let organization = async {
        match organizations::get(table, org).await {
            Ok(organization) => Ok(Some(organization)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    };
    let (member, organization) = futures::try_join!(users::member(table, org, user), organization)?;
    Ok(member.zip(organization))
}

/// Signs a person in: a session, its tokens, and who and where they are. `reply` is the type of the answer.
async fn sign_in<R>(cx: &Cx, org: OrgId, user: UserId, reply: fn(SignedIn) -> R) -> Result<WithCookie<R>> {
    let (session, refresh_token) = tokens::begin(&cx.app, org, user);
    sessions::create(&cx.app.table, &session).await?;
    answer(cx, &session, refresh_token, reply).await?.ok_or_else(|| Error::not_found("user", user))
}

/// What a session answers with; `None` if the person was removed. A browser that asks for it gets the refresh token as
/// a cookie and not in the body, where scripts could read it.
async fn answer<R>(
    cx: &Cx,
    session: &Session,
    refresh_token: String,
    reply: fn(SignedIn) -> R,
) -> Result<Option<WithCookie<R>>> {
    let Some((member, organization)) = place(cx, session.org_id, session.user_id).await? else { return Ok(None) };
    let (access_token, expires_in) = tokens::access(&cx.app, session).await?;
    let (cookie, refresh_token) =
        if cookie::wanted(cx) { (Some(cookie::keep(cx, &refresh_token)), None) } else { (None, Some(refresh_token)) };
    let signed_in = SignedIn {
        access_token,
        refresh_token,
        expires_in,
        user: UserView::from(&member),
        organization: OrganizationView::from(&organization),
    };
    Ok(Some(WithCookie { reply: reply(signed_in), cookie }))
}

async fn me_view(cx: &Cx) -> Result<Me> {
    let user = cx.user()?;
    let (member, organization) = place(cx, cx.org(), user).await?.ok_or_else(|| Error::not_found("user", user))?;
    Ok(Me { user: UserView::from(&member), organization: OrganizationView::from(&organization) })
}
