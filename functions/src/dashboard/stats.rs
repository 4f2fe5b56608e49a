//! `GET /api/dashboard/stats`: what was sent in a period, by day, channel, provider config and month.

use std::collections::{BTreeMap, HashMap};

use domain::message::Channel;
use store::{organizations, providers as configs};
use web::prelude::*;

use super::{
    period::{Period, PeriodQuery},
    totals::{self, DayTotals, Figures, MonthTotals, ReasonTotals, Totals},
};

/// The row.
pub fn row() -> Row {
    Row::get("dashboard-stats", "/api/dashboard/stats", handle)
        .summary("Get the statistics of a period")
        .description(
            "Sums over the copies of all messages that began in the period, by the organization's days. `from` and `to` are \
             days, both of which count, or times, of which `to` is exclusive. `byReason` says in which state copies ended \
             that did not get through: the finest reasons that are counted exactly.",
        )
        .tag("Dashboard")
        .access(Role::Viewer, Scope::DashboardRead)
        .grants(&[Grant::TableRead])
        .errors(&["parameter_invalid", "period_invalid"])
}

/// What was sent in a period.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DashboardStats {
    /// The sums.
    #[serde(flatten)]
    totals: Totals,
    /// The days on which anything began, in order.
    by_day: Vec<DayTotals>,
    /// The channels that anything was sent on.
    by_channel: Vec<ChannelTotals>,
    /// The provider configs that anything was sent by.
    by_provider: Vec<ProviderTotals>,
    /// Why copies did not get through.
    by_reason: Vec<ReasonTotals>,
    /// By month (`2026-01`).
    monthly_stats: BTreeMap<String, MonthTotals>,
}

/// The figures of a channel.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChannelTotals {
    /// The channel.
    channel: Channel,
    /// Its figures.
    #[serde(flatten)]
    figures: Figures,
}

/// The figures of a provider config.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ProviderTotals {
    /// The config.
    provider_id: id::ProviderId,
    /// Its name; null if it was deleted.
    name: Option<String>,
    /// Its kind; null if it was deleted.
    kind: Option<String>,
    /// Its figures.
    #[serde(flatten)]
    figures: Figures,
}

async fn handle(cx: Cx, Query(query): Query<PeriodQuery>) -> Result<Success<DashboardStats>> {
    let (table, org) = (&cx.app.table, cx.org());
    let organization = organizations::get(table, org).await?;
    let period = Period::read(&query, &organization.timezone)?;
    let (days, configs) = futures::try_join!(period.days(table, org), configs::all(table, org))?;
    let configs: HashMap<_, _> = configs.into_iter().map(|config| (config.id, config)).collect();
    let by_provider = totals::by_provider(&days).into_iter().map(|(provider_id, figures)| {
        let config = configs.get(&provider_id);
        ProviderTotals {
            provider_id,
            name: config.map(|config| config.name.clone()),
            kind: config.map(|config| config.kind.clone()),
            figures,
        }
    });
    Ok(Success(DashboardStats {
        totals: Totals::of(&days),
        by_day: totals::by_day(&days),
        by_channel: totals::by_channel(&days)
            .into_iter()
            .map(|(channel, figures)| ChannelTotals { channel, figures })
            .collect(),
        by_provider: by_provider.collect(),
        by_reason: totals::by_reason(&days),
        monthly_stats: totals::by_month(&days),
    }))
}
