//! The HTTP API in front of the functions, as API Gateway's HTTP APIs are: routes from the rows, event JSON in
//! payload format 2.0, and the limits of the real thing. Beside it the console's static files, which CloudFront
//! serves on AWS.

mod answer;
mod console;
mod event;
mod functions;
#[cfg(test)]
mod tests;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State},
    response::Response,
};
use domain::id::RequestId;
use http::StatusCode;
use jiff::SignedDuration;
use web::{
    problem,
    row::{Row, Trigger},
};

pub use console::POLICY;
pub use functions::Functions;

use self::console::Console;
use crate::running::Running;

/// The largest request that the gateway takes.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>.
const MAX_REQUEST: usize = 10 * 1024 * 1024;

/// The largest event and the largest answer of a function.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
const MAX_PAYLOAD: usize = 6 * 1024 * 1024;

/// How long the gateway waits for a function at most (same source as [`MAX_REQUEST`]).
const MAX_WAIT: Duration = Duration::from_secs(30);

/// The gateway, serving.
#[derive(Debug)]
pub struct Gateway {
    server: Running,
}

#[derive(Clone)]
struct Context {
    functions: Arc<Functions>,
    console: Option<Console>,
}

impl Gateway {
    /// Serves the functions' routes on `listener`, and the files in `console` at `/` if that folder is there. `files` is
    /// where the console uploads to.
    #[expect(clippy::unused_async, reason = "started like the other services, which wait for something")]
    pub async fn start(
        listener: tokio::net::TcpListener,
        functions: Arc<Functions>,
        console: Option<PathBuf>,
        files: &str,
    ) -> std::io::Result<Self> {
        let console = console.filter(|folder| folder.is_dir()).map(|folder| Console::new(folder, files));
        let context = Context { functions, console };
        let service =
            Router::new().fallback(serve).with_state(context).into_make_service_with_connect_info::<SocketAddr>();
        let server = Running::start(|mut stop| async move {
            let stopped = async move { stop.asked().await };
            if let Err(error) = axum::serve(listener, service).with_graceful_shutdown(stopped).await {
                tracing::error!(%error, "the HTTP API stopped");
            }
        });
        Ok(Self { server })
    }

    /// Takes no more requests and waits for those that run.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

async fn serve(
    State(context): State<Context>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let path = request.uri().path();
    let kit = context.functions.kit();
    let Some(row) = kit.find(request.method(), path).cloned() else {
        return refuse(&context, StatusCode::NOT_FOUND, "route_not_found", "There is nothing at this path.");
    };
    let api = path == "/api" || path.starts_with("/api/");
    if !api && row.path().is_none() {
        let (method, path) = (request.method().clone(), path.to_owned());
        return console::serve(context.console.as_ref(), &method, &path).await;
    }
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_REQUEST).await else { return too_large(&context, &row) };
    let now = kit.app().now();
    let id = RequestId::new(now, kit.app().random.bits()).to_string();
    let event = event::build(&head, &body, peer, &row, &id, now);
    if event.len() > MAX_PAYLOAD {
        return too_large(&context, &row);
    }

    let allowed = Duration::from_secs(u64::from(row.timeout)).min(MAX_WAIT);
    let deadline = now + SignedDuration::try_from(allowed).unwrap_or_default();
    // In a task of its own: a caller who hangs up does not stop a function, on AWS neither.
    let (kit, meter) = (kit.clone(), context.functions.meter().clone());
    if !matches!(row.trigger, Trigger::FunctionUrl { .. }) {
        meter.http_api(event.len());
    }
    let mut run = tokio::spawn(async move {
        let _billed = meter.call(row.name, row.memory);
        kit.invoke(&row, &event, deadline).await
    });
    match tokio::time::timeout(allowed, &mut run).await {
        Err(_) => {
            run.abort();
            refuse(&context, StatusCode::SERVICE_UNAVAILABLE, "timeout", "This took too long.")
        }
        Ok(Ok(Ok(answer))) if answer.len() > MAX_PAYLOAD => refuse(
            &context,
            StatusCode::INTERNAL_SERVER_ERROR,
            "answer_too_large",
            "The answer is larger than a function may give.",
        ),
        Ok(Ok(Ok(answer))) => answer::read(&answer).unwrap_or_else(|| internal(&context)),
        Ok(Ok(Err(_)) | Err(_)) => internal(&context),
    }
}

fn internal(context: &Context) -> Response {
    refuse(context, StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side.")
}

fn too_large(context: &Context, row: &Row) -> Response {
    from_kit(context, |id| problem::respond(&web::dispatch::too_large(row), id))
}

fn refuse(context: &Context, status: StatusCode, code: &str, detail: &str) -> Response {
    from_kit(context, |id| problem::build(status, code, detail.into(), Vec::new(), id))
}

fn from_kit(context: &Context, respond: impl FnOnce(&str) -> web::reply::Response) -> Response {
    let app = context.functions.kit().app();
    let id = RequestId::new(app.now(), app.random.bits()).to_string();
    let mut response = respond(&id).map(Body::from);
    response.headers_mut().insert("x-request-id", http::HeaderValue::from_str(&id).expect("ids are ASCII"));
    response
}
