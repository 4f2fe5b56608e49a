//! What a config has to be like to be stored. What merely keeps it from sending is stored and shown.

use std::ops::RangeInclusive;

use ::providers::{Account, UnknownPolicy, spec};
use domain::{Error, Result, Violation};
use serde_json::{Map, Value};

/// Recipients a minute that a config may be set to.
const RATE: RangeInclusive<u64> = 1..=60_000_000;
/// Tries after the first.
const RETRIES: RangeInclusive<u32> = 0..=10;
/// Recipients in one call.
const BATCH: RangeInclusive<u32> = 1..=1_000;
/// The longest settings, in bytes of JSON.
const MAX_SETTINGS: usize = 64 * 1_024;
const MAX_NAME: usize = 200;
const MAX_SENDER: usize = 200;

/// The numbers of a config, where given.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// Recipients a minute.
    pub rate_per_minute: Option<u64>,
    /// Tries after the first.
    pub retry_attempts: Option<u32>,
    /// Recipients in one call.
    pub batch_size: Option<u32>,
}

/// Checks what does not depend on the kind.
pub(super) fn check(
    name: &str,
    sender: Option<&str>,
    settings: Option<&Map<String, Value>>,
    numbers: &Numbers,
) -> Result<()> {
    let mut violations = Vec::new();
    let mut add = |pointer: &str, code, detail: String| violations.push(Violation::new(pointer, code, detail));
    if name.trim().is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        add("/name", "name_invalid", format!("1 to {MAX_NAME} characters on one line."));
    }
    if sender.is_some_and(|sender| sender.chars().count() > MAX_SENDER || sender.chars().any(char::is_control)) {
        add("/senderId", "sender_invalid", format!("At most {MAX_SENDER} characters on one line."));
    }
    if settings.is_some_and(|settings| serde_json::to_vec(settings).is_ok_and(|json| json.len() > MAX_SETTINGS)) {
        add("/settings", "settings_too_long", format!("At most {MAX_SETTINGS} bytes."));
    }
    if numbers.rate_per_minute.is_some_and(|rate| !RATE.contains(&rate)) {
        add("/ratePerMinute", "out_of_range", "1 to 60,000,000 recipients a minute.".into());
    }
    if numbers.retry_attempts.is_some_and(|retries| !RETRIES.contains(&retries)) {
        add("/retryAttempts", "out_of_range", format!("{} to {}.", RETRIES.start(), RETRIES.end()));
    }
    if numbers.batch_size.is_some_and(|size| !BATCH.contains(&size)) {
        add("/batchSize", "out_of_range", format!("{} to {}.", BATCH.start(), BATCH.end()));
    }
    if violations.is_empty() { Ok(()) } else { Err(Error::Invalid(violations)) }
}

/// Refuses a config for what can only be a mistake: an address that the guard does not let through, a field that there
/// is not, a value of another type. What is missing, or does not look as the provider writes it, can come later.
pub(super) fn refuse(violations: &[Violation]) -> Result<()> {
    const LATER: [&str; 3] = ["required", "secret_missing", "pattern_mismatch"];
    let refused: Vec<Violation> =
        violations.iter().filter(|violation| !LATER.contains(&violation.code.as_ref())).cloned().collect();
    if refused.is_empty() { Ok(()) } else { Err(Error::Invalid(refused)) }
}

/// Refuses a policy for unknown copies that a config like this cannot follow.
pub(super) fn check_policy(policy: UnknownPolicy, account: &Account) -> Result<()> {
    let can = ::providers::unknown_policies(account);
    if can.contains(&policy) {
        return Ok(());
    }
    let kind = spec(account.kind);
    let names: Vec<&str> = can.iter().map(|policy| policy.name()).collect();
    let mut detail = format!("{} cannot {}: expected {}.", kind.name, policy.name(), names.join(" or "));
    if kind.unknown_policies.contains(&policy) {
        detail += " RESEND needs `settings.request.idempotency`: the header by which the provider knows a text again.";
    }
    Err(Error::invalid("/unknownPolicy", "unknown_policy_unsupported", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_bounds() {
        let wrong = |numbers: Numbers| match check("name", None, None, &numbers) {
            Err(Error::Invalid(all)) => all[0].pointer.clone(),
            _ => String::new(),
        };
        let rate = |rate| wrong(Numbers { rate_per_minute: Some(rate), ..Numbers::default() });
        assert_eq!(
            [rate(0), rate(1), rate(60_000_000), rate(60_000_001)],
            ["/ratePerMinute", "", "", "/ratePerMinute"]
        );
        assert_eq!(wrong(Numbers { retry_attempts: Some(11), ..Numbers::default() }), "/retryAttempts");
        assert_eq!(wrong(Numbers { batch_size: Some(0), ..Numbers::default() }), "/batchSize");
        assert!(matches!(check(" ", None, None, &Numbers::default()), Err(Error::Invalid(_))));
    }

    #[test]
    fn what_is_missing_can_come_later_and_a_refused_address_cannot() {
        let all = [
            Violation::new("/credentials/apiKey", "required", ""),
            Violation::new("/credentials/accountSid", "pattern_mismatch", ""),
            Violation::new("/settings/request/url", "url_refused", ""),
        ];
        assert!(refuse(&all[..2]).is_ok());
        let Err(Error::Invalid(refused)) = refuse(&all) else { panic!("accepted") };
        assert_eq!(refused, all[2..]);
    }
}
