//! One row as a contact: what is in it, what was repaired and what is wrong.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::attributes::{MAX_VALUE, Value};
use domain::country::Country;
use domain::email::Email;
use domain::phone::{Phone, PhoneError};
use domain::schedule::zone_name;
use domain::text::cut;
use serde::{Deserialize, Serialize};

use crate::repair::{self, Bad, Repair};
use crate::{Cell, CellKind, Columns, RawRow};

/// Characters of a name that are kept.
const NAME: usize = 200;
/// Tags of one contact that are kept, and characters of each.
const TAGS: (usize, usize) = (50, 60);

/// Why a row is no contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowError {
    /// `phone`.
    pub field: Cow<'static, str>,
    /// Stable: those of [`domain::phone::PhoneError`], `phone_rounded`, `formula_without_value`.
    pub code: Cow<'static, str>,
    /// For people; holds nothing of the row.
    pub detail: Cow<'static, str>,
}

impl RowError {
    fn phone(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { field: Cow::Borrowed("phone"), code: Cow::Borrowed(code), detail: detail.into() }
    }
}

/// A row of a spreadsheet, read as a contact. Serialised in camelCase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// As the spreadsheet shows it, from 1.
    pub number: u32,
    /// May be empty.
    pub name: String,
    /// The number, in E.164.
    pub phone: Option<Phone>,
    /// The phone cell as it stands in the file; empty if it is.
    pub raw_phone: String,
    /// The e-mail address, normalised.
    pub email: Option<Email>,
    /// Trimmed, each once without regard to case, in the order of the file.
    pub tags: Vec<String>,
    /// An IANA time zone.
    pub timezone: Option<String>,
    /// By heading; numbers and booleans of the spreadsheet stay what they are, empty cells are left out.
    pub attributes: BTreeMap<String, Value>,
    /// What was put right.
    pub repairs: Vec<Repair>,
    /// What is wrong; the row is a contact only without any.
    pub errors: Vec<RowError>,
}

impl Row {
    /// Whether it can become a contact.
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }
}

impl Columns {
    /// Reads one row; None for an empty one, and for the heading and what stands above it. Local phone numbers are read
    /// as those of `default_country` (ISO 3166-1 alpha-2).
    pub fn read(&self, raw: &RawRow, default_country: Country) -> Option<Row> {
        if self.header_row.is_some_and(|row| raw.number <= row) || raw.is_empty() {
            return None;
        }
        let mut row = Row {
            number: raw.number,
            name: self.name(raw),
            phone: None,
            raw_phone: String::new(),
            email: None,
            tags: self.tags.map_or_else(Vec::new, |column| tags(value(raw, column))),
            timezone: None,
            attributes: BTreeMap::new(),
            repairs: Vec::new(),
            errors: Vec::new(),
        };
        self.read_phone(raw, default_country, &mut row);
        if let Some(text) = self.email.map(|column| value(raw, column)).filter(|text| !text.is_empty()) {
            match Email::parse(text) {
                Ok(email) => row.email = Some(email),
                Err(_) => row.repairs.push(Repair::EmailIgnored),
            }
        }
        if let Some(text) = self.timezone.map(|column| value(raw, column)).filter(|text| !text.is_empty()) {
            row.timezone = zone_name(text);
            if row.timezone.is_none() {
                row.repairs.push(Repair::TimezoneIgnored);
            }
        }
        for attribute in &self.attributes {
            if let Some(value) = raw.cells.get(attribute.column).and_then(attribute_value) {
                row.attributes.insert(attribute.key.clone(), value);
            }
        }
        if row.phone.is_none() && row.email.is_none() && row.errors.is_empty() {
            row.errors.push(RowError::phone(PhoneError::Missing.code(), PhoneError::Missing.to_string()));
        }
        Some(row)
    }

    fn read_phone(&self, raw: &RawRow, country: Country, row: &mut Row) {
        let Some(cell) = self.phone.and_then(|column| raw.cells.get(column)).filter(|cell| !cell.is_empty()) else {
            return;
        };
        cut(&cell.text, MAX_VALUE).clone_into(&mut row.raw_phone);
        match repair::phone(cell, country) {
            Ok((phone, repairs)) => {
                row.phone = Some(phone);
                row.repairs = repairs;
            }
            Err(bad) => row.errors.push(match bad {
                Bad::Phone(error) => RowError::phone(error.code(), error.to_string()),
                Bad::Rounded => RowError::phone(
                    "phone_rounded",
                    "The spreadsheet has rounded this number and its last digits are lost. Format the column as text.",
                ),
                Bad::NoValue => RowError::phone(
                    "formula_without_value",
                    "The formula in this cell has no value. Open the file in Excel, save it and try again.",
                ),
            }),
        }
    }

    fn name(&self, raw: &RawRow) -> String {
        let mut name = String::new();
        for part in self.name.iter().flat_map(|column| value(raw, *column).split_whitespace()) {
            if !name.is_empty() {
                name.push(' ');
            }
            name.push_str(part);
        }
        name.truncate(cut(&name, NAME).len());
        name
    }
}

/// The text of a cell that has a value.
fn value(raw: &RawRow, column: usize) -> &str {
    raw.cells
        .get(column)
        .filter(|cell| !matches!(cell.kind, CellKind::Error | CellKind::Formula))
        .map_or("", |c| &c.text)
}

/// A value of an attribute; None if there is none.
fn attribute_value(cell: &Cell) -> Option<Value> {
    match cell.kind {
        CellKind::Empty | CellKind::Error | CellKind::Formula => None,
        CellKind::Bool => Some(Value::Bool(cell.text == "true")),
        CellKind::Number => Some(number(&cell.text).map_or_else(|| Value::from(cell.text.as_str()), Value::Number)),
        CellKind::Text | CellKind::Date => Some(Value::from(cut(&cell.text, MAX_VALUE))),
    }
}

fn number(text: &str) -> Option<serde_json::Number> {
    let whole = text.parse::<i64>().ok().map(serde_json::Number::from);
    whole.or_else(|| serde_json::Number::from_f64(text.parse().ok()?))
}

fn tags(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split([',', ';', '|', '\n']).map(str::trim).filter(|tag| !tag.is_empty()) {
        let tag = cut(tag, TAGS.1);
        if tags.len() == TAGS.0 {
            break;
        }
        if !tags.iter().any(|known| known.to_lowercase() == tag.to_lowercase()) {
            tags.push(tag.to_owned());
        }
    }
    tags
}
