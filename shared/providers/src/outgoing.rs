//! What is handed to a provider: one rendered message to one recipient, as free text or as an approved template.

use std::sync::Arc;

use bytes::Bytes;
pub use domain::whatsapp::{Button, ButtonKind, Filled as Template, Header};
use domain::{
    id::DeliveryId,
    media::{self, MediaKind},
};

/// One rendered message to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Unique per recipient and message; the correlation value wherever a provider takes one.
    pub delivery_id: DeliveryId,
    /// E.164 with `+`, or an e-mail address.
    pub to: String,
    /// The text, rendered.
    pub body: String,
    /// The subject, for e-mail.
    pub subject: Option<String>,
    /// Whether `body` is HTML, with its values escaped; for e-mail.
    pub html: bool,
    /// Where the recipient stops these messages with one click (RFC 8058), for e-mail.
    pub unsubscribe_url: Option<String>,
    /// The approved template that is sent instead of `body`, for WhatsApp.
    pub template: Option<Template>,
    /// Files that go with it; all copies of a message share them.
    pub media: Arc<[Attachment]>,
    /// Parts of the text, as counted by us; 1 where that means nothing.
    pub segments: u32,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// Which submission this is of those that people asked for, from 1. Tries of the engine itself belong to one.
    pub submission: u32,
}

impl Outgoing {
    /// The same for all tries that must together bring one text; another for a text that a person wants sent again.
    pub fn idempotency_key(&self) -> String {
        format!("{}-{}", self.delivery_id, self.submission)
    }
}

/// A file that goes with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// What it is called.
    pub name: String,
    /// Its media type (RFC 6838).
    pub content_type: String,
    /// What is in it, for e-mail; else empty.
    pub bytes: Bytes,
    /// Where a provider fetches it, for WhatsApp.
    pub url: Option<String>,
}

impl Attachment {
    /// How WhatsApp shows it.
    pub fn kind(&self) -> MediaKind {
        media::named(&self.content_type).map_or(MediaKind::Document, |known| known.kind)
    }
}
