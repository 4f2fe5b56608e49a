//! `/api/u/{token}`: the page by which people stop e-mail, and the one click of their mail program (RFC 8058).

mod page;

mod confirm;
mod show;

web::rows! { show, confirm }
