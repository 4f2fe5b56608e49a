//! Any bytes give rows or a named error: never a panic, never a reader that does not end.

use crate::kit::{TABLE, csv, ods, xls, xlsb, xlsx};
use proptest::prelude::*;
use sheets::{Limits, Sheet};

fn read_all(bytes: Vec<u8>) {
    let limits = Limits { rows: 10_000, ..Limits::default() };
    if let Ok(mut sheet) = Sheet::open(std::io::Cursor::new(bytes), "any.xlsx", &limits) {
        let columns = sheet.columns(crate::kit::kenya());
        for row in sheet.map_while(Result::ok) {
            if let Ok(columns) = &columns {
                let _ = columns.read(&row, crate::kit::kenya());
            }
        }
    }
}

/// Changes some bytes of a good file; those of a zip archive's part are changed before it is packed, too.
fn broken() -> impl Strategy<Value = Vec<u8>> {
    let files = vec![
        xlsx(TABLE),
        xlsb(TABLE),
        xls(TABLE),
        ods(TABLE),
        csv(TABLE, ';').into_bytes(),
        br#"[{"name":"A","phone":254700000001,"x":{"y":[1,null]}}]"#.to_vec(),
    ];
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12);
    (prop::sample::select(files), changes, any::<prop::sample::Index>(), any::<bool>()).prop_map(
        |(mut bytes, changes, end, cut)| {
            for (index, byte) in changes {
                let at = index.index(bytes.len());
                bytes[at] = byte;
            }
            if cut {
                bytes.truncate(end.index(bytes.len()));
            }
            bytes
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..2_000), magic in 0..4_usize) {
        let magic: &[u8] = [&b""[..], b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe"][magic];
        read_all([magic, &bytes].concat());
    }

    #[test]
    fn random_text(text in "[\\[\\]{}\",:;\t\n\r'=+0-9a-zé ]{0,400}") {
        read_all(text.into_bytes());
    }

    #[test]
    fn broken_files(bytes in broken()) {
        read_all(bytes);
    }

    #[test]
    fn broken_worksheets(cells in "(<row r=\"[0-9]{1,3}\">|</row>|<c r=\"[A-Z]{1,4}[0-9]{1,8}\"( t=\"(s|b|e|n|d|str|inlineStr)\")?>|</c>|<v>[0-9A-Z#.-]{0,4}</v>|<f>|</f>){0,12}") {
        read_all(crate::kit::xlsx_of(&cells, Some("<sst><si><t>x</t></si></sst>")));
    }

    #[test]
    fn broken_tables(table in "(<table:table-row table:number-rows-repeated=\"[0-9-]{0,9}\">|</table:table-row>|<table:table-cell office:value-type=\"(float|date|string)\">|</table:table-cell>|<text:p>|[a-z0-9&;]{1,5}|</text:p>){0,12}") {
        read_all(crate::kit::ods_of(&table));
    }

    #[test]
    fn broken_records(records in prop::collection::vec((prop::sample::select(vec![0x0006_u16, 0x0203, 0x0204, 0x00D6, 0x0205, 0x027E, 0x00FD, 0x00BD, 0x0207, 0x0200, 0x0809, 0x000A, 0x00FC, 0x00E5]), prop::collection::vec(any::<u8>(), 0..40)), 0..12)) {
        let cells: Vec<u8> = records.iter().flat_map(|(kind, data)| crate::kit::record(*kind, data)).collect();
        read_all(crate::kit::compound("/Workbook", &crate::kit::biff(&cells)));
    }
}
