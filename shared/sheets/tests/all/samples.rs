//! The sample spreadsheets are what their generator makes, and hold what their README says.

#[allow(dead_code, reason = "the generator is a program too")]
#[path = "../../examples/samples.rs"]
mod generator;

use std::collections::{BTreeMap, HashSet};

use crate::kit::{kenya, open, raw};
use sheets::{
    Duplicates,
    Repair::{FloatNumber, LeadingZeroRestored, PlusRestored},
};

fn committed(name: &str) -> Vec<u8> {
    std::fs::read(generator::folder().join(name)).unwrap()
}

#[test]
fn the_samples_are_what_the_generator_makes() {
    let again = "run `cargo run -p sheets --example samples`";
    assert!(
        raw(&committed("contacts.xlsx"), "x").unwrap() == raw(&generator::xlsx().unwrap(), "x").unwrap(),
        "{again}"
    );
    assert!(committed("contacts.csv") == generator::csv().unwrap(), "{again}");
    assert_eq!(String::from_utf8(committed("README.md")).unwrap(), generator::readme(), "{again}");
}

#[test]
fn the_samples_hold_what_the_readme_says() {
    let readme = String::from_utf8(committed("README.md")).unwrap();
    let json = readme.split("```json").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let expected: BTreeMap<String, u32> = serde_json::from_str(json).unwrap();
    for name in ["contacts.xlsx", "contacts.csv"] {
        let mut sheet = open(&committed(name), name).unwrap();
        let columns = sheet.columns(kenya()).unwrap();
        assert_eq!(
            (columns.header_row, &columns.name[..], columns.phone, columns.email),
            (Some(1), &[0][..], Some(1), Some(2))
        );
        assert_eq!(columns.attributes.iter().map(|a| a.key.as_str()).collect::<Vec<_>>(), ["City", "Balance"]);
        let mut counts: BTreeMap<String, u32> = expected.keys().map(|key| (key.clone(), 0)).collect();
        let mut count = |key: &str| *counts.get_mut(key).unwrap() += 1;
        let (mut seen, mut names, mut last, mut repairs) =
            (Duplicates::with_capacity(100), HashSet::new(), 1, Vec::new());
        for raw in sheet {
            let raw = raw.unwrap();
            let Some(row) = columns.read(&raw, kenya()) else { continue };
            count("rows");
            if !row.repairs.is_empty() {
                count("repaired");
            }
            if !row.is_valid() {
                count("invalid");
            } else if seen.first(&row).is_some() {
                count("duplicate");
            } else {
                count("valid");
                repairs.extend(row.repairs);
                assert!(names.insert(row.name.clone()), "{} comes twice", row.name);
            }
            (last + 1..row.number).for_each(|_| count("emptyRows"));
            last = row.number;
        }
        assert_eq!(counts, expected, "{name}");
        assert_eq!(repairs, [FloatNumber, PlusRestored, LeadingZeroRestored], "{name}");
    }
}
