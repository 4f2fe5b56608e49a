//! What a template has to be like.

use domain::{Error, Result, Violation, message::Channel, template::Template as Text};
use store::templates::Template;

const MAX_NAME: usize = 200;
const MAX_SUBJECT: usize = 500;
const MAX_WORD: usize = 64;
const MAX_DECLARED: usize = 50;

/// An event in the one spelling it is kept in.
pub(super) fn event(text: &str) -> String {
    text.trim().to_ascii_uppercase()
}

/// Checks a template that is to be stored.
pub(super) fn check(template: &Template) -> Result<()> {
    let mut violations = Vec::new();
    let mut add = |pointer: &str, code, detail: String| violations.push(Violation::new(pointer, code, detail));
    if template.name.trim().is_empty() || template.name.chars().count() > MAX_NAME {
        add("/name", "name_invalid", format!("1 to {MAX_NAME} characters."));
    }
    if template.event.as_ref().is_some_and(|event| !is_word(event)) {
        add("/event", "event_invalid", format!("1 to {MAX_WORD} letters, digits and `_`."));
    }
    match &template.subject {
        Some(_) if template.channel != Channel::Email => {
            add("/subject", "subject_not_for_channel", "Only an e-mail has a subject.".into());
        }
        Some(subject) if subject.trim().is_empty() || subject.chars().count() > MAX_SUBJECT => {
            add("/subject", "subject_invalid", format!("1 to {MAX_SUBJECT} characters."));
        }
        _ => {}
    }
    if template.body.trim().is_empty() {
        add("/body", "body_required", "The text is empty.".into());
    }
    for (pointer, text) in [("/subject", template.subject.as_deref().unwrap_or_default()), ("/body", &template.body)] {
        if let Err(error) = Text::parse(text) {
            add(pointer, error.code(), error.to_string());
        }
    }
    if template.declared.len() > MAX_DECLARED {
        add("/requiredVariables", "too_many", format!("At most {MAX_DECLARED}."));
    }
    for (index, name) in template.declared.iter().enumerate() {
        // A name is one if a text with it has it as its only variable.
        let text = Text::parse(&format!("{{{{{name}}}}}"));
        if !text.is_ok_and(|text| text.variables().into_iter().any(|variable| variable.name == *name)) {
            add(&format!("/requiredVariables/{index}"), "variable_invalid", "Not the name of a variable.".into());
        }
    }
    if violations.is_empty() { Ok(()) } else { Err(Error::Invalid(violations)) }
}

fn is_word(text: &str) -> bool {
    (1..=MAX_WORD).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(change: impl FnOnce(&mut Template)) -> Vec<(String, String)> {
        let mut template = store::templates::built_in()[0].clone();
        change(&mut template);
        match check(&template) {
            Ok(()) => Vec::new(),
            Err(Error::Invalid(all)) => all.into_iter().map(|one| (one.pointer, one.code.into_owned())).collect(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn each_field_is_held_to_its_rule() {
        let one = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
        assert!(codes(|_| {}).is_empty());
        assert_eq!(codes(|template| template.name = " ".into()), one("/name", "name_invalid"));
        assert_eq!(codes(|template| template.event = Some("a b".into())), one("/event", "event_invalid"));
        assert_eq!(codes(|template| template.subject = Some("x".into())), one("/subject", "subject_not_for_channel"));
        assert_eq!(codes(|template| template.body = String::new()), one("/body", "body_required"));
        assert_eq!(codes(|template| template.body = "x".repeat(5_001)), one("/body", "body_too_long"));
        assert_eq!(
            codes(|template| template.declared = vec!["}}".into()]),
            one("/requiredVariables/0", "variable_invalid")
        );
        assert!(codes(|template| template.declared = vec!["attributes.city".into()]).is_empty());
    }

    #[test]
    fn events_have_one_spelling() {
        assert_eq!(event(" order_paid "), "ORDER_PAID");
    }
}
