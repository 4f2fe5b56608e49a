//! Crates depend only on crates below them.

use std::process::Command;

use serde_json::Value;

/// Bottom first.
const ORDER: [&str; 9] = ["domain", "sheets", "store", "providers", "engine", "web", "functions", "local", "tests"];

#[test]
fn arrows_point_down() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(super::root(""))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let height = |name: &str| ORDER.iter().position(|known| *known == name);
    let mut seen = 0;
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let own = package["dependencies"].as_array().unwrap().iter().filter(|dependency| {
            // Ours have a path; what only tests use may lie anywhere.
            dependency["path"].is_string() && dependency["kind"] != "dev"
        });
        for dependency in own {
            let dependency = dependency["name"].as_str().unwrap();
            assert!(height(dependency) < height(name), "{name} must not depend on {dependency}");
            assert!(height(dependency).is_some(), "{dependency} has no place in the order");
        }
        assert!(name == "xtask" || height(name).is_some(), "{name} has no place in the order");
        seen += 1;
    }
    assert_eq!(seen, ORDER.len() + 1);
}
