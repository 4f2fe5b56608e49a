//! `/api/templates`: texts to be used again.

mod copy;
mod create;
mod delete;
mod get;
mod list;
mod preview;
mod preview_unsaved;
mod request;
mod update;
pub(crate) mod view;

web::rows! { list, create, get, update, delete, copy, preview, preview_unsaved }
