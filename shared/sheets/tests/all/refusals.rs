//! Files that are refused, each with its own code and before anything is taken from it.

use crate::kit::In::{N, T};
use crate::kit::{TABLE, archive, biff, code, code_within, compound, csv, ods_of, raw, record, xls, xlsx, xlsx_of};
use sheets::{Limits, SheetError};

#[test]
fn other_files_are_not_spreadsheets() {
    let html = "<html><body><table><tr><td>Name</td><td>Phone</td></tr></table></body></html>";
    for (bytes, name) in [
        (&b"%PDF-1.7\n..."[..], "contacts.pdf"),
        (b"\x89PNG\r\n\x1a\n0000", "contacts.xlsx"),
        (html.as_bytes(), "contacts.xls"),
        (b"\xef\xbb\xbf  <?xml version=\"1.0\"?><Workbook/>", "contacts.xls"),
        (b"this is not a spreadsheet", "contacts.xlsx"),
        (b"{\\rtf1 hello}", "contacts.csv"),
        (b"BEGIN:VCARD\nTEL:+254700000001\n", "contacts.vcf"),
        (b"Name,Phone\n\0\0\0\x01\x02,0700000001\n", "contacts.csv"),
        (&[7, 200, 13, 9, 1, 2, 3, 144, 255, 16, 3, 3, 3, 8, 240, 99], "contacts.csv"),
        (&archive(&[("photo.jpg", b"\xff\xd8")]), "contacts.xlsx"),
        (&archive(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>")]), "contacts.xlsx"),
        (&archive(&[("mimetype", b"application/vnd.oasis.opendocument.text")]), "contacts.ods"),
        (&compound("/WordDocument", b"x"), "contacts.xls"),
    ] {
        assert_eq!(code(bytes, name), "not_a_spreadsheet", "{name}");
    }
}

#[test]
fn protected_files() {
    assert_eq!(code(&compound("/EncryptedPackage", &[1; 5000]), "x.xlsx"), "file_encrypted");
    let manifest = b"<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>";
    let ods = archive(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", manifest),
        ("content.xml", b"\x01\x02"),
    ]);
    assert_eq!(code(&ods, "x.ods"), "file_encrypted");
    // FilePass in an old workbook.
    let stream = [record(0x0809, &[0, 6, 5, 0]), record(0x002F, &[1, 0, 1, 0, 1, 0]), record(0x000A, &[])].concat();
    assert_eq!(code(&compound("/Workbook", &stream), "x.xls"), "file_encrypted");
}

#[test]
fn no_phone_column() {
    for table in [
        &[&[T("Name"), T("City")][..], &[T("Amina"), T("Nairobi")]][..],
        &[&[T("Name"), T("Email")], &[T("Amina"), T("amina@example.com")]],
        &[&[T("Product"), T("Price")], &[T("Soap"), N(12.5)]],
        &[&[T("No"), T("Name")], &[N(1.0), T("Amina")], &[N(2.0), T("Otieno")]],
    ] {
        assert_eq!(code(&xlsx(table), "x.xlsx"), "phone_column_missing");
    }
    assert_eq!(code(b"just some words\nand more of them\n", "x.csv"), "phone_column_missing");
}

#[test]
fn empty_files() {
    assert_eq!(code(b"", "x.csv"), "file_empty");
    assert_eq!(code(b" \r\n\t\n", "x.csv"), "file_empty");
    assert_eq!(code(&xlsx(&[]), "x.xlsx"), "file_empty");
    assert_eq!(code(&xlsx(&[&[T("Name"), T("Phone")]]), "x.xlsx"), "file_empty");
    assert_eq!(code(b"[]", "x.json"), "file_empty");
}

#[test]
fn bombs() {
    // A single piece that a streaming reader would hold; without one the same is read.
    let limits = Limits { ratio: u64::MAX, ..Limits::default() };
    let piece = format!("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{}</t></is></c></row>", "x".repeat(17 << 20));
    assert_eq!(code_within(&xlsx_of(&piece, None), "x.xlsx", &limits), "file_bomb");
    assert_eq!(code_within(&xlsx_of(&"<row></row>".repeat(17 << 17), None), "x.xlsx", &limits), "file_empty");
    // The sum of parts that are harmless each.
    let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
    let part = vec![b'x'; 600 << 10];
    assert_eq!(code_within(&archive(&[("a", &part), ("b", &part)]), "x.xlsx", &limits), "file_bomb");
    // A cell that repeats over the whole table.
    let wide = "<table:table-row><table:table-cell office:value-type=\"float\" office:value=\"1\" \
                table:number-columns-repeated=\"16384\"/></table:table-row>";
    assert_eq!(code(&ods_of(wide), "x.ods"), "too_many_columns");
    let long = wide
        .replace("16384", "3")
        .replace("<table:table-row>", "<table:table-row table:number-rows-repeated=\"4000000000\">");
    assert_eq!(raw(&ods_of(&long), "x.ods").unwrap_err().code(), "too_many_rows");
    let cell =
        |row: u16, column: u16| record(0x0203, &[&row.to_le_bytes()[..], &column.to_le_bytes(), &[0; 10]].concat());
    // A size that is only claimed does no harm.
    let claimed = [record(0x0200, &[0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 255, 255, 0, 0]), cell(0, 0)].concat();
    assert_eq!(raw(&compound("/Workbook", &biff(&claimed)), "x.xls").unwrap().len(), 1);
}

#[test]
fn a_part_that_is_larger_than_its_directory_says() {
    let sheet = format!("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{}</t></is></c></row>", "x".repeat(50_000));
    let mut bytes = xlsx_of(&sheet, None);
    let size = (sheet.len() + "<worksheet><sheetData></sheetData></worksheet>".len()) as u32;
    let (size, lie) = (size.to_le_bytes(), 100_u32.to_le_bytes());
    let mut found = 0;
    for at in 0..bytes.len() - 4 {
        if bytes[at..at + 4] == size {
            bytes[at..at + 4].copy_from_slice(&lie);
            found += 1;
        }
    }
    assert_eq!(found, 2, "in the directory and before the part");
    assert_eq!(raw(&bytes, "x.xlsx").unwrap_err().code(), "file_damaged");
}

#[test]
fn texts_that_fill_the_memory() {
    let limits = Limits { strings_bytes: 1_000, ..Limits::default() };
    let rows: Vec<String> = (0..200).map(|row| format!("somebody number {row}")).collect();
    let table: Vec<[crate::kit::In<'_>; 1]> = rows.iter().map(|text| [T(text)]).collect();
    let table: Vec<&[crate::kit::In<'_>]> = table.iter().map(<[_; 1]>::as_slice).collect();
    assert_eq!(code_within(&xlsx(&table), "x.xlsx", &limits), "strings_too_large");
}

#[test]
fn limits() {
    let limits = Limits { file_bytes: 10, ..Limits::default() };
    assert_eq!(code_within(b"Name,Phone\nAmina,0700000001\n", "x.csv", &limits), "file_too_large");
    let limits = Limits { xls_bytes: 10, ..Limits::default() };
    assert_eq!(code_within(&xls(TABLE), "x.xls", &limits), "file_too_large");
    let row = [T("x"); 101];
    assert_eq!(code(&xlsx(&[&row]), "x.xlsx"), "too_many_columns");
    assert_eq!(code(csv(&[&row], ',').as_bytes(), "x.csv"), "too_many_columns");
    assert_eq!(raw(&xlsx(&[&row[..100]]), "x.xlsx").unwrap()[0].cells.len(), 100);
    let limits = Limits::small(2, 4 << 20);
    let table: &[&[crate::kit::In<'_>]] =
        &[&[T("Name"), T("Phone")], &[T("A"), T("0700000001")], &[T("B"), T("0700000002")]];
    let rows = sheets::Sheet::open(std::io::Cursor::new(xlsx(table)), "x", &limits).unwrap();
    assert!(rows.collect::<Result<Vec<_>, _>>().is_ok());
    let one_more = [table, &[&[T("C"), T("0700000003")]]].concat();
    assert_eq!(code_within(&xlsx(&one_more), "x.xlsx", &limits), "too_many_rows");
}

#[test]
fn damaged_files() {
    let whole = xlsx(TABLE);
    for end in [4, 30, whole.len() / 2, whole.len() - 1] {
        assert_eq!(code(&whole[..end], "x.xlsx"), "file_damaged", "cut at {end}");
    }
    let whole = xls(TABLE);
    for end in [8, 100, 513, 1_100] {
        assert_eq!(code(&whole[..end], "x.xls"), "file_damaged", "cut at {end}");
    }
    assert_eq!(code(&xlsx_of("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>99</v></c></row>", None), "x.xlsx"), "file_damaged");
    let repeated = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><v>1</v></c></row>\
                    <row r=\"1\"><c r=\"A1\"><v>1</v></c></row>";
    assert_eq!(raw(&xlsx_of(repeated, None), "x.xlsx").unwrap_err().code(), "file_damaged");
    assert_eq!(code(&ods_of("<table:table-row>")[..300], "x.ods"), "file_damaged");
    assert_eq!(code(b"[{\"phone\":\"1\"},", "x.json"), "file_damaged");
    assert_eq!(code(b"[{\"phone\":\"1\"},[1]]", "x.json"), "file_damaged");
    assert_eq!(code(b"{\"phone\":\"1\"}\n{\"phone\":", "x.json"), "file_damaged");
    let open_quote = [b"Name,Phone\n\"Amina,0700000001\n".to_vec(), b"Otieno,0700000002\n".repeat(100_000)].concat();
    assert_eq!(code(&open_quote, "x.csv"), "file_damaged");
}

#[test]
fn errors_become_those_of_the_product() {
    let error: domain::Error = SheetError::PhoneColumnMissing.into();
    assert!(matches!(error, domain::Error::Unprocessable { code: "phone_column_missing", .. }));
    let error: domain::Error = SheetError::TooManyRows { limit: 5_000 }.into();
    assert!(matches!(error, domain::Error::TooLarge { code: "too_many_rows", .. }));
}
