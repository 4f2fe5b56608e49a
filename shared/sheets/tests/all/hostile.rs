//! Every file of the corpus ends with the right rows or the named error. How much memory each takes is measured by
//! `cargo run --release -p sheets --example hostile`.

use crate::kit::In::{N, T};
use crate::kit::corpus::{self, Outcome};
use crate::kit::{contacts, owned, xlsx};
use proptest::prelude::*;
use rust_xlsxwriter::{Format as Style, Workbook};
use sheets::write::{CsvStyle, CsvWriter};
use sheets::{CellKind, Limits, Row, Sheet, SheetError};

fn read(name: &str, bytes: Vec<u8>) -> Result<Vec<(u32, Vec<String>)>, SheetError> {
    let mut sheet = Sheet::open(std::io::Cursor::new(bytes), name, &Limits::default())?;
    sheet.columns(crate::kit::kenya())?;
    let texts = |cells: Vec<sheets::Cell>| cells.into_iter().map(|cell| cell.text.into()).collect();
    sheet.map(|row| row.map(|row| (row.number, texts(row.cells)))).collect()
}

#[test]
fn every_file_ends_with_the_right_rows_or_a_named_error() {
    for file in corpus::files() {
        let found = read(file.name, file.bytes);
        match (file.outcome, found) {
            (Outcome::Refused(code), found) => {
                assert_eq!(found.map_err(|error| error.code()), Err(code), "{} ({})", file.what, file.name);
            }
            (Outcome::Contact(row), found) => {
                let expected = owned(vec![(1, vec!["Name", "Phone"]), (row, vec!["Amina", "0700000001"])]);
                assert_eq!(found, Ok(expected), "{} ({})", file.what, file.name);
            }
            (Outcome::Rows(count), found) => {
                let rows = found.unwrap_or_else(|error| panic!("{}: {error}", file.what));
                assert_eq!(rows.len(), count, "{}", file.what);
                let longest = rows.iter().flat_map(|(_, cells)| cells).map(String::len).max();
                assert_eq!(longest, Some(sheets::cell::LONGEST), "{}", file.what);
            }
        }
    }
}

#[test]
fn lines_inside_quotation_marks_are_one_row() {
    let text = "\u{feff}Name;Phone;Note\r\n\"Amina\r\n\"\"Mimi\"\" Wanjiru\";0700000001;\"a;b\"\r\nOtieno;0700000002;\"\r\n\"\r\n";
    for bytes in [
        text.as_bytes().to_vec(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ] {
        let (_, rows) = contacts(&bytes, "x.csv");
        let found: Vec<_> = rows.iter().map(|row| (row.number, row.name.as_str(), row.attributes.len())).collect();
        assert_eq!(found, [(2, "Amina \"Mimi\" Wanjiru", 1), (3, "Otieno", 0)]);
        assert_eq!(rows[0].attributes["Note"].to_string(), "a;b");
    }
}

fn codes(row: &Row) -> Vec<&str> {
    row.errors.iter().map(|error| error.code.as_ref()).collect()
}

#[test]
fn dates_amounts_and_formulas_are_no_phone_numbers() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["Name", "Phone"]).unwrap();
    let date = Style::new().set_num_format("dd.mm.yyyy");
    let phone = rust_xlsxwriter::Formula::new("=B2").set_result("+254700000001");
    sheet.write_formula(1, 1, phone).unwrap();
    sheet.write_number_with_format(2, 1, 46_034.0, &date).unwrap();
    sheet.write_number_with_format(3, 1, 46_034.25, &date).unwrap();
    sheet.write_number(4, 1, 2_547_123_456.78).unwrap();
    sheet.write_number(5, 1, -254_712_345_678.0).unwrap();
    sheet.write_boolean(6, 1, true).unwrap();
    sheet.write_string(7, 1, "12.01.2026").unwrap();
    sheet.write_string(8, 1, "2026-01-12T10:00:00").unwrap();
    sheet.write_number(9, 1, 254_700_000_002.0).unwrap();
    for row in 1..10 {
        sheet.write_string(row, 0, "x").unwrap();
    }
    let (_, rows) = contacts(&book.save_to_buffer().unwrap(), "x.xlsx");
    let phones: Vec<_> = rows.iter().map(|row| row.phone.map(|phone| phone.to_string())).collect();
    assert_eq!(phones[0].as_deref(), Some("+254700000001"));
    assert_eq!(phones[8].as_deref(), Some("+254700000002"));
    for row in &rows[1..8] {
        assert_eq!((row.phone, codes(row)), (None, vec!["phone_invalid"]), "row {}", row.number);
    }
    // In a country where such digits are a number (Denmark), a date is none; and a number is no date.
    let denmark = domain::country::Country::parse("DK").unwrap();
    let columns = sheets::Columns { phone: Some(0), ..sheets::Columns::default() };
    let read = |text| columns.read(&sheets::RawRow::of_texts(1, &[text]), denmark).unwrap();
    for date in ["12.01.2026", "1/12/2026", "31-12-1999", "2026-01-12", "2026/1/12 10:00"] {
        assert_eq!(codes(&read(date)), ["phone_invalid"], "{date}");
    }
    for number in ["32-12-3456", "20 12 34 56", "32123456", "20.12.34.56"] {
        assert_eq!(read(number).errors, [], "{number}");
    }
}

#[test]
fn a_workbook_as_other_programs_write_it() {
    // Prefixes, absolute and odd paths, no places, rich and phonetic text, CDATA, escapes, dates from 1904.
    let bytes = crate::kit::archive(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", b"<Relationships><Relationship Id=\"r\" Type=\"http://x/officeDocument\" Target=\"/Book\\Main.xml\"/></Relationships>"),
        ("book/main.xml", b"<x:workbook xmlns:x=\"m\" xmlns:q=\"r\"><x:workbookPr date1904=\"1\"/><x:sheets><x:sheet name=\"hidden\" sheetId=\"1\" state=\"veryHidden\" q:id=\"a\"/><x:sheet name=\"S\" sheetId=\"2\" q:id=\"b\"/></x:sheets></x:workbook>"),
        ("book/_rels/main.xml.rels", b"<Relationships><Relationship Id=\"a\" Type=\"x/worksheet\" Target=\"nowhere.xml\"/><Relationship Id=\"b\" Type=\"x/worksheet\" Target=\"/other/Sheet.xml\"/><Relationship Id=\"c\" Type=\"x/sharedStrings\" Target=\"texts.xml\"/><Relationship Id=\"d\" Type=\"x/styles\" Target=\"styles.xml\"/></Relationships>"),
        ("book/texts.xml", b"\xef\xbb\xbf<x:sst><x:si><x:r><x:t>Na</x:t></x:r><x:r><x:t>me</x:t></x:r><x:rPh sb=\"0\" eb=\"1\"><x:t>no</x:t></x:rPh></x:si><x:si><x:t><![CDATA[<Amina>]]>_x000D_&#x20;W&amp;W</x:t></x:si></x:sst>"),
        ("book/styles.xml", b"<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"yyyy&quot;-&quot;mm\"/></numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"170\"/></cellXfs></styleSheet>"),
        ("other/sheet.xml", b"<?xml version=\"1.0\"?><x:worksheet><x:sheetData><x:row><x:c t=\"s\"><x:v>0</x:v></x:c><x:c t=\"inlineStr\"><x:is><x:t>Phone</x:t><x:rPh><x:t>no</x:t></x:rPh></x:is><x:v>no</x:v></x:c></x:row><x:row><x:c t=\"s\"><x:v> 1 </x:v></x:c><x:c><x:v>2.54700000001E11</x:v></x:c><x:c s=\"1\"><x:v>44572</x:v></x:c><x:c t=\"n\"><x:f>1+1</x:f><x:v/></x:c><x:c t=\"str\"><x:f>T(\"\")</x:f><x:v></x:v></x:c><x:c t=\"d\"><x:v>2026-01-12</x:v></x:c></x:row></x:sheetData></x:worksheet>"),
    ]);
    let rows = crate::kit::raw(&bytes, "x.xlsx").unwrap();
    let texts: Vec<Vec<&str>> =
        rows.iter().map(|row| row.cells.iter().map(|cell| cell.text.as_str()).collect()).collect();
    assert_eq!(
        texts,
        [vec!["Name", "Phone"], vec!["<Amina>\r W&W", "254700000001", "2026-01-12", "", "", "2026-01-12"]]
    );
    let kinds: Vec<_> = rows[1].cells.iter().map(|cell| cell.kind).collect();
    assert_eq!(
        kinds,
        [CellKind::Text, CellKind::Number, CellKind::Date, CellKind::Formula, CellKind::Empty, CellKind::Date]
    );
    assert_eq!((rows[0].number, rows[1].number), (1, 2));
}

#[test]
fn a_corrected_file_of_rejected_rows_is_read_without_what_was_added() {
    let file = sheets::write::write_xlsx(
        ["Name", "Phone", "City", sheets::write::ROW_HEADING, sheets::write::REASON_HEADING],
        [["=1+1", "+254700000001", "-Nakuru", "7", "This is not a phone number."]],
    )
    .unwrap();
    let (columns, rows) = contacts(&file, "x.xlsx");
    let keys: Vec<_> = columns.attributes.iter().map(|column| column.key.as_str()).collect();
    assert_eq!(keys, ["City"]);
    assert_eq!((rows[0].name.as_str(), rows[0].attributes["City"].to_string().as_str()), ("=1+1", "-Nakuru"));
    // Text, whatever it looks like: a spreadsheet program runs none of it.
    let kinds: Vec<_> = crate::kit::raw(&file, "x.xlsx").unwrap()[1].cells.iter().map(|cell| cell.kind).collect();
    assert_eq!(kinds, [CellKind::Text; 5]);
    let plain = xlsx(&[&[T("Name"), T("Phone")], &[T("x"), N(1.0)]]);
    assert_eq!(crate::kit::raw(&plain, "x.xlsx").unwrap()[1].cells[1].kind, CellKind::Number);
}

#[test]
fn apostrophes_come_back_and_only_those_that_were_added_go() {
    for text in
        ["'0", " '0", "''0", "'n Vlok", "'=1", " ' =1", "\t=1", " =1", "\tx", "'", "-", "-1", "=\"0712\"", "+254 7"]
    {
        let mut csv = CsvWriter::new(Vec::new(), ["Name", "Phone"], CsvStyle::default()).unwrap();
        csv.row([text, "0700000001"]).unwrap();
        let found = read("x.csv", csv.finish().unwrap()).unwrap();
        assert_eq!(found[1].1[0], sheets::Cell::text(text).text, "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_is_written_as_csv_is_harmless_and_comes_back(cells in prop::collection::vec("['=+@\t\r\n\u{ff1d} -]{0,3}[0-9a-zé,;\"'=+.-]{0,6}", 1..5)) {
        let mut csv = CsvWriter::new(Vec::new(), ["A"], CsvStyle { bom: true, phone_columns: vec![0] }).unwrap();
        // So that the row has something in it, and all cells keep their places.
        let row: Vec<&str> = cells.iter().map(String::as_str).chain(["end"]).collect();
        csv.row(&row).unwrap();
        let bytes = csv.finish().unwrap();
        let mut plain = csv::ReaderBuilder::new().from_reader(&bytes[3..]);
        plain.set_headers(csv::StringRecord::new());
        for (column, cell) in plain.records().flatten().flat_map(|record| record.iter().map(str::to_owned).collect::<Vec<_>>()).enumerate() {
            let number = cell.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit() || b" .,()".contains(&byte));
            let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}']) && !cell.trim().is_empty();
            prop_assert!(!formula || (number && (column == 0 || cell.starts_with('-'))), "{cell:?}");
        }
        let found = read("x.csv", [&b"\xef\xbb\xbfName,Phone\r\nx,0700000001\r\n"[..], &bytes[6..]].concat());
        let found = found.unwrap().pop().unwrap().1;
        let even = |text: &str| sheets::Cell::text(&text.replace("\r\n", "\n").replace('\r', "\n")).text.to_string();
        prop_assert_eq!(found, row.iter().map(|cell| even(cell)).collect::<Vec<_>>());
    }
}
