//! What many operations have in common, once: error answers, the parameters of lists, `Idempotency-Key`,
//! `X-Request-Id`. They go into `components`, and references into their places.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

/// What went into `components`.
#[derive(Default)]
pub(super) struct Shared {
    pub responses: Map<String, Value>,
    pub parameters: Map<String, Value>,
    pub headers: Map<String, Value>,
}

/// Moves what at least two operations share.
pub(super) fn extract(paths: &mut Value) -> Shared {
    let mut shared = Shared::default();
    let mut uses: HashMap<String, usize> = HashMap::new();
    each(paths, |_, value| *uses.entry(value.to_string()).or_default() += 1);
    let mut names: HashMap<String, String> = HashMap::new();
    each(paths, |place, value| {
        let text = value.to_string();
        if uses.get(&text).is_none_or(|uses| *uses < 2) {
            return;
        }
        let (section, kind) = match place {
            Place::Response => (&mut shared.responses, "responses"),
            Place::Parameter => (&mut shared.parameters, "parameters"),
        };
        let name = names.entry(text).or_insert_with(|| {
            let name = free(section, &base_name(value));
            section.insert(name.clone(), value.clone());
            name
        });
        *value = json!({ "$ref": format!("#/components/{kind}/{name}") });
    });
    let header = json!({ "description": "The id of this request.", "schema": { "type": "string" } });
    shared.headers.insert("RequestId".into(), header);
    shared
}

enum Place {
    Response,
    Parameter,
}

/// Calls `visit` with every error answer and every parameter that is no path's.
fn each(paths: &mut Value, mut visit: impl FnMut(Place, &mut Value)) {
    for item in paths.as_object_mut().into_iter().flat_map(Map::values_mut) {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
                if status.starts_with(['4', '5']) {
                    visit(Place::Response, response);
                }
            }
            let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
            for parameter in parameters.into_iter().flatten().filter(|parameter| parameter["in"] != "path") {
                visit(Place::Parameter, parameter);
            }
        }
    }
}

/// `Too Many Requests. Codes: …` → `TooManyRequests`; `Idempotency-Key` → `IdempotencyKey`.
fn base_name(value: &Value) -> String {
    let text = value["name"].as_str().or_else(|| value["description"].as_str()).unwrap_or_default();
    let words = text.split('.').next().unwrap_or_default().split([' ', '-']);
    words
        .map(|word| {
            let mut word = word.to_owned();
            if let Some(first) = word.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            word
        })
        .collect()
}

fn free(section: &Map<String, Value>, base: &str) -> String {
    let mut names = std::iter::once(base.to_owned()).chain((2..).map(|number| format!("{base}{number}")));
    names.find(|name| !section.contains_key(name)).unwrap_or_default()
}
