//! The one-machine host: a small AWS on the loopback address that keeps everything in SQLite files of one folder,
//! and the bridges that call the functions as AWS would.
//!
//! Production code knows nothing of it: it is found through `aws_config::load_defaults` and endpoint settings only.

pub mod database;
pub mod dynamodb;
pub mod endpoint;
pub mod error;
pub mod first_run;
pub mod gateway;
pub mod host;
pub mod invoke;
pub mod mapping;
pub mod meter;
pub mod running;
pub mod s3;
pub mod scheduler;
pub mod secrets;
pub mod sqs;

/// Makes `ring` the TLS of clients that were built without one (`reqwest` in tests). Harmless when repeated.
pub fn install_tls() {
    // An error means that it was done before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
