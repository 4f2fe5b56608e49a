//! Tools that are not Rust: a Python environment below `target/`, npm packages beside the tests that use them.
//! Their versions are pinned in files; nothing but the package registries is called.

use std::{fs, path::PathBuf};

use crate::{
    console, root,
    steps::{Outcome, answers, cargo, program, run},
};

/// A Python environment below `target/`.
pub struct Environment {
    /// Where it is made.
    pub folder: &'static str,
    /// The file that says what is in it.
    pub requirements: &'static str,
}

const PYTHON: Environment = Environment { folder: "target/venv", requirements: "infra/requirements.txt" };

/// The Python environment with `infra/requirements.txt`.
pub fn python_folder() -> PathBuf {
    root().join(PYTHON.folder)
}

/// Makes the Python environment of the checks, unless it is there.
pub fn python() -> Outcome {
    install(&PYTHON)
}

/// Makes a Python environment, unless it is there with these very requirements.
pub fn install(environment: &Environment) -> Outcome {
    let Environment { folder, requirements } = environment;
    let (place, folder) = (folder, root().join(folder));
    let wanted = root().join(requirements);
    let wanted = fs::read_to_string(&wanted).map_err(|error| format!("{}: {error}", wanted.display()))?;
    let stamp = folder.join("requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        println!("   The tools of {requirements} are there.");
        return Ok(());
    }
    println!("   Installing the tools of {requirements} into {place} …");
    let path = folder.to_string_lossy().into_owned();
    run(&mut program("python3", &["-m", "venv", "--clear", &path]))
        .map_err(|why| format!("{why} (Python 3.10 or newer with its `venv` module is needed)"))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements];
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
