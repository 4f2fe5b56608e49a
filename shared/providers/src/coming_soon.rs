//! What stands in for kinds that are not built yet.

use domain::{Violation, delivery::ErrorClass};
use futures::future::{BoxFuture, ready};

use crate::{
    outbound::Outbound,
    outgoing::Outgoing,
    provider::{Account, Failure, Forged, Outcome, Provider, Receipt, TestReport, Unreadable, WebhookRequest},
};

/// Refuses everything.
pub(crate) struct ComingSoon;

impl ComingSoon {
    const REASON: &str = "this kind of provider cannot be used yet";

    fn failure() -> Failure {
        Failure::new(ErrorClass::BadSender, Self::REASON, String::new())
    }
}

impl Provider for ComingSoon {
    fn check(&self, _: &Account, _: &Outbound) -> Vec<Violation> {
        vec![Violation::new("/kind", "kind_coming_soon", Self::REASON)]
    }

    fn send<'a>(&'a self, _: &'a Account, _: &'a Outbound, batch: &'a [Outgoing]) -> BoxFuture<'a, Vec<Outcome>> {
        let rejected = Outcome::Rejected {
            class: ErrorClass::BadSender,
            reason: Self::REASON.to_owned(),
            response: String::new(),
        };
        Box::pin(ready(vec![rejected; batch.len()]))
    }

    fn test<'a>(&'a self, _: &'a Account, _: &'a Outbound) -> BoxFuture<'a, Result<TestReport, Failure>> {
        Box::pin(ready(Err(Self::failure())))
    }

    fn verify(&self, _: &Account, _: &WebhookRequest) -> Result<(), Forged> {
        Err(Forged(Self::REASON.to_owned()))
    }

    fn receipts(&self, _: &Account, _: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        Err(Unreadable(Self::REASON.to_owned()))
    }
}
