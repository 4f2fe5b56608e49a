//! Choosing which column of a previewed import holds what: the file is read again.

use std::collections::BTreeSet;

use domain::{
    Error, Result, Violation,
    attributes::{self, Value},
    id::{ImportId, OrgId},
};
use sheets::Columns;
use store::imports::{self, Import, ImportCounts, ImportStatus};

use super::hand_over;
use crate::App;

/// Reads the file of a `READY` import again with the columns that are chosen; the heading stays where it is. Rows that
/// were fixed are what they are in the file.
///
/// Errors: 409 `import_not_ready`, `file_gone`; 422 `phone_column_missing`, `column_unknown`, `column_repeated` and those
/// of attribute keys, at `/columns/…`.
pub async fn choose(app: &App, org: OrgId, id: ImportId, chosen: Columns) -> Result<Import> {
    let import = imports::get(&app.table, org, id).await?;
    let not_ready = || Error::conflict("import_not_ready", "Columns can be chosen only while the import is READY.");
    let known: Columns = match import.columns.as_deref() {
        Some(text) if import.status == ImportStatus::Ready => serde_json::from_str(text).map_err(Error::internal)?,
        _ => return Err(not_ready()),
    };
    check(&chosen, known.headings.len())?;
    if app.files.size(&import.key).await?.is_none() {
        return Err(Error::conflict("file_gone", "A file is kept for a day. Upload it again to choose other columns."));
    }
    let columns = Columns { header_row: known.header_row, headings: known.headings, ..chosen };
    let columns = serde_json::to_string(&columns).map_err(Error::internal)?;
    hand_over(app, &import, ImportStatus::Ready, ImportStatus::Parsing, |update| {
        update.set("columns", columns).set("counts", ImportCounts::default())
    })
    .await?
    .ok_or_else(not_ready)
}

fn check(chosen: &Columns, width: usize) -> Result<()> {
    let keys = chosen.attributes.iter().map(|attribute| (attribute.key.clone(), Value::Bool(true))).collect();
    let mut violations = attributes::check(&keys, "/columns/attributes");
    if chosen.phone.is_none() && chosen.email.is_none() {
        let detail = "Say which column holds the phone numbers, or the e-mail addresses.";
        violations.push(Violation::new("/columns/phone", "phone_column_missing", detail));
    }
    let mut seen = BTreeSet::new();
    for (pointer, column) in places(chosen) {
        if column >= width {
            let detail = format!("The file has {width} columns, counted from 0.");
            violations.push(Violation::new(pointer, "column_unknown", detail));
        } else if !seen.insert(column) {
            violations.push(Violation::new(pointer, "column_repeated", "Another field has this column."));
        }
    }
    if violations.is_empty() { Ok(()) } else { Err(Error::Invalid(violations)) }
}

/// Each column that is named, and where.
fn places(chosen: &Columns) -> Vec<(String, usize)> {
    let single =
        [("phone", chosen.phone), ("email", chosen.email), ("tags", chosen.tags), ("timezone", chosen.timezone)];
    let names = chosen.name.iter().enumerate().map(|(at, column)| (format!("name/{at}"), *column));
    let fields = single.into_iter().filter_map(|(field, column)| Some((field.to_owned(), column?)));
    let keys = chosen.attributes.iter().map(|one| (format!("attributes/{}", attributes::escape(&one.key)), one.column));
    names.chain(fields).chain(keys).map(|(place, column)| (format!("/columns/{place}"), column)).collect()
}

#[cfg(test)]
mod tests {
    use sheets::AttributeColumn;

    use super::*;

    fn codes(chosen: &Columns) -> Vec<(String, String)> {
        match check(chosen, 3) {
            Err(Error::Invalid(violations)) => {
                violations.into_iter().map(|one| (one.pointer, one.code.into_owned())).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_wrong_is_named_where_it_stands() {
        let of = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        assert_eq!(codes(&Columns::default()), [of("/columns/phone", "phone_column_missing")]);
        let attribute = |key: &str, column| AttributeColumn { column, key: key.to_owned() };
        let wrong = Columns {
            name: vec![0, 3],
            phone: Some(1),
            tags: Some(1),
            attributes: vec![attribute("a/b", 0), attribute("{x}", 2)],
            ..Columns::default()
        };
        assert_eq!(
            codes(&wrong),
            [
                of("/columns/attributes/{x}", "key_invalid"),
                of("/columns/name/1", "column_unknown"),
                of("/columns/tags", "column_repeated"),
                of("/columns/attributes/a~1b", "column_repeated"),
            ]
        );
        check(&Columns { email: Some(2), ..Columns::default() }, 3).expect("an address is enough");
    }
}
