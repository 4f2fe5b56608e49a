//! Messages: the states they go through and how they close.

use crate::board::Counts;
pub use crate::channel::Channel;

named! {
    /// The state of a message.
    pub enum MessageStatus {
        /// Written, not released.
        Draft = "DRAFT",
        /// Released for a later time.
        Scheduled = "SCHEDULED",
        /// Released, its audience not planned yet.
        Pending = "PENDING",
        /// Being planned and sent.
        Sending = "SENDING",
        /// Stopped until a person or the cause lets it go on; see [`PauseReason`].
        Paused = "PAUSED",
        /// Every recipient is settled, and at least one was accepted by the provider.
        Sent = "SENT",
        /// Every recipient is settled, and none was accepted.
        Failed = "FAILED",
        /// Stopped for good. What was sent before stays sent.
        Cancelled = "CANCELLED",
    }
}

impl MessageStatus {
    /// Whether a message may go from this state to `to`. A state never follows itself.
    ///
    /// `SENT` and `FAILED` open again only when a person sends what failed again; `CANCELLED` never does. `FAILED` becomes
    /// `SENT` by itself when a late receipt says that somebody got it after all.
    pub const fn can_become(self, to: Self) -> bool {
        use MessageStatus::{Cancelled, Draft, Failed, Paused, Pending, Scheduled, Sending, Sent};
        match self {
            Draft => matches!(to, Scheduled | Pending | Sending | Cancelled),
            // Back to a draft when its time is taken away.
            Scheduled => matches!(to, Draft | Pending | Sending | Paused | Failed | Cancelled),
            Pending => matches!(to, Sending | Paused | Failed | Cancelled),
            Sending => matches!(to, Paused | Sent | Failed | Cancelled),
            // `SENT` and `FAILED` directly: the last unknown recipient was decided by a person.
            Paused => matches!(to, Scheduled | Pending | Sending | Sent | Failed | Cancelled),
            Sent => matches!(to, Sending),
            Failed => matches!(to, Sending | Sent),
            Cancelled => false,
        }
    }

    /// Whether nothing more happens to it unless a person asks.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Sent | Self::Failed | Self::Cancelled)
    }

    /// Whether its text, audience and time may still be changed.
    pub const fn is_editable(self) -> bool {
        matches!(self, Self::Draft | Self::Scheduled)
    }
}

named! {
    /// Why a message is paused.
    pub enum PauseReason {
        /// Its time passed longer ago than allowed before it could start.
        Late = "LATE",
        /// The provider config is paused (bad credentials, sender or account).
        Provider = "PROVIDER",
        /// The balance or the credits are used up.
        Credits = "CREDITS",
        /// A person paused it.
        User = "USER",
        /// Nobody was accepted for certain and some are unknown: a person decides.
        Review = "REVIEW",
    }
}

named! {
    /// How the audience of a message is named.
    pub enum RecipientType {
        /// One or more contacts.
        Contact = "CONTACT",
        /// One or more groups.
        Group = "GROUP",
        /// Phone numbers or e-mail addresses.
        Address = "ADDRESS",
        /// Groups, contacts and addresses together; the first mention of an address wins.
        Mixed = "MIXED",
        /// A stored filter over contacts.
        Segment = "SEGMENT",
    }
}

/// The state in which a fully planned message closes with these counts; `None` while a recipient is pending.
///
/// `UNKNOWN` counts as settled. Nobody accepted but some unknown: [`MessageStatus::Paused`], for
/// [`PauseReason::Review`].
pub const fn closing(counts: &Counts) -> Option<MessageStatus> {
    if counts.pending > 0 {
        None
    } else if counts.accepted() > 0 {
        Some(MessageStatus::Sent)
    } else if counts.unknown > 0 {
        Some(MessageStatus::Paused)
    } else {
        Some(MessageStatus::Failed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(pending: u64, sent: u64, read: u64, failed: u64, unknown: u64) -> Counts {
        let total = pending + sent + read + failed + unknown;
        Counts { total, pending, sent, read, failed, unknown, ..Counts::default() }
    }

    #[test]
    fn a_message_closes_when_all_are_settled() {
        assert_eq!(closing(&counts(1, 9, 0, 0, 0)), None);
        assert_eq!(closing(&counts(0, 1, 0, 9, 5)), Some(MessageStatus::Sent));
        assert_eq!(closing(&counts(0, 0, 1, 9, 5)), Some(MessageStatus::Sent));
        assert_eq!(closing(&counts(0, 0, 0, 9, 5)), Some(MessageStatus::Paused));
        assert_eq!(closing(&counts(0, 0, 0, 9, 0)), Some(MessageStatus::Failed));
        assert_eq!(closing(&Counts::default()), Some(MessageStatus::Failed));
    }

    #[test]
    fn what_is_cancelled_stays_cancelled() {
        for to in MessageStatus::ALL {
            assert!(!MessageStatus::Cancelled.can_become(*to));
            assert!(!to.can_become(*to));
        }
    }

    #[test]
    fn all_that_is_not_over_can_be_cancelled() {
        for from in MessageStatus::ALL {
            assert_eq!(from.can_become(MessageStatus::Cancelled), !from.is_final(), "{from}");
        }
    }

    proptest! {
        #[test]
        fn a_message_in_work_may_close_as_its_counts_say(
            pending in 0_u64..3, sent in 0_u64..3, read in 0_u64..3, failed in 0_u64..3, unknown in 0_u64..3,
        ) {
            let counts = counts(pending, sent, read, failed, unknown);
            match closing(&counts) {
                None => prop_assert!(counts.pending > 0),
                Some(to) => prop_assert!(MessageStatus::Sending.can_become(to)),
            }
        }
    }
}
