//! Which column holds what: by the words of a heading, else by what the first rows hold. People can change the result.

use domain::attributes::{MAX_KEYS, is_key};
use domain::country::Country;
use serde::{Deserialize, Serialize};

use crate::words::{Field, recognise};
use crate::write::{REASON_HEADING, ROW_HEADING};
use crate::{CellKind, RawRow, SheetError, repair};

/// Rows in which a heading is looked for: titles and notes may stand above it.
const HEADING_WITHIN: usize = 10;

/// Characters of a heading that are kept.
const HEADING: usize = 60;

/// Which column holds what. Columns count from 0; several may make up the name. Serialised in camelCase, so that an
/// import can show it and take it back changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Columns {
    /// The number of the row with the headings, as the spreadsheet shows it; rows up to it are no contacts.
    pub header_row: Option<u32>,
    /// The columns whose texts, joined by a blank, are the name: one, or first and last name.
    pub name: Vec<usize>,
    /// The phone number.
    pub phone: Option<usize>,
    /// The e-mail address.
    pub email: Option<usize>,
    /// Tags, apart by comma, semicolon or bar.
    pub tags: Option<usize>,
    /// The IANA time zone.
    pub timezone: Option<usize>,
    /// Everything else, by its heading: the first 50 columns.
    pub attributes: Vec<AttributeColumn>,
    /// What stands above each column of the file, for people who choose among them; empty where nothing does.
    pub headings: Vec<String>,
}

/// A column whose value becomes an attribute of the contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeColumn {
    /// From 0.
    pub column: usize,
    /// The trimmed heading; made unique, without regard to case, by a number behind it.
    pub key: String,
}

impl Columns {
    /// Recognises the columns from the first rows of a file. `country` is for phone numbers in local form.
    ///
    /// Errors: `file_empty` without any row below the heading, `phone_column_missing`.
    pub fn detect(sample: &[RawRow], country: Country) -> Result<Self, SheetError> {
        Self::guess(&Guess { sample, country, email_alone: false })
    }

    /// The same for a file of addresses: a column with e-mail addresses is enough.
    pub fn detect_addresses(sample: &[RawRow], country: Country) -> Result<Self, SheetError> {
        Self::guess(&Guess { sample, country, email_alone: true })
    }

    fn guess(guess: &Guess<'_>) -> Result<Self, SheetError> {
        let mut columns = match guess.heading() {
            Some(index) => guess.with_heading(index)?,
            None => guess.without_heading()?,
        };
        columns.headings = guess.headings(columns.header_row);
        let first = columns.header_row.map_or(0, |row| row + 1);
        if !guess.sample.iter().any(|row| row.number >= first && !row.is_empty()) {
            return Err(SheetError::Empty);
        }
        Ok(columns)
    }
}

/// The name of a column as spreadsheet programs show it: A … Z, AA ….
pub fn letter(column: usize) -> String {
    let (mut letters, mut rest) = (Vec::new(), column + 1);
    while rest > 0 {
        rest -= 1;
        letters.push((b'A' + (rest % 26) as u8) as char);
        rest /= 26;
    }
    letters.iter().rev().collect()
}

/// The first rows, and what they tell.
struct Guess<'a> {
    sample: &'a [RawRow],
    country: Country,
    /// Whether a file without phone numbers will do if it has e-mail addresses.
    email_alone: bool,
}

impl Guess<'_> {
    /// The index of the row with the headings, by their words.
    fn heading(&self) -> Option<usize> {
        // The keys of JSON objects.
        if self.sample.first().is_some_and(|row| row.number == 0) {
            return Some(0);
        }
        let score = |row: &RawRow| -> usize {
            if row.cells.iter().any(repair::looks_like_phone) {
                return 0;
            }
            let fields: Vec<Field> =
                row.cells.iter().filter_map(|cell| recognise(&cell.text)).map(|(field, _)| field).collect();
            match (fields.iter().any(|field| matches!(field, Field::Phone | Field::PhoneMaybe)), fields.len()) {
                (true, count) => count + 1,
                // One word alone may be somebody's name.
                (false, count @ 2..) => count,
                (false, 1) if row.cells.len() == 1 || fields[0] != Field::Name => 1,
                _ => 0,
            }
        };
        let rows = self.sample.iter().take(HEADING_WITHIN).enumerate();
        let scored = rows.map(|(index, row)| (score(row), index)).filter(|(score, _)| *score > 0);
        // The most words win, then the first row.
        scored.max_by_key(|(score, index)| (*score, std::cmp::Reverse(*index))).map(|(_, index)| index)
    }

    fn with_heading(&self, index: usize) -> Result<Columns, SheetError> {
        let heading = &self.sample[index];
        let found: Vec<Option<(Field, u8)>> = heading.cells.iter().map(|cell| recognise(&cell.text)).collect();
        let rows = &self.sample[index + 1..];
        let phone = self.phone_by_words(&found, rows).or_else(|| self.phone_by_content(rows, &found));
        let first = |field: Field| {
            found.iter().enumerate().find(|(at, known)| Some(*at) != phone && known.is_some_and(|(f, _)| f == field))
        };
        let at = |field: Field| first(field).map(|(at, _)| at);
        let mut columns = Columns {
            header_row: Some(heading.number),
            name: name_of(&at),
            phone,
            email: at(Field::Email),
            tags: at(Field::Tags),
            timezone: at(Field::Timezone),
            ..Columns::default()
        };
        self.check(&columns)?;
        self.rest(&mut columns, Some(heading));
        Ok(columns)
    }

    /// No known word anywhere: names in A and phone numbers in B, else what looks most like phone numbers.
    fn without_heading(&self) -> Result<Columns, SheetError> {
        let first = self.sample.first().ok_or(SheetError::Empty)?;
        let usual = |row: &RawRow| {
            row.cells.get(1).is_some_and(repair::looks_like_phone)
                && !row.cells.first().is_some_and(repair::looks_like_phone)
                && row.cells.first().is_none_or(|cell| cell.kind != CellKind::Number)
        };
        let phone = if usual(first) { Some(1) } else { self.phone_by_content(self.sample, &[]) };
        // A first row without a digit where the others have their number is a heading in words that we do not know.
        let headed =
            phone.and_then(|phone| first.cells.get(phone)).is_some_and(|cell| !cell.text.chars().any(char::is_numeric));
        let rows = &self.sample[usize::from(headed)..];
        let name = (0..self.width()).find(|column| Some(*column) != phone && is_words(rows, *column));
        let email = (0..self.width()).find(|column| Some(*column) != phone && is_email(rows, *column));
        let mut columns = Columns {
            header_row: headed.then_some(first.number),
            name: name.into_iter().collect(),
            phone,
            email,
            ..Columns::default()
        };
        self.check(&columns)?;
        self.rest(&mut columns, headed.then_some(first));
        Ok(columns)
    }

    /// Whether what must be there is.
    fn check(&self, columns: &Columns) -> Result<(), SheetError> {
        let found = columns.phone.is_some() || (self.email_alone && columns.email.is_some());
        if found { Ok(()) } else { Err(SheetError::PhoneColumnMissing) }
    }

    /// The plainest word wins; between equals the column that holds numbers, then the first.
    fn phone_by_words(&self, found: &[Option<(Field, u8)>], rows: &[RawRow]) -> Option<usize> {
        let candidates = found.iter().enumerate().filter_map(|(column, known)| match known {
            Some((Field::Phone, weight)) => Some((column, *weight)),
            Some((Field::PhoneMaybe, weight)) if self.holds_phones(rows, column) => Some((column, *weight)),
            _ => None,
        });
        candidates
            .max_by_key(|(column, weight)| {
                let filled = rows.iter().any(|row| row.cells.get(*column).is_some_and(repair::looks_like_phone));
                (filled, *weight, std::cmp::Reverse(*column))
            })
            .map(|(column, _)| column)
    }

    /// The column of which most cells are phone numbers, if that is at least half of them.
    fn phone_by_content(&self, rows: &[RawRow], found: &[Option<(Field, u8)>]) -> Option<usize> {
        let free = |column: &usize| found.get(*column).is_none_or(Option::is_none);
        let columns = (0..self.width()).filter(free).filter(|column| self.holds_phones(rows, *column));
        columns.max_by_key(|column| (self.phones(rows, *column), std::cmp::Reverse(*column)))
    }

    fn holds_phones(&self, rows: &[RawRow], column: usize) -> bool {
        let filled = rows.iter().filter(|row| !row.text(column).is_empty()).count();
        let alike = rows.iter().filter(|row| row.cells.get(column).is_some_and(repair::looks_like_phone)).count();
        let valid = self.phones(rows, column);
        // A heading that is not known counts as one that is filled but not alike.
        valid > 0 && alike * 2 + 1 >= filled
    }

    fn phones(&self, rows: &[RawRow], column: usize) -> usize {
        let cells = rows.iter().filter_map(|row| row.cells.get(column));
        cells.filter(|cell| repair::looks_like_phone(cell) && repair::phone(cell, self.country).is_ok()).count()
    }

    fn headings(&self, header_row: Option<u32>) -> Vec<String> {
        let heading = self.sample.iter().find(|row| Some(row.number) == header_row);
        let text = |column| heading.map_or("", |row| row.text(column)).trim();
        (0..self.width()).map(|column| text(column).chars().take(HEADING).collect()).collect()
    }

    fn width(&self) -> usize {
        self.sample.iter().map(|row| row.cells.len()).max().unwrap_or(0)
    }

    /// Makes attributes of the columns that nothing else uses.
    fn rest(&self, columns: &mut Columns, heading: Option<&RawRow>) {
        let mut used: Vec<String> = Vec::new();
        for column in 0..self.width() {
            let fields = [columns.phone, columns.email, columns.tags, columns.timezone];
            if columns.attributes.len() == MAX_KEYS {
                break;
            }
            if columns.name.contains(&column) || fields.contains(&Some(column)) {
                continue;
            }
            let text = heading.map_or("", |heading| heading.text(column));
            // What a template could not name is a blank.
            let named: String =
                text.chars().map(|c| if is_key(c.encode_utf8(&mut [0; 4])) { c } else { ' ' }).collect();
            let text: String = named.split_whitespace().collect::<Vec<_>>().join(" ");
            // A file of rejected rows that comes back corrected.
            if text == ROW_HEADING || text == REASON_HEADING {
                continue;
            }
            let base: String = if text.is_empty() {
                format!("Column {}", letter(column))
            } else {
                text.chars().take(HEADING).collect()
            };
            let taken = |key: &str| used.contains(&key.to_lowercase());
            let mut names = std::iter::once(base.clone()).chain((2..).map(|number| format!("{base} {number}")));
            let key = names.find(|key| !taken(key)).expect("the names never end");
            used.push(key.to_lowercase());
            columns.attributes.push(AttributeColumn { column, key });
        }
    }
}

/// The columns that make up the name, in the order in which they are read out.
fn name_of(at: &dyn Fn(Field) -> Option<usize>) -> Vec<usize> {
    let parts = |fields: &[Field]| fields.iter().filter_map(|field| at(*field)).collect();
    match (at(Field::FullName), at(Field::Name), at(Field::FirstName), at(Field::LastName)) {
        (Some(full), ..) => vec![full],
        // "Name, Surname", "Nombre, Apellidos": the plain word is the given name.
        (None, Some(name), None, Some(last)) => vec![name, last],
        // "Nom, Prénom", "Name, Vorname": the plain word is the family name.
        (None, Some(name), Some(first), None) => vec![first, name],
        (None, Some(name), ..) => vec![name],
        (None, None, ..) => parts(&[Field::FirstName, Field::MiddleName, Field::LastName]),
    }
}

/// Whether most of what a column holds are words.
fn is_words(rows: &[RawRow], column: usize) -> bool {
    most(rows, column, |text| text.chars().any(char::is_alphabetic) && !text.contains('@'))
}

/// Whether most of what a column holds are e-mail addresses.
fn is_email(rows: &[RawRow], column: usize) -> bool {
    most(rows, column, |text| text.contains('@'))
}

fn most(rows: &[RawRow], column: usize, holds: impl Fn(&str) -> bool) -> bool {
    let texts = || rows.iter().map(|row| row.text(column)).filter(|text| !text.is_empty());
    texts().filter(|text| holds(text)).count() * 2 > texts().count()
}
