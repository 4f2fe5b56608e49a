//! Background work of the host: it ends when asked to, or at once when its handle is dropped.

use std::future::Future;

use tokio::{sync::watch, task::JoinHandle};

/// A handle on background work. [`Running::stop`] ends it in order; dropping the handle ends it where it stands.
#[derive(Debug)]
pub struct Running {
    stop: Option<watch::Sender<()>>,
    task: Option<JoinHandle<()>>,
}

/// What background work listens to.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<()>);

impl Stop {
    /// Resolves when the work shall end.
    pub async fn asked(&mut self) {
        // Nothing is ever sent: an error means that the handle has let go.
        while self.0.changed().await.is_ok() {}
    }
}

impl Running {
    /// Starts work on the current runtime.
    pub fn start<F: Future<Output = ()> + Send + 'static>(work: impl FnOnce(Stop) -> F) -> Self {
        let (stop, asked) = watch::channel(());
        Self { stop: Some(stop), task: Some(tokio::spawn(work(Stop(asked)))) }
    }

    /// Asks the work to end and waits until it has.
    pub async fn stop(mut self) {
        self.stop = None;
        if let Some(task) = self.task.take()
            && let Err(error) = task.await
        {
            tracing::error!(%error, "background work of the local host failed");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}
