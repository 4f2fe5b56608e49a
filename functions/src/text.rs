//! Texts that people give: names and addresses, trimmed and checked.

use domain::{Error, Result};

/// The longest name, in characters.
const LONGEST_NAME: usize = 200;

/// The longest e-mail address, in bytes. Source: RFC 5321 §4.5.3.1.3, less the angle brackets.
const LONGEST_EMAIL: usize = 254;

/// A name without spaces around it: 1 to 200 characters, none of them a control character. 422 `name_invalid`.
pub fn name(text: &str, pointer: &str) -> Result<String> {
    let name = text.trim();
    let length = name.chars().count();
    if (1..=LONGEST_NAME).contains(&length) && !name.chars().any(char::is_control) {
        Ok(name.to_owned())
    } else {
        Err(Error::invalid(pointer, "name_invalid", format!("Expected 1 to {LONGEST_NAME} characters on one line.")))
    }
}

/// An e-mail address of a person who signs in, in lower case. 422 `email_invalid`.
pub fn email(text: &str, pointer: &str) -> Result<String> {
    let email = text.trim().to_lowercase();
    let well_formed = email.len() <= LONGEST_EMAIL
        && email.split_once('@').is_some_and(|(local, host)| {
            let labels: Vec<&str> = host.split('.').collect();
            !local.is_empty()
                && local.len() <= 64
                && labels.len() >= 2
                && labels.iter().all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
                && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
        })
        && !email.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '<' | '>' | '"'));
    if well_formed { Ok(email) } else { Err(Error::invalid(pointer, "email_invalid", "Expected an e-mail address.")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(name("  Amina ", "/name").unwrap(), "Amina");
        for wrong in ["", "  ", "a\nb", &"x".repeat(201)] {
            assert!(name(wrong, "/name").is_err());
        }
    }

    #[test]
    fn addresses_are_lower_case() {
        assert_eq!(email(" Amina@Example.ORG", "/email").unwrap(), "amina@example.org");
        for wrong in ["", "a", "a@b", "@b.c", "a@b..c", "a b@c.de", "a@-b.de", "a@b.c,d@e.fg"] {
            assert!(email(wrong, "/email").is_err(), "{wrong}");
        }
    }
}
