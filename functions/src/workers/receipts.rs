//! The queue `receipts`: receipts that found no delivery yet, and the sandbox's own. See `engine::receive`.

use domain::Result;
use engine::{
    Queue,
    receive::{self, ReceiptJob},
};
use web::{Cx, Grant, Job, Row};

pub(super) fn row() -> Row {
    Row::queue("receipts", Queue::Receipts, handle)
        .summary("Match early receipts")
        .batch(10)
        .concurrency(4)
        .grants(&[
            Grant::Table,
            Grant::RootSecret,
            Grant::Enqueue(Queue::Receipts),
            Grant::Enqueue(Queue::Finish),
            Grant::Enqueue(Queue::Notify),
        ])
        .limits(256, 60)
}

async fn handle(cx: Cx, job: Job<ReceiptJob>) -> Result<()> {
    receive::run(&cx.app, job.body).await
}
