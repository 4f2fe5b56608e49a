//! The queue `import`: files that were uploaded or dropped, and imports at work. See `engine::imports`.

use domain::Result;
use engine::{
    Queue,
    imports::{self, ImportWork},
};
use web::{Cx, Grant, Job, Row};

pub(super) fn row() -> Row {
    Row::queue("import", Queue::Import, handle)
        .summary("Parse and commit imports")
        .batch(1)
        .concurrency(4)
        .grants(&[
            Grant::Table,
            Grant::Files,
            Grant::Enqueue(Queue::Import),
            Grant::Enqueue(Queue::Plan),
            Grant::Enqueue(Queue::Notify),
            Grant::Schedule,
        ])
        .limits(1_024, 300)
}

async fn handle(cx: Cx, job: Job<ImportWork>) -> Result<()> {
    match job.body {
        ImportWork::Job(job) => imports::run(&cx.app, job, cx.deadline()).await,
        ImportWork::Created(event) => imports::uploaded(&cx.app, &event).await,
        ImportWork::Other(_) => Ok(()),
    }
}
