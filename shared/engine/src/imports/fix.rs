//! Fixing a row of a previewed import.

use std::collections::BTreeMap;

use domain::{
    Error, Result, Violation,
    attributes::{self, Value},
    email::Email,
    id::{ImportId, OrgId},
    phone::Phone,
};
use store::imports::{self, Chunk, Import, ImportCounts, ImportRow, ImportStatus, RowState};

use crate::App;

/// What is to change in a row; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Fix {
    /// The name.
    pub name: Option<String>,
    /// The number, in any form.
    pub phone: Option<String>,
    /// The e-mail address; empty removes it.
    pub email: Option<String>,
    /// The tags.
    pub tags: Option<Vec<String>>,
    /// The other columns.
    pub attributes: Option<BTreeMap<String, Value>>,
}

/// Changes a row and judges it again. Gives it as it is then.
pub async fn fix(app: &App, org: OrgId, id: ImportId, row: u32, fix: &Fix) -> Result<ImportRow> {
    for _ in 0..50 {
        let import = imports::get(&app.table, org, id).await?;
        if import.status != ImportStatus::Ready {
            return Err(Error::conflict("import_not_ready", "Rows can be fixed only while the import is READY."));
        }
        let (mut chunk, index) = locate(app, &import, row).await?;
        let old = chunk.rows[index].state;
        apply(&import, &mut chunk.rows[index], fix)?;
        if chunk.rows[index].state == RowState::Valid {
            repeats(app, &import, &chunk, index).await?.inspect_first(&mut chunk.rows[index]);
        }
        let fixed = chunk.rows[index].clone();
        if imports::replace_chunk(&app.table, org, id, &chunk).await? {
            recount(app, &import, old, fixed.state).await?;
            return Ok(fixed);
        }
    }
    Err(Error::Unavailable("the rows are busy".into()))
}

/// Finds a row: chunks are in the order of the file, so it is a search by halves.
async fn locate(app: &App, import: &Import, row: u32) -> Result<(Chunk, usize)> {
    let not_found = || Error::not_found("row", row);
    let (mut low, mut high) = (0, import.chunks);
    while low < high {
        let middle = low + (high - low) / 2;
        let chunk = imports::read_chunk(&app.table, import.org, import.id, middle).await?.ok_or_else(not_found)?;
        let (Some(first), Some(last)) = (chunk.rows.first(), chunk.rows.last()) else { return Err(not_found()) };
        if row < first.row {
            high = middle;
        } else if row > last.row {
            low = middle + 1;
        } else {
            let index = chunk.rows.iter().position(|one| one.row == row).ok_or_else(not_found)?;
            return Ok((chunk, index));
        }
    }
    Err(not_found())
}

fn apply(import: &Import, row: &mut ImportRow, fix: &Fix) -> Result<()> {
    let mut violations = Vec::new();
    if let Some(name) = &fix.name {
        name.trim().clone_into(&mut row.name);
    }
    if let Some(text) = &fix.phone {
        match Phone::parse(text, import.country) {
            Ok(phone) => row.phone = phone.to_string(),
            Err(error) => violations.push(Violation::new("/phone", error.code(), error.to_string())),
        }
    }
    match fix.email.as_deref() {
        None => {}
        Some("") => row.email = None,
        Some(text) => match Email::parse(text) {
            Ok(email) => row.email = Some(email.to_string()),
            Err(error) => violations.push(Violation::new("/email", error.code(), error.to_string())),
        },
    }
    if let Some(tags) = &fix.tags {
        row.tags.clone_from(tags);
    }
    if let Some(values) = &fix.attributes {
        violations.extend(attributes::check(values, "/attributes"));
        row.attributes.clone_from(values);
    }
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    let phone_holds = Phone::parse(&row.phone, import.country).is_ok();
    if phone_holds || (row.phone.is_empty() && row.email.is_some()) {
        row.errors.clear();
        row.first = None;
        row.state = RowState::Valid;
    }
    Ok(())
}

/// The row that has the same number first, if there is one.
struct Repeats(Option<u32>);

impl Repeats {
    fn inspect_first(self, row: &mut ImportRow) {
        if let Some(first) = self.0 {
            row.state = RowState::Duplicate;
            row.first = Some(first);
        }
    }
}

async fn repeats(app: &App, import: &Import, own: &Chunk, index: usize) -> Result<Repeats> {
    let row = &own.rows[index];
    if row.phone.is_empty() {
        return Ok(Repeats(None));
    }
    for number in 0..import.chunks {
        let Some(chunk) = imports::read_chunk(&app.table, import.org, import.id, number).await? else { break };
        let same =
            chunk.rows.iter().find(|one| one.state == RowState::Valid && one.row != row.row && one.phone == row.phone);
        if let Some(same) = same {
            return Ok(Repeats(Some(same.row)));
        }
    }
    Ok(Repeats(None))
}

async fn recount(app: &App, import: &Import, old: RowState, new: RowState) -> Result<()> {
    if old == new {
        return Ok(());
    }
    for _ in 0..50 {
        let current = imports::get(&app.table, import.org, import.id).await?;
        let mut counts = current.counts;
        *column(&mut counts, old) -= 1;
        *column(&mut counts, new) += 1;
        let changed = imports::change(&app.table, &current, ImportStatus::Ready, app.now(), |update| {
            update.set("counts", counts).if_equal("counts", current.counts)
        })
        .await?;
        if changed.is_some() {
            return Ok(());
        }
    }
    Err(Error::Unavailable("the import is busy".into()))
}

fn column(counts: &mut ImportCounts, state: RowState) -> &mut u64 {
    match state {
        RowState::Valid => &mut counts.valid,
        RowState::Invalid => &mut counts.invalid,
        RowState::Duplicate => &mut counts.duplicate,
    }
}
