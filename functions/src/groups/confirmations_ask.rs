//! `POST /api/groups/{id}/confirmations`: asks pending members who were not asked yet.

use web::prelude::*;

use crate::messages::view::MessageView;

/// The row.
pub fn row() -> Row {
    Row::post("groups-confirmations-ask", "/api/groups/{id}/confirmations", handle)
        .summary("Ask who was not asked to confirm")
        .description(
            "New members of a group with a double opt-in are asked when they join. This asks those for whom that was impossible, \
             because no provider was there. Who was asked is not asked again.",
        )
        .tag("Groups")
        .access(Role::Member, Scope::GroupsWrite)
        .idempotent_record_first()
        .location("/api/messages")
        .grants(&[Grant::Table, Grant::Enqueue(Queue::Plan)])
        .errors(&["409 nobody_to_ask", "409 provider_paused", "provider_missing", "provider_ambiguous", "template_not_found"])
}

async fn handle(cx: Cx, Path(id): Path<id::GroupId>) -> Result<Accepted<MessageView>> {
    let message = engine::confirm::ask_all(&cx.app, cx.org(), id, &cx.actor()).await?;
    Ok(Accepted(MessageView::from(message)))
}
