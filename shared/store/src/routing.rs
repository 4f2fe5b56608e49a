//! Routing rules and prices of an organization, and the circuits of its provider configs.

use domain::{
    Error, Result,
    id::{OrgId, PriceId, ProviderId, RoutingRuleId},
    price::Price,
    routing::Rule,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    keys,
    range::Range,
    table::{Table, encode},
    update::Update,
};

/// How many prices an organization has at most: they are read together.
pub const MOST_PRICES: usize = 5_000;

/// How many rules an organization has at most.
pub const MOST_RULES: usize = 100;

/// All rules, in the order in which they are asked.
pub async fn rules(table: &Table, org: OrgId) -> Result<Vec<Rule>> {
    let range = Range::prefix(vec![keys::org(org)], keys::ROUTING_RULES, 1_000);
    let mut rules: Vec<Rule> = table.range(&range).await?.into_iter().map(|(_, rule)| rule).collect();
    rules.sort_by_key(|rule| (rule.position, rule.id));
    Ok(rules)
}

/// A rule.
pub async fn rule(table: &Table, org: OrgId, id: RoutingRuleId) -> Result<Rule> {
    let found: Option<Rule> = table.get(&keys::routing_rule(org, id)).await?;
    found.ok_or_else(|| Error::not_found("routing rule", id))
}

/// Writes a rule, whatever was there.
pub async fn put_rule(table: &Table, org: OrgId, rule: &Rule) -> Result<()> {
    table.put(&keys::routing_rule(org, rule.id), rule).await
}

/// Removes a rule.
pub async fn delete_rule(table: &Table, org: OrgId, id: RoutingRuleId) -> Result<()> {
    table.delete(&keys::routing_rule(org, id)).await
}

/// All prices, oldest first.
pub async fn prices(table: &Table, org: OrgId) -> Result<Vec<Price>> {
    let range = Range::prefix(vec![keys::prices(org)], "", MOST_PRICES * 2);
    Ok(table.range(&range).await?.into_iter().map(|(_, price)| price).collect())
}

/// A price.
pub async fn price(table: &Table, org: OrgId, id: PriceId) -> Result<Price> {
    let found: Option<Price> = table.get(&keys::price(org, id)).await?;
    found.ok_or_else(|| Error::not_found("price", id))
}

/// Writes prices, whatever was there.
pub async fn put_prices(table: &Table, org: OrgId, prices: &[Price]) -> Result<()> {
    let items = prices.iter().map(|price| encode(&keys::price(org, price.id), price)).collect::<Result<_>>()?;
    table.put_many(items).await
}

/// Removes a price.
pub async fn delete_price(table: &Table, org: OrgId, id: PriceId) -> Result<()> {
    table.delete(&keys::price(org, id)).await
}

/// How long a circuit is kept after it was last open.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The circuit of a provider config for a country. One that is not there is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Circuit {
    /// The country: `KE`, or `-` for addresses without one.
    #[serde(rename = "sk")]
    pub country: String,
    /// Calls that failed in passing in this minute, by its number since 1970.
    #[serde(default)]
    pub minute: i64,
    /// How many.
    #[serde(default)]
    pub errors: u64,
    /// How often it opened since it was last closed.
    #[serde(default)]
    pub trips: u32,
    /// Until when nothing is sent, in epoch milliseconds; `None`: it never opened.
    pub open_until: Option<i64>,
    /// Why it opened.
    pub reason: Option<String>,
}

impl Circuit {
    /// Whether nothing is sent at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.open_until.is_some_and(|until| until > now.as_millisecond())
    }
}

/// The circuits of a config that are not known to be closed.
pub async fn circuits(table: &Table, org: OrgId, provider: ProviderId) -> Result<Vec<Circuit>> {
    let range = Range::prefix(vec![keys::circuits(org, provider)], "", 1_000);
    Ok(table.range(&range).await?.into_iter().map(|(_, circuit)| circuit).collect())
}

/// Adds errors to a circuit, and gives how many there were in this minute.
pub async fn count_errors(
    table: &Table,
    org: OrgId,
    provider: ProviderId,
    country: &str,
    errors: u64,
    now: Timestamp,
) -> Result<Circuit> {
    let key = keys::circuit(org, provider, country);
    let minute = now.as_second().div_euclid(60);
    let ttl = (now + KEPT).as_second();
    let more = Update::of(key.clone()).add("errors", errors as i64).set("ttl", ttl).if_equal("minute", minute);
    if let Some(circuit) = table.update_returning(more).await? {
        return Ok(circuit);
    }
    let first = Update::of(key.clone())
        .set("errors", errors)
        .set("minute", minute)
        .set("ttl", ttl)
        .compare("minute", "<", minute);
    if let Some(circuit) = table.update_returning(first).await? {
        return Ok(circuit);
    }
    let new = Update::of(key).add("errors", errors as i64).set("minute", minute).set("ttl", ttl);
    table.update_returning(new).await?.ok_or_else(|| Error::internal("a circuit vanished"))
}

/// Opens a circuit until a time. `false`: another was quicker.
pub async fn open_circuit(
    table: &Table,
    org: OrgId,
    provider: ProviderId,
    circuit: &Circuit,
    until: Timestamp,
    reason: &str,
) -> Result<bool> {
    let update = Update::of(keys::circuit(org, provider, &circuit.country))
        .set("openUntil", until.as_millisecond())
        .set("trips", circuit.trips + 1)
        .set("reason", reason)
        .set("ttl", (until + KEPT).as_second());
    let update = match circuit.trips {
        0 => update.if_unset("trips"),
        trips => update.if_equal("trips", trips),
    };
    table.update(update).await
}

/// Lets one try an open circuit whose time is over, and the others wait until `until`. `false`: another tries.
pub async fn try_circuit(
    table: &Table,
    org: OrgId,
    provider: ProviderId,
    circuit: &Circuit,
    until: Timestamp,
) -> Result<bool> {
    let update = Update::of(keys::circuit(org, provider, &circuit.country))
        .set("openUntil", until.as_millisecond())
        .if_equal("openUntil", circuit.open_until);
    table.update(update).await
}

/// Closes a circuit.
pub async fn close_circuit(table: &Table, org: OrgId, provider: ProviderId, country: &str) -> Result<()> {
    table.delete(&keys::circuit(org, provider, country)).await
}
