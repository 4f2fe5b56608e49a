//! `/api/groups`: named sets of contacts.

mod confirmations_ask;
mod contacts_add;
mod contacts_list;
mod contacts_remove;
mod create;
mod delete;
mod get;
mod list;
mod update;
mod upload_excel;
pub(crate) mod view;

web::rows! { list, create, get, update, delete, contacts_list, contacts_add, contacts_remove, upload_excel, confirmations_ask }
