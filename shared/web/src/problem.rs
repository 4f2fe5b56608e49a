//! Errors as RFC 9457 problems. The one place where a domain error becomes a status.

use domain::{Error, Violation};
use http::{HeaderValue, StatusCode, header};
use schemars::JsonSchema;
use serde::Serialize;

use crate::reply::{self, Response};

/// An error answer, as RFC 9457 has it, with our stable `code`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Problem {
    /// Names the kind of problem: `urn:dundun:problem:` and the code.
    pub r#type: String,
    /// The kind of problem in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened here.
    pub detail: String,
    /// The id of the request, as in `X-Request-Id`.
    pub instance: String,
    /// Stable, for programs.
    pub code: String,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<FieldProblem>")]
    pub errors: Vec<Violation>,
}

/// What is wrong with one field.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "the schema of `domain::Violation`")]
struct FieldProblem {
    /// RFC 6901 pointer into the body, or `?name` of a query parameter.
    pointer: String,
    /// Stable, for programs.
    code: String,
    /// For people.
    detail: String,
}

/// The status and code of an error.
pub fn status_and_code(error: &Error) -> (StatusCode, &str) {
    match error {
        Error::Unreadable { code, .. } => (StatusCode::BAD_REQUEST, code),
        Error::Unauthenticated { code, .. } => (StatusCode::UNAUTHORIZED, code),
        Error::Forbidden { code, .. } => (StatusCode::FORBIDDEN, code),
        Error::NotFound { .. } => (StatusCode::NOT_FOUND, "not_found"),
        Error::Conflict { code, .. } => (StatusCode::CONFLICT, code),
        Error::TooLarge { code, .. } => (StatusCode::PAYLOAD_TOO_LARGE, code),
        Error::Unsupported { code, .. } => (StatusCode::UNSUPPORTED_MEDIA_TYPE, code),
        Error::Unprocessable { code, .. } => (StatusCode::UNPROCESSABLE_ENTITY, code),
        Error::Limited { .. } => (StatusCode::TOO_MANY_REQUESTS, "rate_limited"),
        Error::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        Error::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        Error::Invalid(violations) => {
            // Fields that are all wrong in the same way are a problem of that kind.
            let first = violations.first().map_or("invalid", |violation| violation.code.as_ref());
            let same = violations.iter().all(|violation| violation.code == first);
            (StatusCode::UNPROCESSABLE_ENTITY, if same { first } else { "invalid" })
        }
    }
}

/// The answer to an error. Causes that only operators may see are not in it.
pub fn respond(error: &Error, request_id: &str) -> Response {
    let (status, code) = status_and_code(error);
    let detail = match error {
        Error::Unavailable(_) => "A service that is needed did not answer. Try again in a moment.".into(),
        Error::Internal(_) => "Something went wrong on our side. The request id leads to it.".into(),
        Error::Invalid(violations) if violations.len() == 1 => violations[0].detail.clone(),
        shown => shown.to_string(),
    };
    let errors = match error {
        Error::Invalid(violations) | Error::Unprocessable { violations, .. } => violations.clone(),
        _ => Vec::new(),
    };
    let mut response = build(status, code, detail, errors, request_id);
    let headers = response.headers_mut();
    match error {
        Error::Limited { retry_after, .. } => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(*retry_after));
            headers.insert("ratelimit-remaining", HeaderValue::from(0));
            headers.insert("ratelimit-reset", HeaderValue::from(*retry_after));
        }
        Error::Unavailable(_) => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(1));
        }
        Error::Conflict { code: "idempotency_running", .. } => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(2));
        }
        Error::Unauthenticated { .. } => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        _ => {}
    }
    response
}

/// 405, with the methods that there are.
pub(crate) fn method_not_allowed(allowed: &str, request_id: &str) -> Response {
    let detail = format!("This path takes {allowed}.");
    let mut response = build(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail, Vec::new(), request_id);
    if let Ok(allowed) = HeaderValue::from_str(allowed) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

/// 404 for a path that no row has.
pub(crate) fn no_such_route(request_id: &str) -> Response {
    build(StatusCode::NOT_FOUND, "route_not_found", "There is nothing at this path.".into(), Vec::new(), request_id)
}

/// A problem that no domain error stands for: the gateway's own.
pub fn build(status: StatusCode, code: &str, detail: String, errors: Vec<Violation>, request_id: &str) -> Response {
    let problem = Problem {
        r#type: format!("urn:dundun:problem:{code}"),
        title: title(code),
        status: status.as_u16(),
        detail,
        instance: request_id.into(),
        code: code.into(),
        errors,
    };
    let body = serde_json::to_vec(&problem).expect("texts and numbers serialise");
    reply::with(status, HeaderValue::from_static("application/problem+json"), body.into())
}

/// `idempotency_mismatch` → `Idempotency mismatch`.
fn title(code: &str) -> String {
    let mut title = code.replace('_', " ");
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(error: &Error) -> serde_json::Value {
        serde_json::from_slice(respond(error, "req_1").body()).unwrap()
    }

    #[test]
    fn a_problem_has_all_its_members() {
        let error = Error::Invalid(vec![Violation::new("/phone", "phone_invalid", "Expected a phone number.")]);
        insta::assert_json_snapshot!(body(&error), @r#"
        {
          "type": "urn:dundun:problem:phone_invalid",
          "title": "Phone invalid",
          "status": 422,
          "detail": "Expected a phone number.",
          "instance": "req_1",
          "code": "phone_invalid",
          "errors": [
            {
              "pointer": "/phone",
              "code": "phone_invalid",
              "detail": "Expected a phone number."
            }
          ]
        }
        "#);
    }

    #[test]
    fn fields_that_are_wrong_in_different_ways_are_invalid() {
        let error = Error::Invalid(vec![Violation::new("/a", "x", "…"), Violation::new("/b", "y", "…")]);
        assert_eq!(body(&error)["code"], "invalid");
    }

    #[test]
    fn causes_stay_inside() {
        for error in [Error::Internal("secret cause".into()), Error::Unavailable("secret cause".into())] {
            assert!(!body(&error).to_string().contains("secret"));
        }
    }

    #[test]
    fn too_often_says_when_to_come_back() {
        let response = respond(&Error::Limited { retry_after: 30, detail: "Too many.".into() }, "req_1");
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "30");
        assert_eq!(response.headers()["ratelimit-reset"], "30");
        assert_eq!(response.headers()["ratelimit-remaining"], "0");
    }
}
