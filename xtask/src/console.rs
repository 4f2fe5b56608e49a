//! The web console: built when its sources are newer than what was built last.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{
    root,
    steps::{Outcome, answers, program, run},
};

/// Builds the console if it is stale. Without Node the API runs alone.
pub fn prepare() -> Outcome {
    let folder = root().join("console");
    if !folder.join("package.json").exists() {
        println!("There is no web console in this checkout; the API runs without it.");
        return Ok(());
    }
    let built = modified(&folder.join("dist/index.html"));
    let newest = newest(&folder, &["node_modules", "dist"]);
    if built.is_some() && built >= newest {
        println!("The web console is up to date.");
        return Ok(());
    }
    if !answers(&mut program("npm", &["--version"])) {
        println!(
            "The web console is not built: install Node.js 20 or newer and run this again. The API runs without it."
        );
        return Ok(());
    }
    install(&folder)?;
    println!("Building the web console …");
    run(program("npm", &["run", "--silent", "build"]).current_dir(&folder))
}

/// `npm ci`, unless what is installed is as new as the lock file.
pub fn install(folder: &Path) -> Outcome {
    let installed = modified(&folder.join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= modified(&folder.join("package-lock.json")) {
        return Ok(());
    }
    let shown = folder.strip_prefix(root()).unwrap_or(folder).display();
    println!("Installing the packages of {shown} (npm ci) …");
    run(program("npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder))
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|about| about.modified()).ok()
}

/// When the newest file below a folder was changed, some folders left out.
fn newest(folder: &Path, without: &[&str]) -> Option<SystemTime> {
    let entries = fs::read_dir(folder).ok()?;
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let wanted = |path: &PathBuf| path.file_name().is_none_or(|name| without.iter().all(|other| name != *other));
    paths.filter(wanted).filter_map(|path| if path.is_dir() { newest(&path, without) } else { modified(&path) }).max()
}
