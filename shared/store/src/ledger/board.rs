//! The board of a chunk: where each of its recipients stands, and who works on it.

use domain::{
    board::{Board as States, State},
    id::ProviderId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Recipient;
use crate::receipts::Report;

/// Where each recipient of one chunk stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Board {
    /// The chunk's number.
    pub chunk: u32,
    /// One character per recipient.
    pub states: States,
    /// The round that is next, or in work while there is a lease. A queue message of another round is stale.
    pub round: u32,
    /// How many rounds were started by the engine itself since a person last asked.
    #[serde(default)]
    pub retries: u32,
    /// All recipients below this index may have been handed to the provider in this round.
    #[serde(default)]
    pub started_up_to: u32,
    /// Who works on it.
    pub lease_owner: Option<String>,
    /// Until when, in epoch milliseconds.
    pub lease_until: Option<i64>,
    /// When the lease was taken, in epoch milliseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub claimed_at: Option<i64>,
    /// How often a person asked for recipients of this chunk to be sent to again.
    #[serde(default)]
    pub asks: u32,
    /// The recipients whose fate is open and is to be decided by the provider config's policy, not by a person.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unsure: Option<Unsure>,
    /// Why the last try to work on it ended in an error: its job is with its queue, or among the dead letters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<String>,
    /// How it goes, if its message is routed: as of the round in work, else of the last one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub route: Option<Route>,
    /// Goes up with each write, as a condition for the next.
    pub version: u64,
    /// For each recipient the round in which a person last asked for it, as a character; empty: nobody did.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub asked: String,
}

/// How a routed chunk goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// By this config.
    pub provider: ProviderId,
    /// Who waits but does not go in this round: their places. They were not handed over, wherever the mark is.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub apart: Vec<u32>,
}

/// Recipients who may have been handed to the provider, and what is to be done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unsure {
    /// Their places. Each is `UNKNOWN`, or `RETRY` with the idempotency key that it had before.
    pub places: Vec<u32>,
    /// When the first of them may have been handed over at the earliest, in epoch milliseconds.
    pub since: i64,
    /// When the policy is to be applied, in epoch milliseconds; `None`: that is done.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decide_at: Option<i64>,
    /// How often that was tried.
    #[serde(default)]
    pub tries: u32,
}

/// The character of round 0; the rounds follow in ASCII's order. Those beyond `~` are one, which nobody will see.
const ROUND_ZERO: u8 = b'0';

impl Board {
    /// Whether recipients wait for the policy to be applied.
    pub fn is_undecided(&self) -> bool {
        self.unsure.as_ref().is_some_and(|unsure| unsure.decide_at.is_some())
    }

    /// Whether a recipient does not go in this round.
    pub fn is_apart(&self, index: usize) -> bool {
        self.route.as_ref().is_some_and(|route| route.apart.contains(&(index as u32)))
    }

    /// Leaves out of `unsure` who is neither unknown nor to be tried again any more.
    pub fn forget_the_sure(&mut self) {
        let states = &self.states;
        if let Some(unsure) = &mut self.unsure {
            unsure.places.retain(|place| {
                states.get(*place as usize).is_some_and(|state| matches!(state, State::Unknown | State::Retry))
            });
        }
        self.unsure.take_if(|unsure| unsure.places.is_empty());
    }

    /// A new board with all recipients pending, except the skipped ones.
    pub fn new(chunk: u32, recipients: &[Recipient]) -> Self {
        let states = recipients
            .iter()
            .map(|recipient| match recipient.skip {
                None => State::Pending,
                Some(_) => State::Skipped,
            })
            .collect();
        Self {
            chunk,
            states,
            round: 0,
            retries: 0,
            started_up_to: 0,
            lease_owner: None,
            lease_until: None,
            claimed_at: None,
            asks: 0,
            unsure: None,
            failure: None,
            route: None,
            version: 0,
            asked: String::new(),
        }
    }

    /// Takes in what receipts say. Whoever writes the board afterwards does no harm: a receipt counts once or twice.
    pub fn merge(&mut self, reports: &[Report]) {
        for report in reports {
            if report.index < self.states.len() && report.since == self.since(report.index) {
                self.states[report.index] = self.states[report.index].merge(report.state);
            }
        }
    }

    /// The round in which a person last asked for a recipient; 0: nobody did.
    pub fn since(&self, index: usize) -> u32 {
        self.asked.as_bytes().get(index).map_or(0, |round| u32::from(round.saturating_sub(ROUND_ZERO)))
    }

    /// A person asks for a recipient in the next round: it is pending, and receipts of attempts before do not count.
    pub fn ask(&mut self, index: usize) {
        self.states[index] = State::Pending;
        let mut asked = std::mem::take(&mut self.asked).into_bytes();
        asked.resize(self.states.len(), ROUND_ZERO);
        // The round that is next; the first one was nobody's wish.
        asked[index] = ROUND_ZERO + self.round.clamp(1, u32::from(b'~' - ROUND_ZERO)) as u8;
        self.asked = String::from_utf8(asked).unwrap_or_default();
    }

    /// Whether someone works on it at `now`.
    pub fn is_leased(&self, now: Timestamp) -> bool {
        self.lease_until.is_some_and(|until| until > now.as_millisecond())
    }
}
