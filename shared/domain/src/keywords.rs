//! Words by which people opt out, opt in and ask who writes: a message that is nothing but such a word.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::names::fold;

named! {
    /// What a message asks for that is nothing but a word.
    pub enum Keyword {
        /// No more messages.
        Stop = "STOP",
        /// Messages again.
        Start = "START",
        /// Who writes, and how to stop it.
        Help = "HELP",
        /// They want to be in a group that asked them.
        Yes = "YES",
    }
}

/// The words that always hold, folded. Those that Twilio takes by default, less `INFO`, which answers other questions too, as
/// does `YES`, which therefore means something only to who was asked to confirm. <https://help.twilio.com/articles/223134027>
const WORDS: &[(Keyword, &[&str])] = &[
    (
        Keyword::Stop,
        &["stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "optout", "opt out", "revoke"],
    ),
    (Keyword::Start, &["start", "unstop"]),
    (Keyword::Help, &["help"]),
    (Keyword::Yes, &["yes"]),
];

/// The most words of one's own for each keyword, and the most characters of one.
pub const MAX_WORDS: (usize, usize) = (50, 40);

/// An organization's own words, beside those that always hold: `ACHA`, `ARRÊT`, `BERHENTI`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct OwnWords {
    /// For opting out.
    #[schemars(extend("examples" = [["ACHA", "ARRET"]]))]
    pub stop: Vec<String>,
    /// For opting in again.
    #[schemars(extend("examples" = [["ANZA"]]))]
    pub start: Vec<String>,
    /// For help.
    #[schemars(extend("examples" = [["MSAADA"]]))]
    pub help: Vec<String>,
    /// For confirming.
    #[schemars(extend("examples" = [["NDIYO"]]))]
    pub yes: Vec<String>,
}

impl OwnWords {
    fn of(&self, keyword: Keyword) -> &[String] {
        match keyword {
            Keyword::Stop => &self.stop,
            Keyword::Start => &self.start,
            Keyword::Help => &self.help,
            Keyword::Yes => &self.yes,
        }
    }
}

/// The keyword that a message is, whatever its case, accents, blanks and punctuation around it. `STOP PLEASE` is none:
/// the whole message must be the word. Opting out goes first, should a word be on two lists.
pub fn keyword(text: &str, own: &OwnWords) -> Option<Keyword> {
    let text = bare(text);
    if text.is_empty() {
        return None;
    }
    Keyword::ALL.iter().copied().find(|keyword| {
        let always = WORDS.iter().filter(|(of, _)| of == keyword).flat_map(|(_, words)| words.iter());
        always.copied().any(|word| word == text) || own.of(*keyword).iter().any(|word| bare(word) == text)
    })
}

fn bare(text: &str) -> String {
    fold(text.trim_matches(|letter: char| !letter.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_alone_is_a_keyword_however_it_is_written() {
        let own =
            OwnWords { stop: vec!["ARRÊT".into(), "Acha sasa".into(), "إيقاف".into()], ..OwnWords::default() };
        for text in [
            "STOP",
            "stop",
            " Stop. ",
            "\"STOP\"",
            "stop!!",
            "STOPALL",
            "stop  all",
            "Unsubscribe",
            "CANCEL",
            "end",
            "QUIT",
            "arret",
            "Arrêt.",
            "ACHA SASA",
            "إيقاف",
        ] {
            assert_eq!(keyword(text, &own), Some(Keyword::Stop), "{text}");
        }
        assert_eq!(keyword("Start", &own), Some(Keyword::Start));
        assert_eq!(keyword("help?", &own), Some(Keyword::Help));
        assert_eq!(keyword("Yes!", &own), Some(Keyword::Yes));
        for text in ["", "!", "stop please", "please stop", "don't stop", "yes please", "the end", "stopp", "help me"] {
            assert_eq!(keyword(text, &own), None, "{text}");
        }
        assert_eq!(keyword("ARRET", &OwnWords::default()), None);
    }

    #[test]
    fn opting_out_goes_first() {
        let own = OwnWords { start: vec!["stop".into()], help: vec!["end".into()], ..OwnWords::default() };
        assert_eq!(keyword("STOP", &own), Some(Keyword::Stop));
        assert_eq!(keyword("END", &own), Some(Keyword::Stop));
    }
}
