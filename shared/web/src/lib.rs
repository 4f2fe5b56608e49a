//! The HTTP kit: rows, auth, problem+json, idempotency, cursors, OpenAPI, telemetry.
//!
//! A handler is an async function; the types of its arguments say what it needs of the request, the type of its
//! reply says the status. A [`Row`] names it and says the rest. Invariant: nothing here knows a resource.

pub mod auth;
mod cursor;
pub mod cx;
pub mod dispatch;
pub mod extract;
mod handler;
mod idempotency;
pub mod openapi;
pub mod problem;
pub mod reply;
pub mod route;
pub mod row;
pub mod signing;
pub mod telemetry;
mod trigger;
mod worker;

pub use cx::Cx;
pub use dispatch::Kit;
pub use handler::Handler;
pub use row::{Grant, Row};
pub use worker::{Batch, Job};

/// `rows()` of a resource: the row of each of its endpoints, one module each.
#[macro_export]
macro_rules! rows {
    ($($file:ident),* $(,)?) => {
        /// The rows of this resource.
        pub fn rows() -> Vec<$crate::Row> {
            vec![$($file::row()),*]
        }
    };
}

/// What a handler's file begins with.
pub mod prelude {
    pub use domain::{
        Error, Result, Violation,
        access::{Role, Scope},
        id,
    };
    pub use schemars::{self, JsonSchema};
    pub use serde::{Deserialize, Serialize};

    pub use crate::{
        Batch, Cx, Job, Row,
        extract::{Form, Json, List, Multipart, NoFilter, Patch, Path, Query, RawBody},
        reply::{Accepted, Created, Either, File, NoContent, Page, Success, WithCookie},
        row::{Grant, Queue},
    };
}
