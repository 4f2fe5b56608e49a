//! What is generated and committed is what the rows say now.
//!
//! This file also makes cargo build `bootstrap`: it builds a crate's binaries for its integration tests, and the crate
//! `tests` starts that binary (`tests/infra/runtime.rs`). So there must be one here.

use std::path::Path;

#[test]
fn nothing_has_drifted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let drifted: Vec<String> = functions::generated::files()
        .into_iter()
        .filter(|(path, content)| std::fs::read_to_string(root.join(path)).ok().as_ref() != Some(content))
        .map(|(path, _)| path)
        .collect();
    assert!(drifted.is_empty(), "`cargo xtask gen` writes these anew: {drifted:?}");
}
