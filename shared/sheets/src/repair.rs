//! What spreadsheets do to phone numbers, undone: numbers stored as floating point, lost leading zeros, lost `+`.
//! Every repair is told, so that a person can look at it.

use std::borrow::Cow;

use domain::country::Country;
use domain::phone::{Phone, PhoneError};
use serde::{Deserialize, Serialize};

use crate::{Cell, CellKind};

/// Something in a row that was not as it should be and was put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// The phone number was stored as a number, or written as one (`7.12345678E+8`, `712345678.0`).
    FloatNumber,
    /// The phone number had lost its leading zero.
    LeadingZeroRestored,
    /// The phone number had lost the `+` (or had `00`) before its country code.
    PlusRestored,
    /// The cell held several phone numbers; the first is taken.
    SeveralNumbers,
    /// The e-mail address is not one; the contact is taken without it.
    EmailIgnored,
    /// The time zone is not one; the contact is taken without it.
    TimezoneIgnored,
}

impl Repair {
    /// The stable code, as answers and reports show it.
    pub fn code(self) -> &'static str {
        match self {
            Self::FloatNumber => "float_number",
            Self::LeadingZeroRestored => "leading_zero_restored",
            Self::PlusRestored => "plus_restored",
            Self::SeveralNumbers => "several_numbers",
            Self::EmailIgnored => "email_ignored",
            Self::TimezoneIgnored => "timezone_ignored",
        }
    }
}

/// Why a phone cell gives no phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bad {
    /// Not a phone number.
    Phone(PhoneError),
    /// The spreadsheet rounded it: the last digits are gone for good.
    Rounded,
    /// A formula that failed or was never computed.
    NoValue,
}

/// The phone number in a cell, and what was repaired.
pub(crate) fn phone(cell: &Cell, country: Country) -> Result<(Phone, Vec<Repair>), Bad> {
    let mut repairs = Vec::new();
    let text = match cell.kind {
        CellKind::Formula | CellKind::Error => return Err(Bad::NoValue),
        // Its digits may well be those of somebody's number.
        CellKind::Date | CellKind::Bool => return Err(Bad::Phone(PhoneError::Invalid)),
        CellKind::Text if is_date(&cell.text) => return Err(Bad::Phone(PhoneError::Invalid)),
        // An amount, a length, a share.
        CellKind::Number if !cell.text.bytes().all(|byte| byte.is_ascii_digit()) => {
            return Err(Bad::Phone(PhoneError::Invalid));
        }
        CellKind::Number => {
            repairs.push(Repair::FloatNumber);
            Cow::Borrowed(cell.text.as_str())
        }
        _ => match written_as_float(&cell.text) {
            Some(Float::Whole(digits)) => {
                repairs.push(Repair::FloatNumber);
                Cow::Owned(digits)
            }
            Some(Float::Rounded) => return Err(Bad::Rounded),
            None => Cow::Borrowed(cell.text.strip_prefix("whatsapp:").unwrap_or(&cell.text)),
        },
    };
    let error = match one(&text, country, &mut repairs) {
        Ok(phone) => return Ok((phone, repairs)),
        Err(error) => error,
    };
    let mut parts = text.split(['/', ';', ',', '|', '\n']).map(str::trim).filter(|part| !part.is_empty());
    if let (Some(first), Some(_)) = (parts.next(), parts.next())
        && let Ok(phone) = one(first, country, &mut repairs)
    {
        repairs.push(Repair::SeveralNumbers);
        return Ok((phone, repairs));
    }
    Err(Bad::Phone(error))
}

/// One number, and what it had lost on the way.
fn one(text: &str, country: Country, repairs: &mut Vec<Repair>) -> Result<Phone, PhoneError> {
    let parsed = Phone::parse(text, country);
    let mut buffer = [0; 19];
    let Some(digits) = digits(text, &mut buffer) else { return parsed };
    let with_zero = || Phone::parse(&format!("0{digits}"), country);
    match parsed {
        Ok(phone) => {
            let known = phone.as_u64();
            let value: u64 = digits.parse().unwrap_or(0);
            if value == known && !digits.starts_with('0') {
                // All there but the sign.
                repairs.push(Repair::PlusRestored);
            } else if !digits.starts_with('0') && ends_with(known, value, digits.len()) && with_zero() == Ok(phone) {
                repairs.push(Repair::LeadingZeroRestored);
            }
            Ok(phone)
        }
        // Where the zero belongs to the number (Italy), it cannot be read without.
        Err(error) => match with_zero() {
            Ok(phone) if repairs.contains(&Repair::FloatNumber) => {
                repairs.push(Repair::LeadingZeroRestored);
                Ok(phone)
            }
            _ => Err(error),
        },
    }
}

fn ends_with(number: u64, end: u64, digits: usize) -> bool {
    number % 10_u64.pow(digits as u32) == end
}

/// The digits of a number in which nothing but digits and separators stands; None with a `+`, with letters, without any
/// digit or with more than fit.
fn digits<'a>(text: &str, buffer: &'a mut [u8; 19]) -> Option<&'a str> {
    let mut length = 0;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => {
                *buffer.get_mut(length)? = byte;
                length += 1;
            }
            b' ' | b'-' | b'.' | b'(' | b')' => {}
            _ => return None,
        }
    }
    std::str::from_utf8(&buffer[..length]).ok().filter(|digits| !digits.is_empty())
}

/// What a number in the form of a floating-point number is.
enum Float {
    /// All its digits are there.
    Whole(String),
    /// Some digits are gone.
    Rounded,
}

/// Text such as `254712345678.0`, `2.54712345678E+11` or `2,54712E+11`.
fn written_as_float(text: &str) -> Option<Float> {
    let (mantissa, exponent) = match text.split_once(['E', 'e']) {
        Some((mantissa, exponent)) => (mantissa, exponent.trim_start_matches('+').parse::<usize>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = match mantissa.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, fraction),
        None if exponent > 0 => (mantissa, ""),
        None => return None,
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || exponent > 15 {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    if exponent == 0 {
        return (fraction.is_empty() && whole.len() >= 7).then(|| Float::Whole(whole.to_owned()));
    }
    // 2.547E+11 may be a number with eight zeros at its end, but who would believe it.
    if fraction.len() > exponent || fraction.len() + 2 < exponent {
        return Some(Float::Rounded);
    }
    Some(Float::Whole(format!("{whole}{fraction:0<exponent$}")))
}

/// Whether a cell looks like a phone number: 7 to 15 digits and nothing else of note, and no date.
pub(crate) fn looks_like_phone(cell: &Cell) -> bool {
    if cell.kind == CellKind::Number {
        return (7..=15).contains(&cell.text.len()) && cell.text.bytes().all(|byte| byte.is_ascii_digit());
    }
    if cell.kind != CellKind::Text || cell.text.len() > 60 {
        return false;
    }
    if written_as_float(&cell.text).is_some() {
        return true;
    }
    let digits = cell.text.chars().filter(|c| c.is_numeric()).count();
    let words = cell.text.strip_prefix("tel:").unwrap_or(&cell.text).chars().any(char::is_alphabetic);
    (7..=15).contains(&digits) && !words && !is_date(&cell.text)
}

/// `2026-01-12`, `12.01.2026`, `1/12/26`, with or without a time after it: days and months that there are.
fn is_date(text: &str) -> bool {
    let date = text.split([' ', 'T']).next().unwrap_or_default();
    let mut parts = date.split(['-', '.', '/']);
    let (Some(first), Some(middle), Some(last), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let small =
        |part: &str, most: u8| (1..=2).contains(&part.len()) && part.parse().is_ok_and(|n| (1..=most).contains(&n));
    let year = |part: &str| part.len() == 4 && part.parse().is_ok_and(|year| (1900..2100).contains(&year));
    let days = |a: &str, b: &str| (small(a, 12) && small(b, 31)) || (small(a, 31) && small(b, 12));
    (year(first) && days(middle, last)) || (days(first, middle) && (year(last) || small(last, 99)))
}
