//! What a seed says: how large the audience is, what goes wrong how often, and when the process is killed.
//!
//! Each decision is drawn from (seed, what it is about, how often that was asked), so that the order in which
//! threads happen to run changes as little as possible when a seed is run again.

use std::hash::{DefaultHasher, Hash, Hasher};

use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::faults::{aws::Fault, steps::Seen, steps::Step};

/// Before a request takes effect, or after it did and before its answer arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It is never made.
    Before,
    /// It is made; its answer is lost.
    After,
    /// It is made, its answer is on its way.
    Answered,
}

/// When the process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kill {
    /// At the `nth` request of a step (1 is the first).
    At { step: Step, side: Side, nth: u64 },
    /// So many milliseconds after it answered.
    After { milliseconds: u64 },
}

/// The steps at which a process is killed, in the order in which a message meets them.
pub const BOUNDARIES: [Step; 15] = [
    Step::ScheduleCreate,
    Step::Accept,
    Step::EnqueuePlan,
    Step::Transition,
    Step::PlanWrite,
    Step::BoardWrite,
    Step::EnqueueSend,
    Step::ProgressWrite,
    Step::Claim,
    Step::ProviderRequest,
    Step::DeliveryWrite,
    Step::Mark,
    Step::SettleWrite,
    Step::CounterWrite,
    Step::QueueDelete,
];

/// What a provider does with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Takes it and says so, after so many milliseconds.
    Accept(u64),
    /// Takes it, and does not answer in time.
    AcceptAndStall,
    /// Takes it, and answers with this status.
    AcceptAndAnswer(u16),
    /// Takes it, and the connection breaks.
    AcceptAndReset,
    /// Takes it, and reports it as delivered before it answers.
    AcceptAfterReceipt,
    /// The connection breaks; nothing was taken.
    Reset,
    /// Answers with this status; nothing was taken.
    Refuse(u16),
}

impl Manner {
    /// Whether the text is taken.
    pub fn takes(self) -> bool {
        !matches!(self, Self::Reset | Self::Refuse(_))
    }

    /// Whether its answer leaves open what became of the text.
    pub fn is_ambiguous(self) -> bool {
        matches!(self, Self::AcceptAndStall | Self::AcceptAndAnswer(_) | Self::AcceptAndReset | Self::Reset)
    }
}

/// The plan of one seed.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// How many people are in the group.
    pub recipients: usize,
    /// How often the process is killed.
    pub kills: usize,
    /// Whether AWS calls and queue messages go wrong.
    pub aws: bool,
    /// Whether the provider misbehaves.
    pub provider: bool,
}

impl Plan {
    /// The plan of a seed; `recipients` if they are not to be drawn.
    pub fn of(seed: u64, kills: usize, recipients: Option<usize>) -> Self {
        let mut dice = dice(seed, "plan", 0);
        let drawn = dice.random_range(2_000..=20_000_usize);
        // In turn: kills alone, with each kind of fault, with all of them.
        let (aws, provider) = (seed % 4 == 2 || seed.is_multiple_of(4), seed % 4 == 3 || seed.is_multiple_of(4));
        Self { seed, recipients: recipients.unwrap_or(drawn), kills, aws, provider }
    }

    /// What is drawn for the `n`th question about `what`.
    pub fn dice(&self, what: &str, n: u64) -> StdRng {
        dice(self.seed, what, n)
    }

    /// When the process of life `life` ends.
    pub fn kill(&self, life: u64) -> Kill {
        let mut dice = self.dice("kill", life);
        if dice.random_bool(0.5) {
            return Kill::After { milliseconds: dice.random_range(0..1_500) };
        }
        let side = if dice.random_bool(0.5) { Side::Before } else { Side::After };
        let steps = [
            Step::PlanWrite,
            Step::EnqueueSend,
            Step::Claim,
            Step::Mark,
            Step::ProviderRequest,
            Step::ProviderRequest,
            Step::DeliveryWrite,
            Step::DeliveryWrite,
            Step::SettleWrite,
            Step::CounterWrite,
            Step::EnqueueFinish,
        ];
        let step = steps[dice.random_range(0..steps.len())];
        let most = match step {
            Step::ProviderRequest => 200,
            Step::DeliveryWrite | Step::Mark => 40,
            Step::CounterWrite | Step::EnqueueFinish => 2,
            _ => 12,
        };
        Kill::At { step, side, nth: dice.random_range(1..=most) }
    }

    /// What goes wrong with the `n`th request of its kind.
    pub fn fault(&self, seen: &Seen, n: u64) -> Option<Fault> {
        if !self.aws || !matches!(seen.service.as_str(), "DynamoDB" | "AmazonSQS" | "Scheduler") {
            return None;
        }
        let mut dice = self.dice(&format!("{:?} {}", seen.step, seen.operation), n);
        if seen.step == Step::DueRead {
            return dice.random_bool(0.3).then_some(Fault::Stale);
        }
        if seen.service == "AmazonSQS" && dice.random_bool(0.05) {
            return Some(Fault::Late(dice.random_range(1..4)));
        }
        // Reads are many and harmless, so they fail more seldom.
        if !dice.random_bool(if seen.writes() { 0.02 } else { 0.004 }) {
            return None;
        }
        Some(match (dice.random_range(0..6), seen.operation.as_str()) {
            (0 | 1, "BatchWriteItem" | "BatchGetItem") => Fault::Unprocessed(dice.random_range(1..100)),
            (0, "TransactWriteItems" | "UpdateItem" | "PutItem") => Fault::Conflict,
            (1, _) => Fault::Throttle,
            (2, _) => Fault::Fail,
            // Some stalls are longer than the lease.
            (3, _) => Fault::Stall(dice.random_range(10..3_500)),
            _ => Fault::LoseAnswer,
        })
    }

    /// After how many milliseconds a queue message is delivered once more.
    pub fn repeat(&self, seen: &Seen, n: u64) -> Option<u64> {
        let mut dice = self.dice(&format!("repeat {:?}", seen.step), n);
        (self.aws && dice.random_bool(0.15)).then(|| dice.random_range(0..3_000))
    }

    /// What the provider does with the `n`th request for a text.
    pub fn manner(&self, text: &str, n: u64) -> Manner {
        let mut dice = self.dice(text, n);
        if !self.provider || dice.random_bool(0.93) {
            return Manner::Accept(if dice.random_bool(0.2) { dice.random_range(1..200) } else { 0 });
        }
        match dice.random_range(0..16) {
            0 => Manner::AcceptAndStall,
            1 | 2 => Manner::AcceptAndAnswer(500),
            3 => Manner::AcceptAndAnswer(502),
            4 | 5 => Manner::AcceptAndReset,
            6 => Manner::Reset,
            7 => Manner::Refuse(503),
            8 => Manner::Refuse(429),
            9 => Manner::Refuse(400),
            _ => Manner::AcceptAfterReceipt,
        }
    }

    /// What the provider reports later about a text that it took: in this order, each twice.
    pub fn receipts(&self, text: &str) -> &'static [&'static str] {
        if !self.provider {
            return &[];
        }
        match self.dice(text, u64::MAX).random_range(0..8) {
            0 => &["ENROUTE", "DELIVRD"],
            1 => &["DELIVRD", "ENROUTE"],
            2 => &["READ", "DELIVRD", "ENROUTE"],
            3 => &["DELIVRD"],
            _ => &[],
        }
    }
}

fn dice(seed: u64, what: &str, n: u64) -> StdRng {
    let mut hasher = DefaultHasher::new();
    (seed, what, n).hash(&mut hasher);
    StdRng::seed_from_u64(hasher.finish())
}
