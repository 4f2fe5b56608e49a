//! Identity, the kit and the gateway's limits, over HTTP, on a real table in memory.

mod identity;
mod kit;
mod limits;

use std::{sync::Arc, time::Duration};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use engine::{
    App, Settings,
    app::{Registration, http_client},
};
use http::Method;
use jiff::Timestamp;
use reqwest::StatusCode;
use serde_json::{Value, json};
use store::Clock;

use super::{Functions, Gateway};
use crate::{
    database::Database,
    dynamodb::DynamoDb,
    endpoint::{Endpoint, Services},
    scheduler::Scheduler,
    secrets::Secrets,
    sqs::Sqs,
};

struct Api {
    url: String,
    clock: Clock,
    client: reqwest::Client,
    registration: Registration,
    running: (Gateway, Endpoint, DynamoDb),
}

struct Answer {
    status: StatusCode,
    headers: http::HeaderMap,
    body: Value,
}

impl Answer {
    fn code(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["code"].as_str().unwrap_or_default())
    }

    fn text(&self, pointer: &str) -> String {
        self.body
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{pointer} in {}", self.body))
            .to_owned()
    }
}

/// One instance of the functions.
fn app(aws: &str, registration: Registration, clock: &Clock) -> Arc<App> {
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(aws)
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("a", "b", None, None, "test")))
        .http_client(http_client())
        .build();
    let settings = Settings {
        table: "dundun".into(),
        queues: String::new(),
        queue_arns: String::new(),
        bucket: "files".into(),
        secrets: "dundun/".into(),
        schedule_group: "dundun".into(),
        schedule_role: String::new(),
        public_url: "https://dundun.example".into(),
        registration,
        allow_hosts: String::new(),
        mailer: engine::app::Secret::default(),
        mail_from: String::new(),
        dns: None,
        lease_seconds: 0,
    };
    Arc::new(App::new(&sdk, settings, clock.clone()).unwrap())
}

/// Rows behind a gateway of their own, and its URL.
async fn serve(app: Arc<App>, rows: Vec<web::Row>) -> (String, Gateway) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let functions = Arc::new(Functions::new(rows, app));
    let gateway = Gateway::start(listener, functions, None, "").await.unwrap();
    (url, gateway)
}

impl Api {
    async fn start(registration: Registration) -> Self {
        Self::with_rows(registration, functions::catalogue()).await
    }

    async fn with_rows(registration: Registration, rows: Vec<web::Row>) -> Self {
        Self::with_key(registration, rows, "k1", &"s".repeat(40)).await
    }

    async fn with_key(registration: Registration, rows: Vec<web::Row>, kid: &str, seed: &str) -> Self {
        let clock = Clock::manual("2026-01-12T10:00:00Z".parse::<Timestamp>().unwrap());
        let database = Database::memory().unwrap();
        let sqs = Sqs::open(database.clone(), clock.clone(), "eu-west-1").await.unwrap();
        let secrets = Secrets::open(database.clone(), clock.clone(), "eu-west-1").await.unwrap();
        let scheduler = Scheduler::open(database, clock.clone(), sqs.clone()).await.unwrap();
        let dynamodb = DynamoDb::start(None, clock.clone()).await.unwrap();
        let services = Services::new(sqs, scheduler, secrets.clone(), &dynamodb);
        let endpoint = Endpoint::start(0, services).await.unwrap();
        let app = app(&endpoint.url(), registration, &clock);
        store::schema::create(&app.table).await.unwrap();
        let signing = json!({ "kid": kid, "seed": seed, "setupToken": "t".repeat(40) }).to_string();
        secrets.create("dundun/signing", signing).await.unwrap();
        let (url, gateway) = serve(app, rows).await;
        // Already there where another test was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { url, clock, client: reqwest::Client::new(), registration, running: (gateway, endpoint, dynamodb) }
    }

    /// The same deployment with new instances of its functions, which know only what is stored.
    async fn renew(&mut self) {
        let app = app(&self.running.1.url(), self.registration, &self.clock);
        (self.url, self.running.0) = serve(app, functions::catalogue()).await;
    }

    /// Stores another key in the secret `signing`.
    async fn sign_with(&self, kid: &str, seed: &str) {
        let signing = json!({ "kid": kid, "seed": seed }).to_string();
        let request = self.client.post(self.running.1.url()).header("x-amz-target", "secretsmanager.PutSecretValue");
        let body = json!({ "SecretId": "dundun/signing", "SecretString": signing });
        let answer = request.header("content-type", "application/x-amz-json-1.1").body(body.to_string());
        assert_eq!(answer.send().await.unwrap().status(), 200);
    }

    /// From now on the calls come from this network address.
    fn call_from(&mut self, address: [u8; 4]) {
        self.client = reqwest::Client::builder().local_address(Some(address.into())).build().unwrap();
    }

    async fn send(&self, method: Method, path: &str, token: &str, key: &str, body: Option<Value>) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if !key.is_empty() {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        assert!(headers.contains_key("x-request-id"), "{path}");
        let bytes = response.bytes().await.unwrap();
        Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }

    async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.send(Method::POST, path, token, "", Some(body)).await
    }

    async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(Method::GET, path, token, "", None).await
    }

    async fn register(&self, email: &str) -> Answer {
        let body =
            json!({ "organizationName": "Sunrise", "name": "Amina", "email": email, "password": "correct horse" });
        let answer = self.post("/api/auth/register", "", body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer
    }

    /// Invites someone with a role and accepts for them; gives their id and access token.
    async fn join(&self, owner: &str, email: &str, role: &str) -> (String, String) {
        let invited = self.post("/api/users", owner, json!({ "email": email, "name": "J", "role": role })).await;
        assert_eq!(invited.status, 201, "{}", invited.body);
        let token = invited.text("/inviteUrl").split_once("#token=").unwrap().1.to_owned();
        let accept = json!({ "token": token, "name": "Juma", "password": "battery horse" });
        let joined = self.post("/api/auth/accept-invite", "", accept.clone()).await;
        assert_eq!(joined.status, 201, "{}", joined.body);
        assert_eq!(self.post("/api/auth/accept-invite", "", accept).await.code(), (401, "invite_invalid"));
        (invited.text("/id"), joined.text("/accessToken"))
    }
}
