//! What extractors and replies say of an operation.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde_json::{Value, json};

use super::schemas::Generators;
use crate::route;

/// An operation while its handler's signature describes it.
pub struct Describe<'a> {
    path: &'static str,
    generators: &'a mut Generators,
    pub(super) parameters: Vec<Value>,
    pub(super) request_body: Option<Value>,
    pub(super) responses: IndexMap<String, Value>,
}

impl<'a> Describe<'a> {
    pub(super) fn new(path: &'static str, generators: &'a mut Generators) -> Self {
        Self { path, generators, parameters: Vec::new(), request_body: None, responses: IndexMap::new() }
    }

    /// The schema of something that comes in.
    pub fn request_schema<T: JsonSchema>(&mut self) -> Value {
        self.generators.requests.subschema_for::<T>().to_value()
    }

    /// The schema of something that goes out.
    pub fn reply_schema<T: JsonSchema>(&mut self) -> Value {
        self.generators.replies.subschema_for::<T>().to_value()
    }

    /// The schema of a form: a file, and the texts that `T` describes.
    pub fn form_schema<T: JsonSchema>(&mut self) -> Value {
        let mut schema = T::json_schema(&mut self.generators.requests).to_value();
        schema["type"] = json!("object");
        schema["properties"]["file"] = json!({
            "type": "string", "contentMediaType": "application/octet-stream", "description": "The file.",
        });
        let mut required = schema["required"].as_array().cloned().unwrap_or_default();
        required.push(json!("file"));
        schema["required"] = Value::Array(required);
        schema
    }

    /// The variable segments of the path.
    pub fn segments(&mut self, schemas: Vec<Value>) {
        for (name, schema) in route::variables(self.path).zip(schemas) {
            self.parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
        }
    }

    /// The parameters of a list.
    pub fn list_parameters(&mut self, default: usize, most: usize) {
        self.parameters.push(json!({
            "name": "limit", "in": "query", "required": false, "description": "How many at most.",
            "schema": { "type": "integer", "minimum": 1, "maximum": most, "default": default },
        }));
        self.parameters.push(json!({
            "name": "cursor", "in": "query", "required": false,
            "description": "`nextCursor` of the page before.", "schema": { "type": "string" },
        }));
    }

    /// Each field of `T` is a query parameter.
    pub fn query<T: JsonSchema>(&mut self) {
        let schema = T::json_schema(&mut self.generators.requests).to_value();
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let Some(properties) = schema["properties"].as_object() else { return };
        for (name, property) in properties {
            let mut property = without_null(property.clone());
            let description = property.as_object_mut().and_then(|property| property.remove("description"));
            let mut parameter = json!({
                "name": name, "in": "query", "required": required.contains(&json!(name)), "schema": property,
            });
            if let Some(description) = description {
                parameter["description"] = description;
            }
            if parameter["schema"]["type"] == "array" {
                parameter["style"] = json!("form");
                parameter["explode"] = json!(false);
            }
            self.parameters.push(parameter);
        }
    }

    /// The body, by media type.
    pub fn body(&mut self, required: bool, content: &[(&str, Value)]) {
        self.request_body = Some(json!({ "required": required, "content": media(content) }));
    }

    /// An answer.
    pub fn reply(&mut self, status: u16, text: &str, content: Option<(&str, Value)>) {
        let mut response = json!({ "description": text });
        if let Some(content) = content {
            response["content"] = media(&[content]);
        }
        if status == 201 {
            response["headers"]["Location"] = json!({ "description": "Where it is.", "schema": { "type": "string" } });
        }
        self.responses.insert(status.to_string(), response);
    }
}

fn media(content: &[(&str, Value)]) -> Value {
    content.iter().map(|(media_type, schema)| ((*media_type).to_owned(), json!({ "schema": schema }))).collect()
}

/// A parameter is left out, never null.
fn without_null(mut schema: Value) -> Value {
    if let Some(types) = schema["type"].as_array() {
        let types: Vec<Value> = types.iter().filter(|name| **name != "null").cloned().collect();
        schema["type"] = if types.len() == 1 { types[0].clone() } else { Value::Array(types) };
    } else if let Some(object) = schema.as_object_mut() {
        // Indexing above leaves a null behind where there was nothing.
        if object.get("type").is_some_and(Value::is_null) {
            object.remove("type");
        }
        if let Some(Value::Array(any)) = object.get("anyOf").cloned() {
            let rest: Vec<Value> = any.into_iter().filter(|one| one["type"] != "null").collect();
            if let [Value::Object(only)] = rest.as_slice() {
                object.remove("anyOf");
                for (key, value) in only {
                    object.entry(key).or_insert(value.clone());
                }
            }
        }
        if let Some(Value::Array(values)) = object.get_mut("enum") {
            values.retain(|value| !value.is_null());
        }
    }
    if let Some(Value::Array(values)) = schema.as_object_mut().and_then(|object| object.get_mut("enum")) {
        values.retain(|value| !value.is_null());
    }
    schema
}
