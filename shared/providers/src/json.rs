//! Reading values out of providers' JSON, which is not always of the type that their page says.

use domain::money::Money;
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    answer,
    outbound::Answer,
    provider::{Unreadable, WebhookRequest},
};

/// The body of a webhook call.
pub(crate) fn body(request: &WebhookRequest) -> Result<Value, Unreadable> {
    serde_json::from_slice(&request.body).map_err(|_| Unreadable("the body is not JSON".to_owned()))
}

/// The body of an answer; null if it is none.
pub(crate) fn answer(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// What stands at a pointer (RFC 6901), as text: a number is written out, an empty text is none.
pub(crate) fn text(value: &Value, pointer: &str) -> Option<String> {
    match value.pointer(pointer)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A number at a pointer, also one that is written as text.
pub(crate) fn number(value: &Value, pointer: &str) -> Option<u32> {
    text(value, pointer)?.trim().parse().ok()
}

/// An amount at a pointer, and its currency (ISO 4217) at another.
pub(crate) fn amount(value: &Value, amount: &str, currency: &str) -> Option<Money> {
    answer::amount(&text(value, amount)?, &text(value, currency)?)
}

/// The members of a list at a pointer; none if there is none.
pub(crate) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A time at a pointer: RFC 3339, or since 1970 in seconds or (from 10^11 on) milliseconds.
pub(crate) fn moment(value: &Value, pointer: &str) -> Option<Timestamp> {
    let text = text(value, pointer)?;
    let Ok(number) = text.parse::<i64>() else { return text.parse().ok() };
    if number.unsigned_abs() < 100_000_000_000 {
        Timestamp::from_second(number).ok()
    } else {
        Timestamp::from_millisecond(number).ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_of_any_type() {
        let value =
            json!({ "a": { "text": "x", "empty": "", "number": 7, "digits": " 12 ", "list": [1] }, "none": null });
        assert_eq!(text(&value, "/a/text").as_deref(), Some("x"));
        assert_eq!(text(&value, "/a/number").as_deref(), Some("7"));
        assert_eq!((text(&value, "/a/empty"), text(&value, "/none"), text(&value, "/a/list")), (None, None, None));
        assert_eq!((number(&value, "/a/digits"), number(&value, "/a/text")), (Some(12), None));
        assert_eq!((list(&value, "/a/list").len(), list(&value, "/a").len(), list(&value, "/b").len()), (1, 0, 0));
    }

    #[test]
    fn times_in_every_notation() {
        let noon: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        for written in
            [json!("2026-03-01T12:00:00Z"), json!("1772366400"), json!(1_772_366_400), json!(1_772_366_400_000_i64)]
        {
            assert_eq!(moment(&json!([written]), "/0"), Some(noon), "{written}");
        }
        for none in [json!("yesterday"), json!(i64::MIN), json!(null), json!("2026-03-01 12:00")] {
            assert_eq!(moment(&json!([none]), "/0"), None, "{none}");
        }
    }
}
