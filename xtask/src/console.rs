//! The web console: built when its sources are newer than what was built last; its checks, and its tests in a browser.

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
    // Its types come from the API document.
    let newest = newest(&folder, &["node_modules", "dist"]).max(modified(&root().join("openapi.json")));
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
    script(&folder, "build")
}

/// Everything about the console that needs no browser.
pub fn check() -> Outcome {
    let folder = root().join("console");
    install(&folder)?;
    for name in ["check", "lint", "test", "build", "size"] {
        println!("   npm run {name}");
        script(&folder, name)?;
    }
    Ok(())
}

/// The tests in a browser, against the program that was built before. Pictures of the pages go to
/// `target/console-screenshots`.
pub fn browse() -> Outcome {
    prepare()?;
    let (folder, browser) = browser_tests()?;
    run(program("npm", &["run", "--silent", "test"]).current_dir(&folder).env("DUNDUN_TEST_CHROMIUM", browser))
}

/// Installs what the tests in a browser need, unless it is there.
pub fn install_browser() -> Outcome {
    browser_tests().map(drop)
}

/// The folder of the tests in a browser, its packages installed, and Chromium.
fn browser_tests() -> Outcome<(PathBuf, &'static Path)> {
    let folder = root().join("tests/console");
    install(&folder)?;
    Ok((folder, browser()?))
}

/// Where systems keep Chromium.
const PLACES: [&str; 5] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// Where Chromium is; where the system's packages can be installed and it is missing, it is.
fn browser() -> Outcome<&'static Path> {
    let there = || PLACES.iter().map(Path::new).find(|place| place.exists());
    if let Some(place) = there() {
        return Ok(place);
    }
    println!("   Installing Chromium (apt-get install chromium) …");
    let apt = |arguments: &[&str]| run(program("apt-get", arguments).env("DEBIAN_FRONTEND", "noninteractive"));
    apt(&["update", "--quiet"])
        .and_then(|()| apt(&["install", "--quiet", "--yes", "--no-install-recommends", "chromium"]))
        .map_err(|why| format!("{why}. The browser tests need Chromium; install it and run this again"))?;
    there().ok_or_else(|| "Chromium was installed, but is not where it was looked for".to_owned())
}

fn script(folder: &Path, name: &str) -> Outcome {
    run(program("npm", &["run", "--silent", name]).current_dir(folder))
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
