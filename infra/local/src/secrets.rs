//! Secrets Manager: `POST /` with `X-Amz-Target: secretsmanager.<operation>`, AWS JSON 1.1.
//!
//! Versions carry stages: the newest is `AWSCURRENT`, the one before `AWSPREVIOUS`, others without a stage are
//! deprecated and kept. A deleted secret is gone at once (AWS keeps it for a week at least). Source: the Secrets
//! Manager API reference. Values lie unencrypted in the data folder, which
//! only its owner may enter.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Clock;

use crate::{
    database::Database,
    error::{AwsError, Result},
    sqs::{ACCOUNT, uuid},
};

const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS secret (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL
);
";

/// The secrets of the local cloud; cheap to clone.
#[derive(Clone)]
pub struct Secrets {
    database: Database,
    clock: Clock,
    region: String,
}

/// A secret with all its versions, stored as one JSON text: there are few and they are small.
#[derive(Serialize, Deserialize)]
struct Secret {
    name: String,
    /// The six characters that AWS appends to the name in the ARN.
    suffix: String,
    description: Option<String>,
    /// Milliseconds since 1970, as all times here.
    created_at: i64,
    changed_at: i64,
    versions: BTreeMap<String, Version>,
    tags: Value,
}

#[derive(Serialize, Deserialize)]
struct Version {
    text: Option<String>,
    /// Base64, as it came.
    binary: Option<String>,
    stages: BTreeSet<String>,
    created_at: i64,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Input {
    name: Option<String>,
    secret_id: Option<String>,
    client_request_token: Option<String>,
    description: Option<String>,
    secret_string: Option<String>,
    secret_binary: Option<String>,
    version_id: Option<String>,
    version_stage: Option<String>,
    version_stages: Option<BTreeSet<String>>,
    remove_from_version_id: Option<String>,
    move_to_version_id: Option<String>,
    tags: Option<Value>,
}

fn error(code: &'static str, message: impl Into<String>) -> AwsError {
    AwsError::client("com.amazonaws.secretsmanager", code, message)
}

fn invalid(message: &str) -> AwsError {
    error("InvalidParameterException", message)
}

fn missing() -> AwsError {
    error("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

fn seconds(at: i64) -> Value {
    json!(at as f64 / 1000.0)
}

impl Secret {
    fn find(connection: &Connection, named: &str) -> Result<Self> {
        let name = named.split_once(":secret:").map_or(named, |(_, name)| name);
        let body = |name: &str| {
            connection
                .prepare_cached("SELECT body FROM secret WHERE name = ?1")?
                .query_row([name], |row| row.get::<_, String>(0))
                .optional()
        };
        let mut found = body(name)?;
        // An ARN ends in a hyphen and six characters that do not belong to the name.
        if found.is_none()
            && name.len() < named.len()
            && let Some((name, _)) = name.rsplit_once('-')
        {
            found = body(name)?;
        }
        let secret: Self = found.and_then(|body| serde_json::from_str(&body).ok()).ok_or_else(missing)?;
        Ok(secret)
    }

    fn write(&self, connection: &Connection) -> Result<()> {
        let body = serde_json::to_string(self).expect("a secret is JSON");
        connection
            .prepare_cached(
                "INSERT INTO secret (name, body) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET body = ?2",
            )?
            .execute(params![self.name, body])?;
        Ok(())
    }

    /// Adds a version, or finds that the same call has added it already. The stages move from where they were.
    fn put(&mut self, id: &str, input: &Input, now: i64) -> Result<BTreeSet<String>> {
        let (text, binary) = (input.secret_string.clone(), input.secret_binary.clone());
        if text.is_some() == binary.is_some() {
            return Err(invalid("You must provide either SecretString or SecretBinary."));
        }
        if text.as_ref().or(binary.as_ref()).is_some_and(|value| value.len() > 65_536) {
            return Err(invalid("A secret value has at most 65536 bytes."));
        }
        if let Some(existing) = self.versions.get(id) {
            return if existing.text == text && existing.binary == binary {
                Ok(existing.stages.clone())
            } else {
                Err(error(
                    "ResourceExistsException",
                    "You can't use ClientRequestToken for a version that exists with another value.",
                ))
            };
        }
        let stages = input.version_stages.clone().unwrap_or_else(|| BTreeSet::from([CURRENT.to_owned()]));
        self.versions.insert(id.to_owned(), Version { text, binary, stages: BTreeSet::new(), created_at: now });
        for stage in &stages {
            self.stage(stage, id);
        }
        self.changed_at = now;
        Ok(stages)
    }

    /// Moves a stage to a version; whoever was current becomes the previous one.
    fn stage(&mut self, stage: &str, id: &str) {
        let before = self.versions.iter().find(|(_, version)| version.stages.contains(stage)).map(|(id, _)| id.clone());
        for version in self.versions.values_mut() {
            version.stages.remove(stage);
        }
        if let Some(version) = self.versions.get_mut(id) {
            version.stages.insert(stage.to_owned());
        }
        if let Some(before) = before.filter(|before| stage == CURRENT && before != id) {
            self.stage(PREVIOUS, &before);
        }
    }
}

impl Secrets {
    /// Opens the secrets of a database.
    pub async fn open(database: Database, clock: Clock, region: &str) -> Result<Self> {
        database.run(|connection| Ok::<_, AwsError>(connection.execute_batch(SCHEMA)?)).await?;
        Ok(Self { database, clock, region: region.to_owned() })
    }

    /// Creates a secret with a text value. Error: `ResourceExistsException`.
    pub async fn create(&self, name: &str, value: String) -> Result<()> {
        let input = Input { name: Some(name.to_owned()), secret_string: Some(value), ..Input::default() };
        self.run("CreateSecret", input).await.map(|_| ())
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, operation: &str, body: &[u8]) -> Result<Vec<u8>> {
        let input: Input = serde_json::from_slice(body).map_err(|error| AwsError::serialization(&error))?;
        Ok(self.run(operation, input).await?.to_string().into_bytes())
    }

    async fn run(&self, operation: &str, input: Input) -> Result<Value> {
        let (secrets, operation, now) = (self.clone(), operation.to_owned(), self.clock.now());
        self.database
            .run(move |connection| {
                if operation == "ListSecrets" {
                    return secrets.list(connection);
                }
                if operation == "CreateSecret" {
                    return secrets.make(connection, &input, now);
                }
                let named = input.secret_id.as_deref().ok_or_else(|| invalid("You must provide a SecretId."))?;
                let mut secret = Secret::find(connection, named)?;
                let output = secrets.work(&operation, &mut secret, &input, now)?;
                if operation == "DeleteSecret" {
                    connection.execute("DELETE FROM secret WHERE name = ?1", [&secret.name])?;
                } else if operation != "GetSecretValue" && operation != "DescribeSecret" {
                    secret.write(connection)?;
                }
                Ok(output)
            })
            .await
    }

    fn arn(&self, secret: &Secret) -> String {
        format!("arn:aws:secretsmanager:{}:{ACCOUNT}:secret:{}-{}", self.region, secret.name, secret.suffix)
    }

    fn make(&self, connection: &Connection, input: &Input, now: Timestamp) -> Result<Value> {
        let name = input.name.as_deref().ok_or_else(|| invalid("You must provide a Name."))?;
        let named = (1..=512).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+=.@-".contains(&byte));
        if !named {
            return Err(error("ValidationException", "Invalid name."));
        }
        let now = now.as_millisecond();
        let id = input.client_request_token.clone().unwrap_or_else(uuid);
        match Secret::find(connection, name) {
            // The same call once more.
            Ok(mut secret) if secret.versions.contains_key(&id) => {
                secret.put(&id, input, now)?;
                return Ok(json!({ "ARN": self.arn(&secret), "Name": name, "VersionId": id }));
            }
            Ok(_) => {
                return Err(error(
                    "ResourceExistsException",
                    format!("The operation failed because the secret {name} already exists."),
                ));
            }
            Err(_) => {}
        }
        let mut secret = Secret {
            name: name.to_owned(),
            suffix: uuid()[..6].to_owned(),
            description: input.description.clone(),
            created_at: now,
            changed_at: now,
            versions: BTreeMap::new(),
            tags: input.tags.clone().unwrap_or_else(|| json!([])),
        };
        let mut output = json!({ "ARN": self.arn(&secret), "Name": name });
        if input.secret_string.is_some() || input.secret_binary.is_some() {
            secret.put(&id, input, now)?;
            output["VersionId"] = json!(id);
        }
        secret.write(connection)?;
        Ok(output)
    }

    fn work(&self, operation: &str, secret: &mut Secret, input: &Input, now: Timestamp) -> Result<Value> {
        let now = now.as_millisecond();
        let mut output = json!({ "ARN": self.arn(secret), "Name": secret.name });
        match operation {
            "GetSecretValue" => {
                let stage = input.version_stage.as_deref();
                let found = match &input.version_id {
                    Some(id) => secret.versions.get_key_value(id),
                    None => {
                        secret.versions.iter().find(|(_, version)| version.stages.contains(stage.unwrap_or(CURRENT)))
                    }
                };
                let found = found.filter(|(_, version)| stage.is_none_or(|stage| version.stages.contains(stage)));
                let (id, version) = found.ok_or_else(|| {
                    error(
                        "ResourceNotFoundException",
                        "Secrets Manager can't find the specified secret value for the version or staging label.",
                    )
                })?;
                output["VersionId"] = json!(id);
                output["VersionStages"] = json!(version.stages);
                output["CreatedDate"] = seconds(version.created_at);
                if let Some(text) = &version.text {
                    output["SecretString"] = json!(text);
                }
                if let Some(binary) = &version.binary {
                    output["SecretBinary"] = json!(binary);
                }
            }
            "PutSecretValue" => {
                let id = input.client_request_token.clone().unwrap_or_else(uuid);
                output["VersionStages"] = json!(secret.put(&id, input, now)?);
                output["VersionId"] = json!(id);
            }
            "UpdateSecret" => {
                if input.description.is_some() {
                    secret.description.clone_from(&input.description);
                    secret.changed_at = now;
                }
                if input.secret_string.is_some() || input.secret_binary.is_some() {
                    let id = input.client_request_token.clone().unwrap_or_else(uuid);
                    secret.put(&id, input, now)?;
                    output["VersionId"] = json!(id);
                }
            }
            "UpdateSecretVersionStage" => {
                let stage =
                    input.version_stage.as_deref().ok_or_else(|| invalid("You must provide a VersionStage."))?;
                let of = |id: &String| secret.versions.get(id).ok_or_else(missing);
                let holder = secret.versions.iter().find(|(_, v)| v.stages.contains(stage)).map(|(id, _)| id.clone());
                input.move_to_version_id.as_ref().map(of).transpose()?;
                if holder.is_some() && holder != input.remove_from_version_id && holder != input.move_to_version_id {
                    return Err(invalid("You must name the version that holds the staging label to remove it from."));
                }
                match &input.move_to_version_id {
                    Some(id) => secret.stage(stage, id),
                    None => secret.versions.values_mut().for_each(|version| {
                        version.stages.remove(stage);
                    }),
                }
                secret.changed_at = now;
            }
            "DescribeSecret" => describe(secret, &mut output),
            "DeleteSecret" => output["DeletionDate"] = seconds(now),
            _ => return Err(AwsError::unknown_operation(operation)),
        }
        Ok(output)
    }

    fn list(&self, connection: &Connection) -> Result<Value> {
        let mut statement = connection.prepare_cached("SELECT body FROM secret ORDER BY name")?;
        let bodies = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
        let secrets = bodies.iter().filter_map(|body| serde_json::from_str::<Secret>(body).ok()).map(|secret| {
            let mut output = json!({ "ARN": self.arn(&secret), "Name": secret.name });
            describe(&secret, &mut output);
            // The model calls the same member differently in a list.
            let stages = output.as_object_mut().and_then(|output| output.remove("VersionIdsToStages"));
            output["SecretVersionsToStages"] = stages.unwrap_or_default();
            output
        });
        Ok(json!({ "SecretList": secrets.collect::<Vec<_>>() }))
    }
}

/// Adds what `DescribeSecret` tells to an answer.
fn describe(secret: &Secret, output: &mut Value) {
    let stages: BTreeMap<_, _> = secret
        .versions
        .iter()
        .filter(|(_, version)| !version.stages.is_empty())
        .map(|(id, version)| (id, &version.stages))
        .collect();
    output["VersionIdsToStages"] = json!(stages);
    output["CreatedDate"] = seconds(secret.created_at);
    output["LastChangedDate"] = seconds(secret.changed_at);
    output["Tags"] = secret.tags.clone();
    if let Some(description) = &secret.description {
        output["Description"] = json!(description);
    }
}
