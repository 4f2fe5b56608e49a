//! Days in a time zone: where they begin, weeks and months.
//!
//! Time zones come from the database in the binary, so a day begins at the same time on every machine.

use std::sync::LazyLock;

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Weekday},
    tz::{TimeZone, TimeZoneDatabase},
};

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The time zone of an IANA name (`Africa/Nairobi`), in any case; `None` if there is none.
pub fn zone(name: &str) -> Option<TimeZone> {
    ZONES.get(name.trim()).ok()
}

/// The IANA name in its own spelling (`africa/nairobi` → `Africa/Nairobi`); `None` if there is no such zone.
pub fn zone_name(name: &str) -> Option<String> {
    zone(name)?.iana_name().map(str::to_owned)
}

/// The date in the zone at that moment. A name that is no zone counts as UTC.
pub fn date_of(at: Timestamp, zone_name: &str) -> Date {
    at.to_zoned(zone(zone_name).unwrap_or(TimeZone::UTC)).date()
}

/// The day in the zone at that moment, as `2026-01-31`. A name that is no zone counts as UTC.
pub fn day_of(at: Timestamp, zone_name: &str) -> String {
    date_of(at, zone_name).to_string()
}

/// When the day begins in the zone: midnight, or where the clock jumps over midnight, the first moment after it.
pub fn day_start(date: Date, zone_name: &str) -> Timestamp {
    let zone = zone(zone_name).unwrap_or(TimeZone::UTC);
    // Fails only at the ends of the calendar, years -9999 and 9999.
    date.to_zoned(zone).map_or(Timestamp::UNIX_EPOCH, |start| start.timestamp())
}

/// The moment at which clocks in the zone show `local`; `None` if there is no such zone (or year).
///
/// Where clocks are put forward and never show it, it moves forward by as much as they do. Where they are put back and show
/// it twice, it is the first time.
pub fn moment(local: DateTime, zone_name: &str) -> Option<Timestamp> {
    zone(zone_name)?.to_ambiguous_timestamp(local).compatible().ok()
}

/// The Monday of the date's week.
pub fn week_start(date: Date) -> Date {
    date.saturating_sub(i64::from(date.weekday().since(Weekday::Monday)).days())
}

/// The first day of the date's month.
pub fn month_start(date: Date) -> Date {
    date.first_of_month()
}

/// The last day of the date's month.
pub fn month_end(date: Date) -> Date {
    date.last_of_month()
}

/// The days `from..=to`, in order; none if `from` is later.
pub fn days(from: Date, to: Date) -> impl Iterator<Item = Date> {
    from.series(1.day()).take_while(move |day| *day <= to)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn days_begin_where_people_live() {
        assert_eq!(day_of(at("2026-01-31T21:30:00Z"), "Africa/Nairobi"), "2026-02-01");
        assert_eq!(day_of(at("2026-01-31T21:30:00Z"), "UTC"), "2026-01-31");
        assert_eq!(day_of(at("2026-01-31T21:30:00Z"), "no/where"), "2026-01-31");
        assert_eq!(day_start(date(2026, 2, 1), "Africa/Nairobi"), at("2026-01-31T21:00:00Z"));
        // Clocks in Cairo jump from 24:00 to 01:00 on the last Friday of April.
        assert_eq!(day_start(date(2026, 4, 24), "Africa/Cairo"), at("2026-04-23T22:00:00Z"));
    }

    #[test]
    fn local_times_are_moments_also_when_clocks_change() {
        let moment = |text: &str, zone: &str| moment(text.parse().unwrap(), zone).map(|at| at.to_string());
        let in_berlin = |text: &str| moment(text, "Europe/Berlin").unwrap();
        assert_eq!(in_berlin("2026-03-29T01:59:59"), "2026-03-29T00:59:59Z");
        // 02:00 to 03:00 do not exist: forward by the hour that is missing.
        assert_eq!(in_berlin("2026-03-29T02:00"), "2026-03-29T01:00:00Z");
        assert_eq!(in_berlin("2026-03-29T02:30"), "2026-03-29T01:30:00Z");
        assert_eq!(in_berlin("2026-03-29T03:00"), "2026-03-29T01:00:00Z");
        // 02:00 to 03:00 come twice: the first of them.
        assert_eq!(in_berlin("2026-10-25T02:30"), "2026-10-25T00:30:00Z");
        assert_eq!(in_berlin("2026-10-25T03:00"), "2026-10-25T02:00:00Z");
        // Lord Howe moves by half an hour, Nairobi never.
        assert_eq!(moment("2026-10-04T02:15", "Australia/Lord_Howe").unwrap(), "2026-10-03T15:45:00Z");
        assert_eq!(moment("2026-04-05T01:45", "Australia/Lord_Howe").unwrap(), "2026-04-04T14:45:00Z");
        assert_eq!(moment("2026-03-29T02:30", "africa/nairobi").unwrap(), "2026-03-28T23:30:00Z");
        assert_eq!(moment("2026-03-29T02:30", "Mars/Olympus"), None);
    }

    #[test]
    fn names_are_known_in_any_case() {
        assert_eq!(zone_name("africa/nairobi").as_deref(), Some("Africa/Nairobi"));
        assert_eq!(zone_name("Asia/Jakarta").as_deref(), Some("Asia/Jakarta"));
        assert_eq!(zone_name("Mars/Olympus"), None);
        assert_eq!(zone_name(""), None);
    }

    #[test]
    fn weeks_start_on_monday() {
        assert_eq!(week_start(date(2026, 11, 21)), date(2026, 11, 16));
        assert_eq!(week_start(date(2026, 11, 16)), date(2026, 11, 16));
        assert_eq!(week_start(date(2026, 11, 22)), date(2026, 11, 16));
        assert_eq!(week_start(date(2026, 1, 1)), date(2025, 12, 29));
    }

    #[test]
    fn months_have_their_ends() {
        assert_eq!(month_start(date(2024, 2, 17)), date(2024, 2, 1));
        assert_eq!(month_end(date(2024, 2, 17)), date(2024, 2, 29));
        assert_eq!(days(date(2024, 2, 28), date(2024, 3, 1)).count(), 3);
        assert_eq!(days(date(2024, 3, 2), date(2024, 3, 1)).count(), 0);
    }

    proptest! {
        #[test]
        fn a_moment_is_in_its_day(seconds in 0_i64..4_000_000_000, zone in proptest::sample::select(vec![
            "UTC", "Africa/Nairobi", "America/New_York", "Asia/Kathmandu", "Africa/Cairo", "Pacific/Kiritimati",
        ])) {
            let moment = Timestamp::from_second(seconds).unwrap();
            let day = date_of(moment, zone);
            prop_assert!(day_start(day, zone) <= moment);
            prop_assert!(day_start(day.tomorrow().unwrap(), zone) > moment);
            prop_assert!(week_start(day) <= day && day <= week_start(day).saturating_add(6.days()));
            prop_assert_eq!(week_start(day).weekday(), Weekday::Monday);
        }
    }
}
