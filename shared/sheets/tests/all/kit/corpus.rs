//! Files that are made to do harm, and files that are merely odd; with what each must come to.
#![allow(dead_code, clippy::unwrap_used, clippy::format_collect, reason = "test code")]

use std::fmt::Write as _;

use super::In::T;
use super::{archive, biff, brt, compound, ods_of, record, xlsx, xlsx_of, xlsx_with};

/// What reading a file comes to.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The heading, and one contact in this row.
    Contact(u32),
    /// So many rows, heading included.
    Rows(usize),
    /// Refused with this code.
    Refused(&'static str),
}
use Outcome::{Contact, Refused, Rows};

/// One file.
pub struct Hostile {
    /// What it tries.
    pub what: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it must come to.
    pub outcome: Outcome,
}

/// The heading and the contact of files that are read, as a table of CSV.
pub const CONTACT: &str = "Name,Phone\r\nAmina,0700000001\r\n";

/// Cells of a worksheet: the heading in row 1.
const HEADING: &str = "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>Name</v></c><c r=\"B1\" t=\"str\"><v>Phone</v></c></row>";

fn contact(row: u32) -> String {
    format!(
        "<row r=\"{row}\"><c r=\"A{row}\" t=\"str\"><v>Amina</v></c><c r=\"B{row}\" t=\"str\"><v>0700000001</v></c></row>"
    )
}

/// A worksheet with the contact in row 2, and this before it.
fn sheet(before: &str) -> String {
    format!("{HEADING}{before}{}", contact(2))
}

fn letters(column: u32) -> String {
    sheets::columns::letter(column as usize)
}

/// All of them.
pub fn files() -> Vec<Hostile> {
    let file = |what, name, bytes, outcome| Hostile { what, name, bytes, outcome };
    let mut files = vec![
        file("a ratio of a thousand", "x.xlsx", ratio(), Refused("file_bomb")),
        file("archives in archives", "x.xlsx", nested(), Contact(2)),
        file("parts that share their bytes", "x.xlsx", shared_bytes(), Refused("file_bomb")),
        file("a directory of 65,000 parts", "x.xlsx", directory(), Refused("file_bomb")),
        file("a count of texts that is a lie", "x.xlsx", lying_count(), Contact(2)),
        file("one long text in every cell", "x.xlsx", one_text_everywhere(), Rows(2_001)),
        file("200,000 merged cells", "x.xlsx", merged(), Contact(2)),
        file("a million styled empty rows", "x.xlsx", styled_rows(), Contact(1_000_000)),
        file("styles in 16,384 columns", "x.xlsx", styled_columns(), Contact(2)),
        file("values in 16,384 columns", "x.xlsx", wide(), Refused("too_many_columns")),
        file("elements in each other, a million deep", "x.xlsx", deep(), Contact(2)),
        file("the same in OpenDocument", "x.ods", deep_ods(), Contact(2)),
        file("a row that repeats a million times", "x.ods", repeated_rows(), Refused("too_many_rows")),
        file("two cells far apart", "x.xls", far_apart(), Refused("file_bomb")),
        file("a record that announces 256 MB", "x.xlsb", long_record(), Refused("file_bomb")),
        file("an encrypted package", "x.xlsx", compound("/EncryptedPackage", &[1; 5000]), Refused("file_encrypted")),
        file("an encrypted part", "x.xlsx", encrypted_part(), Refused("file_encrypted")),
        file(
            "a workbook called .xls",
            "x.xls",
            xlsx(&[&[T("Name"), T("Phone")], &[T("Amina"), T("0700000001")]]),
            Contact(2),
        ),
        file("a table in text called .xls", "x.xls", CONTACT.into(), Contact(2)),
        file(
            "a web page called .xls",
            "x.xls",
            b"<html><table><tr><td>0700000001".to_vec(),
            Refused("not_a_spreadsheet"),
        ),
        file(
            "a row that never ends",
            "x.csv",
            [b"Name,Phone\n\"", &b"Amina,0700000001\n".repeat(100_000)[..]].concat(),
            Refused("file_damaged"),
        ),
        file(
            "500,000 separators",
            "x.csv",
            ["Name,Phone\nAmina,0700000001\n", &"x,".repeat(500_000)].concat().into(),
            Refused("too_many_columns"),
        ),
        file(
            "brackets in each other",
            "x.json",
            ["[{\"phone\":", &"[".repeat(900_000)].concat().into(),
            Refused("file_damaged"),
        ),
        file(
            "an object that never ends",
            "x.json",
            ["[{\"phone\":\"", &"0".repeat(5 << 20)].concat().into(),
            Refused("file_damaged"),
        ),
        file(
            "a line of 5 MB",
            "x.ndjson",
            ["{\"phone\":\"", &"0".repeat(5 << 20), "\"}"].concat().into(),
            Refused("file_damaged"),
        ),
        file("10,000 keys", "x.json", keys(), Refused("too_many_columns")),
    ];
    for (what, markup) in [
        ("a text of 15 MB", format!("<row r=\"2\"><c r=\"A2\" t=\"str\"><v>{}</v></c></row>", "x".repeat(15 << 20))),
        (
            "a text of 15 MB in pieces",
            format!("<row r=\"2\"><c r=\"A2\" t=\"str\"><v>{}</v></c></row>", "<!--x-->x".repeat(15 << 17)),
        ),
        ("an attribute of 15 MB", format!("<row r=\"2\"><c r=\"A2\" x=\"{}\"/></row>", "x".repeat(15 << 20))),
        ("a comment of 15 MB", format!("<!--{}-->", "x<".repeat(7 << 20))),
    ] {
        files.push(file(what, "x.xlsx", xlsx_of(&sheet(&markup), None), Refused("file_bomb")));
    }
    for (what, row) in [
        ("a row beyond the last", "<row r=\"1048577\"><c r=\"A1048577\"><v>1</v></c></row>"),
        ("a row beyond all numbers", "<row r=\"99999999999999999999\"/>"),
        ("a column beyond the last", "<row r=\"2\"><c r=\"XFE2\"/></row>"),
        ("a column beyond all letters", "<row r=\"2\"><c r=\"ZZZZZZZZZZZZZZZ2\"/></row>"),
        (
            "rows that come twice",
            "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"3\"/><row r=\"1\"><c r=\"A1\"><v>2</v></c></row>",
        ),
        ("an unknown type", "<row r=\"2\"><c r=\"A2\" t=\"x\"><v>1</v></c></row>"),
        ("a text that is not in the list", "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>18446744073709551615</v></c></row>"),
    ] {
        files.push(file(what, "x.xlsx", xlsx_of(&sheet(row), None), Refused("file_damaged")));
    }
    files.extend(entities());
    files.extend(text_files());
    files
}

fn ratio() -> Vec<u8> {
    let zeros = vec![b' '; 40 << 20];
    archive(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", &zeros)])
}

fn nested() -> Vec<u8> {
    let zeros = vec![0; 10 << 20];
    let mut inner = archive(&[("zeros", &zeros)]);
    for _ in 0..5 {
        let copies: Vec<(String, &[u8])> = (0..16).map(|number| (format!("{number}.zip"), &inner[..])).collect();
        let copies: Vec<(&str, &[u8])> = copies.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
        inner = archive(&copies);
    }
    xlsx_with(&sheet(""), &[("xl/media/inner.zip", &inner)])
}

/// The entries of the directory of an archive, and where it begins.
fn entries(bytes: &[u8]) -> (usize, Vec<Vec<u8>>) {
    let end = bytes.len() - 22;
    let word = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let start = u32::from_le_bytes(bytes[end + 16..end + 20].try_into().unwrap()) as usize;
    let (mut at, mut entries) = (start, Vec::new());
    while at < end {
        let size = 46 + word(at + 28) + word(at + 30) + word(at + 32);
        entries.push(bytes[at..at + size].to_vec());
        at += size;
    }
    (start, entries)
}

/// The archive with other entries in its directory.
fn with_entries(bytes: &[u8], start: usize, entries: &[Vec<u8>]) -> Vec<u8> {
    let directory = entries.concat();
    let count = (entries.len() as u16).to_le_bytes();
    let sizes = [(directory.len() as u32).to_le_bytes(), (start as u32).to_le_bytes()].concat();
    [&bytes[..start], &directory, b"PK\x05\x06\0\0\0\0", &count, &count, &sizes, &[0, 0]].concat()
}

/// A bomb without nesting (<https://www.usenix.org/conference/woot19/presentation/fifield>): 15 MB that a hundred parts
/// claim as theirs.
fn shared_bytes() -> Vec<u8> {
    let zeros = vec![0; 15 << 20];
    let bytes = xlsx_with(&sheet(""), &[("xl/media/000.bin", &zeros)]);
    let (start, mut entries) = entries(&bytes);
    let last = entries.last().unwrap().clone();
    for number in 1..100 {
        let mut copy = last.clone();
        copy[46 + 9..46 + 12].copy_from_slice(format!("{number:03}").as_bytes());
        entries.push(copy);
    }
    with_entries(&bytes, start, &entries)
}

fn directory() -> Vec<u8> {
    let bytes = xlsx_with(&sheet(""), &[("xl/media/a-rather-long-name-for-a-picture-00000.png", b"x")]);
    let (start, mut entries) = entries(&bytes);
    let last = entries.last().unwrap().clone();
    for number in 1..65_000 {
        let mut copy = last.clone();
        copy[46 + 39..46 + 44].copy_from_slice(format!("{number:05}").as_bytes());
        entries.push(copy);
    }
    with_entries(&bytes, start, &entries)
}

fn encrypted_part() -> Vec<u8> {
    let bytes = xlsx_of(&sheet(""), None);
    let (start, mut entries) = entries(&bytes);
    // General purpose bit 0 (APPNOTE 4.4.4).
    entries.last_mut().unwrap()[8] |= 1;
    with_entries(&bytes, start, &entries)
}

fn lying_count() -> Vec<u8> {
    let strings = "<sst count=\"1\" uniqueCount=\"4294967295\"><si><t>Name</t></si><si><t>Phone</t></si><si><t>Amina</t></si>\
                   <si><t>0700000001</t></si></sst>";
    let cells = "<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c></row><row><c t=\"s\"><v>2</v></c><c t=\"s\"><v>3</v></c></row>";
    xlsx_of(cells, Some(strings))
}

/// 2,000 rows of 100 cells, each 32 KB: 6 GB, if each cell were kept as it is.
fn one_text_everywhere() -> Vec<u8> {
    let strings = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(32 << 10));
    let mut cells = HEADING.to_owned();
    for row in 2..2_002 {
        write!(cells, "<row r=\"{row}\"><c/><c><v>254700000001</v></c>").unwrap();
        cells += &"<c t=\"s\"><v>0</v></c>".repeat(98);
        cells += "</row>";
    }
    xlsx_of(&cells, Some(&strings))
}

fn merged() -> Vec<u8> {
    let merged = "<mergeCell ref=\"A1:XFD1048576\"/>".repeat(200_000);
    xlsx_of(&format!("{}</sheetData><mergeCells>{merged}</mergeCells><sheetData>", sheet("")), None)
}

fn styled_rows() -> Vec<u8> {
    let mut cells = HEADING.to_owned();
    for row in 2..1_000_000 {
        write!(cells, "<row r=\"{row}\" s=\"1\" customFormat=\"1\"><c r=\"A{row}\" s=\"1\"/></row>").unwrap();
    }
    xlsx_of(&(cells + &contact(1_000_000)), None)
}

fn styled_columns() -> Vec<u8> {
    let row = |row: u32| {
        let cells: String = (2..16_384).map(|column| format!("<c r=\"{}{row}\" s=\"1\"/>", letters(column))).collect();
        format!("<row r=\"{row}\">{cells}</row>")
    };
    let rows: String = (3..60).map(row).collect();
    xlsx_of(&(sheet("") + &rows), None)
}

fn wide() -> Vec<u8> {
    let cells: String = (0..16_384).map(|column| format!("<c r=\"{}2\"><v>1</v></c>", letters(column))).collect();
    xlsx_of(&format!("{HEADING}<row r=\"2\">{cells}</row>"), None)
}

fn deep() -> Vec<u8> {
    let depth = 1_000_000;
    xlsx_of(&sheet(&("<a>".repeat(depth) + &"</a>".repeat(depth))), None)
}

const ODS_ROWS: [&str; 2] = ["Name|Phone", "Amina|0700000001"];

fn ods_row(texts: &str) -> String {
    let cell =
        |text| format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>");
    format!("<table:table-row>{}</table:table-row>", texts.split('|').map(cell).collect::<String>())
}

fn deep_ods() -> Vec<u8> {
    let depth = 500_000;
    let nested = "<text:span>".repeat(depth) + &"</text:span>".repeat(depth);
    let cell =
        format!("<table:table-row><table:table-cell><text:p>{nested}</text:p></table:table-cell></table:table-row>");
    ods_of(&(ods_row(ODS_ROWS[0]) + &ods_row(ODS_ROWS[1]) + &cell))
}

fn repeated_rows() -> Vec<u8> {
    let repeated = "<table:table-row table:number-rows-repeated=\"1048574\"><table:table-cell office:value-type=\"string\"><text:p>\
                    Amina</text:p></table:table-cell><table:table-cell office:value-type=\"string\"><text:p>0700000001</text:p>\
                    </table:table-cell></table:table-row>";
    ods_of(&(ods_row(ODS_ROWS[0]) + repeated))
}

fn far_apart() -> Vec<u8> {
    let cell =
        |row: u16, column: u16| record(0x0203, &[&row.to_le_bytes()[..], &column.to_le_bytes(), &[0; 10]].concat());
    compound("/Workbook", &biff(&[cell(0, 0), cell(u16::MAX, 255)].concat()))
}

fn long_record() -> Vec<u8> {
    let sheet = [brt(0x81, &[]), brt(0x94, &[0; 16]), vec![0x00, 0xff, 0xff, 0xff, 0x7f]].concat();
    archive(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.bin", &[]), ("xl/worksheets/sheet1.bin", &sheet)])
}

fn keys() -> Vec<u8> {
    let keys: Vec<String> = (0..10_000).map(|number| format!("\"k{number}\":1")).collect();
    format!("[{{\"phone\":\"0700000001\",{}}}]", keys.join(",")).into()
}

/// What a reader of XML could be made to fetch or to unfold. Nothing is looked up: the file is damaged.
fn entities() -> Vec<Hostile> {
    let external = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>";
    let mut laughs = "<!DOCTYPE x [<!ENTITY e0 \"ha\">".to_owned();
    for number in 1..20 {
        write!(laughs, "<!ENTITY e{number} \"{}\">", format!("&e{};", number - 1).repeat(10)).unwrap();
    }
    laughs += "<!ENTITY e \"&e19;\">]>";
    let cells = sheet("<row r=\"2\"><c r=\"A2\" t=\"str\"><v>&e;</v></c></row>");
    let mut files = Vec::new();
    for (what, prolog) in [("an external entity", external), ("entities that unfold", laughs.as_str())] {
        let worksheet = format!("{prolog}<worksheet><sheetData>{cells}</sheetData></worksheet>");
        let mut file = |name, bytes| files.push(Hostile { what, name, bytes, outcome: Refused("file_damaged") });
        file("x.xlsx", super::xlsx_parts(&worksheet, None, &[]));
        let strings = format!("{prolog}<sst><si><t>&e;</t></si></sst>");
        file("x.xlsx", xlsx_of(&sheet(""), Some(&strings)));
        file("x.ods", super::ods_with(prolog, &ods_row("Name|Phone&e;")));
    }
    files
}

/// The table as text, in the ways in which programs write it.
fn text_files() -> Vec<Hostile> {
    let semicolons = CONTACT.replace(',', ";");
    let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let files = [
        ("UTF-16 with its mark and semicolons", [b"\xff\xfe", &utf16(&semicolons)[..]].concat()),
        ("UTF-16 without its mark", utf16(CONTACT)),
        (
            "UTF-16, big end first",
            [b"\xfe\xff".to_vec(), utf16(CONTACT).chunks(2).flat_map(|unit| [unit[1], unit[0]]).collect()].concat(),
        ),
        ("UTF-8 with its mark and tabs", format!("\u{feff}{}", CONTACT.replace(',', "\t")).into()),
        ("everything in quotation marks", "\"Name\";\"Phone\"\r\n\"Amina\";\"0700000001\"\r\n".into()),
        ("Excel's own first line", format!("sep=;\r\n{semicolons}").into()),
        ("lines of an old Mac", CONTACT.replace("\r\n", "\r").into()),
    ];
    let file = |(what, bytes)| Hostile { what, name: "x.csv", bytes, outcome: Contact(2) };
    files.into_iter().map(file).collect()
}
