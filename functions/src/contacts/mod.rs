//! `/api/contacts`: people, and what is known of them.

pub(crate) mod fields;
pub(crate) mod view;

web::rows! { list, search, create, bulk, export, get, update, delete, deliveries, tags }
