//! `/api/whatsapp-templates`: templates that WhatsApp approves, of provider configs.

mod create;
mod delete;
mod get;
mod list;
mod sync;
pub mod view;

web::rows! { list, create, sync, get, delete }
