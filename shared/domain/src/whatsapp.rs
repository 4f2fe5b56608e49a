//! WhatsApp: templates that it approves, what fills them, and the window in which it takes free text.
//!
//! A template is text with placeholders, `{{1}}` or `{{name}}`, which its provider knows by name. A message fills each
//! with a text of its own that may hold `{{variables}}`: so the placeholders are WhatsApp's, and the variables ours.

mod components;
mod fill;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use components::{ButtonComponent, Components, HeaderComponent, placeholders};
pub use fill::{Button, Filled, Header, Parameters};

/// How long WhatsApp lets free text through after the person wrote. Source:
/// <https://developers.facebook.com/docs/whatsapp/conversation-types>.
pub const WINDOW: Duration = Duration::from_hours(24);

named! {
    /// What a template is for. WhatsApp charges by it.
    pub enum TemplateCategory {
        /// Offers, news, invitations.
        Marketing = "MARKETING",
        /// What belongs to something that the person ordered or asked for.
        Utility = "UTILITY",
        /// Codes to sign in with.
        Authentication = "AUTHENTICATION",
    }
}

named! {
    /// Where a template stands at WhatsApp.
    pub enum TemplateStatus {
        /// It can be sent.
        Approved = "APPROVED",
        /// It is being looked at.
        Pending = "PENDING",
        /// It was refused; the reason says why.
        Rejected = "REJECTED",
        /// It cannot be sent for now, or any more; the reason says why.
        Paused = "PAUSED",
    }
}

impl TemplateStatus {
    /// From the words that Meta and those who pass them on use, with what they say beside it. Words that are not known
    /// keep a template from being sent.
    pub fn read(word: &str, reason: Option<String>) -> (Self, Option<String>) {
        let reason = reason.filter(|reason| !reason.is_empty() && !reason.eq_ignore_ascii_case("none"));
        let word = word.to_ascii_uppercase();
        match word.as_str() {
            "APPROVED" => (Self::Approved, None),
            "PENDING" | "RECEIVED" | "SUBMITTED" | "IN_APPEAL" | "UNDER_REVIEW" | "IN_REVIEW" => (Self::Pending, None),
            "REJECTED" | "FAILED" => (Self::Rejected, reason),
            _ => (Self::Paused, reason.or_else(|| (word != "PAUSED").then_some(word))),
        }
    }
}

named! {
    /// What a template begins with.
    pub enum HeaderKind {
        /// A line of text, with at most one placeholder.
        Text = "TEXT",
        /// A picture.
        Image = "IMAGE",
        /// A film.
        Video = "VIDEO",
        /// A file.
        Document = "DOCUMENT",
    }
}

named! {
    /// What a button of a template does.
    pub enum ButtonKind {
        /// Opens an address, whose end may be a placeholder.
        Url = "URL",
        /// Answers with its own text.
        QuickReply = "QUICK_REPLY",
        /// Calls a number.
        PhoneNumber = "PHONE_NUMBER",
        /// Copies a code.
        CopyCode = "COPY_CODE",
    }
}

/// What a message says of the template that it goes out as: frozen when it is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Used {
    /// The template.
    pub id: crate::id::WhatsAppTemplateId,
    /// Its name, for people.
    pub name: String,
    /// Its category, by which it is priced.
    pub category: TemplateCategory,
    /// What is sent, with variables.
    pub filled: Filled,
}

/// Whether a text may be a language: `en`, `en_US`, `pt_BR`.
pub fn is_language(text: &str) -> bool {
    (2..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
}

/// Whether WhatsApp takes a text as the name of a new template.
pub fn is_name(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=512).contains(&text.len()) && text.bytes().all(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_providers_become_states_with_reasons() {
        let read = |word: &str, reason: &str| TemplateStatus::read(word, Some(reason.to_owned()));
        assert_eq!(read("approved", "NONE"), (TemplateStatus::Approved, None));
        assert_eq!(read("received", ""), (TemplateStatus::Pending, None));
        assert_eq!(read("REJECTED", "SCAM"), (TemplateStatus::Rejected, Some("SCAM".into())));
        assert_eq!(read("PAUSED", "low quality"), (TemplateStatus::Paused, Some("low quality".into())));
        assert_eq!(read("PAUSED", "NONE"), (TemplateStatus::Paused, None));
        assert_eq!(read("DISABLED", ""), (TemplateStatus::Paused, Some("DISABLED".into())));
    }

    #[test]
    fn names_and_languages() {
        assert!(is_name("order_ready_2") && !is_name("Order ready") && !is_name(""));
        assert!(is_language("en_US") && is_language("fil") && !is_language("e") && !is_language("en-us!"));
    }
}
