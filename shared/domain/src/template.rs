//! Templates: texts with `{{variables}}`.
//!
//! `{{name}}`, `{{ name }}`, `{{attributes.Due date}}` and `{{name|friend}}` (with a default) are placeholders. A `{{`
//! begins one, always: what follows must be a name and `}}`, or the text is refused, because a slip of the finger would
//! otherwise go out to a whole audience. Single braces and a lone `}}` are text.
//!
//! Invariant: one pass. Values are never read for placeholders, so no value can reach another one.

use std::borrow::Cow;

use crate::{
    attributes::{self, MAX_KEY},
    text::MAX_BODY,
};

/// The most characters of a name: `attributes.` and a key.
const MAX_NAME: usize = MAX_KEY + 11;

/// Fields of a contact, whose names are read in any case.
const FIELDS: [&str; 3] = ["name", "phone", "email"];

/// Why a text is not a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A `{{` without its `}}`.
    #[error("The `{{{{` at character {at} has no `}}}}`.")]
    Unclosed {
        /// Which character, from 1.
        at: usize,
    },
    /// Something between `{{` and `}}` that is no name.
    #[error("The placeholder at character {at} has no proper name. Write it as {{{{name}}}} or {{{{name|default}}}}.")]
    Name {
        /// Which character, from 1.
        at: usize,
    },
    /// More than [`MAX_BODY`] characters.
    #[error("A text has at most {MAX_BODY} characters.")]
    TooLong,
}

impl TemplateError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "body_too_long",
            Self::Unclosed { .. } | Self::Name { .. } => "template_malformed",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder { name: String, default: Option<String>, written: String },
}

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

/// A variable that a template uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable<'a> {
    /// Its name, as [`Template::render`] asks for it.
    pub name: &'a str,
    /// Whether the text has a default everywhere it uses it, so that it need not be given.
    pub has_default: bool,
}

/// A text with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The text. A placeholder without value and default stays as it was written.
    pub text: String,
    /// The names without value and default, in order, each once.
    pub missing: Vec<String>,
}

impl Template {
    /// Parses a text of at most [`MAX_BODY`] characters.
    ///
    /// Names keep their spelling, except that `name`, `phone`, `email` and the prefix `attributes.` are put into lower
    /// case and blanks around names and keys are dropped.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if text.chars().count() > MAX_BODY {
            return Err(TemplateError::TooLong);
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find("{{") {
            let at = || text[..text.len() - rest.len() + open].chars().count() + 1;
            let inside = &rest[open + 2..];
            let close = inside.find("}}").ok_or_else(|| TemplateError::Unclosed { at: at() })?;
            if open > 0 {
                parts.push(Part::Text(rest[..open].to_owned()));
            }
            let (name, default) = match inside[..close].split_once('|') {
                Some((name, default)) => (name, Some(default.trim().to_owned())),
                None => (&inside[..close], None),
            };
            let broken = default.as_ref().is_some_and(|default| default.contains("{{"));
            let name = normal_name(name).filter(|_| !broken).ok_or_else(|| TemplateError::Name { at: at() })?;
            let end = open + 2 + close + 2;
            parts.push(Part::Placeholder { name, default, written: rest[open..end].to_owned() });
            rest = &rest[end..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The variables, in the order of their first use, each once: the case of a name does not matter.
    pub fn variables(&self) -> Vec<Variable<'_>> {
        let mut found: Vec<Variable<'_>> = Vec::new();
        for part in &self.parts {
            let Part::Placeholder { name, default, .. } = part else { continue };
            let has_default = default.is_some();
            match found.iter_mut().find(|known| same(known.name, name)) {
                Some(known) => known.has_default &= has_default,
                None => found.push(Variable { name, has_default }),
            }
        }
        found
    }

    /// The names of the variables that must be given (`requiredVariables`), in order.
    pub fn required(&self) -> Vec<&str> {
        self.variables().into_iter().filter(|variable| !variable.has_default).map(|variable| variable.name).collect()
    }

    /// Puts values in. `lookup` gets the name of a variable; it decides about case (see [`attributes::find`]).
    ///
    /// A default stands in for a value that is not there or empty.
    pub fn render<'v>(&self, lookup: impl Fn(&str) -> Option<Cow<'v, str>>) -> Rendered {
        let mut rendered = Rendered { text: String::new(), missing: Vec::new() };
        for part in &self.parts {
            let (name, default, written) = match part {
                Part::Text(text) => {
                    rendered.text.push_str(text);
                    continue;
                }
                Part::Placeholder { name, default, written } => (name, default, written),
            };
            match (lookup(name), default) {
                (Some(value), default) if !value.is_empty() || default.is_none() => rendered.text.push_str(&value),
                (_, Some(default)) => rendered.text.push_str(default),
                (_, None) => {
                    rendered.text.push_str(written);
                    if !rendered.missing.iter().any(|known| same(known, name)) {
                        rendered.missing.push(name.clone());
                    }
                }
            }
        }
        rendered
    }
}

fn same(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

/// A name as it is asked for; `None` if it is none.
fn normal_name(text: &str) -> Option<String> {
    let name = text.trim();
    if !attributes::is_key(name) || name.chars().count() > MAX_NAME {
        return None;
    }
    if let Some((prefix, key)) = name.split_once('.')
        && prefix.trim_end().eq_ignore_ascii_case("attributes")
    {
        let key = key.trim();
        return (!key.is_empty()).then(|| format!("attributes.{key}"));
    }
    let field = FIELDS.into_iter().find(|field| field.eq_ignore_ascii_case(name));
    Some(field.unwrap_or(name).to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::attributes::Value;

    fn render(text: &str, values: &[(&str, &str)]) -> Rendered {
        let values: BTreeMap<String, Value> = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).into())).collect();
        Template::parse(text).unwrap().render(|name| {
            let name = name.strip_prefix("attributes.").unwrap_or(name);
            attributes::find(&values, name).map(|value| Cow::Owned(value.to_string()))
        })
    }

    #[test]
    fn values_take_the_place_of_names() {
        let rendered = render(
            "Hi {{name}}, {{ Name }}: {{attributes.Due date}} / {{ Attributes. due DATE }}{{x|none}}",
            &[("NAME", "Amina"), (" due date ", "1 May")],
        );
        assert_eq!(rendered.text, "Hi Amina, Amina: 1 May / 1 Maynone");
        assert!(rendered.missing.is_empty());
    }

    #[test]
    fn defaults_stand_in_for_what_is_missing_or_empty() {
        assert_eq!(render("Hi {{name| friend }}!", &[]).text, "Hi friend!");
        assert_eq!(render("Hi {{name|friend}}!", &[("name", "")]).text, "Hi friend!");
        assert_eq!(render("Hi {{name|}}!", &[]).text, "Hi !");
        assert_eq!(render("Hi {{name}}!", &[("name", "")]).text, "Hi !");
        assert_eq!(render("{{x|a|b}}", &[]).text, "a|b");
    }

    #[test]
    fn what_is_missing_is_named_once_and_stays_visible() {
        let rendered = render("{{code}} {{ Code }} {{name}}", &[("name", "A")]);
        assert_eq!(rendered.text, "{{code}} {{ Code }} A");
        assert_eq!(rendered.missing, ["code"]);
    }

    #[test]
    fn values_are_not_read_again() {
        assert_eq!(render("{{a}}{{b}}", &[("a", "{{b}}"), ("b", "{{a}}")]).text, "{{b}}{{a}}");
        assert_eq!(render("{{a}}b}}", &[("a", "{{"), ("b", "x")]).text, "{{b}}");
    }

    #[test]
    fn variables_in_order_and_once() {
        let template = Template::parse("{{b|x}} {{a}} {{B}} {{PHONE|}} {{attributes.City}}").unwrap();
        let found: Vec<(&str, bool)> = template.variables().iter().map(|one| (one.name, one.has_default)).collect();
        assert_eq!(found, [("b", false), ("a", false), ("phone", true), ("attributes.City", false)]);
        assert_eq!(template.required(), ["b", "a", "attributes.City"]);
    }

    #[test]
    fn slips_are_refused_and_single_braces_are_text() {
        assert_eq!(Template::parse("Hi {{name"), Err(TemplateError::Unclosed { at: 4 }));
        assert_eq!(Template::parse("Hé {{name}"), Err(TemplateError::Unclosed { at: 4 }));
        for text in ["{{}}", "{{ }}", "{{|x}}", "{{{name}}}", "{{a {{b}}", "{{a\nb}}", "{{attributes.}}", "{{a|{{b}}"] {
            assert!(matches!(Template::parse(text), Err(TemplateError::Name { at: 1 })), "{text}");
        }
        for text in ["{name}", "}}", "{ {x} }", r#"{"a":{"b":1}}"#, ""] {
            assert_eq!(render(text, &[]).text, text);
        }
        let error = Template::parse("{{").unwrap_err();
        assert_eq!(error.to_string(), "The `{{` at character 1 has no `}}`.");
        assert_eq!(error.code(), "template_malformed");
    }

    #[test]
    fn five_thousand_characters_are_the_most() {
        assert!(Template::parse(&"ж".repeat(5_000)).is_ok());
        assert_eq!(Template::parse(&"ж".repeat(5_001)), Err(TemplateError::TooLong));
    }

    proptest! {
        #[test]
        fn text_without_double_braces_is_itself(text in "[^{]{0,200}") {
            let rendered = render(&text, &[]);
            prop_assert_eq!(rendered.text, text);
        }

        #[test]
        fn parsing_never_panics_and_what_nobody_gives_stays(text in "[a-zé{}| .\n]{0,80}") {
            if let Ok(template) = Template::parse(&text) {
                let rendered = template.render(|_| None);
                if template.variables().iter().all(|one| !one.has_default) && !text.contains('|') {
                    prop_assert_eq!(&rendered.text, &text);
                }
                // Each missing name is one of the variables.
                prop_assert!(rendered.missing.iter().all(|name| template.variables().iter().any(|one| one.name == name)));
            }
        }

        #[test]
        fn values_come_out_as_they_are(before in "[^{]{0,20}", value in ".{0,40}", after in "[^{]{0,20}") {
            let template = Template::parse(&format!("{before}{{{{x}}}}{after}")).unwrap();
            let rendered = template.render(|_| Some(Cow::Borrowed(value.as_str())));
            prop_assert_eq!(rendered.text, format!("{before}{value}{after}"));
        }
    }
}
