//! `POST /api/providers/{id}/test-message`: really sends one text, outside of any message.

use ::providers::{Outcome, Outgoing};
use domain::{
    delivery::ErrorClass,
    email::Email,
    message::Channel,
    money::Money,
    phone::Phone,
    segments::segments,
    text::{MAX_BODY, is_html},
};
use store::{organizations, providers as configs};
use web::prelude::*;

/// The row.
pub fn row() -> Row {
    Row::post("providers-test-message", "/api/providers/{id}/test-message", handle)
        .summary("Send a test message")
        .description("Hands one text to the provider and tells what it answered. It costs what the provider charges, and takes a slot of the config's rate (429 while there is none). An inactive config can be tried too.")
        .tag("Providers")
        .access(Role::Admin, Scope::ProvidersWrite)
        .idempotent_record_first()
        .grants(&[Grant::Table, Grant::RootSecret])
        .errors(&["409 provider_paused", "429 rate_limited", "recipient_invalid", "body_required", "body_too_long"])
}

/// What to send to whom.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SendTestMessage {
    /// A number or an e-mail address, as the channel has it.
    #[schemars(example = &"+254700000001")]
    to: String,
    /// The text, as it is.
    #[schemars(example = &"It works.")]
    body: String,
    /// The subject (e-mail); left out: the first words of the text.
    subject: Option<String>,
}

/// What the provider made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum TestMessageStatus {
    /// It took the text.
    Accepted,
    /// It refused it.
    Rejected,
    /// It did not take it now; later it may.
    Retry,
    /// Nobody knows.
    Unknown,
}

/// What became of a test message.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TestMessageResult {
    /// Whether the provider took it.
    accepted: bool,
    /// What the provider made of it.
    status: TestMessageStatus,
    /// Why not, in words.
    reason: Option<String>,
    /// Why not, for programs.
    error_class: Option<ErrorClass>,
    /// The provider's id for it.
    provider_message_id: Option<String>,
    /// As how many parts it was sent.
    segments: Option<u32>,
    /// What it costs, if the provider tells at once.
    cost: Option<Money>,
    /// What the provider answered, cut.
    provider_response: Option<String>,
}

async fn handle(
    cx: Cx,
    Path(id): Path<id::ProviderId>,
    body: Json<SendTestMessage>,
) -> Result<Success<TestMessageResult>> {
    let config = configs::get(&cx.app.table, cx.org(), id).await?;
    let body = body.read()?;
    let country = organizations::get(&cx.app.table, cx.org()).await?.default_country;
    let to = match config.channel {
        Channel::Email => Email::parse(&body.to).ok().map(|email| email.to_string()),
        _ => Phone::parse(&body.to, country).ok().map(|phone| phone.to_string()),
    };
    let to =
        to.ok_or_else(|| Error::invalid("/to", "recipient_invalid", "Expected an address of the config's channel."))?;
    if body.body.trim().is_empty() {
        return Err(Error::invalid("/body", "body_required", "The text is empty."));
    }
    if body.body.chars().count() > MAX_BODY {
        return Err(Error::invalid("/body", "body_too_long", format!("At most {MAX_BODY} characters.")));
    }
    let (at, bits) = cx.repeatable("delivery");
    let subject = body.subject.unwrap_or_else(|| domain::text::title(&body.body));
    let html = config.channel == Channel::Email && is_html(&body.body);
    let outgoing = Outgoing {
        // Of no message: receipts for it match nothing, and are dropped.
        delivery_id: id::DeliveryId::of(id::MessageId::generate(at, bits), 0),
        to,
        segments: if config.channel == Channel::Sms { segments(&body.body).segments } else { 1 },
        body: body.body,
        subject: (config.channel == Channel::Email).then_some(subject),
        template: None,
        media: std::sync::Arc::default(),
        html,
        unsubscribe_url: None,
        attempt: 1,
        submission: 1,
    };
    let outcome = engine::providers::try_out(&cx.app, &config, outgoing).await?;
    Ok(Success(TestMessageResult::from(outcome)))
}

impl From<Outcome> for TestMessageResult {
    fn from(outcome: Outcome) -> Self {
        let none = Self {
            accepted: false,
            status: TestMessageStatus::Unknown,
            reason: None,
            error_class: None,
            provider_message_id: None,
            segments: None,
            cost: None,
            provider_response: None,
        };
        match outcome {
            Outcome::Accepted { id, cost, segments, response } => Self {
                accepted: true,
                status: TestMessageStatus::Accepted,
                provider_message_id: id,
                segments,
                cost,
                provider_response: Some(response),
                ..none
            },
            Outcome::Rejected { class, reason, response } => Self {
                status: TestMessageStatus::Rejected,
                reason: Some(reason),
                error_class: Some(class),
                provider_response: Some(response),
                ..none
            },
            Outcome::Retry { class, reason, .. } => {
                Self { status: TestMessageStatus::Retry, reason: Some(reason), error_class: Some(class), ..none }
            }
            Outcome::Unknown { reason } => {
                Self { reason: Some(reason), error_class: Some(ErrorClass::Ambiguous), ..none }
            }
        }
    }
}
