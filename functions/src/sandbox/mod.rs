//! `/api/sandbox`: what the sandbox would have sent.

mod outbox;

web::rows! { outbox }
