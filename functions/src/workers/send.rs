//! The queue `send`: claims a chunk and hands it to the provider. See `engine::send`.

use domain::Result;
use engine::{Queue, failed, jobs::SendJob, send};
use web::{Cx, Grant, Job, Row};

pub(super) fn row() -> Row {
    Row::queue("send", Queue::Send, handle)
        .summary("Send a chunk of a message")
        .batch(1)
        // SQS prefers quiet organizations only from about 30 messages in flight on: docs/deploy.md.
        .concurrency(40)
        .grants(&[
            Grant::Table,
            Grant::FilesRead,
            Grant::Enqueue(Queue::Send),
            Grant::Enqueue(Queue::Finish),
            Grant::Enqueue(Queue::Receipts),
            Grant::Enqueue(Queue::Notify),
            Grant::RootSecret,
        ])
        .limits(512, 60)
}

async fn handle(cx: Cx, job: Job<SendJob>) -> Result<()> {
    let sent = Box::pin(send::run(&cx.app, job.body, cx.deadline())).await;
    if let Err(error) = &sent {
        failed::sending(&cx.app, job.body, error, job.is_last_try()).await?;
    }
    sent
}
