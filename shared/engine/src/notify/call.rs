//! One call of an endpoint: the event as JSON, signed, through the outbound guard.

use ::providers::outbound::{Answer, Call, CallError};
use domain::{Error, Result, event::Event};
use http::{HeaderMap, HeaderValue, Method, header::CONTENT_TYPE};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{webhook_attempts::WebhookAttempt, webhook_endpoints::WebhookEndpoint};
use url::Url;

use super::{endpoints, signature};
use crate::App;

/// What came of a call.
pub(super) struct Tried {
    answer: std::result::Result<u16, String>,
    took_ms: u64,
}

impl Tried {
    /// Whether the endpoint took the event: any 2xx. A redirect is none: it is not followed.
    pub fn took(&self) -> bool {
        matches!(self.answer, Ok(200..=299))
    }

    /// Whether the endpoint says that it will never take one again.
    pub fn is_gone(&self) -> bool {
        matches!(self.answer, Ok(410))
    }

    /// Notes it on the attempt.
    pub fn note(&self, attempt: &mut WebhookAttempt, now: Timestamp) {
        attempt.tries += 1;
        attempt.last_tried_at = Some(now);
        attempt.next_try_at = None;
        attempt.duration_ms = Some(self.took_ms);
        attempt.response_status = self.answer.as_ref().ok().copied();
        attempt.error = match &self.answer {
            Ok(200..=299) => None,
            Ok(status @ 300..=399) => Some(format!("It answered {status}; redirects are not followed.")),
            Ok(status) => Some(format!("It answered {status}, not 2xx.")),
            Err(why) => Some(why.clone()),
        };
    }
}

/// Calls an endpoint.
pub(super) async fn call(app: &App, endpoint: &WebhookEndpoint, event: &Event, content: &Value) -> Result<Tried> {
    let body = json!({ "type": event.kind, "timestamp": event.at, "data": content });
    let body = serde_json::to_vec(&body).map_err(Error::internal)?;
    let secrets = endpoints::open(app, endpoint).await?;
    let now = app.now();
    let both = endpoint.previous_secret_until.is_some_and(|until| now < until);
    let id = event.id.to_string();
    let signature = signature::sign(&secrets.keys(both)?, &id, now.as_second(), &body);

    let url = Url::parse(&endpoint.url).map_err(Error::internal)?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in
        [("webhook-id", id), ("webhook-timestamp", now.as_second().to_string()), ("webhook-signature", signature)]
    {
        headers.insert(name, HeaderValue::try_from(value).map_err(Error::internal)?);
    }
    let call = Call { headers, body: body.into(), ..Call::new(Method::POST, url) };
    let answer = app.outbound.call(call).await;
    let took_ms = u64::try_from(app.now().duration_since(now).as_millis()).unwrap_or_default();
    Ok(Tried { answer: answer.map(|Answer { status, .. }| status).map_err(|error| explain(&error)), took_ms })
}

/// In words that do not call the endpoint a provider.
fn explain(error: &CallError) -> String {
    match error {
        CallError::Refused(why) => why.clone(),
        CallError::NotSent(why) => format!("It could not be reached: {why}."),
        CallError::Ambiguous(why) => format!("It gave no answer: {why}."),
    }
}
