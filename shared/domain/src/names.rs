//! Names as they are searched: without case and accents, word by word.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The most words of one name that are indexed.
pub const MAX_WORDS: usize = 8;

/// The most characters of a word that are indexed.
pub const MAX_WORD: usize = 32;

/// Letters that Unicode does not decompose, as people type them on a plain keyboard.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ı' => "i",
        'ħ' => "h",
        _ => return None,
    })
}

fn fold_letters(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
        // The lower case of `İ` brings a mark of its own.
        match plain(letter) {
            Some(plain) => folded.push_str(plain),
            None if is_combining_mark(letter) => {}
            None => folded.push(letter),
        }
    }
    folded
}

/// A text as it is compared: lower case, no accents, single blanks, none around it.
pub fn fold(text: &str) -> String {
    fold_letters(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a name for search, in order: folded, without repeats, at most [`MAX_WORDS`] of at most [`MAX_WORD`]
/// characters. What is neither letter nor digit separates.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in fold_letters(name).split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word = crate::text::cut(word, MAX_WORD);
        if !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
            if words.len() == MAX_WORDS {
                break;
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_become_words() {
        assert_eq!(words("Wanjikũ  O'Brien-Müller"), ["wanjiku", "o", "brien", "muller"]);
        assert_eq!(words("José JOSÉ josé"), ["jose"]);
        assert_eq!(words("Łukasz Øystein Straße"), ["lukasz", "oystein", "strasse"]);
        assert_eq!(words("محمد علي"), ["محمد", "علي"]);
        assert_eq!(words("İstanbul"), ["istanbul"]);
        assert_eq!(words(" – "), Vec::<String>::new());
        assert_eq!(words("a b c d e f g h i j").len(), 8);
        assert_eq!(words(&"x".repeat(50)), ["x".repeat(32)]);
    }

    #[test]
    fn fold_keeps_signs_and_joins_blanks() {
        assert_eq!(fold("  Café \t No. 5 "), "cafe no. 5");
        assert_eq!(fold("ＡＢＣ"), "abc");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,60}") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }

        #[test]
        fn words_are_their_own_words(text in "\\PC{0,120}") {
            let words = words(&text);
            prop_assert!(words.len() <= MAX_WORDS);
            for word in &words {
                prop_assert!(!word.is_empty() && word.chars().count() <= MAX_WORD);
            }
        }
    }
}
