//! `/api/domains`: the domains that e-mail is sent from, and the records that they need in DNS.

mod check;
mod create;
mod delete;
mod get;
mod list;
mod view;

web::rows! { list, create, get, delete, check }
