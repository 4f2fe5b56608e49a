//! A real mail server for tests, a process of its own (aiosmtpd), with a certificate made for the test.

use std::{
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::{kind::Kind, outbound::Outbound, provider::Account, testing};

/// A mail server, ended when it is dropped.
pub(crate) struct MailServer {
    pub(crate) port: u16,
    ca: String,
    pub(crate) mails: Arc<Mutex<Vec<Value>>>,
    _process: Child,
    _folder: tempfile::TempDir,
}

/// Where `cargo xtask test` installs `infra/requirements.txt`.
#[expect(clippy::disallowed_methods, reason = "no setting of Dundun: where the test runner put its tools")]
fn python() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::var_os("DUNDUN_TEST_VENV").map_or_else(|| here.join("../../target/venv"), PathBuf::from);
    let python = folder.join("bin/python");
    assert!(python.exists(), "{} is missing: `cargo xtask test` installs it", python.display());
    python
}

impl MailServer {
    /// In one of the modes that `smtp_server.py` names.
    pub(crate) async fn start(mode: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
        std::fs::write(&certificate, cert.pem()).unwrap();
        std::fs::write(&key, signing_key.serialize_pem()).unwrap();
        let mut process = Command::new(python())
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/smtp_server.py"))
            .args([&certificate, &key])
            .arg(mode)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first: Value = serde_json::from_str(&lines.next_line().await.unwrap().expect("the server starts")).unwrap();
        let port = u16::try_from(first["port"].as_u64().unwrap()).unwrap();
        let mails: Arc<Mutex<Vec<Value>>> = Arc::default();
        let told = mails.clone();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                told.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Self { port, ca: cert.pem(), mails, _process: process, _folder: folder }
    }

    /// A config for it; with a password it signs in as `ann`.
    pub(crate) fn account(&self, security: &str, password: &str) -> Account {
        let mut account = testing::account(Kind::Smtp);
        for (name, value) in [("host", "localhost"), ("port", &self.port.to_string()), ("security", security)] {
            account.credentials.insert(name.to_owned(), value.into());
        }
        if !password.is_empty() {
            account.credentials.insert("username".to_owned(), "ann".into());
            account.credentials.insert("password".to_owned(), password.into());
        }
        account.settings = json!({ "caCertificate": self.ca, "replyTo": "help@acme.example" });
        account
    }

    /// The mails that it took, when there are as many as `count`: it tells of them beside its answers.
    pub(crate) async fn took(&self, count: usize) -> Vec<Value> {
        let all = async {
            loop {
                let mails = self.mails.lock().unwrap().clone();
                if mails.len() >= count {
                    return mails;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), all).await.expect("it tells of every mail")
    }
}

/// A client that reaches `localhost` and waits for as long as a busy machine needs.
pub(crate) fn outbound() -> Outbound {
    Outbound::new("127.0.0.1".parse().unwrap()).with_timeouts(Duration::from_secs(5), Duration::from_secs(8))
}
