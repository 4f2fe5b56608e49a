//! Commit: rows become contacts, some chunks at a time. A chunk may be committed again: ids follow from the rows.

use domain::{
    Error, Result,
    id::{ContactId, ImportId, OrgId},
    phone::Phone,
};
use futures::future::try_join_all;
use jiff::Timestamp;
use store::{
    contacts::{Draft, Many, OnDuplicate, create_many},
    imports::{self, Import, ImportRow, ImportStatus, RowState},
};

use super::{RESERVE, hand_over, message, report};
use crate::{
    App,
    app::{Queue, same_bits},
    confirm,
    jobs::ImportJob,
    notify,
    plan::LOOK_AFTER,
};

/// Lets a previewed import become contacts.
pub(super) async fn begin(app: &App, org: OrgId, id: ImportId) -> Result<Import> {
    let import = imports::get(&app.table, org, id).await?;
    match import.status {
        ImportStatus::Committing | ImportStatus::Done => return Ok(import),
        ImportStatus::Ready => {}
        _ => return Err(Error::conflict("import_not_ready", "Only an import that is READY can be committed.")),
    }
    match hand_over(app, &import, ImportStatus::Ready, ImportStatus::Committing, |update| update).await? {
        Some(import) => Ok(import),
        None => imports::get(&app.table, org, id).await,
    }
}

/// How many chunks become contacts at the same time: the table answers many at once, and waiting for one after the
/// other would be most of the time. A crash repeats so many.
const AT_ONCE: u32 = 4;

/// Commits chunks until all are done or the time is over; then the next invocation goes on.
pub(super) async fn run(app: &App, mut import: Import, deadline: Timestamp) -> Result<()> {
    while import.committed < import.chunks {
        if app.now() + RESERVE > deadline {
            return app
                .queues
                .send(Queue::Import, import.org, &ImportJob { org: import.org, import: import.id }, 0)
                .await;
        }
        match some(app, &import).await? {
            Some(next) => import = next,
            // Another invocation is at it.
            None => return Ok(()),
        }
    }
    confirm::ask_imported(app, &import).await?;
    message::release(app, &import).await?;
    let now = app.now();
    let done = imports::change(&app.table, &import, ImportStatus::Committing, now, |update| {
        update.set("status", ImportStatus::Done).set("finishedAt", now).remove("dueAt").remove("duePartition")
    })
    .await?;
    let Some(done) = done else { return Ok(()) };
    tracing::info!(import = %done.id, created = done.counts.created, skipped = done.counts.skipped, "import done");
    report::write(app, &done).await?;
    notify::imported(app, done.org, done.id, true).await?;
    app.files.delete(&done.key).await
}

/// Commits the next chunks. `None`: another invocation did, meanwhile.
async fn some(app: &App, import: &Import) -> Result<Option<Import>> {
    let numbers = import.committed..import.chunks.min(import.committed + AT_ONCE);
    let next = numbers.end;
    let reads = numbers.map(|number| imports::read_chunk(&app.table, import.org, import.id, number));
    let chunks: Option<Vec<_>> = try_join_all(reads).await?.into_iter().collect();
    let mut chunks = chunks.ok_or_else(|| Error::internal(format!("{} lacks a chunk of rows", import.id)))?;
    let rows = chunks.iter().flat_map(|chunk| &chunk.rows);
    let drafts: Vec<Draft> = rows.filter(|row| row.state == RowState::Valid).map(|row| draft(import, row)).collect();
    let many = Many { group: import.group, on_duplicate: OnDuplicate::Skip, now: app.now() };
    let outcomes = create_many(&app.table, import.org, &drafts, &many).await?;
    let created = outcomes.iter().filter(|outcome| outcome.is_created()).count() as u64;
    let rows = chunks.iter_mut().flat_map(|chunk| &mut chunk.rows);
    for (row, outcome) in rows.filter(|row| row.state == RowState::Valid).zip(&outcomes) {
        row.contact = Some(outcome.id());
    }
    // A fix of a row of these chunks meanwhile is impossible: only a READY import can be fixed.
    let writes = chunks.iter().map(|chunk| imports::replace_chunk(&app.table, import.org, import.id, chunk));
    try_join_all(writes).await?;
    let now = app.now();
    let mut counts = import.counts;
    counts.created += created;
    counts.skipped += outcomes.len() as u64 - created;
    imports::change(&app.table, import, ImportStatus::Committing, now, |update| {
        update
            .set("counts", counts)
            .set("committed", next)
            .set("dueAt", store::messages::due_text(now + LOOK_AFTER))
            .if_equal("committed", import.committed)
    })
    .await
}

fn draft(import: &Import, row: &ImportRow) -> Draft {
    let mut draft = Draft::new(contact_id(import, row.row));
    draft.name = (!row.name.is_empty()).then(|| row.name.clone());
    draft.phone = Phone::parse(&row.phone, import.country).ok();
    draft.email.clone_from(&row.email);
    draft.tags.clone_from(&row.tags);
    draft.attributes.clone_from(&row.attributes);
    draft.timezone.clone_from(&row.timezone);
    draft
}

/// The id that a row's contact has: the same whenever the row is committed.
fn contact_id(import: &Import, row: u32) -> ContactId {
    ContactId::new(import.created_at, same_bits(&format!("{}\n{row}", import.id)))
}
