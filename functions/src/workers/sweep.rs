//! Every minute: finishes what a crash left between two steps. See `engine::sweep`.

use domain::Result;
use engine::{Queue, sweep};
use web::{Cx, Grant, Row};

pub(super) fn row() -> Row {
    Row::every("sweep", "rate(1 minute)", handle)
        .summary("Finish what a crash left")
        .grants(&[
            Grant::Table,
            Grant::Enqueue(Queue::Plan),
            Grant::Enqueue(Queue::Send),
            Grant::Enqueue(Queue::Finish),
            Grant::Enqueue(Queue::Receipts),
            Grant::Enqueue(Queue::Import),
            Grant::Enqueue(Queue::Notify),
        ])
        .limits(256, 60)
}

async fn handle(cx: Cx) -> Result<()> {
    sweep::run(&cx.app).await.map(|_| ())
}
