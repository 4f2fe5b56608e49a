//! Rows become contacts: columns recognised, numbers repaired, duplicates found.

use crate::kit::In::{E, N, T};
use crate::kit::{contacts, csv, kenya, open, xlsx, xlsx_of};
use domain::attributes::Value;
use domain::country::Country;
use sheets::{AttributeColumn, Columns, Duplicates, RawRow, Repair, Row};

fn columns(text: &str) -> Columns {
    open(text.as_bytes(), "x.csv").unwrap().columns(kenya()).unwrap()
}

fn phone(row: &Row) -> String {
    row.phone.map(|phone| phone.to_string()).unwrap_or_default()
}

#[test]
fn a_heading_names_the_columns() {
    let found = columns(
        "Email,CITY, First Name ,Last name,Mobile No.,Tags,city,,Time zone\na@b.example,x,A,B,0700000001,t,y,z,UTC\n",
    );
    let attribute = |column, key: &str| AttributeColumn { column, key: key.to_owned() };
    let expected = Columns {
        header_row: Some(1),
        name: vec![2, 3],
        phone: Some(4),
        email: Some(0),
        tags: Some(5),
        timezone: Some(8),
        attributes: vec![attribute(1, "CITY"), attribute(6, "city 2"), attribute(7, "Column H")],
        headings: ["Email", "CITY", "First Name", "Last name", "Mobile No.", "Tags", "city", "", "Time zone"]
            .map(str::to_owned)
            .into(),
    };
    assert_eq!(found, expected);
}

#[test]
fn columns_can_be_shown_and_changed() {
    let columns = columns("Name,Phone,City\nAmina,0700000001,Nairobi\n");
    let json = serde_json::to_value(&columns).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"headerRow": 1, "name": [0], "phone": 1, "email": null, "tags": null, "timezone": null,
            "attributes": [{"column": 2, "key": "City"}], "headings": ["Name", "Phone", "City"]})
    );
    let changed: Columns =
        serde_json::from_value(serde_json::json!({"headerRow": 1, "name": [2], "phone": 1})).unwrap();
    let mut raw = RawRow::of_texts(2, &["Amina", "0700000001"]);
    raw.set(2, " Nairobi ");
    let row = changed.read(&raw, kenya()).unwrap();
    assert_eq!(serde_json::to_value(&row).unwrap()["rawPhone"], "0700000001");
    assert_eq!((row.name.as_str(), row.attributes.len()), ("Nairobi", 0));
}

#[test]
fn without_a_heading_names_are_in_a_and_numbers_in_b() {
    let found = columns("Amina,0700000001,Nairobi\nOtieno,0700000002,Kisumu\n");
    assert_eq!((found.header_row, found.name, found.phone), (None, vec![0], Some(1)));
    assert_eq!(found.attributes[0].key, "Column C");
    // A bad number in the first row is data too.
    let found = columns("Amina,07000\nOtieno,0700000002\nNgozi,0700000003\n");
    assert_eq!((found.header_row, found.phone), (None, Some(1)));
    let found = columns("Amina,0700000001\n");
    assert_eq!((found.header_row, found.phone), (None, Some(1)));
}

#[test]
fn the_phone_column_is_found_by_what_it_holds() {
    // Numbers alone.
    let found = columns("0700000001\n0700000002\n");
    assert_eq!((found.header_row, found.name, found.phone), (None, vec![], Some(0)));
    // Another order; amounts and dates are no phone numbers.
    let found = columns("1,2026-01-12,0700000001,Amina,a@b.example\n2,2026-01-13,0700000002,Otieno,c@d.example\n");
    assert_eq!((found.header_row, found.name, found.phone, found.email), (None, vec![3], Some(2), Some(4)));
    // A heading in words that nobody knows.
    let found = columns("Xyzzy,Plugh,Frotz\nAmina,Nairobi,0700000001\nOtieno,Kisumu,0700000002\n");
    assert_eq!((found.header_row, found.name, found.phone), (Some(1), vec![0], Some(2)));
    assert_eq!(found.attributes[0].key, "Plugh");
    // A known heading, but not for the numbers; the running number is not one.
    let found = columns("No,Name,Namba yake\n1,Amina,0700000001\n2,Otieno,0700000002\n");
    assert_eq!((found.header_row, found.name, found.phone), (Some(1), vec![1], Some(2)));
    // Of two, the one that is filled.
    let found = columns("Name,Phone,Mobile\nAmina,,0700000001\n");
    assert_eq!(found.phone, Some(2));
    let found = columns("Name,Number\nAmina,0700000001\n");
    assert_eq!(found.phone, Some(1));
}

#[test]
fn a_title_above_the_heading() {
    let found = columns("Contacts of 2026\n\nprinted on,12.01.2026\nName,Phone\nAmina,0700000001\n");
    assert_eq!((found.header_row, found.name, found.phone), (Some(4), vec![0], Some(1)));
}

#[test]
fn names_in_several_columns() {
    for (heading, expected) in [
        ("First name,Surname,Phone", "Amina Wanjiru"),
        ("Nom,Prénom,Téléphone", "Wanjiru Amina"),
        ("Nombre,Apellidos,Teléfono", "Amina Wanjiru"),
        ("Full name,Nickname,Phone", "Amina"),
        ("Фамилия,Имя,Телефон", "Wanjiru Amina"),
    ] {
        let (_, rows) = contacts(format!("{heading}\nAmina,  Wanjiru ,0700000001\n").as_bytes(), "x.csv");
        assert_eq!(rows[0].name, expected, "{heading}");
    }
}

#[test]
fn numbers_that_spreadsheets_have_changed_are_repaired_and_flagged() {
    use Repair::{FloatNumber, LeadingZeroRestored, PlusRestored, SeveralNumbers};
    let table: &[(crate::kit::In<'_>, &str, &[Repair])] = &[
        (T("0712345678"), "+254712345678", &[]),
        (T("+254 712 345 678"), "+254712345678", &[]),
        (N(712_345_678.0), "+254712345678", &[FloatNumber, LeadingZeroRestored]),
        (N(2.547_123_456_78e11), "+254712345678", &[FloatNumber, PlusRestored]),
        (N(447_911_123_456.0), "+447911123456", &[FloatNumber, PlusRestored]),
        (T("712 345 678"), "+254712345678", &[LeadingZeroRestored]),
        (T("254-712-345-678"), "+254712345678", &[PlusRestored]),
        (T("2.54712345678E+11"), "+254712345678", &[FloatNumber, PlusRestored]),
        (T("2,54712345678e11"), "+254712345678", &[FloatNumber, PlusRestored]),
        (T("712345678.0"), "+254712345678", &[FloatNumber, LeadingZeroRestored]),
        (T("0712345678 / 0722000000"), "+254712345678", &[SeveralNumbers]),
        (T("\u{202a}+254 712 345 678\u{202c}"), "+254712345678", &[]),
        (T("whatsapp:+254712345678"), "+254712345678", &[]),
        (T("00254712345678"), "+254712345678", &[]),
    ];
    for (cell, expected, repairs) in table {
        let (_, rows) = contacts(&xlsx(&[&[T("Name"), T("Phone")], &[T("x"), *cell]]), "x");
        assert_eq!((phone(&rows[0]).as_str(), &rows[0].repairs[..]), (*expected, *repairs));
    }
    // Where the zero is part of the number, and where there is none.
    let columns = Columns { phone: Some(0), ..Columns::default() };
    let read = |country: &str, number: f64| {
        let raw = RawRow { number: 1, cells: vec![sheets::Cell::number(number)] };
        columns.read(&raw, Country::parse(country).unwrap()).unwrap()
    };
    let rome = read("IT", 669_821_234.0);
    assert_eq!((phone(&rome).as_str(), &rome.repairs[..]), ("+390669821234", &[FloatNumber, LeadingZeroRestored][..]));
    let york = read("US", 2_125_550_123.0);
    assert_eq!((phone(&york).as_str(), &york.repairs[..]), ("+12125550123", &[FloatNumber][..]));
}

#[test]
fn what_cannot_be_repaired_is_an_error() {
    for (cell, code) in [
        ("2.54712E+11", "phone_rounded"),
        ("2,5E+11", "phone_rounded"),
        ("07CALLME", "phone_letters"),
        ("0712", "phone_too_short"),
        ("0700000001 0700000002", "phone_too_long"),
        ("", "phone_missing"),
    ] {
        let text = format!("Name,Phone\nOtieno,0700000009\nAmina,\"{cell}\"\n");
        let (_, rows) = contacts(text.as_bytes(), "x.csv");
        let error = &rows[1].errors[0];
        assert_eq!((error.code.as_ref(), error.field.as_ref()), (code, "phone"), "{cell}");
        assert_eq!((rows[1].is_valid(), rows[1].raw_phone.as_str()), (false, cell));
        assert!(cell.is_empty() || !error.detail.contains(cell));
    }
    let sheet = "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>Phone</v></c></row><row r=\"2\"><c r=\"A2\"><v>254700000001</v></c></row>\
                 <row r=\"3\"><c r=\"A3\"><f>B3</f></c></row>";
    let (_, rows) = contacts(&xlsx_of(sheet, None), "x");
    assert_eq!(rows[1].errors[0].code, "formula_without_value");
}

#[test]
fn everything_else_of_a_contact() {
    let table: &[&[crate::kit::In<'_>]] = &[
        &[T("Name"), T("Phone"), T("Email"), T("Groups"), T("Timezone"), T("Balance"), T("Member no")],
        &[T("A"), T("0700000001"), T("A@B.Example"), T("vip; VIP, new|"), T("africa/nairobi"), N(1200.5), T("007")],
        &[T("B"), T("0700000002"), T("nobody"), E, T("Mars"), E, N(7.0)],
        &[T("C"), E, T("c@d.example")],
        &[T("  ")],
        &[E, E, E, E, E, E, T("8")],
    ];
    let (_, rows) = contacts(&xlsx(table), "x");
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0].email.as_ref().unwrap().as_str(), "a@b.example");
    assert_eq!(rows[0].tags, ["vip", "new"]);
    assert_eq!(rows[0].timezone.as_deref(), Some("Africa/Nairobi"));
    assert_eq!(rows[0].attributes["Balance"].to_string(), "1200.5");
    assert_eq!(rows[0].attributes["Member no"], Value::from("007"));
    assert_eq!(rows[1].attributes["Member no"], Value::from(7));
    assert_eq!(rows[1].repairs, [Repair::EmailIgnored, Repair::TimezoneIgnored]);
    assert!(rows[1].is_valid() && rows[1].email.is_none() && rows[1].timezone.is_none());
    // An e-mail address alone is enough.
    assert!(rows[2].is_valid() && rows[2].phone.is_none());
    assert_eq!((rows[3].number, rows[3].errors[0].code.as_ref()), (6, "phone_missing"));
}

#[test]
fn duplicates_point_to_the_first_row() {
    let text = csv(
        &[
            &[T("Name"), T("Phone"), T("Email")],
            &[T("A"), T("0700000001"), T("family@b.example")],
            &[T("B"), T("+254 700 000 001")],
            &[T("C"), T("0700000003"), T("family@b.example")],
            &[T("D"), T("bad"), T("d@b.example")],
            &[T("E"), E, T("E@b.example")],
            &[T("F"), E, T("e@B.example")],
        ],
        ';',
    );
    let (_, rows) = contacts(text.as_bytes(), "x.csv");
    let mut seen = Duplicates::with_capacity(100);
    let first: Vec<_> = rows.iter().map(|row| seen.first(row)).collect();
    assert_eq!(first, [None, Some(2), None, None, None, Some(6)]);
    assert_eq!(seen.len(), 3);
    // The same row again, as after a crash, is not its own duplicate.
    assert_eq!(seen.first(&rows[0]), None);
}
