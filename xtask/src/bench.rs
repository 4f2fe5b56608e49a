//! `cargo xtask bench`: builds the programs as they are delivered, measures them, and writes what came out, with the
//! machine and the versions, into docs/BENCHMARKS.md.
//!
//! Every benchmark is a subcommand of the program `bench` (tests/bench); its output is the section of the document.

use std::{fmt::Write as _, fs, path::PathBuf};

use clap::{Args, ValueEnum};

use crate::{
    root,
    steps::{self, Outcome, cargo, output, program},
};

const DOCUMENT: &str = "docs/BENCHMARKS.md";

/// What can be measured. The order is that of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Name {
    /// Messages per second, and what a kill in the middle does.
    Send,
    /// Rows per second, in memory and the whole way into the table.
    Import,
    /// Latency of requests on a small and on a large organization.
    Api,
    /// Start and memory of functions.
    Start,
    /// What AWS would bill for campaigns.
    Cost,
    /// All of them, one after the other.
    All,
}

impl Name {
    fn list(self) -> Vec<Self> {
        match self {
            Self::All => Self::value_variants().iter().copied().filter(|name| *name != Self::All).collect(),
            one => vec![one],
        }
    }

    fn text(self) -> String {
        self.to_possible_value().expect("no name is hidden").get_name().to_owned()
    }
}

#[derive(Debug, Args)]
pub struct Options {
    /// What to measure.
    name: Name,
    /// The build that is measured.
    #[arg(long, default_value = "release")]
    profile: String,
    /// Prints the sections and leaves the document alone.
    #[arg(long)]
    print: bool,
    /// Handed on to the benchmark; `cargo xtask bench send -- --help` lists what it takes.
    #[arg(last = true)]
    more: Vec<String>,
}

/// Builds, measures, writes.
pub fn run(options: &Options) -> Outcome {
    println!("Building with the profile `{}` (the first time takes many minutes) …", options.profile);
    let build = ["build", "--workspace", "--bins", "--profile"];
    steps::run(cargo(&build).arg(&options.profile))?;
    for name in options.name.list() {
        println!("Measuring `{}` on this machine:", name.text());
        println!("{}", conditions(&options.profile));
        let mut bench = program(folder(&options.profile).join("bench"), &[&name.text()]);
        let command = typed(name, options);
        let load = load();
        // Its progress is on the standard error, which stays with this terminal.
        let section = output(bench.args(&options.more).stderr(std::process::Stdio::inherit()))?;
        let section =
            format!("{}\n\n`{command}` · {} · load before it {load}\n", section.trim(), conditions(&options.profile));
        println!("\n{section}");
        if !options.print {
            let path = root().join(DOCUMENT);
            let document = fs::read_to_string(&path).map_err(|error| format!("{DOCUMENT}: {error}"))?;
            fs::write(&path, replace(&document, &name.text(), &section)).map_err(|error| error.to_string())?;
            println!("Written to {DOCUMENT}.");
        }
    }
    Ok(())
}

/// Where cargo puts what it builds with a profile.
fn folder(profile: &str) -> PathBuf {
    root().join("target").join(if profile == "dev" { "debug" } else { profile })
}

fn typed(name: Name, options: &Options) -> String {
    let mut command = format!("cargo xtask bench {}", name.text());
    if options.profile != "release" {
        let _ = write!(command, " --profile {}", options.profile);
    }
    if !options.more.is_empty() {
        let _ = write!(command, " -- {}", options.more.join(" "));
    }
    command
}

/// The machine and the versions, in one line.
fn conditions(profile: &str) -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let cpu = read("/proc/cpuinfo");
    let memory = field(&read("/proc/meminfo"), "MemTotal");
    let memory = memory.split(' ').next().and_then(|kilobytes| kilobytes.parse::<f64>().ok()).unwrap_or(0.0) / 1e6;
    let line = |name: &str, arguments: &[&str]| {
        output(&mut program(name, arguments)).map_or_else(|_| "absent".into(), |text| text.trim().to_owned())
    };
    format!(
        "{} cores ({}), {memory:.0} GB, Linux {} · {}, Node {}, commit {}{}, profile `{profile}`",
        std::thread::available_parallelism().map_or(0, usize::from),
        field(&cpu, "model name"),
        line("uname", &["-r"]),
        line("rustc", &["--version"]),
        line("node", &["--version"]),
        line("git", &["rev-parse", "--short", "HEAD"]),
        if line("git", &["status", "--porcelain", "--untracked-files=no"]).is_empty() { "" } else { " with changes" },
    )
}

/// The load averages: what else the machine does.
fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// The document with this section in place of the one of that name, or behind all others.
fn replace(document: &str, name: &str, section: &str) -> String {
    let (begin, end) = (format!("<!-- bench:{name} -->"), format!("<!-- /bench:{name} -->"));
    let whole = format!("{begin}\n{}\n{end}", section.trim());
    match (document.find(&begin), document.find(&end)) {
        (Some(from), Some(to)) if from < to => {
            format!("{}{whole}{}", &document[..from], &document[to + end.len()..])
        }
        _ => format!("{}\n\n{whole}\n", document.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_takes_the_place_of_the_one_before() {
        let first = replace("# Benchmarks\n", "send", "## Send\n\none");
        assert_eq!(first, "# Benchmarks\n\n<!-- bench:send -->\n## Send\n\none\n<!-- /bench:send -->\n");
        let both = replace(&first, "api", "## API");
        let again = replace(&both, "send", "## Send\n\ntwo\n");
        assert!(!again.contains("one") && again.contains("two\n<!-- /bench:send -->\n\n<!-- bench:api -->\n## API\n"));
        assert_eq!(replace(&again, "send", "## Send\n\ntwo"), again);
    }

    #[test]
    fn all_are_all_but_itself() {
        assert!(!Name::All.list().contains(&Name::All));
        assert_eq!(Name::All.list().len() + 1, Name::value_variants().len());
    }
}
