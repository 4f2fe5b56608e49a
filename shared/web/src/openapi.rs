//! `openapi.json` (3.1) from the rows, and the plain routes-only body (3.0.1) that API Gateway imports.
//!
//! The handlers' signatures give parameters, bodies and answers; the rows give access, errors and texts. Schemas
//! are JSON Schema 2020-12, which OpenAPI 3.1 takes as it is.

mod describe;
mod examples;
mod schemas;
mod shared;
mod tags;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use http::StatusCode;
use serde_json::{Map, Value, json};

pub use describe::Describe;

use crate::{
    extract::Content,
    problem::Problem,
    row::{Access, Idempotency, Row, Trigger},
};

/// The API document of these rows.
pub fn document(rows: &[Arc<Row>], version: &str) -> Value {
    let mut generators = schemas::Generators::new();
    let problem = generators.replies.subschema_for::<Problem>().to_value();
    let mut paths: Map<String, Value> = Map::new();
    let mut tags: Vec<&str> = Vec::new();
    for row in rows {
        let (Some(path), Some(describe)) = (row.path(), row.describe) else { continue };
        if !row.tag.is_empty() && !tags.contains(&row.tag) {
            tags.push(row.tag);
        }
        for method in row.methods() {
            let mut operation = Describe::new(path, &mut generators);
            describe(&mut operation);
            let id = match &row.trigger {
                Trigger::FunctionUrl { .. } => format!("{}-{}", row.name, method.as_str().to_lowercase()),
                _ => row.name.to_owned(),
            };
            let operation = finish(row, &id, operation, &problem);
            let item = paths.entry(path).or_insert_with(|| json!({}));
            item[method.as_str().to_lowercase()] = operation;
        }
    }
    let (definitions, renamed) = generators.finish();
    let mut paths = Value::Object(paths);
    schemas::rename_requests(&mut paths, &renamed);
    examples::add(&mut paths, &definitions);
    let shared = shared::extract(&mut paths);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Dundun",
            "version": version,
            "summary": "Bulk SMS, WhatsApp and email from your own AWS account.",
            "description": "Errors are problems (RFC 9457) with a stable `code`. Lists take `limit` and `cursor`. \
                            POST requests that create or send take an `Idempotency-Key`, kept for 24 hours.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "The deployment that serves this document." }],
        "security": [{ "bearer": [] }],
        "tags": tags.iter().map(|tag| json!({ "name": tag, "description": tags::description(tag) })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token (15 minutes), or an API key that begins with `dk_`.",
                },
            },
            "headers": shared.headers,
            "parameters": shared.parameters,
            "responses": shared.responses,
            "schemas": definitions,
        },
    })
}

fn finish(row: &Row, id: &str, described: Describe<'_>, problem: &Value) -> Value {
    let mut operation = Map::new();
    operation.insert("operationId".into(), json!(id));
    operation.insert("summary".into(), json!(row.summary));
    let mut description = row.description.to_owned();
    let who = match row.access {
        Some(Access::Needs(role, scope)) => format!("\n\nRole: {role} or above. API keys: scope `{scope}`."),
        Some(Access::Person(role)) => format!("\n\nRole: {role} or above. Not with API keys."),
        _ => String::new(),
    };
    description.push_str(&who);
    operation.insert("description".into(), json!(description.trim()));
    if !row.tag.is_empty() {
        operation.insert("tags".into(), json!([row.tag]));
    }
    if row.access == Some(Access::Public) {
        operation.insert("security".into(), json!([]));
    }
    let Describe { mut parameters, request_body, mut responses, .. } = described;
    if row.idempotency != Idempotency::Off {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "The same key again gives the same answer, for 24 hours. Make one per attempt at a thing.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
            "example": "5f2c0a9e-order-1042",
        }));
    }
    if !parameters.is_empty() {
        operation.insert("parameters".into(), Value::Array(parameters));
    }
    if let Some(body) = request_body {
        operation.insert("requestBody".into(), body);
    }
    for (status, codes) in errors(row) {
        let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error");
        let codes: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
        responses.entry(status.to_string()).or_insert_with(|| {
            json!({
                "description": format!("{reason}. Codes: {}.", codes.join(", ")),
                "content": { "application/problem+json": { "schema": problem } },
            })
        });
    }
    for response in responses.values_mut() {
        response["headers"]["X-Request-Id"] = json!({ "$ref": "#/components/headers/RequestId" });
    }
    responses.sort_keys();
    operation.insert("responses".into(), Value::Object(responses.into_iter().collect()));
    Value::Object(operation)
}

/// The codes a row answers with, by status: those of its kind, and its own.
pub fn errors(row: &Row) -> BTreeMap<u16, Vec<&'static str>> {
    let mut codes: BTreeMap<u16, Vec<&'static str>> = BTreeMap::new();
    let mut add = |status: u16, more: &[&'static str]| codes.entry(status).or_default().extend(more);
    match row.access {
        Some(Access::Needs(..)) => {
            add(401, &["token_missing", "token_invalid", "token_expired", "token_revoked"]);
            add(403, &["role_too_small", "scope_missing"]);
        }
        Some(Access::Person(_)) => {
            add(401, &["token_missing", "token_invalid", "token_expired", "token_revoked"]);
            add(403, &["role_too_small", "person_needed"]);
        }
        _ => {}
    }
    if row.path().is_some_and(|path| path.contains('{')) {
        add(404, &["not_found"]);
    }
    match row.content {
        Content::None => {}
        Content::Json => {
            add(400, &["json_invalid", "body_missing"]);
            add(413, &["body_too_large"]);
            add(415, &["media_type_unsupported"]);
            add(422, &["field_unknown", "field_required", "field_type", "field_invalid", "value_unknown", "invalid"]);
        }
        Content::Multipart => {
            add(400, &["multipart_invalid"]);
            add(413, &["use_imports"]);
            add(415, &["media_type_unsupported"]);
            add(422, &["field_unknown", "field_required", "field_type", "field_invalid", "invalid"]);
        }
        Content::Raw => add(413, &["body_too_large"]),
    }
    if row.idempotency != Idempotency::Off {
        add(400, &["idempotency_key_invalid"]);
        add(409, &["idempotency_running"]);
        add(422, &["idempotency_mismatch"]);
    }
    for error in &row.errors {
        match error.split_once(' ') {
            Some((status, code)) => add(status.parse().unwrap_or(422), &[code]),
            None => add(422, &[error]),
        }
    }
    add(500, &["internal"]);
    add(503, &["unavailable"]);
    for list in codes.values_mut() {
        let mut seen = std::collections::HashSet::new();
        list.retain(|code| seen.insert(*code));
    }
    codes
}

/// The routes-only body for API Gateway, which imports OpenAPI 3.0 and not 3.1: one integration a route, no
/// references. `integration` gives the `aws_proxy` integration of a row. Function URLs are no part of it.
pub fn routes_body(rows: &[Arc<Row>], integration: impl Fn(&Row) -> Value) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for row in rows {
        let operation = json!({
            "responses": { "default": { "description": "As openapi.json says." } },
            "x-amazon-apigateway-integration": integration(row),
        });
        match &row.trigger {
            Trigger::Http { method, path } => {
                let item = paths.entry(*path).or_insert_with(|| json!({}));
                let names: Vec<Value> = crate::route::variables(path)
                    .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
                    .collect();
                let mut operation = operation;
                if !names.is_empty() {
                    operation["parameters"] = Value::Array(names);
                }
                item[method.as_str().to_lowercase()] = operation;
            }
            Trigger::Fallback => {
                let mut operation = operation;
                operation["isDefaultRoute"] = json!(true);
                paths.insert("/$default".into(), json!({ "x-amazon-apigateway-any-method": operation }));
            }
            _ => {}
        }
    }
    json!({ "openapi": "3.0.1", "info": { "title": "dundun", "version": "1" }, "paths": paths })
}
