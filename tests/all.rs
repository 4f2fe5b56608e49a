//! The tests that need the whole, in one binary: a binary more would be linked for minutes.

mod api;
mod flows;
mod infra;
