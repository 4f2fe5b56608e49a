//! `SMTP`: e-mail through any mail server (RFC 5321, RFC 3207, RFC 4954).
//!
//! One mail a recipient, over a few connections that are kept. Before the final dot a mail was certainly not taken, after it
//! a connection that breaks leaves its fate open. Acceptance is all that is ever told: bounces come as mails to the
//! sender, which nobody reads here.

use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use domain::{Violation, delivery::ErrorClass};
use futures::future::join_all;
use lettre::address::Address;
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};

use crate::{
    answer,
    email::{
        self, Sender,
        mime::{self, Written},
        reply,
    },
    outbound::Outbound,
    provider::{
        Account, Asking, Failure, Forged, Outcome, Outgoing, Provider, Receipt, Sending, TestReport, Unreadable,
        WebhookRequest,
    },
    request,
    smtp_connection::{Connection, Fate, Progress, Security, Server},
};

/// The adapter.
pub struct Smtp;

/// Mails that one connection carries within the limit of a call.
const MAILS_EACH: usize = 5;

use ErrorClass as E;

#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    /// Connections at the same time, 1 to 20.
    connections: usize,
    /// Mails until a connection is replaced.
    mails_per_connection: u32,
    /// What we call ourselves; the sender's domain without it.
    hello: Option<String>,
    /// Where bounces go; the sender without it.
    return_path: Option<String>,
    /// The certificate (PEM) of whoever signed the server's, if it is no public one.
    ca_certificate: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { connections: 3, mails_per_connection: 100, hello: None, return_path: None, ca_certificate: None }
    }
}

/// The port and the encryption: what one leaves open follows from the other.
fn way(account: &Account) -> Result<(u16, Security), Violation> {
    let port = account.credential("port").map(|port| port.expose().parse::<u16>());
    let port = port.transpose().map_err(|_| Violation::new("/credentials/port", "out_of_range", "1 to 65535"))?;
    let security = match account.credential("security").map(crate::Secret::expose) {
        Some("TLS") => Security::Tls,
        Some("STARTTLS") => Security::StartTls,
        Some("OPPORTUNISTIC") => Security::Opportunistic,
        Some("NONE") => Security::None,
        _ if port == Some(465) => Security::Tls,
        _ => Security::StartTls,
    };
    Ok((port.unwrap_or(if security == Security::Tls { 465 } else { 587 }), security))
}

fn server(account: &Account, sender: &Sender<Settings>) -> Result<Server, Failure> {
    let (port, security) =
        way(account).map_err(|violation| Failure::new(E::BadSender, violation.detail, String::new()))?;
    let login = account.credential("username").zip(account.credential("password"));
    Ok(Server {
        host: account.require("host")?.to_owned(),
        port,
        security,
        login: login.map(|(user, password)| (user.expose().to_owned(), password.clone())),
        hello: sender.own.hello.clone().unwrap_or_else(|| sender.from.email.domain().to_owned()),
        ca: sender.own.ca_certificate.clone(),
    })
}

/// A batch on its way: each connection takes the next mail until there is none.
struct Batch<'a> {
    outbound: &'a Outbound,
    sender: &'a Sender<Settings>,
    server: &'a Server,
    return_path: &'a Address,
    mails: &'a [Outgoing],
    next: AtomicUsize,
    deadline: Instant,
    /// Why no connection can be had, once that is known: the others need not try.
    closed: OnceLock<Outcome>,
}

impl Batch<'_> {
    async fn work(&self) -> Vec<(usize, Outcome)> {
        let (mut connection, mut outcomes) = (None, Vec::new());
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(outgoing) = self.mails.get(index) else { break };
            outcomes.push((index, self.one(&mut connection, outgoing).await));
        }
        if let Some(connection) = connection {
            self.outbound.mail().put(self.server, connection, self.sender.own.mails_per_connection);
        }
        outcomes
    }

    async fn one(&self, held: &mut Option<Connection>, outgoing: &Outgoing) -> Outcome {
        if let Some(outcome) = self.closed.get() {
            return outcome.clone();
        }
        let Written { to, id, bytes } = match mime::write(self.sender, self.sender.mail(outgoing)) {
            Ok(written) => written,
            Err(reason) => return Outcome::Rejected { class: E::BadContent, reason, response: String::new() },
        };
        let mut connection = match held.take() {
            Some(connection) => connection,
            None => match timeout_at(self.deadline, self.outbound.mail().get(self.outbound, self.server)).await {
                Ok(Ok(connection)) => connection,
                Ok(Err(failure)) => {
                    return self.closed.get_or_init(|| failure.into()).clone();
                }
                Err(_) => return late(),
            },
        };
        let progress = Progress::default();
        let sending = connection.send(self.return_path, &to, &bytes, &progress);
        let fate = timeout_at(self.deadline, sending).await;
        match fate {
            Ok(Fate::Taken(said)) => {
                *held = connection.fit_for_more(self.sender.own.mails_per_connection);
                Outcome::accepted(Some(id), said)
            }
            Ok(Fate::Refused(class, said)) => {
                *held = connection.fit_for_more(self.sender.own.mails_per_connection);
                answer::outcome(class, format!("the mail server: {}", reply::said(&said)), None, said)
            }
            Ok(Fate::Open(said)) => {
                Outcome::Unknown { reason: format!("the connection broke after the mail: {}", reply::said(&said)) }
            }
            Err(_) if progress.is_on_the_way() => {
                Outcome::Unknown { reason: "the mail server did not say in time whether it took the mail".to_owned() }
            }
            Err(_) => late(),
        }
    }
}

fn late() -> Outcome {
    let reason = "the mail server was too slow; the mail did not leave".to_owned();
    Outcome::Retry { after: None, class: E::Transient, reason }
}

impl Provider for Smtp {
    fn check(&self, account: &Account, outbound: &Outbound) -> Vec<Violation> {
        let (mut found, settings) = email::check::<Settings>(account);
        found.extend(email::no_tracking(account));
        let mut add = |pointer: &str, code, detail: &str| found.push(Violation::new(pointer, code, detail.to_owned()));
        if let Some(settings) = settings {
            if !(1..=20).contains(&settings.connections) {
                add("/settings/connections", "out_of_range", "1 to 20");
            }
            if !(1..=10_000).contains(&settings.mails_per_connection) {
                add("/settings/mailsPerConnection", "out_of_range", "1 to 10,000");
            }
            let is_name = |name: &String| name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
            if settings.hello.is_some_and(|name| name.is_empty() || !is_name(&name)) {
                add("/settings/hello", "pattern_mismatch", "expected the name of a host, such as mail.acme.example");
            }
            if settings.return_path.is_some_and(|path| domain::email::Email::parse(&path).is_err()) {
                add("/settings/returnPath", "email_invalid", "expected an address such as bounces@acme.example");
            }
        }
        if account.credential("username").is_some() != account.credential("password").is_some() {
            add("/credentials/password", "required", "a user name and a password belong together");
        }
        match (way(account), account.credential("host")) {
            (Err(violation), _) => found.push(violation),
            (Ok((port, security)), Some(host)) => {
                let refused = outbound.check_mail_server(host.expose(), port, security.is_encrypted()).err();
                found.extend(refused.map(|refused| Violation::new("/credentials/host", "url_refused", refused.0)));
            }
            (Ok(_), None) => {}
        }
        found
    }

    fn send<'a>(&'a self, account: &'a Account, outbound: &'a Outbound, batch: &'a [Outgoing]) -> Sending<'a> {
        request::or_all_fail(batch, async move {
            let sender = Sender::<Settings>::of(account)?;
            let server = server(account, &sender)?;
            let return_path = sender.own.return_path.as_deref().and_then(|path| path.parse().ok());
            let work = Batch {
                outbound,
                sender: &sender,
                server: &server,
                return_path: &return_path.unwrap_or_else(|| sender.from.email.clone()),
                mails: batch,
                next: AtomicUsize::new(0),
                deadline: Instant::now() + outbound.timeouts().1,
                closed: OnceLock::new(),
            };
            let connections = sender.own.connections.min(batch.len());
            Ok(request::in_order(join_all((0..connections).map(|_| work.work())).await.concat()))
        })
    }

    /// Connects, encrypts, signs in and asks whether the server is there.
    fn test<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> Asking<'a, TestReport> {
        Box::pin(async move {
            let sender = Sender::<Settings>::of(account)?;
            let server = server(account, &sender)?;
            let mut connection = outbound.mail().get(outbound, &server).await?;
            if !connection.is_alive().await {
                return Err(Failure::new(E::Transient, "the server hung up after the sign-in", String::new()));
            }
            outbound.mail().put(&server, connection, sender.own.mails_per_connection);
            let signed_in = if server.login.is_some() { "and the password is good" } else { "without a password" };
            Ok(TestReport::good(format!("{}:{} answers {signed_in}", server.host, server.port)))
        })
    }

    /// A mail server calls nobody.
    fn verify(&self, _: &Account, _: &WebhookRequest) -> Result<(), Forged> {
        Err(Forged("a mail server makes no calls".to_owned()))
    }

    fn receipts(&self, _: &Account, _: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        Ok(Vec::new())
    }

    fn batch_size(&self, account: &Account) -> usize {
        let connections = account.settings["connections"].as_u64().unwrap_or(3).clamp(1, 20);
        connections as usize * MAILS_EACH
    }

    /// Each mail carries its files itself.
    fn window(&self, account: &Account, rest: &[Outgoing]) -> usize {
        rest.len().min(email::with_files(rest, self.batch_size(account)))
    }
}

#[cfg(test)]
#[path = "tests/smtp.rs"]
mod tests;
