//! What every provider does: send, test, tell the balance, and read its webhooks. One file per provider implements it.

use std::time::Duration;

use domain::{Violation, delivery::ErrorClass, money::Money};
use futures::future::{BoxFuture, ready};
use jiff::Timestamp;

use crate::{
    kind::{Channel, Kind},
    outbound::Outbound,
    secret::{Credentials, Secret},
};

pub use crate::{
    outgoing::Outgoing,
    webhook::{
        Forged, Inbound, Receipt, ReceiptError, ReceiptStatus, Simulated, Suppressed, Unreadable, WebhookRequest,
    },
};

/// A provider. Implementations hold no state: what they need comes with the [`Account`].
pub trait Provider: Send + Sync {
    /// What is wrong with the settings and the sender, beyond what the catalogue says.
    fn check(&self, account: &Account, outbound: &Outbound) -> Vec<Violation>;

    /// Sends each of `batch`. The outcomes have the order and the length of `batch`.
    fn send<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        batch: &'a [Outgoing],
    ) -> BoxFuture<'a, Vec<Outcome>>;

    /// Tries the credentials. Sends nothing.
    fn test<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> BoxFuture<'a, Result<TestReport, Failure>>;

    /// What is left on the account; `None` if the provider does not tell, or counts what is no money. Sends nothing.
    fn balance<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
    ) -> BoxFuture<'a, Result<Option<Money>, Failure>> {
        let _ = (account, outbound);
        Box::pin(ready(Ok(None)))
    }

    /// Whether the provider made this webhook call. Works on the raw bytes, so it comes before [`Provider::receipts`].
    /// Providers that sign nothing pass: the token in the path is all there is.
    fn verify(&self, account: &Account, request: &WebhookRequest) -> Result<(), Forged>;

    /// What to answer to a call by which the provider only tries the address, before it uses it; `None` for calls that
    /// report. It comes after [`Provider::verify`].
    fn handshake(&self, request: &WebhookRequest) -> Option<String> {
        let _ = request;
        None
    }

    /// Fetches what [`Provider::verify`] of this call will need, such as a certificate. Works on a call that nobody has
    /// proven yet; a failure says that it cannot be judged now.
    fn prepare<'a>(
        &'a self,
        outbound: &'a Outbound,
        request: &'a WebhookRequest,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        let _ = (outbound, request);
        Box::pin(ready(Ok(())))
    }

    /// Does what a proven webhook call asks for when the webhook is set up, such as confirming a subscription.
    fn confirm<'a>(
        &'a self,
        outbound: &'a Outbound,
        request: &'a WebhookRequest,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        let _ = (outbound, request);
        Box::pin(ready(Ok(())))
    }

    /// What a webhook call says. Calls about other things (an incoming text) and steps that mean nothing to us
    /// (`queued`) give none.
    fn receipts(&self, account: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable>;

    /// What people wrote, or did at the provider, as a webhook call says it. Calls about other things give none.
    /// Providers that nobody can write to have none.
    fn inbound(&self, account: &Account, request: &WebhookRequest) -> Result<Vec<Inbound>, Unreadable> {
        let _ = (account, request);
        Ok(Vec::new())
    }

    /// Who is to get no more messages, and why, as a webhook call says it: bounces for good, complaints, and whoever
    /// unsubscribed at the provider. Calls about other things give none.
    fn suppressed(&self, account: &Account, request: &WebhookRequest) -> Result<Vec<Suppressed>, Unreadable> {
        let _ = (account, request);
        Ok(Vec::new())
    }

    /// Whether a body in the answer to what somebody wrote would go to them as a reply.
    fn replies_with_body(&self) -> bool {
        false
    }

    /// Whether receipts may hold nothing but the provider's id, neither ours nor the recipient's address: then it must be
    /// noted at once which delivery has that id.
    fn names_only_ids(&self) -> bool {
        false
    }

    /// How many recipients one call takes.
    fn batch_size(&self, account: &Account) -> usize {
        let _ = account;
        1
    }

    /// How many calls one [`Provider::send`] makes at a time.
    fn at_once(&self, account: &Account) -> usize {
        let _ = account;
        1
    }

    /// How many of `rest`, from its front, one [`Provider::send`] takes with all its calls starting at once, so that it
    /// ends within [`crate::outbound::LONGEST_CALL`]. At least 1 of a `rest` that is not empty. More than that is sent
    /// correctly too, but takes several times as long.
    fn window(&self, account: &Account, rest: &[Outgoing]) -> usize {
        rest.len().min(self.batch_size(account).saturating_mul(self.at_once(account)))
    }

    /// The most recipients per minute that the settings allow; `None` if they leave it to the config.
    fn rate_per_minute(&self, account: &Account) -> Option<u32> {
        let _ = account;
        None
    }

    /// For how long the provider knows a submission again by [`Outgoing::idempotency_key`]: sending it once more within
    /// that time does no harm. `None`: it takes no key.
    fn remembers(&self, account: &Account) -> Option<Duration> {
        let _ = account;
        None
    }

    /// How long after a submission [`Provider::look_up`] tells the truth about it; `None` if the provider cannot be asked.
    fn look_up_after(&self) -> Option<Duration> {
        None
    }

    /// Asks the provider for texts that may be `outgoing`, submitted at `since` or later: the same recipient and text, as
    /// receipts with the provider's id. None of them: it was never submitted, as long as [`Provider::look_up_after`] has
    /// passed. A failure says that this cannot be told.
    fn look_up<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        outgoing: &'a Outgoing,
        since: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Receipt>, Failure>> {
        let _ = (account, outbound, outgoing, since);
        let failure = Failure::new(ErrorClass::Ambiguous, "this provider cannot be asked", String::new());
        Box::pin(ready(Err(failure)))
    }

    /// The receipts that a simulated provider gives for a text it accepted (or left unknown), and after how long.
    /// Real providers give none.
    fn simulate(&self, outgoing: &Outgoing) -> Vec<Simulated> {
        let _ = outgoing;
        Vec::new()
    }
}

/// A provider config, ready for use.
#[derive(Debug, Clone)]
pub struct Account {
    /// Which provider.
    pub kind: Kind,
    /// The channel of this config.
    pub channel: Channel,
    /// By field name (`apiKey`).
    pub credentials: Credentials,
    /// As in the API; the shape depends on the kind. `Null` for none.
    pub settings: serde_json::Value,
    /// The sender that recipients see.
    pub sender_id: Option<String>,
    /// Replaces the provider's base URL.
    pub api_url: Option<String>,
    /// The public address of this config's webhook, without a query.
    pub webhook_url: Option<String>,
}

impl Account {
    /// A credential that is there and not empty.
    pub fn credential(&self, name: &str) -> Option<&Secret> {
        self.credentials.get(name).filter(|secret| !secret.expose().is_empty())
    }

    /// A credential, or the failure that says which one is missing.
    pub(crate) fn require(&self, name: &str) -> Result<&str, Failure> {
        self.credential(name).map(Secret::expose).ok_or_else(|| {
            Failure::new(ErrorClass::BadCredentials, format!("the credential `{name}` is missing"), String::new())
        })
    }

    /// The sender that recipients see, if there is one.
    pub(crate) fn sender(&self) -> Option<&str> {
        self.sender_id.as_deref().filter(|sender| !sender.is_empty())
    }
}

/// What became of one recipient. `response` is the provider's answer, cut to [`crate::answer::RESPONSE_LENGTH`]
/// characters, credentials replaced by `****`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The provider took it.
    Accepted {
        /// The provider's id.
        id: Option<String>,
        /// What it costs, if told at once.
        cost: Option<Money>,
        /// The provider's count of parts.
        segments: Option<u32>,
        /// The answer.
        response: String,
    },
    /// The provider refused it; the same request will be refused again. Classes that concern the account
    /// (credentials, balance, sender, suspension) concern all recipients.
    Rejected {
        /// Why, for programs.
        class: ErrorClass,
        /// Why, for people.
        reason: String,
        /// The answer.
        response: String,
    },
    /// It was certainly not taken, and may be tried again.
    Retry {
        /// Not before, if the provider said so.
        after: Option<Duration>,
        /// `RATE_LIMITED` or `TRANSIENT`.
        class: ErrorClass,
        /// Why, for people.
        reason: String,
    },
    /// Nobody knows whether it was taken. Never sent again without being asked to.
    Unknown {
        /// Why, for people.
        reason: String,
    },
}

/// A test that went well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestReport {
    /// What was tried and found, for people.
    pub message: String,
    /// Whether the provider was asked at all; a config without a test request is only read.
    pub asked: bool,
    /// What is left on the account, where the same call tells.
    pub balance: Option<Money>,
}

/// A test or a balance query that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Failure {
    /// For programs.
    pub class: ErrorClass,
    /// For people.
    pub reason: String,
    /// The provider's answer, cut and without credentials.
    pub response: String,
}

impl Failure {
    pub(crate) fn new(class: ErrorClass, reason: impl Into<String>, response: String) -> Self {
        Self { class, reason: reason.into(), response }
    }
}
