//! Numbers as people write them.

use proptest::prelude::*;

use super::*;

fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

fn read_in(code: &str, text: &str) -> Result<String, PhoneError> {
    Phone::parse(text, country(code)).map(|phone| phone.to_string())
}

#[test]
fn one_number_in_many_forms() {
    for text in [
        "628123456789",
        "08123456789",
        "+62 812-3456-789",
        "8123456789",
        "+628123456789",
        "00628123456789",
        "0062 812 3456 789",
        "tel:+62-812-3456-789",
        "TEL:08123456789",
        " (0812) 3456.789 ",
        "(+62) 812 3456 789",
        "+62 (0) 812 3456 789",
        "+6208123456789",
        "０８１２３４５６７８９",
        "＋６２８１２３４５６７８９",
        "\u{202a}+62 812\u{2011}3456\u{2011}789\u{202c}",
        "'08123456789",
        "08123456789.0",
        "٠٨١٢٣٤٥٦٧٨٩",
    ] {
        assert_eq!(read_in("ID", text).as_deref(), Ok("+628123456789"), "{text}");
    }
}

#[test]
fn numbers_of_many_countries() {
    for (code, text, expected) in [
        ("KE", "0712345678", "+254712345678"),
        ("KE", "0110123456", "+254110123456"),
        ("KE", "712345678", "+254712345678"),
        ("KE", "254712345678", "+254712345678"),
        ("NG", "0803 123 4567", "+2348031234567"),
        ("IN", "98765 43210", "+919876543210"),
        ("US", "(212) 555-0123", "+12125550123"),
        ("US", "1 212 555 0123", "+12125550123"),
        ("GB", "07911 123456", "+447911123456"),
        ("IT", "06 6982 1234", "+390669821234"),
        ("IT", "+39 06 6982 1234", "+390669821234"),
        ("IT", "347 123 4567", "+393471234567"),
        ("RU", "8 (912) 345-67-89", "+79123456789"),
        ("MX", "55 1234 5678", "+525512345678"),
        ("BR", "(11) 91234-5678", "+5511912345678"),
        ("CI", "0707070707", "+2250707070707"),
        ("KE", "447911123456", "+447911123456"),
        ("ID", "254712345678", "+254712345678"),
        ("US", "011 44 7911 123456", "+447911123456"),
        ("KE", "+800 1234 5678", "+80012345678"),
    ] {
        assert_eq!(read_in(code, text).as_deref(), Ok(expected), "{code} {text}");
    }
}

#[test]
fn numbers_of_fiction_and_tests_pass() {
    for text in ["+15550100", "+15550123"] {
        assert_eq!(read_in("US", text), Err(PhoneError::TooShort), "{text}");
    }
    for text in [
        "+1 555 010 0123",
        "+1 555 555 0123",
        "+15005550006",
        "+447700900123",
        "+254700000000",
        "+254700000999",
        "+254700999001",
        "+61491570156",
        "+33639981234",
    ] {
        let expected: String = text.split(' ').collect();
        assert_eq!(text.parse::<Phone>().map(|phone| phone.to_string()), Ok(expected));
    }
    assert_eq!(read_in("GB", "07700 900123").as_deref(), Ok("+447700900123"));
    assert_eq!(read_in("KE", "0700000001").as_deref(), Ok("+254700000001"));
}

#[test]
fn what_is_no_number_says_why() {
    for (text, error) in [
        ("", PhoneError::Missing),
        ("  ", PhoneError::Missing),
        ("tel:", PhoneError::Missing),
        ("-", PhoneError::Invalid),
        ("+", PhoneError::Invalid),
        ("08-CALL-ME", PhoneError::Letters),
        ("0812345678x", PhoneError::Letters),
        ("+254711BCDEFG", PhoneError::Letters),
        ("6.28123E+11", PhoneError::Letters),
        ("0812 3456 789 ext. 5", PhoneError::Letters),
        ("телефон", PhoneError::Letters),
        ("+62812", PhoneError::TooShort),
        ("0812", PhoneError::TooShort),
        ("12", PhoneError::TooShort),
        ("+6281234567890123", PhoneError::TooLong),
        ("+2547123456789", PhoneError::TooLong),
        ("0812345678901234567", PhoneError::TooLong),
        ("1234567890123456789012345678901234567890", PhoneError::TooLong),
        ("+999123456789", PhoneError::Invalid),
        ("+0812345678", PhoneError::Invalid),
        ("0812#3456", PhoneError::Invalid),
        ("*123#", PhoneError::Invalid),
        ("0812+3456789", PhoneError::Invalid),
        ("08123456789, 08123456780", PhoneError::Invalid),
        ("0000000000", PhoneError::Invalid),
        ("+43000000", PhoneError::Invalid),
        ("+43 0 0 123456", PhoneError::Invalid),
    ] {
        let found = Phone::parse(text, country("ID"));
        assert_eq!(found, Err(error), "{text}");
    }
    assert_eq!(Phone::parse("08123456789", Country::NONE), Err(PhoneError::Invalid));
    assert_eq!(Phone::parse("628123456789", Country::NONE).map(Phone::as_u64), Ok(628_123_456_789));
}

#[test]
fn a_number_knows_its_parts() {
    let phone: Phone = "+254712345678".parse().unwrap();
    assert_eq!(phone.digits(), "254712345678");
    assert_eq!(phone.as_u64(), 254_712_345_678);
    assert_eq!(phone.country(), Some(country("KE")));
    assert_eq!(phone.parts(), Some((254, "712345678".to_owned())));
    assert_eq!(format!("{phone:?}"), "Phone(…78)");
    for (text, code) in [
        ("+12125550123", "US"),
        ("+14165550123", "CA"),
        ("+15550100123", "US"),
        ("+390612345678", "IT"),
        ("+77011234567", "KZ"),
    ] {
        assert_eq!(text.parse::<Phone>().unwrap().country(), Some(country(code)), "{text}");
    }
    assert_eq!("+80012345678".parse::<Phone>().unwrap().country(), None);
}

#[test]
fn json_is_e164() {
    let phone: Phone = "+254712345678".parse().unwrap();
    assert_eq!(serde_json::to_value(phone).unwrap(), "+254712345678");
    assert_eq!(serde_json::from_str::<Phone>(r#""+254712345678""#).unwrap(), phone);
    for text in ["254712345678", "+0712", "+25471a", "+", "+1234567890123456"] {
        assert!(serde_json::from_value::<Phone>(text.into()).is_err(), "{text}");
    }
}

#[test]
fn part_of_a_number_finds_it() {
    let found = |text| search_prefixes(text, country("ID"));
    for text in ["0812", "62812", "+62812", "0062812", "+62 8-12", "(0812)"] {
        assert_eq!(found(text), ["+62812"], "{text}");
    }
    assert_eq!(found("812"), ["+62812", "+812"]);
    assert_eq!(found("254712"), ["+62254712", "+254712"]);
    assert_eq!(found("amina"), Vec::<String>::new());
    assert_eq!(found(""), Vec::<String>::new());
    assert_eq!(found("+"), Vec::<String>::new());
    assert_eq!(search_prefixes("0669", country("IT")), ["+390669"]);
    assert_eq!(search_prefixes("212555", country("US")), ["+1212555", "+212555"]);
    assert_eq!(search_prefixes("1212", country("US")), ["+1212"]);
    assert_eq!(search_prefixes("8912", country("RU")), ["+7912"]);
    assert_eq!(search_prefixes("254", Country::NONE), ["+254"]);
    assert_eq!(search_prefixes("0712", Country::NONE), Vec::<String>::new());
}

proptest! {
    #[test]
    fn reading_never_panics_and_is_stable(text in "\\PC{0,30}") {
        for country in [Country::NONE, country("ID"), country("US"), country("IT")] {
            if let Ok(phone) = Phone::parse(&text, country) {
                prop_assert_eq!(Phone::parse(&phone.to_string(), Country::NONE), Ok(phone));
                prop_assert_eq!(serde_json::from_value::<Phone>(serde_json::to_value(phone).unwrap()).unwrap(), phone);
            }
        }
    }

    #[test]
    fn what_was_read_is_read_again_and_is_e164(digits in "[1-9][0-9]{5,14}") {
        if let Ok(phone) = Phone::parse(&format!("+{digits}"), Country::NONE) {
            prop_assert!((5..=15).contains(&phone.digits().len()));
            prop_assert_eq!(phone.to_string().parse(), Ok(phone));
            prop_assert_eq!(phone.parts().map(|(code, rest)| format!("+{code}{rest}")), Some(phone.to_string()));
        }
    }

    /// Trunk prefixes are of few digits, so those come more often than by chance: `+43 0 0…` would lose a zero at each reading.
    #[test]
    fn what_was_read_in_any_country_is_read_again(
        place in proptest::sample::select(Country::all()),
        trunk in "(0|1|8|9|06|01){0,3}",
        rest in "([0-9]{4,11}|0{4,8})",
    ) {
        let code = place.calling_code().unwrap_or(1);
        for text in [format!("+{code}{trunk}{rest}"), format!("{code}{trunk}{rest}"), format!("{trunk}{rest}")] {
            if let Ok(phone) = Phone::parse(&text, place) {
                prop_assert_eq!(phone.to_string().parse(), Ok(phone), "{}", text);
                prop_assert_eq!(phone.parts().map(|(code, rest)| format!("+{code}{rest}")), Some(phone.to_string()));
            }
        }
    }

    #[test]
    fn separators_do_not_matter(rest in "[0-9]{6}", separators in proptest::collection::vec("[ .()/\u{a0}-]{0,2}", 10)) {
        let digits = format!("0712{rest}");
        let spaced: String = digits.chars().zip(&separators).flat_map(|(digit, between)| [digit.to_string(), between.clone()]).collect();
        prop_assert_eq!(read_in("KE", &spaced), read_in("KE", &digits));
        prop_assert_eq!(read_in("KE", &digits), Ok(format!("+254712{rest}")));
    }

    #[test]
    fn local_and_international_forms_are_one(rest in "[0-9]{8}") {
        let forms = [format!("0812{rest}"), format!("62812{rest}"), format!("+62812{rest}"), format!("0062812{rest}")];
        for form in &forms {
            prop_assert_eq!(read_in("ID", form), Ok(format!("+62812{rest}")));
        }
    }

    #[test]
    fn what_is_typed_so_far_finds_the_number(rest in "[0-9]{8}", typed in 2_usize..12) {
        let local = format!("0812{rest}");
        let whole = read_in("ID", &local).unwrap();
        prop_assert!(search_prefixes(&local[..typed], country("ID")).iter().any(|prefix| whole.starts_with(prefix.as_str())));
        prop_assert!(search_prefixes(&local[1..typed], country("ID")).iter().any(|prefix| whole.starts_with(prefix.as_str())));
        prop_assert!(search_prefixes(&whole[..typed], country("ID")).iter().any(|prefix| whole.starts_with(prefix.as_str())));
    }

    #[test]
    fn a_letter_anywhere_is_refused(before in "[0-9]{0,6}", letter in "[a-zA-Zа-я]", after in "[0-9]{0,6}") {
        prop_assert_eq!(read_in("KE", &format!("{before}{letter}{after}")), Err(PhoneError::Letters));
    }
}
