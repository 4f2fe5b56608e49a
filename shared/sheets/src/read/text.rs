//! Text in any of the usual encodings as a stream of UTF-8 with `\n` at the end of every line, in constant memory.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::Bytes;
use crate::SheetError;
use crate::open::unreadable;

const CHUNK: usize = 64 << 10;
/// Bytes of text that are not plain ASCII which the guess of an old encoding is made from.
const EVIDENCE: usize = 1 << 20;
/// Bytes of one row or one JSON object. A missing quotation mark makes a row out of the rest of the file.
const LONGEST: usize = 1 << 20;

/// The beginning of a file as text.
pub(crate) fn sample(head: &[u8]) -> Result<String, SheetError> {
    let encoding = by_mark(head).or_else(|| by_zeros(head)).unwrap_or_else(|| {
        // The head may end inside a character.
        let valid = Encoding::utf8_valid_up_to(head);
        if valid + 3 >= head.len() && head.len() - valid < 4 {
            UTF_8
        } else {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
            detector.feed(head, true);
            detector.guess(None, Utf8Detection::Deny)
        }
    });
    if encoding != UTF_16LE && encoding != UTF_16BE && head.contains(&0) {
        return Err(SheetError::NotASpreadsheet("a binary file"));
    }
    Ok(encoding.decode_with_bom_removal(head).0.into_owned())
}

fn by_mark(head: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_bom(head).map(|(encoding, _)| encoding)
}

/// UTF-16 without a mark: in most texts every other byte is zero.
fn by_zeros(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.len() / 2;
    let zeros = |offset: usize| head.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if pairs < 2 || (even + odd) * 3 < pairs {
        None
    } else if odd > even * 4 {
        Some(UTF_16LE)
    } else if even > odd * 4 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The encoding of the whole file: its mark, else UTF-8 if every byte of it is, else the best guess.
/// A file whose first accent comes after a thousand rows needs the whole file looked at.
fn encoding_of<S: Read + Seek + ?Sized>(source: &mut S) -> Result<&'static Encoding, SheetError> {
    let mut buffer = vec![0; CHUNK];
    source.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let mut kept = 0;
    let mut first = true;
    loop {
        let read = source.read(&mut buffer[kept..]).map_err(unreadable)?;
        let filled = &buffer[..kept + read];
        if first && let Some(encoding) = by_mark(filled).or_else(|| by_zeros(filled)) {
            return Ok(encoding);
        }
        first = false;
        if filled.contains(&0) {
            return Err(SheetError::NotASpreadsheet("a binary file"));
        }
        let valid = Encoding::utf8_valid_up_to(filled);
        let rest = filled.len() - valid;
        if read == 0 && rest == 0 {
            return Ok(UTF_8);
        }
        if rest > 3 || read == 0 {
            break;
        }
        buffer.copy_within(valid..valid + rest, 0);
        kept = rest;
    }
    source.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut evidence = 0;
    while evidence < EVIDENCE {
        let read = source.read(&mut buffer).map_err(unreadable)?;
        if read == 0 {
            break;
        }
        if !buffer[..read].is_ascii() {
            detector.feed(&buffer[..read], false);
            evidence += read;
        }
    }
    detector.feed(b"\n", true);
    Ok(detector.guess(None, Utf8Detection::Deny))
}

/// How much text may still be read before the record must end; given back to [`Text`] at each record.
#[derive(Clone)]
pub(crate) struct Allowance(Rc<Cell<usize>>);

impl Allowance {
    /// A new record begins.
    pub(crate) fn renew(&self) {
        self.0.set(LONGEST);
    }
}

/// A file as UTF-8.
pub(crate) struct Text {
    source: Bytes,
    decoder: Decoder,
    raw: Vec<u8>,
    /// Where the undecoded part of `raw` is.
    pending: std::ops::Range<usize>,
    decoded: String,
    served: usize,
    after_return: bool,
    finished: bool,
    allowance: Allowance,
}

impl Text {
    /// The text of a file from its beginning.
    pub(crate) fn open(mut source: Bytes) -> Result<Self, SheetError> {
        let encoding = encoding_of(&mut source)?;
        source.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let allowance = Allowance(Rc::new(Cell::new(LONGEST)));
        Ok(Self {
            source,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: vec![0; CHUNK],
            pending: 0..0,
            decoded: String::with_capacity(CHUNK * 2),
            served: 0,
            after_return: false,
            finished: false,
            allowance,
        })
    }

    /// The handle that a reader of records renews.
    pub(crate) fn allowance(&self) -> Allowance {
        self.allowance.clone()
    }

    /// The file's bytes again, for a second pass.
    pub(crate) fn into_source(self) -> Bytes {
        self.source
    }

    /// The next chunk of text, without taking it; empty at the end.
    pub(crate) fn peek(&mut self) -> io::Result<&str> {
        while self.served == self.decoded.len() && !self.finished {
            self.decode()?;
        }
        Ok(&self.decoded[self.served..])
    }

    fn decode(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            self.pending = 0..self.source.read(&mut self.raw)?;
        }
        let last = self.pending.is_empty();
        self.decoded.clear();
        self.served = 0;
        let (result, read, _) = self.decoder.decode_to_string(&self.raw[self.pending.clone()], &mut self.decoded, last);
        self.pending.start += read;
        if self.decoded.contains('\r') || self.after_return {
            self.even_line_ends();
        }
        if last && result == CoderResult::InputEmpty {
            // So that the last line is a line too.
            self.decoded.push('\n');
            self.finished = true;
        }
        Ok(())
    }

    /// `\r\n` and the lone `\r` of old Macs become `\n`, also across chunks.
    fn even_line_ends(&mut self) {
        let mut even = String::with_capacity(CHUNK * 2);
        for c in self.decoded.chars() {
            match c {
                '\n' if self.after_return => {}
                '\r' => even.push('\n'),
                c => even.push(c),
            }
            self.after_return = c == '\r';
        }
        self.decoded = even;
    }
}

impl Read for Text {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.allowance.0.get();
        if left == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a record is too long"));
        }
        let text = self.peek()?.as_bytes();
        let count = text.len().min(into.len()).min(left);
        into[..count].copy_from_slice(&text[..count]);
        self.served += count;
        self.allowance.0.set(left - count);
        Ok(count)
    }
}
