//! `POST /api/deliveries/{id}/retry`: sends one failed copy again.

use domain::{
    Result,
    access::{Role, Scope},
    id::DeliveryId,
};
use engine::{Queue, control};
use web::{Cx, Grant, Row, extract::Path, reply::Accepted};

use super::view::{DeliveryView, one};

pub(super) fn row() -> Row {
    Row::post("deliveries-retry", "/api/deliveries/{id}/retry", handle)
        .summary("Send a failed delivery again")
        .tag("Deliveries")
        .access(Role::Member, Scope::DeliveriesWrite)
        .idempotent_record_first()
        .grants(&[
            Grant::Table,
            Grant::Enqueue(Queue::Plan),
            Grant::Enqueue(Queue::Send),
            Grant::Enqueue(Queue::Finish),
        ])
        .errors(&["409 delivery_not_failed", "409 delivery_in_progress"])
}

async fn handle(cx: Cx, Path(id): Path<DeliveryId>) -> Result<Accepted<DeliveryView>> {
    control::retry(&cx.app, cx.org(), id).await?;
    one(&cx.app.table, cx.org(), id).await.map(Accepted)
}
