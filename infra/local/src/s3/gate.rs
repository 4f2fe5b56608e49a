//! What stands before the protocol library: CORS, who may come in, the framing of bodies, and `bucket.localhost`.
//!
//! Two ways in. A *presigned* request must be signed by a known key and in time, and may come from a page of any
//! origin, as the console's uploads do. A *header-signed* request is taken with any key and its signature is not
//! checked: it comes from a program on this machine. A page cannot send one, because the preflight never allows
//! `authorization`. Anything else is refused.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, request::Parts};
use jiff::Timestamp;
use s3s::{
    S3Error, S3Result, s3_error,
    service::{S3Service, S3ServiceBuilder},
};
use tower::ServiceExt;

use super::{
    S3,
    blobs::random_name,
    chunked::{self, Trailers},
    presigned,
    service::Service,
};

/// About the request itself, for events and answers.
#[derive(Clone, Debug)]
pub struct RequestInfo {
    /// Its id, as the header `x-amz-request-id` tells it.
    pub id: String,
    /// The address it came from.
    pub source: String,
    /// When it came.
    pub at: Timestamp,
}

struct Gate {
    s3: S3,
    service: S3Service,
}

pub(super) fn router(s3: S3) -> Router {
    let service = S3ServiceBuilder::new(Service(s3.clone())).build();
    Router::new().fallback(handle).with_state(Arc::new(Gate { s3, service }))
}

async fn handle(State(gate): State<Arc<Gate>>, request: Request) -> Response {
    let from_page = request.headers().contains_key(header::ORIGIN);
    if from_page && request.method() == Method::OPTIONS {
        return preflight(request.headers());
    }
    let presigned = presigned::is_presigned(request.uri());
    let id = random_name();
    let mut response = match gate.serve(request, presigned, &id).await {
        Ok(response) => response,
        Err(error) => match error.to_http_response() {
            Ok(response) => response.map(Body::new),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
    };
    let headers = response.headers_mut();
    headers.insert("x-amz-request-id", HeaderValue::try_from(id).expect("hexadecimal is fit for a header"));
    if from_page && presigned {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        let exposed = HeaderValue::from_static("ETag, Content-Range, Content-Disposition, x-amz-request-id");
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    response
}

/// The answer to a browser that asks whether it may send a request: any origin, any header but `authorization`.
fn preflight(asked: &HeaderMap) -> Response {
    let wanted = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS).and_then(|wanted| wanted.to_str().ok());
    let allowed: Vec<&str> = wanted
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("authorization"))
        .collect();
    let mut response = StatusCode::OK.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let methods = HeaderValue::from_static("GET, HEAD, PUT, POST, DELETE");
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    if let Ok(allowed) = HeaderValue::try_from(allowed.join(", ")) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    }
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3000"));
    if asked.contains_key("access-control-request-private-network") {
        let name = HeaderName::from_static("access-control-allow-private-network");
        headers.insert(name, HeaderValue::from_static("true"));
    }
    let vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";
    headers.insert(header::VARY, HeaderValue::from_static(vary));
    response
}

impl Gate {
    async fn serve(&self, request: Request, presigned: bool, id: &str) -> S3Result<Response> {
        let (mut parts, body) = request.into_parts();
        let now = self.s3.0.clock.now();
        if presigned {
            presigned::check(&parts, &self.s3.0.keys, now)?;
        } else if !header_signed(&parts.headers) {
            return Err(s3_error!(AccessDenied));
        }
        if content_type(&parts.headers).starts_with("multipart/form-data") {
            return Err(s3_error!(NotImplemented, "The local S3 takes uploads by PUT only."));
        }
        let source = parts.extensions.get::<ConnectInfo<std::net::SocketAddr>>();
        let source = source.map_or_else(|| "127.0.0.1".to_owned(), |address| address.ip().to_string());
        parts.extensions.insert(RequestInfo { id: id.to_owned(), source, at: now });

        parts.uri = inner_uri(&parts)?;
        let body = unframe(&mut parts, body)?;
        parts.headers.remove(header::AUTHORIZATION);
        parts.headers.remove("x-amz-content-sha256");

        let response = self.service.clone().oneshot(Request::from_parts(parts, body)).await;
        response.map(|response| response.map(Body::new)).map_err(|_| S3Error::new(s3s::S3ErrorCode::InternalError))
    }
}

fn header_signed(headers: &HeaderMap) -> bool {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    authorization.is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 ") && value.contains("Credential="))
}

fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().trim().to_ascii_lowercase()
}

/// The address without its signature, and with the bucket in its path.
fn inner_uri(parts: &Parts) -> S3Result<Uri> {
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let bucket = name.strip_suffix(".localhost").filter(|bucket| !bucket.is_empty());
    // `s3.localhost` is the service itself.
    let bucket = bucket.filter(|bucket| *bucket != "s3" && !bucket.starts_with("s3."));
    let bucket = bucket.map(|bucket| format!("/{}", bucket.strip_suffix(".s3").unwrap_or(bucket)));
    let path = format!("{}{}", bucket.unwrap_or_default(), parts.uri.path());
    let query = presigned::rest_of_query(&parts.uri);
    let address = if query.is_empty() { path } else { format!("{path}?{query}") };
    Uri::try_from(address).map_err(|_| s3_error!(InvalidURI))
}

/// Takes the `aws-chunked` framing off a body that has it.
fn unframe(parts: &mut Parts, body: Body) -> S3Result<Body> {
    let text =
        |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let encodings = text("content-encoding");
    let is_frame = |encoding: &str| encoding.trim().eq_ignore_ascii_case("aws-chunked");
    let framed = text("x-amz-content-sha256").starts_with("STREAMING-") || encodings.split(',').any(is_frame);
    if !framed {
        return Ok(body);
    }
    let length: u64 = text("x-amz-decoded-content-length")
        .parse()
        .map_err(|_| s3_error!(MissingContentLength, "x-amz-decoded-content-length is missing"))?;
    let trailers = Trailers::new(&text("x-amz-trailer"));
    parts.extensions.insert(trailers.clone());
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    let kept: Vec<&str> = encodings.split(',').map(str::trim).filter(|encoding| !is_frame(encoding)).collect();
    match HeaderValue::try_from(kept.join(",")) {
        Ok(kept) if !kept.is_empty() => parts.headers.insert(header::CONTENT_ENCODING, kept),
        _ => parts.headers.remove(header::CONTENT_ENCODING),
    };
    Ok(Body::from_stream(chunked::decode(body, trailers)))
}
