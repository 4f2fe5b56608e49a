//! The schemas of the document. What comes in and what goes out are generated apart (a field with a default may be
//! left out of a request but is always in an answer); types that differ get `Input` behind their name in requests.

use std::collections::BTreeSet;

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};

const PREFIX: &str = "#/components/schemas/";

pub(super) struct Generators {
    pub requests: SchemaGenerator,
    pub replies: SchemaGenerator,
}

impl Generators {
    pub fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self {
            requests: settings.clone().for_deserialize().into_generator(),
            replies: settings.for_serialize().into_generator(),
        }
    }

    /// All definitions, and the names that became `…Input` in requests.
    pub fn finish(mut self) -> (Map<String, Value>, BTreeSet<String>) {
        let requests = self.requests.take_definitions(true);
        let mut all = self.replies.take_definitions(true);
        let shared = |name: &String| all.contains_key(name);
        let mut renamed: BTreeSet<String> = requests
            .iter()
            .filter(|(name, schema)| all.get(*name).is_some_and(|reply| reply != *schema))
            .map(|(name, _)| name.clone())
            .collect();
        // What refers to a renamed one differs too, from there on.
        loop {
            let more: Vec<String> = requests
                .iter()
                .filter(|(name, schema)| shared(name) && !renamed.contains(*name) && refers(schema, &renamed))
                .map(|(name, _)| name.clone())
                .collect();
            if more.is_empty() {
                break;
            }
            renamed.extend(more);
        }
        for (name, mut schema) in requests {
            rename_requests_in(&mut schema, &renamed);
            let name = if renamed.contains(&name) { format!("{name}Input") } else { name };
            all.insert(name, schema);
        }
        all.sort_keys();
        (all, renamed)
    }
}

fn refers(schema: &Value, names: &BTreeSet<String>) -> bool {
    match schema {
        Value::Object(object) => object.iter().any(|(key, value)| {
            let name = (key == "$ref").then(|| value.as_str()?.strip_prefix(PREFIX)).flatten();
            name.is_some_and(|name| names.contains(name)) || refers(value, names)
        }),
        Value::Array(values) => values.iter().any(|value| refers(value, names)),
        _ => false,
    }
}

fn rename_requests_in(schema: &mut Value, renamed: &BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                if key == "$ref" {
                    let name = value.as_str().and_then(|text| text.strip_prefix(PREFIX));
                    if let Some(name) = name.filter(|name| renamed.contains(*name)) {
                        *value = Value::String(format!("{PREFIX}{name}Input"));
                    }
                } else {
                    rename_requests_in(value, renamed);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| rename_requests_in(value, renamed)),
        _ => {}
    }
}

/// Renames the references in parameters and request bodies.
pub(super) fn rename_requests(paths: &mut Value, renamed: &BTreeSet<String>) {
    for item in paths.as_object_mut().into_iter().flat_map(Map::values_mut) {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            for part in ["parameters", "requestBody"] {
                if let Some(part) = operation.get_mut(part) {
                    rename_requests_in(part, renamed);
                }
            }
        }
    }
}
