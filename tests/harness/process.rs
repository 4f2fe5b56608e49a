//! The local host as a process of its own, on a data folder, so that it can be killed and started again.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::{Child, Command};

use crate::{Api, eventually};

/// Settings of the host beside those that every test needs.
pub type Settings = &'static [(&'static str, &'static str)];

/// What tests need that kill the host: claims that end soon after.
const SHORT_LEASES: Settings = &[("DUNDUN_LEASE_SECONDS", "3")];

/// The host's process. Dropping it kills it.
pub struct Process {
    child: Child,
    data: PathBuf,
    settings: Settings,
    /// A client without a token.
    pub api: Api,
    /// The URL of the AWS endpoint.
    pub aws: String,
}

impl Process {
    /// Starts the host on a data folder, and waits until it answers. Ports are free ones, unless `ports` names them:
    /// webhooks that are registered somewhere need the same address after a restart.
    pub async fn start(data: &Path, ports: Option<(u16, u16)>) -> Self {
        Self::start_with(data, ports, SHORT_LEASES).await
    }

    /// The same with other settings.
    pub async fn start_with(data: &Path, ports: Option<(u16, u16)>, settings: Settings) -> Self {
        let (port, aws_port) = ports.unwrap_or((0, 0));
        let urls = data.join("urls.json");
        let _ = std::fs::remove_file(&urls);
        let child = Command::new(beside("dundun"))
            .env("DUNDUN_DATA", data)
            .env("DUNDUN_PORT", port.to_string())
            .env("DUNDUN_AWS_PORT", aws_port.to_string())
            .env("DUNDUN_ALLOW_HOSTS", "127.0.0.1")
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the host's binary is built with the tests");
        let found: serde_json::Value = eventually("the host writes urls.json", 60, || async {
            serde_json::from_slice(&std::fs::read(&urls).ok()?).ok()
        })
        .await;
        let text = |name: &str| found[name].as_str().expect("a URL").to_owned();
        Self { child, data: data.to_owned(), settings, api: Api::new(text("api")), aws: text("aws") }
    }

    /// The id of the process.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("it was not waited for")
    }

    /// Ends it as `kill -9` does, and starts it again on the same folder and ports.
    pub async fn kill_and_restart(mut self) -> Self {
        let port = |url: &str| url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        let ports = (port(&self.api.url), port(&self.aws));
        self.kill().await;
        let token = self.api.token.clone();
        let mut next = Self::start_with(&self.data.clone(), Some(ports), self.settings).await;
        next.api.token = token;
        next
    }

    /// Ends it as `kill -9` does.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("it was running");
    }
}

/// A program of the workspace: in the folder that `DUNDUN_TEST_PROGRAMS` names, else in `target/<profile>`, beside the test binary
/// or the program that this is.
#[expect(clippy::disallowed_methods, reason = "no setting of Dundun: which build of it is tested")]
pub fn beside(name: &str) -> PathBuf {
    let this = std::env::current_exe().expect("a program knows itself");
    let mut folder = this.parent().expect("it lies in a folder");
    if folder.ends_with("deps") {
        folder = folder.parent().expect("target/<profile>/deps");
    }
    let chosen = std::env::var_os("DUNDUN_TEST_PROGRAMS").map(PathBuf::from);
    chosen.as_deref().unwrap_or(folder).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}
