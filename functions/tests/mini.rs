#![allow(missing_docs, unused)]
extern crate self as tests;

use std::sync::Arc;
use axum::{Router, body::Bytes, extract::State, http};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[path = "../../tests/api/contacts/mod.rs"]
mod contacts;
#[path = "../../tests/api/groups/mod.rs"]
mod groups;
#[path = "/tmp/mini_api.rs"]
mod api;
pub use api::{Answer};

pub struct World { pub api: Reg }
#[derive(Clone)]
pub struct Api(pub api::Api);
impl std::ops::Deref for Api { type Target = api::Api; fn deref(&self) -> &api::Api { &self.0 } }
pub struct Reg { api: api::Api, app: Arc<engine::App> }

impl Reg {
    pub async fn register(&self, label: &str) -> Api {
        let now = self.app.now();
        let org = domain::id::OrgId::new(now, self.app.random.bits());
        let organization = store::organizations::Organization {
            id: org, name: label.into(), default_country: domain::phone::Country::parse("KE").unwrap(), timezone: "UTC".into(), owners: 1, created_at: now, updated_at: now,
        };
        let token = format!("dk_{label}");
        let key = store::api_keys::ApiKey {
            id: domain::id::ApiKeyId::new(now, self.app.random.bits()), org_id: org, name: "k".into(),
            scopes: domain::access::Scope::ALL.to_vec(), hash: store::keys::hash(&token), prefix: "dk_".into(), created_by: "x".into(), created_at: now, expires_at: None,
        };
        let table = &self.app.table;
        let mut writes = vec![store::organizations::create(table, &organization).unwrap()];
        writes.extend(store::api_keys::create(table, &key).unwrap());
        table.transact(writes).await.unwrap();
        Api(self.api.with_token(token))
    }
}

impl World {
    pub async fn start() -> Self {
        let address = store::testing::start().await;
        let sdk = aws_config::SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(aws_config::Region::new("us-east-1"))
            .credentials_provider(aws_sdk_dynamodb::config::SharedCredentialsProvider::new(aws_sdk_dynamodb::config::Credentials::new("a", "b", None, None, "t")))
            .endpoint_url(format!("http://{address}"))
            .http_client(engine::app::http_client())
            .build();
        let settings = engine::app::Settings {
            table: "dundun".into(), queues: "q".into(), queue_arns: "q".into(), bucket: "b".into(), secrets: "s".into(), schedule_group: "g".into(),
            schedule_role: "r".into(), public_url: "http://x".into(), registration: engine::app::Registration::Open, allow_hosts: String::new(), lease_seconds: 0,
        };
        let app = Arc::new(engine::App::new(&sdk, settings, store::Clock::system()).unwrap());
        let kit = web::Kit::new(app.clone(), functions::catalogue());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(serve).with_state(kit).layer(axum::extract::DefaultBodyLimit::disable());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        World { api: Reg { api: api::Api::new(url), app } }
    }
    pub async fn end(self) {}
}

async fn serve(State(kit): State<Arc<web::Kit>>, method: http::Method, uri: http::Uri, headers: http::HeaderMap, body: Bytes) -> http::Response<axum::body::Body> {
    use base64::Engine as _;
    let row = kit.find(&method, uri.path()).unwrap().clone();
    let map: serde_json::Map<String, Value> = headers.iter().map(|(k, v)| (k.to_string(), json!(v.to_str().unwrap()))).collect();
    let event = json!({
        "version": "2.0", "routeKey": "x", "rawPath": uri.path(), "rawQueryString": uri.query().unwrap_or(""), "headers": map,
        "requestContext": {"http": {"method": method.as_str(), "path": uri.path(), "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "x"}, "time": "x", "timeEpoch": 0, "stage": "$default", "accountId": "x", "apiId": "x", "domainName": "x", "domainPrefix": "x", "requestId": "x", "routeKey": "x"},
        "body": base64::prelude::BASE64_STANDARD.encode(&body), "isBase64Encoded": true,
    });
    let deadline = kit.app().now() + jiff::SignedDuration::from_secs(29);
    let answer: Value = serde_json::from_str(&kit.invoke(&row, &event.to_string(), deadline).await.unwrap()).unwrap();
    let mut response = http::Response::builder().status(answer["statusCode"].as_u64().unwrap() as u16);
    for (k, v) in answer["headers"].as_object().unwrap() { response = response.header(k, v.as_str().unwrap()); }
    let text = answer["body"].as_str().unwrap_or_default();
    let bytes = if answer["isBase64Encoded"] == json!(true) { base64::prelude::BASE64_STANDARD.decode(text).unwrap() } else { text.as_bytes().to_vec() };
    response.body(bytes.into()).unwrap()
}
mod local { pub fn install_tls() { let _ = rustls::crypto::ring::default_provider().install_default(); } }

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn zz_bench() {
    let world = World::start().await;
    let api = world.api.register("bench").await;
    let group = api.post("/api/groups", json!({"name": "G"})).await.expect(201)["id"].clone();
    let table = &world.api.app.table;
    let org = store::api_keys::by_hash(table, &store::keys::hash("dk_bench")).await.unwrap().unwrap().org_id;
    let now = world.api.app.now();
    let mut made = 0u64;
    for size in [100u64, 20_000, 100_000] {
        let t = std::time::Instant::now();
        while made < size {
            let drafts: Vec<store::contacts::Draft> = (made..(made + 5_000).min(size)).map(|n| store::contacts::Draft {
                name: Some(format!("Amina Otieno{} Person{n}", n % 50)), phone: format!("+2547{:08}", 10_000_000 + n).parse().ok(), tags: vec!["all".into()],
                ..store::contacts::Draft::new(domain::id::ContactId::new(now, world.api.app.random.bits()))
            }).collect();
            made += drafts.len() as u64;
            let many = store::contacts::Many { group: Some(group.as_str().unwrap().parse().unwrap()), on_duplicate: store::contacts::OnDuplicate::Skip, now };
            store::contacts::create_many(table, org, &drafts, &many).await.unwrap();
        }
        println!("{size}: made in {:?}", t.elapsed());
        let g = group.as_str().unwrap();
        for path in ["/api/contacts".to_owned(), format!("/api/contacts?groupId={g}"), "/api/contacts?tag=all".into(), format!("/api/contacts?tag=all&groupId={g}"), "/api/contacts/search?q=amina".into(), "/api/contacts/search?q=person5%20amina".into(), "/api/contacts/search?q=%2B254710".into(), "/api/contacts/search?q=071000".into(), "/api/contacts/search?q=zzz".into(), format!("/api/groups/{g}"), "/api/groups".into()] {
            let mut times = vec![];
            for _ in 0..20 { let t = std::time::Instant::now(); api.get(&path).await.expect(200); times.push(t.elapsed()); }
            times.sort();
            println!("  {path}: p50 {:?} max {:?}", times[10], times[19]);
        }
    }
    let t = std::time::Instant::now();
    let a = api.get("/api/contacts/export?tag=zz").await; println!("export none {:?} {}", t.elapsed(), a.status);
    let t = std::time::Instant::now();
    let f = store::contacts::all(table, org, &Default::default(), 1_000_000).await.unwrap().unwrap(); println!("all {} {:?}", f.len(), t.elapsed());
    let t = std::time::Instant::now();
    let mut after = None; let mut n = 0;
    loop { let m = store::groups::members(table, org, group.as_str().unwrap().parse().unwrap(), after, 500).await.unwrap(); n += m.len(); if m.len() < 500 { break } after = m.last().map(ToString::to_string); }
    println!("members {n} {:?}", t.elapsed());
    let t = std::time::Instant::now();
    api.delete(&format!("/api/groups/{}", group.as_str().unwrap())).await.expect(204); println!("delete group {:?}", t.elapsed());
}
