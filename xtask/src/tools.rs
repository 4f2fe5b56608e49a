//! Tools that are not Rust: a Python environment below `target/`, npm packages beside the tests that use them.
//! Their versions are pinned in files; nothing but the package registries is called.

use std::{fs, path::PathBuf};

use crate::{
    console, root,
    steps::{Outcome, answers, cargo, program, run},
};

/// The Python environment with `infra/requirements.txt`.
pub fn python_folder() -> PathBuf {
    root().join("target/venv")
}

/// Makes the Python environment, unless it is there with these very requirements.
pub fn python() -> Outcome {
    let folder = python_folder();
    let wanted = root().join("infra/requirements.txt");
    let wanted = fs::read_to_string(&wanted).map_err(|error| format!("{}: {error}", wanted.display()))?;
    let stamp = folder.join("requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        println!("   The Python tools are there.");
        return Ok(());
    }
    println!("   Installing the Python tools of infra/requirements.txt into target/venv …");
    let path = folder.to_string_lossy().into_owned();
    run(&mut program("python3", &["-m", "venv", "--clear", &path]))
        .map_err(|why| format!("{why} (Python 3.10 or newer with its `venv` module is needed)"))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "infra/requirements.txt"];
    run(&mut program(folder.join("bin/python"), &pip))?;
    fs::write(&stamp, wanted).map_err(|error| error.to_string())
}

/// Lints the SAM template.
pub fn lint_template() -> Outcome {
    python()?;
    let mut command = program(python_folder().join("bin/cfn-lint"), &["--template", "infra/template.yaml"]);
    run(&mut command)
}

/// Lints openapi.json as OpenAPI 3.1.
pub fn lint_openapi() -> Outcome {
    let folder = root().join("tests/openapi-lint");
    console::install(&folder)?;
    let arguments = ["lint", "--config", "tests/openapi-lint/redocly.yaml", "openapi.json"];
    let mut command = program(folder.join("node_modules/.bin/redocly"), &arguments);
    command.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    run(&mut command)
}

/// Whether `cargo nextest` is installed: quicker, and shows what is slow.
pub fn has_nextest() -> bool {
    answers(&mut cargo(&["nextest", "--version"]))
}
