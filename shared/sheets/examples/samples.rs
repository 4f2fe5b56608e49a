//! Makes `docs/samples/contacts.xlsx`, `docs/samples/contacts.csv` and the counts in `docs/samples/README.md`:
//! `cargo run -p sheets --example samples`. `tests/all/samples.rs` fails when they and this program differ.
//!
//! The people are invented; their numbers are from ranges that reach nobody: +1 … 555 0100–0199 (NANPA, reserved for
//! fiction), +44 7700 900000–900999 (Ofcom, numbers for drama), +254 700 000 000–999 (test range of the product); their
//! e-mail domains are those of RFC 2606.

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};
use sheets::write::{CsvStyle, CsvWriter};

/// A cell of the table.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A number, stored as floating point.
    Number(f64),
    /// Nothing.
    Empty,
}

/// What an import with the default country KE must count. Rows are valid, invalid or duplicates.
pub const COUNTS: [(&str, u32); 6] =
    [("rows", 200), ("valid", 190), ("invalid", 4), ("duplicate", 6), ("emptyRows", 4), ("repaired", 3)];

/// The headings.
pub const HEADINGS: [&str; 5] = ["Name", "Phone", "Email", "City", "Balance"];

/// Given names, family names and cities of ten places.
const PEOPLE: [(&str, &str, &str); 10] = [
    (
        "Amina Brian Cynthia Dennis Esther Faith Grace Hassan Irene James",
        "Wanjiru Otieno Kamau Achieng Mutua Njeri Kiprotich Abdi Wambui Omondi",
        "Nairobi Mombasa Kisumu Nakuru",
    ),
    (
        "Adebayo Chioma Damilola Emeka Folake Ifeoma Kunle Ngozi Olumide Yetunde",
        "Adeyemi Okafor Balogun Eze Lawal Nwosu Ojo Obi Sanusi Bello",
        "Lagos Ibadan Kano Enugu",
    ),
    (
        "Agus Budi Citra Dewi Eka Fitri Gita Hendra Indah Joko",
        "Santoso Wijaya Lestari Pratama Kusuma Hidayat Nugroho Permata Saputra Utami",
        "Jakarta Bandung Surabaya Medan",
    ),
    (
        "José María Lucía Andrés Sofía Mateo Valentina Íñigo Camila Joaquín",
        "García Muñoz Rodríguez Peña Fernández Núñez López Ibáñez Gómez Sánchez",
        "Bogotá Madrid Lima Mérida",
    ),
    (
        "Aarav Priya Rohan Ananya Vikram Meera Arjun Kavya Sanjay Divya",
        "Sharma Patel Iyer Reddy Khan Gupta Nair Singh Das Mehta",
        "Mumbai Pune Chennai Kochi",
    ),
    (
        "Aïcha Benoît Chloé Désiré Élodie François Hélène Jérôme Maëlle Noël",
        "Diop Lefèvre Traoré Côté N'Diaye Moreau Sow Bérubé Koné Dupont",
        "Dakar Abidjan Lyon Québec",
    ),
    (
        "Layla Omar Fatima Yusuf Noor Khalid Mariam Tariq Salma Idris",
        "Hassan Al-Amin Farouk Mansour Haddad Nasser Rahman Saleh Qureshi Aziz",
        "Cairo Amman Rabat Khartoum",
    ),
    (
        "Jürgen Käthe Łukasz Zofia Ömer Gülşen Søren Åse Jiří Anežka",
        "Müller Weiß Nowak Wójcik Yılmaz Çelik Ødegård Håkansson Dvořák Černý",
        "Köln Łódź İzmir Brno",
    ),
    (
        "Wei Mei Hiroshi Yuki Minjun Seoyeon Linh Minh Somchai Malee",
        "Chen Wang Tanaka Sato Kim Park Nguyen Tran Suksawat Chaiyaporn",
        "Taipei Osaka Busan Hanoi",
    ),
    (
        "Olivia Noah Emma Liam Ava Ethan Sophie Jack Isla Harry",
        "Smith O'Brien Johnson Williams Taylor McDonald Evans Murphy Walker Clarke",
        "London Leeds Austin Denver",
    ),
];

const AREAS: [u32; 10] = [202, 206, 212, 303, 305, 312, 415, 617, 713, 808];

/// The table below the headings: a `None` is an empty row.
pub fn rows() -> Vec<Option<[Value; 5]>> {
    let mut rows: Vec<Option<[Value; 5]>> = (0..190).map(|index| Some(person(index))).collect();
    let phone = |rows: &mut Vec<Option<[Value; 5]>>, index: usize, value: Value| {
        if let Some(row) = &mut rows[index] {
            row[1] = value;
        }
    };
    // What spreadsheets do to numbers.
    phone(&mut rows, 20, Value::Number(254_700_000_020.0));
    phone(&mut rows, 30, Value::Text("700000030".to_owned()));
    // The same people again, in other spellings.
    for (at, index, spelling) in [
        (25, 3, "0700000003"),
        (60, 11, "+254.700.000.011"),
        (90, 40, "254 700 000 040"),
        (120, 105, "+1 (312) 555-0105"),
        (150, 110, "001 202 555 0110"),
        (180, 155, "+44 7700 900155"),
    ] {
        let mut again = person(index);
        again[1] = Value::Text(spelling.to_owned());
        rows.insert(at, Some(again));
    }
    for (at, name, bad) in [
        (15, "Typo Short", "0712"),
        (70, "Typo Letters", "07OO OOO 123"),
        (130, "Typo Long", "+254 700 000 0001 2345"),
        (165, "Typo Words", "ask reception"),
    ] {
        let row = [text(name), text(bad), Value::Empty, text("Nairobi"), Value::Number(0.0)];
        rows.insert(at, Some(row));
    }
    for at in [40, 41, 121] {
        rows.insert(at, None);
    }
    rows.insert(160, Some([text("  "), Value::Empty, Value::Empty, Value::Empty, Value::Empty]));
    rows
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn person(index: usize) -> [Value; 5] {
    let (given, family, cities) = PEOPLE[index % 10];
    let turn = index / 10;
    let word = |words: &str, at: usize| words.split(' ').nth(at).unwrap_or_default().to_owned();
    let given = word(given, turn % 10);
    let family = word(family, (turn + turn / 10 * 3) % 10);
    let city = word(cities, turn % 4);
    let phone = match index {
        0..100 if index.is_multiple_of(2) => format!("+254 700 000 {index:03}"),
        0..100 => format!("0700 000 {index:03}"),
        100..150 => format!("+1 {} 555 0{index}", AREAS[index % 10]),
        _ => format!("+447700900{index}"),
    };
    let plain = |name: &str| name.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
    let domain = ["example.com", "example.org", "example.net"][index % 3];
    let email = match index % 4 {
        3 => Value::Empty,
        _ => Value::Text(format!("{}.{}{index}@{domain}", plain(&given), plain(&family))),
    };
    let balance = f64::from((index * 7919 % 20_000) as u32) / 4.0;
    [Value::Text(format!("{given} {family}")), Value::Text(phone), email, Value::Text(city), Value::Number(balance)]
}

/// The table as a workbook.
pub fn xlsx() -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_ymd(2026, 1, 12)?;
    book.set_properties(&DocProperties::new().set_title("Sample contacts").set_creation_datetime(&made));
    let sheet = book.add_worksheet().set_name("Contacts")?;
    sheet.write_row_with_format(0, 0, HEADINGS, &Format::new().set_bold())?;
    for (column, width) in [(0, 24.0), (1, 20.0), (2, 36.0), (3, 14.0)] {
        sheet.set_column_width(column, width)?;
    }
    for (number, row) in (1..).zip(rows()) {
        for (column, value) in (0..).zip(row.into_iter().flatten()) {
            match value {
                Value::Text(text) => drop(sheet.write_string(number, column, text)?),
                Value::Number(value) => drop(sheet.write_number(number, column, value)?),
                Value::Empty => {}
            }
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    book.save_to_buffer()
}

/// The table as CSV, as Excel would write it.
pub fn csv() -> std::io::Result<Vec<u8>> {
    let mut csv = CsvWriter::new(Vec::new(), HEADINGS, CsvStyle { bom: true, phone_columns: vec![1] })?;
    for row in rows() {
        let row = row.unwrap_or([const { Value::Empty }; 5]);
        let cells = row.iter().enumerate().map(|(column, value)| match value {
            Value::Text(text) => text.clone(),
            Value::Number(number) if column == 1 => format!("{number:.1}"),
            Value::Number(number) => number.to_string(),
            Value::Empty => String::new(),
        });
        csv.row(cells)?;
    }
    csv.finish()
}

/// What stands in the README beside the files.
pub fn readme() -> String {
    let counts: Vec<String> = COUNTS.iter().map(|(name, count)| format!("  \"{name}\": {count}")).collect();
    format!(
        "# Sample spreadsheets\n\n\
         `contacts.xlsx` and `contacts.csv` hold the same invented people. Nobody can be reached under these numbers: they are\n\
         from +1 … 555 0100–0199, +44 7700 900000–900999 and +254 700 000 000–999; the e-mail domains are those of RFC 2606.\n\n\
         Imported with the default country `KE`, both give exactly these counts (`repaired`: rows whose number was put right,\n\
         duplicates included):\n\n\
         ```json\n{{\n{}\n}}\n```\n\n\
         - Row 1 is the heading: Name, Phone, Email, City, Balance. City and Balance become attributes.\n\
         - Four rows are empty, one of them holds only blanks.\n\
         - Six people come twice, with their number in another spelling.\n\
         - Four numbers are wrong: too short, letters for digits, too long, words.\n\
         - One number is stored as a number (254700000020, so its `+` is lost), one has lost its leading zero (700000030).\n\n\
         Made by `cargo run -p sheets --example samples`; a test compares.\n",
        counts.join(",\n")
    )
}

/// `docs/samples` of the repository.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/samples")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = folder();
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("contacts.xlsx"), xlsx()?)?;
    std::fs::write(folder.join("contacts.csv"), csv()?)?;
    std::fs::write(folder.join("README.md"), readme())?;
    Ok(())
}
