//! `GET /api/providers`: provider configs, oldest first.

use ::providers::Kind;
use domain::message::Channel;
use store::providers as configs;
use web::prelude::*;

use super::view::{ProviderView, view};

/// The row.
pub fn row() -> Row {
    Row::get("providers-list", "/api/providers", handle)
        .summary("List provider configs")
        .description("Oldest first; `total` is always exact.")
        .tag("Providers")
        .access(Role::Viewer, Scope::ProvidersRead)
        .grants(&[Grant::TableRead])
}

/// Which configs.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ProviderFilter {
    /// Only of this channel.
    channel: Option<Channel>,
    /// Only of this kind.
    kind: Option<Kind>,
    /// Only those in use, or only the others.
    is_active: Option<bool>,
}

async fn handle(cx: Cx, list: List<ProviderFilter>) -> Result<Success<Page<ProviderView>>> {
    let filter = &list.filter;
    let mut found = configs::all(&cx.app.table, cx.org()).await?;
    found.retain(|config| {
        filter.channel.is_none_or(|channel| config.channel == channel)
            && filter.kind.is_none_or(|kind| config.kind == kind.name())
            && filter.is_active.is_none_or(|active| config.is_active == active)
    });
    let total = Some(found.len() as u64);
    // There are few, so a page is cut out of all of them.
    if let Some(after) = list.after(&cx).await? {
        found.retain(|config| config.id.to_string() > after);
    }
    let more = found.len() > list.limit;
    found.truncate(list.limit);
    let next = found.last().filter(|_| more).map(|config| config.id.to_string());
    let views = found.iter().map(|config| view(&cx, config)).collect::<Result<_>>()?;
    list.page(&cx, views, next, total).await
}
