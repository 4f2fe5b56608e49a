//! The API's own document.

web::rows! { get }
