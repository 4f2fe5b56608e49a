//! Boards: where each recipient of a chunk stands, one character each, and the counts folded from them.
//!
//! Invariant: [`State::merge`] is the maximum of a total order, so it is commutative, associative and idempotent:
//! settle and receipts may come in any order, any number of times. Counts partition the audience.

mod counts;

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

pub use self::counts::Counts;
use crate::delivery::DeliveryStatus;

/// The state of one recipient, in the order of [`State::merge`]: later ones say more.
///
/// Clients never see it, only [`State::shown`]; so it has no JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// Not handed to the provider.
    Pending,
    /// Being handed to the provider.
    Sending,
    /// To be tried again in another round.
    Retry,
    /// Left out, for a reason kept in the plan.
    Skipped,
    /// The message was cancelled before its turn.
    Cancelled,
    /// Handed over, maybe: a crash or a timeout hides the answer. Never sent again unless someone decides so.
    Unknown,
    /// Accepted by the provider.
    Sent,
    /// Refused, or accepted and then not delivered.
    Failed,
    /// Arrived.
    Delivered,
    /// Opened.
    Read,
}

impl State {
    /// All, in their order.
    pub const ALL: [Self; 10] = [
        Self::Pending,
        Self::Sending,
        Self::Retry,
        Self::Skipped,
        Self::Cancelled,
        Self::Unknown,
        Self::Sent,
        Self::Failed,
        Self::Delivered,
        Self::Read,
    ];

    /// The character on a board.
    pub const fn letter(self) -> char {
        match self {
            Self::Pending => 'P',
            Self::Sending => 'S',
            Self::Retry => 'R',
            Self::Skipped => 'K',
            Self::Cancelled => 'C',
            Self::Unknown => 'U',
            Self::Sent => 'A',
            Self::Failed => 'F',
            Self::Delivered => 'D',
            Self::Read => 'E',
        }
    }

    /// The state of a character on a board.
    pub const fn from_letter(letter: char) -> Option<Self> {
        Some(match letter {
            'P' => Self::Pending,
            'S' => Self::Sending,
            'R' => Self::Retry,
            'K' => Self::Skipped,
            'C' => Self::Cancelled,
            'U' => Self::Unknown,
            'A' => Self::Sent,
            'F' => Self::Failed,
            'D' => Self::Delivered,
            'E' => Self::Read,
            _ => return None,
        })
    }

    /// The further of two states that two writers found, whoever came first.
    ///
    /// What proves more stays: a receipt before settle stays; any receipt beats `UNKNOWN`, `CANCELLED` and `SKIPPED`,
    /// because only what was accepted is reported on; no fold or retry beats those two. `FAILED` beats `SENT` (accepted,
    /// then not delivered) and gives way only to `DELIVERED` and `READ`: providers do send those after a failure.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        self.max(other)
    }

    /// Whether it is still to be sent, now or in a later round.
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Pending | Self::Sending | Self::Retry)
    }

    /// Whether nothing more is done for it by the engine itself. `UNKNOWN` counts.
    pub const fn is_settled(self) -> bool {
        !self.is_waiting()
    }

    /// Whether the provider took it, and it did not fail since.
    pub const fn is_accepted(self) -> bool {
        matches!(self, Self::Sent | Self::Delivered | Self::Read)
    }

    /// What clients see: what is still to be sent is `PENDING`, however far it got.
    pub const fn shown(self) -> DeliveryStatus {
        match self {
            Self::Pending | Self::Sending | Self::Retry => DeliveryStatus::Pending,
            Self::Skipped => DeliveryStatus::Skipped,
            Self::Cancelled => DeliveryStatus::Cancelled,
            Self::Unknown => DeliveryStatus::Unknown,
            Self::Sent => DeliveryStatus::Sent,
            Self::Failed => DeliveryStatus::Failed,
            Self::Delivered => DeliveryStatus::Delivered,
            Self::Read => DeliveryStatus::Read,
        }
    }
}

impl From<State> for DeliveryStatus {
    fn from(state: State) -> Self {
        state.shown()
    }
}

/// The states of a chunk's recipients, in the plan's order. Stored as a text with one character each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Board {
    states: Vec<State>,
}

impl Board {
    /// A board with `size` recipients, all pending.
    pub fn pending(size: usize) -> Self {
        Self { states: vec![State::Pending; size] }
    }

    /// Reads the text of a board; `None` if a character stands for no state.
    pub fn parse(text: &str) -> Option<Self> {
        text.chars().map(State::from_letter).collect()
    }

    /// How many recipients there are in each state.
    pub fn counts(&self) -> Counts {
        self.states.iter().copied().collect()
    }

    /// The places of recipients that clients see in `status`.
    pub fn shown_as(&self, status: DeliveryStatus) -> impl Iterator<Item = usize> {
        self.states.iter().enumerate().filter(move |(_, state)| state.shown() == status).map(|(index, _)| index)
    }
}

/// The number of recipients never changes, so a board gives a slice, not a vector.
impl Deref for Board {
    type Target = [State];

    fn deref(&self) -> &[State] {
        &self.states
    }
}

impl DerefMut for Board {
    fn deref_mut(&mut self) -> &mut [State] {
        &mut self.states
    }
}

impl FromIterator<State> for Board {
    fn from_iter<I: IntoIterator<Item = State>>(states: I) -> Self {
        Self { states: states.into_iter().collect() }
    }
}

impl std::fmt::Display for Board {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.states.iter().try_for_each(|state| std::fmt::Write::write_char(f, state.letter()))
    }
}

impl Serialize for Board {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Board {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("a character of the board stands for no state"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    fn state() -> impl Strategy<Value = State> {
        select(State::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn merge_is_a_join(a in state(), b in state(), c in state()) {
            prop_assert_eq!(a.merge(b), b.merge(a));
            prop_assert_eq!(a.merge(b).merge(c), a.merge(b.merge(c)));
            prop_assert_eq!(a.merge(a), a);
            prop_assert_eq!(a.merge(b).merge(b), a.merge(b));
        }

        #[test]
        fn writers_in_any_order_agree(mut states in vec(state(), 1..8), seed in any::<u64>()) {
            let merged = states.iter().copied().reduce(State::merge);
            let turn = seed as usize % states.len();
            states.rotate_left(turn);
            states.push(states[0]);
            prop_assert_eq!(states.into_iter().rev().reduce(State::merge), merged);
        }

        #[test]
        fn what_is_settled_never_waits_again(a in state(), b in state()) {
            prop_assert!(a.is_waiting() || a.merge(b).is_settled());
        }

        #[test]
        fn boards_are_their_text_and_counts_partition_them(states in vec(state(), 0..600)) {
            let board: Board = states.iter().copied().collect();
            let text = board.to_string();
            prop_assert_eq!(text.len(), states.len());
            prop_assert_eq!(Board::parse(&text), Some(board.clone()));
            prop_assert_eq!(serde_json::from_value::<Board>(serde_json::to_value(&board).unwrap()).unwrap(), board.clone());

            let counts = board.counts();
            prop_assert_eq!(counts.total, states.len() as u64);
            let sum: u64 = DeliveryStatus::ALL.iter().map(|status| counts.of(*status)).sum();
            prop_assert_eq!(sum, counts.total);
            for status in DeliveryStatus::ALL {
                prop_assert_eq!(board.shown_as(*status).count() as u64, counts.of(*status));
            }
        }

        #[test]
        fn counts_add_up(left in vec(state(), 0..50), right in vec(state(), 0..50)) {
            let (a, b): (Counts, Counts) = (left.iter().copied().collect(), right.iter().copied().collect());
            let all: Counts = left.into_iter().chain(right).collect();
            prop_assert_eq!(a.clone() + b.clone(), all.clone());
            prop_assert_eq!([a.clone(), b.clone()].into_iter().sum::<Counts>(), all.clone());
            prop_assert_eq!(all - b, a);
        }
    }

    #[test]
    fn what_receipts_prove() {
        use State::{Cancelled, Delivered, Failed, Pending, Read, Retry, Sending, Sent, Skipped, Unknown};
        // A receipt before settle stays.
        assert_eq!(Sending.merge(Delivered).merge(Sent), Delivered);
        assert_eq!(Delivered.merge(Retry), Delivered);
        assert_eq!(Pending.merge(Unknown).merge(Sent), Sent);
        assert_eq!(Unknown.merge(Failed), Failed);
        assert_eq!(Sent.merge(Failed), Failed);
        assert_eq!(Failed.merge(Sent), Failed);
        assert_eq!(Failed.merge(Delivered), Delivered);
        assert_eq!(Read.merge(Failed), Read);
        for over in [Cancelled, Skipped] {
            for fold in [Pending, Sending, Retry] {
                assert_eq!(over.merge(fold), over);
            }
            assert_eq!(over.merge(Sent), Sent);
            assert_eq!(over.merge(Delivered), Delivered);
        }
    }

    #[test]
    fn counts_are_written_in_camel_case_and_missing_columns_are_zero() {
        let counts: Counts = [State::Sent, State::Read, State::Retry].into_iter().collect();
        assert_eq!(counts.accepted(), 2);
        assert_eq!(counts.settled(), 2);
        assert_eq!(
            serde_json::to_value(&counts).unwrap(),
            serde_json::json!({
                "total": 3, "pending": 1, "sent": 1, "delivered": 0, "read": 1, "failed": 0, "skipped": 0,
                "unknown": 0, "cancelled": 0
            })
        );
        assert_eq!(serde_json::from_str::<Counts>(r#"{"total":1,"sent":1}"#).unwrap().sent, 1);
    }

    #[test]
    fn a_board_with_a_foreign_character_is_refused() {
        assert_eq!(Board::parse("PX"), None);
        assert!(serde_json::from_str::<Board>(r#""PX""#).is_err());
    }
}
