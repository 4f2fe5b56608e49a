//! How fast a spreadsheet becomes contacts: `cargo run --release -p sheets --example parse_speed [rows]`.
//!
//! Prints rows a second from bytes to deduplicated contacts (two threads) for xlsx and csv, and the memory that the
//! process reached. Target: 300,000 rows/s for 100,000 rows of five columns, in at most 64 MB.

use std::fs::File;
use std::io::{BufWriter, Write as _};

use domain::country::Country;
use sheets::{Duplicates, Limits, Sheet, write};

#[expect(clippy::disallowed_methods, reason = "a stopwatch in a program of its own")]
fn clock() -> std::time::Instant {
    std::time::Instant::now()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(2).map(String::as_str) {
        Some(file) => measure(file),
        None => build_and_measure(arguments.get(1).map_or(Ok(100_000), |rows| rows.parse())?),
    }
}

/// Builds the files in this process and reads each in a process of its own, so that the memory is that of reading.
fn build_and_measure(rows: u32) -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir();
    let line = |row: u32| {
        [
            format!("Amina Wanjiru {row}"),
            format!("07{:08}", 10_000_000 + u64::from(row) * 7 % 80_000_000),
            format!("amina.{row}@example.com"),
            ["Nairobi", "Mombasa", "Kisumu", "Nakuru"][row as usize % 4].to_owned(),
            format!("{}.50", row % 5_000),
        ]
    };
    let headings = ["Name", "Phone", "Email", "City", "Balance"];
    let csv = folder.join("parse_speed.csv");
    let mut writer = write::CsvWriter::new(BufWriter::new(File::create(&csv)?), headings, write::CsvStyle::default())?;
    (0..rows).try_for_each(|row| writer.row(line(row)))?;
    writer.finish()?.flush()?;
    let xlsx = folder.join("parse_speed.xlsx");
    std::fs::write(&xlsx, write::write_xlsx(headings, (0..rows).map(line))?)?;
    for file in [csv, xlsx] {
        for _ in 0..3 {
            let program = std::env::current_exe()?;
            let status = std::process::Command::new(program).arg("-").arg(&file).status()?;
            assert!(status.success(), "the measuring process failed");
        }
        std::fs::remove_file(file)?;
    }
    Ok(())
}

fn measure(file: &str) -> Result<(), Box<dyn std::error::Error>> {
    let country = Country::parse("KE").ok_or("KE is a country")?;
    let start = clock();
    let mut sheet = Sheet::open(File::open(file)?, file, &Limits::default())?;
    let columns = sheet.columns(country)?;
    let (mut seen, mut rows, mut valid, mut duplicate) =
        (Duplicates::with_capacity(Limits::default().rows), 0_u32, 0_u32, 0_u32);
    for raw in &mut sheet {
        let Some(row) = columns.read(&raw?, country) else { continue };
        rows += 1;
        valid += u32::from(row.is_valid());
        duplicate += u32::from(seen.first(&row).is_some());
    }
    let seconds = start.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim();
    writeln!(
        std::io::stdout(),
        "{:?}: {rows} rows ({valid} valid, {duplicate} duplicate) in {seconds:.3} s, {:.0} rows/s, peak {peak}",
        sheet.format(),
        f64::from(rows) / seconds
    )?;
    Ok(())
}
