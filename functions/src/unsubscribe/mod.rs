//! `/api/u/{token}`: the page by which people stop e-mail, and the one click of their mail program (RFC 8058).

pub(crate) mod page;

mod confirm;
mod preferences_save;
mod preferences_show;
mod show;

web::rows! { show, confirm, preferences_show, preferences_save }
