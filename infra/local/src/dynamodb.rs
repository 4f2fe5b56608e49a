//! DynamoDB: the `dynoxide` library on a private loopback port, and the way to it from the one endpoint.
//!
//! dynoxide gives its protocol only as a server, so requests to the endpoint are passed on over kept connections;
//! a client in this process may use [`DynamoDb::url`] and save the hop.

use std::{path::Path, sync::Arc, time::Duration};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use dynoxide::storage_backend;
use http::{HeaderName, Request, StatusCode, Uri, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use store::Clock;

use crate::running::Running;

/// How often expired items are deleted. AWS does it "within a few days".
const SWEEP_EVERY: Duration = Duration::from_secs(5);
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
    address: std::net::SocketAddr,
    server: Running,
    sweeper: Running,
}

/// Passes requests on to DynamoDB; cheap to clone.
#[derive(Clone)]
pub struct Forward {
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
                let database = dynoxide::Database::new(path.to_str().ok_or(DynamoDbError::Name)?)?;
                // Its whole effect is `synchronous=NORMAL`, as for the other services.
                database.disable_bulk_loading()?;
                database
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let served = database.clone();
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
        Ok(Self { address, server, sweeper })
    }

    /// DynamoDB's own address, such as `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The way to it for the endpoint.
    pub(crate) fn forward(&self) -> Forward {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Forward { client, authority: self.address.to_string() }
    }

    /// Stops serving; what was answered is on disk.
    pub async fn stop(self) {
        self.sweeper.stop().await;
        self.server.stop().await;
    }
}

impl Forward {
    /// Passes one request on, body and answer as streams.
    pub(crate) async fn pass(&self, mut request: Request<Body>) -> Response {
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
