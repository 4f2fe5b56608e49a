//! What every provider does: send, test, tell the balance, and read its webhooks. One file per provider implements it.
//!
//! A kind that takes one text a call says how that call is made ([`Provider::submission`]) and what its answer means
//! ([`Provider::taken`], [`Provider::known`]); the calls themselves are made here. Kinds whose calls take several texts
//! have a [`Provider::send`] of their own. A test and a balance are a question and its answer in the same way.

use std::time::Duration;

use domain::{Violation, delivery::ErrorClass, dns::DnsRecord, money::Money};
use futures::future::{BoxFuture, ready};
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    answer::{self, Known},
    email, look_up,
    outbound::{Answer, Call, Outbound},
    request,
};

pub use crate::{
    account::Account,
    look_up::Sought,
    outcome::{Failure, Outcome, TestReport},
    outgoing::Outgoing,
    webhook::{
        Engagement, Forged, Inbound, Receipt, ReceiptError, ReceiptStatus, Simulated, Suppressed, SuppressionPage,
        Unreadable, WebhookRequest,
    },
};

/// The outcomes of a batch, in its order and of its length.
pub type Sending<'a> = BoxFuture<'a, Vec<Outcome>>;

/// What a call that sends nothing finds out.
pub type Asking<'a, T> = BoxFuture<'a, Result<T, Failure>>;

/// A provider. Implementations hold no state: what they need comes with the [`Account`].
pub trait Provider: Send + Sync {
    /// What is wrong with the settings and the sender, beyond what the catalogue says.
    fn check(&self, account: &Account, outbound: &Outbound) -> Vec<Violation>;

    /// Sends each of `batch`. The outcomes have the order and the length of `batch`. As it stands here, each text is a
    /// call of its own.
    fn send<'a>(&'a self, account: &'a Account, outbound: &'a Outbound, batch: &'a [Outgoing]) -> Sending<'a> {
        Box::pin(request::each(self, account, outbound, batch))
    }

    /// The call that submits one text.
    fn submission(&self, account: &Account, outgoing: &Outgoing) -> Result<Call, Failure> {
        let _ = (account, outgoing);
        Err(Failure::new(ErrorClass::BadContent, "this provider takes no single text", String::new()))
    }

    /// What an answer of 2xx to [`Provider::submission`] says. As it stands here: that the text was taken.
    fn taken(&self, account: &Account, answer: &Answer) -> Outcome {
        Outcome::accepted(None, answer::kept(account, &answer.body))
    }

    /// What the provider's own code in an answer that refuses says; the status decides about others.
    fn known(&self, answer: &Answer) -> Known {
        let _ = answer;
        None
    }

    /// Tries the credentials. Sends nothing.
    fn test<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> Asking<'a, TestReport> {
        Box::pin(request::test(self, account, outbound))
    }

    /// The call of a test. As it stands here, the question for the balance, which proves the credentials too.
    fn question(&self, account: &Account) -> Result<Call, Failure> {
        let none = || Failure::new(ErrorClass::BadSender, "this provider has nothing to be tried on", String::new());
        self.balance_question(account)?.ok_or_else(none)
    }

    /// What the answer to [`Provider::question`] says.
    fn answered(&self, account: &Account, page: &Value) -> Result<TestReport, Failure> {
        let _ = account;
        Ok(TestReport { balance: self.left(page)?, ..TestReport::good("the credentials are good") })
    }

    /// What is left on the account; `None` if the provider does not tell, or counts what is no money. Sends nothing.
    fn balance<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> Asking<'a, Option<Money>> {
        Box::pin(request::balance(self, account, outbound))
    }

    /// The call that asks for the balance; `None` if the provider does not tell it.
    fn balance_question(&self, account: &Account) -> Result<Option<Call>, Failure> {
        let _ = account;
        Ok(None)
    }

    /// The balance in the answer to [`Provider::balance_question`].
    fn left(&self, page: &Value) -> Result<Option<Money>, Failure> {
        let _ = page;
        Ok(None)
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
    fn prepare<'a>(&'a self, outbound: &'a Outbound, request: &'a WebhookRequest) -> Asking<'a, ()> {
        let _ = (outbound, request);
        Box::pin(ready(Ok(())))
    }

    /// Does what a proven webhook call asks for when the webhook is set up, such as confirming a subscription.
    fn confirm<'a>(&'a self, outbound: &'a Outbound, request: &'a WebhookRequest) -> Asking<'a, ()> {
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

    /// What people did with mails, as a webhook call says it: opens and clicks. Calls about other things give none.
    fn engagements(&self, account: &Account, request: &WebhookRequest) -> Result<Vec<Engagement>, Unreadable> {
        let _ = (account, request);
        Ok(Vec::new())
    }

    /// Whether the provider keeps a list of its own of who gets no more, by [`Provider::suppressions`].
    fn keeps_suppressions(&self) -> bool {
        false
    }

    /// A page of that list, behind the place that the page before named. Changes nothing.
    fn suppressions<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        after: Option<&'a str>,
    ) -> Asking<'a, SuppressionPage> {
        let _ = (account, outbound, after);
        Box::pin(ready(Ok(SuppressionPage::default())))
    }

    /// The records that a domain needs in DNS to send by this account, which is told of the domain if it does not know it.
    /// As it stands here, what is right for a mail server of one's own.
    fn domain_records<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        name: &'a str,
    ) -> Asking<'a, Vec<DnsRecord>> {
        let _ = outbound;
        Box::pin(ready(Ok(email::advice(account, name))))
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

    /// Asks the provider for texts that may be `outgoing`, submitted at `since` or later, as receipts with the provider's
    /// id; with ours where it proves the text, and not merely the recipient and the words. None of them: it was never
    /// submitted, as long as [`Provider::look_up_after`] has passed. A failure says that this cannot be told.
    fn look_up<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        outgoing: &'a Outgoing,
        since: Timestamp,
    ) -> Asking<'a, Vec<Receipt>> {
        Box::pin(look_up::look_up(self, outbound, Sought { account, outgoing, since }))
    }

    /// The call that lists texts which may be what is sought, for [`Provider::look_up`].
    fn search(&self, sought: &Sought<'_>) -> Result<Call, Failure> {
        let _ = sought;
        Err(look_up::unclear("this provider cannot be asked"))
    }

    /// Those of a page of [`Provider::search`] that may be what is sought.
    fn found(&self, sought: &Sought<'_>, page: &Value) -> Result<Vec<Receipt>, Failure> {
        let _ = (sought, page);
        Ok(Vec::new())
    }

    /// The address of the page behind a page of [`Provider::search`]; `None` behind the last.
    fn next_page(&self, page: &Value) -> Option<String> {
        let _ = page;
        None
    }

    /// Whether [`Provider::ask`] can tell how far a text is.
    fn can_be_asked(&self) -> bool {
        false
    }

    /// Asks how far the text is that has this id at the provider, as a receipt; `None`: no further than accepted.
    fn ask<'a>(&'a self, account: &'a Account, outbound: &'a Outbound, id: &'a str) -> Asking<'a, Option<Receipt>> {
        Box::pin(request::how_far(self, account, outbound, id))
    }

    /// The call by which [`Provider::ask`] asks for the text that has this id, which is fit for a path.
    fn how_far(&self, account: &Account, id: &str) -> Result<Call, Failure> {
        let _ = (account, id);
        Err(look_up::unclear("this provider cannot be asked"))
    }

    /// What the answer to [`Provider::how_far`] says.
    fn got(&self, page: &Value) -> Result<Option<Receipt>, Unreadable> {
        let _ = page;
        Ok(None)
    }

    /// The receipts that a simulated provider gives for a text it accepted (or left unknown), and after how long.
    /// Real providers give none.
    fn simulate(&self, outgoing: &Outgoing) -> Vec<Simulated> {
        let _ = outgoing;
        Vec::new()
    }
}
