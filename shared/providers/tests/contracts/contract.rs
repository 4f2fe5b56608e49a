//! What a provider's page says, as far as the cases need it.

use domain::delivery::ErrorClass;
use providers::{Account, ReceiptStatus, WebhookRequest};

use crate::testing::{self, Reply, Seen};

/// One text in a submission, as the provider reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The recipient, in E.164.
    pub to: String,
    /// What is sent.
    pub body: String,
    /// What came along that the provider gives back: our id, or the address of receipts. Empty for nothing.
    pub reference: String,
}

/// A provider.
pub trait Contract: Sync {
    /// A config that is ready for use, except for its address.
    fn account(&self) -> Account;

    /// The texts of a submission; none of any other request.
    fn texts(&self, seen: &Seen) -> Vec<Text>;

    /// The answer that takes all of them, by these ids.
    fn taken(&self, texts: &[Text], ids: &[String]) -> Reply;

    /// The answer that takes all but the one at `bad`. A provider of one text a call refuses that call.
    fn partly(&self, texts: &[Text], ids: &[String], bad: usize) -> Reply {
        let _ = (ids, bad);
        assert_eq!(texts.len(), 1, "several texts in a call of a provider that takes one");
        self.refusals().swap_remove(0).1
    }

    /// Refusals of a call and what they mean. The first concerns one recipient, if the provider takes one text a call.
    fn refusals(&self) -> Vec<(ErrorClass, Reply)>;

    /// The answer that lets a test of the connection pass.
    fn tested(&self) -> Reply;

    /// The answer to credentials that are not accepted.
    fn denied(&self) -> Reply {
        testing::json(401, &serde_json::json!({}))
    }

    /// The signed call by which the provider says how far a text got, which it knows by `id`; `None` if it never says
    /// that.
    fn report(&self, text: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest>;

    /// The signed call by which the provider says that +254700000009 wrote STOP.
    fn stop(&self) -> WebhookRequest;

    /// Whether a call that somebody changed is noticed.
    fn signs(&self) -> bool;

    /// For how many seconds a signed call is good; `None` if its page names no limit.
    fn expires_after(&self) -> Option<i64> {
        None
    }

    /// Whether a receipt finds its text without the provider's id, so also when the answer was lost.
    fn correlates(&self) -> bool;
}
