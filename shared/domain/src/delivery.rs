//! Deliveries: what clients see of one recipient's copy, why one was left out, and the classes of errors.

use crate::{board::State, message::PauseReason};

named! {
    /// The state of one recipient's copy, as clients see it.
    pub enum DeliveryStatus {
        /// Still to be sent.
        Pending = "PENDING",
        /// Accepted by the provider.
        Sent = "SENT",
        /// Arrived.
        Delivered = "DELIVERED",
        /// Opened.
        Read = "READ",
        /// Refused, or accepted and not delivered.
        Failed = "FAILED",
        /// Left out, with a reason.
        Skipped = "SKIPPED",
        /// Maybe sent: a crash or a timeout hides the answer.
        Unknown = "UNKNOWN",
        /// The message was cancelled before its turn.
        Cancelled = "CANCELLED",
    }
}

impl DeliveryStatus {
    /// In words (`statusDisplay`).
    pub const fn display(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Sent => "Sent",
            Self::Delivered => "Delivered",
            Self::Read => "Read",
            Self::Failed => "Failed",
            Self::Skipped => "Skipped",
            Self::Unknown => "Unknown",
            Self::Cancelled => "Cancelled",
        }
    }

    /// Whether the provider took it, and it did not fail since (`isSuccessful`).
    pub const fn is_successful(self) -> bool {
        matches!(self, Self::Sent | Self::Delivered | Self::Read)
    }

    /// The states on a board that are shown as this one.
    pub const fn states(self) -> &'static [State] {
        match self {
            Self::Pending => &[State::Pending, State::Sending, State::Retry],
            Self::Sent => &[State::Sent],
            Self::Delivered => &[State::Delivered],
            Self::Read => &[State::Read],
            Self::Failed => &[State::Failed],
            Self::Skipped => &[State::Skipped],
            Self::Unknown => &[State::Unknown],
            Self::Cancelled => &[State::Cancelled],
        }
    }
}

named! {
    /// Why a recipient of the audience is not sent to. Stable codes.
    pub enum SkipReason {
        /// Opted out, complained or bounced before.
        Suppressed = "suppressed",
        /// A pending member of the group, who has not confirmed.
        NotConfirmed = "not_confirmed",
        /// Only pending members are asked to confirm, each once.
        NotPending = "not_pending",
        /// The address cannot be read.
        InvalidAddress = "invalid_address",
        /// The contact has no address for the channel.
        NoAddress = "no_address",
        /// The text needs a value that the contact lacks.
        VariableMissing = "variable_missing",
        /// The values that the text needs are larger than a plan keeps.
        ValuesTooLong = "values_too_long",
        /// There is no such contact (any more).
        ContactDeleted = "contact_deleted",
        /// The address is in the audience already.
        Duplicate = "duplicate",
        /// The text is empty for this recipient.
        TextEmpty = "text_empty",
        /// The text is longer than the channel takes.
        TextTooLong = "text_too_long",
        /// A file of the message was deleted.
        MediaMissing = "media_missing",
        /// The provider sends no files.
        MediaUnsupported = "media_unsupported",
        /// WhatsApp takes no free text: the person has not written within 24 hours.
        WindowClosed = "window_closed",
    }
}

impl SkipReason {
    /// For people.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Suppressed => "The recipient opted out or cannot be reached.",
            Self::NotConfirmed => "The contact has not confirmed that they want to be in the group.",
            Self::NotPending => "The contact confirmed, was asked before, or left the group.",
            Self::InvalidAddress => "The address is not valid.",
            Self::NoAddress => "The contact has no address for this channel.",
            Self::VariableMissing => "The contact lacks a value that the text needs.",
            Self::ValuesTooLong => "The values for this recipient are too long.",
            Self::ContactDeleted => "The contact does not exist.",
            Self::Duplicate => "The address is in the audience already.",
            Self::TextEmpty => "The text is empty for this recipient.",
            Self::TextTooLong => "The text is too long for this recipient.",
            Self::MediaMissing => "A file of the message was deleted before its turn.",
            Self::MediaUnsupported => "This provider sends no files.",
            Self::WindowClosed => "They have not written within 24 hours: only an approved template may be sent.",
        }
    }
}

named! {
    /// What kind of error a provider's refusal is, in one vocabulary for all providers.
    pub enum ErrorClass {
        /// The address does not exist or cannot be reached. Permanent, for this recipient.
        InvalidRecipient = "INVALID_RECIPIENT",
        /// The recipient asked not to get messages. Permanent; also to be suppressed on our side.
        OptedOut = "OPTED_OUT",
        /// The account has no money left. Pauses the provider config.
        InsufficientBalance = "INSUFFICIENT_BALANCE",
        /// The account's key or password is wrong. Pauses the provider config.
        BadCredentials = "BAD_CREDENTIALS",
        /// The sender is not registered or allowed. Pauses the provider config.
        BadSender = "BAD_SENDER",
        /// The account is suspended. Pauses the provider config.
        AccountSuspended = "ACCOUNT_SUSPENDED",
        /// The text is refused. Permanent, for this message.
        BadContent = "BAD_CONTENT",
        /// The provider's template does not exist or does not fit. Permanent, for this message.
        Template = "TEMPLATE",
        /// Too fast. Worth trying again after a while.
        RateLimited = "RATE_LIMITED",
        /// The provider failed before it took the message. Worth trying again.
        Transient = "TRANSIENT",
        /// The provider may or may not have taken it. Never tried again without knowing more.
        Ambiguous = "AMBIGUOUS",
    }
}

impl ErrorClass {
    /// Whether the same copy would be refused again.
    pub const fn is_permanent(self) -> bool {
        matches!(self, Self::InvalidRecipient | Self::OptedOut | Self::BadContent | Self::Template)
    }

    /// Whether the account itself is unusable until a person mends it: the config and its messages pause.
    pub const fn pauses_config(self) -> bool {
        self.pause_reason().is_some()
    }

    /// What the messages of a paused config show.
    pub const fn pause_reason(self) -> Option<PauseReason> {
        match self {
            Self::InsufficientBalance => Some(PauseReason::Credits),
            Self::BadCredentials | Self::BadSender | Self::AccountSuspended => Some(PauseReason::Provider),
            _ => None,
        }
    }

    /// Whether the same copy may be sent again by the engine itself: it was certainly not taken.
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::RateLimited | Self::Transient)
    }

    /// Whether the recipient is to be suppressed.
    pub const fn suppresses(self) -> bool {
        matches!(self, Self::OptedOut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_states_and_board_states_agree() {
        let all: usize = DeliveryStatus::ALL.iter().map(|status| status.states().len()).sum();
        assert_eq!(all, State::ALL.len());
        for status in DeliveryStatus::ALL {
            assert!(status.states().iter().all(|state| state.shown() == *status));
            assert!(status.states().iter().all(|state| state.is_accepted() == status.is_successful()));
            assert_eq!(status.display().to_uppercase(), status.name());
        }
    }

    #[test]
    fn a_class_leads_to_one_consequence() {
        for class in ErrorClass::ALL {
            let consequences =
                [class.is_permanent(), class.pauses_config(), class.is_retryable(), *class == ErrorClass::Ambiguous];
            assert_eq!(consequences.into_iter().filter(|one| *one).count(), 1, "{class}");
        }
        assert_eq!(ErrorClass::InsufficientBalance.pause_reason(), Some(PauseReason::Credits));
        assert_eq!(ErrorClass::BadCredentials.pause_reason(), Some(PauseReason::Provider));
    }
}
