//! The API, resource by resource, on a real local host.

mod alert_mails;
mod alerts;
mod api_keys;
mod contacts;
mod dashboard;
mod domains;
mod groups;
mod media;
mod messages;
mod organization;
mod providers;
mod routing;
mod smart;
mod suppressions;
mod templates;
mod tenancy;
mod thresholds;
mod unsubscribe;
mod uploads;
mod users;
mod webhook_endpoints;
mod webhooks;
mod whatsapp_templates;
