//! Schedule expressions: `at()`, `rate()` and `cron()`, and when they are due next.
//!
//! Source: the EventBridge Scheduler user guide, "Schedule types": cron has six fields (minutes, hours, day of month,
//! month, day of week, year), exactly one of the two day fields is `?`, Sunday is 1. A cron time that the clocks skip
//! in spring is left out, one that they repeat in autumn comes once. A day in `rate` is 24 hours.

use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use jiff::{
    SignedDuration, Timestamp,
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone},
};

/// A schedule expression that was understood.
#[derive(Debug)]
pub(crate) enum Expression {
    /// Once, at this local time.
    At(DateTime),
    /// Again and again after this long.
    Rate(SignedDuration),
    /// At these local times.
    Cron(Box<Cron>),
}

impl Expression {
    /// Reads an expression; `None` if AWS would refuse it.
    pub fn parse(text: &str) -> Option<Self> {
        let inner = |kind: &str| text.strip_prefix(kind)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(at) = inner("at") {
            // `yyyy-mm-ddThh:mm:ss` and nothing else.
            return (at.len() == 19).then(|| at.parse().ok()).flatten().map(Self::At);
        }
        if let Some(rate) = inner("rate") {
            let (value, unit) = rate.trim().split_once(' ')?;
            let value: u32 = value.parse().ok().filter(|value| *value > 0)?;
            let seconds = match unit.trim() {
                "minute" | "minutes" => 60,
                "hour" | "hours" => 3600,
                "day" | "days" => 86_400,
                _ => return None,
            };
            return Some(Self::Rate(SignedDuration::from_secs(i64::from(value) * seconds)));
        }
        cron(inner("cron")?).map(|cron| Self::Cron(Box::new(cron)))
    }

    /// Whether it comes more than once.
    pub fn recurs(&self) -> bool {
        !matches!(self, Self::At(_))
    }

    /// The first time it is due strictly after `after`. `anchor` is when a rate starts counting; `at` is due at its
    /// time, no matter what `after` is.
    pub fn next(&self, after: Timestamp, anchor: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::At(at) => zone.to_timestamp(*at).ok(),
            Self::Rate(_) if after < anchor => Some(anchor),
            Self::Rate(period) => {
                let passed = after.duration_since(anchor).as_secs() / period.as_secs();
                anchor.checked_add(period.checked_mul(i32::try_from(passed + 1).ok()?)?).ok()
            }
            Self::Cron(cron) => {
                let mut local = zone.to_datetime(after);
                // Each step leaves out one local time that does not exist or has been; a year holds few of them.
                for _ in 0..10_000 {
                    local = cron.find_next_occurrence(&local, false).ok()?;
                    let ambiguous = zone.to_ambiguous_zoned(local);
                    if matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. }) {
                        continue;
                    }
                    let due = ambiguous.earlier().ok()?.timestamp();
                    if due > after {
                        return Some(due);
                    }
                }
                None
            }
        }
    }
}

fn cron(fields: &str) -> Option<Cron> {
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let [minutes, hours, day, month, weekday, year] = fields.as_slice() else { return None };
    if (*day == "?") == (*weekday == "?") {
        return None;
    }
    if !fields.iter().all(|field| field.bytes().all(|b| b.is_ascii_alphanumeric() || b"*?,-/#".contains(&b))) {
        return None;
    }
    let weekday = match weekday.strip_suffix(['L', 'l']) {
        // The last day of the week is Saturday; `6L` is the last Friday of the month, which croner writes `6#L`.
        Some("") => "7".to_owned(),
        Some(last) => format!("{last}#L"),
        None => (*weekday).to_owned(),
    };
    CronParser::builder()
        .seconds(Seconds::Required)
        .year(Year::Required)
        .alternative_weekdays(true)
        .sloppy_ranges(true)
        .build()
        .parse(&format!("0 {minutes} {hours} {day} {month} {weekday} {year}"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(expression: &str, after: &str, zone: &str, count: usize) -> Vec<String> {
        let zone = TimeZone::get(zone).unwrap();
        let expression = Expression::parse(expression).unwrap();
        let mut at: Timestamp = after.parse().unwrap();
        let anchor = at;
        let mut found = Vec::new();
        while found.len() < count
            && let Some(next) = expression.next(at, anchor, &zone)
        {
            found.push(next.to_string());
            at = next;
        }
        found
    }

    #[test]
    fn at_is_local_time() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let at = Expression::parse("at(2026-11-21T10:00:00)").unwrap();
        assert_eq!(
            at.next(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH, &zone).unwrap().to_string(),
            "2026-11-21T13:00:00Z"
        );
    }

    #[test]
    fn rate_counts_from_its_anchor() {
        assert_eq!(
            times("rate(1 hour)", "2026-01-01T00:30:00Z", "UTC", 2),
            ["2026-01-01T01:30:00Z", "2026-01-01T02:30:00Z"]
        );
        assert_eq!(times("rate(1 days)", "2026-03-28T12:00:00Z", "Europe/Berlin", 1), ["2026-03-29T12:00:00Z"]);
    }

    #[test]
    fn cron_has_the_six_fields_of_aws() {
        let after = "2026-01-01T00:00:00Z";
        assert_eq!(times("cron(0 9 ? * MON-FRI *)", after, "UTC", 2), ["2026-01-01T09:00:00Z", "2026-01-02T09:00:00Z"]);
        // 2 is Monday, because Sunday is 1.
        assert_eq!(times("cron(0 9 ? * 2 *)", after, "UTC", 1), ["2026-01-05T09:00:00Z"]);
        assert_eq!(times("cron(0/20 9 * * ? 2026)", after, "UTC", 3).last().unwrap(), "2026-01-01T09:40:00Z");
        assert_eq!(times("cron(0 0 L * ? *)", after, "UTC", 2), ["2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z"]);
        assert_eq!(times("cron(0 0 ? * 6L *)", after, "UTC", 1), ["2026-01-30T00:00:00Z"]);
        assert_eq!(times("cron(0 0 ? * L *)", after, "UTC", 1), ["2026-01-03T00:00:00Z"]);
        assert_eq!(times("cron(0 0 ? * 6#2 *)", after, "UTC", 1), ["2026-01-09T00:00:00Z"]);
        // 1 August 2026 is a Saturday: the nearest weekday in the month is the third.
        assert_eq!(times("cron(0 0 1W AUG ? *)", after, "UTC", 1), ["2026-08-03T00:00:00Z"]);
        assert_eq!(times("cron(0 0 1 1 ? 2025)", after, "UTC", 1), [""; 0]);
    }

    #[test]
    fn a_cron_time_that_does_not_exist_is_left_out_and_a_repeated_one_comes_once() {
        // Berlin: 29 March 2026 has no 02:30, 25 October 2026 has two.
        assert_eq!(
            times("cron(30 2 * * ? *)", "2026-03-27T12:00:00Z", "Europe/Berlin", 2),
            ["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"]
        );
        assert_eq!(
            times("cron(30 2 * * ? *)", "2026-10-24T12:00:00Z", "Europe/Berlin", 2),
            ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
        );
    }

    #[test]
    fn what_aws_refuses_is_refused() {
        for text in [
            "at(2026-11-21)",
            "at(2026-11-21T10:00:00Z)",
            "rate(0 minutes)",
            "rate(5 seconds)",
            "cron(0 9 * * * *)",
            "cron(0 9 ? * ? *)",
            "cron(0 9 * * ?)",
            "cron(61 9 * * ? *)",
            "every(5 minutes)",
            "rate(1 minute",
        ] {
            assert!(Expression::parse(text).is_none(), "{text}");
        }
    }
}
