//! `SANDBOX`: accepts everything and calls nobody. Magic numbers make it fail in every way there is.
//! docs/providers/sandbox.md has the same table, and a test compares them.
//!
//! Invariant: it is a function of the recipient and the attempt; nothing is random.

use std::time::Duration;

use domain::{Violation, delivery::ErrorClass};
use futures::future::ready;

use crate::{
    answer,
    outbound::Outbound,
    provider::{
        Account, Asking, Forged, Outcome, Outgoing, Provider, Receipt, ReceiptStatus, Sending, Simulated, TestReport,
        Unreadable, WebhookRequest,
    },
    validate,
};

/// The provider without a provider.
pub struct Sandbox;

/// There is nothing to set.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {}

/// What follows from the last six digits of a recipient.
#[derive(Debug, Clone, Copy)]
struct Magic {
    /// The last six digits of the number, or of what stands before the `@`.
    ending: &'static str,
    /// The answer to the submission.
    answer: Reaction,
    /// The receipts.
    receipts: &'static [Step],
    /// For people; docs/providers/sandbox.md says the same.
    meaning: &'static str,
}

#[derive(Debug, Clone, Copy)]
enum Reaction {
    Accept,
    Fail(ErrorClass),
    /// Fails on the first attempt only.
    FailOnce(ErrorClass),
}

use self::Reaction::{Accept, Fail, FailOnce};
use self::ReceiptStatus::{Delivered, Failed, Read, Sent};
use ErrorClass as E;

/// A receipt: after how many seconds, which, and why it failed.
type Step = (u64, ReceiptStatus, Option<ErrorClass>);

const DELIVERED: &[Step] = &[(1, Delivered, None)];

const ORDINARY: Magic = row("", Accept, DELIVERED, "accepted, delivered after 1 second");

const MAGIC: &[Magic] = &[
    // The submission fails.
    row("999001", Fail(E::InvalidRecipient), &[], "refused: the number cannot receive"),
    row("999002", Fail(E::OptedOut), &[], "refused: the recipient opted out"),
    row("999003", Fail(E::InsufficientBalance), &[], "refused: no balance left (pauses the config)"),
    row("999004", Fail(E::BadCredentials), &[], "refused: bad credentials (pauses the config)"),
    row("999005", Fail(E::BadSender), &[], "refused: the sender is not allowed (pauses the config)"),
    row("999006", Fail(E::BadContent), &[], "refused: the text is not allowed"),
    row("999007", Fail(E::RateLimited), &[], "too many requests, every time; asks for 1 second"),
    row("999008", Fail(E::Transient), &[], "temporary failure, every time"),
    row("999009", Fail(E::Ambiguous), &[], "no answer: nobody knows whether it was taken"),
    row("999010", Fail(E::AccountSuspended), &[], "refused: the account is suspended (pauses the config)"),
    row("999011", Fail(E::Template), &[], "refused: the template is not approved"),
    row("999012", FailOnce(E::Transient), DELIVERED, "temporary failure once, accepted at the second attempt"),
    row("999013", FailOnce(E::RateLimited), DELIVERED, "too many requests once, accepted at the second attempt"),
    // The submission is accepted; the receipts are special.
    row("999021", Accept, &[(1, Failed, Some(E::InvalidRecipient))], "accepted, then fails: not reachable"),
    row("999022", Accept, &[], "accepted, no receipt ever"),
    row("999023", Accept, &[(1, Delivered, None), (2, Read, None)], "delivered, then read"),
    row("999024", Accept, &[(1, Delivered, None), (1, Delivered, None)], "the receipt comes twice"),
    row(
        "999025",
        Accept,
        &[(1, Read, None), (2, Delivered, None), (3, Sent, None)],
        "the receipts come in the wrong order",
    ),
    row("999026", Accept, &[(1, Failed, Some(E::Transient)), (2, Delivered, None)], "fails, then arrives after all"),
    row("999027", Accept, &[(60, Delivered, None)], "the receipt comes after 60 seconds"),
    row("999028", Accept, &[(1, Failed, Some(E::OptedOut))], "accepted, then fails: the recipient opted out"),
    row("999029", Fail(E::Ambiguous), &[(2, Delivered, None)], "no answer, but the receipt proves that it was taken"),
];

const fn row(ending: &'static str, answer: Reaction, receipts: &'static [Step], meaning: &'static str) -> Magic {
    Magic { ending, answer, receipts, meaning }
}

/// The row for a recipient: by the last six digits of a number, or of what stands before the `@` of an e-mail address.
fn magic(to: &str) -> &'static Magic {
    let digits: String = to.split('@').next().unwrap_or(to).chars().filter(char::is_ascii_digit).collect();
    MAGIC.iter().find(|magic| digits.ends_with(magic.ending)).unwrap_or(&ORDINARY)
}

/// The provider's id of a text: derived, so that receipts find it without memory.
fn id(outgoing: &Outgoing) -> String {
    format!("sandbox-{}", outgoing.delivery_id)
}

fn submit(outgoing: &Outgoing) -> Outcome {
    let magic = magic(&outgoing.to);
    let failing = match magic.answer {
        Accept => None,
        Fail(class) => Some(class),
        FailOnce(class) => (outgoing.attempt <= 1).then_some(class),
    };
    let response = format!("sandbox: {}", magic.meaning);
    match failing {
        None => Outcome::Accepted { id: Some(id(outgoing)), cost: None, segments: Some(outgoing.segments), response },
        Some(class) => {
            let after = (class == E::RateLimited).then(|| Duration::from_secs(1));
            answer::outcome(class, response.clone(), after, response)
        }
    }
}

impl Provider for Sandbox {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        validate::settings::<Settings>(&account.settings).err().into_iter().collect()
    }

    fn send<'a>(&'a self, _: &'a Account, _: &'a Outbound, batch: &'a [Outgoing]) -> Sending<'a> {
        Box::pin(ready(batch.iter().map(submit).collect()))
    }

    fn test<'a>(&'a self, _: &'a Account, _: &'a Outbound) -> Asking<'a, TestReport> {
        Box::pin(ready(Ok(TestReport::unasked("the sandbox is always there; it reaches nobody"))))
    }

    fn verify(&self, _: &Account, _: &WebhookRequest) -> Result<(), Forged> {
        Err(Forged("the sandbox makes no webhook calls".to_owned()))
    }

    fn receipts(&self, _: &Account, _: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        Err(Unreadable("the sandbox makes no webhook calls".to_owned()))
    }

    fn batch_size(&self, _: &Account) -> usize {
        100
    }

    fn simulate(&self, outgoing: &Outgoing) -> Vec<Simulated> {
        let magic = magic(&outgoing.to);
        let receipt = |status, class: Option<ErrorClass>| Receipt {
            correlation: Some(outgoing.delivery_id),
            provider_message_id: Some(id(outgoing)),
            phone: Some(outgoing.to.clone()),
            ..Receipt::new(status, || Some((class?, format!("sandbox: {}", magic.meaning))), "sandbox")
        };
        magic
            .receipts
            .iter()
            .map(|&(seconds, status, class)| Simulated {
                after: Duration::from_secs(seconds),
                receipt: receipt(status, class),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::outgoing;

    #[test]
    fn endings_decide_and_anything_else_is_delivered() {
        let class = |to: &str, attempt| match submit(&Outgoing { attempt, ..outgoing(to, "Hi") }) {
            Outcome::Accepted { .. } => None,
            Outcome::Rejected { class, .. } | Outcome::Retry { class, .. } => Some(class),
            Outcome::Unknown { .. } => Some(ErrorClass::Ambiguous),
        };
        assert_eq!(class("+254700000001", 1), None);
        assert_eq!(class("+254700999001", 1), Some(ErrorClass::InvalidRecipient));
        assert_eq!(class("ann.999002@example.com", 1), Some(ErrorClass::OptedOut));
        assert_eq!(class("ann@999002.example", 1), None);
        assert_eq!(class("+254700999009", 1), Some(ErrorClass::Ambiguous));
        assert_eq!(class("+254700999012", 1), Some(ErrorClass::Transient));
        assert_eq!(class("+254700999012", 2), None);
    }

    #[test]
    fn receipts_carry_the_ids_of_the_submission() {
        let text = outgoing("+254700999023", "Hi");
        let Outcome::Accepted { id, .. } = submit(&text) else { panic!("accepted") };
        let receipts = Sandbox.simulate(&text);
        assert_eq!(receipts.iter().map(|next| next.receipt.status).collect::<Vec<_>>(), [Delivered, Read]);
        assert!(receipts.iter().all(|next| next.receipt.provider_message_id == id));
        assert!(receipts.iter().all(|next| next.receipt.correlation == Some(text.delivery_id)));
        assert!(Sandbox.simulate(&outgoing("+254700999022", "Hi")).is_empty());
    }

    #[test]
    fn every_class_has_a_number_and_the_page_lists_each() {
        let page = include_str!("../../../docs/providers/sandbox.md");
        for magic in MAGIC {
            let row = format!("| `{}` | {} |", magic.ending, magic.meaning);
            assert!(page.contains(&row), "docs/providers/sandbox.md lacks: {row}");
        }
        for class in ErrorClass::ALL {
            let with = |magic: &&Magic| matches!(magic.answer, Fail(of) | FailOnce(of) if of == *class);
            assert!(MAGIC.iter().any(|magic| with(&magic)), "{class:?}");
        }
    }
}
