//! `/api/providers`: with which accounts, and how fast, an organization sends.

mod alerts_get;
mod alerts_update;
mod balance;
mod catalogue;
mod change;
mod create;
mod credentials;
mod delete;
mod figures;
mod get;
mod health;
mod health_list;
mod list;
mod profile;
mod profile_get;
mod profile_update;
mod request;
mod resume;
mod stats;
mod suppressions_sync;
mod test;
mod test_message;
mod update;
pub(crate) mod view;
mod webhooks;

web::rows! {
    catalogue, list, create, get, update, delete, test, test_message, balance, health, health_list, stats, resume,
    alerts_get, alerts_update, suppressions_sync, webhooks, profile_get, profile_update,
}
