//! Which crates differ from the last commit.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    root,
    steps::{Outcome, output, program},
};

/// What has changed since the last commit.
pub enum Changed {
    /// These packages, by name.
    Packages(BTreeSet<String>),
    /// Something that concerns every package: the root manifest, the lints.
    Everything,
}

/// Asks git, and finds the package of each file that differs or is new.
pub fn packages() -> Outcome<Changed> {
    let mut files = output(&mut program("git", &["ls-files", "--modified", "--others", "--exclude-standard"]))?;
    // What is already in the index; a repository without a commit has nothing to compare with.
    let staged = output(&mut program("git", &["diff", "--cached", "--name-only"])).unwrap_or_default();
    files.push_str(&staged);
    let root = root();
    let mut packages = BTreeSet::new();
    for file in files.lines().map(Path::new) {
        if ["Cargo.toml", "clippy.toml", "rustfmt.toml"].iter().any(|name| file == Path::new(name)) {
            return Ok(Changed::Everything);
        }
        packages.extend(package_of(&root, file));
    }
    Ok(Changed::Packages(packages))
}

/// The name in the nearest manifest above a file.
fn package_of(root: &Path, file: &Path) -> Option<String> {
    let mut folder: PathBuf = file.parent()?.to_owned();
    loop {
        if folder.as_os_str().is_empty() {
            return None;
        }
        if let Ok(manifest) = fs::read_to_string(root.join(&folder).join("Cargo.toml")) {
            let name = manifest.lines().find_map(|line| line.strip_prefix("name = "))?;
            return Some(name.trim_matches('"').to_owned());
        }
        folder.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_belongs_to_the_nearest_manifest_above_it() {
        let package = |file: &str| package_of(&root(), Path::new(file));
        assert_eq!(package("xtask/src/main.rs").as_deref(), Some("xtask"));
        assert_eq!(package("shared/domain/src/phone/x.rs").as_deref(), Some("domain"));
        assert_eq!(package("README.md"), None);
    }
}
