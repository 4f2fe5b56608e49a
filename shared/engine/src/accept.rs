//! Accepting a message: what is asked for is checked, frozen and stored in one transaction, and put on its way.
//!
//! Invariant: when this returns, the message is stored, and whatever crashes afterwards, the sweep finds it.

mod check;
mod content;
mod edit;
mod estimate;
mod files;

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Result,
    attributes::Value,
    board::Counts,
    id::{MediaId, MessageId, OrgId, ProviderId},
    message::{Channel, MessageStatus, RecipientType},
    retry::chunk_size,
};
use jiff::Timestamp;
use store::{
    Cancelled, keys,
    ledger::{self, Given, Plan},
    messages::{self, Audience, Message, Purpose},
};

use crate::{
    App,
    app::Queue,
    free_text,
    jobs::{PlanJob, SendJob},
    plan::LOOK_AFTER,
};

pub use check::Checked;
pub use content::Content;
pub use edit::{Change, edit, release};
pub use estimate::{Estimate, Skipped, Smart, estimate, estimate_kept};

/// Audiences up to this size, given with the request, are planned at once.
const PLANNED_AT_ONCE: usize = 50;

/// How late a scheduled message may come up before it asks, in seconds, unless said otherwise.
pub const LATE_AFTER: u64 = 3_600;

/// A schedule nearer than this is a delayed queue message instead.
const NEAR: Duration = Duration::from_mins(1);

/// How much longer than its hour a scheduled message is left alone by the sweep.
const OVERDUE: Duration = Duration::from_mins(2);

/// What is asked for.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The channel.
    pub channel: Channel,
    /// For people; the beginning of the text if absent.
    pub title: Option<String>,
    /// E-mail only.
    pub subject: Option<String>,
    /// The text.
    pub content: Content,
    /// Values for the text's variables.
    pub variables: BTreeMap<String, Value>,
    /// Whether look-alike characters are replaced; the provider config or the organization says if absent.
    pub smart: Option<bool>,
    /// Files that go with it.
    pub media: Vec<MediaId>,
    /// How the audience is named.
    pub recipient_type: RecipientType,
    /// The one id given, if one was.
    pub recipient_id: Option<String>,
    /// The audience.
    pub audience: Audience,
    /// Contacts and addresses given with the request.
    pub given: Vec<Given>,
    /// How many recipients are expected, where only the import knows.
    pub expected: Option<u64>,
    /// The provider config to use.
    pub provider_id: Option<ProviderId>,
    /// Or whichever routing picks, for each part when its turn comes.
    pub auto: bool,
    /// Or its kind.
    pub provider_kind: Option<String>,
    /// When; now if absent.
    pub scheduled_at: Option<Timestamp>,
    /// Keep it as a draft.
    pub draft: bool,
    /// Seconds after `scheduled_at` from which it asks instead of going out.
    pub late_after: Option<u64>,
    /// What it is for.
    pub purpose: Purpose,
    /// Who asks: a user's or an API key's id.
    pub by: String,
    /// The id that it is to have, where that was fixed before (imports).
    pub id: Option<MessageId>,
}

impl NewMessage {
    /// A message that goes out now by the channel's default config, with nothing but its text, to nobody yet.
    pub fn of(channel: Channel, content: Content, by: String) -> Self {
        Self {
            channel,
            title: None,
            subject: None,
            content,
            variables: BTreeMap::new(),
            smart: None,
            media: Vec::new(),
            recipient_type: RecipientType::Address,
            recipient_id: None,
            audience: Audience::Addresses,
            given: Vec::new(),
            expected: None,
            provider_id: None,
            auto: false,
            provider_kind: None,
            scheduled_at: None,
            draft: false,
            late_after: None,
            purpose: Purpose::Ordinary,
            by,
            id: None,
        }
    }
}

/// Accepts a message. `reply` makes the writes that go into the same transaction (the idempotency record).
pub async fn accept(
    app: &App,
    org: OrgId,
    new: NewMessage,
    reply: impl FnOnce(&Message) -> Result<Vec<TransactWriteItem>>,
) -> Result<Message> {
    let now = app.now();
    let checked = check::check(app, org, &new, now).await?;
    let id = new.id.unwrap_or_else(|| MessageId::generate(now, app.random.bits()));
    let mut message = Message {
        id,
        org,
        channel: new.channel,
        title: checked.title.clone(),
        subject: checked.subject.clone(),
        body: checked.body.clone(),
        template_id: checked.template_id,
        whatsapp: checked.whatsapp.clone(),
        variables: new.variables.clone(),
        smart: checked.smart,
        media: new.media.clone(),
        recipient_type: new.recipient_type,
        recipient_id: new.recipient_id.clone(),
        audience: new.audience.clone(),
        recipient_count: 0,
        provider_id: checked.config.id,
        auto: new.auto,
        purpose: new.purpose,
        status: MessageStatus::Pending,
        pause_reason: None,
        error: None,
        scheduled_at: new.scheduled_at,
        late_after: new.late_after.unwrap_or(LATE_AFTER),
        started_at: None,
        day: None,
        finished_at: None,
        chunk_size: chunk_size(checked.config.rate_per_minute, checked.config.batch_size),
        chunks: 0,
        planned: false,
        counts: Counts::default(),
        counted_at: None,
        engagement: None,
        folds: 0,
        fold_at: None,
        looks: 0,
        failed_starts: 0,
        unreported: None,
        sent_by: new.by.clone(),
        created_at: now,
        updated_at: now,
        due_partition: None,
        due_at: None,
    };
    let (mut reader, recipients) = check::open(app, org, &new, &checked).await?;
    message.recipient_count = recipients;

    // Planning a confirmation writes who is asked, which must not happen before the message is there.
    let at_once = !new.draft
        && !matches!(new.purpose, Purpose::Confirmation { .. })
        && new.scheduled_at.is_none()
        && new.given.len() <= PLANNED_AT_ONCE
        && matches!(new.audience, Audience::Addresses | Audience::Contacts { .. });
    let mut writes = Vec::new();
    if new.draft {
        message.status = MessageStatus::Draft;
    } else if let Some(at) = new.scheduled_at {
        message.status = MessageStatus::Scheduled;
        message.due(at + OVERDUE);
    } else if at_once {
        let part = reader.read(None, PLANNED_AT_ONCE).await?;
        free_text::refuse(&part.recipients)?;
        message.status = MessageStatus::Sending;
        message.started_at = Some(now);
        message.day = Some(domain::schedule::day_of(now, &checked.organization.timezone));
        message.recipient_count = part.recipients.len() as u64;
        message.chunk_size = PLANNED_AT_ONCE as u32;
        message.chunks = 1;
        message.planned = true;
        message.due(now + LOOK_AFTER);
        let plan = Plan { recipients: part.recipients, cursor: None, suppressions: reader.suppressions() };
        writes.extend(ledger::create_chunk(&app.table, org, id, 0, &plan)?);
    } else {
        message.due(now + LOOK_AFTER);
    }
    if !at_once && matches!(new.audience, Audience::Addresses | Audience::Mixed { .. }) {
        // Rows without a message harm nobody, so they may go first and need no place in the transaction.
        app.table.put_many(ledger::recipients_items(org, id, &new.given)?).await?;
    }
    // The schedule goes first too: one that fires without a message is dropped.
    put_on_schedule(app, &message).await?;
    let mut all = reply(&message)?;
    let replies = all.len();
    all.extend(messages::create(&app.table, &message)?);
    all.extend(writes);
    if let Err(cancelled) = app.table.transact(all).await {
        // Only where it is certain that nothing was stored: a schedule without a message harms nobody.
        if message.status == MessageStatus::Scheduled && matches!(cancelled, Cancelled::Conditions(_)) {
            app.schedules.delete(id).await?;
        }
        return Err(lost(&cancelled, replies).unwrap_or_else(|| cancelled.into()));
    }
    start(app, &message).await?;
    Ok(message)
}

/// Checks what is asked for without accepting it, for messages that wait for their recipients.
pub async fn validate(app: &App, org: OrgId, new: &NewMessage) -> Result<()> {
    check::check(app, org, new, app.now()).await.map(|_| ())
}

/// If the idempotency record stood in the way, that is what to say.
fn lost(cancelled: &Cancelled, replies: usize) -> Option<domain::Error> {
    (0..replies).any(|index| cancelled.failed(index)).then(|| {
        domain::Error::conflict("idempotency_in_progress", "Another request with this Idempotency-Key was quicker.")
    })
}

/// Puts a scheduled message on the scheduler, or on the queue with a delay where its hour is near.
async fn put_on_schedule(app: &App, message: &Message) -> Result<()> {
    let (MessageStatus::Scheduled, Some(at)) = (message.status, message.scheduled_at) else { return Ok(()) };
    let job = PlanJob { org: message.org, message: message.id };
    if at > app.now() + NEAR {
        app.schedules.put(message.id, at, &job).await?;
    }
    Ok(())
}

/// Puts the first job of a stored message on its queue.
async fn start(app: &App, message: &Message) -> Result<()> {
    let (org, id) = (message.org, message.id);
    match message.status {
        MessageStatus::Sending => app.queues.send(Queue::Send, org, &SendJob::new(org, id, 0, 0), 0).await,
        MessageStatus::Pending => app.queues.send(Queue::Plan, org, &PlanJob { org, message: id }, 0).await,
        MessageStatus::Scheduled => {
            let wait = message
                .scheduled_at
                .map_or(Duration::ZERO, |at| Duration::try_from(at.duration_since(app.now())).unwrap_or_default());
            if wait > NEAR {
                return Ok(());
            }
            let seconds = wait.as_millis().div_ceil(1_000) as u64;
            app.queues.send(Queue::Plan, org, &PlanJob { org, message: id }, seconds).await
        }
        _ => Ok(()),
    }
}

/// The key of the index of what is due, for an update.
fn due_update(update: store::Update, message: &Message, at: Timestamp) -> store::Update {
    update
        .set("dueAt", messages::due_text(at))
        .set("duePartition", keys::due_partition(message.id.shard(keys::DUE_SHARDS)))
}
