//! `POST /api/providers/{id}/webhooks`: registers our webhook address at the provider.

use store::providers as configs;
use web::prelude::*;

/// The row.
pub fn row() -> Row {
    Row::post("providers-webhooks", "/api/providers/{id}/webhooks", handle)
        .summary("Register the webhook")
        .description(
            "For receipts and what people write, where the provider's API takes it (BulkSMS, Telnyx, Twilio, Vonage for SMS, Meta, Gupshup, \
             Fonnte, Mailgun, SendGrid); else `registered` is false, and `steps` tell what to do with the exact address. \
             Calling it again changes nothing that is there.",
        )
        .tag("Providers")
        .access(Role::Admin, Scope::ProvidersWrite)
        .grants(&[Grant::TableRead, Grant::RootSecret])
        .errors(&["409 provider_failed"])
}

/// What was registered, and what is left to do.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct WebhookRegistration {
    /// Whether the provider was told by its API.
    registered: bool,
    /// The address. It holds a secret.
    url: String,
    /// What is left to do by hand, in order.
    steps: Vec<String>,
}

async fn handle(cx: Cx, Path(id): Path<id::ProviderId>) -> Result<Success<WebhookRegistration>> {
    let config = configs::get(&cx.app.table, cx.org(), id).await?;
    let made = engine::providers::register(&cx.app, &config).await?;
    let url = engine::providers::webhook_url(&cx.app, &config);
    Ok(Success(WebhookRegistration { registered: made.registered, url, steps: made.steps }))
}
