//! What comes back from a provider by webhook: receipts, what people wrote, and who is to get no more.

use std::time::Duration;

use bytes::Bytes;
use domain::{
    delivery::ErrorClass, engagement::EngagementKind, id::DeliveryId, keywords::Keyword, money::Money,
    suppression::SuppressionReason,
};
use http::{HeaderMap, Method};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::answer::Known;

/// How far a delivery got, as a webhook tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReceiptStatus {
    /// On its way.
    Sent,
    /// On the recipient's device.
    Delivered,
    /// Opened.
    Read,
    /// It will not arrive.
    Failed,
}

/// One step of one delivery. It is matched by `correlation`, else by `phone` and `provider_message_id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Our own id, where the provider gives it back.
    pub correlation: Option<DeliveryId>,
    /// The provider's id.
    pub provider_message_id: Option<String>,
    /// Another id by which later receipts may name the same text.
    #[serde(default)]
    pub alias: Option<String>,
    /// The recipient's number in E.164, or e-mail address, where told.
    pub phone: Option<String>,
    /// How far it got.
    pub status: ReceiptStatus,
    /// Why it failed.
    pub error: Option<ReceiptError>,
    /// What it cost, where told.
    pub cost: Option<Money>,
    /// When, by the provider's clock, where told.
    pub occurred_at: Option<Timestamp>,
}

impl Receipt {
    /// The most bytes of an id or an address in a receipt.
    const LONGEST: usize = 255;

    /// A step of which nothing else is told yet. `why` is asked if it failed; where it does not know, the reason is a word.
    pub(crate) fn new(status: ReceiptStatus, why: impl FnOnce() -> Known, provider: &str) -> Self {
        let error = (status == ReceiptStatus::Failed).then(|| {
            let unknown = || (ErrorClass::Transient, format!("{provider}: it failed"));
            let (class, reason) = why().unwrap_or_else(unknown);
            ReceiptError { class, reason }
        });
        Self {
            correlation: None,
            provider_message_id: None,
            alias: None,
            phone: None,
            status,
            error,
            cost: None,
            occurred_at: None,
        }
    }

    /// The receipt without an id or an address that is longer than any: they become keys of the table. `None` if nothing
    /// is left by which it could be matched.
    #[must_use]
    pub fn bounded(mut self) -> Option<Self> {
        self.provider_message_id.take_if(|id| id.len() > Self::LONGEST);
        self.alias.take_if(|id| id.len() > Self::LONGEST);
        self.phone.take_if(|address| address.len() > Self::LONGEST);
        (self.correlation.is_some() || self.provider_message_id.is_some()).then_some(self)
    }
}

/// Why a delivery failed after it was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptError {
    /// For programs.
    pub class: ErrorClass,
    /// For people: the provider's code and what it means.
    pub reason: String,
}

/// What somebody wrote to one of our numbers, or did about our messages at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// The provider's id.
    pub provider_message_id: Option<String>,
    /// Who: a number as the provider gives it, in international form, or an e-mail address.
    pub from: String,
    /// Which number or sender of ours, where told.
    pub to: Option<String>,
    /// What they wrote; empty if nothing was written (an opt-out alone, a picture).
    pub text: String,
    /// What the provider took it for; it then sends its own answer. Holds whatever our own list of words says.
    pub keyword: Option<Keyword>,
    /// When, by the provider's clock, where told.
    pub occurred_at: Option<Timestamp>,
}

impl Inbound {
    /// A call from somebody of which nothing else is told yet.
    pub(crate) fn by(from: String) -> Self {
        Self { provider_message_id: None, from, to: None, text: String::new(), keyword: None, occurred_at: None }
    }
}

/// Somebody who is to get no more messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// A number in international form, or an e-mail address.
    pub address: String,
    /// Why.
    pub reason: SuppressionReason,
}

/// What somebody did with a mail. It is no step of its delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engagement {
    /// Our id.
    pub delivery: DeliveryId,
    /// What they did.
    pub kind: EngagementKind,
    /// The link that they followed.
    pub link: Option<String>,
    /// When, by the provider's clock, where told.
    pub occurred_at: Option<Timestamp>,
}

impl Engagement {
    /// What a provider's word for it means; `None` for other words, and without our id.
    pub(crate) fn of(
        word: &str,
        delivery: Option<DeliveryId>,
        link: Option<String>,
        occurred_at: Option<Timestamp>,
    ) -> Option<Self> {
        let kind = match word.to_ascii_lowercase().as_str() {
            "open" | "opened" => EngagementKind::Opened,
            "click" | "clicked" => EngagementKind::Clicked,
            _ => return None,
        };
        let link = link.filter(|_| kind == EngagementKind::Clicked);
        Some(Self { delivery: delivery?, kind, link, occurred_at })
    }
}

/// A page of the list that a provider keeps of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SuppressionPage {
    /// Who stands on it.
    pub found: Vec<Suppressed>,
    /// Where the next page begins; `None`: this is the last.
    pub next: Option<String>,
}

/// A receipt that a simulated provider will give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulated {
    /// After how long.
    pub after: Duration,
    /// What.
    pub receipt: Receipt,
}

/// A webhook call as it came in.
#[derive(Debug, Clone)]
pub struct WebhookRequest {
    /// `POST` or `GET`.
    pub method: Method,
    /// The raw query without `?`, exactly as received; empty for none.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The raw body.
    pub body: Bytes,
    /// When it came in; old signatures are judged by it.
    pub received_at: Timestamp,
}

impl WebhookRequest {
    /// A header as text; the first, if repeated.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// A webhook call that the provider did not make. The text is for the operator; the caller learns nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Forged(pub String);

/// A webhook call that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);
