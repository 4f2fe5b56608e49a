//! The benchmark of sending, tiny: that it runs, and that nobody is lost or doubled. How long it takes is of no interest.

use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn the_benchmark_of_sending_reaches_everyone_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["send", "--alone", "--recipients", "200", "--folder"])
        .arg(folder.path().join("data"))
        .output()
        .await
        .expect("it is built with the tests");
    let section = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows: Vec<Vec<&str>> = section
        .lines()
        .filter(|line| line.contains("per call"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), 5, "one row a way: {section}");
    for row in rows {
        let [.., lost, doubled, _unknown] = row.as_slice() else { panic!("a row is short: {section}") };
        assert_eq!((*lost, *doubled), ("0", "0"), "{section}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_benchmark_of_imports_reads_every_row_and_makes_every_contact() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["import", "--alone", "--rows", "200", "--contacts", "200", "--folder"])
        .arg(folder.path().join("data"))
        .output()
        .await
        .expect("it is built with the tests");
    // It counts rows, duplicates and contacts itself.
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let section = String::from_utf8_lossy(&output.stdout);
    for row in ["| 200 × 5, csv | Dundun |", "| 200 × 5, xlsx | Dundun |", "| 200 × 5, csv | "] {
        assert!(section.contains(row), "{section}");
    }
}
