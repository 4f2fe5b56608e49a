//! Providers: who carries a text to a phone, one file each, and the guarded HTTP client they all use.
//!
//! Invariant: adapters know neither the table nor the queues. They turn a text into a request, an answer into an
//! [`Outcome`], and a webhook call into [`Receipt`]s; what follows from them is the engine's.
//!
//! Start at [`Provider`] (the trait), then read one adapter beside its page in docs/providers.

pub mod answer;
mod catalogue;
pub mod guard;
pub mod kind;
pub mod outbound;
pub mod outgoing;
pub mod provider;
pub mod secret;
pub mod validate;

mod africastalking;
mod aisensy;
mod bulksms;
mod coming_soon;
mod custom;
mod fonnte;
mod form;
mod gupshup;
mod interakt;
mod json;
mod meta;
mod number;
mod overview;
mod request;
mod sandbox;
mod signature;
mod telnyx;
mod twilio;
mod twilio_look_up;
mod twilio_signature;
mod vonage;
mod vonage_signature;
mod vonage_sms;
mod whatsapp;

#[cfg(test)]
mod testing;

pub use catalogue::{catalogue, spec};
pub use guard::{AllowList, Refused};
pub use kind::{Availability, Channel, Feature, Field, Kind, KindSpec, UnknownPolicy};
pub use outbound::{CallError, Outbound};
pub use outgoing::{Outgoing, Template};
pub use overview::overview;
pub use provider::{
    Account, Failure, Forged, Inbound, Outcome, Provider, Receipt, ReceiptError, ReceiptStatus, Simulated, TestReport,
    Unreadable, WebhookRequest,
};
pub use secret::{Credentials, Secret};
pub use validate::validate;

/// What a config may do with recipients of whom nobody knows whether the provider took them.
pub fn unknown_policies(account: &Account) -> Vec<UnknownPolicy> {
    let adapter = provider(account.kind);
    let can = |policy: &UnknownPolicy| match policy {
        UnknownPolicy::Hold => true,
        UnknownPolicy::Resend => adapter.remembers(account).is_some(),
        UnknownPolicy::LookUp => adapter.look_up_after().is_some(),
    };
    spec(account.kind).unknown_policies.iter().copied().filter(can).collect()
}

/// The adapter of a kind. Kinds that are coming soon refuse everything; [`validate`] keeps configs of them from being
/// made.
pub fn provider(kind: Kind) -> &'static dyn Provider {
    match kind {
        Kind::Sandbox => &sandbox::Sandbox,
        Kind::Custom => &custom::Custom,
        Kind::AfricasTalking => &africastalking::AfricasTalking,
        Kind::Twilio => &twilio::Twilio,
        Kind::BulkSms => &bulksms::BulkSms,
        Kind::Vonage => &vonage::Vonage,
        Kind::Telnyx => &telnyx::Telnyx,
        Kind::Meta => &meta::Meta,
        Kind::Fonnte => &fonnte::Fonnte,
        Kind::AiSensy => &aisensy::AiSensy,
        Kind::Interakt => &interakt::Interakt,
        Kind::Gupshup => &gupshup::Gupshup,
        _ => &coming_soon::ComingSoon,
    }
}

#[cfg(test)]
#[path = "tests/any_call.rs"]
mod any_call;
