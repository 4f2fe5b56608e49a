//! The HTTP client for addresses that customers typed: guarded, pinned, capped, without redirects or proxies. The same
//! guard says where a mail server may be connected to.
//!
//! Invariant: a connection is only ever opened to an address that [`crate::guard`] permitted, because the client's
//! only resolver is the one here and literal addresses are checked before the call. An error says whether the
//! request may have left, since only what has not left may be sent again.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use http::{HeaderMap, Method};
use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
};
use url::{Position, Url};

use crate::{
    guard::{self, AllowList, Reach, Refused},
    smtp_connection,
};

/// The longest a call may take, from the first packet to the last byte of the answer.
pub const LONGEST_CALL: Duration = Duration::from_secs(10);
/// The most of an answer that is read, in bytes.
pub const LARGEST_ANSWER: usize = 256 * 1024;
/// How long an idle connection is kept. Short: a connection that the other side closes while a request is on its way
/// makes that request's fate unknown.
const IDLE: Duration = Duration::from_secs(3);

/// One request.
#[derive(Clone)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Headers; `HeaderValue` keeps CR and LF out of them.
    pub headers: HeaderMap,
    /// The body, empty for none.
    pub body: Bytes,
    /// At most this long, and at most the client's own limit.
    pub timeout: Duration,
}

impl Call {
    /// A call without headers or body.
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: Bytes::new(), timeout: LONGEST_CALL }
    }
}

/// An answer of any status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most [`LARGEST_ANSWER`] bytes.
    pub body: Bytes,
}

impl Answer {
    /// Whether the status is one of 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why there is no answer. Texts hold neither the URL nor anything that was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The guard said no: nothing was sent, and trying again will not help.
    #[error("{0}")]
    Refused(String),
    /// Nothing of the request left: the name did not resolve, or the connection or TLS failed. Safe to try again.
    #[error("the provider could not be reached: {0}")]
    NotSent(String),
    /// The request may have arrived: a timeout or a broken connection after it was (or may have been) written.
    #[error("the provider may have received the request: {0}")]
    Ambiguous(String),
}

/// Resolves a host name to addresses; replaced in tests.
pub(crate) type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The client. Cheap to clone; connections are shared and opened lazily, and so are the root certificates read.
#[derive(Clone)]
pub struct Outbound(Arc<Inner>);

struct Inner {
    /// Connections to mail servers that wait for the next mail.
    mail: smtp_connection::Pool,
    allow: AllowList,
    lookup: Lookup,
    connect_timeout: Duration,
    timeout: Duration,
    /// An origin, and what is called in its place.
    stand_in: Option<(String, Url)>,
    public: OnceLock<Result<Client, String>>,
    listed: OnceLock<Result<Client, String>>,
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").field("allow", &self.0.allow).finish_non_exhaustive()
    }
}

impl Outbound {
    /// A client that reaches public addresses, and what `allow` lists.
    pub fn new(allow: AllowList) -> Self {
        let lookup: Lookup = Arc::new(|host| Box::pin(system_lookup(host)));
        let (mail, public, listed) = (smtp_connection::Pool::default(), OnceLock::new(), OnceLock::new());
        let (connect_timeout, timeout, stand_in) = (Duration::from_secs(5), LONGEST_CALL, None);
        Self(Arc::new(Inner { mail, allow, lookup, connect_timeout, timeout, stand_in, public, listed }))
    }

    /// The same with shorter limits: for the connection (names and TLS included) and for a whole call.
    #[must_use]
    pub fn with_timeouts(self, connect: Duration, whole: Duration) -> Self {
        self.rebuilt(|inner| (inner.connect_timeout, inner.timeout) = (connect, whole.min(LONGEST_CALL)))
    }

    #[cfg(test)]
    pub(crate) fn with_lookup(self, lookup: Lookup) -> Self {
        self.rebuilt(|inner| inner.lookup = lookup)
    }

    /// The same, but what would go to `origin` (`https://name`) goes to the scheme, host and port of `instead`, so that
    /// tests can stand in for an address that no setting changes. The guard judges what is really called.
    #[must_use]
    pub fn with_stand_in(self, origin: &str, instead: Url) -> Self {
        self.rebuilt(|inner| inner.stand_in = Some((origin.to_owned(), instead)))
    }

    /// The same limits and names with a change, without connections.
    fn rebuilt(&self, change: impl FnOnce(&mut Inner)) -> Self {
        let old = &self.0;
        let mut inner = Inner {
            mail: smtp_connection::Pool::default(),
            allow: old.allow.clone(),
            lookup: old.lookup.clone(),
            connect_timeout: old.connect_timeout,
            timeout: old.timeout,
            stand_in: old.stand_in.clone(),
            public: OnceLock::new(),
            listed: OnceLock::new(),
        };
        change(&mut inner);
        Self(Arc::new(inner))
    }

    /// Connections to mail servers that wait for the next mail.
    pub(crate) fn mail(&self) -> &smtp_connection::Pool {
        &self.0.mail
    }

    /// The longest that a connection and a whole exchange may take.
    pub(crate) fn timeouts(&self) -> (Duration, Duration) {
        (self.0.connect_timeout, self.0.timeout)
    }

    /// Checks the host and port of a mail server as far as that goes without resolving it. `encrypted`: whether the
    /// connection will be, whatever the server says.
    pub fn check_mail_server(&self, host: &str, port: u16, encrypted: bool) -> Result<(), Refused> {
        guard::check_mail_server(&self.0.allow, host, port, encrypted).map(drop)
    }

    /// The addresses at which a mail server may be connected to: those that the guard permits, and no other.
    pub(crate) async fn mail_server(
        &self,
        host: &str,
        port: u16,
        encrypted: bool,
    ) -> Result<Vec<SocketAddr>, CallError> {
        let refused = |refused: Refused| CallError::Refused(refused.0);
        let reach = guard::check_mail_server(&self.0.allow, host, port, encrypted).map_err(refused)?;
        if let Ok(address) = host.parse() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let limit = tokio::time::timeout(self.0.connect_timeout, (self.0.lookup)(host.to_owned())).await;
        let not_sent = |why: String| CallError::NotSent(why);
        let found = limit.map_err(|_| not_sent("the name did not resolve in time".to_owned()))?;
        let found = found.map_err(|error| not_sent(error.to_string()))?;
        let permitted = permitted(&self.0.allow, reach, host, found).map_err(refused)?;
        Ok(permitted.into_iter().map(|address| SocketAddr::new(address, port)).collect())
    }

    /// Checks a URL as far as that goes without resolving its host: scheme, port, literal address, user name.
    pub fn check(&self, url: &Url) -> Result<(), Refused> {
        guard::check(&self.0.allow, url).map(drop)
    }

    /// Makes the call. Any status is an answer; a redirect is not followed.
    pub async fn call(&self, mut call: Call) -> Result<Answer, CallError> {
        if let Some((origin, instead)) = &self.0.stand_in
            && call.url.origin().ascii_serialization() == *origin
        {
            let path = call.url[Position::BeforePath..].to_owned();
            call.url = instead.join(&path).map_err(|error| CallError::Refused(error.to_string()))?;
        }
        let reach = guard::check(&self.0.allow, &call.url).map_err(|refused| CallError::Refused(refused.0))?;
        let client = self.client(reach).map_err(CallError::NotSent)?;
        let request = client
            .request(call.method, call.url)
            .headers(call.headers)
            .timeout(call.timeout.min(self.0.timeout))
            .body(call.body);
        let mut response = request.send().await.map_err(classify)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = BytesMut::new();
        loop {
            match response.chunk().await {
                Ok(None) => break,
                Ok(Some(chunk)) if body.len() + chunk.len() <= LARGEST_ANSWER => body.extend_from_slice(&chunk),
                // A refusal is one, however its text ends.
                _ if !status.is_success() => break,
                Ok(Some(_)) => return Err(CallError::Ambiguous("its answer is larger than 256 KB".to_owned())),
                Err(error) => return Err(CallError::Ambiguous(cause(&error))),
            }
        }
        Ok(Answer { status: status.as_u16(), headers, body: body.freeze() })
    }

    fn client(&self, reach: Reach) -> Result<&Client, String> {
        let cell = match reach {
            Reach::Public => &self.0.public,
            Reach::Listed => &self.0.listed,
        };
        cell.get_or_init(|| self.make_client(reach)).as_ref().map_err(Clone::clone)
    }

    fn make_client(&self, reach: Reach) -> Result<Client, String> {
        // Somebody else may have installed a provider first: any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Client::builder()
            .user_agent("dundun")
            .dns_resolver(Guarded { allow: self.0.allow.clone(), lookup: self.0.lookup.clone(), reach })
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .https_only(reach == Reach::Public)
            .connect_timeout(self.0.connect_timeout)
            .pool_idle_timeout(IDLE)
            .build()
            .map_err(|error| format!("the HTTP client could not be built: {}", cause(&error)))
    }
}

/// The resolver that lets only permitted addresses through. One address that is not condemns the public ones beside it
/// (such answers are made to get round checks); those on the allow-list stay.
struct Guarded {
    allow: AllowList,
    lookup: Lookup,
    reach: Reach,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (allow, lookup, reach) = (self.allow.clone(), self.lookup.clone(), self.reach);
        Box::pin(async move {
            let addresses = lookup(name.as_str().to_owned()).await?;
            if addresses.is_empty() {
                return Err("the name has no address".into());
            }
            let addresses = permitted(&allow, reach, name.as_str(), addresses)?;
            // Port 0 stands for the URL's port.
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

/// Those of a name's addresses that may be connected to.
fn permitted(allow: &AllowList, reach: Reach, name: &str, mut addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, Refused> {
    let all_public = reach == Reach::Public && addresses.iter().all(|address| allow.permits(*address));
    if !all_public && !allow.has_name(name) {
        // Such as `localhost`, which is `::1` too where only `127.0.0.1` is listed.
        addresses.retain(|address| allow.has_address(*address));
        if addresses.is_empty() {
            return Err(guard::not_public());
        }
    }
    Ok(addresses)
}

async fn system_lookup(host: String) -> io::Result<Vec<IpAddr>> {
    Ok(tokio::net::lookup_host((host.as_str(), 0)).await?.map(|address| address.ip()).collect())
}

/// Before or after the request was written? Everything that fails inside the connector (names, TCP, TLS) is before.
fn classify(error: reqwest::Error) -> CallError {
    let error = error.without_url();
    if let Some(refused) = find::<Refused>(&error) {
        CallError::Refused(refused.0.clone())
    } else if error.is_connect() || error.is_builder() {
        CallError::NotSent(cause(&error))
    } else if error.is_timeout() {
        CallError::Ambiguous("no answer in time".to_owned())
    } else {
        CallError::Ambiguous(cause(&error))
    }
}

fn find<'a, E: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a E> {
    std::iter::successors(Some(error), |error| error.source()).find_map(|error| error.downcast_ref())
}

/// The innermost cause: the outer texts repeat what the caller says anyway.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| error.source()).last().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
#[path = "tests/outbound.rs"]
mod tests;
