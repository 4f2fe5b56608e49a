//! The API, resource by resource, on a real local host.

mod alerts;
mod api_keys;
mod contacts;
mod dashboard;
mod groups;
mod messages;
mod organization;
mod providers;
mod routing;
mod suppressions;
mod templates;
mod tenancy;
mod thresholds;
mod unsubscribe;
mod uploads;
mod users;
mod webhook_endpoints;
mod webhooks;
