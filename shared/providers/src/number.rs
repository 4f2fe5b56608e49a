//! Phone numbers as providers write them.

/// The digits of a number alone.
pub(crate) fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// A number of theirs in E.164. Some leave its `+` out, and a form may have turned it into a blank.
pub(crate) fn international(number: &str) -> Option<String> {
    Some(digits(number)).filter(|digits| !digits.is_empty()).map(|digits| format!("+{digits}"))
}
