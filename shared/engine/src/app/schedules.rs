//! Schedules: one per message, which puts the message's id on the plan queue at its hour.

use aws_sdk_scheduler::{
    Client,
    types::{ActionAfterCompletion, DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode, RetryPolicy, Target},
};
use domain::{Error, Result, id::MessageId};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

use super::Settings;

/// How old a firing may get before it goes to the dead-letter queue, in seconds: a day, so that even a long
/// outage ends with the message asking what to do (`lateAfter`), not with silence.
const MAX_EVENT_AGE: i32 = 86_400;

/// The schedules. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Schedules {
    client: Client,
    group: String,
    role: String,
    plan: String,
}

impl Schedules {
    pub(super) fn new(client: Client, settings: &Settings) -> Self {
        Self {
            client,
            group: settings.schedule_group.clone(),
            role: settings.schedule_role.clone(),
            plan: format!("{}plan", settings.queue_arns),
        }
    }

    /// Puts the schedule of a message to `at`, whether there is one or not.
    pub async fn put(&self, message: MessageId, at: Timestamp, job: &impl Serialize) -> Result<()> {
        let input = serde_json::to_string(job).map_err(Error::internal)?;
        let expression = format!("at({})", at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S"));
        let target = Target::builder()
            .arn(&self.plan)
            .role_arn(&self.role)
            .input(input)
            .dead_letter_config(DeadLetterConfig::builder().arn(format!("{}-dlq", self.plan)).build())
            .retry_policy(
                RetryPolicy::builder().maximum_event_age_in_seconds(MAX_EVENT_AGE).maximum_retry_attempts(185).build(),
            )
            .build()
            .map_err(Error::internal)?;
        let window =
            FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build().map_err(Error::internal)?;
        let created = self
            .client
            .create_schedule()
            .name(message.to_string())
            .group_name(&self.group)
            .schedule_expression(&expression)
            .flexible_time_window(window.clone())
            .action_after_completion(ActionAfterCompletion::Delete)
            .target(target.clone())
            .send()
            .await;
        match created {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(
                    aws_sdk_scheduler::operation::create_schedule::CreateScheduleError::is_conflict_exception,
                ) =>
            {
                self.client
                    .update_schedule()
                    .name(message.to_string())
                    .group_name(&self.group)
                    .schedule_expression(expression)
                    .flexible_time_window(window)
                    .action_after_completion(ActionAfterCompletion::Delete)
                    .target(target)
                    .send()
                    .await
                    .map_err(|_| Error::Unavailable("the scheduler did not take a change".into()))?;
                Ok(())
            }
            Err(_) => Err(Error::Unavailable("the scheduler did not take a schedule".into())),
        }
    }

    /// Removes the schedule of a message. One that has fired already, or never was, is no error.
    pub async fn delete(&self, message: MessageId) -> Result<()> {
        match self.client.delete_schedule().name(message.to_string()).group_name(&self.group).send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(
                    aws_sdk_scheduler::operation::delete_schedule::DeleteScheduleError::is_resource_not_found_exception,
                ) =>
            {
                Ok(())
            }
            Err(_) => Err(Error::Unavailable("the scheduler did not answer".into())),
        }
    }
}
