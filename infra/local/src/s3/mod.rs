//! The S3 protocol server of one machine: objects as files, everything else in SQLite, events to the local queues.
//!
//! Of the crates tried, `s3s` 0.14 carries the protocol well (routes, headers, XML, ranges) for 23 s of build and ten
//! small crates, so it is used; but it reads the system's clock for presigned requests, refuses header signatures of
//! keys it does not know and has no CORS, so `gate.rs` stands before it. `s3s-fs` writes object and sidecar one after
//! the other (a kill between leaves a mismatch) and has no events; `awsim-s3` does not check presigned requests, has
//! no CORS headers and keeps its state in memory: neither is right enough.

mod blobs;
mod buckets;
mod catalogue;
mod chunked;
mod conditions;
mod events;
mod gate;
mod lifecycle;
mod listing;
mod multipart;
mod objects;
mod presigned;
mod queues;
mod records;
mod service;
#[cfg(test)]
mod tests;

use std::{path::PathBuf, sync::Arc};

use axum::Router;
use store::Clock;
use tokio::{
    sync::{Notify as Wake, watch},
    task::JoinHandle,
};

use self::{blobs::Blobs, catalogue::Catalogue};
pub use self::{
    events::{Notify, NotifyError, Sending},
    gate::RequestInfo,
};

/// A pair of access keys whose presigned requests are honoured.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// The access key id, as it stands in `X-Amz-Credential`.
    pub id: String,
    /// The secret that signed the request.
    pub secret: String,
}

/// What the server is opened with.
pub struct Options {
    /// The data folder; everything is kept in its subfolder `s3`, which is created.
    pub folder: PathBuf,
    /// The region that answers and events name, for example `eu-central-1`.
    pub region: String,
    /// The keys whose presigned requests are honoured. Header-signed requests are taken with any key: whoever reaches
    /// the loopback port as a program can read the files anyway, and a browser may not send that header (see `gate.rs`).
    pub keys: Vec<AccessKey>,
    /// The clock by which presigned requests expire and objects get their time.
    pub clock: Clock,
    /// Where events go.
    pub notify: Arc<dyn Notify>,
}

/// Why the server could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder cannot be read or written.
    #[error("the S3 folder cannot be used: {0}")]
    Folder(#[from] std::io::Error),
    /// The catalogue is not readable.
    #[error("the S3 catalogue cannot be opened: {0}")]
    Catalogue(#[from] rusqlite::Error),
}

/// The server. Cheap to clone; the delivery of events stops with the last clone.
#[derive(Clone)]
pub struct S3(Arc<Inner>);

struct Inner {
    catalogue: Arc<Catalogue>,
    blobs: Blobs,
    clock: Clock,
    region: String,
    keys: Vec<AccessKey>,
    notify: Arc<dyn Notify>,
    wake: Arc<Wake>,
    /// Changes after each look into the outbox of events.
    looked: watch::Receiver<()>,
    delivery: JoinHandle<()>,
    expiring: JoinHandle<()>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.delivery.abort();
        self.expiring.abort();
    }
}

impl S3 {
    /// Opens the folder, removes what a crash left half written, and starts delivering the events that are still due
    /// and removing what the lifecycle rules say.
    /// Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// [`OpenError`] when the folder or the catalogue in it cannot be used.
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        let folder = options.folder.join("s3");
        let opened = tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&folder)?;
            let catalogue = Catalogue::open(&folder.join("catalogue.sqlite"))?;
            let blobs = Blobs::open(&folder)?;
            blobs.sweep(&catalogue.blobs()?)?;
            Ok::<_, OpenError>((Arc::new(catalogue), blobs))
        });
        let (catalogue, blobs) = opened.await.map_err(std::io::Error::other)??;
        let wake = Arc::new(Wake::new());
        let (looks, looked) = watch::channel(());
        let delivery = tokio::spawn(events::deliver(
            catalogue.clone(),
            options.notify.clone(),
            options.clock.clone(),
            wake.clone(),
            looks,
        ));
        let expiring = tokio::spawn(lifecycle::watch(catalogue.clone(), blobs.clone(), options.clock.clone()));
        let Options { region, keys, clock, notify, .. } = options;
        Ok(Self(Arc::new(Inner { catalogue, blobs, clock, region, keys, notify, wake, looked, delivery, expiring })))
    }

    /// Waits until no event waits to be delivered.
    pub async fn at_rest(&self) {
        let mut looked = self.0.looked.clone();
        loop {
            looked.borrow_and_update();
            if self.0.catalogue.run(|catalogue| catalogue.outbox(0)).await.is_ok_and(|events| events.is_empty()) {
                return;
            }
            if looked.changed().await.is_err() {
                return;
            }
        }
    }

    /// The HTTP service: path-style (`/bucket/key`) and `bucket.localhost` addressing.
    pub fn router(&self) -> Router {
        gate::router(self.clone())
    }
}
