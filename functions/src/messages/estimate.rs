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
    /// Bytes of the files that go with each copy.
    media_size: u64,
    /// What the provider would charge by `/routing/prices`; null where a recipient has no price, or prices are of several
    /// currencies.
    cost: Option<Money>,
    /// What AWS would charge for sending it, with one receipt each, by the recorded budget; beside the provider's cost.
    platform_cost: Money,
    /// Who is left out, by reason.
    skipped: Vec<SkippedView>,
    /// What replacing look-alike characters does, or would do with `smart` (SMS).
    smart: Option<SmartView>,
    /// Whether every copy was rendered (up to 1,000), or a sample.
    exact: bool,
    /// The text as the first recipient would get it.
    preview: Option<String>,
    /// The mail that the first recipient would get (e-mail).
    mail: Option<MailView>,
}

impl MessageEstimate {
    pub(super) fn of(estimate: accept::Estimate) -> Result<Self> {
        let skipped = estimate.skipped.into_iter();
        Ok(Self {
            recipients: estimate.recipients,
            sendable: estimate.sendable,
            segments: estimate.segments,
            encoding: estimate.encoding,
            media_size: estimate.media_size,
            cost: estimate.cost,
            platform_cost: engine::cost::of_message(estimate.sendable)?,
            skipped: skipped.map(|one| SkippedView { reason: one.reason, count: one.count }).collect(),
            smart: estimate.smart.map(SmartView::from),
            exact: estimate.exact,
            preview: estimate.preview,
            mail: estimate.mail.map(|mail| MailView { subject: mail.subject, html: mail.html }),
        })
    }
}

/// A mail as a recipient would see it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MailPreview")]
pub struct MailView {
    /// The subject.
    subject: String,
    /// The HTML part, cleaned and with the look of the provider config; its link to unsubscribe leads nowhere.
    html: String,
}

/// What replacing look-alike characters does to the copies of an SMS.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SmartEstimate")]
pub struct SmartView {
    /// Whether the copies go out so.
    applied: bool,
    /// What becomes what in the copies that were rendered.
    replaced: Vec<ReplacedView>,
    /// Segments over all recipients without it.
    segments_before: u64,
    /// Segments over all recipients with it.
    segments_after: u64,
}

impl From<accept::Smart> for SmartView {
    fn from(found: accept::Smart) -> Self {
        let replaced = found.replaced.into_iter();
        Self {
            applied: found.applied,
            replaced: replaced.map(|((from, to), count)| ReplacedView { from: from.into(), to, count }).collect(),
            segments_before: found.segments_before,
            segments_after: found.segments_after,
        }
    }
}

/// One character that is replaced.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReplacedCharacter")]
pub struct ReplacedView {
    /// As it was written.
    #[schemars(extend("examples" = ["’"]))]
    from: String,
    /// As it goes out; empty for what is not seen.
    #[schemars(extend("examples" = ["'"]))]
    to: String,
    /// How often.
    count: u64,
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
    Ok(Success(MessageEstimate::of(accept::estimate(&cx.app, cx.org(), &new).await?)?))
}
