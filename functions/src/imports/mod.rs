//! `/api/imports`: files of any size on their way to contacts.

mod commit;
mod create;
mod get;
mod list;
pub mod message;
mod rejected;
mod rows_list;
mod rows_update;
mod update;
pub mod view;

use web::Row;

/// The rows of this resource.
pub fn rows() -> Vec<Row> {
    vec![
        create::row(),
        list::row(),
        get::row(),
        update::row(),
        rows_list::row(),
        rows_update::row(),
        commit::row(),
        rejected::row(),
    ]
}
