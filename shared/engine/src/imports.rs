//! Imports: a file becomes rows, rows become contacts.
//!
//! ```text
//! create ── presigned upload ──▶ bucket ── ObjectCreated ──▶ `import` queue ──▶ parse ──▶ READY (PREVIEW)
//! drop folder ─────────────────────────────────────────────▶ `import` queue ──▶ parse ──▶ COMMITTING (DIRECT)
//! commit ──▶ `import` queue ──▶ commit chunk after chunk ──▶ DONE ──▶ the message to the imported rows
//! ```
//!
//! Invariants: a file that is refused stores nothing. A row becomes at most one contact, whose id follows from the
//! import and the row, so a chunk may be committed again after a crash and counts the same.

mod columns;
mod commit;
mod create;
mod event;
mod fix;
mod message;
mod parse;
mod report;

use domain::{
    Result,
    id::{ImportId, OrgId},
};
use jiff::Timestamp;
use store::{
    imports::{self, Import, ImportStatus},
    keys,
    messages::due_text,
    update::Update,
};

use crate::{App, app::Queue, jobs::ImportJob, plan::LOOK_AFTER};

pub use columns::choose;
pub use create::{NewImport, Uploaded, create, create_parsed};
pub use event::{ImportWork, uploaded};
pub use fix::{Fix, fix};
pub use message::ImportMessage;
pub use parse::{Parsed, parse_small};
pub use report::rejected;

/// How long before the deadline an import hands over to the next invocation.
pub(crate) const RESERVE: std::time::Duration = std::time::Duration::from_secs(20);

/// Handles one job from the `import` queue. Harmless however often and whenever it comes.
pub async fn run(app: &App, job: ImportJob, deadline: Timestamp) -> Result<()> {
    let Some(import) = imports::find(&app.table, job.org, job.import).await? else { return Ok(()) };
    let import = match import.status {
        ImportStatus::Parsing => match parse::parse(app, import).await? {
            Some(import) => import,
            None => return Ok(()),
        },
        _ => import,
    };
    if import.status != ImportStatus::Committing {
        return Ok(());
    }
    Box::pin(commit::run(app, import, deadline)).await
}

/// Moves an import from one status to another in which the queue works on it; the sweep looks after it. `more` goes into
/// the same write. `None`: it was not in `from` any more, and whoever moved it has told the queue.
async fn hand_over(
    app: &App,
    import: &Import,
    from: ImportStatus,
    to: ImportStatus,
    more: impl FnOnce(Update) -> Update,
) -> Result<Option<Import>> {
    let now = app.now();
    let due = due_text(now + LOOK_AFTER);
    let partition = keys::due_partition(import.id.shard(keys::DUE_SHARDS));
    let moved = imports::change(&app.table, import, from, now, |update| {
        more(update.set("status", to).set("dueAt", due).set("duePartition", partition))
    })
    .await?;
    if moved.is_some() {
        app.queues.send(Queue::Import, import.org, &ImportJob { org: import.org, import: import.id }, 0).await?;
    }
    Ok(moved)
}

/// Lets a previewed import become contacts.
pub async fn commit(app: &App, org: OrgId, id: ImportId) -> Result<imports::Import> {
    commit::begin(app, org, id).await
}
