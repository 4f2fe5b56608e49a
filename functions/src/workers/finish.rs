//! The queue `finish`: folds the boards of a message and closes it. See `engine::finish`.

use domain::Result;
use engine::{Queue, finish, jobs::FinishJob};
use web::{Cx, Grant, Job, Row};

pub(super) fn row() -> Row {
    Row::queue("finish", Queue::Finish, handle)
        .summary("Fold and close messages")
        .batch(1)
        .concurrency(4)
        .grants(&[Grant::Table, Grant::Enqueue(Queue::Finish), Grant::Enqueue(Queue::Notify)])
        .limits(512, 60)
}

async fn handle(cx: Cx, job: Job<FinishJob>) -> Result<()> {
    finish::run(&cx.app, job.body).await
}
