//! Editing a message that has not gone out, and releasing a draft.

use std::collections::BTreeMap;

use domain::{
    Error, Result,
    attributes::Value,
    id::{MediaId, MessageId, OrgId, ProviderId},
    message::{MessageStatus, RecipientType},
};
use jiff::Timestamp;
use store::{
    Update, keys,
    ledger::{self, Given},
    messages::{self, Audience, Message},
};

use super::{Content, NewMessage, OVERDUE, check, due_update, estimate::again, put_on_schedule, start};
use crate::{App, plan::LOOK_AFTER};

/// What is to change; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The title.
    pub title: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// The text.
    pub content: Option<Content>,
    /// The variables.
    pub variables: Option<BTreeMap<String, Value>>,
    /// Whether look-alike characters are replaced.
    pub smart: Option<bool>,
    /// The files; replaces all of them.
    pub media: Option<Vec<MediaId>>,
    /// The audience, with what was given for it.
    pub audience: Option<(RecipientType, Option<String>, Audience, Vec<Given>)>,
    /// The provider config.
    pub provider_id: Option<ProviderId>,
    /// When; `Some(None)` is now, for drafts.
    pub scheduled_at: Option<Option<Timestamp>>,
    /// Seconds after its time from which it asks instead of going out.
    pub late_after: Option<u64>,
}

/// Changes a scheduled message or a draft. The whole is checked as if it were new.
pub async fn edit(app: &App, org: OrgId, id: MessageId, change: Change) -> Result<Message> {
    let message = messages::get(&app.table, org, id).await?;
    if !message.is_editable() {
        let detail =
            format!("The message is {}; only SCHEDULED ones and drafts can be changed.", message.status.name());
        return Err(Error::conflict("message_not_editable", detail));
    }
    let now = app.now();
    let replaced = change.audience.is_some();
    let mut new = again(&message, ledger::recipients(&app.table, org, id).await?);
    // A stored time that has just passed is no mistake of this request.
    let unchanged_time = change.scheduled_at.is_none();
    let late_after = change.late_after.unwrap_or(message.late_after);
    apply(&mut new, change);
    if unchanged_time && new.scheduled_at.is_some_and(|at| at <= now) {
        return Err(Error::conflict("message_not_editable", "The message is about to go out."));
    }
    if message.status == MessageStatus::Scheduled && new.scheduled_at.is_none() {
        return Err(Error::invalid("/scheduledAt", "scheduled_at_required", "A scheduled message needs a time."));
    }
    let checked = check::check(app, org, &new, now).await?;
    let (_, recipients) = check::open(app, org, &new, &checked).await?;
    if replaced {
        ledger::replace_recipients(&app.table, org, id, &new.given).await?;
    }
    let mut update = Update::of(keys::message(org, id))
        .set("title", &checked.title)
        .set_or_remove("subject", checked.subject.as_ref())
        .set("body", &checked.body)
        .set("variables", &new.variables)
        .set("smart", checked.smart)
        .set("media", &new.media)
        .set("recipientType", new.recipient_type)
        .set_or_remove("recipientId", new.recipient_id.as_ref())
        .set("audience", &new.audience)
        .set("recipientCount", recipients)
        .set("providerId", checked.config.id)
        .set("auto", new.auto)
        .set_or_remove("scheduledAt", new.scheduled_at)
        .set("lateAfter", late_after)
        .set_or_remove("whatsapp", checked.whatsapp.as_ref())
        .set_or_remove("templateId", checked.template_id.or(message.template_id))
        .set("updatedAt", now)
        .if_equal("status", message.status);
    if let (MessageStatus::Scheduled, Some(at)) = (message.status, new.scheduled_at) {
        update = due_update(update, &message, at + OVERDUE);
    }
    let changed: Message =
        app.table.update_returning(update).await?.ok_or_else(|| {
            Error::conflict("message_not_editable", "The message went out or was cancelled meanwhile.")
        })?;
    if changed.scheduled_at != message.scheduled_at && changed.status == MessageStatus::Scheduled {
        // The row is the truth: an old schedule that fires is put right by `plan`.
        put_on_schedule(app, &changed).await?;
        start(app, &changed).await?;
    }
    Ok(changed)
}

fn apply(new: &mut NewMessage, change: Change) {
    if let Some(content) = change.content {
        if matches!(content, Content::WhatsApp { .. }) {
            // It goes by the config it belongs to.
            new.provider_id = None;
        }
        // The title follows the text, unless it was given.
        new.content = content;
    }
    new.title = change.title.or(new.title.take());
    new.subject = change.subject.or(new.subject.take());
    new.variables = change.variables.unwrap_or(std::mem::take(&mut new.variables));
    new.smart = change.smart.or(new.smart);
    new.media = change.media.unwrap_or(std::mem::take(&mut new.media));
    // Who names a config wants that one.
    new.auto &= change.provider_id.is_none();
    new.provider_id = change.provider_id.or(new.provider_id);
    new.scheduled_at = change.scheduled_at.unwrap_or(new.scheduled_at);
    if let Some((recipient_type, recipient_id, audience, given)) = change.audience {
        new.recipient_type = recipient_type;
        new.recipient_id = recipient_id;
        new.audience = audience;
        new.given = given;
    }
}

/// Releases a draft: at its time if that is ahead, else now.
pub async fn release(app: &App, org: OrgId, id: MessageId) -> Result<Message> {
    let message = messages::get(&app.table, org, id).await?;
    if message.status != MessageStatus::Draft {
        return Err(Error::conflict(
            "message_not_draft",
            format!("The message is {}, not a draft.", message.status.name()),
        ));
    }
    let now = app.now();
    let given = ledger::recipients(&app.table, org, id).await?;
    let mut new = again(&message, given);
    new.scheduled_at = new.scheduled_at.filter(|at| *at > now);
    check::check(app, org, &new, now).await?;
    let (to, look) = match new.scheduled_at {
        Some(at) => (MessageStatus::Scheduled, at + OVERDUE),
        None => (MessageStatus::Pending, now + LOOK_AFTER),
    };
    let writes = messages::transition(&app.table, &message, to, now, |update| {
        due_update(update.set_or_remove("scheduledAt", new.scheduled_at), &message, look)
    })?;
    app.table.transact(writes).await?;
    let released = messages::get(&app.table, org, id).await?;
    put_on_schedule(app, &released).await?;
    start(app, &released).await?;
    Ok(released)
}
