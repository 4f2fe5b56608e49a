//! Connections to mail servers: opened at an address that the guard permitted, encrypted, signed in, and kept for the next
//! mail.
//!
//! lettre's own transport hides at which step a mail failed, and here that decides: before the final dot it was certainly
//! not taken, after it nobody knows. So its connection is used step by step.

use std::{
    collections::HashMap,
    error::Error as _,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use domain::delivery::ErrorClass;
use lettre::{
    address::Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt, Rset},
        extension::ClientId,
    },
};
use tokio::time::{Instant, timeout};

use crate::{
    email::reply,
    outbound::{CallError, Outbound},
    provider::Failure,
    signature,
};

/// How long a connection waits for the next mail.
const IDLE: Duration = Duration::from_secs(5);
/// The most connections that wait, over all servers.
const WAITING: usize = 64;

use ErrorClass as E;

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Security {
    /// From the first byte.
    Tls,
    /// After `STARTTLS`; without it nothing is sent.
    StartTls,
    /// After `STARTTLS`, if the server offers it.
    Opportunistic,
    /// Not at all.
    None,
}

impl Security {
    /// Whether nothing is ever sent in the open.
    pub fn is_encrypted(self) -> bool {
        matches!(self, Self::Tls | Self::StartTls)
    }
}

/// A mail server, and how to get in.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    /// A name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is encrypted.
    pub security: Security,
    /// Name and password, if it wants some.
    pub login: Option<(String, crate::Secret)>,
    /// What we call ourselves.
    pub hello: String,
    /// The certificate (PEM) of whoever signed the server's, if it is no public one.
    pub ca: Option<String>,
}

/// What became of a mail.
pub(crate) enum Fate {
    /// The server took it, and said so.
    Taken(String),
    /// It certainly did not; the class and what it said.
    Refused(ErrorClass, String),
    /// The connection broke when it may have.
    Open(String),
}

/// A connection, ready for a mail.
pub(crate) struct Connection {
    smtp: AsyncSmtpConnection,
    /// Mails sent by it.
    mails: u32,
}

/// A connection that waits, and since when.
type Waiting = (Instant, Connection);

/// Connections that wait for the next mail, by server.
#[derive(Default)]
pub(crate) struct Pool(Mutex<HashMap<[u8; 32], Vec<Waiting>>>);

impl Pool {
    /// A connection to `server` that still answers: one that waits, else a new one.
    pub async fn get(&self, outbound: &Outbound, server: &Server) -> Result<Connection, Failure> {
        while let Some(mut waiting) = self.take(server) {
            if timeout(outbound.timeouts().0, waiting.smtp.test_connected()).await.unwrap_or(false) {
                return Ok(waiting);
            }
        }
        Connection::open(outbound, server).await
    }

    fn take(&self, server: &Server) -> Option<Connection> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = waiting.get_mut(&server.key())?;
        waiting.retain(|(since, _)| since.elapsed() < IDLE);
        waiting.pop().map(|(_, connection)| connection)
    }

    /// Keeps a connection for the next mail, unless it carried `most` or is broken.
    pub fn put(&self, server: &Server, connection: Connection, most: u32) {
        let Some(connection) = connection.fit_for_more(most) else { return };
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for connections in waiting.values_mut() {
            connections.retain(|(since, _)| since.elapsed() < IDLE);
        }
        waiting.retain(|_, connections| !connections.is_empty());
        if waiting.values().map(Vec::len).sum::<usize>() < WAITING {
            waiting.entry(server.key()).or_default().push((Instant::now(), connection));
        }
    }
}

impl Server {
    /// Another password is another server: a connection is never used with credentials that it was not opened with.
    fn key(&self) -> [u8; 32] {
        let (user, password) = self.login.as_ref().map_or(("", ""), |(user, password)| (user, password.expose()));
        let ca = self.ca.as_deref().unwrap_or_default();
        let way = format!("{} {:?}", self.port, self.security);
        let parts = [self.host.as_str(), &way, user, password, &self.hello, ca];
        // With their lengths, so that no two lists make one text.
        let lengths = parts.map(|part| format!("{}:{part}", part.len())).concat();
        signature::sha256(lengths.as_bytes()).try_into().expect("a digest has 32 bytes")
    }

    fn tls(&self) -> Result<TlsParameters, Failure> {
        let wrong = |error: Error| Failure::new(E::BadSender, format!("TLS cannot be set up: {error}"), String::new());
        let mut builder = TlsParameters::builder(self.host.clone());
        if let Some(ca) = &self.ca {
            builder = builder.add_root_certificate(Certificate::from_pem(ca.as_bytes()).map_err(wrong)?);
        }
        builder.build_rustls().map_err(wrong)
    }
}

impl Connection {
    async fn open(outbound: &Outbound, server: &Server) -> Result<Self, Failure> {
        let addresses = outbound.mail_server(&server.host, server.port, server.security.is_encrypted()).await;
        let addresses = addresses.map_err(|error| {
            let class = if matches!(error, CallError::Refused(_)) { E::BadSender } else { E::Transient };
            Failure::new(class, error.to_string(), String::new())
        })?;
        let mut last = Failure::new(E::Transient, "the mail server has no address", String::new());
        for address in addresses {
            let opening = Self::open_at(address, server, outbound.timeouts().0);
            match timeout(outbound.timeouts().1, opening).await {
                Ok(Ok(smtp)) => return Ok(Self { smtp, mails: 0 }),
                Ok(Err(failure)) => last = failure,
                Err(_) => last = Failure::new(E::Transient, "the mail server did not answer in time", String::new()),
            }
        }
        Err(last)
    }

    async fn open_at(
        address: std::net::SocketAddr,
        server: &Server,
        connect: Duration,
    ) -> Result<AsyncSmtpConnection, Failure> {
        let hello = ClientId::Domain(server.hello.clone());
        let wrapped = if server.security == Security::Tls { Some(server.tls()?) } else { None };
        let opened = AsyncSmtpConnection::connect_tokio1(address, Some(connect), &hello, wrapped, None).await;
        let mut smtp = opened.map_err(|error| failure(&error, E::AccountSuspended))?;
        let upgrade = match server.security {
            Security::Tls | Security::None => false,
            Security::StartTls => true,
            Security::Opportunistic => smtp.can_starttls(),
        };
        if upgrade {
            if !smtp.can_starttls() {
                smtp.abort().await;
                let reason = "the server offers no STARTTLS, so nothing was sent";
                return Err(Failure::new(E::BadSender, reason, String::new()));
            }
            smtp.starttls(server.tls()?, &hello).await.map_err(|error| failure(&error, E::BadSender))?;
        }
        if let Some((user, password)) = &server.login {
            let credentials = Credentials::new(user.clone(), password.expose().to_owned());
            let signed_in = smtp.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await;
            signed_in.map_err(|error| failure(&error, E::BadCredentials))?;
        }
        Ok(smtp)
    }

    /// Sends a mail. Takes as long as it takes: the caller sets the limit, and asks [`Progress`] what a limit cut off.
    pub async fn send(&mut self, from: &Address, to: &Address, mail: &[u8], progress: &Progress) -> Fate {
        self.mails += 1;
        let fate = if let Err(fate) = self.envelope(from, to).await {
            fate
        } else {
            progress.0.store(true, Ordering::Relaxed);
            match self.smtp.message(mail).await {
                Ok(response) => Fate::Taken(response.message().collect::<Vec<_>>().join(" ")),
                Err(error) => match error.status() {
                    Some(_) => refused(&error, |_, class| class),
                    // After the final dot.
                    None => Fate::Open(words(&error)),
                },
            }
        };
        if let Fate::Refused(..) = &fate
            && self.smtp.command(Rset).await.is_err()
        {
            self.smtp.abort().await;
        }
        fate
    }

    async fn envelope(&mut self, from: &Address, to: &Address) -> Result<(), Fate> {
        let sender = |code: u16, class| match class {
            E::Transient | E::BadCredentials => class,
            // Too big.
            _ if code == 552 => E::BadContent,
            _ => E::BadSender,
        };
        let mail = self.smtp.command(Mail::new(Some(from.clone()), Vec::new())).await;
        mail.map_err(|error| refused(&error, sender))?;
        let recipient = self.smtp.command(Rcpt::new(to.clone(), Vec::new())).await;
        recipient.map_err(|error| refused(&error, |_, class| class))?;
        self.smtp.command(Data).await.map_err(|error| refused(&error, |_, class| class))?;
        Ok(())
    }

    /// The connection, if it carries one more mail.
    pub fn fit_for_more(self, most: u32) -> Option<Self> {
        (self.mails < most && !self.smtp.has_broken()).then_some(self)
    }

    /// Whether the server still answers.
    pub async fn is_alive(&mut self) -> bool {
        self.smtp.test_connected().await
    }
}

/// How far a mail got, for whoever cuts its sending off.
#[derive(Default)]
pub(crate) struct Progress(AtomicBool);

impl Progress {
    /// Whether its text was on the way, so that the server may have taken it.
    pub fn is_on_the_way(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A step before the final dot that failed: certainly not taken.
fn refused(error: &Error, judge: impl FnOnce(u16, ErrorClass) -> ErrorClass) -> Fate {
    match error.status() {
        Some(status) => {
            let (code, said) = (u16::from(status), words(error));
            Fate::Refused(judge(code, reply::class(code, &said)), said)
        }
        None => Fate::Refused(E::Transient, words(error)),
    }
}

/// A connection that could not be opened. `permanent` is the class of a refusal for good.
fn failure(error: &Error, permanent: ErrorClass) -> Failure {
    let said = words(error);
    let class = match error.status().map(u16::from) {
        Some(530 | 535) => E::BadCredentials,
        Some(code) if code >= 500 => permanent,
        // A wrong certificate stays wrong; so does a server without the ways to sign in that there are.
        None if error.is_client() || has_wrong_certificate(error) => E::BadSender,
        _ => E::Transient,
    };
    Failure::new(class, format!("the mail server: {}", reply::said(&said)), String::new())
}

fn has_wrong_certificate(error: &Error) -> bool {
    let mut causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.any(|cause| {
        let cause = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        matches!(cause.and_then(|cause| cause.downcast_ref()), Some(rustls::Error::InvalidCertificate(_)))
    })
}

/// What the server said, or what went wrong.
fn words(error: &Error) -> String {
    domain::text::cut(&error.to_string(), 200).to_owned()
}
