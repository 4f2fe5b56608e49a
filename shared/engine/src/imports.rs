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
use store::imports::{self, ImportStatus};

use crate::{App, jobs::ImportJob};

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
    if import.status == ImportStatus::Committing { commit::run(app, import, deadline).await } else { Ok(()) }
}

/// Lets a previewed import become contacts.
pub async fn commit(app: &App, org: OrgId, id: ImportId) -> Result<imports::Import> {
    commit::begin(app, org, id).await
}
