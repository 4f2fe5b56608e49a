//! Smart replacement: characters that a word processor puts into an SMS, and that cost it more than half of its length,
//! become those of the GSM alphabet that look like them.
//!
//! The table is [`look-alikes.json`](../tables/look-alikes.json): by each replacement the characters that it stands for. It was
//! chosen from what Twilio replaces (<https://www.twilio.com/docs/messaging/services/smart-encoding-char-list>), less what
//! would say something else (`½` in `2½`), with the Greek capitals that TS 23.038 leaves to their Latin twins. Accented
//! letters that the alphabet lacks lose their accents, by Unicode's canonical decomposition (UAX #15).
//!
//! Invariant: a text is replaced as a whole or not at all, and never for more segments. What an emoji or a Cyrillic letter
//! keeps wide anyway stays as it was written.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::segments::{is_gsm, segments};

/// By character what it becomes.
static LOOK_ALIKES: LazyLock<HashMap<char, String>> = LazyLock::new(|| {
    let table: BTreeMap<String, String> =
        serde_json::from_str(include_str!("../tables/look-alikes.json")).expect("a test reads the table");
    let pairs = table.iter().flat_map(|(to, from)| from.chars().map(move |letter| (letter, to.clone())));
    pairs.collect()
});

/// A text that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smart {
    /// The text in the GSM alphabet.
    pub text: String,
    /// Which characters became what, and how often.
    pub replaced: BTreeMap<(char, String), u64>,
}

/// The text with look-alikes in the GSM alphabet. `None`: it is sent as it is, because it is in that alphabet, cannot be
/// brought into it, or would need more segments.
pub fn smart(text: &str) -> Option<Smart> {
    if is_gsm(text) {
        return None;
    }
    let mut smart = Smart { text: String::with_capacity(text.len()), replaced: BTreeMap::new() };
    for letter in text.nfc() {
        if is_gsm(letter.encode_utf8(&mut [0; 4])) {
            smart.text.push(letter);
            continue;
        }
        let like = match LOOK_ALIKES.get(&letter) {
            Some(like) => like.clone(),
            None => bare(letter)?,
        };
        smart.text.push_str(&like);
        *smart.replaced.entry((letter, like)).or_default() += 1;
    }
    (segments(&smart.text).segments <= segments(text).segments).then_some(smart)
}

/// A letter without its accents, if the alphabet has that; nothing for an accent of its own.
fn bare(letter: char) -> Option<String> {
    let bare: String = letter.nfd().filter(|part| !is_combining_mark(*part)).collect();
    is_gsm(&bare).then_some(bare)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;
    use crate::segments::Encoding;

    /// The table that the console's counter is held to as well.
    #[test]
    fn the_cases_that_the_console_shares() {
        #[derive(Deserialize)]
        struct Case {
            name: String,
            text: String,
            smart: Option<String>,
        }
        let cases: Vec<Case> = serde_json::from_str(include_str!("../cases/smart.json")).unwrap();
        assert!(cases.len() > 10);
        for case in cases {
            assert_eq!(smart(&case.text).map(|smart| smart.text), case.smart, "{}", case.name);
        }
    }

    #[test]
    fn the_table_leads_from_outside_the_alphabet_into_it() {
        assert!(LOOK_ALIKES.len() > 100);
        for (from, to) in LOOK_ALIKES.iter() {
            assert!(!is_gsm(&from.to_string()), "{from} needs no replacement");
            assert!(is_gsm(to), "{to} is beyond the alphabet");
            assert_eq!(from.nfc().collect::<Vec<_>>(), [*from], "{from} never comes so");
        }
    }

    #[test]
    fn it_is_told_what_was_replaced() {
        let found = smart("“Déjà vu” – “ça va”").unwrap();
        assert_eq!(found.text, "\"Déjà vu\" - \"ca va\"");
        let replaced: Vec<(char, &str, u64)> =
            found.replaced.iter().map(|((from, to), count)| (*from, to.as_str(), *count)).collect();
        assert_eq!(replaced, [('ç', "c", 1), ('–', "-", 1), ('“', "\"", 2), ('”', "\"", 2)]);
    }

    proptest! {
        #[test]
        fn it_never_costs_more_and_ends_in_the_alphabet(text in "[a-z“”…‼é’ẹç\u{301} ж😀]{0,200}") {
            if let Some(found) = smart(&text) {
                let (before, after) = (segments(&text), segments(&found.text));
                prop_assert_eq!(after.encoding, Encoding::Gsm7);
                prop_assert!(after.segments <= before.segments);
                prop_assert_eq!(smart(&found.text), None);
            }
        }

        #[test]
        fn a_text_of_the_alphabet_stays(text in "[a-zA-Z0-9@£€{}éÅ\n ]{0,200}") {
            prop_assert_eq!(smart(&text), None);
        }
    }
}
