//! Asking a provider whether it has a text: page for page of what it lists, and never at another host, because our
//! credentials go there.

use domain::delivery::ErrorClass;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use url::Url;

use crate::{
    outbound::Outbound,
    outgoing::Outgoing,
    provider::{Account, Failure, Provider, Receipt},
    request,
};

/// What lists more pages than this is left to a person.
pub(crate) const PAGES: usize = 10;
/// How far the provider's clock may be behind ours.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// A text whose fate is open.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// The config that it went out by.
    pub account: &'a Account,
    /// The text.
    pub outgoing: &'a Outgoing,
    /// When it was submitted at the earliest.
    pub since: Timestamp,
}

impl Sought<'_> {
    /// The time from which on it may be listed, by their clock.
    pub(crate) fn earliest(&self) -> Timestamp {
        self.since - SKEW
    }

    /// Whether something was made before it could have been submitted. A date that is missing tells nothing.
    pub(crate) fn is_too_old(&self, made: Option<Timestamp>) -> Result<bool, Failure> {
        made.map(|made| made < self.earliest()).ok_or_else(|| unclear("a listed text has no date"))
    }
}

/// Whatever the provider lists of a text.
pub(crate) async fn look_up<P: Provider + ?Sized>(
    provider: &P,
    outbound: &Outbound,
    sought: Sought<'_>,
) -> Result<Vec<Receipt>, Failure> {
    let first = provider.search(&sought)?;
    let (mut url, mut found) = (first.url.clone(), Vec::new());
    for _ in 0..PAGES {
        let mut call = first.clone();
        call.url = url;
        let page: Value = request::ask(sought.account, outbound, call, |answer| provider.known(answer)).await?;
        found.extend(provider.found(&sought, &page)?);
        match provider.next_page(&page) {
            None => return Ok(found),
            Some(next) => url = follow(&first.url, &next)?,
        }
    }
    Err(unclear("the recipient got too many texts to look through"))
}

/// The failure that says that a look-up cannot tell.
pub(crate) fn unclear(reason: &str) -> Failure {
    Failure::new(ErrorClass::Ambiguous, reason, String::new())
}

fn follow(first: &Url, next: &str) -> Result<Url, Failure> {
    first
        .join(next)
        .ok()
        .filter(|url| url.origin() == first.origin())
        .ok_or_else(|| unclear("the next page is not at the same address"))
}
