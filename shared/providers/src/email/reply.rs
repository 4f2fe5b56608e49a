//! The replies of mail servers (RFC 5321 §4.2, RFC 3463), as SMTP hears them and as providers pass them on.

use domain::delivery::ErrorClass;

/// The class of a reply to a recipient or a mail: by its enhanced code (`5.1.1`), where it has one, else by its code.
pub(crate) fn class(code: u16, text: &str) -> ErrorClass {
    if !(500..600).contains(&code) {
        return ErrorClass::Transient;
    }
    match enhanced(text) {
        _ if matches!(code, 530 | 535) => ErrorClass::BadCredentials,
        // The sender's own address.
        Some((_, 1, 7 | 8)) => ErrorClass::BadSender,
        // The address, the mailbox (disabled, full), the way there.
        Some((_, 1 | 2 | 4, _)) => ErrorClass::InvalidRecipient,
        Some((_, 3 | 5 | 6 | 7, _)) => ErrorClass::BadContent,
        _ => match code {
            550 | 551 | 553 => ErrorClass::InvalidRecipient,
            _ => ErrorClass::BadContent,
        },
    }
}

/// What a server or a provider said, for people: short, and without the addresses that it quotes.
pub(crate) fn said(text: &str) -> String {
    let words = text.split(' ').map(|word| if word.contains('@') { "…" } else { word });
    domain::text::cut(&words.collect::<Vec<_>>().join(" "), 120).to_owned()
}

/// Whether a reply says that there is no such address: mails to it never arrive.
pub(crate) fn no_such_address(code: u16, text: &str) -> bool {
    (500..600).contains(&code)
        && match enhanced(text) {
            Some((5, 1, detail)) => !matches!(detail, 7 | 8),
            Some((5, 2, 1)) => true,
            // `5.0.0` says no more than the code.
            None | Some((5, 0, _)) => matches!(code, 550 | 551 | 553),
            Some(_) => false,
        }
}

/// The first `5.1.1` in a text.
pub(crate) fn enhanced(text: &str) -> Option<(u8, u16, u16)> {
    let is_end = |c: char| !(c.is_ascii_digit() || c == '.');
    text.split(is_end).find_map(|word| {
        let mut numbers = word.split('.');
        let class = numbers.next()?.parse().ok().filter(|class| matches!(class, 2 | 4 | 5))?;
        let subject = numbers.next().filter(|text| text.len() <= 3)?.parse().ok()?;
        let detail = numbers.next().filter(|text| text.len() <= 3)?.parse().ok()?;
        numbers.next().is_none().then_some((class, subject, detail))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_nobodys_business() {
        assert_eq!(said("5.1.1 <ann@x.example>: no such user"), "5.1.1 … no such user");
        assert_eq!(said("\"ann@x.example\" is invalid"), "… is invalid");
        assert_eq!(said(&"é ".repeat(200)).chars().count(), 120);
    }

    #[test]
    fn replies_have_classes() {
        for (code, text, class_of, dead) in [
            (550, "5.1.1 no such user", ErrorClass::InvalidRecipient, true),
            (550, "no such user", ErrorClass::InvalidRecipient, true),
            (550, "5.0.0 no such user", ErrorClass::InvalidRecipient, true),
            (550, "5.1.8 bad sender's address", ErrorClass::BadSender, false),
            (550, "5.2.1 disabled", ErrorClass::InvalidRecipient, true),
            (552, "5.2.2 mailbox full", ErrorClass::InvalidRecipient, false),
            (552, "5.3.4 too big", ErrorClass::BadContent, false),
            (554, "5.7.1 spam", ErrorClass::BadContent, false),
            (554, "no", ErrorClass::BadContent, false),
            (535, "5.7.8 who are you", ErrorClass::BadCredentials, false),
            (530, "5.7.0 log in first", ErrorClass::BadCredentials, false),
            (530, "log in first", ErrorClass::BadCredentials, false),
            (450, "4.2.2 mailbox full", ErrorClass::Transient, false),
            (421, "closing", ErrorClass::Transient, false),
            (451, "4.7.1 greylisted", ErrorClass::Transient, false),
        ] {
            assert_eq!((class(code, text), no_such_address(code, text)), (class_of, dead), "{code} {text}");
        }
        assert_eq!(enhanced("550-5.1.1 The account"), Some((5, 1, 1)));
        assert_eq!(enhanced("host 10.0.0.1 said 5.7.26 no"), Some((5, 7, 26)));
        assert_eq!(enhanced("host 5.1.2.3 said"), None);
    }
}
