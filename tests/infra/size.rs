//! The expanded template stays under CloudFormation's limits, with 260 functions too.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>.

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

use super::{root, template::read, tool};

/// Resources a stack.
const RESOURCES: usize = 500;

/// Bytes of a template.
const BYTES: usize = 1_000_000;

/// How many functions Dundun is to have in the end.
const FUNCTIONS: usize = 260;

fn kinds(template: &Value) -> BTreeMap<&str, usize> {
    let mut kinds = BTreeMap::new();
    for resource in template["Resources"].as_object().unwrap().values() {
        *kinds.entry(resource["Type"].as_str().unwrap()).or_default() += 1;
    }
    kinds
}

#[test]
fn the_expanded_template_is_small_enough() {
    let output = Command::new(tool("python")).arg(root("infra/expand.py")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let expanded: Value = serde_json::from_slice(&output.stdout).expect("expand.py prints JSON");

    // Expanding adds nothing: a function is one resource.
    let (before, after) = (read(), expanded);
    let (mut written, expanded) = (kinds(&before), kinds(&after));
    let functions = written.remove("AWS::Serverless::Function").unwrap();
    written.insert("AWS::Lambda::Function", functions);
    assert_eq!(expanded, written);
    assert_eq!(functions, functions::catalogue().len());
    let count: usize = expanded.values().sum();
    assert!(count < RESOURCES, "{count} resources");

    // With more functions there are more roles, queues and mappings as well: all but the functions themselves grow by the
    // same factor, which is more than will be.
    let others = (count - functions) * FUNCTIONS / functions;
    assert!(FUNCTIONS + others < RESOURCES, "{FUNCTIONS} functions would need {} resources", FUNCTIONS + others);

    let bytes = output.stdout.len();
    let then = bytes * FUNCTIONS / functions;
    assert!(then < BYTES, "{bytes} bytes now, {then} with {FUNCTIONS} functions");
}
