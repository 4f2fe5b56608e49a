//! `POST /api/deliveries/{id}/resolve`: decides on a copy of which nobody knows whether it was sent.

use domain::{
    Result,
    access::{Role, Scope},
    id::DeliveryId,
};
use engine::{Queue, control};
use web::{
    Cx, Grant, Row,
    extract::{Json, Path},
    reply::Success,
};

use super::view::{DeliveryView, one};
use crate::messages::ResolveRequest;

pub(super) fn row() -> Row {
    Row::post("deliveries-resolve", "/api/deliveries/{id}/resolve", handle)
        .summary("Decide on an unknown delivery")
        .tag("Deliveries")
        .access(Role::Admin, Scope::DeliveriesWrite)
        .grants(&[
            Grant::Table,
            Grant::Enqueue(Queue::Plan),
            Grant::Enqueue(Queue::Send),
            Grant::Enqueue(Queue::Finish),
            Grant::Enqueue(Queue::Notify),
        ])
        .errors(&["409 delivery_not_unknown", "409 delivery_in_progress"])
}

async fn handle(cx: Cx, Path(id): Path<DeliveryId>, body: Json<ResolveRequest>) -> Result<Success<DeliveryView>> {
    one(&cx.app.table, cx.org(), id).await?;
    let request = body.read()?;
    control::resolve(&cx.app, cx.org(), id, request.action).await?;
    one(&cx.app.table, cx.org(), id).await.map(Success)
}
