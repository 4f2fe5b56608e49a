//! What a template consists of, and the rules by which WhatsApp takes it.
//! <https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates/components>

use super::{ButtonKind, Deserialize, HeaderKind, JsonSchema, Serialize};
use crate::Violation;

/// The most characters of a header's text and of a footer.
const MAX_LINE: usize = 60;
/// The most characters of a body.
const MAX_BODY: usize = 1_024;
/// The most characters on a button.
const MAX_BUTTON: usize = 25;
/// The most buttons.
const MAX_BUTTONS: usize = 10;
/// The most characters of an address.
const MAX_URL: usize = 2_000;

/// What a template consists of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "WhatsAppTemplateComponents")]
pub struct Components {
    /// What it begins with, if with anything.
    #[serde(default)]
    pub header: Option<HeaderComponent>,
    /// The text, with placeholders such as `{{1}}`; at most 1,024 characters.
    #[schemars(example = &"Hello {{1}}, your order {{2}} is ready.")]
    pub body: String,
    /// A small line below the text, without placeholders; at most 60 characters.
    #[serde(default)]
    pub footer: Option<String>,
    /// Its buttons, at most 10.
    #[serde(default)]
    pub buttons: Vec<ButtonComponent>,
}

/// What a template begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "WhatsAppTemplateHeader")]
pub struct HeaderComponent {
    /// A text or media.
    #[serde(rename = "type")]
    pub kind: HeaderKind,
    /// Of a text: what stands there, with at most one placeholder; at most 60 characters.
    #[serde(default)]
    pub text: Option<String>,
    /// Of media: their address, where it is part of the template (Twilio). Without one, every message gives it.
    #[serde(default)]
    pub url: Option<String>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "WhatsAppTemplateButton")]
pub struct ButtonComponent {
    /// What it does.
    #[serde(rename = "type")]
    pub kind: ButtonKind,
    /// What stands on it; at most 25 characters.
    #[schemars(example = &"See the order")]
    pub text: String,
    /// Of `URL`: the address, which may end in a placeholder.
    #[serde(default)]
    pub url: Option<String>,
    /// Of `PHONE_NUMBER`: the number.
    #[serde(default)]
    pub phone_number: Option<String>,
}

/// The names of the placeholders of a text, in the order in which they first come.
pub fn placeholders(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    substitute(text, |name| {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
        None
    });
    names
}

/// A text with its placeholders replaced; those for which there is nothing stay.
pub(super) fn substitute(text: &str, mut value: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        out += before;
        let name = behind.split_once("}}").map(|(name, after)| (name.trim(), after)).filter(|(name, _)| is_name(name));
        if let Some((name, after)) = name {
            match value(name) {
                Some(value) => out += &value,
                None => out.extend(["{{", name, "}}"]),
            }
            rest = after;
        } else {
            out += "{{";
            rest = behind;
        }
    }
    out + rest
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl HeaderComponent {
    /// The names of what a message fills in. An address that the template leaves open has no name of its own.
    pub(super) fn names(&self) -> Vec<String> {
        match (self.kind, &self.url) {
            (HeaderKind::Text, _) => placeholders(self.text.as_deref().unwrap_or_default()),
            (_, Some(url)) => placeholders(url),
            (_, None) => vec![String::new()],
        }
    }
}

impl ButtonComponent {
    /// The names of what a message fills in; that of a code is empty.
    pub(super) fn names(&self) -> Vec<String> {
        match self.kind {
            ButtonKind::Url => placeholders(self.url.as_deref().unwrap_or_default()),
            ButtonKind::CopyCode => vec![String::new()],
            ButtonKind::QuickReply | ButtonKind::PhoneNumber => Vec::new(),
        }
    }
}

impl Components {
    /// What is wrong with them, below `pointer`.
    pub fn check(&self, pointer: &str) -> Vec<Violation> {
        let mut found = Vec::new();
        let mut add = |place: String, code, detail: &str| {
            found.push(Violation::new(format!("{pointer}{place}"), code, detail));
        };
        let too_long = |text: &str, most: usize| text.chars().count() > most;
        if self.body.trim().is_empty() {
            add("/body".into(), "body_required", "The text is empty.");
        } else if too_long(&self.body, MAX_BODY) {
            add("/body".into(), "body_too_long", "At most 1,024 characters.");
        }
        if self.footer.as_ref().is_some_and(|footer| too_long(footer, MAX_LINE) || !placeholders(footer).is_empty()) {
            add("/footer".into(), "footer_invalid", "At most 60 characters, without placeholders.");
        }
        if let Some(header) = &self.header {
            let text = header.text.as_deref().unwrap_or_default();
            let is_text = header.kind == HeaderKind::Text;
            if is_text && (text.trim().is_empty() || too_long(text, MAX_LINE) || header.names().len() > 1) {
                add("/header/text".into(), "header_invalid", "1 to 60 characters with at most one placeholder.");
            }
            if !is_text && header.text.is_some() {
                add("/header/text".into(), "header_invalid", "Only a header of the type TEXT has a text.");
            }
            if header.url.as_ref().is_some_and(|url| is_text || !is_address(url) || header.names().len() > 1) {
                add("/header/url".into(), "url_invalid", "Of media: https, with at most one placeholder.");
            }
        }
        if self.buttons.len() > MAX_BUTTONS {
            add("/buttons".into(), "too_many", "At most 10 buttons.");
        }
        for (index, button) in self.buttons.iter().enumerate() {
            if button.text.trim().is_empty() || too_long(&button.text, MAX_BUTTON) {
                add(format!("/buttons/{index}/text"), "button_invalid", "1 to 25 characters.");
            }
            let is_link = button.kind == ButtonKind::Url;
            let good = match &button.url {
                Some(url) => is_link && is_address(url) && button.names().len() <= 1,
                None => !is_link,
            };
            if !good {
                let detail = "A URL button has an address with at most one placeholder; others have none.";
                add(format!("/buttons/{index}/url"), "url_invalid", detail);
            }
            if button.phone_number.is_some() != (button.kind == ButtonKind::PhoneNumber) {
                let detail = "A PHONE_NUMBER button has a number; others have none.";
                add(format!("/buttons/{index}/phoneNumber"), "phone_number_invalid", detail);
            }
        }
        found
    }
}

fn is_address(url: &str) -> bool {
    url.len() <= MAX_URL && (url.starts_with("https://") || url.starts_with("http://")) && !url.contains(' ')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn link(url: &str) -> ButtonComponent {
        ButtonComponent { kind: ButtonKind::Url, text: "Open".into(), url: Some(url.into()), phone_number: None }
    }

    fn plain(body: &str) -> Components {
        Components { header: None, body: body.into(), footer: None, buttons: Vec::new() }
    }

    #[test]
    fn placeholders_are_found_once_in_order() {
        assert_eq!(placeholders("Hi {{2}}, {{ name }} and {{2}} {x} {{}} {{a b}} {{1"), ["2", "name"]);
        assert_eq!(substitute("{{1}} of {{2}}", |name| (name == "1").then(|| "one".into())), "one of {{2}}");
    }

    #[test]
    fn each_part_is_held_to_its_rule() {
        let told = |components: &Components| {
            components.check("/components").into_iter().map(|one| one.pointer).collect::<Vec<_>>()
        };
        assert!(told(&plain("Hello {{1}}")).is_empty());
        assert_eq!(told(&plain(" ")), ["/components/body"]);
        assert_eq!(told(&plain(&"x".repeat(1_025))), ["/components/body"]);
        assert_eq!(told(&Components { footer: Some("{{1}}".into()), ..plain("x") }), ["/components/footer"]);
        let header = |kind, text: Option<&str>, url: Option<&str>| Components {
            header: Some(HeaderComponent { kind, text: text.map(Into::into), url: url.map(Into::into) }),
            ..plain("x")
        };
        assert!(told(&header(HeaderKind::Text, Some("Order {{1}}"), None)).is_empty());
        assert!(told(&header(HeaderKind::Image, None, Some("https://a.example/{{1}}.png"))).is_empty());
        assert_eq!(told(&header(HeaderKind::Text, Some("{{1}} {{2}}"), None)), ["/components/header/text"]);
        assert_eq!(told(&header(HeaderKind::Image, Some("x"), Some("a"))).len(), 2);
        let buttons = |buttons: Vec<ButtonComponent>| Components { buttons, ..plain("x") };
        assert!(told(&buttons(vec![link("https://a.example/{{1}}")])).is_empty());
        assert_eq!(told(&buttons(vec![link("ftp://a.example")])), ["/components/buttons/0/url"]);
        let call = ButtonComponent { kind: ButtonKind::PhoneNumber, url: None, ..link("") };
        assert_eq!(told(&buttons(vec![call])), ["/components/buttons/0/phoneNumber"]);
        assert_eq!(told(&buttons(vec![link("https://a.example"); 11])), ["/components/buttons"]);
    }

    proptest! {
        #[test]
        fn nothing_but_placeholders_changes(text in "[^{]{0,40}") {
            prop_assert_eq!(substitute(&text, |_| Some("x".into())), text.clone());
            let with = format!("{text}{{{{1}}}}{text}");
            prop_assert_eq!(substitute(&with, |_| None), with);
        }
    }
}
