//! Every relative link in the documents leads to a file, and every anchor to a heading. Links to the internet are left
//! alone: no check needs it.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use crate::{root, steps::Outcome};

/// Checks the Markdown files of the root folder and of the folders that hold documents.
pub fn check() -> Outcome {
    let root = root();
    let mut files = Vec::new();
    collect(&root, false, &mut files);
    for folder in ["docs", "events", "functions", "shared", "infra", "tests", "console"] {
        collect(&root.join(folder), true, &mut files);
    }
    let mut broken = 0;
    let mut links = 0;
    for file in &files {
        let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        for (line, link) in links_of(&text) {
            links += 1;
            if let Err(why) = follow(file, &link) {
                broken += 1;
                println!("   {}:{line}: {link}: {why}", file.strip_prefix(&root).unwrap_or(file).display());
            }
        }
    }
    println!("   {links} links in {} documents", files.len());
    if broken == 0 { Ok(()) } else { Err(format!("{broken} links lead nowhere")) }
}

fn collect(folder: &Path, deep: bool, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if deep && name != "node_modules" && name != "target" && name != "dist" {
                collect(&path, deep, files);
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
}

/// The lines outside of fenced code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((number + 1, line))
    })
}

/// The targets of `[text](target)`, of images and of `[name]: target`, but for those on the internet.
fn links_of(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (number, line) in prose(text) {
        let line = without_code(line);
        let defined = line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]: "));
        let mut targets: Vec<&str> = defined.map(|(_, target)| target).into_iter().collect();
        targets.extend(line.split("](").skip(1).filter_map(|rest| rest.split(')').next()));
        for target in targets {
            let target = target.split_whitespace().next().unwrap_or_default().trim_matches(['<', '>']);
            let outside = ["http://", "https://", "mailto:"].iter().any(|scheme| target.starts_with(scheme));
            if !target.is_empty() && !outside {
                links.push((number, target.to_owned()));
            }
        }
    }
    links
}

/// A line without what stands between backquotes.
fn without_code(line: &str) -> String {
    line.split('`').enumerate().filter(|(part, _)| part % 2 == 0).map(|(_, text)| text).collect()
}

fn follow(from: &Path, link: &str) -> Result<(), String> {
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let target = match path {
        "" => from.to_owned(),
        absolute if absolute.starts_with('/') => return Err("links are relative to their file".to_owned()),
        path => from.parent().expect("a document lies in a folder").join(path.replace("%20", " ")),
    };
    if !target.exists() {
        return Err("there is no such file".to_owned());
    }
    let Some(anchor) = anchor else { return Ok(()) };
    let text = fs::read_to_string(&target).map_err(|_| "an anchor into what is no text".to_owned())?;
    if target.extension().is_some_and(|extension| extension == "md") {
        let known = anchors(&text).iter().any(|known| known == anchor);
        return if known { Ok(()) } else { Err("there is no such heading".to_owned()) };
    }
    // `file.rs#L10` and `file.rs#L10-L20`
    let last = anchor.rsplit('-').next().unwrap_or_default().trim_start_matches('L').parse::<usize>();
    match last {
        Ok(line) if line <= text.lines().count() => Ok(()),
        Ok(_) => Err("the file is shorter".to_owned()),
        Err(_) => Err("this is no line".to_owned()),
    }
}

/// The anchors of the headings as GitHub makes them: lower case, spaces to hyphens, no punctuation, numbered if twice.
fn anchors(text: &str) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let headings = prose(text).filter_map(|(_, line)| {
        let title = line.trim_start_matches('#');
        (title.len() < line.len() && title.starts_with(' ')).then(|| title.trim())
    });
    headings
        .map(|title| {
            let kept = title.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
            let anchor: String = kept.flat_map(char::to_lowercase).collect::<String>().replace(' ', "-");
            let count = seen.entry(anchor.clone()).or_default();
            *count += 1;
            if *count == 1 { anchor } else { format!("{anchor}-{}", *count - 1) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_outside_of_code() {
        let text = "[a](b.md) ![i](<c.png> \"t\") [x](https://x.example)\n```\n[no](no.md)\n```\n`[no](no.md)` [d]\n[d]: e.md#f";
        let found: Vec<_> = links_of(text).into_iter().map(|(_, link)| link).collect();
        assert_eq!(found, ["b.md", "c.png", "e.md#f"]);
    }

    #[test]
    fn headings_become_anchors_as_on_github() {
        let text = "# One, two: `three`\n## Same\n## Same\n#no heading\n```\n# no\n```\n";
        assert_eq!(anchors(text), ["one-two-three", "same", "same-1"]);
    }

    #[test]
    fn a_link_is_followed_to_file_heading_and_line() {
        let from = root().join("xtask/here.md");
        assert!(follow(&from, "src/links.rs").is_ok());
        assert!(follow(&from, "src/links.rs#L3").is_ok());
        assert!(follow(&from, "src/links.rs#L99999").is_err());
        assert!(follow(&from, "src/nothing.rs").is_err());
        assert!(follow(&from, "/etc").is_err());
    }
}
