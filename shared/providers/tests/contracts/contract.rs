//! What a provider's page says, as far as the cases need it.

use domain::delivery::ErrorClass;
use jiff::Timestamp;
use providers::{Account, Channel, Outgoing, ReceiptStatus, WebhookRequest};

use crate::testing::{self, Reply, Seen};

/// One text in a submission, as the provider reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The recipient, in E.164 or an e-mail address.
    pub to: String,
    /// What is sent; of a mail its plain part without the footer.
    pub body: String,
    /// What came along that the provider gives back: our id, or the address of receipts. Empty for nothing.
    pub reference: String,
}

/// What proves that the provider made a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A signature: a call that somebody changed is noticed.
    Signature,
    /// A password in a header: whoever has it may say anything.
    Password,
    /// The secret address alone.
    Nothing,
}

/// A provider.
pub trait Contract: Sync {
    /// A config that is ready for use, except for its address.
    fn account(&self) -> Account;

    /// The recipient of a number from 1 to 9.
    fn recipient(&self, number: usize) -> String {
        match self.account().channel {
            Channel::Email => format!("a{number}@x.example"),
            _ => format!("+25470000000{number}"),
        }
    }

    /// What is sent to the recipient of a number.
    fn outgoing(&self, number: usize, body: &str) -> Outgoing {
        match self.account().channel {
            Channel::Email => testing::mail(&self.recipient(number), &format!("Subject {number}"), body),
            _ => testing::outgoing(&self.recipient(number), body),
        }
    }

    /// Whether all texts of a call get the same id.
    fn one_id_a_call(&self) -> bool {
        false
    }

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

    /// The answer to a search: of these texts and their ids, submitted at a time, those that it asks for. `None` if the
    /// provider cannot be asked.
    fn listed(&self, seen: &Seen, held: &[(Text, &str)], at: Timestamp) -> Option<Reply> {
        let _ = (seen, held, at);
        None
    }

    /// The signed call by which the provider says how far a text got, which it knows by `id`; `None` if it never says
    /// that.
    fn report(&self, text: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest>;

    /// The signed call by which the provider says that the recipient 9 wrote STOP; of mails, that they unsubscribed.
    fn stop(&self) -> WebhookRequest;

    /// What proves a call.
    fn proof(&self) -> Proof;

    /// The certificate (PEM) that proves the calls, and where it is fetched from, if one does.
    fn certificate(&self) -> Option<(&'static str, &'static str)> {
        None
    }

    /// For how many seconds a signed call is good; `None` if its page names no limit.
    fn expires_after(&self) -> Option<i64> {
        None
    }

    /// Whether a receipt finds its text without the provider's id, so also when the answer was lost.
    fn correlates(&self) -> bool;
}
