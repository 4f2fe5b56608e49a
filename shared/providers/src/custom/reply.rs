//! From an answer to outcomes, by the format's rules: errors first, then success, then the status code.

use std::time::Duration;

use domain::delivery::ErrorClass;
use serde_json::Value;

use super::format::{ErrorRule, Extract, Format, Matcher, Statuses, text_of};
use crate::{
    answer,
    outbound::Answer,
    provider::{Account, Outcome},
};

/// An answer, read once.
pub(crate) struct Reply<'a> {
    answer: &'a Answer,
    text: String,
    json: Option<Value>,
}

impl<'a> Reply<'a> {
    pub(crate) fn read(answer: &'a Answer) -> Self {
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let json = serde_json::from_slice(&answer.body).ok();
        Self { answer, text, json }
    }

    /// Whether every condition that is given holds. Pointers look into `scope`.
    fn holds(&self, matcher: &Matcher, scope: &Value) -> bool {
        if matcher.http.is_some() && !Statuses::any_has(matcher.http.as_deref(), self.answer.status) {
            return false;
        }
        if matcher.text.as_ref().is_some_and(|pattern| !pattern.0.is_match(&self.text)) {
            return false;
        }
        let Some(pointer) = &matcher.pointer else { return true };
        let Some(found) = scope.pointer(&pointer.0) else { return false };
        let same = |wanted: &Value| {
            text_of(found).zip(text_of(wanted)).map_or(found == wanted, |(found, wanted)| found == wanted)
        };
        matcher.equals.as_ref().is_none_or(same) && matcher.one_of.as_ref().is_none_or(|list| list.iter().any(same))
    }

    fn id(&self, format: &Format, scope: &Value) -> Option<String> {
        let id = match &format.message_id {
            Some(Extract::Json { pointer }) => pointer.text(scope),
            Some(Extract::Header { name }) => {
                self.answer.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
            }
            Some(Extract::Text { pattern }) => pattern
                .0
                .captures(&self.text)
                .and_then(|found| found.get(1).or(found.get(0)))
                .map(|found| found.as_str().to_owned()),
            None => ["/id", "/messageId", "/message_id"].iter().find_map(|pointer| text_of(scope.pointer(pointer)?)),
        };
        id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty())
    }

    fn pause(&self, rule: &ErrorRule, scope: &Value) -> Option<Duration> {
        let rule = rule.retry_after.as_ref();
        let header =
            rule.and_then(|rule| rule.header.as_deref()).and_then(|name| answer::pause(&self.answer.headers, name));
        let field = || {
            let seconds = rule.and_then(|rule| rule.pointer.as_ref())?.text(scope)?;
            Duration::try_from_secs_f64(seconds.parse().ok()?).ok()
        };
        let fixed = || rule.and_then(|rule| rule.seconds).map(Duration::from_secs);
        header.or_else(field).or_else(fixed).or_else(|| answer::retry_after(&self.answer.headers))
    }

    /// What the rules say about one result, or about the whole.
    fn outcome(&self, account: &Account, format: &Format, scope: &Value) -> Outcome {
        let response = || answer::kept(account, &self.answer.body);
        let status = self.answer.status;
        if let Some(rule) = format.errors.iter().find(|rule| self.holds(&rule.when, scope)) {
            let reason = format!("the provider refused it (HTTP {status}): {}", meaning(rule.class));
            return answer::outcome(rule.class, reason, self.pause(rule, scope), response());
        }
        let conditions = &format.success.all;
        let ok = Statuses::any_has(format.success.http.as_deref(), status);
        if ok && conditions.iter().all(|matcher| self.holds(matcher, scope)) {
            return Outcome::Accepted { id: self.id(format, scope), cost: None, segments: None, response: response() };
        }
        let is_ok = (200..300).contains(&status);
        if is_ok && self.json.is_none() && conditions.iter().any(|matcher| matcher.pointer.is_some()) {
            return Outcome::Unknown { reason: "the answer to the submission cannot be read".to_owned() };
        }
        if is_ok {
            let reason = format!("the provider answered with HTTP {status}, but not that it took the text");
            return Outcome::Rejected { class: ErrorClass::BadContent, reason, response: response() };
        }
        answer::outcome_of_status(account, self.answer)
    }

    /// One outcome for each of `count` recipients.
    pub(crate) fn outcomes(&self, account: &Account, format: &Format, count: usize) -> Vec<Outcome> {
        let whole = self.json.as_ref().unwrap_or(&Value::Null);
        let results = format.batch.as_ref().and_then(|batch| batch.results_pointer.as_ref());
        let list = results.and_then(|pointer| whole.pointer(&pointer.0)).and_then(Value::as_array);
        match (results, list) {
            (Some(_), Some(list)) if list.len() == count => {
                list.iter().map(|result| self.outcome(account, format, result)).collect()
            }
            // Results without a place in the order belong to nobody.
            (Some(_), Some(list)) if !list.is_empty() => {
                let reason = format!("the provider told {} results for {count} recipients", list.len());
                vec![Outcome::Unknown { reason }; count]
            }
            (Some(_), _) => vec![self.without_results(account, format, whole); count],
            (None, _) => vec![self.outcome(account, format, whole); count],
        }
    }

    /// An answer whose list of results is missing or empty took nobody, unless it cannot be read.
    fn without_results(&self, account: &Account, format: &Format, whole: &Value) -> Outcome {
        match self.outcome(account, format, whole) {
            Outcome::Accepted { .. } if self.json.is_none() => {
                Outcome::Unknown { reason: "the answer to the submission cannot be read".to_owned() }
            }
            Outcome::Accepted { response, .. } => Outcome::Rejected {
                class: ErrorClass::BadContent,
                reason: "the provider took the text for nobody".to_owned(),
                response,
            },
            refused => refused,
        }
    }
}

/// For people.
fn meaning(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::InvalidRecipient => "the recipient cannot receive",
        ErrorClass::OptedOut => "the recipient opted out",
        ErrorClass::InsufficientBalance => "the balance is used up",
        ErrorClass::BadCredentials => "the credentials are not accepted",
        ErrorClass::BadSender => "the sender is not allowed",
        ErrorClass::AccountSuspended => "the account is suspended",
        ErrorClass::BadContent => "the text is not accepted",
        ErrorClass::Template => "the template is not accepted",
        ErrorClass::RateLimited => "too many at once",
        ErrorClass::Transient => "a failure that may pass",
        ErrorClass::Ambiguous => "nobody knows whether it was taken",
    }
}
