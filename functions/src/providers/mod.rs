//! `/api/providers`: with which accounts, and how fast, an organization sends.

mod change;
mod credentials;
mod figures;
mod request;
pub(crate) mod view;

web::rows! {
    catalogue, list, create, get, update, delete, test, test_message, balance, health, health_list, stats, resume,
    alerts_get, alerts_update,
}
