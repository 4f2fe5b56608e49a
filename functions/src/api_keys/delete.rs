//! `DELETE /api/api-keys/{id}`: ends an API key at once.

use store::api_keys;
use web::prelude::*;

/// The row.
pub fn row() -> Row {
    Row::delete("api-keys-delete", "/api/api-keys/{id}", handle)
        .summary("End an API key")
        .tag("API keys")
        .access(Role::Admin, Scope::ApiKeysWrite)
        .grants(&[Grant::Table])
}

async fn handle(cx: Cx, Path(id): Path<id::ApiKeyId>) -> Result<NoContent> {
    let key = api_keys::get(&cx.app.table, cx.org(), id).await?;
    api_keys::delete(&cx.app.table, &key).await?;
    Ok(NoContent)
}
