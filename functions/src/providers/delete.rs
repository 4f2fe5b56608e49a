//! `DELETE /api/providers/{id}`: removes a provider config that no message waits for.

use domain::message::MessageStatus;
use store::{
    messages::{self, Filter},
    providers as configs, whatsapp_templates,
};
use web::prelude::*;

use super::change;

/// The row.
pub fn row() -> Row {
    Row::delete("providers-delete", "/api/providers/{id}", handle)
        .summary("Delete a provider config")
        .description(
            "Not while a message that is scheduled, being sent or paused goes out by it. History keeps its id; its WhatsApp \
             templates are forgotten here.",
        )
        .tag("Providers")
        .access(Role::Admin, Scope::ProvidersWrite)
        .grants(&[Grant::Table])
        .errors(&["409 provider_in_use", "409 changed_meanwhile"])
}

/// The states in which a message still needs its config.
const IN_WORK: [MessageStatus; 4] =
    [MessageStatus::Scheduled, MessageStatus::Pending, MessageStatus::Sending, MessageStatus::Paused];

async fn handle(cx: Cx, Path(id): Path<id::ProviderId>) -> Result<NoContent> {
    configs::get(&cx.app.table, cx.org(), id).await?;
    for status in IN_WORK {
        if is_used(&cx, id, status).await? {
            let detail = format!("A message that is {} goes out by this config.", status.name());
            return Err(Error::conflict("provider_in_use", detail));
        }
    }
    for _ in 0..change::TRIES {
        let set = configs::set(&cx.app.table, cx.org()).await?;
        let config =
            set.configs.iter().find(|config| config.id == id).ok_or_else(|| Error::not_found("provider", id))?;
        if change::write(&cx, configs::remove(&cx.app.table, &set, config)?).await? {
            whatsapp_templates::remove_of(&cx.app.table, cx.org(), id).await?;
            return Ok(NoContent);
        }
    }
    Err(change::busy())
}

/// Whether a message in this state goes out by the config. Looks at no more messages than the counter says there are.
async fn is_used(cx: &Cx, id: id::ProviderId, status: MessageStatus) -> Result<bool> {
    let mut left = messages::total(&cx.app.table, cx.org(), Some(status)).await? as usize;
    let filter = Filter { status: Some(status), ..Filter::default() };
    let mut after = None;
    while left > 0 {
        let page = messages::list(&cx.app.table, cx.org(), &filter, after, 100).await?;
        if page.rows.iter().any(|message| message.provider_id == id) {
            return Ok(true);
        }
        left = left.saturating_sub(page.rows.len());
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(false)
}
