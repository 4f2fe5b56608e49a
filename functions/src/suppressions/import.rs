//! `POST /api/suppressions/import`: a small spreadsheet of addresses that get no messages.

use std::str::FromStr;

use domain::{
    suppression::{MAX_NOTE, SuppressedChannel, SuppressionReason, SuppressionSource},
    text::cut,
};
use store::suppressions::{self, Suppression};
use web::prelude::*;

use crate::uploads::file;

/// The row.
pub fn row() -> Row {
    Row::post("suppressions-import", "/api/suppressions/import", handle)
        .summary("Suppress the addresses of a spreadsheet")
        .description(
            "Excel, ods, csv or json, at most 4 MB and 5,000 rows, with a column of phone numbers, of e-mail addresses, or \
             both. Columns named `channel`, `reason` and `note` say more of a row; an export can be read again.",
        )
        .tag("Suppressions")
        .access(Role::Member, Scope::SuppressionsWrite)
        .idempotent_record_first()
        .grants(&[Grant::Table])
        .errors(&["413 file_too_large", "413 too_many_rows"])
        .errors(file::ERRORS)
        .limits(1_024, 29)
}

/// What holds for rows that do not say otherwise.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ImportSuppressions {
    /// Which messages are held back; `ALL`, if nothing is said.
    channel: Option<SuppressedChannel>,
    /// Why; `MANUAL`, if nothing is said.
    reason: Option<SuppressionReason>,
}

/// What came of a spreadsheet.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SuppressionsImported {
    /// How many addresses are new on the list.
    added: usize,
    /// How many were on it already, or stand in the file twice.
    skipped: usize,
    /// What is wrong.
    errors: Vec<SuppressionRowError>,
}

/// What is wrong with a row.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SuppressionRowError {
    /// Its number, as the spreadsheet shows it.
    row: u32,
    /// Its phone number, as it stands there.
    phone: String,
    /// In words.
    error: String,
}

async fn handle(cx: Cx, form: Multipart<ImportSuppressions>) -> Result<Success<SuppressionsImported>> {
    let (table, org) = (&cx.app.table, cx.org());
    let form = form.read().await?;
    let defaults = form.fields()?;
    let rows = file::addresses(&cx, form.file("file")?).await?;
    let (mut new, mut errors) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in &rows {
        match suppressed(&cx, row, &defaults) {
            Ok(of_row) => new.extend(of_row),
            Err(error) => errors.push(SuppressionRowError { row: row.number, phone: row.raw_phone.clone(), error }),
        }
    }
    let standing = suppressions::add(table, org, &new).await?;
    let added = new.iter().zip(&standing).filter(|(new, standing)| new.id == **standing).count();
    Ok(Success(SuppressionsImported { added, skipped: new.len() - added, errors }))
}

/// The suppressions that a row means: of its number, its e-mail address, or both.
fn suppressed(cx: &Cx, row: &sheets::Row, defaults: &ImportSuppressions) -> Result<Vec<Suppression>, String> {
    if let Some(error) = row.errors.first() {
        return Err(error.detail.to_string());
    }
    let channel = said(row, "channel")?.or(defaults.channel).unwrap_or(SuppressedChannel::All);
    let reason = said(row, "reason")?.or(defaults.reason).unwrap_or(SuppressionReason::Manual);
    let note = text(row, "note").map(|note| cut(&note, MAX_NOTE).to_owned());
    let phone = row.phone.filter(|_| channel != SuppressedChannel::Email).map(|phone| phone.to_string());
    let by_email = matches!(channel, SuppressedChannel::All | SuppressedChannel::Email);
    let email = row.email.as_ref().filter(|_| by_email).map(ToString::to_string);
    let addresses: Vec<String> = phone.into_iter().chain(email).collect();
    if addresses.is_empty() {
        return Err(format!("The row has no address for the channel {channel}."));
    }
    Ok(addresses
        .into_iter()
        .map(|address| {
            let (at, bits) = cx.repeatable(&format!("row {} {address}", row.number));
            Suppression {
                id: id::SuppressionId::new(at, bits),
                address,
                channel,
                reason,
                source: SuppressionSource::Import,
                note: note.clone(),
                provider_id: None,
                created_by: Some(cx.actor()),
                created_at: cx.now(),
            }
        })
        .collect())
}

/// The text under a heading, whatever its case.
fn text(row: &sheets::Row, heading: &str) -> Option<String> {
    let found = row.attributes.iter().find(|(key, _)| key.eq_ignore_ascii_case(heading));
    found.map(|(_, value)| value.to_string()).filter(|text| !text.trim().is_empty())
}

/// What a cell says by name.
fn said<T: FromStr<Err = domain::named::UnknownName>>(row: &sheets::Row, heading: &str) -> Result<Option<T>, String> {
    text(row, heading)
        .map(|text| text.parse().map_err(|error| format!("The {heading} is unknown: {error}.")))
        .transpose()
}
