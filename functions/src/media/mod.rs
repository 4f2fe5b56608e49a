//! `/api/media`: files that go with messages, and the links to them.

mod create;
mod delete;
mod file;
mod get;
mod list;
mod view;

web::rows! { list, create, get, delete, file }
