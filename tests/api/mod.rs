//! The API, resource by resource, on a real local host.

mod alerts;
mod api_keys;
mod contacts;
mod dashboard;
mod groups;
mod messages;
mod organization;
mod providers;
mod suppressions;
mod templates;
mod tenancy;
mod unsubscribe;
mod uploads;
mod users;
mod webhooks;
