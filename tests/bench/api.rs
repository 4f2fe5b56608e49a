//! `api`: how long requests take on a small and on a large organization, over kept connections that all ask at once.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use clap::Args;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Api, Process};

use crate::{
    provider_process::Provider,
    seed::{self, text},
    send,
    table::{table, whole},
    tell,
};

#[derive(Args)]
pub struct Options {
    /// The sizes: so many contacts, and as many deliveries.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 1_000_000])]
    sizes: Vec<u32>,
    /// Requests of each kind.
    #[arg(long, default_value_t = 5_000)]
    requests: usize,
    /// Connections, each of which asks again as soon as it has its answer.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Where the data is kept meanwhile; emptied before and removed after.
    #[arg(long, default_value = "target/bench/api")]
    folder: PathBuf,
}

/// What one kind of request took.
struct Measured {
    name: &'static str,
    per_second: f64,
    /// In milliseconds.
    p50: f64,
    p99: f64,
}

/// Measures all sizes, and gives the section.
pub async fn run(options: &Options) -> String {
    let mut sizes = Vec::new();
    for size in &options.sizes {
        sizes.push(measure(options, *size).await);
    }
    section(options, &sizes)
}

async fn measure(options: &Options, size: u32) -> Vec<Measured> {
    let world = seed::world(&options.folder, size).await;
    let provider = Provider::start(0).await;
    let mut host = Process::start_with(&options.folder, None, send::AS_DELIVERED).await;
    host.api.token = Some(world.token.clone());
    let api = host.api.clone();
    let config = seed::provider(&api, provider.batch("Loopback")).await;
    let message = seed::message(&api, &world.group, &config).await;
    let path = format!("/api/messages/{message}");
    send::closed(&api, &path, &provider, size).await;
    tell(format!("{} contacts, as many deliveries: asking", whole(size.into())));

    let mut contacts = Vec::new();
    let mut cursor = String::new();
    while contacts.len() < 2_000.min(size as usize) {
        let page = api.get(&format!("/api/contacts?limit=100{cursor}")).await.expect(200);
        contacts.extend(page["data"].as_array().expect("a page").iter().map(|contact| text(contact, "id")));
        cursor = page["nextCursor"].as_str().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
    }
    let known = move |n: usize| contacts[n * 7 % contacts.len()].clone();
    let people = size as usize;
    let get = |path: &str| {
        let path = path.to_owned();
        move |_: usize| (Method::GET, path.clone(), None)
    };
    let mut all = Vec::new();
    let mut ask = async |name: &'static str, request: Arc<dyn Fn(usize) -> Request + Send + Sync>| {
        let measured = load(options, &api, name, request).await;
        tell(format!(
            "{name}: p50 {:.1} ms, p99 {:.1} ms, {} a second",
            measured.p50,
            measured.p99,
            whole(measured.per_second)
        ));
        all.push(measured);
    };
    ask(
        "create a contact",
        Arc::new(move |n| {
            let body = json!({ "name": "Amina Wanjiru", "phone": format!("+2541{n:08}") });
            (Method::POST, "/api/contacts".into(), Some(body))
        }),
    )
    .await;
    ask("get a contact", Arc::new(move |n| (Method::GET, format!("/api/contacts/{}", known(n)), None))).await;
    ask("list contacts", Arc::new(get("/api/contacts?limit=25"))).await;
    ask(
        "search contacts by number",
        Arc::new(move |n| {
            let number = seed::number((n * 7_919 % people) as u32);
            (Method::GET, format!("/api/contacts/search?q=%2B{}&limit=25", &number[1..]), None)
        }),
    )
    .await;
    ask(
        "search contacts by one name",
        Arc::new(move |n| {
            let (first, _) = seed::name(n as u32);
            (Method::GET, format!("/api/contacts/search?q={first}&limit=25"), None)
        }),
    )
    .await;
    ask(
        "search contacts by two names",
        Arc::new(move |n| {
            let (first, last) = seed::name(n as u32);
            (Method::GET, format!("/api/contacts/search?q={first}+{last}&limit=25"), None)
        }),
    )
    .await;
    let group = world.group.clone();
    ask("create a message (scheduled)", Arc::new(move |_| {
        let body = json!({
            "body": "See you.", "recipientType": "GROUP", "recipientId": group, "scheduledAt": "2099-01-01T00:00:00Z",
        });
        (Method::POST, "/api/messages".into(), Some(body))
    }))
    .await;
    ask("get a message", Arc::new(get(&path))).await;
    ask("list messages", Arc::new(get("/api/messages?limit=25"))).await;
    ask("list deliveries", Arc::new(get("/api/deliveries?limit=25"))).await;
    ask("list deliveries of a message", Arc::new(get(&format!("{path}/recipients?limit=25")))).await;
    ask(
        "list failed deliveries of a message (none)",
        Arc::new(get(&format!("{path}/recipients?status=FAILED&limit=25"))),
    )
    .await;
    host.kill().await;
    let _ = std::fs::remove_dir_all(&options.folder);
    all
}

/// Method, path, body.
type Request = (Method, String, Option<Value>);

/// Lets every connection ask until all requests are answered.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
async fn load(
    options: &Options,
    api: &Api,
    name: &'static str,
    request: Arc<dyn Fn(usize) -> Request + Send + Sync>,
) -> Measured {
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let connections: Vec<_> = (0..options.connections)
        .map(|_| {
            let (api, next, request, requests) = (api.clone(), next.clone(), request.clone(), options.requests);
            tokio::spawn(async move {
                let mut took = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= requests {
                        return took;
                    }
                    let (method, path, body) = request(number);
                    let mut call = api.request(method, &path);
                    if let Some(body) = body {
                        call = call.json(&body);
                    }
                    let begun = Instant::now();
                    let answer = api.send(call).await;
                    took.push(begun.elapsed().as_secs_f64() * 1_000.0);
                    assert!(answer.status.is_success(), "{name}: {}", String::from_utf8_lossy(&answer.bytes));
                }
            })
        })
        .collect();
    let mut took = Vec::new();
    for connection in connections {
        took.extend(connection.await.expect("a connection asks to the end"));
    }
    let seconds = begun.elapsed().as_secs_f64();
    took.sort_by(f64::total_cmp);
    let at = |share: f64| took[((took.len() - 1) as f64 * share).round() as usize];
    Measured { name, per_second: took.len() as f64 / seconds, p50: at(0.5), p99: at(0.99) }
}

fn section(options: &Options, sizes: &[Vec<Measured>]) -> String {
    let mut head = vec!["request".to_owned()];
    for size in &options.sizes {
        let size = whole((*size).into());
        head.extend([format!("p50 at {size}"), format!("p99 at {size}"), format!("a second at {size}")]);
    }
    let mut rows = vec![head];
    for (kind, first) in sizes.first().into_iter().flatten().enumerate() {
        let mut row = vec![first.name.to_owned()];
        for size in sizes {
            let one = &size[kind];
            row.extend([format!("{:.1} ms", one.p50), format!("{:.1} ms", one.p99), whole(one.per_second)]);
        }
        rows.push(row);
    }
    format!(
        "## The API on one machine: `api`\n\n{} requests of each kind over {} connections that ask again as soon as they are answered, at so many \
         contacts and as many deliveries. First pages of 25. The client runs on the same machine.\n\n{}",
        whole(options.requests as f64),
        options.connections,
        table(&rows)
    )
}
