//! `/api/messages`: one content to one audience on one channel at one time.

mod bulk;
mod create;
mod delete;
mod estimate;
mod get;
mod list;
mod pause;
mod recipients;
pub mod request;
mod resend;
mod resolve;
pub use resolve::ResolveRequest;
mod resume;
mod send;
mod update;
pub mod view;
pub mod when;

use web::Row;

/// The rows of this resource.
pub fn rows() -> Vec<Row> {
    vec![
        create::row(),
        estimate::row(),
        bulk::row(),
        list::row(),
        get::row(),
        update::row(),
        delete::row(),
        send::row(),
        pause::row(),
        resume::row(),
        resend::row(),
        resolve::row(),
        recipients::row(),
    ]
}
