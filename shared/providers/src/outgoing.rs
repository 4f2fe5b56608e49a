//! What is handed to a provider: one rendered message to one recipient, as free text or as an approved template.

use domain::id::DeliveryId;
use serde::{Deserialize, Serialize};

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

/// A template that WhatsApp approved, and what fills it for one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    /// As the provider knows it: a name (Meta, Interakt, Vonage), an id (Gupshup), `HX…` (Twilio), a campaign (AiSensy).
    pub name: String,
    /// The code of its language, such as `en` or `en_US`. Twilio, Gupshup and AiSensy know it by the name.
    pub language: String,
    /// What fills the header, if it has a placeholder or a picture.
    pub header: Option<Header>,
    /// What fills the body's placeholders, in their order.
    pub body: Vec<String>,
    /// What fills the buttons, of those that take anything.
    pub buttons: Vec<Button>,
}

/// What fills a template's header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Header {
    /// The one placeholder of a text.
    Text {
        /// What stands there.
        text: String,
    },
    /// A picture.
    Image {
        /// Its public address.
        url: String,
    },
    /// A film.
    Video {
        /// Its public address.
        url: String,
    },
    /// A file.
    Document {
        /// Its public address.
        url: String,
        /// What it is called.
        filename: String,
    },
}

/// What fills a template's button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// Which one, from 0.
    pub index: u8,
    /// What it does.
    pub kind: ButtonKind,
    /// The end of its address, what comes back when it is pressed, or the code to copy.
    pub value: String,
}

/// What a button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ButtonKind {
    /// Opens an address.
    Url,
    /// Answers.
    QuickReply,
    /// Copies a code.
    CopyCode,
}
