//! `/api/contacts`: people, and what is known of them.

mod bulk;
mod create;
mod delete;
mod deliveries;
mod export;
pub(crate) mod fields;
mod get;
mod list;
mod search;
mod tags;
mod update;
pub(crate) mod view;

web::rows! { list, search, create, bulk, export, get, update, delete, deliveries, tags }
