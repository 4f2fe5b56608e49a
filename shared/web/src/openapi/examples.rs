//! Examples, made from the schemas: what a field's own `examples` say, else its default, its first allowed value,
//! or a plain value of its type.

use serde_json::{Map, Value, json};

/// Adds an example to every JSON body that has none.
pub(super) fn add(paths: &mut Value, definitions: &Map<String, Value>) {
    for item in paths.as_object_mut().into_iter().flat_map(Map::values_mut) {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            if let Some(content) = operation.pointer_mut("/requestBody/content") {
                add_to(content, definitions, None);
            }
            let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
            for (status, response) in responses.into_iter().flatten() {
                let code = response["description"].as_str().and_then(|text| text.split('`').nth(1)).map(str::to_owned);
                let problem = code.map(|code| problem(status, &code));
                if let Some(content) = response.get_mut("content") {
                    add_to(content, definitions, problem.as_ref());
                }
            }
        }
    }
}

fn problem(status: &str, code: &str) -> Value {
    json!({
        "type": format!("urn:dundun:problem:{code}"),
        "title": code.replace('_', " "),
        "status": status.parse::<u16>().unwrap_or(500),
        "detail": "What happened here, in a sentence.",
        "instance": "req_01KAJ7Q4T0M5Z8X2V9C3B6N1R4",
        "code": code,
    })
}

fn add_to(content: &mut Value, definitions: &Map<String, Value>, problem: Option<&Value>) {
    for (media_type, media) in content.as_object_mut().into_iter().flatten() {
        if media.get("example").is_some() || !media_type.contains("json") {
            continue;
        }
        media["example"] = match (problem, media_type.as_str()) {
            (Some(problem), "application/problem+json") => problem.clone(),
            _ => example(&media["schema"], definitions, &mut Vec::new()),
        };
    }
}

/// `within` names the definitions that this is an example within: one that refers to itself ends there.
fn example<'a>(schema: &'a Value, definitions: &'a Map<String, Value>, within: &mut Vec<&'a str>) -> Value {
    if let Some(first) = schema.pointer("/examples/0") {
        return first.clone();
    }
    for key in ["default", "const"] {
        if let Some(value) = schema.get(key).filter(|value| !value.is_null()) {
            return value.clone();
        }
    }
    if let Some(first) = schema.pointer("/enum/0") {
        return first.clone();
    }
    let referred = schema.get("$ref").and_then(Value::as_str).and_then(|text| text.rsplit('/').next());
    if let Some((name, definition)) = referred.and_then(|name| Some((name, definitions.get(name)?))) {
        if within.contains(&name) {
            return Value::Null;
        }
        within.push(name);
        let value = example(definition, definitions, within);
        within.pop();
        return value;
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(first) = schema.get(key).and_then(|any| any.get(0)) {
            let mut value = example(first, definitions, within);
            // A tagged enum keeps its shared fields beside the variants.
            if let (Value::Object(value), Some(Value::Object(_))) = (&mut value, schema.get("properties")) {
                let mut shared = example_object(schema, definitions, within);
                shared.append(value);
                return Value::Object(shared);
            }
            return value;
        }
    }
    let kind = match schema.get("type") {
        Some(Value::Array(types)) => types.first().and_then(Value::as_str),
        Some(Value::String(kind)) => Some(kind.as_str()),
        _ => None,
    };
    match kind {
        Some("object") => Value::Object(example_object(schema, definitions, within)),
        Some("array") => {
            let item = schema.get("items").map(|items| example(items, definitions, within));
            Value::Array(item.into_iter().filter(|item| !item.is_null()).collect())
        }
        Some("string") => json!(text(schema)),
        Some("integer") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("number") => json!(1.5),
        Some("boolean") => json!(true),
        _ => Value::Null,
    }
}

fn example_object<'a>(
    schema: &'a Value,
    definitions: &'a Map<String, Value>,
    within: &mut Vec<&'a str>,
) -> Map<String, Value> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(name, property)| (name.clone(), example(property, definitions, within)))
        .collect()
}

fn text(schema: &Value) -> &'static str {
    match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => "2026-01-12T10:00:00Z",
        Some("date") => "2026-01-12",
        Some("email") => "amina@example.org",
        Some("uri") => "https://example.org/",
        _ => "text",
    }
}
