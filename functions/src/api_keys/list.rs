//! `GET /api/api-keys`: the organization's API keys, newest first, without their secrets.

use store::api_keys;
use web::prelude::*;

use super::ApiKeyView;

/// The row.
pub fn row() -> Row {
    Row::get("api-keys-list", "/api/api-keys", handle)
        .summary("List API keys")
        .tag("API keys")
        .access(Role::Admin, Scope::ApiKeysRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, list: List) -> Result<Success<Page<ApiKeyView>>> {
    let after = list.after(&cx).await?;
    let page = api_keys::list(&cx.app.table, cx.org(), after, list.limit).await?;
    list.page(&cx, page.rows.iter().map(ApiKeyView::from).collect(), page.next, None).await
}
