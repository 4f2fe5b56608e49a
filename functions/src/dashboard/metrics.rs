//! `GET /api/dashboard/metrics`: the organization at a glance.

use domain::{message::Channel, schedule};
use jiff::Timestamp;
use store::{
    counters::{self, names},
    organizations, providers as configs,
};
use web::prelude::*;

use super::{period::Period, totals::Glance};
use crate::providers::view::BalanceView;

/// The row.
pub fn row() -> Row {
    Row::get("dashboard-metrics", "/api/dashboard/metrics", handle)
        .summary("Get the metrics")
        .description(
            "Exact as soon as a message shows `SENT`. Days are the organization's own, weeks begin on Monday, and a copy \
             counts on the day on which its message began. Copies count once a provider accepted them.",
        )
        .tag("Dashboard")
        .access(Role::Viewer, Scope::DashboardRead)
        .grants(&[Grant::TableRead])
}

/// The organization at a glance.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DashboardMetrics {
    /// SMS accepted by a provider.
    total_sms_sent: u64,
    /// Copies accepted by a provider, on all channels.
    total_sent: u64,
    /// Groups.
    total_groups: u64,
    /// Contacts.
    total_contacts: u64,
    /// What was left on the account of the default SMS config when it was last asked; null if that is not known.
    sms_balance: Option<f64>,
    /// What was left on every account that tells.
    balances: Vec<BalanceView>,
    /// Copies accepted of messages that began today.
    messages_today: u64,
    /// … this week, from Monday.
    messages_this_week: u64,
    /// … this month.
    messages_this_month: u64,
    /// Copies that failed.
    failed_messages: u64,
    /// When these figures were read.
    last_updated: Timestamp,
}

async fn handle(cx: Cx) -> Result<Success<DashboardMetrics>> {
    let (table, org, now) = (&cx.app.table, cx.org(), cx.now());
    let (names, all) = ([names::GROUPS.to_owned(), names::CONTACTS.to_owned()], Period::all());
    let (organization, counted, days, configs) = futures::try_join!(
        organizations::get(table, org),
        counters::read(table, org, &names),
        all.days(table, org),
        configs::all(table, org),
    )?;
    let glance = Glance::of(&days, schedule::date_of(now, &organization.timezone));
    let balances: Vec<BalanceView> = configs
        .iter()
        .filter_map(|config| Some((config.id, config.balance.as_ref()?)))
        .map(|(id, balance)| BalanceView::new(id, balance))
        .filter(|balance| balance.amount.is_some())
        .collect();
    // None is default and several are active: then no account stands for all.
    let default = engine::providers::pick(configs, Channel::Sms, None).ok();
    let sms_balance = default.and_then(|config| {
        let balance = balances.iter().find(|balance| balance.provider_id == config.id)?;
        balance.amount.as_ref()?.parse().ok()
    });
    Ok(Success(DashboardMetrics {
        total_sms_sent: glance.sms,
        total_sent: glance.sent,
        total_groups: counted[0],
        total_contacts: counted[1],
        sms_balance,
        balances,
        messages_today: glance.today,
        messages_this_week: glance.week,
        messages_this_month: glance.month,
        failed_messages: glance.failed,
        last_updated: now,
    }))
}
