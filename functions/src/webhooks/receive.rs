//! `POST|GET /api/webhooks/{channel}/{providerId}/{token}`: a provider says what became of texts, and what people wrote.

use ::providers::{Failure, Forged, Receipt, Unreadable, provider};
use domain::message::Channel;
use store::providers::{self as configs, ProviderConfig};
use subtle::ConstantTimeEq;
use web::{
    prelude::*,
    reply::{Raw, Response},
};

use super::call::Call;

/// The row.
pub fn row() -> Row {
    Row::function_url("webhooks-receive", "/api/webhooks/{channel}/{providerId}/{token}", handle)
        .summary("Report what became of texts, and what people wrote")
        .description(
            "For providers; the address stands with the config. 200 means stored: order and repetition do not matter, and \
             what matches nothing yet is tried again for a while. 204 means the same, where a body would be sent on to the \
             person as a reply. A provider that only tries the address is answered in plain text with what it gave.",
        )
        .tag("Webhooks")
        .public()
        .grants(&[
            Grant::Table,
            Grant::RootSecret,
            Grant::Enqueue(Queue::Receipts),
            Grant::Enqueue(Queue::Finish),
            Grant::Enqueue(Queue::Send),
            Grant::Enqueue(Queue::Notify),
        ])
        .errors(&["401 webhook_forged", "400 webhook_unreadable"])
}

/// What was taken in.
#[derive(Debug, Serialize, JsonSchema)]
struct WebhookReceived {
    /// How many receipts, messages, opens and clicks, and addresses to suppress the call held.
    received: usize,
}

async fn handle(
    cx: Cx,
    Path((channel, id, token)): Path<(String, id::ProviderId, String)>,
    call: Call,
) -> Result<Either<Raw, Either<Success<WebhookReceived>, NoContent>>> {
    let config = find(&cx, &channel, id, &token).await?;
    let account = engine::providers::account(&cx.app, &config).await?;
    let request = call.into_request(cx.now());
    let adapter = provider(account.kind);
    // The provider makes the call again, as after any 503.
    let later = |failure: Failure| Error::Unavailable(failure.reason);
    adapter.prepare(&cx.app.outbound, &request).await.map_err(later)?;
    adapter.verify(&account, &request).map_err(|Forged(why)| {
        tracing::warn!(provider = %id, why, "forged webhook call");
        Error::Unauthenticated { code: "webhook_forged", detail: "The call is not the provider's.".into() }
    })?;
    if let Some(answer) = adapter.handshake(&request) {
        let mut response = Response::new(answer.into());
        response.headers_mut().insert("content-type", "text/plain".parse().map_err(Error::internal)?);
        return Ok(Either::A(Raw(response)));
    }
    let unreadable = |Unreadable(why): Unreadable| {
        tracing::warn!(provider = %id, why, "unreadable webhook call");
        Error::Unreadable { code: "webhook_unreadable", detail: format!("The call cannot be understood: {why}.") }
    };
    adapter.confirm(&cx.app.outbound, &request).await.map_err(later)?;
    let receipts = adapter.receipts(&account, &request).map_err(unreadable)?;
    let receipts: Vec<Receipt> = receipts.into_iter().filter_map(Receipt::bounded).collect();
    let inbound = adapter.inbound(&account, &request).map_err(unreadable)?;
    let suppressed = adapter.suppressed(&account, &request).map_err(unreadable)?;
    let engagements = adapter.engagements(&account, &request).map_err(unreadable)?;
    let received = receipts.len() + inbound.len() + suppressed.len() + engagements.len();
    let silent = !inbound.is_empty() && adapter.replies_with_body();
    // First: a receipt of the same call would only know that they opted out.
    engine::suppressions::told(&cx.app, &config, suppressed).await?;
    engine::receive::receive(&cx.app, config.org, id, receipts).await?;
    engine::engagement::receive(&cx.app, config.org, engagements).await?;
    engine::inbound::receive(&cx.app, &config, inbound).await?;
    Ok(Either::B(if silent { Either::B(NoContent) } else { Either::A(Success(WebhookReceived { received })) }))
}

/// The config that the address names. Whatever is wrong with the address, the answer is the same.
async fn find(cx: &Cx, channel: &str, id: id::ProviderId, token: &str) -> Result<ProviderConfig> {
    let unknown = || Error::not_found("provider", id);
    let org = engine::receive::owner(&cx.app, id).await?.ok_or_else(unknown)?;
    let fits = |config: &ProviderConfig| {
        let is_token: bool = config.webhook_token.as_bytes().ct_eq(token.as_bytes()).into();
        is_token && channel.parse::<Channel>().is_ok_and(|channel| channel == config.channel)
    };
    // A million receipts read it a million times: half the price as it was a moment ago, in full where that does not fit.
    if let Some(config) = configs::find_eventually(&cx.app.table, org, id).await?.filter(fits) {
        return Ok(config);
    }
    configs::find(&cx.app.table, org, id).await?.filter(fits).ok_or_else(unknown)
}
