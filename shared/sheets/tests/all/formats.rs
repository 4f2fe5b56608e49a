//! The same table in every format gives the same rows, with the row numbers that people see.

use crate::kit::In::{E, N, T};
use crate::kit::{TABLE, csv, expected, ods, open, owned, raw, texts, xls, xlsb, xlsx, xlsx_of};
use rust_xlsxwriter::{Format as Style, Workbook};
use sheets::{CellKind, Format, write};

#[test]
fn workbooks_of_every_kind_are_read_alike() {
    for (format, bytes) in
        [(Format::Xlsx, xlsx(TABLE)), (Format::Xlsb, xlsb(TABLE)), (Format::Xls, xls(TABLE)), (Format::Ods, ods(TABLE))]
    {
        // The name is only a hint.
        assert_eq!(open(&bytes, "contacts.csv").unwrap().format(), format);
        assert_eq!(texts(&bytes, "x"), owned(expected()), "{format:?}");
        let rows = raw(&bytes, "x").unwrap();
        assert_eq!(rows[2].cells[1].kind, CellKind::Number, "{format:?}");
        assert_eq!(rows[1].cells[1].kind, CellKind::Text, "{format:?}");
    }
}

#[test]
fn text_in_every_encoding_and_with_every_separator() {
    for separator in [',', ';', '\t', '|'] {
        let text = csv(TABLE, separator);
        let utf16le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf16be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let latin1: Vec<u8> = text.chars().map(|c| c as u8).collect();
        for (encoding, bytes) in [
            ("UTF-8", text.clone().into_bytes()),
            ("UTF-8 with mark", ["\u{feff}", &text].concat().into_bytes()),
            ("UTF-16LE with mark, as Excel writes it", [b"\xff\xfe", &utf16le[..]].concat()),
            ("UTF-16BE with mark", [b"\xfe\xff", &utf16be[..]].concat()),
            ("UTF-16LE", utf16le.clone()),
            ("Windows-1252", latin1),
            ("UTF-8, old Mac lines", text.replace("\r\n", "\r").into_bytes()),
            ("UTF-8, no last line end", text.trim_end().replace("\r\n", "\n").into_bytes()),
        ] {
            assert_eq!(open(&bytes, "x.xlsx").unwrap().format(), Format::Csv);
            assert_eq!(texts(&bytes, "x.csv"), owned(expected()), "{encoding} {separator:?}");
        }
    }
}

#[test]
fn semicolons_with_decimal_commas() {
    let text = "Name;Phone;Balance\nAmina;0700000001;1200,50\nOtieno;0700000002;-3,25\n";
    assert_eq!(texts(text.as_bytes(), "x.csv")[1].1, ["Amina", "0700000001", "1200,50"]);
}

#[test]
fn csv_row_numbers_are_those_of_excel() {
    let text = "sep=;\r\nName;Phone\r\n\r\n\"two\r\nlines\";0700000001\r\n\r\n\r\nlast;0700000002";
    let rows = texts(text.as_bytes(), "x.csv");
    assert_eq!(
        rows,
        owned(vec![(1, vec!["Name", "Phone"]), (3, vec!["two\nlines", "0700000001"]), (6, vec!["last", "0700000002"])])
    );
}

#[test]
fn text_that_excel_was_told_to_leave_alone() {
    let text = "Name,Phone\n'=cmd,\"=\"\"0700000001\"\"\"\n'+254,=\"0700000002\"\n'00,'0700000003\n'n Vlok,1\n";
    let rows = texts(text.as_bytes(), "x.csv");
    assert_eq!(rows[1].1, ["=cmd", "0700000001"]);
    assert_eq!(rows[2].1, ["+254", "0700000002"]);
    assert_eq!(rows[3].1, ["00", "0700000003"]);
    assert_eq!(rows[4].1, ["'n Vlok", "1"]);
}

#[test]
fn an_accent_far_down_in_an_old_encoding() {
    let mut bytes = b"Name,Phone\n".to_vec();
    for _ in 0..20_000 {
        bytes.extend(b"Amina,0700000001\n");
    }
    bytes.extend(b"Jos\xe9,0700000002\n");
    assert_eq!(texts(&bytes, "x.csv").last().unwrap().1[0], "José");
}

#[test]
fn json_and_ndjson() {
    let json = r#" [{"name":"Amina","phone":"0700 000 001","attributes":{"City":"Nairobi"}},
        {"phone":254700000002,"name":null,"vip":true,"score":2.5e11,"tags":["a","b"],"geo":{"lat":-1.25}}]"#;
    let expected = vec![
        (0, vec!["name", "phone", "City", "vip", "score", "tags", "geo.lat"]),
        (1, vec!["Amina", "0700 000 001", "Nairobi"]),
        (2, vec!["", "254700000002", "", "true", "250000000000", "a, b", "-1.25"]),
    ];
    assert_eq!(open(json.as_bytes(), "x").unwrap().format(), Format::Json);
    assert_eq!(texts(json.as_bytes(), "x.json"), owned(expected));
    let lines = "\u{feff}{\"name\":\"Amina\",\"phone\":\"0700000001\"}\n\n{\"phone\":\"0700000002\"}";
    assert_eq!(open(lines.as_bytes(), "x").unwrap().format(), Format::Ndjson);
    assert_eq!(
        texts(lines.as_bytes(), "x"),
        owned(vec![(0, vec!["name", "phone"]), (1, vec!["Amina", "0700000001"]), (3, vec!["", "0700000002"])])
    );
}

#[test]
fn formulas_dates_booleans_and_errors() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let date = Style::new().set_num_format("yyyy-mm-dd");
    sheet.write_formula(0, 0, rust_xlsxwriter::Formula::new("=1+1").set_result("0700 000 001")).unwrap();
    sheet.write_formula(0, 1, rust_xlsxwriter::Formula::new("=A1*2").set_result("2.54712345678E+11")).unwrap();
    sheet.write_number_with_format(0, 2, 46_034.0, &date).unwrap();
    sheet.write_number_with_format(0, 3, 46_034.5, &date).unwrap();
    sheet.write_boolean(0, 4, true).unwrap();
    // A phone number in a column formatted as dates.
    sheet.write_number_with_format(0, 5, 712_345_678.0, &date).unwrap();
    let rows = raw(&book.save_to_buffer().unwrap(), "x").unwrap();
    let cells: Vec<_> = rows[0].cells.iter().map(|cell| (cell.text.as_str(), cell.kind)).collect();
    assert_eq!(
        cells,
        [
            ("0700 000 001", CellKind::Text),
            ("254712345678", CellKind::Number),
            ("2026-01-12", CellKind::Date),
            ("2026-01-12T12:00:00", CellKind::Date),
            ("true", CellKind::Bool),
            ("712345678", CellKind::Number),
        ]
    );
    let sheet = "<row r=\"7\"><c r=\"A7\" t=\"str\"><f>B7</f></c><c r=\"B7\" t=\"e\"><v>#N/A</v></c>\
                 <c r=\"C7\" t=\"inlineStr\"><is><r><t xml:space=\"preserve\">rich </t></r><r><t>text</t></r></is></c></row>";
    let rows = raw(&xlsx_of(sheet, None), "x").unwrap();
    let kinds: Vec<_> = rows[0].cells.iter().map(|cell| cell.kind).collect();
    assert_eq!((rows[0].number, kinds), (7, vec![CellKind::Formula, CellKind::Error, CellKind::Text]));
    assert_eq!(rows[0].text(2), "rich text");
}

#[test]
fn the_first_visible_worksheet_with_anything_in_it() {
    let mut book = Workbook::new();
    book.add_worksheet().write_string(0, 0, "secret").unwrap();
    book.worksheet_from_index(0).unwrap().set_hidden(true);
    book.add_worksheet();
    let styled = book.add_worksheet();
    styled.write_blank(0, 500, &Style::new().set_bold()).unwrap();
    styled.set_active(true);
    book.add_worksheet().write_string(3, 1, "0700000001").unwrap();
    book.add_worksheet().write_string(0, 0, "later").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    assert_eq!(texts(&bytes, "x"), owned(vec![(4, vec!["", "0700000001"])]));
}

#[test]
fn merged_cells_count_once() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 2, "Contacts 2026", &Style::new()).unwrap();
    sheet.write_row(1, 0, ["Name", "Phone"]).unwrap();
    sheet.merge_range(2, 0, 3, 0, "The Odhiambos", &Style::new()).unwrap();
    sheet.write_string(2, 1, "0700000001").unwrap();
    sheet.write_string(3, 1, "0700000002").unwrap();
    let rows = texts(&book.save_to_buffer().unwrap(), "x");
    assert_eq!(rows[3], (4, vec![String::new(), "0700000002".to_owned()]));
    let table = "<table:table-row><table:table-cell office:value-type=\"string\" table:number-rows-spanned=\"2\"><text:p>A\
                 <text:s text:c=\"2\"/>B</text:p><office:annotation><text:p>note</text:p></office:annotation></table:table-cell>\
                 </table:table-row><table:table-row table:number-rows-repeated=\"2\"><table:covered-table-cell \
                 office:value-type=\"string\"><text:p>under</text:p></table:covered-table-cell>\
                 <table:table-cell office:value-type=\"float\" office:value=\"7\" table:number-columns-repeated=\"2\"/>\
                 </table:table-row>";
    let rows = texts(&crate::kit::ods_of(table), "x");
    assert_eq!(rows, owned(vec![(1, vec!["A  B"]), (2, vec!["", "7", "7"]), (3, vec!["", "7", "7"])]));
}

#[test]
fn what_is_written_is_read_again() {
    let rows = [["=SUM(A1)", "+254700000001"], ["Amina, \"A\"", "0700000002"]];
    let xlsx = write::write_xlsx(["Name", "Phone"], rows).unwrap();
    let expected = vec![(1, vec!["Name", "Phone"]), (2, rows[0].to_vec()), (3, rows[1].to_vec())];
    assert_eq!(texts(&xlsx, "x"), owned(expected.clone()));
    let style = write::CsvStyle { bom: true, phone_columns: vec![1] };
    let mut csv = write::CsvWriter::new(Vec::new(), ["Name", "Phone"], style).unwrap();
    for row in rows {
        csv.row(row).unwrap();
    }
    assert_eq!(texts(&csv.finish().unwrap(), "x"), owned(expected));
}

#[test]
fn shared_texts_and_many_rows() {
    let table: Vec<Vec<crate::kit::In<'_>>> = (0..5_000).map(|row| vec![T("the same"), E, N(f64::from(row))]).collect();
    let table: Vec<&[crate::kit::In<'_>]> = table.iter().map(Vec::as_slice).collect();
    let rows = raw(&xlsx(&table), "x").unwrap();
    assert_eq!(rows.len(), 5_000);
    assert_eq!((rows[4_999].number, rows[4_999].text(0), rows[4_999].text(2)), (5_000, "the same", "4999"));
    // Nobody waits for the rest of the file.
    assert!(open(&xlsx(&table), "x").unwrap().take(3).all(|row| row.is_ok()));
}
