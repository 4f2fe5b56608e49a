//! The answer of a function as an HTTP response.

use std::collections::BTreeMap;

use axum::{body::Body, response::Response};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    multi_value_headers: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    cookies: Vec<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// Reads it; `None` if it is not what the gateway takes, which is a 500 on AWS too.
pub(super) fn read(answer: &str) -> Option<Response> {
    let answer: Answer = serde_json::from_str(answer).ok()?;
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded { Body::from(BASE64_STANDARD.decode(body).ok()?) } else { Body::from(body) };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status_code).ok()?;
    let headers = response.headers_mut();
    for (name, value) in answer.headers {
        headers.insert(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
    }
    for (name, values) in answer.multi_value_headers {
        let name = HeaderName::try_from(name).ok()?;
        if !headers.contains_key(&name) {
            for value in values {
                headers.append(&name, HeaderValue::try_from(value).ok()?);
            }
        }
    }
    for cookie in answer.cookies {
        headers.append(header::SET_COOKIE, HeaderValue::try_from(cookie).ok()?);
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn text_and_bytes() {
        let text = read(r#"{"statusCode":201,"headers":{"location":"/x"},"cookies":["a=1"],"body":"{}"}"#).unwrap();
        assert_eq!(
            (text.status(), &text.headers()["location"], &text.headers()["set-cookie"]),
            (StatusCode::CREATED, &HeaderValue::from_static("/x"), &HeaderValue::from_static("a=1"))
        );
        let bytes = read(r#"{"statusCode":200,"body":"/w==","isBase64Encoded":true}"#).unwrap();
        assert_eq!(axum::body::to_bytes(bytes.into_body(), 10).await.unwrap(), &[0xff][..]);
        assert!(read("null").is_none());
        assert!(read(r#"{"statusCode":1}"#).is_none());
    }
}
