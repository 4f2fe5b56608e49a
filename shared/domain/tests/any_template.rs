//! Any text is a template or a named refusal: never a panic, and never more than the text and its values make.

use std::borrow::Cow;

use domain::template::Template;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_text(text in "(\\{\\{|\\}\\}|\\||\\{|name|attributes\\.|a\\.b| |\n|.){0,40}", value in "(\\{\\{name\\}\\}|.){0,20}") {
        let Ok(template) = Template::parse(&text) else { return Ok(()) };
        let filled = template.render(|_| Some(Cow::Borrowed(value.as_str())));
        prop_assert!(filled.text.len() <= text.len() + text.matches("{{").count() * value.len());
        let required = template.required();
        // A value that is there but empty counts as given.
        prop_assert!(filled.missing.is_empty());
        let bare = template.render(|_| None);
        // The same name may be spelled in another case where it is missing.
        let missing: Vec<String> = bare.missing.iter().map(|name| name.to_lowercase()).collect();
        prop_assert!(required.iter().all(|name| missing.contains(&name.to_lowercase())));
        // What was refused once is refused again, what was taken once is taken again as it stands.
        prop_assert_eq!(Template::parse(&text), Ok(template));
    }

    #[test]
    fn any_length(count in 0_usize..3_000, unit in "(\\{\\{a\\}\\}|\\{\\{|é)") {
        // Time that grows with the square of the length would show here as minutes.
        let _ = Template::parse(&unit.repeat(count));
    }
}
