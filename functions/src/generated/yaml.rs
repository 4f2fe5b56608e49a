//! JSON values as YAML in block style, with CloudFormation's short forms (`!Ref`, `!GetAtt`, `!Sub`).

use std::fmt::Write;

use serde_json::Value;

/// The entries of a map, each line indented by `indent` spaces.
pub(super) fn block(value: &Value, indent: usize) -> String {
    let mut text = String::new();
    write_map(&mut text, value, indent);
    text
}

fn write_map(text: &mut String, value: &Value, indent: usize) {
    for (key, value) in value.as_object().into_iter().flatten() {
        let _ = write!(text, "{:indent$}{}:", "", scalar(key));
        write_value(text, value, indent);
    }
}

/// What stands behind a key or a dash, up to the end of its last line.
fn write_value(text: &mut String, value: &Value, indent: usize) {
    if let Some(line) = one_line(value) {
        let _ = writeln!(text, " {line}");
        return;
    }
    text.push('\n');
    match value {
        Value::Array(items) => {
            for item in items {
                let inner = indent + 2;
                if let Some(line) = one_line(item) {
                    let _ = writeln!(text, "{:inner$}- {line}", "");
                } else {
                    // A map in a list: its first key stands behind the dash.
                    let mut map = String::new();
                    write_map(&mut map, item, inner + 2);
                    let _ = write!(text, "{:inner$}- {}", "", map.trim_start());
                }
            }
        }
        _ => write_map(text, value, indent + 2),
    }
}

/// Scalars, short forms, empty things, and lists of scalars.
fn one_line(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("null".into()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::String(string) => Some(scalar(string)),
        Value::Array(items) => {
            let plain = items.iter().all(|item| matches!(item, Value::String(_) | Value::Number(_)));
            let parts: Option<Vec<String>> = items.iter().map(one_line).collect();
            parts.filter(|_| plain).map(|parts| format!("[{}]", parts.join(", ")))
        }
        Value::Object(map) if map.is_empty() => Some("{}".into()),
        Value::Object(map) => match map.iter().next() {
            Some((name, Value::String(of))) if name == "Ref" => Some(format!("!Ref {of}")),
            Some((name, Value::String(of))) if name == "Fn::Sub" => Some(format!("!Sub {}", quoted(of))),
            Some((name, Value::Array(path))) if name == "Fn::GetAtt" => {
                let path: Vec<&str> = path.iter().filter_map(Value::as_str).collect();
                Some(format!("!GetAtt {}", path.join(".")))
            }
            _ => None,
        },
    }
}

/// Plain where that cannot be taken for anything else, else in quotes.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte) || byte == b':')
        && !text.ends_with(':')
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { quoted(text) }
}

/// JSON's quotes are YAML's too.
fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::block;

    #[test]
    fn a_block_reads_as_people_write_it() {
        let value = json!({
            "A": { "Type": "AWS::X::Y", "Count": 5, "n": "a b", "L": ["x", "1"], "E": {} },
            "/api/{id}": [{ "k": { "Ref": "A" }, "m": { "o": "yes" } }, { "Fn::GetAtt": ["A", "Arn"] }],
            "Z": { "Fn::Sub": "${A}-x" },
        });
        let expected = "  A:\n    Type: AWS::X::Y\n    Count: 5\n    \"n\": \"a b\"\n    L: [x, \"1\"]\n    E: {}\n  \"/api/{id}\":\n    \
                        - k: !Ref A\n      m:\n        o: \"yes\"\n    - !GetAtt A.Arn\n  Z: !Sub \"${A}-x\"\n";
        assert_eq!(block(&value, 2), expected);
    }
}
