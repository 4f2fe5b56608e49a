//! The template as JSON: CloudFormation's short forms become their long ones.

use serde_json::{Map, Value, json};

/// The template of the repository.
pub(super) fn read() -> Value {
    let text = std::fs::read_to_string(super::root("infra/template.yaml")).unwrap();
    long_form(serde_yaml_ng::from_str(&text).expect("the template is YAML"))
}

/// The resources of one type, by logical id.
pub(super) fn of_type<'a>(template: &'a Value, kind: &str) -> Vec<(&'a str, &'a Value)> {
    let resources = template["Resources"].as_object().unwrap();
    let chosen = resources.iter().filter(|(_, resource)| resource["Type"] == kind);
    chosen.map(|(id, resource)| (id.as_str(), &resource["Properties"])).collect()
}

/// The logical id that a `Ref` or `Fn::GetAtt` names.
pub(super) fn target(reference: &Value) -> &str {
    reference["Ref"].as_str().or_else(|| reference["Fn::GetAtt"][0].as_str()).expect("a reference")
}

fn long_form(value: serde_yaml_ng::Value) -> Value {
    use serde_yaml_ng::Value as Yaml;
    match value {
        Yaml::Tagged(tagged) => {
            let name = tagged.tag.to_string().trim_start_matches('!').to_owned();
            let inner = long_form(tagged.value);
            match name.as_str() {
                "Ref" | "Condition" => json!({ name: inner }),
                "GetAtt" => {
                    let (resource, attribute) = inner.as_str().and_then(|path| path.split_once('.')).expect("a.b");
                    json!({ "Fn::GetAtt": [resource, attribute] })
                }
                _ => json!({ format!("Fn::{name}"): inner }),
            }
        }
        Yaml::Mapping(map) => {
            let entries = map.into_iter().map(|(key, value)| {
                let key = match key {
                    Yaml::String(key) => key,
                    other => serde_json::to_value(other).unwrap().to_string(),
                };
                (key, long_form(value))
            });
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Yaml::Sequence(items) => items.into_iter().map(long_form).collect(),
        plain => serde_json::to_value(plain).unwrap(),
    }
}

/// Every logical id that a value refers to.
pub(super) fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match (key.as_str(), inner) {
                    ("Ref" | "DependsOn", Value::String(id)) => found.push(id.clone()),
                    ("Fn::GetAtt", Value::Array(path)) => found.push(path[0].as_str().unwrap().to_owned()),
                    ("Fn::Sub", Value::String(text)) => {
                        let names = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
                        found.extend(names.map(|(name, _)| name.split('.').next().unwrap().to_owned()));
                    }
                    _ => references(inner, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let template = read();
    let mut found = Vec::new();
    references(&template["Resources"], &mut found);
    references(&template["Globals"], &mut found);
    references(&template["Outputs"], &mut found);
    found.retain(|id| !id.starts_with("AWS::"));
    assert!(found.len() > 100);
    for id in found {
        let there = [&template["Resources"][&id], &template["Parameters"][&id]];
        assert!(there.iter().any(|value| !value.is_null()), "{id} is referred to and not there");
    }
}

#[test]
fn the_console_may_do_on_aws_what_it_may_on_one_machine() {
    let template = read();
    let headers = &template["Resources"]["ConsoleHeaders"]["Properties"]["ResponseHeadersPolicyConfig"];
    let files = "https://${AWS::StackName}-files-${AWS::AccountId}-${AWS::Region}.s3.${AWS::Region}.${AWS::URLSuffix}";
    assert_eq!(
        headers["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"],
        local::gateway::POLICY.replace("{files}", files)
    );
}

#[test]
fn all_settings_are_in_the_environment() {
    let source = std::fs::read_to_string(super::root("shared/engine/src/app/settings.rs")).unwrap();
    let template = read();
    let variables = &template["Globals"]["Function"]["Environment"]["Variables"];
    let names: Vec<&str> =
        source.split('"').filter(|text| text.starts_with("DUNDUN_") && !text.contains(':')).collect();
    assert!(names.len() > 8);
    for name in names {
        // A lease is the function's deadline on AWS.
        let is_optional = matches!(name, "DUNDUN_LEASE_SECONDS" | "DUNDUN_DNS");
        assert!(is_optional || !variables[name].is_null(), "{name} is not set");
    }
}
