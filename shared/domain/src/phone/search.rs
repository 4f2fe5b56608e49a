//! Searching by a number that is not typed to its end.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType, Region};

use super::{Country, read};

/// The E.164 prefixes that a partly typed number may mean, likelier ones first; none if it is no number.
///
/// With country ID, `0812`, `62812`, `+62812` and `0062812` mean `+62812`; `812` means `+62812`, or `+812` abroad.
pub fn search_prefixes(text: &str, default_country: Country) -> Vec<String> {
    let Ok(clean) = read::clean(text) else { return Vec::new() };
    let digits = clean.digits();
    if clean.international {
        return vec![format!("+{digits}")];
    }
    if let Some(rest) = digits.strip_prefix("00").filter(|rest| !rest.is_empty()) {
        return vec![format!("+{rest}")];
    }
    let (Some(region), Some(code)) = (default_country.region(), default_country.calling_code()) else {
        return if digits.starts_with('0') { Vec::new() } else { vec![format!("+{digits}")] };
    };
    if let Some(rest) = trunk(region).and_then(|trunk| digits.strip_prefix(trunk.as_str())) {
        return vec![format!("+{code}{rest}")];
    }
    if digits.starts_with(&code.to_string()) {
        return vec![format!("+{digits}")];
    }
    let national = format!("+{code}{digits}");
    // A number of a country without trunk prefix may begin with 0 (Italy); no calling code does.
    if digits.starts_with('0') { vec![national] } else { vec![national, format!("+{digits}")] }
}

/// What people dial before a national number (`0`, in Russia `8`); `None` where that is nothing. It is what the local form
/// of an example number has more than its national part.
fn trunk(region: Region) -> Option<String> {
    let example = PHONE_NUMBER_UTIL.get_example_number_for_type_and_region(region, PhoneNumberType::Mobile).ok()?;
    let written: String = example.format_as(PhoneNumberFormat::National).chars().filter(char::is_ascii_digit).collect();
    let trunk = written.strip_suffix(&example.get_national_significant_number())?;
    (!trunk.is_empty()).then(|| trunk.to_owned())
}
