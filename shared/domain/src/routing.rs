//! Routing: which provider config a recipient's copy goes by, and why.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::{
    channel::Channel,
    destination::{Destination, Whereabouts},
    id::{ProviderId, RoutingRuleId},
    money::Money,
};

named! {
    /// How a rule picks among its configs.
    pub enum Strategy {
        /// The first in its list.
        Priority = "PRIORITY",
        /// The lowest price.
        Cheapest = "CHEAPEST",
        /// The best delivery rate of today and yesterday.
        BestDelivery = "BEST_DELIVERY",
        /// By weights.
        Weighted = "WEIGHTED",
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// Its id.
    pub id: RoutingRuleId,
    /// For people.
    pub name: String,
    /// Rules are asked from the lowest on.
    pub position: u32,
    /// Whether it is asked at all.
    pub is_active: bool,
    /// The channel.
    pub channel: Channel,
    /// For recipients at one of these; empty: for all.
    pub destinations: Vec<Destination>,
    /// From this minute of the day on, in the organization's zone.
    pub from_minute: Option<u16>,
    /// Before this minute; of the next day, if it is not later than the other.
    pub until_minute: Option<u16>,
    /// How it picks.
    pub strategy: Strategy,
    /// Among these.
    pub providers: Vec<Choice>,
}

/// A config that a rule may pick.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Choice {
    /// The config.
    pub provider_id: ProviderId,
    /// Its part, for [`Strategy::Weighted`].
    pub weight: u32,
}

impl Rule {
    /// Whether it is for such a recipient at this minute of the day.
    pub fn matches(&self, channel: Channel, to: &Whereabouts, minute: u16) -> bool {
        let at = self.destinations.is_empty() || self.destinations.iter().any(|one| to.is_at(one));
        let (from, until) = (self.from_minute.unwrap_or(0), self.until_minute.unwrap_or(24 * 60));
        let now = if from < until { (from..until).contains(&minute) } else { minute >= from || minute < until };
        self.is_active && self.channel == channel && at && now
    }
}

/// A config that may send to a recipient, as it is just now. The order is that in which they are taken if no rule decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The config.
    pub id: ProviderId,
    /// Its name.
    pub name: String,
    /// What it charges for a segment, if that is known.
    pub price: Option<Money>,
    /// The part of its copies that arrive, if enough are settled.
    pub delivery_rate: Option<f64>,
    /// Whether it is taken where no rule decides. The sandbox is not, as long as there is anything else: it sends nothing.
    pub is_fallback: bool,
    /// Why it cannot be used.
    pub barred: Option<String>,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The config.
    pub provider: ProviderId,
    /// Why, in words.
    pub reason: String,
}

/// The longest reason, in characters.
const LONGEST_REASON: usize = 200;

/// Decides. `rules` in their order; `seed` is the same for the same recipient and message. `None`: none can be used.
pub fn decide(
    rules: &[Rule],
    candidates: &[Candidate],
    channel: Channel,
    to: &Whereabouts,
    minute: u16,
    seed: u64,
) -> Option<Decision> {
    for rule in rules.iter().filter(|rule| rule.matches(channel, to, minute)) {
        let usable: Vec<(&Candidate, u32)> = rule
            .providers
            .iter()
            .filter_map(|choice| candidates.iter().find(|one| one.id == choice.provider_id).zip(Some(choice.weight)))
            .filter(|(one, _)| one.barred.is_none())
            .collect();
        if let Some((chosen, why)) = pick(rule.strategy, &usable, seed) {
            let listed =
                rule.providers.iter().filter_map(|choice| candidates.iter().find(|one| one.id == choice.provider_id));
            return Some(decision(chosen, &format!("rule `{}`, {why}", rule.name), listed));
        }
    }
    let fallbacks = || candidates.iter().filter(|one| one.is_fallback);
    let chosen = fallbacks().find(|one| one.barred.is_none())?;
    Some(decision(chosen, "no rule decides, first in order", fallbacks()))
}

fn decision<'a>(chosen: &Candidate, why: &str, listed: impl Iterator<Item = &'a Candidate>) -> Decision {
    let mut reason = format!("{}: {why}", chosen.name);
    for (name, barred) in listed.filter_map(|one| one.barred.as_ref().map(|barred| (&one.name, barred))) {
        let _ = write!(reason, "; not {name}: {barred}");
    }
    Decision { provider: chosen.id, reason: reason.chars().take(LONGEST_REASON).collect() }
}

fn pick<'a>(strategy: Strategy, usable: &[(&'a Candidate, u32)], seed: u64) -> Option<(&'a Candidate, String)> {
    let first = usable.first()?.0;
    Some(match strategy {
        Strategy::Priority => (first, "first in its list".to_owned()),
        Strategy::Cheapest => {
            // Amounts of several currencies are not compared: those in the first one's count.
            let currency = usable.iter().find_map(|(one, _)| one.price.as_ref()).map(|price| price.currency);
            let priced = usable.iter().filter_map(|(one, _)| {
                one.price.as_ref().filter(|price| Some(price.currency) == currency).map(|price| (*one, price))
            });
            match priced.min_by(|a, b| a.1.amount.cmp(&b.1.amount)) {
                Some((one, price)) => (one, format!("cheapest at {price}")),
                None => (first, "no price is known, first in its list".to_owned()),
            }
        }
        Strategy::BestDelivery => {
            let rated = usable.iter().rev().filter_map(|(one, _)| one.delivery_rate.map(|rate| (*one, rate)));
            match rated.max_by(|a, b| a.1.total_cmp(&b.1)) {
                Some((one, rate)) => (one, format!("best delivery at {:.1} %", rate * 100.0)),
                None => (first, "no delivery rate is known, first in its list".to_owned()),
            }
        }
        Strategy::Weighted => {
            let whole: u64 = usable.iter().map(|(_, weight)| u64::from(*weight)).sum();
            let mut place = if whole == 0 { 0 } else { seed % whole };
            let chosen = usable.iter().find(|(_, weight)| {
                let here = place < u64::from(*weight);
                place = place.saturating_sub(u64::from(*weight));
                here
            });
            chosen.map_or_else(
                || (first, "no weight, first in its list".to_owned()),
                |(one, weight)| (*one, format!("by weight {weight} of {whole}")),
            )
        }
    })
}

#[cfg(test)]
#[path = "routing_tests.rs"]
mod tests;
