//! What a process costs, as Linux accounts for it.

use std::{fs, io, path::PathBuf};

/// Clock ticks a second in `/proc`; it is 100 on every Linux (`getconf CLK_TCK`).
const TICKS: f64 = 100.0;

/// The CPU time of a process so far, in seconds: of all its threads, in user and kernel mode.
pub fn cpu_seconds(pid: u32) -> f64 {
    fields(pid, &[14, 15]) / TICKS
}

/// The most memory that a process had resident since it started or since [`forget_peak`], in bytes.
pub fn peak_memory(pid: u32) -> u64 {
    status(pid, "VmHWM:")
}

/// The memory that a process has resident, in bytes.
pub fn memory(pid: u32) -> u64 {
    status(pid, "VmRSS:")
}

/// Lets [`peak_memory`] begin anew (`clear_refs`, value 5, in proc(5)).
pub fn forget_peak(pid: u32) {
    fs::write(path(pid, "clear_refs"), "5").expect("the process is our own child");
}

fn status(pid: u32, name: &str) -> u64 {
    kilobytes(&read(pid, "status").unwrap_or_default(), name)
}

/// The line `name` of a file in bytes, where it stands in kilobytes.
fn kilobytes(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) * 1_024
}

/// The sum of some fields of `stat`, numbered as in proc(5).
fn fields(pid: u32, numbers: &[usize]) -> f64 {
    let stat = read(pid, "stat").unwrap_or_default();
    // The name, in brackets, may hold anything; the fields after it are numbered from 3.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    numbers.iter().filter_map(|number| fields.get(number - 3)?.parse::<f64>().ok()).sum()
}

fn read(pid: u32, file: &str) -> io::Result<String> {
    fs::read_to_string(path(pid, file))
}

fn path(pid: u32, file: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/{file}"))
}

/// The CPU time of a process and of its children, those that have ended included, in seconds.
pub fn tree(pid: u32) -> f64 {
    let ended = fields(pid, &[16, 17]) / TICKS;
    cpu_seconds(pid) + ended + children(pid).into_iter().map(tree).sum::<f64>()
}

/// The memory of a process and its children, in bytes; a page that several share counts for each in proportion.
pub fn tree_memory(pid: u32) -> u64 {
    let rollup = read(pid, "smaps_rollup").unwrap_or_default();
    kilobytes(&rollup, "Pss:") + children(pid).into_iter().map(tree_memory).sum::<u64>()
}

fn children(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(path(pid, "task")).into_iter().flatten().flatten();
    tasks
        .filter_map(|task| fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|ids| ids.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<u32>>())
        .collect()
}
