//! `GET /api/deliveries/{id}`: one copy, with its attempts and what the provider said.

use domain::{
    Result,
    access::{Role, Scope},
    id::DeliveryId,
};
use web::{Cx, Grant, Row, extract::Path, reply::Success};

use super::view::{DeliveryView, one};

pub(super) fn row() -> Row {
    Row::get("deliveries-get", "/api/deliveries/{id}", handle)
        .summary("Get a delivery")
        .tag("Deliveries")
        .access(Role::Viewer, Scope::DeliveriesRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<DeliveryId>) -> Result<Success<DeliveryView>> {
    one(&cx.app.table, cx.org(), id).await.map(Success)
}
