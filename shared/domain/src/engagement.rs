//! What people do with an e-mail, as far as a provider sees it: opens and clicks. They are no states of a delivery: many
//! programs load pictures that nobody looked at, and hide that somebody did.

use url::Url;

named! {
    /// What somebody did.
    pub enum EngagementKind {
        /// Opened the mail: its pictures were loaded.
        Opened = "OPENED",
        /// Followed a link.
        Clicked = "CLICKED",
    }
}

/// The longest link that is kept, in characters.
const LONGEST: usize = 200;

/// A part of a path that is longer than this is taken for a token.
const LONGEST_PART: usize = 32;

/// A link without what may say who followed it: no query, no fragment, no user, and no long part of its path.
/// `None`: it is no link to a web page.
pub fn public_link(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let parts = url.path_segments()?.map(|part| if part.len() > LONGEST_PART { "…" } else { part });
    let path = parts.collect::<Vec<_>>().join("/");
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let link = format!("{}://{}{port}/{path}", url.scheme(), url.host_str()?);
    Some(link.chars().take(LONGEST).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lose_what_is_personal() {
        for (link, kept) in [
            ("https://shop.example/sale?utm_source=x&email=ann@x.example", Some("https://shop.example/sale")),
            ("https://ann:secret@shop.example:8443/a/b#ann", Some("https://shop.example:8443/a/b")),
            ("https://shop.example", Some("https://shop.example/")),
            ("https://app.example/api/u/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789", Some("https://app.example/api/u/…")),
            ("mailto:help@shop.example", None),
            ("javascript:alert(1)", None),
            ("not a link", None),
        ] {
            assert_eq!(public_link(link).as_deref(), kept, "{link}");
        }
        assert_eq!(public_link(&format!("https://a.example/{}", "ab/".repeat(200))).unwrap().chars().count(), LONGEST);
    }
}
