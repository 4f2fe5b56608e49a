//! `POST /api/providers/{id}/test`: tries the connection, sends nothing.

use store::providers as configs;
use web::prelude::*;

use super::view::TestView;

/// The row.
pub fn row() -> Row {
    Row::post("providers-test", "/api/providers/{id}/test", handle)
        .summary("Test the connection")
        .description("Sends nothing. A good test lifts a pause, and the messages that waited for it go on.")
        .tag("Providers")
        .access(Role::Admin, Scope::ProvidersWrite)
        .grants(&[
            Grant::Table,
            Grant::RootSecret,
            Grant::Enqueue(Queue::Plan),
            Grant::Enqueue(Queue::Send),
            Grant::Enqueue(Queue::Finish),
        ])
}

async fn handle(cx: Cx, Path(id): Path<id::ProviderId>) -> Result<Success<TestView>> {
    let config = configs::get(&cx.app.table, cx.org(), id).await?;
    let test = engine::providers::test(&cx.app, &config).await?;
    Ok(Success(TestView::from(&test)))
}
