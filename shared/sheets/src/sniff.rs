//! Which format a file has, told by its bytes; and the words for what it is instead.

use std::io::{Read, Seek, SeekFrom};

use crate::open::unreadable;
use crate::read::{csv, text, xls};
use crate::{Format, Limits, SheetError, archive};

/// Bytes that are looked at.
const HEAD: u64 = 64 << 10;

/// First bytes of kinds of files that people upload by mistake.
const OTHERS: [(&[u8], &str); 13] = [
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a text document"),
    (b"\x1f\x8b", "a packed file"),
    (b"7z\xbc\xaf\x27\x1c", "a packed file"),
    (b"Rar!", "a packed file"),
    (b"BZh", "a packed file"),
    (b"\xfd7zXZ\x00", "a packed file"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "a database"),
    (b"BEGIN:VCARD", "an address card (.vcf)"),
];

/// The format of the file, after the checks that it is safe to read.
pub(crate) fn format<S: Read + Seek>(
    source: &mut S,
    file_name: &str,
    size: u64,
    limits: &Limits,
) -> Result<Format, SheetError> {
    let head = head(source)?;
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return archive::check(source, limits);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return match xls::inside(&mut *source)? {
            xls::Inside::Encrypted => Err(SheetError::Encrypted),
            xls::Inside::Other => Err(SheetError::NotASpreadsheet("another Office document")),
            xls::Inside::Workbook if size > limits.xls_bytes => {
                Err(SheetError::FileTooLarge { limit: limits.xls_bytes })
            }
            xls::Inside::Workbook => Ok(Format::Xls),
        };
    }
    if let Some((_, what)) = OTHERS.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(SheetError::NotASpreadsheet(what));
    }
    text_format(&head, file_name, head.len() as u64 == size)
}

/// The first bytes of the source.
pub(crate) fn head<S: Read + Seek>(source: &mut S) -> Result<Vec<u8>, SheetError> {
    source.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let mut head = Vec::new();
    source.by_ref().take(HEAD).read_to_end(&mut head).map_err(unreadable)?;
    Ok(head)
}

fn text_format(head: &[u8], file_name: &str, whole: bool) -> Result<Format, SheetError> {
    let text = text::sample(head)?;
    // Cut inside a character or a line, which says nothing.
    let text = if whole { &text[..] } else { text.rsplit_once('\n').map_or(&text[..], |(before, _)| before) };
    let start = text.trim_start();
    if start.is_empty() {
        return if whole { Err(SheetError::Empty) } else { Err(SheetError::NotASpreadsheet("blanks")) };
    }
    if text.chars().any(|c| c == '\0') || text.chars().filter(|c| is_binary(*c)).count() * 50 > text.chars().count() {
        return Err(SheetError::NotASpreadsheet("a binary file"));
    }
    let mut chars = start.chars();
    let first = chars.next();
    let second = chars.find(|c| !c.is_whitespace());
    match (first, second) {
        (Some('<'), Some(c)) if c.is_alphabetic() || matches!(c, '!' | '?') => {
            Err(SheetError::NotASpreadsheet("a web page or XML, whatever its name says"))
        }
        (Some('['), Some('{' | ']')) => Ok(Format::Json),
        (Some('{'), Some('"' | '}')) => Ok(Format::Ndjson),
        // A table in text is welcome under any name; prose that calls itself a workbook is not a table.
        _ if named_as_workbook(file_name) && csv::separator(text).is_none() => {
            Err(SheetError::NotASpreadsheet("plain text"))
        }
        _ => Ok(Format::Csv),
    }
}

/// Control characters that no text has.
fn is_binary(c: char) -> bool {
    c == char::REPLACEMENT_CHARACTER || (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1a}'))
}

fn named_as_workbook(file_name: &str) -> bool {
    let extension = file_name.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["xlsx", "xlsm", "xls", "xlsb", "ods"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}
