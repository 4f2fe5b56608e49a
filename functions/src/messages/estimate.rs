//! `POST /api/messages/estimate`: what a message would be, before it is sent.

use domain::{
    Result,
    access::{Role, Scope},
    delivery::SkipReason,
    money::Money,
    segments::Encoding,
};
use engine::accept;
use schemars::JsonSchema;
use serde::Serialize;
use web::{Cx, Grant, Row, extract::Json, reply::Success};

use super::request::MessageRequest;

/// What a message would be.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageEstimate {
    /// Recipients, without repeated addresses.
    recipients: u64,
    /// Those that it would be sent to.
    sendable: u64,
    /// Segments over all recipients (SMS).
    segments: u64,
    /// The widest encoding that any copy needs (SMS).
    encoding: Option<Encoding>,
    /// What the provider would charge by `/routing/prices`; null where a recipient has no price, or prices are of several
    /// currencies.
    cost: Option<Money>,
    /// What AWS would charge for sending it, with one receipt each, by the recorded budget; beside the provider's cost.
    platform_cost: Money,
    /// Who is left out, by reason.
    skipped: Vec<SkippedView>,
    /// Whether every copy was rendered (up to 1,000), or a sample.
    exact: bool,
    /// The text as the first recipient would get it.
    preview: Option<String>,
}

/// How many are left out for one reason.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SkippedRecipients")]
pub struct SkippedView {
    /// The reason.
    reason: SkipReason,
    /// How many.
    count: u64,
}

pub(super) fn row() -> Row {
    Row::post("messages-estimate", "/api/messages/estimate", handle)
        .summary("Estimate a message")
        .description("Takes what `POST /messages` takes, and stores nothing. Exact up to 1,000 recipients.")
        .tag("Messages")
        .access(Role::Member, Scope::MessagesWrite)
        .grants(&[Grant::TableRead])
        .errors(super::NOT_ACCEPTED)
}

async fn handle(cx: Cx, body: Json<MessageRequest>) -> Result<Success<MessageEstimate>> {
    let new = body.read()?.into_new(&cx).await?;
    let estimate = accept::estimate(&cx.app, cx.org(), &new).await?;
    Ok(Success(MessageEstimate {
        recipients: estimate.recipients,
        sendable: estimate.sendable,
        segments: estimate.segments,
        encoding: estimate.encoding,
        cost: estimate.cost,
        platform_cost: engine::cost::of_message(estimate.sendable)?,
        skipped: estimate
            .skipped
            .into_iter()
            .map(|skipped| SkippedView { reason: skipped.reason, count: skipped.count })
            .collect(),
        exact: estimate.exact,
        preview: estimate.preview,
    }))
}
