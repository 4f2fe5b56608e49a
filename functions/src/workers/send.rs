//! The queue `send`: claims a chunk and hands it to the provider. See `engine::send`.

use domain::Result;
use engine::{Queue, jobs::SendJob, send};
use web::{Cx, Grant, Job, Row};

pub(super) fn row() -> Row {
    Row::queue("send", Queue::Send, handle)
        .summary("Send a chunk of a message")
        .batch(1)
        .concurrency(16)
        .grants(&[
            Grant::Table,
            Grant::Enqueue(Queue::Send),
            Grant::Enqueue(Queue::Finish),
            Grant::Enqueue(Queue::Receipts),
            Grant::RootSecret,
        ])
        .limits(512, 60)
}

async fn handle(cx: Cx, job: Job<SendJob>) -> Result<()> {
    send::run(&cx.app, job.body, cx.deadline()).await
}
