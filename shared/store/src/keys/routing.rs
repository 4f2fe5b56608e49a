//! Keys of routing: rules, prices, circuits, the counters of health, thresholds and the alerts that they raise.

use domain::id::{AlertId, OrgId, PriceId, ProviderId, RoutingRuleId};
use jiff::Timestamp;

use super::{Key, of_org, org};

/// A routing rule. Prefix of all: [`ROUTING_RULES`].
pub fn routing_rule(org: OrgId, rule: RoutingRuleId) -> Key {
    of_org(org, format!("{ROUTING_RULES}{rule}"))
}

/// Sort-key prefix of routing rules.
pub const ROUTING_RULES: &str = "RULE#";

/// The partition of an organization's prices.
pub fn prices(org: OrgId) -> String {
    format!("O#{org}#PRICES")
}

/// A price.
pub fn price(org: OrgId, price: PriceId) -> Key {
    Key::new(prices(org), price.to_string())
}

/// The partition of the circuits of a provider config.
pub fn circuits(org: OrgId, provider: ProviderId) -> String {
    format!("O#{org}#CIRCUIT#{provider}")
}

/// The circuit of a provider config for a country.
pub fn circuit(org: OrgId, provider: ProviderId, country: &str) -> Key {
    Key::new(circuits(org, provider), country)
}

/// The partition of the counters of a provider config's health.
pub fn health(org: OrgId, provider: ProviderId) -> String {
    format!("O#{org}#HEALTH#{provider}")
}

/// What a provider config did in the minute of `at`.
pub fn health_minute(org: OrgId, provider: ProviderId, at: Timestamp) -> Key {
    Key::new(health(org, provider), minute(at))
}

/// A minute as the counters sort it.
pub fn minute(at: Timestamp) -> String {
    format!("M#{:010}", at.as_second().div_euclid(60))
}

/// When a provider config raises alerts.
pub fn thresholds(org: OrgId, provider: ProviderId) -> Key {
    of_org(org, format!("THRESHOLDS#{provider}"))
}

/// An alert. Prefix of all: [`ALERTS`].
pub fn alert(org: OrgId, alert: AlertId) -> Key {
    of_org(org, format!("{ALERTS}{alert}"))
}

/// Sort-key prefix of alerts.
pub const ALERTS: &str = "ALERT#";

/// Stands while nobody has acknowledged the alert of this kind about this subject, so that there is one and not two.
pub fn open_alert(org: OrgId, kind: &str, subject: &str) -> Key {
    of_org(org, format!("OPENALERT#{kind}#{subject}"))
}

/// Whom an organization's alerts are mailed to.
pub fn alert_recipients(org: OrgId) -> Key {
    of_org(org, "ALERTRECIPIENTS".into())
}

/// A mail about an alert; `to` is a digest of the address.
pub fn alert_mail(org: OrgId, alert: AlertId, to: &str) -> Key {
    Key::new(alert_mails(org), format!("{alert}#{to}"))
}

/// The partition of an organization's mails about alerts.
pub fn alert_mails(org_id: OrgId) -> String {
    format!("{}#MAILS", org(org_id))
}
