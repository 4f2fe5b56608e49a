//! `GET /api/providers/{id}/stats`: what was sent by a config.

use store::{organizations, providers as configs};
use web::prelude::*;

use crate::dashboard::{
    period::{Period, PeriodQuery},
    totals::{DayTotals, Totals, by_day},
};

/// The row.
pub fn row() -> Row {
    Row::get("providers-stats", "/api/providers/{id}/stats", handle)
        .summary("Get the figures of a provider config")
        .description("Exact sums of the copies of all messages that began in the period, by the organization's days.")
        .tag("Providers")
        .access(Role::Viewer, Scope::ProvidersRead)
        .grants(&[Grant::TableRead])
        .errors(&["parameter_invalid"])
}

/// What was sent by a config.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ProviderStats {
    /// The config.
    provider_id: id::ProviderId,
    /// The sums of the period.
    #[serde(flatten)]
    totals: Totals,
    /// The days on which anything began, in order.
    by_day: Vec<DayTotals>,
}

async fn handle(
    cx: Cx,
    Path(id): Path<id::ProviderId>,
    Query(query): Query<PeriodQuery>,
) -> Result<Success<ProviderStats>> {
    configs::get(&cx.app.table, cx.org(), id).await?;
    let organization = organizations::get(&cx.app.table, cx.org()).await?;
    let period = Period::read(&query, &organization.timezone)?;
    let mut days = period.days(&cx.app.table, cx.org()).await?;
    days.retain(|day| day.provider == id);
    Ok(Success(ProviderStats { provider_id: id, totals: Totals::of(&days), by_day: by_day(&days) }))
}
