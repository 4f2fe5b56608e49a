//! What may be asked of a webhook endpoint.

use domain::{Error, Result, event::EventType, text};
use url::Url;
use web::Cx;

/// The longest address.
const LONGEST_URL: usize = 2_000;

/// The longest description, in characters.
const LONGEST_DESCRIPTION: usize = 500;

/// An address that the outbound guard lets through. 422 `url_invalid`, `url_refused`.
pub(super) fn url(cx: &Cx, text: &str) -> Result<String> {
    let invalid = || {
        Error::invalid(
            "/url",
            "url_invalid",
            format!("Expected an address of at most {LONGEST_URL} characters, such as https://shop.example/dundun."),
        )
    };
    let text = text.trim();
    if text.len() > LONGEST_URL {
        return Err(invalid());
    }
    let url = Url::parse(text).map_err(|_| invalid())?;
    cx.app.outbound.check(&url).map_err(|refused| Error::invalid("/url", "url_refused", refused.to_string()))?;
    Ok(text.to_owned())
}

/// Each event once, in the order of the documents.
pub(super) fn events(mut events: Vec<EventType>) -> Vec<EventType> {
    events.sort_unstable();
    events.dedup();
    events
}

/// A description without blanks around it; an empty one is none. 422 `description_too_long`.
pub(super) fn description(given: Option<String>) -> Result<Option<String>> {
    let description = given.map(|given| given.trim().to_owned()).filter(|given| !given.is_empty());
    if description.as_deref().is_some_and(|given| text::cut(given, LONGEST_DESCRIPTION) != given) {
        let detail = format!("A description has at most {LONGEST_DESCRIPTION} characters.");
        return Err(Error::invalid("/description", "description_too_long", detail));
    }
    Ok(description)
}
