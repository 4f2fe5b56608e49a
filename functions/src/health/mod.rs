//! Whether the API answers.

web::rows! { get }
