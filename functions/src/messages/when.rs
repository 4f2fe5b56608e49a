//! When a message goes out, as clients write it: a moment, or a local time in a zone. docs/schedules.md has the rules.

use std::{borrow::Cow, str::FromStr};

use domain::{Error, Result, Violation, schedule};
use jiff::{Span, SpanRelativeTo, Timestamp, civil::DateTime};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::Error as _};
use store::organizations;
use web::Cx;

/// A time with `Z` or an offset, or a local one without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// A moment.
    At(Timestamp),
    /// What clocks show somewhere.
    Local(DateTime),
}

impl FromStr for When {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(at) = text.parse() {
            return Ok(Self::At(at));
        }
        // A date alone is midnight to the parser, which nobody means.
        let local = text.parse().ok().filter(|_| text.contains(['T', 't', ' ']));
        local.map(Self::Local).ok_or(
            "expected a time such as 2026-01-31T09:00:00Z or 2026-01-31T09:00:00+03:00, or a local one such as \
             2026-01-31T09:00",
        )
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for When {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "When".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "RFC 3339, or a local time without an offset, which is one of `timezone`.",
            "examples": ["2026-01-31T09:00:00Z", "2026-01-31T09:00"],
        })
    }
}

/// The moment of `scheduledAt`. `pointer` is where the fields stand in the body.
pub async fn moment(cx: &Cx, when: Option<When>, timezone: Option<&str>, pointer: &str) -> Result<Option<Timestamp>> {
    let wrong = |code, detail: &str| Err(Error::invalid(format!("{pointer}/timezone"), code, detail));
    match (when, timezone) {
        (Some(When::Local(local)), zone) => {
            let zone = match zone {
                Some(zone) => zone.to_owned(),
                None => organizations::get(&cx.app.table, cx.org()).await?.timezone,
            };
            match schedule::moment(local, &zone) {
                Some(at) => Ok(Some(at)),
                None => wrong("timezone_invalid", "Expected an IANA name, such as Africa/Nairobi."),
            }
        }
        (Some(When::At(_)), Some(_)) => wrong(
            "timezone_unused",
            "`scheduledAt` has an offset: give one of both, or a local time without an offset.",
        ),
        (None, Some(_)) => wrong("timezone_unused", "It goes with a local time in `scheduledAt`."),
        (Some(When::At(at)), None) => Ok(Some(at)),
        (None, None) => Ok(None),
    }
}

/// How late a message may be, in seconds: a number, or an ISO 8601 duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LateAfter(u64);

/// One minute, which is as exact as schedules on AWS are, to seven days.
const LATE: std::ops::RangeInclusive<u64> = 60..=604_800;

impl LateAfter {
    /// The seconds, if there are not too few or too many. `pointer` is where the field stands in the body.
    pub fn seconds(self, pointer: &str) -> Result<u64> {
        if LATE.contains(&self.0) {
            return Ok(self.0);
        }
        let detail = "60 to 604,800 seconds (one minute to seven days).";
        Err(Error::Invalid(vec![Violation::new(format!("{pointer}/lateAfter"), "out_of_range", detail)]))
    }
}

impl<'de> Deserialize<'de> for LateAfter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a number of seconds, or a duration such as PT1H")]
        enum Written {
            Seconds(u64),
            Duration(String),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Seconds(seconds) => return Ok(Self(seconds)),
            Written::Duration(text) => text,
        };
        let span: Option<Span> = text.starts_with(['P', 'p']).then(|| text.parse().ok()).flatten();
        let duration = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
        duration
            .and_then(|duration| u64::try_from(duration.as_secs()).ok())
            .map(Self)
            .ok_or_else(|| D::Error::custom("expected a number of seconds, or a duration such as PT1H"))
    }
}

impl JsonSchema for LateAfter {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "LateAfter".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Seconds, 60 to 604,800, or an ISO 8601 duration of as much.",
            "anyOf": [{ "type": "integer", "minimum": 60, "maximum": 604_800 }, { "type": "string", "pattern": "^P" }],
            "examples": [3_600, "PT1H"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_an_offset_or_is_local() {
        let at = |text: &str| When::At(text.parse().unwrap());
        assert_eq!("2026-03-29T10:00:00+03:00".parse(), Ok(at("2026-03-29T07:00:00Z")));
        assert_eq!("2026-03-29T10:00:30.5Z".parse(), Ok(at("2026-03-29T10:00:30.5Z")));
        let local = jiff::civil::date(2026, 3, 29).at(10, 0, 0, 0);
        for text in ["2026-03-29T10:00", "2026-03-29T10:00:00", "2026-03-29 10:00"] {
            assert_eq!(text.parse(), Ok(When::Local(local)), "{text}");
        }
        for text in ["2026-03-29", "10:00", "tomorrow", "", "2026-02-30T10:00", "2026-03-29T25:00Z"] {
            assert!(text.parse::<When>().is_err(), "{text}");
        }
    }

    #[test]
    fn lateness_is_a_number_or_a_duration() {
        let read = |json: serde_json::Value| serde_json::from_value::<LateAfter>(json).ok().map(|late| late.0);
        assert_eq!(read(60.into()), Some(60));
        assert_eq!(read("PT1H30M".into()), Some(5_400));
        assert_eq!(read("P1D".into()), Some(86_400));
        for wrong in ["1 hour", "P1M", "-PT1H", "", "60"] {
            assert_eq!(read(wrong.into()), None, "{wrong}");
        }
        assert_eq!(read((-1).into()), None);
        assert!(LateAfter(59).seconds("").is_err() && LateAfter(604_801).seconds("").is_err());
        assert_eq!(LateAfter(604_800).seconds("").unwrap(), 604_800);
    }
}
