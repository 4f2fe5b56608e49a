//! The two parts of a mail. HTML is made of a plain text, or is the user's own, cleaned; the plain part is made of it.
//!
//! Invariant: whatever the text holds, the HTML has no script, form, frame or style sheet, and no address but http, https,
//! mailto and tel.

use std::{borrow::Cow, collections::HashSet, sync::LazyLock};

use ammonia::{Builder, UrlRelative};
use domain::text::escape_html;

use super::settings::Branding;

/// Columns of the plain part made of HTML: RFC 5322 §2.1.1 advises 78.
const COLUMNS: usize = 78;

/// Tags and attributes that mail programs know, beyond those of a comment on a web page.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::default();
    cleaner
        .add_tags(["font", "main"])
        .add_generic_attributes(["style", "align", "valign", "width", "height", "bgcolor", "dir"])
        .add_tag_attributes("table", ["border", "cellpadding", "cellspacing", "role"])
        .add_tag_attributes("font", ["color", "face", "size"])
        .filter_style_properties(properties())
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(None);
    cleaner
});

fn properties() -> HashSet<&'static str> {
    HashSet::from([
        "background-color",
        "border",
        "border-bottom",
        "border-collapse",
        "border-color",
        "border-left",
        "border-radius",
        "border-right",
        "border-top",
        "color",
        "display",
        "font-family",
        "font-size",
        "font-style",
        "font-weight",
        "height",
        "letter-spacing",
        "line-height",
        "margin",
        "margin-bottom",
        "margin-left",
        "margin-right",
        "margin-top",
        "max-width",
        "padding",
        "padding-bottom",
        "padding-left",
        "padding-right",
        "padding-top",
        "text-align",
        "text-decoration",
        "vertical-align",
        "width",
    ])
}

/// The plain and the HTML part of a mail.
pub(super) fn parts(look: &Branding, body: &str, is_html: bool, unsubscribe: Option<&str>) -> (String, String) {
    let (text, inner) = if is_html {
        let clean = CLEANER.clean(body).to_string();
        (plain(&clean), clean)
    } else {
        (body.to_owned(), paragraphs(body))
    };
    (with_footer(text, look, unsubscribe), page(look, &inner, unsubscribe))
}

fn plain(html: &str) -> String {
    let config = html2text::config::plain_no_decorate().raw_mode(true).link_footnotes(true).allow_width_overflow();
    // It fails on columns that are too narrow, which cannot be.
    config.string_from_read(html.as_bytes(), COLUMNS).unwrap_or_default().trim().to_owned()
}

/// A plain text as HTML: blank lines part paragraphs, and addresses of pages become links.
fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let paragraph = |text: &str| {
        let lines: Vec<String> = text.lines().map(with_links).collect();
        format!("<p style=\"margin:0 0 16px\">{}</p>", lines.join("<br>"))
    };
    text.split("\n\n").filter(|text| !text.trim().is_empty()).map(paragraph).collect()
}

fn with_links(line: &str) -> String {
    let link = |word: &str| -> String {
        let start = word.find("https://").or_else(|| word.find("http://"));
        let Some(start) = start else { return escape_html(word) };
        // The point at the end of a sentence is not the address's.
        let end = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '\'', '>']).len().max(start);
        let url = escape_html(&word[start..end]);
        format!("{}<a href=\"{url}\">{url}</a>{}", escape_html(&word[..start]), escape_html(&word[end..]))
    };
    line.split(' ').map(link).collect::<Vec<_>>().join(" ")
}

fn with_footer(mut text: String, look: &Branding, unsubscribe: Option<&str>) -> String {
    let lines: Vec<Cow<'_, str>> = [look.footer.as_deref(), look.postal_address.as_deref()]
        .into_iter()
        .flatten()
        .map(Cow::Borrowed)
        .chain(unsubscribe.map(|url| Cow::Owned(format!("Unsubscribe: {url}"))))
        .collect();
    if !lines.is_empty() {
        // The line by which mail programs know a signature.
        text.push_str("\n\n-- \n");
        text.push_str(&lines.join("\n"));
    }
    text
}

/// One table around everything: mail programs know little else. The values come from checked settings.
fn page(look: &Branding, inner: &str, unsubscribe: Option<&str>) -> String {
    let color = look.color.as_deref().unwrap_or("#1a1a1a");
    let background = look.background_color.as_deref().unwrap_or("#ffffff");
    let logo = look.logo_url.as_deref().map_or_else(String::new, |url| {
        let url = escape_html(url);
        format!(
            "<tr><td style=\"padding:0 0 16px;border-bottom:2px solid {color}\"><img src=\"{url}\" alt=\"\" \
             style=\"max-width:240px;border:0\"></td></tr>"
        )
    });
    let lines = |text: &str| escape_html(text).replace('\n', "<br>");
    let footer: Vec<String> = [look.footer.as_deref(), look.postal_address.as_deref()]
        .into_iter()
        .flatten()
        .map(lines)
        .chain(
            unsubscribe.map(|url| format!("<a href=\"{}\" style=\"color:{color}\">Unsubscribe</a>", escape_html(url))),
        )
        .collect();
    let footer = if footer.is_empty() {
        String::new()
    } else {
        format!("<tr><td style=\"padding:16px 0 0;font-size:12px;color:#666666\">{}</td></tr>", footer.join("<br>"))
    };
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         </head><body style=\"margin:0;background-color:{background}\"><table role=\"presentation\" width=\"100%\"><tr>\
         <td align=\"center\"><table role=\"presentation\" width=\"600\" style=\"max-width:600px;padding:24px;\
         font-family:Arial,sans-serif;font-size:16px;line-height:1.5;color:#1a1a1a;text-align:left\">{logo}<tr><td \
         style=\"padding:16px 0\">{inner}</td></tr>{footer}</table></td></tr></table></body></html>"
    )
}
