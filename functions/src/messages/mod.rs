//! `/api/messages`: one content to one audience on one channel at one time.

mod bulk;
mod create;
mod delete;
mod estimate;
mod estimate_kept;
mod get;
mod list;
mod pause;
mod recipients;
pub mod request;
mod resend;
mod resolve;
pub use resolve::ResolveRequest;
mod resume;
mod send;
mod update;
pub mod view;
pub mod when;

use engine::Queue;
use web::{Grant, Row};

/// What an operation touches that moves a message on, holds it or ends it.
const CONTROL: &[Grant] = &[
    Grant::Table,
    Grant::Enqueue(Queue::Plan),
    Grant::Enqueue(Queue::Send),
    Grant::Enqueue(Queue::Finish),
    Grant::Schedule,
];

/// Why a new message is not accepted.
const NOT_ACCEPTED: &[&str] = &[
    "audience_empty",
    "provider_missing",
    "provider_ambiguous",
    "scheduled_in_past",
    "variable_missing",
    "media_not_for_channel",
    "media_not_for_provider",
    "media_not_found",
    "media_not_ready",
    "media_rejected",
    "media_too_large",
    "media_too_many",
    "media_type_not_for_channel",
    "media_with_template",
    "409 provider_paused",
    "409 window_closed",
    "whatsapp_template_not_found",
    "whatsapp_template_not_approved",
    "parameters_mismatch",
];

/// The rows of this resource.
pub fn rows() -> Vec<Row> {
    vec![
        create::row(),
        estimate::row(),
        estimate_kept::row(),
        bulk::row(),
        list::row(),
        get::row(),
        update::row(),
        delete::row(),
        send::row(),
        pause::row(),
        resume::row(),
        resend::row(),
        resolve::row(),
        recipients::row(),
    ]
}
