//! The queue `notify`: tells webhook endpoints what happened. See `engine::notify`.

use domain::Result;
use engine::{
    Queue,
    notify::{self, NotifyJob},
};
use web::{Cx, Grant, Job, Row};

pub(super) fn row() -> Row {
    Row::queue("notify", Queue::Notify, handle)
        .summary("Call webhook endpoints")
        .batch(5)
        .concurrency(10)
        .grants(&[Grant::Table, Grant::RootSecret, Grant::Enqueue(Queue::Notify)])
        .limits(256, 60)
}

async fn handle(cx: Cx, job: Job<NotifyJob>) -> Result<()> {
    notify::run(&cx.app, job.body).await
}
