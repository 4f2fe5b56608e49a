//! `cargo xtask contracts`: the same cases for every provider, and then the providers' own packages as judges.

use crate::{
    root,
    steps::{self, Outcome, linted, program},
    tools,
};

const PACKAGES: tools::Environment = tools::Environment {
    folder: "target/contracts-venv",
    requirements: "shared/providers/tests/contracts/requirements.txt",
};

/// Runs the suite and the judges.
pub fn run() -> Outcome {
    let mut suite = if tools::has_nextest() {
        // Of the whole workspace: chosen alone, the crate would be built with other features.
        linted(&["nextest", "run", "--workspace", "-E", "package(=providers) & binary(=contracts)"])
    } else {
        linted(&["test", "--workspace", "--test", "contracts"])
    };
    steps::run(&mut suite)?;
    judge()
}

/// Makes the Python environment with the providers' packages, unless it is there.
pub fn install() -> Outcome {
    tools::install(&PACKAGES)
}

/// Lets the official packages judge what the suite wrote down.
pub fn judge() -> Outcome {
    install()?;
    let python = root().join(PACKAGES.folder).join("bin/python");
    let specimens = root().join("target/tmp/contracts").to_string_lossy().into_owned();
    steps::run(&mut program(python, &["shared/providers/tests/contracts/judge.py", &specimens]))
}
