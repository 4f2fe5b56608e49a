//! Identity and the kit, over HTTP, on a real table in memory.

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

#[tokio::test]
async fn a_browser_keeps_its_refresh_token_in_a_cookie_that_no_script_reads() {
    let api = Api::start(Registration::Open).await;
    api.register("amina@example.org").await;
    let call = async |path: &str, cookie: &str, token: &str, body: Option<Value>| {
        let mut request = api.client.post(format!("{}{path}", api.url)).header("x-session", "cookie");
        if !cookie.is_empty() {
            request = request.header("cookie", format!("other=1; {cookie}"));
        }
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        let response = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let response = response.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default();
        Answer { status, headers, body }
    };
    let set = |answer: &Answer| answer.headers["set-cookie"].to_str().unwrap().to_owned();
    let pair = |answer: &Answer| set(answer).split(';').next().unwrap().to_owned();

    let login = json!({ "email": "amina@example.org", "password": "correct horse" });
    let signed_in = call("/api/auth/login", "", "", Some(login)).await;
    assert!(signed_in.body["refreshToken"].is_null(), "{}", signed_in.body);
    for attribute in ["dundun_session=rt_", "HttpOnly", "SameSite=Strict", "Path=/api/auth", "Max-Age=2592000"] {
        assert!(set(&signed_in).contains(attribute), "{attribute}");
    }
    assert!(set(&signed_in).contains("Secure"), "the public address is https");

    let next = call("/api/auth/refresh", &pair(&signed_in), "", None).await;
    assert_eq!((next.status.as_u16(), &next.body["refreshToken"]), (200, &Value::Null), "{}", next.body);
    assert_ne!(pair(&next), pair(&signed_in));
    assert_eq!(call("/api/auth/refresh", "", "", None).await.code(), (401, "refresh_invalid"));
    // Without the header the cookie counts for nothing: what another site's form could send.
    let foreign = api.client.post(format!("{}/api/auth/refresh", api.url)).header("cookie", pair(&next));
    assert_eq!(foreign.send().await.unwrap().status(), 400);

    let left = call("/api/auth/logout", &pair(&next), &next.text("/accessToken"), None).await;
    assert_eq!(left.status, 204);
    assert!(set(&left).starts_with("dundun_session=;") && set(&left).contains("Max-Age=0"));
    assert_eq!(call("/api/auth/refresh", &pair(&next), "", None).await.code(), (401, "refresh_invalid"));
}

#[tokio::test]
async fn register_login_refresh_and_reuse() {
    let api = Api::start(Registration::Open).await;
    let registered = api.register("Amina@Example.org").await;
    assert_eq!(registered.body["user"]["role"], "OWNER");
    assert_eq!(registered.body["expiresIn"], 900);
    let me = api.get("/api/auth/me", &registered.text("/accessToken")).await;
    assert_eq!(me.text("/user/email"), "amina@example.org");

    let again =
        json!({ "organizationName": "X", "name": "Y", "email": "amina@example.org", "password": "correct horse" });
    assert_eq!(api.post("/api/auth/register", "", again).await.code(), (409, "email_taken"));
    let login = |password: &str| json!({ "email": "AMINA@example.org", "password": password });
    assert_eq!(api.post("/api/auth/login", "", login("wrong horse")).await.code(), (401, "credentials_invalid"));
    let unknown = json!({ "email": "b@example.org", "password": "wrong horse" });
    assert_eq!(api.post("/api/auth/login", "", unknown).await.code(), (401, "credentials_invalid"));
    let signed_in = api.post("/api/auth/login", "", login("correct horse")).await;
    assert_eq!(signed_in.status, 200);

    let refresh = |token: String| json!({ "refreshToken": token });
    let first = signed_in.text("/refreshToken");
    let second = api.post("/api/auth/refresh", "", refresh(first.clone())).await;
    assert_eq!(second.status, 200, "{}", second.body);
    assert_eq!(api.post("/api/auth/refresh", "", refresh(first)).await.code(), (401, "refresh_reused"));
    let ended = api.post("/api/auth/refresh", "", refresh(second.text("/refreshToken"))).await;
    assert_eq!(ended.code(), (401, "refresh_invalid"));
    assert_eq!(api.get("/api/auth/me", &second.text("/accessToken")).await.code(), (401, "token_revoked"));

    // The session of the registration is another family.
    api.clock.advance(Duration::from_mins(15));
    assert_eq!(api.get("/api/auth/me", &registered.text("/accessToken")).await.code(), (401, "token_expired"));
    let third = api.post("/api/auth/refresh", "", refresh(registered.text("/refreshToken"))).await;
    let token = third.text("/accessToken");
    assert_eq!(api.send(Method::POST, "/api/auth/logout", &token, "", None).await.status, 204);
    assert_eq!(api.get("/api/auth/me", &token).await.code(), (401, "token_revoked"));
}

#[tokio::test]
async fn failed_sign_ins_are_limited_and_good_ones_are_not() {
    let api = Api::start(Registration::Open).await;
    api.register("amina@example.org").await;
    let login = |password: &str| json!({ "email": "amina@example.org", "password": password });
    for _ in 0..3 {
        assert_eq!(api.post("/api/auth/login", "", login("correct horse")).await.status, 200);
    }
    for _ in 0..10 {
        assert_eq!(api.post("/api/auth/login", "", login("wrong horse")).await.status, 401);
    }
    let limited = api.post("/api/auth/login", "", login("correct horse")).await;
    assert_eq!(limited.code(), (429, "rate_limited"));
    assert_eq!(limited.headers["retry-after"], limited.headers["ratelimit-reset"]);
    api.clock.advance(Duration::from_mins(15));
    assert_eq!(api.post("/api/auth/login", "", login("correct horse")).await.status, 200);
}

#[tokio::test]
async fn changing_the_password_ends_other_sessions() {
    let api = Api::start(Registration::Open).await;
    let first = api.register("amina@example.org").await.text("/accessToken");
    let login = |password: &str| json!({ "email": "amina@example.org", "password": password });
    let second = api.post("/api/auth/login", "", login("correct horse")).await.text("/accessToken");
    let change = |old: &str| json!({ "oldPassword": old, "newPassword": "another horse" });
    let path = "/api/auth/change-password";
    assert_eq!(api.post(path, &second, change("wrong horse")).await.code(), (422, "password_wrong"));
    assert_eq!(api.post(path, &second, change("correct horse")).await.status, 204);
    assert_eq!(api.get("/api/auth/me", &first).await.code(), (401, "token_revoked"));
    assert_eq!(api.get("/api/auth/me", &second).await.status, 200);
    assert_eq!(api.post("/api/auth/login", "", login("correct horse")).await.status, 401);
    assert_eq!(api.post("/api/auth/login", "", login("another horse")).await.status, 200);
}

#[tokio::test]
async fn roles_invites_and_the_last_owner() {
    let api = Api::start(Registration::Open).await;
    let registered = api.register("amina@example.org").await;
    let (owner, owner_id) = (registered.text("/accessToken"), registered.text("/user/id"));
    let (admin_id, admin) = api.join(&owner, "admin@example.org", "ADMIN").await;
    let (viewer_id, viewer) = api.join(&owner, "viewer@example.org", "VIEWER").await;

    let someone = json!({ "email": "x@example.org", "name": "X", "role": "OWNER" });
    assert_eq!(api.post("/api/users", &viewer, someone.clone()).await.code(), (403, "role_too_small"));
    assert_eq!(api.post("/api/users", &admin, someone).await.code(), (403, "role_too_small"));
    let twice = json!({ "email": "Viewer@example.org", "name": "X" });
    assert_eq!(api.post("/api/users", &admin, twice).await.code(), (409, "user_exists"));

    let patch = |path: String, token: String, role: &str| {
        let body = Some(json!({ "role": role }));
        let api = &api;
        async move { api.send(Method::PATCH, &path, &token, "", body).await }
    };
    let at = |id: &str| format!("/api/users/{id}");
    assert_eq!(patch(at(&owner_id), admin.clone(), "VIEWER").await.code(), (403, "role_too_small"));
    assert_eq!(patch(at(&admin_id), admin.clone(), "OWNER").await.code(), (403, "role_too_small"));
    assert_eq!(patch(at(&owner_id), owner.clone(), "ADMIN").await.code(), (409, "last_owner"));
    assert_eq!(api.send(Method::DELETE, &at(&owner_id), &owner, "", None).await.code(), (409, "last_owner"));
    assert_eq!(patch(at(&admin_id), owner.clone(), "OWNER").await.body["role"], "OWNER");
    assert_eq!(patch(at(&owner_id), admin.clone(), "VIEWER").await.body["role"], "VIEWER");
    // Demoted and removed people stop at once.
    assert_eq!(api.get("/api/api-keys", &owner).await.code(), (403, "role_too_small"));
    assert_eq!(api.send(Method::DELETE, &at(&viewer_id), &admin, "", None).await.status, 204);
    assert_eq!(api.get("/api/auth/me", &viewer).await.code(), (401, "token_revoked"));

    // The other organization sees none of it.
    let other = api.register("other@example.org").await.text("/accessToken");
    assert_eq!(patch(at(&admin_id), other.clone(), "VIEWER").await.code(), (404, "not_found"));
    assert_eq!(patch("/api/users/nonsense".into(), other, "VIEWER").await.code(), (404, "not_found"));
}

#[tokio::test]
async fn api_keys_act_within_their_scopes() {
    let api = Api::start(Registration::Open).await;
    let owner = api.register("amina@example.org").await.text("/accessToken");
    let body = json!({ "name": "shop", "scopes": ["organization:read"], "expiresAt": "2026-01-12T11:00:00Z" });
    let made = api.send(Method::POST, "/api/api-keys", &owner, "k-1", Some(body.clone())).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.headers["location"].to_str().unwrap(), format!("/api/api-keys/{}", made.text("/id")));
    let key = made.text("/key");

    // The secret is shown once; the thing is made once.
    let replayed = api.send(Method::POST, "/api/api-keys", &owner, "k-1", Some(body)).await;
    assert_eq!(
        (replayed.status, replayed.body["key"].clone(), replayed.text("/id")),
        (made.status, Value::Null, made.text("/id"))
    );
    assert_eq!(replayed.headers["location"], made.headers["location"]);
    let other = json!({ "name": "other", "scopes": ["organization:read"] });
    let mismatch = api.send(Method::POST, "/api/api-keys", &owner, "k-1", Some(other)).await;
    assert_eq!(mismatch.code(), (422, "idempotency_mismatch"));

    let race = || {
        let body = Some(json!({ "name": "race", "scopes": ["users:read"] }));
        api.send(Method::POST, "/api/api-keys", &owner, "k-2", body)
    };
    let raced = futures::future::join_all([race(), race(), race(), race()]).await;
    assert!(raced.iter().all(|answer| answer.status == 201 && answer.body["id"] == raced[0].body["id"]));
    assert_eq!(raced.iter().filter(|answer| answer.body["key"].is_string()).count(), 1);

    assert_eq!(api.get("/api/organization", &key).await.status, 200);
    let update = Some(json!({ "name": "x" }));
    let refused = api.send(Method::PATCH, "/api/organization", &key, "", update).await;
    assert_eq!(refused.code(), (403, "scope_missing"));
    assert_eq!(api.get("/api/auth/me", &key).await.code(), (403, "person_needed"));
    assert_eq!(api.get("/api/organization", "dk_wrong").await.code(), (401, "token_invalid"));
    api.clock.advance(Duration::from_hours(1));
    assert_eq!(api.get("/api/organization", &key).await.code(), (401, "token_expired"));
    let list = api.get("/api/api-keys", &owner).await;
    assert_eq!(list.code(), (401, "token_expired"));
}

#[tokio::test]
async fn lists_continue_and_foreign_cursors_do_not() {
    let api = Api::start(Registration::Open).await;
    let owner = api.register("amina@example.org").await.text("/accessToken");
    for name in ["a", "b", "c"] {
        let made = api.post("/api/api-keys", &owner, json!({ "name": name, "scopes": ["users:read"] })).await;
        assert_eq!(made.status, 201);
        api.clock.advance(Duration::from_secs(1));
    }
    let first = api.get("/api/api-keys?limit=2", &owner).await;
    let cursor = first.text("/nextCursor");
    let second = api.get(&format!("/api/api-keys?limit=2&cursor={cursor}"), &owner).await;
    let names = |answer: &Answer| {
        answer.body["data"].as_array().unwrap().iter().map(|key| key["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((names(&first), names(&second)), (vec![json!("c"), json!("b")], vec![json!("a")]));
    assert_eq!(second.body["nextCursor"], Value::Null);

    let other = api.register("other@example.org").await.text("/accessToken");
    for (path, token) in [("/api/api-keys", &other), ("/api/users", &owner)] {
        assert_eq!(api.get(&format!("{path}?cursor={cursor}"), token).await.code(), (400, "cursor_invalid"));
    }
    assert_eq!(api.get("/api/users?limit=0", &owner).await.code(), (422, "limit_invalid"));
    assert_eq!(api.get("/api/users?x=1", &owner).await.code(), (422, "parameter_unknown"));
}

#[tokio::test]
async fn settings_of_the_organization_are_checked() {
    let api = Api::start(Registration::Open).await;
    let owner = api.register("amina@example.org").await.text("/accessToken");
    let patch = |body: Value| api.send(Method::PATCH, "/api/organization", &owner, "", Some(body));
    assert_eq!(patch(json!({ "defaultCountry": "XX" })).await.code(), (422, "country_invalid"));
    assert_eq!(patch(json!({ "timezone": "Nowhere" })).await.code(), (422, "timezone_invalid"));
    assert_eq!(patch(json!({ "nonsense": 1 })).await.code(), (422, "field_unknown"));
    let changed = patch(json!({ "defaultCountry": "ke", "timezone": "Africa/Nairobi" })).await;
    assert_eq!((changed.text("/defaultCountry"), changed.text("/name")), ("KE".into(), "Sunrise".into()));
    assert_eq!(patch(json!({ "defaultCountry": null })).await.body["defaultCountry"], Value::Null);
    assert_eq!(api.get("/api/organization", &owner).await.text("/timezone"), "Africa/Nairobi");
}

#[tokio::test]
async fn registration_by_invitation_opens_once() {
    let api = Api::start(Registration::Invite).await;
    let body = |token: Value| json!({ "organizationName": "S", "name": "A", "email": "a@example.org", "password": "correct horse", "setupToken": token });
    assert_eq!(api.post("/api/auth/register", "", body(Value::Null)).await.code(), (403, "registration_closed"));
    assert_eq!(
        api.post("/api/auth/register", "", body(json!("t".repeat(39)))).await.code(),
        (403, "registration_closed")
    );
    let right = body(json!("t".repeat(40)));
    assert_eq!(api.post("/api/auth/register", "", right.clone()).await.status, 201);
    let mut again = right;
    again["email"] = json!("b@example.org");
    assert_eq!(api.post("/api/auth/register", "", again).await.code(), (403, "registration_closed"));
}

#[tokio::test]
async fn routes_sizes_and_types() {
    let api = Api::start(Registration::Open).await;
    let owner = api.register("amina@example.org").await.text("/accessToken");
    assert_eq!(api.get("/api/nothing", "").await.code(), (404, "route_not_found"));
    let wrong = api.send(Method::DELETE, "/api/organization", "", "", None).await;
    assert_eq!(
        (wrong.code(), &wrong.headers["allow"]),
        ((405, "method_not_allowed"), &http::HeaderValue::from_static("GET, PATCH"))
    );
    assert_eq!(api.get("/api/organization", "").await.code(), (401, "token_missing"));

    let raw = |content_type: &str, body: Vec<u8>| {
        let request = api.client.patch(format!("{}/api/organization", api.url)).bearer_auth(&owner);
        request.header("Content-Type", content_type).body(body).send()
    };
    assert_eq!(raw("application/json", b"{".to_vec()).await.unwrap().status(), 400);
    assert_eq!(raw("text/plain", b"{}".to_vec()).await.unwrap().status(), 415);
    for size in [1 << 20, 6 << 20, 10 << 20] {
        let big = format!("{{\"name\":\"{}\"}}", "x".repeat(size));
        let answer = raw("application/json", big.into_bytes()).await.unwrap();
        assert_eq!(answer.status(), 413, "{size}");
    }
    let document = api.get("/api/openapi.json", "").await;
    assert_eq!(document.body["openapi"], "3.1.0");
    assert!(api.client.get(&api.url).send().await.unwrap().text().await.unwrap().contains("Dundun"));
}
