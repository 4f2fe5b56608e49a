//! What requests of adapters have in common: the address, keys in headers, bodies, and the calls that submit and ask.

use domain::{delivery::ErrorClass, money::Money};
use futures::{StreamExt, stream};
use http::{HeaderName, HeaderValue, Method, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    answer::{self, Known},
    look_up::unclear,
    outbound::{Answer, Call, Outbound},
    outgoing::Outgoing,
    provider::{Account, Failure, Outcome, Provider, Receipt, Sending, TestReport},
    signature,
};

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
pub(crate) async fn all<T, F: Future<Output = T>>(at_once: usize, calls: Vec<F>) -> Vec<T> {
    stream::iter(calls).buffered(at_once).collect().await
}

/// Outcomes in the order of their batch, by their places in it.
pub(crate) fn in_order(mut outcomes: Vec<(usize, Outcome)>) -> Vec<Outcome> {
    outcomes.sort_by_key(|(place, _)| *place);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Submits a batch, one call for each text.
pub(crate) async fn each<P: Provider + ?Sized>(
    provider: &P,
    account: &Account,
    outbound: &Outbound,
    batch: &[Outgoing],
) -> Vec<Outcome> {
    let one = |outgoing| async move {
        match exchange(outbound, provider.submission(account, outgoing)).await {
            Ok(answer) if answer.is_success() => provider.taken(account, &answer),
            Ok(answer) => refused(account, &answer, provider.known(&answer)),
            Err(outcome) => outcome,
        }
    };
    all(provider.at_once(account), batch.iter().map(one).collect()).await
}

/// Submits so many texts by one call. `taken` reads an answer of 2xx, `known` the provider's own code in others.
pub(crate) async fn together(
    account: &Account,
    outbound: &Outbound,
    count: usize,
    call: Result<Call, Failure>,
    known: impl FnOnce(&Answer) -> Known,
    taken: impl FnOnce(&Answer) -> Vec<Outcome>,
) -> Vec<Outcome> {
    match exchange(outbound, call).await {
        Ok(answer) if answer.is_success() => taken(&answer),
        Ok(answer) => vec![refused(account, &answer, known(&answer)); count],
        Err(outcome) => vec![outcome; count],
    }
}

/// What sends a batch, where something may fail that holds for all of it.
pub(crate) fn or_all_fail<'a>(
    batch: &'a [Outgoing],
    sending: impl Future<Output = Result<Vec<Outcome>, Failure>> + Send + 'a,
) -> Sending<'a> {
    Box::pin(async move { sending.await.unwrap_or_else(|failure| vec![failure.into(); batch.len()]) })
}

/// Makes a call that sends. `Err`: what holds for all its texts, because it was not made or not answered.
pub(crate) async fn exchange(outbound: &Outbound, call: Result<Call, Failure>) -> Result<Answer, Outcome> {
    outbound.call(call?).await.map_err(|error| answer::outcome_of_error(&error))
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

/// Asks the question of a test.
pub(crate) async fn test<P: Provider + ?Sized>(
    provider: &P,
    account: &Account,
    outbound: &Outbound,
) -> Result<TestReport, Failure> {
    let page: Value = ask(account, outbound, provider.question(account)?, |answer| provider.known(answer)).await?;
    provider.answered(account, &page)
}

/// Asks for the balance.
pub(crate) async fn balance<P: Provider + ?Sized>(
    provider: &P,
    account: &Account,
    outbound: &Outbound,
) -> Result<Option<Money>, Failure> {
    let Some(call) = provider.balance_question(account)? else { return Ok(None) };
    let page: Value = ask(account, outbound, call, |answer| provider.known(answer)).await?;
    provider.left(&page)
}

/// Asks how far a text is.
pub(crate) async fn how_far<P: Provider + ?Sized>(
    provider: &P,
    account: &Account,
    outbound: &Outbound,
    id: &str,
) -> Result<Option<Receipt>, Failure> {
    // It becomes a part of a path.
    if id.is_empty() || !id.bytes().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_')) {
        return Err(unclear("the id is none that the provider gives"));
    }
    let call = provider.how_far(account, id)?;
    let page: Value = ask(account, outbound, call, |answer| provider.known(answer)).await?;
    provider.got(&page).map_err(|unreadable| unclear(&unreadable.0))
}

/// Makes a call: whatever is answered is an answer, and none is a failure.
pub(crate) async fn answered(outbound: &Outbound, call: Call) -> Result<Answer, Failure> {
    outbound.call(call).await.map_err(|error| answer::failure_of_error(&error))
}

/// Makes a call that sends nothing, and reads its answer. Nothing was sent, so no failure leaves anything open.
pub(crate) async fn ask<T: DeserializeOwned>(
    account: &Account,
    outbound: &Outbound,
    call: Call,
    known: impl FnOnce(&Answer) -> Known,
) -> Result<T, Failure> {
    let answer = answered(outbound, call).await?;
    told(account, &answer, known)
}

/// Asks for a thing, and makes it where the provider does not know it (404). Gives the page of either.
pub(crate) async fn ask_or_make(
    account: &Account,
    outbound: &Outbound,
    call: Call,
    make: impl FnOnce() -> Result<Call, Failure>,
    known: impl FnOnce(&Answer) -> Known,
) -> Result<Value, Failure> {
    let answer = answered(outbound, call).await?;
    if answer.status == 404 { ask(account, outbound, make()?, known).await } else { told(account, &answer, known) }
}

/// What an answer says, if it is a good one.
fn told<T: DeserializeOwned>(
    account: &Account,
    answer: &Answer,
    known: impl FnOnce(&Answer) -> Known,
) -> Result<T, Failure> {
    if answer.is_success() {
        return read(account, answer);
    }
    Err(failure(account, answer, known(answer)))
}

/// Why a call that sends nothing was refused: by its code where that is known, else by its status.
pub(crate) fn failure(account: &Account, answer: &Answer, known: Known) -> Failure {
    let failure = answer::failure_of_status(account, answer);
    match known {
        Some((ErrorClass::Ambiguous, reason)) => Failure { class: ErrorClass::Transient, reason, ..failure },
        Some((class, reason)) => Failure { class, reason, ..failure },
        None => failure,
    }
}

/// Reads an answer in JSON.
pub(crate) fn read<T: DeserializeOwned>(account: &Account, answer: &Answer) -> Result<T, Failure> {
    serde_json::from_slice(&answer.body).map_err(|_| {
        Failure::new(ErrorClass::Transient, "the answer cannot be read", answer::kept(account, &answer.body))
    })
}
