//! `GET /api/providers/{id}/balance`: what is left on the account.

use store::providers as configs;
use web::prelude::*;

use super::view::BalanceView;

/// The row.
pub fn row() -> Row {
    Row::get("providers-balance", "/api/providers/{id}/balance", handle)
        .summary("Get the balance")
        .description("The provider is asked when the last answer is an hour old, or with `refresh=true`. `amount` is null if it does not tell.")
        .tag("Providers")
        .access(Role::Viewer, Scope::ProvidersRead)
        .grants(&[Grant::Table, Grant::RootSecret])
        .errors(&["409 provider_failed"])
}

/// How fresh.
#[derive(Deserialize, JsonSchema)]
struct BalanceQuery {
    /// `true`: the provider is asked now.
    refresh: Option<bool>,
}

async fn handle(
    cx: Cx,
    Path(id): Path<id::ProviderId>,
    Query(query): Query<BalanceQuery>,
) -> Result<Success<BalanceView>> {
    let config = configs::get(&cx.app.table, cx.org(), id).await?;
    let balance = engine::providers::balance(&cx.app, &config, query.refresh.unwrap_or(false)).await?;
    Ok(Success(BalanceView::new(id, &balance)))
}
