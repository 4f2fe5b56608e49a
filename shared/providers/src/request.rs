//! What requests of adapters have in common: the address, keys in headers, bodies, and one call for each text.

use domain::delivery::ErrorClass;
use futures::{StreamExt, future::BoxFuture, stream};
use http::{HeaderName, HeaderValue, Method, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    answer,
    outbound::{Answer, Call, Outbound},
    outgoing::Outgoing,
    provider::{Account, Failure, Outcome},
    signature,
};

/// What a provider's own code in an answer says: the class, and the reason for people.
pub(crate) type Known = Option<(ErrorClass, String)>;

impl Call {
    /// A call of `path` below the config's own address, or else `base`.
    pub(crate) fn to(account: &Account, method: Method, base: &str, path: &str) -> Result<Self, Failure> {
        let base = account.api_url.as_deref().unwrap_or(base).trim_end_matches('/');
        let url = format!("{base}{path}").parse();
        let url =
            url.map_err(|_| Failure::new(ErrorClass::BadSender, "the API address is not a URL", String::new()))?;
        Ok(Self::new(method, url))
    }

    /// With a header that nobody may see.
    pub(crate) fn secret(mut self, name: HeaderName, value: &str) -> Result<Self, Failure> {
        let mut value = HeaderValue::from_str(value).map_err(|_| {
            let reason = "the key holds characters that no key has";
            Failure::new(ErrorClass::BadCredentials, reason, String::new())
        })?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(self)
    }

    /// With a token (RFC 6750).
    pub(crate) fn bearer(self, token: &str) -> Result<Self, Failure> {
        self.secret(header::AUTHORIZATION, &format!("Bearer {token}"))
    }

    /// With a user and a password (RFC 7617).
    pub(crate) fn basic(self, user: &str, password: &str) -> Result<Self, Failure> {
        self.secret(header::AUTHORIZATION, &format!("Basic {}", signature::base64(format!("{user}:{password}"))))
    }

    /// With a body in JSON.
    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.body = body.to_string().into();
        self
    }

    /// With the fields of a form.
    pub(crate) fn form<N: AsRef<str>, V: AsRef<str>>(mut self, fields: impl IntoIterator<Item = (N, V)>) -> Self {
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        self.body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into();
        self
    }
}

/// Runs so many calls at a time; the outcomes have their order.
pub(crate) async fn all<F: Future<Output = Outcome>>(at_once: usize, calls: Vec<F>) -> Vec<Outcome> {
    stream::iter(calls).buffered(at_once).collect().await
}

/// Submits a batch, one call for each text, so many at a time.
pub(crate) fn each<'a>(
    account: &'a Account,
    outbound: &'a Outbound,
    batch: &'a [Outgoing],
    at_once: usize,
    call: impl Fn(&Outgoing) -> Result<Call, Failure>,
    taken: fn(&Account, &Answer) -> Outcome,
    known: fn(&Answer) -> Known,
) -> BoxFuture<'a, Vec<Outcome>> {
    let calls = batch.iter().map(|outgoing| {
        let call = call(outgoing);
        submit(account, outbound, call, move |answer| taken(account, answer), known)
    });
    Box::pin(all(at_once, calls.collect()))
}

/// Makes the call that submits one text. `taken` reads an answer of 2xx; of others the provider's own code decides, as
/// `known` reads it, else the status.
pub(crate) async fn submit(
    account: &Account,
    outbound: &Outbound,
    call: Result<Call, Failure>,
    taken: impl FnOnce(&Answer) -> Outcome,
    known: impl FnOnce(&Answer) -> Known,
) -> Outcome {
    let call = match call {
        Ok(call) => call,
        Err(failure) => return answer::outcome(failure.class, failure.reason, None, String::new()),
    };
    match outbound.call(call).await {
        Ok(answer) if (200..300).contains(&answer.status) => taken(&answer),
        Ok(answer) => refused(account, &answer, known(&answer)),
        Err(error) => answer::outcome_of_error(&error),
    }
}

/// The outcome of a refusal: as the provider's own code says, else by the status.
pub(crate) fn refused(account: &Account, answer: &Answer, known: Known) -> Outcome {
    match known {
        Some((class, reason)) => {
            answer::outcome(class, reason, answer::retry_after(&answer.headers), answer::kept(account, &answer.body))
        }
        None => answer::outcome_of_status(account, answer),
    }
}

/// Makes a call that changes nothing, and reads its answer of 200.
pub(crate) async fn ask<T: DeserializeOwned>(
    account: &Account,
    outbound: &Outbound,
    call: Call,
    known: impl FnOnce(&Answer) -> Known,
) -> Result<T, Failure> {
    let answer = outbound.call(call).await.map_err(|error| answer::failure_of_error(&error))?;
    if answer.status != 200 {
        let failure = answer::failure_of_status(account, &answer);
        return Err(match known(&answer) {
            Some((class, reason)) => Failure { class, reason, ..failure },
            None => failure,
        });
    }
    serde_json::from_slice(&answer.body).map_err(|_| {
        Failure::new(ErrorClass::Transient, "the answer cannot be read", answer::kept(account, &answer.body))
    })
}
