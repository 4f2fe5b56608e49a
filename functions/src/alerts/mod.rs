//! `/api/alerts`: what a person should look at.

pub(crate) mod view;

web::rows! { list, acknowledge }
