//! The queue `plan`: freezes the audience of a message into chunks. See `engine::plan`.

use domain::Result;
use engine::{Queue, failed, jobs::PlanJob, plan};
use web::{Cx, Grant, Job, Row};

pub(super) fn row() -> Row {
    Row::queue("plan", Queue::Plan, handle)
        .summary("Plan the audience of messages")
        .batch(1)
        .concurrency(4)
        .grants(&[
            Grant::Table,
            Grant::Enqueue(Queue::Plan),
            Grant::Enqueue(Queue::Send),
            Grant::Enqueue(Queue::Finish),
            Grant::Enqueue(Queue::Notify),
            Grant::Schedule,
        ])
        .limits(512, 300)
}

async fn handle(cx: Cx, job: Job<PlanJob>) -> Result<()> {
    let planned = plan::run(&cx.app, job.body).await;
    if planned.is_err() {
        failed::planning(&cx.app, job.body, job.is_last_try()).await?;
    }
    planned
}
