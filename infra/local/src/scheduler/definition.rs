//! A schedule as a client defines it, and what AWS refuses about it.
//!
//! Source: the EventBridge Scheduler API reference, `CreateSchedule`.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::expression::Expression;
use crate::error::{AwsError, Result};

const DEFAULT_EVENT_AGE: u32 = 86_400;
const DEFAULT_RETRIES: u32 = 185;

/// What a client gives to create or update a schedule. Names are those of the API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Definition {
    /// `at(…)`, `rate(…)` or `cron(…)`.
    pub schedule_expression: String,
    /// IANA name of the zone in which `at` and `cron` are read; UTC if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_expression_timezone: Option<String>,
    /// Seconds since 1970; a recurring schedule does not start earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date: Option<f64>,
    /// Seconds since 1970; a recurring schedule ends then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_date: Option<f64>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it runs.
    #[serde(default)]
    pub state: State,
    /// What happens to the schedule after its last time.
    #[serde(default)]
    pub action_after_completion: Action,
    /// How much later it may run; here it always runs at once.
    pub flexible_time_window: Window,
    /// What it calls.
    pub target: Target,
}

/// Whether a schedule runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// It runs.
    #[default]
    Enabled,
    /// It rests.
    Disabled,
}

/// What happens to a schedule after its last time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Action {
    /// It stays.
    #[default]
    None,
    /// It is deleted.
    Delete,
}

/// How much later than its time a schedule may run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Window {
    /// `OFF` or `FLEXIBLE`.
    pub mode: String,
    /// 1–1440.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_window_in_minutes: Option<u32>,
}

/// What a schedule calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Target {
    /// ARN of a queue or function.
    pub arn: String,
    /// ARN of the role that allows it; not looked at here.
    pub role_arn: String,
    /// The body of the message, or the event of the function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Where calls go that came to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letter_config: Option<DeadLetters>,
    /// For how long a call is worth making.
    #[serde(default)]
    pub retry_policy: Retries,
    /// `SqsParameters` and the like, given back as they came.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// Where calls go that came to nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeadLetters {
    /// ARN of a queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
}

/// For how long a call is worth making.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Retries {
    /// 60–86400 seconds after its time a call is given up.
    pub maximum_event_age_in_seconds: u32,
    /// 0–185. Failures here are final (a queue is there or not), so it changes nothing.
    pub maximum_retry_attempts: u32,
}

impl Default for Retries {
    fn default() -> Self {
        Self { maximum_event_age_in_seconds: DEFAULT_EVENT_AGE, maximum_retry_attempts: DEFAULT_RETRIES }
    }
}

/// Where a call goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    Queue(String),
    Function(String),
}

impl Target {
    pub(crate) fn destination(&self) -> Option<Destination> {
        let mut parts = self.arn.splitn(6, ':');
        let (arn, service, name) = (parts.next()?, parts.nth(1)?, parts.nth(2)?);
        match (arn, service) {
            ("arn", "sqs") => Some(Destination::Queue(name.to_owned())),
            ("arn", "lambda") => {
                Some(Destination::Function(name.strip_prefix("function:")?.split(':').next()?.to_owned()))
            }
            _ => None,
        }
    }

    /// The group of the messages, if the schedule names one.
    pub(crate) fn message_group(&self) -> Option<String> {
        Some(self.more.get("SqsParameters")?.get("MessageGroupId")?.as_str()?.to_owned())
    }
}

pub(super) fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::client("com.amazonaws.scheduler", "ValidationException", message)
}

impl Definition {
    /// A schedule without frills: runs `target` with `input`, never later than a day after its time.
    pub fn new(expression: impl Into<String>, target_arn: impl Into<String>, input: Option<String>) -> Self {
        Self {
            schedule_expression: expression.into(),
            schedule_expression_timezone: None,
            start_date: None,
            end_date: None,
            description: None,
            state: State::Enabled,
            action_after_completion: Action::None,
            flexible_time_window: Window { mode: "OFF".to_owned(), maximum_window_in_minutes: None },
            target: Target {
                arn: target_arn.into(),
                role_arn: "arn:aws:iam::000000000000:role/local".to_owned(),
                input,
                dead_letter_config: None,
                retry_policy: Retries::default(),
                more: Map::new(),
            },
        }
    }

    /// The expression and its zone, or AWS's refusal.
    pub(super) fn timing(&self) -> Result<(Expression, TimeZone)> {
        let expression = Expression::parse(&self.schedule_expression)
            .ok_or_else(|| invalid(format!("Invalid Schedule Expression {}.", self.schedule_expression)))?;
        let zone = self.schedule_expression_timezone.as_deref().unwrap_or("UTC");
        let zone = TimeZone::get(zone)
            .map_err(|_| invalid(format!("The ScheduleExpressionTimezone {zone} is not a valid time zone.")))?;
        Ok((expression, zone))
    }

    /// Refuses what AWS refuses of a new or changed schedule.
    pub(super) fn check(&self, now: Timestamp) -> Result<()> {
        self.timing()?;
        let window = &self.flexible_time_window;
        match (window.mode.as_str(), window.maximum_window_in_minutes) {
            ("OFF", None) | ("FLEXIBLE", Some(1..=1440)) => {}
            _ => return Err(invalid("The FlexibleTimeWindow is not valid.")),
        }
        let start = self.start_date.map(timestamp).transpose()?;
        let end = self.end_date.map(timestamp).transpose()?;
        if start.is_some_and(|start| start < now - SignedDuration::from_mins(5)) {
            return Err(invalid("The StartDate you specify cannot be earlier than 5 minutes ago."));
        }
        if end.is_some_and(|end| end < now) || start.zip(end).is_some_and(|(start, end)| end <= start) {
            return Err(invalid("The EndDate you specify must be in the future and after the StartDate."));
        }
        let target = &self.target;
        if target.destination().is_none() {
            return Err(invalid("Provided Arn is not in correct format, or is not of a queue or function."));
        }
        if !target.role_arn.starts_with("arn:") {
            return Err(invalid("Provided RoleArn is not in correct format."));
        }
        let dead = target.dead_letter_config.as_ref().and_then(|dead| dead.arn.as_deref());
        if dead.is_some_and(|arn| !arn.starts_with("arn:aws:sqs:")) {
            return Err(invalid("The DeadLetterConfig must name a queue."));
        }
        if target.input.as_ref().is_some_and(|input| input.is_empty() || input.len() > 262_144) {
            return Err(invalid("The Input must have 1 to 262144 bytes."));
        }
        let retries = target.retry_policy;
        if !(60..=DEFAULT_EVENT_AGE).contains(&retries.maximum_event_age_in_seconds)
            || retries.maximum_retry_attempts > DEFAULT_RETRIES
        {
            return Err(invalid("The RetryPolicy is out of range."));
        }
        Ok(())
    }

    /// When it is due next after `after`, within its dates; `None` after its last time or at rest.
    pub(super) fn next(&self, after: Timestamp, anchor: Timestamp) -> Option<Timestamp> {
        if self.state == State::Disabled {
            return None;
        }
        let (expression, zone) = self.timing().ok()?;
        if !expression.recurs() {
            return expression.next(after, anchor, &zone);
        }
        let start = self.start_date.and_then(|date| timestamp(date).ok());
        // The moment before the start, so that a time at the start itself counts.
        let before_start = start.and_then(|start| start.checked_sub(SignedDuration::from_millis(1)).ok());
        let after = before_start.map_or(after, |before| before.max(after));
        let next = expression.next(after, anchor, &zone)?;
        let end = self.end_date.and_then(|date| timestamp(date).ok());
        end.is_none_or(|end| next <= end).then_some(next)
    }

    /// From when a rate counts: its start date, or the moment of creation.
    pub(super) fn anchor(&self, now: Timestamp) -> Timestamp {
        self.start_date.and_then(|date| timestamp(date).ok()).unwrap_or(now)
    }
}

fn timestamp(seconds: f64) -> Result<Timestamp> {
    Timestamp::from_millisecond((seconds * 1000.0).round() as i64).map_err(|_| invalid("A date is out of range."))
}
