//! The rules of Dundun: ids, phone numbers, segments, templates, state machines, money.
//!
//! Invariant: nothing here does I/O, reads a clock or knows AWS or HTTP. Everything can be called from a test
//! with plain values.

#[macro_use]
pub mod named;

pub mod access;
pub mod attributes;
pub mod board;
pub mod channel;
pub mod country;
pub mod delivery;
pub mod destination;
pub mod dns;
pub mod email;
pub mod engagement;
pub mod error;
pub mod event;
pub mod id;
pub mod keywords;
pub mod media;
pub mod message;
pub mod money;
pub mod names;
pub mod phone;
pub mod price;
pub mod retry;
pub mod routing;
pub mod schedule;
pub mod segments;
pub mod sender;
pub mod smart;
pub mod suppression;
pub mod template;
pub mod text;
pub mod validate;
pub mod whatsapp;

pub use error::{Error, Result, Violation};
