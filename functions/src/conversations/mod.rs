//! `/api/conversations`: what people wrote, and what went to them.

mod thread;
mod view;

web::rows! { list, get, messages_list, messages_create }
