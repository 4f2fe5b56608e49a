//! A world: the local host in this process, in memory, on free ports, with a provider on the loopback address.

use std::time::Duration;

use jiff::Timestamp;
use local::host::{Host, Options};
use store::Clock;

use crate::{Api, Provider, eventually};

/// The host, a client without a token, and a provider.
pub struct World {
    /// The host.
    pub host: Host,
    /// A client without a token.
    pub api: Api,
    /// The provider.
    pub provider: Provider,
    /// The clock of everything.
    pub clock: Clock,
    /// Whether the clock moves only when it is told to.
    manual: bool,
}

impl World {
    /// A world on the system's clock.
    pub async fn start() -> Self {
        Self::with_clock(Clock::system(), false).await
    }

    /// A world whose time moves only when it is told to.
    pub async fn at(time: &str) -> Self {
        Self::with_clock(Clock::manual(time.parse::<Timestamp>().expect("a time")), true).await
    }

    /// A world whose time moves only when it is told to, and whose own mails go to a mail server.
    pub async fn mailing(time: &str, server: &crate::MailServer) -> Self {
        let clock = Clock::manual(time.parse::<Timestamp>().expect("a time"));
        let (mailer, mail_from) = (server.url.as_str().into(), "Dundun <alerts@dundun.example>".into());
        Self::with_options(Options { clock, mailer, mail_from, ..Options::default() }, true).await
    }

    /// A world that asks this server for the records of domains.
    pub async fn asking(dns: std::net::SocketAddr) -> Self {
        Self::with_options(Options { dns: Some(dns), ..Options::default() }, false).await
    }

    async fn with_clock(clock: Clock, manual: bool) -> Self {
        Self::with_options(Options { clock, ..Options::default() }, manual).await
    }

    async fn with_options(options: Options, manual: bool) -> Self {
        let provider = Provider::start().await;
        let clock = options.clock.clone();
        // Nobody listens there: a test that asks for records without a server of its own learns nothing.
        let dns = options.dns.or(Some(([127, 0, 0, 1], 9).into()));
        let options = Options { allow_hosts: "127.0.0.1".into(), dns, ..options };
        let host = Box::pin(Host::start(options)).await.expect("the host starts");
        let api = Api::new(&host.api);
        Self { host, api, provider, clock, manual }
    }

    /// An organization with a config that sends to the loopback provider. Gives a client of its owner and the config.
    pub async fn organization(&self, label: &str) -> (Api, serde_json::Value) {
        let api = self.api.register(label).await;
        let config = api.post("/api/providers", self.provider.config("Loopback")).await.expect(201);
        (api, config)
    }

    /// Waits until all that can be done without time passing is done.
    pub async fn idle(&mut self) {
        self.host.idle().await.expect("the queues tell their depth");
    }

    /// Moves a manual clock and waits until what that set off is done. What is under way comes to its end before: a
    /// function that runs while the clock jumps would run out of time.
    pub async fn pass(&mut self, seconds: u64) {
        self.idle().await;
        self.clock.advance(Duration::from_secs(seconds));
        self.idle().await;
    }

    /// Moves a manual clock second by second until `check` gives something.
    pub async fn until<T, F: Future<Output = Option<T>>>(
        &mut self,
        what: &str,
        seconds: u64,
        mut check: impl FnMut() -> F,
    ) -> T {
        for _ in 0..=seconds {
            if let Some(found) = check().await {
                return found;
            }
            self.pass(1).await;
        }
        panic!("did not happen within {seconds} s of the world's time: {what}");
    }

    /// A message once nothing more happens to it: `SENT`, `FAILED`, `CANCELLED` with nobody pending, or `PAUSED`. On the
    /// system's clock this polls, on a manual one the time moves.
    pub async fn settled(&mut self, api: &Api, id: &str) -> serde_json::Value {
        let path = format!("/api/messages/{id}");
        let check = || async {
            let message = api.get(&path).await.expect(200);
            let pending = message["counts"]["pending"] != 0;
            match message["status"].as_str() {
                Some("SENT" | "FAILED" | "PAUSED") => Some(message),
                Some("CANCELLED") if !pending => Some(message),
                _ => None,
            }
        };
        if self.manual {
            self.until("the message is settled", 120, check).await
        } else {
            eventually("the message is settled", 90, check).await
        }
    }

    /// Ends the world. A message in a dead-letter queue is a defect, so the test fails on it.
    pub async fn end(mut self) {
        self.idle().await;
        for queue in engine::Queue::ALL {
            let depth = self.host.sqs.depth(&format!("dundun-{}-dlq", queue.name())).await.expect("the queue is there");
            assert!(depth.is_idle(), "the dead-letter queue of {} is not empty", queue.name());
        }
        self.host.stop().await;
    }
}
