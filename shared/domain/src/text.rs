//! Texts: limits and the title that a message gets when it has none.

/// The most characters of a message's body.
pub const MAX_BODY: usize = 5_000;

/// How many characters of the body become the title.
const TITLE: usize = 40;

/// The title of a message without one: the first 40 characters of its body.
pub fn title(body: &str) -> String {
    cut(body, TITLE).to_owned()
}

/// The first `most` characters.
pub fn cut(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_not_bytes() {
        assert_eq!(title(&"ж".repeat(50)), "ж".repeat(40));
        assert_eq!(title("short"), "short");
        assert_eq!(title(&"a".repeat(40)), "a".repeat(40));
        assert_eq!(cut("😀😀", 1), "😀");
        assert_eq!(cut("", 1), "");
    }
}
