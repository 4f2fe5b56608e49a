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
pub mod profile;
pub mod provider;
pub mod registration;
pub mod secret;
pub mod templates;
pub mod validate;
pub mod webhook;

mod account;
mod africastalking;
mod aisensy;
mod bulksms;
mod bulksms_id;
mod custom;
mod email;
mod fonnte;
mod form;
mod gupshup;
mod interakt;
mod json;
mod look_up;
mod mailgun;
mod mailgun_account;
mod mailgun_events;
mod mailgun_signature;
mod mailjet;
mod mailjet_account;
mod mailjet_events;
mod meta;
mod number;
mod outcome;
mod overview;
mod public_key;
mod request;
mod sandbox;
mod sendgrid;
mod sendgrid_account;
mod sendgrid_parts;
mod ses;
mod ses_account;
mod ses_events;
mod ses_sns;
mod signature;
mod smtp;
mod smtp_connection;
mod telnyx;
mod twilio;
mod twilio_look_up;
mod twilio_signature;
mod vonage;
mod vonage_signature;
mod vonage_sms;
mod whatsapp;

#[cfg(test)]
#[path = "tests/mail_server.rs"]
mod mail_server;
#[cfg(test)]
mod testing;

pub use catalogue::{catalogue, spec};
pub use email::preview as mail_preview;
pub use guard::{AllowList, Refused};
pub use kind::{Availability, Channel, Feature, Field, Kind, KindSpec, UnknownPolicy};
pub use outbound::{CallError, Outbound};
pub use outgoing::{Attachment, Outgoing, Template};
pub use overview::overview;
pub use provider::{
    Account, Engagement, Failure, Forged, Inbound, Outcome, Provider, Receipt, ReceiptError, ReceiptStatus, Simulated,
    Suppressed, SuppressionPage, TestReport, Unreadable, WebhookRequest,
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

/// The adapter of a kind.
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
        Kind::Mailgun => &mailgun::Mailgun,
        Kind::Mailjet => &mailjet::Mailjet,
        Kind::SendGrid => &sendgrid::SendGrid,
        Kind::Ses => &ses::Ses,
        Kind::Smtp => &smtp::Smtp,
    }
}

#[cfg(test)]
#[path = "tests/any_call.rs"]
mod any_call;

#[cfg(test)]
#[path = "tests/asked.rs"]
mod asked;

#[cfg(test)]
#[path = "tests/files.rs"]
mod files;

#[cfg(test)]
#[path = "tests/mail_accounts.rs"]
mod mail_accounts;
