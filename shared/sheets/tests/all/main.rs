//! Spreadsheets of every kind, good, bad and hostile.

#![allow(clippy::unwrap_used, reason = "test code")]

mod any_bytes;
mod contacts;
mod formats;
mod hostile;
mod kit;
mod refusals;
mod samples;
