//! The event of an HTTP request in payload format 2.0.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.

use std::net::SocketAddr;

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, header, request::Parts};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};
use web::{
    route,
    row::{Row, Trigger},
};

/// The event as JSON text.
pub(super) fn build(
    head: &Parts,
    body: &[u8],
    peer: SocketAddr,
    row: &Row,
    request_id: &str,
    now: Timestamp,
) -> String {
    let path = head.uri.path();
    let query = head.uri.query().unwrap_or_default();
    let route_key = match &row.trigger {
        Trigger::Http { method, path } => format!("{method} {path}"),
        _ => "$default".to_owned(),
    };
    let mut headers = headers(&head.headers);
    let cookies = headers.remove(header::COOKIE.as_str());
    let source_ip = peer.ip().to_string();
    headers.insert("x-forwarded-for".into(), json!(source_ip));
    headers.entry("x-forwarded-proto").or_insert(json!("http"));
    headers.sort_keys();
    let host = headers.get("host").and_then(Value::as_str).unwrap_or("localhost").to_owned();
    let user_agent = headers.get("user-agent").cloned().unwrap_or(json!(""));

    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": host,
            "domainPrefix": "local",
            "http": {
                "method": head.method.as_str(),
                "path": path,
                "protocol": format!("{:?}", head.version),
                "sourceIp": source_ip,
                "userAgent": user_agent,
            },
            "requestId": request_id,
            "routeKey": route_key,
            "stage": "$default",
            "time": now.to_zoned(TimeZone::UTC).strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.as_millisecond(),
        },
        "isBase64Encoded": false,
    });
    if let Some(cookies) = cookies.as_ref().and_then(Value::as_str) {
        event["cookies"] = cookies.split(';').map(str::trim).filter(|cookie| !cookie.is_empty()).collect();
    }
    let parameters = query_parameters(query);
    if !parameters.is_empty() {
        event["queryStringParameters"] = Value::Object(parameters);
    }
    if let Some((pattern, values)) = row.path().and_then(|pattern| Some((pattern, route::matches(pattern, path)?)))
        && !values.is_empty()
    {
        event["pathParameters"] =
            route::variables(pattern).zip(values).map(|(name, value)| (name.to_owned(), json!(value))).collect();
    }
    if !body.is_empty() {
        match std::str::from_utf8(body) {
            Ok(text) if is_text(&head.headers) => event["body"] = json!(text),
            _ => {
                event["body"] = json!(BASE64_STANDARD.encode(body));
                event["isBase64Encoded"] = json!(true);
            }
        }
    }
    event.to_string()
}

/// Names in lower case, values of one name joined by commas.
fn headers(given: &HeaderMap) -> Map<String, Value> {
    let mut headers = Map::new();
    for name in given.keys() {
        let separator = if *name == header::COOKIE { "; " } else { "," };
        let values: Vec<&str> = given.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
        headers.insert(name.as_str().to_owned(), json!(values.join(separator)));
    }
    headers
}

fn query_parameters(query: &str) -> Map<String, Value> {
    let mut parameters: Map<String, Value> = Map::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let joined = match parameters.get(&*name).and_then(Value::as_str) {
            Some(before) => format!("{before},{value}"),
            None => value.into_owned(),
        };
        parameters.insert(name.into_owned(), json!(joined));
    }
    parameters
}

/// What API Gateway passes on as text; all else is base64.
fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("text/")
        || matches!(kind.as_str(), "application/json" | "application/javascript" | "application/xml")
}

#[cfg(test)]
mod tests {
    use web::prelude::*;

    use super::*;

    async fn handle(_: Cx, _: Path<String>) -> Result<NoContent> {
        Ok(NoContent)
    }

    fn event(request: http::Request<&[u8]>) -> Value {
        let row = Row::put("x", "/api/things/{id}", handle);
        let (head, body) = request.into_parts();
        let text = build(&head, body, ([127, 0, 0, 1], 9).into(), &row, "req_1", Timestamp::UNIX_EPOCH);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn an_event_has_what_the_real_one_has() {
        let request = http::Request::put("/api/things/a%2Fb?x=1&y=%20&x=2")
            .header("Host", "localhost:4000")
            .header("X-Two", "a")
            .header("X-Two", "b")
            .header("Cookie", "a=1; b=2")
            .header("User-Agent", "test")
            .header("Content-Type", "application/json; charset=utf-8")
            .body(&b"{}"[..])
            .unwrap();
        insta::assert_json_snapshot!(event(request), @r#"
        {
          "version": "2.0",
          "routeKey": "PUT /api/things/{id}",
          "rawPath": "/api/things/a%2Fb",
          "rawQueryString": "x=1&y=%20&x=2",
          "headers": {
            "content-type": "application/json; charset=utf-8",
            "host": "localhost:4000",
            "user-agent": "test",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-proto": "http",
            "x-two": "a,b"
          },
          "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "localhost:4000",
            "domainPrefix": "local",
            "http": {
              "method": "PUT",
              "path": "/api/things/a%2Fb",
              "protocol": "HTTP/1.1",
              "sourceIp": "127.0.0.1",
              "userAgent": "test"
            },
            "requestId": "req_1",
            "routeKey": "PUT /api/things/{id}",
            "stage": "$default",
            "time": "01/Jan/1970:00:00:00 +0000",
            "timeEpoch": 0
          },
          "isBase64Encoded": false,
          "cookies": [
            "a=1",
            "b=2"
          ],
          "queryStringParameters": {
            "x": "1,2",
            "y": " "
          },
          "pathParameters": {
            "id": "a/b"
          },
          "body": "{}"
        }
        "#);
    }

    #[test]
    fn bytes_go_as_base64() {
        let form = http::Request::put("/api/things/1").header("Content-Type", "multipart/form-data; boundary=x");
        let event = event(form.body(&b"--x--"[..]).unwrap());
        assert_eq!((event["isBase64Encoded"].clone(), event["body"].clone()), (json!(true), json!("LS14LS0=")));
        let broken = http::Request::put("/api/things/1").header("Content-Type", "application/json");
        assert_eq!(self::event(broken.body(&b"\xff"[..]).unwrap())["isBase64Encoded"], true);
    }
}
