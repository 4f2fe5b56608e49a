//! Rules and prices as clients see them.

use domain::{
    destination::Destination,
    id::{PriceId, ProviderId, RoutingRuleId},
    message::Channel,
    money::Money,
    price::Price,
    routing::{Rule, Strategy},
    whatsapp::TemplateCategory,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A rule by which `"providerId": "auto"` picks.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoutingRule")]
pub(super) struct RuleView {
    /// Its id.
    pub id: RoutingRuleId,
    /// For people.
    #[schemars(extend("examples" = ["Kenya by night"]))]
    pub name: String,
    /// Rules are asked from the lowest on.
    pub position: u32,
    /// Whether it is asked at all.
    pub is_active: bool,
    /// The channel.
    pub channel: Channel,
    /// For recipients at one of these (`KE`, `+2547`, `*`); empty: for all.
    pub destinations: Vec<Destination>,
    /// From this time of the day on, in the organization's zone; null: from midnight.
    #[schemars(extend("examples" = ["22:00"]))]
    pub from: Option<String>,
    /// Before this time, of the next day if it is not later; null: until midnight.
    #[schemars(extend("examples" = ["06:00"]))]
    pub until: Option<String>,
    /// How it picks.
    pub strategy: Strategy,
    /// Among these.
    pub providers: Vec<ChoiceView>,
}

/// A config that a rule may pick.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "RoutingChoice")]
pub(super) struct ChoiceView {
    /// The config.
    pub provider_id: ProviderId,
    /// Its part, for `WEIGHTED`; 1 if left out.
    #[serde(default = "one")]
    pub weight: u32,
}

fn one() -> u32 {
    1
}

impl From<Rule> for RuleView {
    fn from(rule: Rule) -> Self {
        let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        Self {
            id: rule.id,
            name: rule.name,
            position: rule.position,
            is_active: rule.is_active,
            channel: rule.channel,
            destinations: rule.destinations,
            from: rule.from_minute.map(time),
            until: rule.until_minute.map(time),
            strategy: rule.strategy,
            providers: rule
                .providers
                .into_iter()
                .map(|choice| ChoiceView { provider_id: choice.provider_id, weight: choice.weight })
                .collect(),
        }
    }
}

/// What a config's provider charges somewhere.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Price")]
pub(super) struct PriceView {
    /// Its id.
    pub id: PriceId,
    /// The config.
    pub provider_id: ProviderId,
    /// Where to: `+2547`, `KE` or `*`.
    pub destination: Destination,
    /// Of WhatsApp templates of this category only; null: of everything.
    pub category: Option<TemplateCategory>,
    /// For a segment; for a message on channels without segments.
    pub price: Money,
    /// From when on.
    pub valid_from: Timestamp,
}

impl From<Price> for PriceView {
    fn from(price: Price) -> Self {
        Self {
            id: price.id,
            provider_id: price.provider_id,
            destination: price.destination,
            category: price.category,
            price: price.price,
            valid_from: price.valid_from,
        }
    }
}
