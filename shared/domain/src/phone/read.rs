//! Reading a number: the text is cleaned, then libphonenumber says what it is. About a million a second on one core.

use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberType, ValidationError};

use super::PhoneError;
use crate::country::Country;

/// The most digits of an E.164 number (ITU-T E.164 §6).
pub(super) const MOST_DIGITS: usize = 15;

/// The first number with more digits than that.
const LIMIT: u64 = 10_u64.pow(MOST_DIGITS as u32);

/// The most digits that are looked at; more are too long whatever they mean.
const BUFFER: usize = 24;

/// Local forms that are no valid numbers but reserved for fiction, by their E.164 prefix: Ofcom's mobile range
/// (<https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama>).
const FICTION: [&str; 1] = ["447700900"];

/// The digits of a text, and whether it says that they are in international form.
pub(super) struct Clean {
    digits: [u8; BUFFER],
    len: usize,
    pub international: bool,
}

impl Clean {
    pub fn digits(&self) -> &str {
        std::str::from_utf8(&self.digits[..self.len]).expect("only ASCII digits are put in")
    }

    fn push(&mut self, digit: u8) -> Result<(), PhoneError> {
        *self.digits.get_mut(self.len).ok_or(PhoneError::TooLong)? = digit;
        self.len += 1;
        Ok(())
    }
}

/// The zeros of the decimal digits that numbers are typed with besides ASCII: Arabic, Persian, Devanagari, Bengali,
/// Thai, full-width.
const ZEROS: [char; 6] = ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{e50}', '\u{ff10}'];

fn other_digit(letter: char) -> Option<u8> {
    ZEROS.into_iter().find_map(|zero| {
        let value = u32::from(letter).checked_sub(u32::from(zero)).filter(|value| *value < 10)?;
        Some(b'0' + value as u8)
    })
}

/// What may stand between digits: blanks, dashes, dots, slashes, brackets, and what copying from chats and
/// spreadsheets brings along without being seen.
fn is_separator(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '-' | '.'
                | '/'
                | '('
                | ')'
                | '['
                | ']'
                | '\''
                | '\u{b7}'
                | '\u{ad}'
                | '\u{2212}'
                | '\u{feff}'
                | '\u{ff08}'
                | '\u{ff09}'
                | '\u{ff0d}'
                | '\u{ff0e}'
        )
        || ('\u{200b}'..='\u{200f}').contains(&letter)
        || ('\u{2010}'..='\u{2015}').contains(&letter)
        || ('\u{202a}'..='\u{202e}').contains(&letter)
        || ('\u{2060}'..='\u{2069}').contains(&letter)
}

/// Takes everything off a text but the digits.
pub(super) fn clean(text: &str) -> Result<Clean, PhoneError> {
    let text = text.trim();
    let text = match text.get(..4) {
        // RFC 3966; parameters such as `;ext=` have letters and are refused.
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => &text[4..],
        _ => text,
    };
    let text = without_decimals(text);
    let mut clean = Clean { digits: [0; BUFFER], len: 0, international: false };
    let mut too_long = false;
    for letter in text.chars() {
        let digit = match letter {
            '0'..='9' => letter as u8,
            '+' | '\u{ff0b}' if clean.len == 0 && !clean.international => {
                clean.international = true;
                continue;
            }
            _ if is_separator(letter) => continue,
            _ => match other_digit(letter) {
                Some(digit) => digit,
                None if letter.is_alphabetic() => return Err(PhoneError::Letters),
                None => return Err(PhoneError::Invalid),
            },
        };
        too_long |= clean.push(digit).is_err();
    }
    match clean.len {
        _ if too_long => Err(PhoneError::TooLong),
        0 if text.is_empty() => Err(PhoneError::Missing),
        0 => Err(PhoneError::Invalid),
        _ => Ok(clean),
    }
}

/// A spreadsheet's number cell written as text has `.0` at its end, which is no digit of the number.
fn without_decimals(text: &str) -> &str {
    text.strip_suffix(".0").filter(|whole| whole.bytes().all(|byte| byte.is_ascii_digit())).unwrap_or(text)
}

/// The number that a text means.
pub(super) fn read(text: &str, country: Country) -> Result<u64, PhoneError> {
    let clean = clean(text)?;
    let digits = clean.digits();
    if clean.international {
        return stable(digits, international(digits, country)?);
    }
    if let Some(rest) = digits.strip_prefix("00")
        && let Ok(found) = international(rest, country)
    {
        return stable(rest, found);
    }
    stable(digits, local(digits, country)?)
}

/// Refuses what would be another number when it is read again: libphonenumber takes one trunk prefix off at each reading, so
/// `+43 0 0 123456` would go on to shrink.
fn stable(digits: &str, found: u64) -> Result<u64, PhoneError> {
    let written = found.to_string();
    if written == digits || international(&written, Country::NONE) == Ok(found) {
        Ok(found)
    } else {
        Err(PhoneError::Invalid)
    }
}

/// With `+`: any length that a mobile or fixed line of the country may have; other numbers must be valid.
fn international(digits: &str, country: Country) -> Result<u64, PhoneError> {
    let number = parse_international(digits, country)?;
    match length(&number) {
        Ok(()) => e164(&number),
        Err(_) if number.is_valid() => e164(&number),
        Err(error) => Err(error),
    }
}

/// Whether a mobile or a fixed line of the country may have as many digits, and what is wrong if not.
fn length(number: &PhoneNumber) -> Result<(), PhoneError> {
    let possible = |kind| PHONE_NUMBER_UTIL.is_possible_number_for_type_with_reason(number, kind);
    let mobile = possible(PhoneNumberType::Mobile);
    match (mobile, possible(PhoneNumberType::FixedLine)) {
        (Ok(NumberLengthType::IsPossible), _) | (_, Ok(NumberLengthType::IsPossible)) => Ok(()),
        (_, Ok(NumberLengthType::IsPossibleLocalOnly)) | (Err(ValidationError::TooShort), _) => {
            Err(PhoneError::TooShort)
        }
        (Err(ValidationError::TooLong), _) => Err(PhoneError::TooLong),
        _ => Err(PhoneError::Invalid),
    }
}

/// Without `+`: valid in the country, or else valid as it stands.
fn local(digits: &str, country: Country) -> Result<u64, PhoneError> {
    let mut error = PhoneError::Invalid;
    if country.region().is_some() {
        match parse(digits, country) {
            Ok(number) if number.is_valid() || is_fiction(&number) => return e164(&number),
            Ok(number) => error = length(&number).err().unwrap_or(PhoneError::Invalid),
            Err(refused) => error = refused,
        }
    }
    if !digits.starts_with('0')
        && let Ok(number) = parse_international(digits, country)
        && number.is_valid()
    {
        return e164(&number);
    }
    Err(error)
}

fn is_fiction(number: &PhoneNumber) -> bool {
    let starts = |digits: u64| FICTION.iter().any(|prefix| digits.to_string().starts_with(prefix));
    length(number).is_ok() && e164(number).is_ok_and(starts)
}

fn parse(text: &str, country: Country) -> Result<PhoneNumber, PhoneError> {
    PHONE_NUMBER_UTIL.parse(text, country.region()).map_err(|error| match error {
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => PhoneError::TooShort,
        ParseError::TooLongNsn => PhoneError::TooLong,
        ParseError::InvalidCountryCode | ParseError::NotANumber(_) => PhoneError::Invalid,
    })
}

fn parse_international(digits: &str, country: Country) -> Result<PhoneNumber, PhoneError> {
    // On the stack: this is the hot path of an import.
    let mut text = [b'+'; BUFFER + 1];
    text[1..=digits.len()].copy_from_slice(digits.as_bytes());
    parse(std::str::from_utf8(&text[..=digits.len()]).expect("a plus and ASCII digits"), country)
}

/// The digits of a parsed number, leading zeros of the national part (Italy) included.
fn e164(number: &PhoneNumber) -> Result<u64, PhoneError> {
    let national = number.national_number;
    if national == 0 {
        return Err(PhoneError::Invalid);
    }
    let zeros = if number.italian_leading_zero() { number.number_of_leading_zeros().max(1) as u32 } else { 0 };
    let length = zeros + national.ilog10() + 1;
    let code = u64::try_from(number.country_code).map_err(|_| PhoneError::Invalid)?;
    let shift = 10_u64.checked_pow(length).ok_or(PhoneError::TooLong)?;
    let digits = code.checked_mul(shift).and_then(|code| code.checked_add(national)).ok_or(PhoneError::TooLong)?;
    if digits < LIMIT { Ok(digits) } else { Err(PhoneError::TooLong) }
}

/// libphonenumber's form of a number that was read before.
pub(super) fn split(digits: u64) -> Option<PhoneNumber> {
    PHONE_NUMBER_UTIL.parse(format!("+{digits}"), None).ok()
}
