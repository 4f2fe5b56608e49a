//! The API's own document.

mod get;

web::rows! { get }
