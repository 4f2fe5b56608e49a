//! Dundun on one machine: `cargo xtask run`. Settings come from the environment; the README lists them.

use std::{path::PathBuf, process::ExitCode};

use engine::app::{Registration, dns_server};
use local::{
    first_run,
    host::{Failure, Host, Options},
};
use tracing_subscriber::EnvFilter;

/// Both sides of every call to AWS allocate in this process.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_new(setting("DUNDUN_LOG").unwrap_or_else(|| "warn".into()))
        .unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&format!("Dundun did not start: {failure}"));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    let data = PathBuf::from(setting("DUNDUN_DATA").unwrap_or_else(|| ".dundun".into()));
    let options = Options {
        data: Some(data.clone()),
        port: port("DUNDUN_PORT", 4000)?,
        aws_port: port("DUNDUN_AWS_PORT", 4566)?,
        allow_hosts: setting("DUNDUN_ALLOW_HOSTS").unwrap_or_default(),
        public_url: setting("DUNDUN_PUBLIC_URL"),
        registration: match setting("DUNDUN_REGISTRATION") {
            None => Registration::Open,
            Some(text) => text.parse().map_err(|error| format!("DUNDUN_REGISTRATION: {error}"))?,
        },
        mailer: setting("DUNDUN_MAILER").unwrap_or_default().into(),
        mail_from: setting("DUNDUN_MAIL_FROM").unwrap_or_default(),
        dns: setting("DUNDUN_DNS").map(|text| dns_server(&text)).transpose()?,
        lease_seconds: setting("DUNDUN_LEASE_SECONDS").and_then(|text| text.parse().ok()).unwrap_or(0),
        endpoint_url: setting("AWS_ENDPOINT_URL"),
        console: Some(PathBuf::from(setting("DUNDUN_CONSOLE").unwrap_or_else(|| "console/dist".into()))),
        ..Options::default()
    };
    let host = Host::start(options).await?;
    let urls = serde_json::json!({ "api": host.api, "aws": host.aws });
    // Renamed into place, so that whoever waits for the file never reads half of it.
    let file = data.join("urls.json");
    std::fs::write(data.join("urls.json.new"), format!("{urls}\n"))?;
    std::fs::rename(data.join("urls.json.new"), &file)?;
    tell(&format!("API and console  {}", host.api));
    tell(&format!("AWS endpoint     {}", host.aws));
    for line in first_run::greet(&host.app, &data, &host.api).await? {
        tell(&line);
    }
    ended().await;
    tell("Stopping: what is under way comes to its end.");
    let _ = std::fs::remove_file(file);
    host.stop().await;
    Ok(())
}

/// Waits for Ctrl-C or SIGTERM.
async fn ended() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
    }
}

#[expect(clippy::disallowed_methods, reason = "the local host's own settings, read once at start")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

fn port(name: &str, default: u16) -> Result<u16, Failure> {
    match setting(name) {
        None => Ok(default),
        Some(text) => {
            text.parse().map_err(|_| format!("{name}: expected a port number, 0 for a free one, not `{text}`").into())
        }
    }
}

#[expect(clippy::print_stdout, reason = "what the person at the terminal is to read")]
fn tell(line: &str) {
    println!("{line}");
}
