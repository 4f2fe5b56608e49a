//! A period of whole days in the organization's zone.

use domain::{Error, Result, id::OrgId, schedule};
use jiff::{SignedDuration, Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Deserialize;
use store::{
    Table,
    days::{self, Day},
};

/// From when to when.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct PeriodQuery {
    /// The first day (`2026-01-01`), or a time on it. Left out: from the beginning.
    #[schemars(example = &"2026-01-01")]
    from: Option<String>,
    /// The last day (`2026-01-31`, which counts), or a time, before which it ends. Left out: until now.
    #[schemars(example = &"2026-01-31")]
    to: Option<String>,
}

/// The days `from..=to`, as the table writes them.
#[derive(Debug, PartialEq)]
pub(crate) struct Period {
    from: String,
    to: String,
}

impl Period {
    /// All days there are.
    pub fn all() -> Self {
        Self { from: "0000-01-01".into(), to: "9999-12-31".into() }
    }

    /// As asked for, in the zone.
    pub fn read(query: &PeriodQuery, zone: &str) -> Result<Self> {
        let all = Self::all();
        let from = day(query.from.as_deref(), "?from", zone, SignedDuration::ZERO)?;
        // A time ends the period exclusively: midnight is the end of the day before.
        let to = day(query.to.as_deref(), "?to", zone, SignedDuration::from_nanos(1))?;
        let period = Self { from: from.unwrap_or(all.from), to: to.unwrap_or(all.to) };
        if period.from > period.to {
            return Err(Error::invalid("?to", "period_invalid", "The end lies before the beginning."));
        }
        Ok(period)
    }

    /// What is known of its days.
    pub async fn days(&self, table: &Table, org: OrgId) -> Result<Vec<Day>> {
        days::range(table, org, &self.from, &self.to).await
    }
}

fn day(text: Option<&str>, pointer: &str, zone: &str, before: SignedDuration) -> Result<Option<String>> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let date = match text.parse::<Timestamp>() {
        Ok(at) => at.checked_sub(before).ok().map(|at| schedule::date_of(at, zone)),
        Err(_) if text.len() == "2026-01-31".len() => text.parse::<Date>().ok(),
        Err(_) => None,
    };
    let date = date.ok_or_else(|| {
        Error::invalid(pointer, "parameter_invalid", "Expected a day (2026-01-31) or a time (2026-01-31T10:00:00Z).")
    })?;
    Ok(Some(date.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(from: &str, to: &str) -> Result<(String, String)> {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let query = PeriodQuery { from: given(from), to: given(to) };
        Period::read(&query, "Africa/Nairobi").map(|period| (period.from, period.to))
    }

    fn days(from: &str, to: &str) -> (String, String) {
        (from.to_owned(), to.to_owned())
    }

    #[test]
    fn days_count_whole_and_times_end_exclusively() {
        assert_eq!(read("2026-01-01", "2026-01-31").unwrap(), days("2026-01-01", "2026-01-31"));
        assert_eq!(read("", "").unwrap(), days("0000-01-01", "9999-12-31"));
        // Nairobi is three hours ahead.
        assert_eq!(read("2025-12-31T21:00:00Z", "2026-01-31T21:00:00Z").unwrap(), days("2026-01-01", "2026-01-31"));
        assert_eq!(read("2025-12-31T20:59:59Z", "2026-01-31T21:00:01Z").unwrap(), days("2025-12-31", "2026-02-01"));
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for (from, to) in [("yesterday", ""), ("2026-13-01", ""), ("", "2026-1-1"), ("2026-02-01", "2026-01-01")] {
            assert!(matches!(read(from, to), Err(Error::Invalid(_))), "{from} {to}");
        }
    }
}
