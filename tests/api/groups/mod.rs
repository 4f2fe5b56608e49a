//! `/api/groups`.

mod contacts_add;
mod contacts_list;
mod contacts_remove;
mod create;
mod delete;
mod list;
mod update;
mod upload_excel;
