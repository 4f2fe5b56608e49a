//! How much memory hostile files take: `cargo run --release -p sheets --example hostile`.
//!
//! Reads every file of the corpus in a process of its own and prints the time and the memory that the process reached
//! beyond the file itself. Ends with an error if one took more than 128 MB.

use std::io::{Cursor, Write as _};

use domain::country::Country;
use sheets::{Limits, Sheet, SheetError};

#[path = "../tests/all/kit/mod.rs"]
mod kit;

/// Megabytes that reading may take, whatever is in a file.
const MOST: u64 = 128;

#[expect(clippy::disallowed_methods, reason = "a stopwatch in a program of its own")]
fn clock() -> std::time::Instant {
    std::time::Instant::now()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, file, name] = &arguments[..] {
        return measure(file, name);
    }
    let mut out = std::io::stdout();
    writeln!(out, "| file | bytes | ends with | seconds | memory, MB |\n|---|---:|---|---:|---:|")?;
    for file in kit::corpus::files() {
        let path = std::env::temp_dir().join("dundun-hostile");
        std::fs::write(&path, &file.bytes)?;
        write!(out, "| {} ({}) | {} ", file.what, file.name, file.bytes.len())?;
        out.flush()?;
        let status = std::process::Command::new(std::env::current_exe()?).arg(&path).arg(file.name).status()?;
        std::fs::remove_file(&path)?;
        if !status.success() {
            return Err(format!("{}: the reading process failed", file.what).into());
        }
    }
    Ok(())
}

fn measure(file: &str, name: &str) -> Result<(), Box<dyn std::error::Error>> {
    let start = clock();
    let bytes = std::fs::read(file)?;
    let size = bytes.len() as u64;
    let ends = match read(bytes, name) {
        Ok(rows) => format!("{rows} rows"),
        Err(error) => format!("`{}`", error.code()),
    };
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    let peak = peak.and_then(|peak| peak.parse::<u64>().ok()).unwrap_or(0).saturating_sub(size >> 10) >> 10;
    writeln!(std::io::stdout(), "| {ends} | {:.2} | {peak} |", start.elapsed().as_secs_f64())?;
    if peak > MOST { Err(format!("it took more than {MOST} MB").into()) } else { Ok(()) }
}

fn read(bytes: Vec<u8>, name: &str) -> Result<usize, SheetError> {
    let country = Country::parse("KE").unwrap_or(Country::NONE);
    let mut sheet = Sheet::open(Cursor::new(bytes), name, &Limits::default())?;
    let columns = sheet.columns(country)?;
    let mut count = 0;
    for row in sheet {
        let row = row?;
        columns.read(&row, country);
        count += 1;
    }
    Ok(count)
}
