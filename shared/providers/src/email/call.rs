//! What calls to e-mail providers have in common: an address, a header that proves who calls, JSON, and what is made of
//! the answer.

use domain::delivery::ErrorClass;
use http::{HeaderValue, Method, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    answer,
    outbound::{Answer, Call, Outbound},
    provider::{Account, Failure, Outcome},
    signature,
};

/// A call to a path of the provider, or of what stands in for it.
pub(crate) fn to(account: &Account, base: &str, method: Method, path: &str) -> Result<Call, Failure> {
    let base = account.api_url.as_deref().unwrap_or(base).trim_end_matches('/');
    let url = format!("{base}{path}").parse();
    let url = url.map_err(|_| Failure::new(ErrorClass::BadSender, "the API address is not a URL", String::new()))?;
    Ok(Call::new(method, url))
}

/// `Authorization: Basic` (RFC 7617).
pub(crate) fn basic(call: &mut Call, user: &str, password: &str) {
    let pair = signature::base64(format!("{user}:{password}"));
    authorize(call, HeaderValue::from_str(&format!("Basic {pair}")).expect("base64 is fit for a header"));
}

/// `Authorization: Bearer` (RFC 6750).
pub(crate) fn bearer(call: &mut Call, token: &str) -> Result<(), Failure> {
    let value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| {
        Failure::new(ErrorClass::BadCredentials, "the key holds characters that no key has", String::new())
    })?;
    authorize(call, value);
    Ok(())
}

fn authorize(call: &mut Call, mut value: HeaderValue) {
    value.set_sensitive(true);
    call.headers.insert(header::AUTHORIZATION, value);
}

/// The body of a call.
pub(crate) fn json(call: &mut Call, body: &Value) {
    call.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    call.body = body.to_string().into();
}

/// The body of a call, as fields.
pub(crate) fn form(call: &mut Call, fields: &[(&str, &str)]) {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    call.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    call.body = form.finish().into();
}

/// Makes a call that sends. `Err`: what holds for all its recipients, because it was not made or not answered.
pub(crate) async fn exchange(outbound: &Outbound, call: Result<Call, Failure>) -> Result<Answer, Outcome> {
    let call = call.map_err(|failure| refusal(&failure))?;
    outbound.call(call).await.map_err(|error| answer::outcome_of_error(&error))
}

/// The outcome of a mail that was not even handed over.
pub(crate) fn refusal(failure: &Failure) -> Outcome {
    answer::outcome(failure.class, failure.reason.clone(), None, String::new())
}

/// Makes a call that changes nothing, and reads its answer.
pub(crate) async fn read<T: DeserializeOwned>(
    account: &Account,
    outbound: &Outbound,
    call: Call,
) -> Result<T, Failure> {
    let answer = outbound.call(call).await.map_err(|error| answer::failure_of_error(&error))?;
    if answer.status != 200 {
        return Err(answer::failure_of_status(account, &answer));
    }
    serde_json::from_slice(&answer.body).map_err(|_| {
        Failure::new(ErrorClass::Transient, "the answer cannot be read", answer::kept(account, &answer.body))
    })
}
