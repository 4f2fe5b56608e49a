//! The tests that need the whole, in one binary: a binary more would be linked for minutes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod api;
mod faults;
mod flows;
mod infra;
