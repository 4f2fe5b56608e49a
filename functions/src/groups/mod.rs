//! `/api/groups`: named sets of contacts.

pub(crate) mod view;

web::rows! { list, create, get, update, delete, contacts_list, contacts_add, contacts_remove, upload_excel }
