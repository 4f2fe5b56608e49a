//! `/api/webhooks`: what providers report.

mod call;

web::rows! { receive }
