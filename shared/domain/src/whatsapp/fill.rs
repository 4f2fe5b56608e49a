//! What fills a template: given in the order of its placeholders, held against them, and handed on in the providers' form.

use super::{
    ButtonKind, Components, Deserialize, HeaderKind, JsonSchema, Serialize,
    components::{placeholders, substitute},
};
use crate::Violation;

/// What a message gives for a template's placeholders, each list in their order. Texts may hold `{{variables}}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "WhatsAppTemplateParameters")]
pub struct Parameters {
    /// What fills the header: a text, or the public address of the media.
    #[serde(default)]
    pub header: Vec<String>,
    /// What fills the body's placeholders.
    #[serde(default)]
    #[schemars(extend("examples" = [["{{name}}", "{{orderNumber}}"]]))]
    pub body: Vec<String>,
    /// What fills the buttons that take anything: the end of an address, the code to copy.
    #[serde(default)]
    pub buttons: Vec<String>,
}

/// A template with what fills it: for one recipient, or (`T` being a text with variables) for all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Filled<T = String> {
    /// As the provider knows it: a name (Meta, Interakt, Vonage), an id (Gupshup), `HX…` (Twilio), a campaign (AiSensy).
    pub name: String,
    /// The code of its language, such as `en` or `en_US`. Twilio, Gupshup and AiSensy know it by the name.
    pub language: String,
    /// What fills the header, if it has a placeholder or media.
    pub header: Option<Header<T>>,
    /// What fills the body's placeholders, in their order.
    pub body: Vec<T>,
    /// What fills the buttons, of those that take anything.
    pub buttons: Vec<Button<T>>,
    /// What the placeholders are called, those of the body first, then that of the header, then those of the buttons.
    /// Empty: they are numbered, each part from 1.
    #[serde(default)]
    pub names: Vec<String>,
}

/// What fills a template's header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Header<T = String> {
    /// The one placeholder of a text.
    Text {
        /// What stands there.
        text: T,
    },
    /// A picture.
    Image {
        /// Its public address.
        url: T,
    },
    /// A film.
    Video {
        /// Its public address.
        url: T,
    },
    /// A file.
    Document {
        /// Its public address.
        url: T,
        /// What it is called.
        filename: String,
    },
}

/// What fills a template's button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button<T = String> {
    /// Which one, from 0.
    pub index: u8,
    /// What it does.
    pub kind: ButtonKind,
    /// The end of its address, what comes back when it is pressed, or the code to copy.
    pub value: T,
}

impl<T> Header<T> {
    /// What fills it.
    pub const fn value(&self) -> &T {
        match self {
            Self::Text { text } => text,
            Self::Image { url } | Self::Video { url } | Self::Document { url, .. } => url,
        }
    }

    fn of(kind: HeaderKind, value: T) -> Self {
        match kind {
            HeaderKind::Text => Self::Text { text: value },
            HeaderKind::Image => Self::Image { url: value },
            HeaderKind::Video => Self::Video { url: value },
            HeaderKind::Document => Self::Document { url: value, filename: String::new() },
        }
    }
}

impl<T> Filled<T> {
    /// What fills it, in the order of `names`: the body, the header, the buttons.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        let buttons = self.buttons.iter().map(|button| &button.value);
        self.body.iter().chain(self.header.as_ref().map(Header::value)).chain(buttons)
    }

    /// The same with other values.
    ///
    /// # Errors
    ///
    /// The first of `f`.
    pub fn try_map<U, E>(&self, mut f: impl FnMut(&T) -> Result<U, E>) -> Result<Filled<U>, E> {
        let header = match &self.header {
            None => None,
            Some(Header::Text { text }) => Some(Header::Text { text: f(text)? }),
            Some(Header::Image { url }) => Some(Header::Image { url: f(url)? }),
            Some(Header::Video { url }) => Some(Header::Video { url: f(url)? }),
            Some(Header::Document { url, filename }) => {
                Some(Header::Document { url: f(url)?, filename: filename.clone() })
            }
        };
        let mut buttons = Vec::with_capacity(self.buttons.len());
        for one in &self.buttons {
            buttons.push(Button { index: one.index, kind: one.kind, value: f(&one.value)? });
        }
        Ok(Filled {
            name: self.name.clone(),
            language: self.language.clone(),
            body: self.body.iter().map(&mut f).collect::<Result<_, E>>()?,
            header,
            buttons,
            names: self.names.clone(),
        })
    }
}

impl Filled {
    /// The same, with a file called as its address says.
    #[must_use]
    pub fn with_filename(mut self) -> Self {
        if let Some(Header::Document { url, filename }) = &mut self.header {
            let path = url.split(['?', '#']).next().unwrap_or_default();
            path.rsplit('/').next().unwrap_or_default().clone_into(filename);
        }
        self
    }

    /// What was given for it.
    pub fn parameters(&self) -> Parameters {
        Parameters {
            header: self.header.iter().map(|header| header.value().clone()).collect(),
            body: self.body.clone(),
            buttons: self.buttons.iter().map(|button| button.value.clone()).collect(),
        }
    }
}

impl Components {
    /// Fills the placeholders; `name` is what the provider knows the template by.
    ///
    /// # Errors
    ///
    /// Where too little or too much is given, below `pointer`.
    pub fn fill(
        &self,
        name: &str,
        language: &str,
        given: &Parameters,
        pointer: &str,
    ) -> Result<Filled, Vec<Violation>> {
        let body = placeholders(&self.body);
        let header_part = self.header.as_ref();
        let header = header_part.map(super::HeaderComponent::names).unwrap_or_default();
        let buttons: Vec<(usize, String)> = self
            .buttons
            .iter()
            .enumerate()
            .flat_map(|(index, button)| button.names().into_iter().map(move |name| (index, name)))
            .collect();
        let wrong: Vec<Violation> = [
            ("header", header.clone(), &given.header),
            ("body", body.clone(), &given.body),
            ("buttons", buttons.iter().map(|(_, name)| name.clone()).collect(), &given.buttons),
        ]
        .into_iter()
        .flat_map(|(part, names, values)| mismatch(&format!("{pointer}/{part}"), part, &names, values))
        .collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let of_button = |((index, _), value): (&(usize, String), &String)| Button {
            index: u8::try_from(*index).unwrap_or(u8::MAX),
            kind: self.buttons[*index].kind,
            value: value.clone(),
        };
        Ok(Filled {
            name: name.to_owned(),
            language: language.to_owned(),
            header: header_part.zip(given.header.first()).map(|(part, value)| Header::of(part.kind, value.clone())),
            body: given.body.clone(),
            buttons: buttons.iter().zip(&given.buttons).map(of_button).collect(),
            names: body.into_iter().chain(header).chain(buttons.into_iter().map(|(_, name)| name)).collect(),
        })
    }

    /// The text as people get it, for people: a header's text, the body, the footer, each filled.
    pub fn text(&self, given: &Parameters) -> String {
        let filled = |text: &str, values: &[String]| {
            let names = placeholders(text);
            substitute(text, |name| {
                names.iter().position(|known| known == name).and_then(|place| values.get(place)).cloned()
            })
        };
        let header = self.header.as_ref().and_then(|header| header.text.as_deref());
        let parts = [
            header.map(|text| filled(text, &given.header)),
            Some(filled(&self.body, &given.body)),
            self.footer.clone(),
        ];
        parts.into_iter().flatten().filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join("\n\n")
    }
}

/// What is wrong with the values of one part.
fn mismatch(pointer: &str, part: &str, names: &[String], values: &[String]) -> Vec<Violation> {
    if names.len() != values.len() {
        let shown: Vec<String> =
            names.iter().filter(|name| !name.is_empty()).map(|name| format!("{{{{{name}}}}}")).collect();
        let shown = if shown.is_empty() { String::new() } else { format!(" ({})", shown.join(", ")) };
        let detail = format!("The template's {part} takes {}{shown}, not {}.", count(names.len()), values.len());
        return vec![Violation::new(pointer, "parameters_mismatch", detail)];
    }
    let empty = values.iter().enumerate().filter(|(_, value)| value.trim().is_empty());
    empty
        .map(|(index, _)| Violation::new(format!("{pointer}/{index}"), "parameter_empty", "The value is empty."))
        .collect()
}

fn count(values: usize) -> String {
    match values {
        0 => "no values".to_owned(),
        1 => "1 value".to_owned(),
        many => format!("{many} values"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whatsapp::{ButtonComponent, HeaderComponent};

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn template() -> Components {
        let button = |kind, url: Option<&str>| ButtonComponent {
            kind,
            text: "Press".into(),
            url: url.map(Into::into),
            phone_number: None,
        };
        Components {
            header: Some(HeaderComponent { kind: HeaderKind::Text, text: Some("Order {{1}}".into()), url: None }),
            body: "Hello {{name}}, {{order}} is ready, {{name}}.".into(),
            footer: Some("Acme".into()),
            buttons: vec![
                button(ButtonKind::QuickReply, None),
                button(ButtonKind::Url, Some("https://acme.example/o/{{1}}")),
                button(ButtonKind::CopyCode, None),
            ],
        }
    }

    fn given() -> Parameters {
        Parameters {
            header: texts(&["{{number}}"]),
            body: texts(&["{{name|friend}}", "Your order"]),
            buttons: texts(&["{{number}}", "SAVE5"]),
        }
    }

    #[test]
    fn values_stand_where_their_placeholders_are() {
        let filled = template().fill("order_ready", "en_US", &given(), "/p").unwrap();
        assert_eq!(filled.names, ["name", "order", "1", "1", ""]);
        let places: Vec<(u8, ButtonKind)> = filled.buttons.iter().map(|button| (button.index, button.kind)).collect();
        assert_eq!(places, [(1, ButtonKind::Url), (2, ButtonKind::CopyCode)]);
        assert_eq!(filled.parameters(), given());
        assert_eq!(
            filled.values().cloned().collect::<Vec<_>>(),
            ["{{name|friend}}", "Your order", "{{number}}", "{{number}}", "SAVE5"]
        );
        let long = filled.try_map(|text| Ok::<_, ()>(text.len())).unwrap();
        assert_eq!((long.body, long.buttons[1].value), (vec![15, 10], 5));
        assert_eq!(
            template().text(&given()),
            "Order {{number}}\n\nHello {{name|friend}}, Your order is ready, {{name|friend}}.\n\nAcme"
        );
    }

    #[test]
    fn too_little_too_much_and_nothing_are_told_with_their_place() {
        let told = |given: &Parameters| {
            let wrong = template().fill("x", "en", given, "/p").unwrap_err();
            wrong.into_iter().map(|one| (one.pointer, one.code.into_owned())).collect::<Vec<_>>()
        };
        let mismatch = |part: &str| (format!("/p/{part}"), "parameters_mismatch".to_owned());
        assert_eq!(told(&Parameters::default()), [mismatch("header"), mismatch("body"), mismatch("buttons")]);
        assert_eq!(told(&Parameters { body: texts(&["a", "b", "c"]), ..given() }), [mismatch("body")]);
        let empty = ("/p/body/1".to_owned(), "parameter_empty".to_owned());
        assert_eq!(told(&Parameters { body: texts(&["a", " "]), ..given() }), [empty]);
        let wrong = template().fill("x", "en", &Parameters { body: texts(&["a"]), ..given() }, "").unwrap_err();
        assert_eq!(wrong[0].detail, "The template's body takes 2 values ({{name}}, {{order}}), not 1.");
    }

    #[test]
    fn media_are_given_by_address_unless_the_template_has_it() {
        let media = |url: Option<&str>| Components {
            header: Some(HeaderComponent { kind: HeaderKind::Document, text: None, url: url.map(Into::into) }),
            buttons: Vec::new(),
            body: "Your bill.".into(),
            footer: None,
        };
        let address = Parameters { header: texts(&["https://a.example/b/{{bill}}.pdf?x=1"]), ..Parameters::default() };
        let filled = media(None).fill("x", "en", &address, "").unwrap();
        let bill = |text: &String| Ok::<_, ()>(text.replace("{{bill}}", "7"));
        let url = "https://a.example/b/7.pdf?x=1".to_owned();
        let header = filled.try_map(bill).unwrap().with_filename().header;
        assert_eq!(header, Some(Header::Document { url, filename: "7.pdf".to_owned() }));
        assert_eq!(
            media(Some("https://a.example/fixed.pdf")).fill("x", "en", &Parameters::default(), "").unwrap().header,
            None
        );
    }
}
