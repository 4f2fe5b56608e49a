//! What may be said of a rule.

use domain::{Error, Result, Violation, message::Channel, routing::Choice};
use store::providers as configs;
use web::Cx;

use super::view::ChoiceView;

/// The most configs of a rule.
const MOST: usize = 20;

/// `22:00` as the minute of the day. 422 `time_invalid`.
pub(super) fn minute(text: &str, pointer: &str) -> Result<u16> {
    let read = || {
        let (hours, minutes) = text.trim().split_once(':')?;
        let two = |part: &str| {
            (part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_digit())).then(|| part.parse::<u16>().ok())?
        };
        let (hours, minutes) = (two(hours)?, two(minutes)?);
        (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
    };
    read().ok_or_else(|| Error::invalid(pointer, "time_invalid", "Expected a time of the day, such as 22:00."))
}

/// Configs of the channel, each once. 422 `providers_empty`, `provider_not_found`, `provider_channel`, `provider_twice`.
pub(super) async fn choices(cx: &Cx, given: Vec<ChoiceView>, channel: Channel) -> Result<Vec<Choice>> {
    if given.is_empty() || given.len() > MOST {
        return Err(Error::invalid("/providers", "providers_empty", format!("Expected 1 to {MOST} provider configs.")));
    }
    let known = configs::all(&cx.app.table, cx.org()).await?;
    let mut violations = Vec::new();
    for (index, choice) in given.iter().enumerate() {
        let mut wrong = |code, detail: &str| {
            violations.push(Violation::new(format!("/providers/{index}/providerId"), code, detail));
        };
        match known.iter().find(|config| config.id == choice.provider_id) {
            None => wrong("provider_not_found", "There is no such provider config."),
            Some(config) if config.channel != channel => {
                wrong("provider_channel", &format!("The config sends {}, the rule is for {channel}.", config.channel));
            }
            Some(_) if given[..index].iter().any(|before| before.provider_id == choice.provider_id) => {
                wrong("provider_twice", "It is in the list already.");
            }
            Some(_) => {}
        }
    }
    if violations.is_empty() {
        Ok(given.into_iter().map(|one| Choice { provider_id: one.provider_id, weight: one.weight }).collect())
    } else {
        Err(Error::Invalid(violations))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_minutes_of_the_day() {
        assert_eq!(minute(" 00:00", "/from").unwrap(), 0);
        assert_eq!(minute("23:59", "/from").unwrap(), 1_439);
        for wrong in ["", "24:00", "7:00", "07:60", "0700", "07:00:00", "+7:00"] {
            assert!(minute(wrong, "/from").is_err(), "{wrong}");
        }
    }
}
