//! `PATCH /api/auth/me`: changes one's own name.

use store::users;
use web::prelude::*;

use super::{Me, me_view};
use crate::text;

/// The row.
pub fn row() -> Row {
    Row::patch("auth-update-me", "/api/auth/me", handle)
        .summary("Change my name")
        .tag("Auth")
        .person(Role::Viewer)
        .grants(&[Grant::Table])
        .errors(&["name_invalid"])
}

/// What to change.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateMe {
    /// As you want to be called.
    #[schemars(extend("examples" = ["Amina"]))]
    name: Option<String>,
}

async fn handle(cx: Cx, body: Json<UpdateMe>) -> Result<Success<Me>> {
    let body = body.read()?;
    if let Some(name) = body.name {
        let name = text::name(&name, "/name")?;
        users::rename(&cx.app.table, cx.org(), cx.user()?, &name, cx.now()).await?;
    }
    me_view(&cx).await.map(Success)
}
