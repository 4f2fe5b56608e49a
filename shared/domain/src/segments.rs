//! SMS segments: how many parts a text is sent as, and so what it costs.
//!
//! Facts: 3GPP TS 23.038 (the alphabet) and TS 23.040 (parts); the results were compared with Twilio's
//! `sms-segments-calculator` 1.3.0.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the characters of a text are encoded. `Ucs2` is the wider one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Encoding {
    /// The 7-bit alphabet of GSM: 160 in one part.
    #[serde(rename = "GSM7")]
    Gsm7,
    /// UTF-16: 70 code units in one part.
    #[serde(rename = "UCS2")]
    Ucs2,
}

impl Encoding {
    /// The units that fit into a text of one part.
    pub const fn single(self) -> u32 {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// The units that fit into each part of a longer text; a header takes the rest.
    pub const fn multipart(self) -> u32 {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }
}

/// How a text is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Segments {
    /// The encoding that the whole text needs.
    pub encoding: Encoding,
    /// Characters as Unicode counts them (an emoji may be several).
    pub characters: u32,
    /// What is counted against the limits: septets (GSM 7-bit) or UTF-16 code units (UCS-2).
    pub units: u32,
    /// How many parts; an empty text is one.
    pub segments: u32,
    /// The most units in one part of this text.
    pub units_per_segment: u32,
}

/// The characters of the basic alphabet that are not ASCII letters or digits, in the order of the table.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";

/// The characters of the extension table: an escape and a septet each.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// The septets of a character; `None` if it is not in the alphabet.
fn septets(letter: char) -> Option<u32> {
    if letter.is_ascii_alphanumeric() || BASIC.contains(letter) {
        Some(1)
    } else if EXTENSION.contains(letter) {
        Some(2)
    } else {
        None
    }
}

/// Whether a text is in the GSM alphabet as a whole.
pub fn is_gsm(text: &str) -> bool {
    text.chars().all(|letter| septets(letter).is_some())
}

/// How `text` is sent as SMS. A character of two units is never split over two parts.
pub fn segments(text: &str) -> Segments {
    let encoding = if is_gsm(text) { Encoding::Gsm7 } else { Encoding::Ucs2 };
    let size = |letter: char| match encoding {
        Encoding::Gsm7 => septets(letter).unwrap_or(1),
        Encoding::Ucs2 => letter.len_utf16() as u32,
    };
    let units: u32 = text.chars().map(size).sum();
    let characters = text.chars().count() as u32;
    if units <= encoding.single() {
        return Segments { encoding, characters, units, segments: 1, units_per_segment: encoding.single() };
    }
    let most = encoding.multipart();
    let (mut segments, mut filled) = (1, 0);
    for size in text.chars().map(size) {
        if filled + size > most {
            segments += 1;
            filled = 0;
        }
        filled += size;
    }
    Segments { encoding, characters, units, segments, units_per_segment: most }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(text: &str) -> u32 {
        segments(text).segments
    }

    /// The table that the console's counter is held to as well; its first lines were measured, see above.
    #[test]
    fn the_table_that_the_console_shares() {
        #[derive(Deserialize)]
        struct Case {
            name: String,
            text: Option<String>,
            repeat: Option<Vec<(String, usize)>>,
            #[serde(flatten)]
            expected: Segments,
        }
        let cases: Vec<Case> = serde_json::from_str(include_str!("../cases/segments.json")).unwrap();
        assert!(cases.len() > 20);
        for case in cases {
            let repeated = || case.repeat.iter().flatten().map(|(part, times)| part.repeat(*times)).collect();
            let text = case.text.clone().unwrap_or_else(repeated);
            assert_eq!(segments(&text), case.expected, "{}", case.name);
        }
    }

    #[test]
    fn the_alphabet() {
        for text in ["Ç", "^{}\\[~]|€\u{c}", "@£$¥ Hello_World", "ΔΦΓΛΩΠΨΣΘΞ", "line\r\nline", "ÄÖÑÜäöñüà"]
        {
            assert_eq!(segments(text).encoding, Encoding::Gsm7, "{text}");
        }
        for text in ["`", "“quoted”", "ç", "Ελλάδα", "\u{1b}", "\t", "ё", "’"] {
            assert_eq!(segments(text).encoding, Encoding::Ucs2, "{text}");
        }
        assert_eq!(BASIC.chars().count() + 62, 127, "128 septets less the escape");
        assert_eq!(EXTENSION.chars().count(), 10);
    }

    #[test]
    fn units_are_what_is_counted() {
        assert_eq!(
            segments("a€\r\n"),
            Segments { encoding: Encoding::Gsm7, characters: 4, units: 5, segments: 1, units_per_segment: 160 }
        );
        assert_eq!(
            segments("ж😀"),
            Segments { encoding: Encoding::Ucs2, characters: 2, units: 3, segments: 1, units_per_segment: 70 }
        );
        assert_eq!(segments("").segments, 1);
        assert_eq!(segments("").characters, 0);
    }

    #[test]
    fn pairs_are_never_split() {
        // 152 + a pair: the pair begins the second part, which then has 151 left of 153.
        assert_eq!(parts(&format!("{}€{}", "a".repeat(152), "a".repeat(151))), 2);
        assert_eq!(parts(&format!("{}€{}", "a".repeat(152), "a".repeat(152))), 3);
        assert_eq!(parts(&format!("{}😀{}", "ж".repeat(66), "ж".repeat(65))), 2);
        assert_eq!(parts(&format!("{}😀{}", "ж".repeat(66), "ж".repeat(66))), 3);
    }

    proptest! {
        #[test]
        fn parts_hold_the_text_and_not_much_more(text in "[a-z€ж😀~\n]{0,700}") {
            let found = segments(&text);
            let most = found.units_per_segment;
            prop_assert!(found.units <= found.segments * most);
            // Each part but the last has at most one unit free, for a pair that did not fit.
            prop_assert!(found.segments == 1 || found.units > (found.segments - 1) * (most - 1));
            prop_assert!(found.units >= found.characters);
        }

        #[test]
        fn more_text_is_never_fewer_parts(text in "[a-z€ж😀]{0,300}", more in "[a-z€ж😀]{0,20}") {
            let longer = format!("{text}{more}");
            prop_assert!(parts(&longer) >= parts(&text));
        }
    }
}
