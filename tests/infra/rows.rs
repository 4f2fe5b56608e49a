//! Each row has its function, its route or what else starts it, and its role; and there is nothing without a row.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use web::row::{Row, Trigger};

use super::{
    root,
    template::{of_type, read, references, target},
};

fn rows() -> BTreeMap<&'static str, Row> {
    let rows = functions::catalogue();
    let count = rows.len();
    let by_name: BTreeMap<_, _> = rows.into_iter().map(|row| (row.name, row)).collect();
    assert_eq!(by_name.len(), count, "two rows have one name");
    by_name
}

/// The row that a function of the template is.
fn handler<'a>(template: &'a Value, reference: &Value) -> &'a str {
    template["Resources"][target(reference)]["Properties"]["Handler"].as_str().expect("a function")
}

#[test]
fn every_row_is_a_function() {
    let (template, mut rows) = (read(), rows());
    for (id, function) in of_type(&template, "AWS::Serverless::Function") {
        let row = rows.remove(function["Handler"].as_str().unwrap()).unwrap_or_else(|| panic!("{id} has no row"));
        assert_eq!(function["MemorySize"], row.memory, "{id}");
        assert_eq!(function["Timeout"], row.timeout, "{id}");
        assert_eq!(function["FunctionName"]["Fn::Sub"], format!("${{AWS::StackName}}-{}", row.name));
        // 64 characters, with room for the stack's name.
        assert!(row.name.len() <= 40, "{} is too long for a function's name", row.name);
        assert_eq!(template["Resources"][target(&function["Role"])]["Type"], "AWS::IAM::Role");
        assert_eq!(function["CodeUri"], "../target/lambda/bootstrap/bootstrap.zip");
        for own in ["Runtime", "Environment", "Events", "Policies"] {
            assert!(function[own].is_null(), "{id} has its own {own}");
        }
    }
    assert!(rows.is_empty(), "without a function: {:?}", rows.keys());
}

#[test]
fn every_tag_says_what_it_is_about() {
    let rows: Vec<_> = functions::catalogue().into_iter().map(std::sync::Arc::new).collect();
    for tag in web::openapi::document(&rows, "1")["tags"].as_array().unwrap() {
        assert_ne!(tag["description"], "", "{} needs a line in web/src/openapi/tags.rs", tag["name"]);
    }
}

#[test]
fn every_http_row_is_a_route() {
    let (template, rows) = (read(), rows());
    let apis = of_type(&template, "AWS::ApiGatewayV2::Api");
    let [(_, api)] = apis.as_slice() else { panic!("one API") };
    assert_eq!(api["Body"]["openapi"], "3.0.1");
    assert!(!api["Body"].to_string().contains("$ref"));
    let mut routes = BTreeMap::new();
    for (path, item) in api["Body"]["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let integration = &operation["x-amazon-apigateway-integration"];
            assert_eq!(integration["payloadFormatVersion"], "2.0");
            assert_eq!(target(&integration["credentials"]), "GatewayRole");
            let uri = integration["uri"]["Fn::Sub"].as_str().unwrap();
            let name = uri.split("${AWS::StackName}-").nth(1).unwrap().trim_end_matches("/invocations");
            routes.insert((path.clone(), method.clone()), name.to_owned());
        }
    }
    assert!(routes.len() <= 300, "an HTTP API has at most 300 integrations");
    let mut expected = BTreeMap::new();
    for row in rows.values() {
        if row.trigger == Trigger::Fallback {
            expected.insert(("/$default".into(), "x-amazon-apigateway-any-method".into()), row.name.to_owned());
        }
        for method in row.methods() {
            expected.insert((row.path().unwrap().to_owned(), method.as_str().to_lowercase()), row.name.to_owned());
        }
    }
    assert_eq!(routes, expected);
}

#[test]
fn every_worker_is_started_as_its_row_says() {
    let (template, rows) = (read(), rows());
    let (mut mappings, mut schedules, mut urls) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
    for (_, mapping) in of_type(&template, "AWS::Lambda::EventSourceMapping") {
        mappings.insert(handler(&template, &mapping["FunctionName"]), mapping);
    }
    for (_, schedule) in of_type(&template, "AWS::Scheduler::Schedule") {
        schedules.insert(handler(&template, &schedule["Target"]["Arn"]), schedule);
    }
    for (_, url) in of_type(&template, "AWS::Lambda::Url") {
        urls.insert(handler(&template, &url["TargetFunctionArn"]));
    }
    for (name, row) in rows {
        match row.trigger {
            Trigger::Queue { queue, batch, window, concurrency } => {
                let mapping = mappings.remove(name).unwrap_or_else(|| panic!("{name} has no mapping"));
                let source = &template["Resources"][target(&mapping["EventSourceArn"])]["Properties"];
                assert_eq!(source["QueueName"]["Fn::Sub"], format!("${{AWS::StackName}}-{}", queue.name()));
                assert_eq!(mapping["BatchSize"], batch);
                assert_eq!(mapping["MaximumBatchingWindowInSeconds"], window);
                assert_eq!(mapping["ScalingConfig"]["MaximumConcurrency"], concurrency);
                assert_eq!(mapping["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
                assert!(batch <= 10 || window > 0, "AWS wants a window for batches of more than ten");
            }
            Trigger::Every { rate } => {
                let schedule = schedules.remove(name).unwrap_or_else(|| panic!("{name} has no schedule"));
                assert_eq!(schedule["ScheduleExpression"], rate);
            }
            Trigger::FunctionUrl { .. } => assert!(urls.remove(name), "{name} has no URL"),
            Trigger::Http { .. } | Trigger::Fallback => {}
        }
    }
    assert!(
        mappings.is_empty() && schedules.is_empty() && urls.is_empty(),
        "something starts a function that has no row"
    );
}

#[test]
fn every_role_has_a_user() {
    let template = read();
    for (id, _) in of_type(&template, "AWS::IAM::Role") {
        let mut found = Vec::new();
        references(&template["Resources"], &mut found);
        references(&template["Globals"], &mut found);
        assert!(found.iter().any(|used| used == id), "nothing uses {id}");
    }
}

#[test]
fn every_row_has_its_source_file() {
    for row in rows().values() {
        assert!(root(&row.source()).is_file(), "{} has no file {}", row.name, row.source());
    }
}
