//! Every function of Dundun: one endpoint or worker a file, one line per resource in [`catalogue`].

pub mod alerts;
pub mod api_keys;
pub mod auth;
pub mod confirmations;
pub mod contacts;
pub mod conversations;
pub mod dashboard;
pub mod deliveries;
pub mod domains;
pub mod fallback;
pub mod generated;
pub mod groups;
pub mod health;
pub mod imports;
pub mod media;
pub mod messages;
pub mod openapi;
pub mod organization;
pub mod providers;
pub mod routing;
pub mod sandbox;
pub mod suppressions;
pub mod templates;
mod text;
pub mod unsubscribe;
pub mod uploads;
pub mod users;
pub mod webhook_endpoints;
pub mod webhooks;
pub mod whatsapp_templates;
pub mod workers;

use web::Row;

/// All functions.
pub fn catalogue() -> Vec<Row> {
    [
        health::rows(),
        openapi::rows(),
        auth::rows(),
        api_keys::rows(),
        organization::rows(),
        users::rows(),
        contacts::rows(),
        groups::rows(),
        suppressions::rows(),
        unsubscribe::rows(),
        confirmations::rows(),
        conversations::rows(),
        alerts::rows(),
        dashboard::rows(),
        providers::rows(),
        domains::rows(),
        routing::rows(),
        templates::rows(),
        whatsapp_templates::rows(),
        webhooks::rows(),
        webhook_endpoints::rows(),
        imports::rows(),
        media::rows(),
        messages::rows(),
        deliveries::rows(),
        uploads::rows(),
        workers::rows(),
        sandbox::rows(),
        fallback::rows(),
    ]
    .concat()
}
