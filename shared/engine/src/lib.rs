//! What the product does: accept, plan, claim, send, settle, receive; imports. All of it against the AWS SDK, none
//! of it knowing HTTP.
//!
//! The way of a message: [`accept`] → [`plan`] → [`send`] → [`receive`] → [`finish`]; [`sweep`] finishes what a crash
//! left between two steps; [`control`] is what people do to it on the way.

pub mod accept;
pub mod alerts;
pub mod app;
pub mod audience;
pub mod confirm;
pub mod control;
pub mod cost;
pub mod domains;
pub mod engagement;
pub mod failed;
pub mod finish;
pub mod free_text;
pub mod health;
pub mod imports;
pub mod inbound;
pub mod jobs;
pub mod known;
pub mod mailer;
pub mod media;
pub mod notify;
pub mod plan;
pub mod preferences;
pub mod providers;
pub mod receive;
pub mod render;
pub mod routing;
mod sealed;
pub mod send;
pub mod suppressions;
pub mod sweep;
pub mod unsubscribe;
pub mod whatsapp_templates;

pub use app::{App, Queue, Settings};
