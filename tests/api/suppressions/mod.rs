//! `/api/suppressions`.

mod create;
mod delete;
mod import;
mod list;
mod sync;
