//! Whether the API answers.

mod get;

web::rows! { get }
