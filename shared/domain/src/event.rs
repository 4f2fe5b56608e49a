//! Events: what an organization's own programs can be told of, by its webhook endpoints.
//!
//! An event holds ids only. What is told about them is read when it is told, so neither a queue nor the list of attempts
//! keeps an address or a text.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{AlertId, ConversationId, EventId, ImportId, InboundId, MessageId, SuppressionId};

named! {
    /// What happened.
    pub enum EventType {
        /// Everybody of a message is settled, and somebody was accepted.
        MessageSent = "message.sent",
        /// A message came to nothing.
        MessageFailed = "message.failed",
        /// Somebody wrote.
        MessageReceived = "message.received",
        /// Copies arrived.
        DeliveryDelivered = "delivery.delivered",
        /// Copies were read.
        DeliveryRead = "delivery.read",
        /// Copies failed.
        DeliveryFailed = "delivery.failed",
        /// Somebody asked for no more messages.
        ContactOptedOut = "contact.opted_out",
        /// Somebody wants messages again.
        ContactOptedIn = "contact.opted_in",
        /// The rows of an import are contacts.
        ImportDone = "import.done",
        /// A file could not be read.
        ImportFailed = "import.failed",
        /// Something that a person should look at.
        AlertRaised = "alert.raised",
        /// Somebody tried an endpoint.
        WebhookTest = "webhook.test",
    }
}

/// What it happened to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "camelCase")]
pub enum Subject {
    /// A message.
    Message {
        /// Which.
        message: MessageId,
    },
    /// Some recipients' copies of one chunk of a message.
    Deliveries {
        /// The message.
        message: MessageId,
        /// The chunk.
        chunk: u32,
        /// The recipients' places in it.
        places: Vec<u32>,
    },
    /// An address that was put on the list of suppressions, or taken off it.
    Suppression {
        /// Which.
        suppression: SuppressionId,
    },
    /// What somebody wrote.
    Inbound {
        /// The conversation.
        conversation: ConversationId,
        /// The message in it.
        inbound: InboundId,
    },
    /// An import.
    Import {
        /// Which.
        import: ImportId,
    },
    /// An alert.
    Alert {
        /// Which.
        alert: AlertId,
    },
    /// Nothing: somebody tries an endpoint.
    Nothing,
}

impl Subject {
    /// The id of what it is about.
    pub fn id(&self) -> Option<String> {
        match self {
            Self::Message { message } | Self::Deliveries { message, .. } => Some(message.to_string()),
            Self::Suppression { suppression } => Some(suppression.to_string()),
            Self::Inbound { inbound, .. } => Some(inbound.to_string()),
            Self::Import { import } => Some(import.to_string()),
            Self::Alert { alert } => Some(alert.to_string()),
            Self::Nothing => None,
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its id, which receivers know it by when it comes twice.
    pub id: EventId,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// When.
    pub at: Timestamp,
    /// To what.
    pub subject: Subject,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_reads_back_and_holds_ids_only() {
        let message = MessageId::generate(Timestamp::UNIX_EPOCH, 7);
        let event = Event {
            id: EventId::new(Timestamp::UNIX_EPOCH, 1),
            kind: EventType::DeliveryFailed,
            at: Timestamp::UNIX_EPOCH,
            subject: Subject::Deliveries { message, chunk: 2, places: vec![0, 7] },
        };
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["type"], "delivery.failed");
        assert_eq!(json["subject"]["of"], "deliveries");
        assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
        assert_eq!(event.subject.id(), Some(message.to_string()));
    }
}
