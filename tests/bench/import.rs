//! `import`: spreadsheets become contacts, in memory beside what others do, and the whole way into the table.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    process::Stdio,
    time::Instant,
};

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sheets::{Duplicates, Limits, Sheet, write};
use tests::{Process, eventually};
use tokio::process::Command;

use crate::{
    now_ms, process,
    seed::{PATIENCE, text},
    send::AS_DELIVERED,
    table::{megabytes, seconds, table, whole},
    tell,
};

/// How often each file is read; the quickest counts, because whatever else runs here only slows it down.
const TRIES: usize = 3;

/// What SheetJS and openpyxl are installed as: SheetJS 0.18.5 is the newest in the registry.
const SHEETJS: &str = "xlsx@0.18.5";
const OPENPYXL: &str = "openpyxl==3.1.5";

#[derive(Args)]
pub struct Options {
    /// How many rows the files have that are read in memory.
    #[arg(long, value_delimiter = ',', default_value = "100000,1000000")]
    rows: Vec<u32>,
    /// How many rows go the whole way into the table.
    #[arg(long, default_value_t = 100_000)]
    contacts: u32,
    /// Where files and data are kept meanwhile; emptied before and removed after.
    #[arg(long, default_value = "target/bench/import")]
    folder: PathBuf,
    /// Leaves out what it is compared with.
    #[arg(long)]
    alone: bool,
}

#[derive(Args)]
pub struct ReadOptions {
    /// The spreadsheet.
    file: PathBuf,
}

/// What reading a file took; each reader prints it as JSON.
#[derive(Serialize, Deserialize)]
struct Reading {
    rows: u32,
    valid: u32,
    duplicate: u32,
    seconds: f64,
    /// The most memory of the process, in bytes.
    peak: u64,
}

/// Reads a file from bytes to contacts without duplicates, in a process of its own.
pub fn read(options: &ReadOptions) -> String {
    let country = domain::country::Country::parse("KE").expect("it is a country");
    let begun = clock();
    let file = File::open(&options.file).expect("the file is there");
    let limits = Limits::default();
    let mut sheet = Sheet::open(file, &options.file.to_string_lossy(), &limits).expect("it is a spreadsheet");
    let columns = sheet.columns(country).expect("it has a column with phone numbers");
    let mut seen = Duplicates::with_capacity(limits.rows);
    let mut reading = Reading { rows: 0, valid: 0, duplicate: 0, seconds: 0.0, peak: 0 };
    for raw in sheet {
        let Some(row) = columns.read(&raw.expect("it can be read to its end"), country) else { continue };
        reading.rows += 1;
        reading.valid += u32::from(row.is_valid());
        reading.duplicate += u32::from(seen.first(&row).is_some());
    }
    reading.seconds = begun.elapsed().as_secs_f64();
    reading.peak = process::peak_memory(std::process::id());
    serde_json::to_string(&reading).expect("numbers are JSON")
}

#[expect(clippy::disallowed_methods, reason = "a stopwatch")]
fn clock() -> Instant {
    Instant::now()
}

/// Runs all, and gives the section.
pub async fn run(options: &Options) -> String {
    let _ = std::fs::remove_dir_all(&options.folder);
    std::fs::create_dir_all(&options.folder).expect("the folder can be made");
    let folder = options.folder.canonicalize().expect("it was just made");
    let peers = if options.alone { None } else { Some(Peers::install(&folder).await) };
    let mut rows = vec![["file", "reader", "rows/s", "seconds", "peak memory"].map(str::to_owned).to_vec()];
    for count in &options.rows {
        for extension in ["csv", "xlsx"] {
            let file = folder.join(format!("{count}.{extension}"));
            build(&file, *count);
            let name = format!("{} × 5, {extension}", whole(f64::from(*count)));
            let mut readers = vec![("Dundun", this(&file))];
            if let Some(peers) = &peers {
                readers.push(("SheetJS", peers.sheetjs(&file)));
                if extension == "xlsx" {
                    readers.push(("openpyxl", peers.openpyxl(&file)));
                }
            }
            for (reader, mut command) in readers {
                rows.push(row(&name, reader, *count, quickest(&mut command, reader == "Dundun").await));
            }
            std::fs::remove_file(&file).expect("it was just read");
        }
    }
    let into = into_table(&folder, options.contacts).await;
    let _ = std::fs::remove_dir_all(&options.folder);
    section(&rows, options.contacts, &into)
}

/// Two of a hundred rows say again what another said: one as it was, one in another spelling.
fn line(row: u32) -> [String; 5] {
    let person = match row % 100 {
        98 | 99 => row - 50,
        _ => row,
    };
    let number = 10_000_000 + u64::from(person) * 7 % 80_000_000;
    let phone = if row % 100 == 99 { format!("07 {number}") } else { format!("07{number}") };
    [
        format!("Amina Wanjiru {person}"),
        phone,
        format!("amina.{person}@example.com"),
        ["Nairobi", "Mombasa", "Kisumu", "Nakuru"][row as usize % 4].to_owned(),
        format!("{}.50", row % 5_000),
    ]
}

fn build(file: &Path, rows: u32) {
    let headings = ["Name", "Phone", "Email", "City", "Balance"];
    if file.extension().is_some_and(|extension| extension == "xlsx") {
        let bytes = write::write_xlsx(headings, (0..rows).map(line)).expect("it fits a worksheet");
        std::fs::write(file, bytes).expect("the disk has room");
        return;
    }
    let into = BufWriter::new(File::create(file).expect("the folder is there"));
    let mut csv = write::CsvWriter::new(into, headings, write::CsvStyle::default()).expect("the disk has room");
    (0..rows).try_for_each(|row| csv.row(line(row))).expect("the disk has room");
    csv.finish().and_then(|mut into| into.flush()).expect("the disk has room");
}

/// This program, as the reader.
fn this(file: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a program knows itself"));
    command.arg("import-read").arg(file);
    command
}

/// What it is compared with, installed beside the files.
struct Peers {
    folder: PathBuf,
}

impl Peers {
    async fn install(folder: &Path) -> Self {
        tell("installing SheetJS and openpyxl");
        let folder = folder.join("peers");
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        let pip = folder.join("venv/bin/pip");
        let install = |program: &Path, arguments: &[&str]| {
            let mut command = Command::new(program);
            command.args(arguments).current_dir(&folder).stdout(Stdio::null());
            command
        };
        for mut command in [
            install(Path::new("npm"), &["install", "--prefix", ".", "--no-save", "--no-audit", "--no-fund", SHEETJS]),
            install(Path::new("python3"), &["-m", "venv", "venv"]),
            install(&pip, &["install", "--quiet", "--disable-pip-version-check", OPENPYXL]),
        ] {
            let status = command.status().await.expect("npm and python3 are installed");
            assert!(status.success(), "{command:?} failed; `--alone` leaves the others out");
        }
        Self { folder }
    }

    fn sheetjs(&self, file: &Path) -> Command {
        let mut command = Command::new("node");
        // More than it takes by default, so that a million rows have a chance.
        command.arg("--max-old-space-size=12000").arg(script("sheetjs.cjs"));
        command.arg(file).arg(self.folder.join("node_modules"));
        command
    }

    fn openpyxl(&self, file: &Path) -> Command {
        let mut command = Command::new(self.folder.join("venv/bin/python"));
        command.arg(script("openpyxl_read.py")).arg(file);
        command
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/peers/import").join(name)
}

/// The quickest of some tries; the others are slow enough to be read once. `None`: it did not come to an end.
async fn quickest(command: &mut Command, again: bool) -> Option<Reading> {
    let mut best: Option<Reading> = None;
    for _ in 0..if again { TRIES } else { 1 } {
        let output = command.stderr(Stdio::null()).output().await.expect("it is installed");
        let reading: Reading = serde_json::from_slice(&output.stdout).ok()?;
        if best.as_ref().is_none_or(|best| reading.seconds < best.seconds) {
            best = Some(reading);
        }
    }
    best
}

fn row(file: &str, reader: &str, rows: u32, reading: Option<Reading>) -> Vec<String> {
    let mut cells = vec![file.to_owned(), reader.to_owned()];
    if let Some(reading) = reading {
        assert_eq!((reading.rows, reading.valid), (rows, rows), "{reader} read {file}");
        assert_eq!(reading.duplicate, rows / 50, "{reader} found duplicates in {file}");
        let speed = whole(f64::from(rows) / reading.seconds);
        tell(format!("{file}, {reader}: {speed} rows/s, {}", megabytes(reading.peak)));
        cells.extend([speed, format!("{:.2} s", reading.seconds), megabytes(reading.peak)]);
    } else {
        tell(format!("{file}, {reader}: it did not come to an end"));
        cells.extend(["–", "–", "it did not come to an end"].map(str::to_owned));
    }
    cells
}

/// What the whole way took.
struct IntoTable {
    parsed: f64,
    done: f64,
    cpu: f64,
    peak: u64,
}

/// From the uploaded file to contacts in a group, through the real program.
async fn into_table(folder: &Path, contacts: u32) -> IntoTable {
    let data = folder.join("data");
    std::fs::create_dir_all(&data).expect("the folder can be made");
    let file = folder.join("contacts.csv");
    build(&file, contacts);
    let bytes = std::fs::read(&file).expect("it was just written");
    let mut host = Process::start_with(&data, None, AS_DELIVERED).await;
    let api = host.api.register("benchmark").await;
    api.patch("/api/organization", json!({ "defaultCountry": "KE" })).await.expect(200);
    let group = text(&api.post("/api/groups", json!({ "name": "Everyone" })).await.expect(201), "id");
    let request = json!({ "fileName": "contacts.csv", "groupId": group, "mode": "DIRECT" });
    let import = api.post("/api/imports", request).await.expect(201);
    let path = format!("/api/imports/{}", text(&import, "id"));
    process::forget_peak(host.pid());
    let cpu = process::cpu_seconds(host.pid());
    let begun = now_ms();
    let since = || now_ms().saturating_sub(begun) as f64 / 1_000.0;
    let http = reqwest::Client::builder().no_proxy().build().expect("a plain client");
    let upload = http.put(text(&import["upload"], "url")).body(bytes).send().await.expect("the bucket answers");
    assert!(upload.status().is_success(), "the upload: {}", upload.status());
    let status = |wanted: &'static [&'static str]| {
        let (api, path) = (&api, &path);
        async move {
            let import = api.get(path).await.expect(200);
            wanted.contains(&import["status"].as_str().unwrap_or_default()).then_some(import)
        }
    };
    eventually("the file is read", PATIENCE, || status(&["COMMITTING", "DONE", "FAILED"])).await;
    let parsed = since();
    let import = eventually("the rows are contacts", PATIENCE, || status(&["DONE", "FAILED"])).await;
    let done = since();
    assert_eq!(import["counts"]["created"], contacts - contacts / 50, "{import}");
    let cpu = process::cpu_seconds(host.pid()) - cpu;
    let peak = process::peak_memory(host.pid());
    host.kill().await;
    tell(format!("into the table: {} rows/s", whole(f64::from(contacts) / done)));
    IntoTable { parsed, done, cpu, peak }
}

fn section(rows: &[Vec<String>], contacts: u32, into: &IntoTable) -> String {
    let head = ["whole way", "rows/s", "to rows", "to contacts", "CPU", "peak memory"];
    let way = vec![
        format!("{} × 5, csv", whole(f64::from(contacts))),
        whole(f64::from(contacts) / into.done),
        seconds(into.parsed),
        seconds(into.done),
        seconds(into.cpu),
        megabytes(into.peak),
    ];
    format!(
        "## Imports: `import`\n\nRows of a name, a phone number, an e-mail address and two attributes; two in a hundred repeat another. \
         First from the bytes of the file to valid contacts, each once, in memory: Dundun (two threads, numbers by libphonenumber's \
         rules, names, addresses and attributes checked; the quickest of {TRIES}), {SHEETJS} and {OPENPYXL} (a regular expression and a set, phone \
         numbers only; once). Each in a process of its own.\n\n{}\nThen from the upload to contacts in a group, through the program as \
         delivered, data on disk; CPU and memory are of the program, which holds functions, queues and tables.\n\n{}",
        table(rows),
        table(&[head.map(str::to_owned).to_vec(), way])
    )
}
