//! `cargo xtask package`: the one artifact that every Lambda function uses.

use std::{env, fs};

use crate::{
    root,
    steps::{self, Outcome},
    tools::{Environment, install},
};

/// Where `infra/template.yaml` takes the artifact from.
const ARTIFACT: &str = "target/lambda/bootstrap/bootstrap.zip";

/// Builds the artifact for the architecture of the template, with the cross compiler of `infra/package-requirements.txt`.
pub fn run() -> Outcome {
    let tools = Environment { folder: "target/package", requirements: "infra/package-requirements.txt" };
    install(&tools)?;
    let arguments = ["lambda", "build", "--release", "--arm64", "--bin", "bootstrap", "--output-format", "zip"];
    let mut command = steps::cargo(&arguments);
    // `cargo lambda` and the linker it brings are programs of the environment.
    command.env("PATH", path_with(&tools)?);
    steps::run(&mut command)?;
    let size = fs::metadata(root().join(ARTIFACT)).map_err(|error| format!("{ARTIFACT}: {error}"))?.len();
    println!("\n{ARTIFACT}: {:.1} MB. Next: `sam build`, `sam deploy` (docs/deploy.md).", size as f64 / 1e6);
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "no setting of Dundun: where programs are found")]
fn path_with(tools: &Environment) -> Outcome<std::ffi::OsString> {
    let own = root().join(tools.folder).join("bin");
    let all = env::var_os("PATH").unwrap_or_default();
    env::join_paths([own].into_iter().chain(env::split_paths(&all))).map_err(|error| error.to_string())
}
