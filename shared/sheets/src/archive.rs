//! Zipped workbooks (xlsx, xlsb, ods): which one it is, and whether it is safe to unpack.
//!
//! Invariant: a part never unpacks to more than its size in the directory (`zip` fails the read beyond it), so bounds
//! on the directory bound the reading too.

use std::io::{BufRead as _, BufReader, Read, Seek};

use quick_xml::events::Event;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::{Format, Limits, SheetError};

/// Parts in a package: real ones have a few dozen.
const PARTS: usize = 20_000;
/// Parts below this size may have any ratio: they cannot do harm.
const SMALL: u64 = 16 << 20;
/// Bytes of a part that the readers hold as a whole: styles, the list of sheets, relations.
const WHOLE: u64 = 16 << 20;
/// A large part with a ratio above this is searched for single pieces that would fill the memory.
const SUSPICIOUS: u64 = 20;
/// The longest piece of XML without a tag: a cell holds at most 32,767 characters.
const PIECE: usize = 1 << 20;

/// The format of a zipped file that is safe to read.
pub(crate) fn check<S: Read + Seek>(source: &mut S, limits: &Limits) -> Result<Format, SheetError> {
    let mut zip = ZipArchive::new(source).map_err(|_| SheetError::damaged("it is not complete"))?;
    if zip.len() > PARTS {
        return Err(SheetError::Bomb);
    }
    let (mut unpacked, mut strings, mut suspicious) = (0_u64, None, Vec::new());
    let mut seen = Seen::default();
    for index in 0..zip.len() {
        let part = zip.by_index_raw(index).map_err(|_| SheetError::damaged("a part of it is missing"))?;
        if part.encrypted() {
            return Err(SheetError::Encrypted);
        }
        let (size, packed) = (part.size(), part.compressed_size());
        unpacked = unpacked.saturating_add(size);
        let large = size > SMALL;
        if unpacked > limits.unpacked_bytes || (large && size / packed.max(1) > limits.ratio) {
            return Err(SheetError::Bomb);
        }
        let name = part.name().map_err(|_| SheetError::damaged("a part of it has no name"))?.to_lowercase();
        if large && size / packed.max(1) > SUSPICIOUS && has_extension(&name, "xml") {
            suspicious.push(index);
        }
        if name.ends_with("sharedstrings.xml") || name.ends_with("sharedstrings.bin") {
            if size > limits.strings_bytes {
                return Err(SheetError::StringsTooLarge);
            }
            if has_extension(&name, "xml") {
                strings = Some((index, size));
            }
        } else if seen.note(&name) && size > WHOLE {
            return Err(SheetError::Bomb);
        }
    }
    let format = seen.format(&mut zip)?;
    if let Some((index, size)) = strings {
        check_strings(&mut zip, index, size)?;
    }
    for index in suspicious {
        check_pieces(&mut zip, index)?;
    }
    Ok(format)
}

/// What the names of the parts say.
#[derive(Default)]
struct Seen {
    content_types: bool,
    workbook: bool,
    binary_workbook: bool,
    mimetype: bool,
    document: bool,
}

impl Seen {
    /// Takes a name in; true if readers hold that part as a whole.
    fn note(&mut self, name: &str) -> bool {
        let file = name.rsplit('/').next().unwrap_or_default();
        match file {
            "[content_types].xml" => self.content_types = true,
            "workbook.xml" => self.workbook = true,
            "workbook.bin" => self.binary_workbook = true,
            "mimetype" => self.mimetype = true,
            _ => {}
        }
        self.document |= name.starts_with("word/") || name.starts_with("ppt/");
        matches!(
            file,
            "workbook.xml" | "workbook.bin" | "styles.xml" | "styles.bin" | "theme1.xml" | "manifest.xml" | "mimetype"
        ) || has_extension(file, "rels")
    }

    fn format<S: Read + Seek>(&self, zip: &mut ZipArchive<S>) -> Result<Format, SheetError> {
        if self.mimetype && !self.content_types {
            let mimetype = part(zip, "mimetype", 200)?;
            if !mimetype.starts_with("application/vnd.oasis.opendocument.spreadsheet") {
                return Err(SheetError::NotASpreadsheet("another kind of document"));
            }
            if part(zip, "META-INF/manifest.xml", WHOLE).is_ok_and(|manifest| manifest.contains("encryption-data")) {
                return Err(SheetError::Encrypted);
            }
            return Ok(Format::Ods);
        }
        match self {
            Self { content_types: true, binary_workbook: true, .. } => Ok(Format::Xlsb),
            Self { content_types: true, workbook: true, .. } => Ok(Format::Xlsx),
            Self { content_types: true, document: true, .. } => {
                Err(SheetError::NotASpreadsheet("another Office document"))
            }
            // Some programs call the workbook something else; its relations tell the reader.
            Self { content_types: true, .. } => Ok(Format::Xlsx),
            _ => Err(SheetError::NotASpreadsheet("a packed file")),
        }
    }
}

fn part<S: Read + Seek>(zip: &mut ZipArchive<S>, name: &str, most: u64) -> Result<String, SheetError> {
    let unreadable = || SheetError::damaged("a part of it cannot be read");
    let mut text = Vec::new();
    let part = zip.by_name(name).map_err(|_| unreadable())?;
    part.take(most).read_to_end(&mut text).map_err(|_| unreadable())?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The list of texts says how many there are, and the reader reserves room for as many: a lie would end the process.
fn check_strings<S: Read + Seek>(zip: &mut ZipArchive<S>, index: usize, size: u64) -> Result<(), SheetError> {
    /// `<si/>`, the shortest entry.
    const SHORTEST: u64 = 5;
    /// Some programs count every use; room for this many texts costs nothing.
    const HARMLESS: u64 = 1_000_000;
    let part = zip.by_index(index).map_err(|error| not_unpacked(&error))?;
    let mut xml = quick_xml::Reader::from_reader(BufReader::new(part.take(PIECE as u64)));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer) {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.local_name().as_ref() == "sst" => {
                for attribute in tag.attributes().with_checks(false).flatten() {
                    let count: u64 = attribute.value.trim().parse().unwrap_or(0);
                    if attribute.key.as_ref() == "uniqueCount" && count > (size / SHORTEST).max(HARMLESS) {
                        return Err(SheetError::Bomb);
                    }
                }
                return Ok(());
            }
            Ok(Event::Eof) | Err(_) => return Err(SheetError::damaged("its list of texts cannot be read")),
            Ok(_) => {}
        }
    }
}

/// Refuses XML with a single piece (a text, a comment, a tag) that would fill the memory of a streaming reader.
fn check_pieces<S: Read + Seek>(zip: &mut ZipArchive<S>, index: usize) -> Result<(), SheetError> {
    let part = zip.by_index(index).map_err(|error| not_unpacked(&error))?;
    let mut reader = BufReader::with_capacity(64 << 10, part);
    let mut piece = 0;
    loop {
        let chunk = reader.fill_buf().map_err(|_| SheetError::damaged("a part of it cannot be unpacked"))?;
        if chunk.is_empty() {
            return Ok(());
        }
        // Pieces end at a tag's end; inside a buffer they are shorter than the buffer.
        match (chunk.iter().position(|b| *b == b'>'), chunk.iter().rposition(|b| *b == b'>')) {
            (Some(first), Some(last)) => {
                piece = if piece + first > PIECE { PIECE + 1 } else { chunk.len() - last };
            }
            _ => piece += chunk.len(),
        }
        if piece > PIECE {
            return Err(SheetError::Bomb);
        }
        let used = chunk.len();
        reader.consume(used);
    }
}

fn not_unpacked(error: &ZipError) -> SheetError {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => SheetError::Encrypted,
        _ => SheetError::damaged("a part of it cannot be unpacked"),
    }
}

fn has_extension(name: &str, extension: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, found)| found.eq_ignore_ascii_case(extension))
}
