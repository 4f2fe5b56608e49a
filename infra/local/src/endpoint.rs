//! The one AWS endpoint on the loopback address: finds the service of a request and hands it over.
//!
//! The service is the one in the SigV4 scope of the `Authorization` header, else the one that `X-Amz-Target` names,
//! else S3 (presigned URLs are S3's). Signatures of the other services are not checked: whoever can reach the
//! loopback address may use them. Web pages cannot: both headers need a CORS preflight, which only S3 answers, and
//! requests under a foreign host name are refused (DNS rebinding).

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
    serve::ListenerExt as _,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tower::ServiceExt as _;

use crate::{
    dynamodb::{DynamoDb, Forward},
    error::{AwsError, Protocol, Result},
    meter::Meter,
    running::{Running, Stop},
    scheduler::Scheduler,
    secrets::Secrets,
    sqs::{Sqs, uuid},
};

/// The largest body of the JSON services: a batch of 1 MiB whose every byte is escaped.
const MAX_BODY: usize = 8 * 1024 * 1024;

/// What the endpoint serves.
pub struct Services {
    /// Queues.
    pub sqs: Sqs,
    /// Schedules.
    pub scheduler: Scheduler,
    /// Secrets.
    pub secrets: Secrets,
    /// Where DynamoDB answers.
    pub dynamodb: Forward,
    /// Everything else; a plain 404 without it.
    pub s3: Option<Router>,
    /// Counts what AWS would bill.
    pub meter: Meter,
}

impl Services {
    /// Services without S3.
    pub fn new(sqs: Sqs, scheduler: Scheduler, secrets: Secrets, dynamodb: &DynamoDb) -> Self {
        Self { sqs, scheduler, secrets, dynamodb: dynamodb.forward(), s3: None, meter: Meter::default() }
    }

    /// The same with S3.
    #[must_use]
    pub fn with_s3(mut self, s3: Router) -> Self {
        self.s3 = Some(s3);
        self
    }

    /// The same with a meter that others count with too.
    #[must_use]
    pub fn with_meter(mut self, meter: Meter) -> Self {
        self.meter = meter;
        self
    }
}

/// The endpoint, serving.
#[derive(Debug)]
pub struct Endpoint {
    address: SocketAddr,
    server: Running,
}

#[derive(Debug, PartialEq, Eq)]
enum Service {
    Sqs,
    DynamoDb,
    Secrets,
    Scheduler,
    S3,
    Unknown(String),
}

#[derive(Clone)]
struct Context {
    services: Arc<Services>,
    stop: Stop,
}

impl Endpoint {
    /// Serves on `127.0.0.1:port`; port 0 takes a free one.
    pub async fn start(port: u16, services: Services) -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let listener = listener.tap_io(|stream| {
            // Answers are small: waiting to fill packets would only make them late.
            let _ = stream.set_nodelay(true);
        });
        let server = Running::start(|stop| async move {
            let context = Context { services: Arc::new(services), stop: stop.clone() };
            let router = Router::new().fallback(handle).with_state(context);
            let mut stop = stop;
            let served = axum::serve(listener, router).with_graceful_shutdown(async move { stop.asked().await });
            if let Err(error) = served.await {
                tracing::error!(%error, "the AWS endpoint stopped");
            }
        });
        Ok(Self { address, server })
    }

    /// The endpoint's URL, such as `http://127.0.0.1:4566`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops taking requests, ends long polls and waits for the rest.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

async fn handle(State(context): State<Context>, request: Request) -> Response {
    let services = &context.services;
    if !is_local(request.headers()) {
        let error = AwsError::client("com.amazon.coral.service", "AccessDeniedException", "Unknown host name.")
            .with_status(StatusCode::FORBIDDEN);
        return Protocol::Rest.refuse(&error);
    }
    let meter = &services.meter;
    if request.uri().path().starts_with("/_meter") {
        return read_meter(meter, &request);
    }
    match service(&request) {
        Service::Sqs => {
            let (operation, base) = (operation(request.headers()), base(request.headers()));
            meter.sqs(length(request.headers()));
            meter.wait("sqs", &operation).await;
            let sqs = services.sqs.clone();
            let answer = json(request, |body| async move {
                let mut stop = context.stop.clone();
                tokio::select! {
                    answer = sqs.answer(&operation, &body, &base) => answer,
                    () = stop.asked(), if operation == "ReceiveMessage" => Ok(b"{}".to_vec()),
                }
            });
            respond(Protocol::Json10, answer.await)
        }
        Service::Secrets => {
            let (operation, secrets) = (operation(request.headers()), services.secrets.clone());
            meter.secret();
            meter.wait("secretsmanager", &operation).await;
            let answer = json(request, |body| async move { secrets.answer(&operation, &body).await });
            respond(Protocol::Json11, answer.await)
        }
        Service::Scheduler => {
            let (scheduler, method, uri) =
                (services.scheduler.clone(), request.method().clone(), request.uri().clone());
            meter.wait("scheduler", "").await;
            let answer = json(request, |body| async move {
                scheduler.answer(&method, uri.path(), uri.query().unwrap_or_default(), &body).await
            });
            respond(Protocol::Rest, answer.await)
        }
        Service::DynamoDb if meter.is_on() => {
            let operation = operation(request.headers());
            meter.wait("dynamodb", &operation).await;
            meter.dynamodb(&services.dynamodb, &operation, request).await
        }
        Service::DynamoDb => services.dynamodb.answer(request).await,
        Service::S3 => {
            let Some(s3) = services.s3.clone() else { return StatusCode::NOT_FOUND.into_response() };
            let (head, body) = request.into_parts();
            meter.s3(&head);
            meter.wait("s3", "").await;
            s3.oneshot(Request::from_parts(head, body)).await.into_response()
        }
        Service::Unknown(name) => {
            let error = AwsError::client(
                "com.amazon.coral.service",
                "UnknownServiceException",
                format!("the local cloud does not offer the service {name}"),
            );
            Protocol::Json10.refuse(&error)
        }
    }
}

/// `GET /_meter`, `POST /_meter/start[?latency=aws]`, `POST /_meter/stop`: each answers with the reading.
fn read_meter(meter: &Meter, request: &Request) -> Response {
    // A web page that posts here is made to say where it comes from.
    if request.headers().contains_key(header::ORIGIN) {
        return StatusCode::FORBIDDEN.into_response();
    }
    match (request.method().as_str(), request.uri().path()) {
        ("GET", "/_meter") => {}
        ("POST", "/_meter/start") => meter.start(request.uri().query() == Some("latency=aws")),
        ("POST", "/_meter/stop") => meter.stop(),
        _ => return StatusCode::NOT_FOUND.into_response(),
    }
    let reading = serde_json::to_string(&meter.reading()).unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], reading).into_response()
}

async fn json<F: Future<Output = Result<Vec<u8>>>>(
    request: Request,
    answer: impl FnOnce(bytes::Bytes) -> F,
) -> Result<Vec<u8>> {
    match axum::body::to_bytes(request.into_body(), MAX_BODY).await {
        Ok(body) => answer(body).await,
        Err(_) => Err(AwsError::client(
            "com.amazon.coral.service",
            "RequestEntityTooLargeException",
            "The body is too large or did not arrive whole.",
        )
        .with_status(StatusCode::PAYLOAD_TOO_LARGE)),
    }
}

fn respond(protocol: Protocol, answer: Result<Vec<u8>>) -> Response<Body> {
    let mut response = match answer {
        Ok(body) => protocol.answer(body),
        Err(error) => protocol.refuse(&error),
    };
    if let Ok(id) = HeaderValue::from_str(&uuid()) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}

/// Which service a request is for.
fn service(request: &Request) -> Service {
    let headers = request.headers();
    if let Some(name) = scope(headers) {
        return match name {
            "sqs" => Service::Sqs,
            "dynamodb" => Service::DynamoDb,
            "secretsmanager" => Service::Secrets,
            "scheduler" => Service::Scheduler,
            "s3" => Service::S3,
            other => Service::Unknown(other.to_owned()),
        };
    }
    match headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok())
        .and_then(|target| target.split('.').next())
    {
        Some("AmazonSQS") => Service::Sqs,
        Some("secretsmanager") => Service::Secrets,
        Some(target) if target.starts_with("DynamoDB") => Service::DynamoDb,
        Some(target) => Service::Unknown(target.to_owned()),
        None => Service::S3,
    }
}

/// The service in the credential's scope: `Credential=<key>/<date>/<region>/<service>/aws4_request`.
fn scope(headers: &HeaderMap) -> Option<&str> {
    let authorization = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let credential = authorization.split("Credential=").nth(1)?.split([',', ' ']).next()?;
    credential.strip_suffix("/aws4_request")?.rsplit('/').next()
}

fn operation(headers: &HeaderMap) -> String {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default().to_owned()
}

fn length(headers: &HeaderMap) -> usize {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

fn host(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1")
}

fn base(headers: &HeaderMap) -> String {
    format!("http://{}", host(headers))
}

/// Whether the request came under a name of this machine; `<bucket>.localhost` is S3's.
fn is_local(headers: &HeaderMap) -> bool {
    let host = host(headers);
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name == "localhost"
        || name.ends_with(".localhost")
        || name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request {
        let builder = headers.iter().fold(Request::builder(), |builder, (name, value)| builder.header(*name, *value));
        builder.uri("/?X-Amz-Credential=a/b/c/scheduler/aws4_request").body(Body::empty()).unwrap()
    }

    #[test]
    fn the_scope_decides_then_the_target() {
        let scope = "AWS4-HMAC-SHA256 Credential=key/20261121/us-east-1/scheduler/aws4_request, SignedHeaders=host";
        assert_eq!(service(&request(&[("authorization", scope)])), Service::Scheduler);
        assert_eq!(service(&request(&[("x-amz-target", "AmazonSQS.SendMessage")])), Service::Sqs);
        assert_eq!(service(&request(&[("x-amz-target", "DynamoDB_20120810.GetItem")])), Service::DynamoDb);
        assert_eq!(service(&request(&[])), Service::S3);
        let scope = "AWS4-HMAC-SHA256 Credential=key/20261121/us-east-1/iam/aws4_request,SignedHeaders=host";
        assert_eq!(service(&request(&[("authorization", scope)])), Service::Unknown("iam".to_owned()));
    }

    #[test]
    fn only_names_of_this_machine_are_served() {
        for (host, local) in [
            ("127.0.0.1:4566", true),
            ("localhost", true),
            ("[::1]:4566", true),
            ("bucket.localhost:4566", true),
            ("evil.example:4566", false),
            ("127.0.0.1.evil.example", false),
        ] {
            assert_eq!(is_local(request(&[("host", host)]).headers()), local, "{host}");
        }
    }
}
