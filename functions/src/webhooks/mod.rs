//! `/api/webhooks`: what providers report.

mod call;
mod receive;

web::rows! { receive }
