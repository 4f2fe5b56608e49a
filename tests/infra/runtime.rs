//! A small Lambda Runtime API on loopback, and the real `bootstrap` on it.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use std::{
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use engine::{Settings, app::Registration};
use serde_json::Value;
use store::Clock;
use tokio::sync::oneshot;

/// How long an invocation may take before the test gives up on it, in seconds.
const PATIENCE: u64 = 50;

type Outcome = Result<Value, String>;

/// The environment that a function has on AWS, with the local AWS behind it.
pub(super) fn environment(settings: &Settings, aws: &str) -> Vec<(&'static str, String)> {
    let registration = match settings.registration {
        Registration::Open => "open",
        Registration::Invite => "invite",
    };
    vec![
        ("DUNDUN_TABLE", settings.table.clone()),
        ("DUNDUN_QUEUES", settings.queues.clone()),
        ("DUNDUN_QUEUE_ARNS", settings.queue_arns.clone()),
        ("DUNDUN_BUCKET", settings.bucket.clone()),
        ("DUNDUN_SECRETS", settings.secrets.clone()),
        ("DUNDUN_SCHEDULE_GROUP", settings.schedule_group.clone()),
        ("DUNDUN_SCHEDULE_ROLE", settings.schedule_role.clone()),
        ("DUNDUN_PUBLIC_URL", settings.public_url.clone()),
        ("DUNDUN_REGISTRATION", registration.into()),
        ("DUNDUN_ALLOW_HOSTS", settings.allow_hosts.clone()),
        ("DUNDUN_MAILER", settings.mailer.expose().to_owned()),
        ("DUNDUN_MAIL_FROM", settings.mail_from.clone()),
        ("DUNDUN_DNS", settings.dns.map(|server| server.to_string()).unwrap_or_default()),
        ("DUNDUN_LOG", "off".into()),
        ("AWS_ENDPOINT_URL", aws.to_owned()),
        ("AWS_REGION", local::host::REGION.into()),
        ("AWS_ACCESS_KEY_ID", "dundun".into()),
        ("AWS_SECRET_ACCESS_KEY", "dundun-on-one-machine".into()),
    ]
}

/// What the one event is, and where its outcome goes.
struct Invocation {
    event: String,
    deadline: i64,
    given: Mutex<bool>,
    outcome: Mutex<Option<oneshot::Sender<Outcome>>>,
}

impl Invocation {
    fn end(&self, outcome: Outcome) {
        if let Some(sender) = self.outcome.lock().unwrap().take() {
            let _ = sender.send(outcome);
        }
    }
}

/// Starts `bootstrap` as this function, hands it one event, and gives what it answers. `Err`: the invocation failed.
pub(super) async fn invoke(name: &str, event: &Value, environment: &[(&'static str, String)]) -> Outcome {
    let (sender, receiver) = oneshot::channel();
    let invocation = Arc::new(Invocation {
        event: event.to_string(),
        deadline: Clock::system().now().as_millisecond() + 60_000,
        given: Mutex::new(false),
        outcome: Mutex::new(Some(sender)),
    });
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(error))
        .with_state(invocation.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });

    let mut child = tokio::process::Command::new(bootstrap())
        // Nothing but what the template gives: a setting that is missing there would be missing here.
        .env_clear()
        .envs(environment.iter().map(|(name, value)| (*name, value)))
        .env("_HANDLER", name)
        .env("AWS_LAMBDA_RUNTIME_API", address)
        .env("AWS_LAMBDA_FUNCTION_NAME", format!("dundun-{name}"))
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "/dundun/dundun")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "test")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("bootstrap starts");
    let outcome = tokio::select! {
        outcome = tokio::time::timeout(Duration::from_secs(PATIENCE), receiver) => match outcome {
            Ok(outcome) => outcome.expect("the server keeps the sender"),
            Err(_) => Err("no answer in time".into()),
        },
        status = child.wait() => {
            let mut text = String::new();
            if let Some(mut errors) = child.stderr.take() {
                let _ = tokio::io::AsyncReadExt::read_to_string(&mut errors, &mut text).await;
            }
            Err(format!("bootstrap ended with {status:?}: {text}"))
        }
    };
    let _ = child.kill().await;
    server.abort();
    outcome
}

async fn next(State(invocation): State<Arc<Invocation>>) -> Response {
    let first = !std::mem::replace(&mut *invocation.given.lock().unwrap(), true);
    if !first {
        // As on AWS: the function waits here until there is another event, and there is none.
        std::future::pending::<()>().await;
    }
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned()),
        ("lambda-runtime-deadline-ms", invocation.deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:123456789012:function:dundun".to_owned()),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, invocation.event.clone()).into_response()
}

async fn response(State(invocation): State<Arc<Invocation>>, body: Bytes) -> axum::http::StatusCode {
    invocation.end(serde_json::from_slice(&body).map_err(|error| format!("the answer is not JSON: {error}")));
    axum::http::StatusCode::ACCEPTED
}

async fn error(State(invocation): State<Arc<Invocation>>, body: Bytes) -> axum::http::StatusCode {
    invocation.end(Err(String::from_utf8_lossy(&body).into_owned()));
    axum::http::StatusCode::ACCEPTED
}

/// `target/<profile>/bootstrap`, beside the test binary.
fn bootstrap() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows itself");
    let profile = test.parent().and_then(std::path::Path::parent).expect("target/<profile>/deps");
    let binary = profile.join("bootstrap");
    // `cargo test --workspace` builds it, because `functions` has an integration test.
    assert!(binary.exists(), "{} is missing: cargo build -p functions", binary.display());
    binary
}
