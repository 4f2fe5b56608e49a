//! Builds spreadsheets in every format in memory, so that no binary file is committed.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::format_push_string,
    reason = "test code; each test file uses its part"
)]

pub mod corpus;

use std::io::{Cursor, Write as _};

use rust_xlsxwriter::Workbook;
use sheets::{Columns, Limits, RawRow, Row, Sheet, SheetError};
use zip::write::SimpleFileOptions;

/// A cell of a file to be built.
#[derive(Clone, Copy)]
pub enum In<'a> {
    /// Text.
    T(&'a str),
    /// Number.
    N(f64),
    /// Nothing.
    E,
}
use In::{E, N, T};

/// The table that most tests read: a heading, an empty row, a phone number stored as a number.
pub const TABLE: &[&[In<'_>]] = &[
    &[T("Name"), T("Phone"), T("City")],
    &[T("Amina Wanjiru"), T("0700 000 001"), T("Nairobi")],
    &[],
    &[T("José Åsberg"), N(254_700_000_002.0), T("Zürich")],
    &[T("Ngozi & <Sons>"), T("+254 700 000 003"), E],
];

/// What reading [`TABLE`] gives in a format that has numbers.
pub fn expected() -> Vec<(u32, Vec<&'static str>)> {
    vec![
        (1, vec!["Name", "Phone", "City"]),
        (2, vec!["Amina Wanjiru", "0700 000 001", "Nairobi"]),
        (4, vec!["José Åsberg", "254700000002", "Zürich"]),
        (5, vec!["Ngozi & <Sons>", "+254 700 000 003"]),
    ]
}

pub fn open(bytes: &[u8], name: &str) -> Result<Sheet, SheetError> {
    Sheet::open(Cursor::new(bytes.to_vec()), name, &Limits::default())
}

pub fn raw(bytes: &[u8], name: &str) -> Result<Vec<RawRow>, SheetError> {
    open(bytes, name)?.collect()
}

/// Numbers and texts of all rows.
pub fn texts(bytes: &[u8], name: &str) -> Vec<(u32, Vec<String>)> {
    let rows = raw(bytes, name).unwrap();
    rows.into_iter().map(|row| (row.number, row.cells.into_iter().map(|cell| cell.text.into()).collect())).collect()
}

pub fn owned(rows: Vec<(u32, Vec<&str>)>) -> Vec<(u32, Vec<String>)> {
    rows.into_iter().map(|(number, row)| (number, row.into_iter().map(str::to_owned).collect())).collect()
}

/// The code of the error that reading ends with, wherever it comes.
pub fn code(bytes: &[u8], name: &str) -> &'static str {
    code_within(bytes, name, &Limits::default())
}

pub fn code_within(bytes: &[u8], name: &str, limits: &Limits) -> &'static str {
    let read = || -> Result<(), SheetError> {
        let mut sheet = Sheet::open(Cursor::new(bytes.to_vec()), name, limits)?;
        sheet.columns(kenya())?;
        sheet.try_for_each(|row| row.map(drop))
    };
    read().expect_err("the file is refused").code()
}

pub fn kenya() -> domain::country::Country {
    domain::country::Country::parse("KE").unwrap()
}

/// Columns and contacts of a file, with Kenya as the default country.
pub fn contacts(bytes: &[u8], name: &str) -> (Columns, Vec<Row>) {
    let mut sheet = open(bytes, name).unwrap();
    let columns = sheet.columns(kenya()).unwrap();
    let rows = sheet.map(Result::unwrap).filter_map(|raw| columns.read(&raw, kenya())).collect();
    (columns, rows)
}

pub fn xlsx(rows: &[&[In<'_>]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            match cell {
                T(text) => drop(sheet.write_string(row, column, *text).unwrap()),
                N(number) => drop(sheet.write_number(row, column, *number).unwrap()),
                E => {}
            }
        }
    }
    book.save_to_buffer().unwrap()
}

/// A table of texts as CSV with that separator.
pub fn csv(rows: &[&[In<'_>]], separator: char) -> String {
    let line = |cells: &&[In<'_>]| {
        let cell = |cell: &In<'_>| match cell {
            T(text) => (*text).to_owned(),
            N(number) => number.to_string(),
            E => String::new(),
        };
        cells.iter().map(cell).collect::<Vec<_>>().join(&separator.to_string())
    };
    rows.iter().map(|cells| line(cells) + "\r\n").collect()
}

pub fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

pub fn ods_of(table: &str) -> Vec<u8> {
    ods_with("", table)
}

/// The same with a prolog.
pub fn ods_with(prolog: &str, table: &str) -> Vec<u8> {
    let content = format!(
        "<?xml version=\"1.0\"?>{prolog}<office:document-content><office:body><office:spreadsheet>\
         <table:table table:name=\"Empty\"><table:table-row table:number-rows-repeated=\"1048576\"><table:table-cell \
         table:number-columns-repeated=\"16384\"/></table:table-row></table:table>\
         <table:table table:name=\"Contacts\"><table:table-column/>{table}</table:table>\
         </office:spreadsheet></office:body></office:document-content>"
    );
    archive(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<manifest:manifest/>"),
        ("content.xml", content.as_bytes()),
    ])
}

pub fn ods(rows: &[&[In<'_>]]) -> Vec<u8> {
    let mut table = String::new();
    for cells in rows {
        table += "<table:table-row>";
        for cell in *cells {
            table += &match cell {
                T(text) => format!(
                    "<table:table-cell office:value-type=\"string\"><text:p>{}</text:p></table:table-cell>",
                    escape(text)
                ),
                N(number) => format!(
                    "<table:table-cell office:value-type=\"float\" office:value=\"{number:e}\"><text:p>2.5E+11</text:p>\
                     </table:table-cell>"
                ),
                E => "<table:table-cell/>".to_owned(),
            };
        }
        table += "<table:table-cell table:number-columns-repeated=\"16000\"/></table:table-row>";
    }
    ods_of(&table)
}

/// BIFF8 records: what they are is in MS-XLS 2.4.
pub fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes(), &(data.len() as u16).to_le_bytes(), data].concat()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A workbook stream with one worksheet of these records.
pub fn biff(cells: &[u8]) -> Vec<u8> {
    let globals_begin = record(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let xf = record(0x00E0, &[0; 20]);
    let bound = |at: u32| {
        let name = [&[6, 0][..], b"Sheet1"].concat();
        record(0x0085, &[&at.to_le_bytes()[..], &[0, 0], &name].concat())
    };
    let end = record(0x000A, &[]);
    let at = globals_begin.len() + xf.len() + bound(0).len() + end.len();
    let begin = record(0x0809, &[0, 6, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    [globals_begin, xf, bound(at as u32), end.clone(), begin, cells.to_vec(), end].concat()
}

/// A compound file (MS-CFB) with one stream.
pub fn compound(name: &str, stream: &[u8]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream(name).unwrap().write_all(stream).unwrap();
    file.flush().unwrap();
    file.into_inner().into_inner()
}

pub fn xls(rows: &[&[In<'_>]]) -> Vec<u8> {
    let mut cells = Vec::new();
    for (row, values) in (0_u16..).zip(rows) {
        for (column, value) in (0_u16..).zip(*values) {
            let place = [row.to_le_bytes(), column.to_le_bytes(), [0, 0]].concat();
            match value {
                T(text) => {
                    let length = (text.encode_utf16().count() as u16).to_le_bytes();
                    cells.extend(record(0x0204, &[&place[..], &length, &[1], &utf16(text)].concat()));
                }
                N(number) => cells.extend(record(0x0203, &[&place[..], &number.to_le_bytes()].concat())),
                E => {}
            }
        }
    }
    compound("/Workbook", &biff(&cells))
}

/// Records of MS-XLSB 2.1.4: type and length in seven bits a byte.
pub fn brt(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = if kind < 128 { vec![kind as u8] } else { vec![(kind & 0x7f) as u8 | 0x80, (kind >> 7) as u8] };
    let mut length = data.len();
    loop {
        let more = length > 127;
        bytes.push((length & 0x7f) as u8 | if more { 0x80 } else { 0 });
        length >>= 7;
        if !more {
            break;
        }
    }
    bytes.extend(data);
    bytes
}

fn wide(text: &str) -> Vec<u8> {
    [&(text.encode_utf16().count() as u32).to_le_bytes()[..], &utf16(text)].concat()
}

pub fn xlsb(rows: &[&[In<'_>]]) -> Vec<u8> {
    let bundle = [&[0; 4][..], &[1, 0, 0, 0], &wide("rId1"), &wide("Sheet1")].concat();
    let workbook = [brt(0x83, &[]), brt(0x8F, &[]), brt(0x9C, &bundle), brt(0x90, &[]), brt(0x84, &[])].concat();
    let mut sheet = [brt(0x81, &[]), brt(0x94, &[0; 16]), brt(0x91, &[])].concat();
    for (row, values) in (0_u32..).zip(rows) {
        sheet.extend(brt(0x00, &[&row.to_le_bytes()[..], &[0; 12]].concat()));
        for (column, value) in (0_u32..).zip(*values) {
            let place = [&column.to_le_bytes()[..], &[0; 4]].concat();
            match value {
                T(text) => sheet.extend(brt(0x06, &[place, wide(text)].concat())),
                N(number) => sheet.extend(brt(0x05, &[&place[..], &number.to_le_bytes()].concat())),
                E => {}
            }
        }
    }
    sheet.extend([brt(0x92, &[]), brt(0x82, &[])].concat());
    let relations = b"<Relationships><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.bin\"/></Relationships>";
    archive(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.bin", &workbook),
        ("xl/_rels/workbook.bin.rels", relations),
        ("xl/worksheets/sheet1.bin", &sheet),
    ])
}

/// A small xlsx with these rows and these texts.
pub fn xlsx_of(sheet_data: &str, strings: Option<&str>) -> Vec<u8> {
    xlsx_parts(&format!("<worksheet><sheetData>{sheet_data}</sheetData></worksheet>"), strings, &[])
}

/// A small xlsx with these rows and more parts.
pub fn xlsx_with(sheet_data: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    xlsx_parts(&format!("<worksheet><sheetData>{sheet_data}</sheetData></worksheet>"), None, more)
}

/// A small xlsx with this worksheet, these texts and more parts.
pub fn xlsx_parts(worksheet: &str, strings: Option<&str>, more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", b"<Types/>"),
        (
            "_rels/.rels",
            b"<Relationships><Relationship Id=\"r\" Type=\"http://x/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
        ),
        (
            "xl/workbook.xml",
            b"<workbook xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            b"<Relationships><Relationship Id=\"rId1\" Type=\"http://x/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        ("xl/worksheets/sheet1.xml", worksheet.as_bytes()),
    ];
    if let Some(strings) = strings {
        parts.push(("xl/sharedStrings.xml", strings.as_bytes()));
    }
    parts.extend(more);
    archive(&parts)
}
