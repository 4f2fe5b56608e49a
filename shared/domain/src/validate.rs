//! Fields of a request that become values of the domain, with the violation they make where they do not.

use crate::{Violation, country::Country, email::Email, phone::Phone, schedule};

/// A country (ISO 3166-1 alpha-2). Code: `country_invalid`.
pub fn country(text: &str, pointer: &str) -> Result<Country, Violation> {
    Country::parse(text).ok_or_else(|| {
        Violation::new(pointer, "country_invalid", "Expected a country code of two letters, such as KE (ISO 3166-1).")
    })
}

/// A time zone by its IANA name, in its own spelling. Code: `timezone_invalid`.
pub fn timezone(text: &str, pointer: &str) -> Result<String, Violation> {
    schedule::zone_name(text).ok_or_else(|| {
        Violation::new(pointer, "timezone_invalid", "Expected an IANA time zone, such as Africa/Nairobi.")
    })
}

/// A phone number. Codes: see [`crate::phone::PhoneError::code`].
pub fn phone(text: &str, country: Country, pointer: &str) -> Result<Phone, Violation> {
    Phone::parse(text, country).map_err(|error| Violation::new(pointer, error.code(), error.to_string()))
}

/// An e-mail address. Codes: see [`crate::email::EmailError::code`].
pub fn email(text: &str, pointer: &str) -> Result<Email, Violation> {
    Email::parse(text).map_err(|error| Violation::new(pointer, error.code(), error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violations_carry_pointer_and_code() {
        assert_eq!(country("ke", "/defaultCountry").unwrap().to_string(), "KE");
        assert_eq!(country("XX", "/defaultCountry").unwrap_err().code, "country_invalid");
        assert_eq!(timezone("asia/jakarta", "/timezone").unwrap(), "Asia/Jakarta");
        assert_eq!(timezone("Jakarta", "/timezone").unwrap_err().code, "timezone_invalid");
        let wrong = phone("08-CALL-ME", Country::parse("ID").unwrap(), "/phone").unwrap_err();
        assert_eq!((wrong.pointer.as_str(), wrong.code.as_ref()), ("/phone", "phone_letters"));
        assert_eq!(email("x", "/email").unwrap_err().code, "email_invalid");
    }
}
