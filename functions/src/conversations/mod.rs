//! `/api/conversations`: what people wrote, and what went to them.

mod get;
mod list;
mod messages_create;
mod messages_list;
mod thread;
mod view;

web::rows! { list, get, messages_list, messages_create }
