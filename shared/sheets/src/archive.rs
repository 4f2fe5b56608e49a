//! Zipped workbooks (xlsx, xlsb, ods): which one it is, and whether it is safe to unpack.
//!
//! Invariant: a part never unpacks to more than its size in the directory (`zip` fails the read beyond it), so bounds
//! on the directory bound the reading too.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::rc::Rc;

use zip::ZipArchive;
use zip::result::ZipError;

use crate::read::LONGEST;
use crate::{Format, Limits, SheetError};

/// Parts in a package: real ones have a few dozen.
const PARTS: usize = 20_000;
/// Parts below this size may have any ratio: they cannot do harm.
const SMALL: u64 = 16 << 20;
/// Bytes of a part that the readers hold as a whole: styles, the list of sheets, relations.
const WHOLE: u64 = 16 << 20;
/// Bytes of the directory of a package, and of what is read to find it: each entry takes a few times its size in memory.
const DIRECTORY: u64 = 4 << 20;

/// The format of a zipped file that is safe to read.
pub(crate) fn check<S: Read + Seek>(source: &mut S, limits: &Limits) -> Result<Format, SheetError> {
    let left = Rc::new(Cell::new(DIRECTORY));
    let directory = ZipArchive::new(Bounded { source, left: Rc::clone(&left) });
    let mut zip = match directory {
        _ if left.get() == 0 => return Err(SheetError::Bomb),
        Ok(zip) if zip.len() > PARTS => return Err(SheetError::Bomb),
        Ok(zip) => zip,
        Err(_) => return Err(SheetError::damaged("it is not complete")),
    };
    left.set(u64::MAX);
    let (mut unpacked, mut binary) = (0_u64, Vec::new());
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
        // Settings of printers and macros are no records.
        let records = ["workbook.bin", "styles.bin", "sharedstrings.bin"].iter().any(|end| name.ends_with(end));
        if records || (name.contains("worksheets/") && has_extension(&name, "bin")) {
            binary.push(index);
        }
        if name.ends_with("sharedstrings.xml") || name.ends_with("sharedstrings.bin") {
            if size > limits.strings_bytes {
                return Err(SheetError::StringsTooLarge);
            }
        } else if seen.note(&name) && size > WHOLE {
            return Err(SheetError::Bomb);
        }
    }
    let format = seen.format(&mut zip)?;
    // The readers of XML look at this themselves.
    if format == Format::Xlsb {
        for index in binary {
            let part = zip.by_index(index).map_err(|error| not_unpacked(&error))?;
            let short = has_short_records(&mut BufReader::with_capacity(64 << 10, part));
            if !short.map_err(|_| SheetError::damaged("a part of it cannot be unpacked"))? {
                return Err(SheetError::Bomb);
            }
        }
    }
    Ok(format)
}

/// A source of which only so many bytes may be read.
struct Bounded<'a, S> {
    source: &'a mut S,
    left: Rc<Cell<u64>>,
}

impl<S: Read> Read for Bounded<'_, S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into.len().min(usize::try_from(self.left.get()).unwrap_or(usize::MAX));
        if most == 0 && !into.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "more than a directory takes"));
        }
        let read = self.source.read(&mut into[..most])?;
        self.left.set(self.left.get() - read as u64);
        Ok(read)
    }
}

impl<S: Seek> Seek for Bounded<'_, S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
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

/// Whether a binary part is without a record that would fill the memory: a few bytes may announce 256 MB
/// (MS-XLSB 2.1.4).
fn has_short_records(part: &mut dyn BufRead) -> io::Result<bool> {
    let next = |part: &mut dyn BufRead| -> io::Result<Option<u8>> {
        let byte = part.fill_buf()?.first().copied();
        part.consume(usize::from(byte.is_some()));
        Ok(byte)
    };
    while let Some(kind) = next(part)? {
        if kind & 0x80 != 0 {
            next(part)?;
        }
        let mut length = 0;
        for place in 0..4 {
            let byte = next(part)?.unwrap_or(0);
            length |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                break;
            }
        }
        if length > LONGEST as u64 {
            return Ok(false);
        }
        io::copy(&mut part.take(length), &mut io::sink())?;
    }
    Ok(true)
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
