//! The local host as a process of its own, on a data folder, so that it can be killed and started again.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::{Child, Command};

use crate::{Api, eventually};

/// The host's process. Dropping it kills it.
pub struct Process {
    child: Child,
    data: PathBuf,
    /// A client without a token.
    pub api: Api,
    /// The URL of the AWS endpoint.
    pub aws: String,
}

impl Process {
    /// Starts the host on a data folder, and waits until it answers. Ports are free ones, unless `ports` names them:
    /// webhooks that are registered somewhere need the same address after a restart.
    pub async fn start(data: &Path, ports: Option<(u16, u16)>) -> Self {
        let (port, aws_port) = ports.unwrap_or((0, 0));
        let urls = data.join("urls.json");
        let _ = std::fs::remove_file(&urls);
        let child = Command::new(binary())
            .env("DUNDUN_DATA", data)
            .env("DUNDUN_PORT", port.to_string())
            .env("DUNDUN_AWS_PORT", aws_port.to_string())
            .env("DUNDUN_ALLOW_HOSTS", "127.0.0.1")
            .env("DUNDUN_LEASE_SECONDS", "3")
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the host's binary is built with the tests");
        let found: serde_json::Value = eventually("the host writes urls.json", 60, || async {
            serde_json::from_slice(&std::fs::read(&urls).ok()?).ok()
        })
        .await;
        let text = |name: &str| found[name].as_str().expect("a URL").to_owned();
        Self { child, data: data.to_owned(), api: Api::new(text("api")), aws: text("aws") }
    }

    /// Ends it as `kill -9` does, and starts it again on the same folder and ports.
    pub async fn kill_and_restart(mut self) -> Self {
        let port = |url: &str| url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        let ports = (port(&self.api.url), port(&self.aws));
        self.kill().await;
        let token = self.api.token.clone();
        let mut next = Self::start(&self.data.clone(), Some(ports)).await;
        next.api.token = token;
        next
    }

    /// Ends it as `kill -9` does.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("it was running");
    }
}

/// `target/<profile>/dundun`, beside the test binary.
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows itself");
    let profile = test.parent().and_then(Path::parent).expect("target/<profile>/deps");
    profile.join(format!("dundun{}", std::env::consts::EXE_SUFFIX))
}
