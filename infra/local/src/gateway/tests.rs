//! Identity and the kit, over HTTP, on a real table in memory.

mod identity;
mod kit;

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
    _running: (Gateway, Endpoint, DynamoDb),
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

impl Api {
    async fn start(registration: Registration) -> Self {
        let clock = Clock::manual("2026-01-12T10:00:00Z".parse::<Timestamp>().unwrap());
        let database = Database::memory().unwrap();
        let sqs = Sqs::open(database.clone(), clock.clone(), "eu-west-1").await.unwrap();
        let secrets = Secrets::open(database.clone(), clock.clone(), "eu-west-1").await.unwrap();
        let scheduler = Scheduler::open(database, clock.clone(), sqs.clone()).await.unwrap();
        let dynamodb = DynamoDb::start(None, clock.clone()).await.unwrap();
        let services = Services::new(sqs, scheduler, secrets.clone(), &dynamodb);
        let endpoint = Endpoint::start(0, services).await.unwrap();
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(endpoint.url())
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
        let app = Arc::new(App::new(&sdk, settings, clock.clone()).unwrap());
        store::schema::create(&app.table).await.unwrap();
        let signing = json!({ "kid": "k1", "seed": "s".repeat(40), "setupToken": "t".repeat(40) }).to_string();
        secrets.create("dundun/signing", signing).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let functions = Arc::new(Functions::new(functions::catalogue(), app));
        let gateway = Gateway::start(listener, functions, None, "").await.unwrap();
        // Already there where another test was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { url, clock, client: reqwest::Client::new(), _running: (gateway, endpoint, dynamodb) }
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
