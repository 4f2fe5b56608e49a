//! The real SDK and raw HTTP against the server on a loopback port.

mod events;
mod lifecycle;
mod objects;
mod presigned;

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use aws_credential_types::Credentials;
use aws_sdk_s3::{
    Client,
    config::{BehaviorVersion, Region},
};
use jiff::Timestamp;
use store::Clock;
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::Notify as Wake, task::JoinHandle};

use super::{AccessKey, Notify, NotifyError, Options, S3, Sending};

const BUCKET: &str = "dundun-files";
const QUEUE: &str = "arn:aws:sqs:eu-central-1:000000000000:dundun-import";

/// A queue that can be told to refuse.
#[derive(Default)]
struct Queue {
    taken: Mutex<Vec<(String, serde_json::Value)>>,
    came: Wake,
    refuses: AtomicBool,
}

impl Notify for Queue {
    fn send<'a>(&'a self, queue_arn: &'a str, body: &'a str) -> Sending<'a> {
        Box::pin(async move {
            if !queue_arn.contains(":dundun-") {
                return Err(NotifyError::NoSuchQueue);
            }
            if self.refuses.load(Ordering::SeqCst) {
                return Err(NotifyError::Failed("not now".to_owned()));
            }
            let body = serde_json::from_str(body).unwrap();
            self.taken.lock().unwrap().push((queue_arn.to_owned(), body));
            self.came.notify_one();
            Ok(())
        })
    }
}

impl Queue {
    /// Waits until so many messages have come, and gives them all.
    async fn wait(&self, count: usize) -> Vec<(String, serde_json::Value)> {
        loop {
            let taken = self.taken.lock().unwrap().clone();
            if taken.len() >= count {
                return taken;
            }
            self.came.notified().await;
        }
    }
}

struct Server {
    address: String,
    client: Client,
    clock: Clock,
    queue: Arc<Queue>,
    s3: S3,
    serving: JoinHandle<()>,
}

impl Server {
    async fn open(folder: &Path, clock: Clock, queue: Arc<Queue>) -> Self {
        let key = AccessKey { id: "local".to_owned(), secret: "secret".to_owned() };
        let options = Options {
            folder: folder.to_owned(),
            region: "eu-central-1".to_owned(),
            keys: vec![key],
            clock: clock.clone(),
            notify: queue.clone(),
        };
        let s3 = S3::open(options).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = s3.router();
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let client = client(&address, "local", "secret");
        Self { address, client, clock, queue, s3, serving }
    }

    /// A server with the bucket, on the system's clock.
    async fn start() -> (Self, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let server = Self::open(folder.path(), Clock::system(), Arc::default()).await;
        server.client.create_bucket().bucket(BUCKET).send().await.unwrap();
        (server, folder)
    }

    /// Stops without any farewell: tasks are dropped where they stand.
    async fn kill(self) -> Arc<Queue> {
        self.serving.abort();
        let _ = self.serving.await;
        self.queue
    }

    /// Applies the lifecycle rules now.
    async fn expire(&self) {
        super::lifecycle::apply(&self.s3.0.catalogue, &self.s3.0.blobs, self.clock.now()).await.unwrap();
    }

    async fn put(&self, key: &str, body: &[u8]) {
        self.client.put_object().bucket(BUCKET).key(key).body(body.to_vec().into()).send().await.unwrap();
    }

    async fn get(&self, key: &str) -> Option<Vec<u8>> {
        let answer = self.client.get_object().bucket(BUCKET).key(key).send().await.ok()?;
        Some(answer.body.collect().await.unwrap().to_vec())
    }
}

fn client(address: &str, id: &str, secret: &str) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new(id, secret, None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(address)
        .force_path_style(true)
        .build();
    Client::from_conf(config)
}

/// A raw HTTP client. (The TLS provider is never used on plain HTTP, but must be named.)
fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

fn noon() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}
