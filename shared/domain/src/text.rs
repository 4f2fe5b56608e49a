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

/// What an HTML text begins with: any other `<` may be a heart or a name.
const FIRST_TAGS: &[&str] = &[
    "!doctype",
    "a",
    "article",
    "b",
    "blockquote",
    "body",
    "br",
    "center",
    "div",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "img",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "span",
    "strong",
    "style",
    "table",
    "u",
    "ul",
];

/// Whether the body of an e-mail is HTML: it begins with a tag of HTML. Everything else is plain text.
pub fn is_html(body: &str) -> bool {
    let Some(rest) = body.trim_start().strip_prefix('<') else { return false };
    let name: String =
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '!').collect::<String>().to_ascii_lowercase();
    FIRST_TAGS.contains(&name.as_str()) && rest[name.len()..].contains('>')
}

/// A text as it stands in HTML, between tags or in a quoted attribute: whatever is in it, it is only text.
pub fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_begins_with_a_tag() {
        for html in ["<p>Hi</p>", " \n<!DOCTYPE html><html></html>", "<H1 class=x>Hi</H1>", "<br/>", "<table\n>"] {
            assert!(is_html(html), "{html}");
        }
        for text in ["Hi <b>you</b>", "<3 you", "<Ama>, hello", "<", "<p", "", "1 < 2 > 0", "<script>x</script>"] {
            assert!(!is_html(text), "{text}");
        }
    }

    #[test]
    fn what_is_escaped_is_only_text() {
        assert_eq!(escape_html("<a href=\"x\" b='y'> & é"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt; &amp; é");
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        assert_eq!(title(&"ж".repeat(50)), "ж".repeat(40));
        assert_eq!(title("short"), "short");
        assert_eq!(title(&"a".repeat(40)), "a".repeat(40));
        assert_eq!(cut("😀😀", 1), "😀");
        assert_eq!(cut("", 1), "");
    }
}
