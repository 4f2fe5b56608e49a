//! `/api/templates`: texts to be used again.

mod request;
pub(crate) mod view;

web::rows! { list, create, get, update, delete, copy, preview }
