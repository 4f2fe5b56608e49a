//! The DynamoDB table of Dundun: `keys.rs` holds every key and access pattern, and each entity has one file.
//!
//! Invariant: every function that reads or writes something of an organization takes that organization's id, and
//! the id is part of the key. There is no scan.

pub mod alert_mails;
pub mod alerts;
pub mod api_keys;
pub mod attempts;
pub mod clock;
pub mod contacts;
pub mod conversations;
pub mod counters;
pub mod days;
pub mod deliveries;
pub mod domains;
pub mod engagement;
pub mod groups;
pub mod health;
pub mod idempotency;
pub mod imports;
pub mod keys;
pub mod ledger;
pub mod media;
pub mod messages;
pub mod organizations;
pub mod page;
pub mod providers;
pub mod range;
pub mod rates;
pub mod receipt_pointers;
pub mod receipts;
pub mod routing;
pub mod schema;
pub mod sessions;
pub mod signing_keys;
pub mod suppression_sync;
pub mod suppressions;
pub mod table;
pub mod templates;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod thresholds;
pub mod transaction;
pub mod update;
pub mod users;
pub mod webhook_attempts;
pub mod webhook_endpoints;
pub mod whatsapp_templates;

pub use clock::Clock;
pub use keys::Key;
pub use page::Page;
pub use range::Range;
pub use table::{Item, Table, encode};
pub use transaction::Cancelled;
pub use update::Update;
