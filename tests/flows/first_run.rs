//! The first run of the program: it says where it answers and how to sign in, and keeps both to itself.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::{Value, json};
use tests::{Api, process::beside};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// What the program prints last before it waits.
const LAST: &str = "Try it with";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn program(data: &Path) -> Command {
    let mut command = Command::new(beside("dundun"));
    command
        .current_dir(root())
        .env("DUNDUN_DATA", data)
        .env("DUNDUN_PORT", "0")
        .env("DUNDUN_AWS_PORT", "0")
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// The program, and what it has printed.
struct Started {
    child: Child,
    rest: Lines<BufReader<ChildStdout>>,
    printed: Vec<String>,
}

impl Started {
    /// Starts it and reads up to the line that begins with `last`.
    async fn on(data: &Path, last: &str) -> Self {
        let mut child = program(data).spawn().expect("the program is built with the tests");
        let mut rest = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut printed = Vec::new();
        while let Some(line) = rest.next_line().await.expect("it is text") {
            printed.push(line);
            if printed.last().is_some_and(|line| line.starts_with(last)) {
                return Self { child, rest, printed };
            }
        }
        panic!("it ended: {printed:?}");
    }

    /// What one line says after its first words.
    fn line(&self, words: &str) -> &str {
        let found: Vec<&str> = self.printed.iter().filter_map(|line| line.strip_prefix(words)).collect();
        let [line] = found.as_slice() else { panic!("one line begins with {words}: {:?}", self.printed) };
        line.trim()
    }

    /// The address and the password that it prints.
    fn sign_in(&self) -> (String, String) {
        let (email, rest) = self.line("Sign in as").split_once(" with the password ").expect("a password");
        let (password, _) = rest.split_once("  (kept in ").expect("and where it is kept");
        (email.to_owned(), password.to_owned())
    }

    /// Ends it as Ctrl-C does, and waits for it.
    async fn end(mut self) {
        let id = self.child.id().expect("it runs").to_string();
        let asked = Command::new("kill").args(["-INT", &id]).status().await.expect("there is such a program");
        assert!(asked.success());
        while self.rest.next_line().await.expect("it is text").is_some() {}
        assert!(self.child.wait().await.expect("it ends").success());
    }
}

async fn sign_in(url: &str, email: &str, password: &str) -> Api {
    let api = Api::new(url);
    let answer = api.post("/api/auth/login", json!({ "email": email, "password": password })).await.expect(200);
    api.with_token(answer["accessToken"].as_str().expect("a token"))
}

async fn organization(started: &Started) -> Value {
    let (email, password) = started.sign_in();
    let api = sign_in(started.line("API and console"), &email, &password).await;
    api.get("/api/auth/me").await.expect(200)["organization"]["id"].clone()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_run_says_all_that_one_needs_to_begin() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("new").join("data");
    let started = Started::on(&data, LAST).await;

    let urls: Value = serde_json::from_slice(&std::fs::read(data.join("urls.json")).expect("it is there")).unwrap();
    assert_eq!(urls, json!({ "api": started.line("API and console"), "aws": started.line("AWS endpoint") }));
    for name in ["api", "aws"] {
        let url = urls[name].as_str().expect("a URL");
        let port = url.strip_prefix("http://127.0.0.1:").expect("on this machine only");
        assert!(port.parse::<u16>().expect("a port") > 0, "{url}");
    }
    let me = organization(&started).await;
    assert!(me.is_string(), "one can sign in with what is printed");
    let (email, password) = started.sign_in();
    let curl = started.printed.iter().find(|line| line.contains("curl ")).expect("how to sign in by hand");
    assert!(curl.contains(started.line("API and console")) && curl.contains(&email) && curl.contains(&password));
    let sample = started.line(LAST).split_whitespace().next().expect("a path");
    let sample = std::fs::read(root().join(sample)).expect("the sample is there");
    assert!(sample.starts_with(b"PK"), "a spreadsheet is a zip");

    assert_eq!(mode(&data), 0o700, "the data folder is the owner's only");
    assert_eq!(mode(&data.join("first-sign-in.json")), 0o600, "so is the password");
    started.end().await;
    assert!(!data.join("urls.json").exists(), "nobody answers there any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn later_runs_keep_the_account_and_say_how_to_sign_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Started::on(folder.path(), LAST).await;
    let (account, before) = (first.sign_in(), organization(&first).await);
    first.end().await;

    let second = Started::on(folder.path(), LAST).await;
    assert_eq!((second.sign_in(), organization(&second).await), (account.clone(), before));
    second.end().await;

    // As the person was told to do once the password is somewhere safe.
    std::fs::remove_file(folder.path().join("first-sign-in.json")).expect("it is there");
    let third = Started::on(folder.path(), "Sign in as").await;
    let (email, password) = account;
    assert_eq!(third.line("Sign in as"), email);
    assert!(third.printed.iter().all(|line| !line.contains("password")), "it is known no more: {:?}", third.printed);
    sign_in(third.line("API and console"), &email, &password).await;
    third.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_told_that_the_folder_is_in_use() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Started::on(folder.path(), LAST).await;
    let second = program(folder.path()).output().await.expect("it starts");
    assert_eq!(second.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&second.stdout),
        format!(
            "Dundun did not start: the data folder {} is in use by another running process\n",
            folder.path().display()
        )
    );
    organization(&first).await;
    assert!(folder.path().join("urls.json").exists(), "the first goes on");
    first.end().await;
}
