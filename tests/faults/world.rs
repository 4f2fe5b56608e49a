//! One world: the real process behind the proxy, a provider, an organization with a group; and the driver that starts
//! the process again after each kill.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use tests::{Api, eventually, process};
use tokio::process::Command;

use crate::faults::{
    control::Control,
    endpoint::Endpoint,
    plan::{Kill, Plan},
    provider::Provider,
    proxy::Proxy,
};

/// How long a claim holds in these worlds, in seconds.
const LEASE: &str = "2";

/// After how many seconds a kill of a seed is made although its step did not come.
const PATIENCE: u64 = 6;

/// After how many looks (20 a second) at which nothing had moved minutes pass.
const LOOKS_WITHOUT_MOVE: u32 = 60;

/// For how many looks at least the queues are watched at the end.
const LOOKS_AT_REST: u32 = 100;

/// A message of this world.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Its id.
    pub id: String,
    /// Who is to get it.
    pub audience: Arc<BTreeSet<String>>,
    /// When its cancel was answered.
    pub cancelled: Option<Timestamp>,
}

/// One world.
pub struct World {
    pub control: Arc<Control>,
    pub provider: Provider,
    pub endpoint: Endpoint,
    pub sent: Mutex<Vec<Sent>>,
    /// Everyone in the group.
    pub everyone: Arc<BTreeSet<String>>,
    /// The organization and the group.
    org: Mutex<String>,
    group: Mutex<String>,
    api: Mutex<Api>,
    folder: tempfile::TempDir,
    proxy: Proxy,
    port: u16,
}

impl World {
    /// Starts the process and makes the organization. Nothing goes wrong yet.
    pub async fn start(plan: Plan) -> Arc<Self> {
        let everyone = Arc::new((0..plan.recipients).map(|number| format!("+2547{number:08}")).collect());
        let control = Arc::new(Control::new(plan));
        let provider = Provider::start(control.clone()).await;
        let port = free_port();
        let upstream = format!("http://127.0.0.1:{port}");
        let world = Arc::new(Self {
            proxy: Proxy::start(&upstream, control.clone()).await,
            endpoint: Endpoint::new(&upstream),
            control,
            provider,
            sent: Mutex::default(),
            everyone,
            org: Mutex::default(),
            group: Mutex::default(),
            api: Mutex::new(Api::new("")),
            folder: tempfile::tempdir().unwrap(),
            port,
        });
        world.live().await;
        world.settle_in().await;
        world
    }

    /// A client of the API as it is in this life.
    pub fn api(&self) -> Api {
        self.api.lock().unwrap().clone()
    }

    /// What the processes of this world have logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log.ndjson")
    }

    /// Starts the process, and waits until it answers. What goes wrong with AWS calls does so afterwards.
    pub async fn live(&self) {
        let urls = self.folder.path().join("urls.json");
        for _ in 0..20 {
            let _ = std::fs::remove_file(&urls);
            let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log_file()).unwrap();
            let child = Command::new(process::beside("dundun"))
                .env("DUNDUN_DATA", self.folder.path())
                .env("DUNDUN_PORT", "0")
                .env("DUNDUN_AWS_PORT", self.port.to_string())
                .env("DUNDUN_ALLOW_HOSTS", "127.0.0.1")
                .env("DUNDUN_LEASE_SECONDS", LEASE)
                .env("AWS_ENDPOINT_URL", &self.proxy.url)
                .stdout(std::process::Stdio::null())
                .stderr(log)
                .kill_on_drop(true)
                .spawn()
                .expect("the host's binary is built with the tests");
            self.control.born(child);
            let found = eventually("the process says where it is, or ends", 300, || async {
                let found = std::fs::read(&urls).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
                (found.is_some() || self.control.has_ended()).then_some(found)
            });
            if let Some(found) = found.await {
                let url = found["api"].as_str().expect("a URL");
                self.provider.api(url);
                let mut api = Api::new(url);
                api.token = self.api().token;
                *self.api.lock().unwrap() = api;
                return;
            }
        }
        panic!("the process does not start: {}", self.log());
    }

    async fn settle_in(&self) {
        let owner = self.api().register("faults").await;
        let scopes: Vec<&str> = domain::access::Scope::ALL.iter().map(|scope| scope.name()).collect();
        // Sessions end after a quarter of an hour; keys do not.
        let key = owner.post("/api/api-keys", json!({ "name": "Faults", "scopes": scopes })).await.expect(201);
        let api = self.api().with_token(key["key"].as_str().expect("a key"));
        *self.api.lock().unwrap() = api.clone();
        let organization = owner.get("/api/organization").await.expect(200);
        organization["id"].as_str().expect("an id").clone_into(&mut self.org.lock().unwrap());
        let config = owner.post("/api/providers", self.provider.config()).await.expect(201);
        self.provider.reports_to(config["webhookUrl"].as_str().expect("an address"));
        let group = api.post("/api/groups", json!({ "name": "Everyone" })).await.expect(201);
        let group = group["id"].as_str().expect("an id").to_owned();
        let people: Vec<Value> = self.everyone.iter().map(|phone| json!({ "phone": phone })).collect();
        for page in people.chunks(1_000) {
            api.post("/api/contacts/bulk", json!({ "contacts": page, "groupId": group })).await.expect(201);
        }
        *self.group.lock().unwrap() = group;
    }

    /// Kills the process as often as the plan says, and starts it again each time.
    pub async fn tend(&self) {
        let control = &self.control;
        for number in 0..control.plan.kills as u64 {
            let kill = control.plan.kill(number);
            control.note(format!("next: {kill:?}"));
            self.kill_at(kill, PATIENCE).await;
        }
    }

    /// Kills the process at a moment or a step, and starts it again. `false`: the step did not come in `seconds`.
    pub async fn kill_at(&self, kill: Kill, seconds: u64) -> bool {
        let mut met = true;
        let control = &self.control;
        control.prepare(Some(kill));
        match kill {
            Kill::After { milliseconds } => {
                control.clock.sleep(Duration::from_millis(milliseconds)).await;
                assert!(control.kill("at a moment"), "the process ended by itself: {}", self.log());
                control.killed.notified().await;
            }
            Kill::At { .. } => {
                if tokio::time::timeout(Duration::from_secs(seconds), control.killed.notified()).await.is_err() {
                    // It may have come in this very moment.
                    met = !control.kill("because its step did not come");
                    control.killed.notified().await;
                }
            }
        }
        self.revive().await;
        met
    }

    /// Waits for the end of the killed process, and starts it again.
    pub async fn revive(&self) {
        if let Some(mut child) = self.control.bury() {
            child.wait().await.unwrap();
        }
        // The new one is given its peace until it answers: what goes wrong at start is no part of this.
        let armed = self.control.is_armed();
        self.control.arm(false);
        self.live().await;
        self.control.arm(armed);
    }

    /// A request that is made until it is answered, as clients do: with the same idempotency key.
    pub async fn insist(&self, method: Method, path: &str, key: &str, body: &Value) -> tests::Answer {
        eventually(&format!("{method} {path} is answered"), 600, || async {
            let api = self.api();
            let mut request = api.request(method.clone(), path).timeout(Duration::from_secs(20));
            if !key.is_empty() {
                request = request.header("Idempotency-Key", key).json(body);
            }
            let answer = api.try_send(request).await?;
            let passing = answer.status.is_server_error()
                || matches!(answer.body["code"].as_str(), Some("idempotency_in_progress" | "changed_meanwhile"));
            (!passing).then_some(answer)
        })
        .await
    }

    /// Sends a message: to the group, or to `some` of it by address. Gives its id; empty if its hour had passed.
    pub async fn send(&self, number: usize, some: Option<usize>, scheduled_at: Option<Timestamp>) -> String {
        // The number tells the messages of a world apart, whatever their ids are in this run.
        let mut body = json!({ "body": format!("Hi, this is {number}.") });
        let audience = if let Some(count) = some {
            let some: BTreeSet<String> = self.everyone.iter().take(count).cloned().collect();
            body["recipientType"] = json!("ADDRESS");
            body["recipients"] = json!(some);
            Arc::new(some)
        } else {
            body["recipientType"] = json!("GROUP");
            body["recipientId"] = json!(*self.group.lock().unwrap());
            self.everyone.clone()
        };
        if let Some(at) = scheduled_at {
            body["scheduledAt"] = json!(at.to_string());
        }
        let answer = self.insist(Method::POST, "/api/messages", &format!("message-{number}"), &body).await;
        if scheduled_at.is_some() && answer.status.as_u16() == 422 {
            // Its hour passed while the process was dead: it was not accepted.
            return String::new();
        }
        let id = answer.expect(202)["id"].as_str().expect("an id").to_owned();
        self.control.note(format!("message {number} is {id} to {}", audience.len()));
        self.sent.lock().unwrap().push(Sent { id: id.clone(), audience, cancelled: None });
        id
    }

    /// Cancels a message, if it is not over.
    pub async fn cancel(&self, id: &str) {
        let answer = self.insist(Method::DELETE, &format!("/api/messages/{id}"), "", &Value::Null).await;
        if answer.status.as_u16() == 409 {
            return;
        }
        let now = self.control.clock.now();
        answer.expect(200);
        self.control.note(format!("cancelled {id}"));
        let mut sent = self.sent.lock().unwrap();
        sent.iter_mut().find(|sent| sent.id == id).expect("it was sent").cancelled = Some(now);
    }

    /// Whether nothing is to be done for a message any more.
    pub async fn is_settled(&self, id: &str) -> bool {
        let message = self.insist(Method::GET, &format!("/api/messages/{id}"), "", &Value::Null).await.expect(200);
        match message["status"].as_str() {
            Some("SENT" | "FAILED" | "CANCELLED") => message["counts"]["pending"] == 0,
            Some("PAUSED") => message["pauseReason"] == "REVIEW",
            _ => false,
        }
    }

    /// Waits until nothing is to be done for these messages any more. Where nothing moves for seconds, minutes pass.
    pub async fn settle(&self, ids: &[String]) {
        let taken = Mutex::new(self.provider.taken());
        let looks = AtomicU32::new(0);
        eventually("messages settle", 600, || async {
            let mut settled = true;
            for id in ids {
                settled &= self.is_settled(id).await;
            }
            if settled {
                return Some(());
            }
            let look = looks.fetch_add(1, Ordering::Relaxed) + 1;
            let now = self.provider.taken();
            if look.is_multiple_of(LOOKS_WITHOUT_MOVE) && std::mem::replace(&mut *taken.lock().unwrap(), now) == now {
                self.control.note("minutes pass");
                self.pass_minutes(ids).await;
            }
            None
        })
        .await;
    }

    async fn pass_minutes(&self, ids: &[String]) {
        let org = self.org.lock().unwrap().parse().expect("an id");
        let keys: Vec<_> = ids.iter().map(|id| store::keys::message(org, id.parse().expect("an id"))).collect();
        self.endpoint.pass_minutes(&keys, self.control.clock.now()).await;
    }

    /// Nothing goes wrong any more: waits until all is settled, reported and folded, and all queues are empty.
    pub async fn come_to_rest(&self) {
        self.control.arm(false);
        let ids: Vec<String> = self.sent.lock().unwrap().iter().map(|sent| sent.id.clone()).collect();
        self.settle(&ids).await;
        self.provider.reported().await;
        // Once more: what lies on the queues still comes too late, and does no harm.
        self.control.kill("at the end");
        self.control.killed.notified().await;
        self.revive().await;
        self.pass_minutes(&ids).await;
        let looks = AtomicU32::new(0);
        eventually("the queues empty", 100, || async {
            let depths = self.endpoint.depths().await;
            let empty = depths.iter().all(|(name, depth)| name.ends_with("dlq") || *depth == 0);
            // What is repeated late comes within seconds.
            (looks.fetch_add(1, Ordering::Relaxed) >= LOOKS_AT_REST && empty).then_some(())
        })
        .await;
    }
}

/// A port for the process: the proxy has to know it before the process does, and it stays the same over all its lives. So it is
/// one that the system gives to nobody by itself (those begin at 32,768 on Linux).
fn free_port() -> u16 {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    loop {
        let next = std::process::id().wrapping_mul(101).wrapping_add(TAKEN.fetch_add(1, Ordering::Relaxed));
        let port = 20_000 + (next % 12_000) as u16;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
