//! `gen`: writes what derives from the rows (`openapi.json`, `docs/FUNCTIONS.md`, `docs/ROLES.md`, …), from the root
//! of the repository. With `--check` it writes nothing, lists what has drifted, and fails if anything has.

use std::{io::Write, path::Path, process::ExitCode};

fn main() -> std::io::Result<ExitCode> {
    let check = std::env::args().any(|argument| argument == "--check");
    let mut out = std::io::stdout().lock();
    let mut drifted = false;
    for (path, content) in functions::generated::files() {
        if std::fs::read_to_string(&path).is_ok_and(|there| there == content) {
            continue;
        }
        if check {
            drifted = true;
            writeln!(out, "drifted: {path}")?;
        } else {
            if let Some(folder) = Path::new(&path).parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&path, content)?;
            writeln!(out, "wrote {path}")?;
        }
    }
    Ok(if drifted { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
