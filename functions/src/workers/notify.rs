//! The queue `notify`: tells webhook endpoints what happened, and people by mail of alerts. See `engine::notify`.

use domain::Result;
use engine::{
    Queue,
    notify::{self, NotifyJob},
};
use web::{Cx, Grant, Job, Row};

pub(super) fn row() -> Row {
    Row::queue("notify", Queue::Notify, handle)
        .summary("Call webhook endpoints, mail alerts")
        .batch(5)
        .concurrency(10)
        .grants(&[Grant::Table, Grant::RootSecret, Grant::Enqueue(Queue::Notify), Grant::Mail])
        .limits(256, 60)
}

async fn handle(cx: Cx, job: Job<NotifyJob>) -> Result<()> {
    notify::run(&cx.app, job.body, cx.deadline()).await
}
