//! DynamoDB: the `dynoxide` library, and the way to it from the one endpoint.
//!
//! Operations on items run in this process, one after the other, as dynoxide has one connection: whoever waits for its turn
//! waits without holding a thread. Everything else, and whatever fails, goes to dynoxide's own server on a private loopback
//! port, which words errors as DynamoDB does.

use std::{collections::HashSet, path::Path, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    response::{IntoResponse, Response},
};
use dynoxide::{
    ImportOptions,
    actions::batch_write_item::{BatchWriteItemRequest, BatchWriteItemResponse},
    storage_backend,
    types::{AttributeValue, MAX_ITEM_SIZE, item_size},
};
use http::{HeaderName, Request, StatusCode, Uri, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::{Serialize, de::DeserializeOwned};
use store::Clock;
use tokio::sync::Mutex;

use crate::{host::TABLE, running::Running, sqs::uuid};

/// How often expired items are deleted. AWS does it "within a few days".
const SWEEP_EVERY: Duration = Duration::from_secs(5);
/// DynamoDB's largest request is 16 MB.
const LARGEST: usize = 16 * 1024 * 1024;
/// The most writes that a batch may hold.
const MOST_WRITES: usize = 25;
/// What the protocol's targets begin with.
const TARGET: &str = "DynamoDB_20120810.";
/// The header with a request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
/// The protocol's media type.
const JSON: &str = "application/x-amz-json-1.0";
/// Headers that belong to one connection, not to the request.
const HOP: [HeaderName; 4] = [header::CONNECTION, header::TRANSFER_ENCODING, header::UPGRADE, header::TE];

/// Why DynamoDB did not start.
#[derive(Debug, thiserror::Error)]
pub enum DynamoDbError {
    /// The database could not be opened.
    #[error("the DynamoDB database cannot be opened: {0}")]
    Database(#[from] dynoxide::DynoxideError),
    /// The private port could not be opened.
    #[error("no loopback port for DynamoDB: {0}")]
    Port(#[from] std::io::Error),
    /// The folder's name is not UTF-8.
    #[error("the data folder's name is not UTF-8")]
    Name,
}

/// DynamoDB, running.
pub struct DynamoDb {
    database: dynoxide::Database,
    address: std::net::SocketAddr,
    server: Running,
    sweeper: Running,
}

/// Answers requests to DynamoDB; cheap to clone.
#[derive(Clone)]
pub struct Forward {
    database: dynoxide::Database,
    /// Held by whoever uses the database, so that the others wait without holding a thread.
    turn: Arc<Mutex<()>>,
    client: Client<HttpConnector, Body>,
    authority: String,
}

/// The host's clock for dynoxide.
struct Seconds(Clock);

impl storage_backend::Clock for Seconds {
    fn now_unix_secs(&self) -> u64 {
        self.0.now().as_second().unsigned_abs()
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.0.now().as_millisecond() as f64 / 1000.0
    }
}

impl DynamoDb {
    /// Opens `dynamodb.sqlite` in the data folder (in memory without one) and serves it on a free loopback port.
    ///
    /// Items expire by `clock` in memory, and by the system's clock in a file (dynoxide takes no other there).
    pub async fn start(folder: Option<&Path>, clock: Clock) -> Result<Self, DynamoDbError> {
        let database = match folder {
            None => dynoxide::Database::memory_with_clock(Arc::new(Seconds(clock.clone())))?,
            Some(folder) => {
                let path = folder.join("dynamodb.sqlite");
                // What `disable_bulk_loading` would set, `synchronous=NORMAL`, is SQLite's default here, with a larger cache
                // than it would leave (.cargo/config.toml).
                dynoxide::Database::new(path.to_str().ok_or(DynamoDbError::Name)?)?
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (served, kept) = (database.clone(), database.clone());
        let server = Running::start(|mut stop| async move {
            let stopped = async move { stop.asked().await };
            if let Err(error) = dynoxide::server::serve_with_shutdown(listener, served, stopped).await {
                tracing::error!(error, "DynamoDB stopped");
            }
        });
        let sweeper = Running::start(|mut stop| async move {
            loop {
                tokio::select! {
                    () = stop.asked() => return,
                    () = clock.sleep(SWEEP_EVERY) => {}
                }
                let database = database.clone();
                let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
                if !matches!(swept, Ok(Ok(_))) {
                    tracing::error!("the sweep of expired DynamoDB items failed");
                }
            }
        });
        Ok(Self { database: kept, address, server, sweeper })
    }

    /// The way to it for the endpoint.
    pub(crate) fn forward(&self) -> Forward {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Forward { database: self.database.clone(), turn: Arc::default(), client, authority: self.address.to_string() }
    }

    /// Stops serving; what was answered is on disk.
    pub async fn stop(self) {
        self.sweeper.stop().await;
        self.server.stop().await;
    }
}

impl Forward {
    /// Answers one request.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Response {
        let (head, body) = request.into_parts();
        let Ok(body) = to_bytes(body, LARGEST).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
        let target = head.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        // Who forgot to sign is told so by the server.
        let operation = target.strip_prefix(TARGET).filter(|_| head.headers.contains_key(header::AUTHORIZATION));
        let here = match operation {
            Some(operation) => self.here(operation, &body).await,
            None => None,
        };
        match here {
            Some(answer) => ([(header::CONTENT_TYPE, JSON), (REQUEST_ID, &uuid())], answer).into_response(),
            None => self.pass(Request::from_parts(head, Body::from(body))).await,
        }
    }

    /// Runs an operation on items. `None`: it is another one, or it failed. What fails changes nothing, so the server may
    /// try it again, and say what is wrong.
    async fn here(&self, operation: &str, body: &Bytes) -> Option<Vec<u8>> {
        let database = &self.database;
        match operation {
            "GetItem" => self.run(body, |request| database.get_item(request)).await,
            "PutItem" => self.run(body, |request| database.put_item(request)).await,
            "UpdateItem" => self.run(body, |request| database.update_item(request)).await,
            "DeleteItem" => self.run(body, |request| database.delete_item(request)).await,
            "Query" => self.run(body, |request| database.query(request)).await,
            "BatchGetItem" => self.run(body, |request| database.batch_get_item(request)).await,
            "BatchWriteItem" => {
                self.run(body, |request| {
                    if !only_puts(&request) {
                        return database.batch_write_item(request);
                    }
                    let writes = request.request_items.into_values().flatten();
                    let items = writes.filter_map(|write| write.put_request).map(|put| put.item).collect();
                    database.import_items(TABLE, items, ImportOptions::default())?;
                    Ok(BatchWriteItemResponse::default())
                })
                .await
            }
            "TransactWriteItems" => self.run(body, |request| database.transact_write_items(request)).await,
            _ => None,
        }
    }

    async fn run<Q: DeserializeOwned, A: Serialize>(
        &self,
        body: &Bytes,
        operation: impl FnOnce(Q) -> dynoxide::Result<A>,
    ) -> Option<Vec<u8>> {
        let request = serde_json::from_slice(body).ok()?;
        let turn = self.turn.lock().await;
        let answer = operation(request).ok()?;
        drop(turn);
        serde_json::to_vec(&answer).ok()
    }

    /// Passes one request on to the server, body and answer as streams.
    async fn pass(&self, mut request: Request<Body>) -> Response {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let Ok(uri) = Uri::builder().scheme("http").authority(self.authority.as_str()).path_and_query(path).build()
        else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        *request.uri_mut() = uri;
        for name in &HOP {
            request.headers_mut().remove(name);
        }
        match self.client.request(request).await {
            Ok(response) => response.map(Body::new),
            Err(error) => {
                tracing::error!(%error, "DynamoDB could not be reached");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
        }
    }
}

/// Whether a batch only puts items into the product's table, each of them valid. dynoxide has a transaction for each item of a
/// batch; such a one can be written in a single transaction, several times as fast.
fn only_puts(request: &BatchWriteItemRequest) -> bool {
    // Whoever wants to know what was consumed is told by dynoxide.
    if request.return_consumed_capacity.is_some() || request.return_item_collection_metrics.is_some() {
        return false;
    }
    let tables: Vec<_> = request.request_items.iter().collect();
    let [(table, writes)] = tables[..] else { return false };
    let mut keys = HashSet::new();
    table == TABLE
        && writes.len() <= MOST_WRITES
        && writes.iter().all(|write| match (&write.put_request, &write.delete_request) {
            (Some(put), None) => match (put.item.get("pk"), put.item.get("sk")) {
                (Some(AttributeValue::S(pk)), Some(AttributeValue::S(sk))) => {
                    keys.insert((pk, sk)) && item_size(&put.item) <= MAX_ITEM_SIZE
                }
                _ => false,
            },
            _ => false,
        })
}
