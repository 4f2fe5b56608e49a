//! `/api/sandbox`: what the sandbox would have sent.

web::rows! { outbox }
