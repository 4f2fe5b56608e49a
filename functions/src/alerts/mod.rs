//! `/api/alerts`: what a person should look at.

mod acknowledge;
mod list;
pub(crate) mod view;

web::rows! { list, acknowledge }
