//! The Scheduler protocol: REST with JSON under `/schedules` and `/schedule-groups`.
//!
//! Source of paths and shapes: the EventBridge Scheduler API reference.

use std::collections::HashMap;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{DEFAULT_GROUP, Definition, Schedule, Scheduler, State, definition::invalid, no_group};
use crate::error::{AwsError, Result};

#[derive(Deserialize)]
struct Create {
    #[serde(rename = "GroupName")]
    group: Option<String>,
    #[serde(rename = "ClientToken")]
    token: Option<String>,
    #[serde(flatten)]
    definition: Definition,
}

fn seconds(at: Timestamp) -> Value {
    json!(at.as_millisecond() as f64 / 1000.0)
}

impl Scheduler {
    /// Answers one request; `query` is the part of the URL after the question mark.
    pub(crate) async fn answer(&self, method: &Method, path: &str, query: &str, body: &[u8]) -> Result<Vec<u8>> {
        let query: HashMap<String, String> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let mut parts = path.trim_matches('/').split('/');
        let output = match (method, parts.next(), parts.next(), parts.next()) {
            (&Method::GET, Some("schedules"), None, None) => self.answer_list(&query).await?,
            (_, Some("schedules"), Some(name), None) => self.answer_schedule(method, name, &query, body).await?,
            (&Method::GET, Some("schedule-groups"), None, None) => self.answer_groups(&query).await?,
            (&Method::POST, Some("schedule-groups"), Some(name), None) => {
                self.create_group(name).await?;
                json!({ "ScheduleGroupArn": self.group_arn(name) })
            }
            (&Method::GET, Some("schedule-groups"), Some(name), None) => {
                let group = self.groups().await?.into_iter().find(|group| group.0 == name);
                self.group_output(&group.ok_or_else(|| no_group(name))?)
            }
            (&Method::DELETE, Some("schedule-groups"), Some(name), None) => {
                self.delete_group(name).await?;
                json!({})
            }
            _ => return Err(AwsError::unknown_operation(&format!("{method} {path}"))),
        };
        Ok(output.to_string().into_bytes())
    }

    async fn answer_schedule(
        &self,
        method: &Method,
        name: &str,
        query: &HashMap<String, String>,
        body: &[u8],
    ) -> Result<Value> {
        let of_query = || query.get("groupName").map_or(DEFAULT_GROUP, String::as_str);
        match *method {
            Method::POST | Method::PUT => {
                // serde's text may quote the input, which can hold anything.
                let input: Create = serde_json::from_slice(body).map_err(|error| {
                    invalid(format!(
                        "The body is not a valid schedule (line {}, column {}).",
                        error.line(),
                        error.column()
                    ))
                })?;
                let group = input.group.as_deref().unwrap_or(DEFAULT_GROUP);
                if *method == Method::POST {
                    self.create(group, name, input.definition, input.token).await?;
                } else {
                    self.update(group, name, input.definition).await?;
                }
                Ok(json!({ "ScheduleArn": self.arn(group, name) }))
            }
            Method::GET => Ok(self.output(&self.get(of_query(), name).await?)),
            Method::DELETE => {
                self.delete(of_query(), name).await?;
                Ok(json!({}))
            }
            _ => Err(AwsError::unknown_operation(&format!("{method} /schedules/{name}"))),
        }
    }

    fn output(&self, schedule: &Schedule) -> Value {
        let mut output = serde_json::to_value(&schedule.definition).expect("a definition is JSON");
        if let Some(output) = output.as_object_mut() {
            output.entry("ScheduleExpressionTimezone").or_insert_with(|| json!("UTC"));
            output.insert("Name".to_owned(), json!(schedule.name));
            output.insert("GroupName".to_owned(), json!(schedule.group));
            output.insert("Arn".to_owned(), json!(self.arn(&schedule.group, &schedule.name)));
            output.insert("CreationDate".to_owned(), seconds(schedule.created_at));
            output.insert("LastModificationDate".to_owned(), seconds(schedule.modified_at));
        }
        output
    }

    async fn answer_list(&self, query: &HashMap<String, String>) -> Result<Value> {
        let max = max_results(query)?;
        let after = match query.get("NextToken") {
            None => (String::new(), String::new()),
            Some(token) => {
                let place = read_token(token)?;
                let (group, name) = place.split_once('/').ok_or_else(|| invalid("The NextToken is not valid."))?;
                (group.to_owned(), name.to_owned())
            }
        };
        let state = match query.get("State").map(String::as_str) {
            None => None,
            Some("ENABLED") => Some(State::Enabled),
            Some("DISABLED") => Some(State::Disabled),
            Some(_) => return Err(invalid("The State is not valid.")),
        };
        let prefix = query.get("NamePrefix").cloned().unwrap_or_default();
        let mut found = self.list(query.get("ScheduleGroup").cloned(), prefix, after, max + 1).await?;
        let more = found.len() > max;
        found.truncate(max);
        let next = found.last().filter(|_| more).map(|last| format!("{}/{}", last.group, last.name));
        // As on AWS a page may hold fewer than asked for while more follow.
        found.retain(|schedule| state.is_none_or(|state| schedule.definition.state == state));
        let schedules: Vec<_> = found
            .iter()
            .map(|schedule| {
                json!({
                    "Arn": self.arn(&schedule.group, &schedule.name),
                    "Name": schedule.name,
                    "GroupName": schedule.group,
                    "State": schedule.definition.state,
                    "Target": { "Arn": schedule.definition.target.arn },
                    "CreationDate": seconds(schedule.created_at),
                    "LastModificationDate": seconds(schedule.modified_at),
                })
            })
            .collect();
        Ok(paged("Schedules", schedules, next))
    }

    async fn answer_groups(&self, query: &HashMap<String, String>) -> Result<Value> {
        let max = max_results(query)?;
        let after = query.get("NextToken").map(|token| read_token(token)).transpose()?.unwrap_or_default();
        let prefix = query.get("NamePrefix").map_or("", String::as_str);
        let mut groups = self.groups().await?;
        groups.retain(|group| group.0 > after && group.0.starts_with(prefix));
        let more = groups.len() > max;
        groups.truncate(max);
        let next = groups.last().filter(|_| more).map(|last| last.0.clone());
        Ok(paged("ScheduleGroups", groups.iter().map(|group| self.group_output(group)).collect(), next))
    }

    fn group_output(&self, (name, created_at): &(String, Timestamp)) -> Value {
        json!({
            "Arn": self.group_arn(name),
            "Name": name,
            "State": "ACTIVE",
            "CreationDate": seconds(*created_at),
            "LastModificationDate": seconds(*created_at),
        })
    }
}

fn max_results(query: &HashMap<String, String>) -> Result<usize> {
    match query.get("MaxResults").map(|max| max.parse()) {
        None => Ok(100),
        Some(Ok(max @ 1..=100)) => Ok(max),
        Some(_) => Err(invalid("MaxResults must be between 1 and 100.")),
    }
}

fn read_token(token: &str) -> Result<String> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| invalid("The NextToken is not valid."))
}

fn paged(list: &str, items: Vec<Value>, next: Option<String>) -> Value {
    let mut output = Map::from_iter([(list.to_owned(), Value::Array(items))]);
    output.extend(next.map(|place| ("NextToken".to_owned(), json!(BASE64_URL_SAFE_NO_PAD.encode(place)))));
    Value::Object(output)
}
