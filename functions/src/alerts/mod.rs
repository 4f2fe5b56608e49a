//! `/api/alerts`: what a person should look at.

mod acknowledge;
mod list;
mod mails_list;
mod recipients_get;
mod recipients_update;
pub(crate) mod view;

web::rows! { list, acknowledge, recipients_get, recipients_update, mails_list }
