//! What the rows, `infra/template.yaml`, `events/`, the local host and the source tree say of one another.

mod arrows;
mod clients;
mod data;
mod dead_letters;
mod events;
mod privileges;
mod recorder;
mod roles;
mod rows;
mod runtime;
mod secrets;
mod size;
mod stage;
mod template;

use std::path::PathBuf;

/// A path from the root of the repository.
fn root(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The Python tools of `infra/requirements.txt`, which `cargo xtask test` installs and names.
#[expect(clippy::disallowed_methods, reason = "no setting of Dundun: where the test runner put its tools")]
fn tool(name: &str) -> PathBuf {
    let folder = std::env::var_os("DUNDUN_TEST_VENV").map_or_else(|| root("target/venv"), PathBuf::from);
    let tool = folder.join("bin").join(name);
    assert!(tool.exists(), "{} is missing: `cargo xtask test` installs it", tool.display());
    tool
}
