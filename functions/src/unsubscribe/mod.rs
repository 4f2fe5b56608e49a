//! `/api/u/{token}`: the page by which people stop e-mail, and the one click of their mail program (RFC 8058).

mod confirm;
mod page;
mod show;

mod confirm;
mod show;

web::rows! { show, confirm }
