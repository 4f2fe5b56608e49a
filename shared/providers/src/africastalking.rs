//! `AFRICASTALKING`: SMS through Africa's Talking. <https://developers.africastalking.com/docs/sms/overview>
//!
//! One call takes one text to many numbers, so a batch is grouped by text. Answers are matched by number: what a 201
//! does not list was not taken. Not verified against the live provider: how many numbers a call takes, its rate limit.

use std::collections::{HashMap, HashSet, VecDeque};

use domain::{Violation, delivery::ErrorClass, keywords::Keyword, money::Money};
use http::{HeaderName, HeaderValue, Method, header};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    answer,
    form::Form,
    json,
    number::{digits, international},
    outbound::{Answer, Call, Outbound},
    outgoing::Outgoing,
    provider::{
        Account, Failure, Forged, Inbound, Outcome, Provider, Receipt, ReceiptStatus, Sending, Unreadable,
        WebhookRequest,
    },
    request, validate,
};

/// The adapter.
pub struct AfricasTalking;

const LIVE: &str = "https://api.africastalking.com";
/// For the username `sandbox`, which is the same for everybody.
const TEST: &str = "https://api.sandbox.africastalking.com";
/// Calls in flight for one batch: as many as it has different texts, up to this.
const CONCURRENT: usize = 10;
/// Numbers in a call. Our choice: theirs is not published.
const NUMBERS: usize = 100;

#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    /// Answer before the text was handed to the network. Their advice for volume.
    enqueue: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { enqueue: true }
    }
}

use ErrorClass as E;

/// `statusCode` of a recipient: the class, or `None` for accepted.
const STATUS_CODES: &[(u16, Option<ErrorClass>, &str)] = &[
    (100, None, "processed"),
    (101, None, "sent"),
    (102, None, "queued"),
    (401, Some(E::BadContent), "held as a risk"),
    (402, Some(E::BadSender), "the sender id is not registered"),
    (403, Some(E::InvalidRecipient), "the number is not valid"),
    (404, Some(E::InvalidRecipient), "this type of number is not supported"),
    (405, Some(E::InsufficientBalance), "the balance is used up"),
    (406, Some(E::OptedOut), "the recipient is on the blacklist"),
    (407, Some(E::InvalidRecipient), "there is no route to the number"),
    (409, Some(E::OptedOut), "the recipient asked not to be disturbed"),
    (500, Some(E::Transient), "internal error"),
    (501, Some(E::Transient), "the gateway failed"),
    (502, Some(E::Transient), "the gateway refused"),
];

/// `SMSMessageData.Message` of an answer that lists nobody.
const MESSAGES: &[(&str, ErrorClass, &str)] = &[
    ("InvalidSenderId", E::BadSender, "the sender id is not registered"),
    ("InsufficientBalance", E::InsufficientBalance, "the balance is used up"),
    ("InvalidPhoneNumber", E::InvalidRecipient, "no number is valid"),
];

/// `failureReason` of a delivery report.
const FAILURE_REASONS: &[(&str, ErrorClass, &str)] = &[
    ("InsufficientCredit", E::InvalidRecipient, "the subscriber has too little airtime"),
    ("InvalidLinkId", E::BadContent, "the link id is not valid"),
    ("UserIsInactive", E::InvalidRecipient, "the subscriber is inactive or cannot be reached"),
    ("UserInBlackList", E::OptedOut, "the recipient is on the blacklist"),
    ("UserAccountSuspended", E::InvalidRecipient, "the subscriber is suspended"),
    ("NotNetworkSubscriber", E::InvalidRecipient, "not a subscriber of this network"),
    ("UserNotSubscribedToProduct", E::InvalidRecipient, "the recipient is not subscribed to the product"),
    ("UserDoesNotExist", E::InvalidRecipient, "the number does not exist"),
    ("DeliveryFailure", E::Transient, "the network could not deliver"),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    #[serde(rename = "SMSMessageData")]
    data: SentData,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SentData {
    #[serde(default)]
    message: String,
    #[serde(default)]
    recipients: Vec<SentTo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentTo {
    number: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    status_code: u16,
    message_id: Option<String>,
    cost: Option<String>,
}

fn call(account: &Account, method: Method, path: &str) -> Result<Call, Failure> {
    let test = account.credential("username").is_some_and(|name| name.expose() == "sandbox");
    let mut call = Call::to(account, method, if test { TEST } else { LIVE }, path)?
        .secret(HeaderName::from_static("apikey"), account.require("apiKey")?)?;
    // Without it they answer in XML.
    call.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    Ok(call)
}

fn send_call(account: &Account, enqueue: bool, text: &str, numbers: &[&str]) -> Result<Call, Failure> {
    let numbers = numbers.join(",");
    let mut form =
        vec![("username", account.require("username")?), ("to", &numbers), ("message", text), ("bulkSMSMode", "1")];
    form.extend(account.sender().map(|sender| ("from", sender)));
    if enqueue {
        form.push(("enqueue", "1"));
    }
    Ok(call(account, Method::POST, "/version1/messaging")?.form(form))
}

/// What an answer of 2xx says of `numbers`, in their order. (A bad key is a 401 with a sentence in plain text.)
fn taken(account: &Account, answer: &Answer, numbers: &[&str]) -> Vec<Outcome> {
    match serde_json::from_slice::<Sent>(&answer.body) {
        Ok(sent) => outcomes(account, answer, sent.data, numbers),
        Err(_) => vec![Outcome::unreadable(); numbers.len()],
    }
}

fn outcomes(account: &Account, answer: &Answer, data: SentData, numbers: &[&str]) -> Vec<Outcome> {
    let segments = parts(&data.message);
    let nobody = data.recipients.is_empty();
    let mut by_number: HashMap<String, VecDeque<SentTo>> = HashMap::new();
    for row in data.recipients {
        by_number.entry(digits(&row.number)).or_default().push_back(row);
    }
    let response = answer::kept(account, &answer.body);
    let missing = || {
        let (class, meaning) = if nobody {
            match MESSAGES.iter().find(|(word, ..)| data.message.contains(word)) {
                Some(&(_, class, meaning)) => (class, meaning),
                None => (E::BadContent, "the submission was taken for nobody"),
            }
        } else {
            (E::InvalidRecipient, "the number is missing in the answer")
        };
        Outcome::Rejected { class, reason: format!("Africa's Talking: {meaning}"), response: response.clone() }
    };
    let row = |number: &&str| match by_number.get_mut(&digits(number)).and_then(VecDeque::pop_front) {
        Some(row) => outcome(account, row, segments),
        None => missing(),
    };
    numbers.iter().map(row).collect()
}

fn outcome(account: &Account, row: SentTo, segments: Option<u32>) -> Outcome {
    let known = STATUS_CODES.iter().find(|(code, ..)| *code == row.status_code);
    let response = answer::kept(account, format!("{} {}", row.status_code, row.status).trim().as_bytes());
    let id = row.message_id.filter(|id| !id.is_empty() && id != "None");
    let (class, meaning) = match known {
        Some(&(_, Some(class), meaning)) => (class, meaning),
        Some((_, None, _)) => {
            let cost = row.cost.as_deref().and_then(answer::money);
            return Outcome::Accepted { id, cost, segments, response };
        }
        // Codes come and go; the word is older than the code.
        None if row.status == "Success" => {
            let cost = row.cost.as_deref().and_then(answer::money);
            return Outcome::Accepted { id, cost, segments, response };
        }
        None if row.status_code >= 500 => (E::Transient, "a failure on their side"),
        None => (E::BadContent, "refused for a reason that is not in the table"),
    };
    answer::outcome(class, format!("Africa's Talking {}: {meaning}", row.status_code), None, response)
}

/// `… Message parts: 2` at the end of the answer's sentence.
fn parts(message: &str) -> Option<u32> {
    message.rsplit_once("Message parts:")?.1.trim().parse().ok()
}

impl Provider for AfricasTalking {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        validate::settings::<Settings>(&account.settings).err().into_iter().collect()
    }

    fn send<'a>(&'a self, account: &'a Account, outbound: &'a Outbound, batch: &'a [Outgoing]) -> Sending<'a> {
        let enqueue = account.settings::<Settings>().enqueue;
        let mut groups: IndexMap<&str, Vec<usize>> = IndexMap::new();
        for (place, outgoing) in batch.iter().enumerate() {
            groups.entry(&outgoing.body).or_default().push(place);
        }
        let group = move |(text, places): (&'a str, Vec<usize>)| async move {
            let numbers: Vec<&str> = places.iter().map(|&place| batch[place].to.as_str()).collect();
            let call = send_call(account, enqueue, text, &numbers);
            let taken = |answer: &Answer| taken(account, answer, &numbers);
            let outcomes = request::together(account, outbound, numbers.len(), call, |_| None, taken).await;
            places.into_iter().zip(outcomes).collect::<Vec<_>>()
        };
        let calls = groups.into_iter().map(group).collect();
        Box::pin(async { request::in_order(request::all(CONCURRENT, calls).await.concat()) })
    }

    /// `GET /version1/user`: the balance, and the proof that the key is good.
    fn balance_question(&self, account: &Account) -> Result<Option<Call>, Failure> {
        let mut call = call(account, Method::GET, "/version1/user")?;
        call.url.query_pairs_mut().append_pair("username", account.require("username")?);
        Ok(Some(call))
    }

    fn left(&self, page: &Value) -> Result<Option<Money>, Failure> {
        let told = json::text(page, "/UserData/balance").unwrap_or_default();
        let money = answer::money(&told);
        money.map(Some).ok_or_else(|| Failure::new(E::Transient, "the answer holds no balance", told))
    }

    /// They sign nothing: the token in the path is all there is.
    fn verify(&self, _: &Account, _: &WebhookRequest) -> Result<(), Forged> {
        Ok(())
    }

    /// `id, status, phoneNumber, networkCode, retryCount, failureReason`. Incoming texts and opt-outs may come to the
    /// same address.
    fn receipts(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        let form = Form::read(request)?;
        if form.get("status").is_none() && (form.get("text").is_some() || form.get("senderId").is_some()) {
            return Ok(Vec::new());
        }
        let (Some(id), Some(word)) = (form.get("id"), form.get("status")) else {
            return Err(Unreadable("a delivery report without `id` or `status`".to_owned()));
        };
        let status = match word {
            "Sent" | "Submitted" | "Buffered" => ReceiptStatus::Sent,
            "Success" => ReceiptStatus::Delivered,
            "Failed" | "Rejected" => ReceiptStatus::Failed,
            _ => return Ok(Vec::new()),
        };
        let why = || {
            let code = form.get("failureReason").unwrap_or("");
            let known = FAILURE_REASONS.iter().find(|(word, ..)| *word == code);
            known.map_or(Some((E::Transient, format!("Africa's Talking: {word}"))), |(word, class, meaning)| {
                Some((*class, format!("Africa's Talking {word}: {meaning}")))
            })
        };
        Ok(vec![Receipt {
            provider_message_id: Some(id.to_owned()),
            phone: form.get("phoneNumber").and_then(international),
            ..Receipt::new(status, why, "Africa's Talking")
        }])
    }

    /// Incoming texts: `id, from, to, text, date, linkId, networkCode`. Opt-outs from an alphanumeric sender, which they
    /// keep to themselves: `senderId, phoneNumber`.
    fn inbound(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Inbound>, Unreadable> {
        let form = Form::read(request)?;
        if form.get("status").is_some() {
            return Ok(Vec::new());
        }
        let opted_out = form.get("senderId").zip(form.get("phoneNumber"));
        let (from, to, keyword) = match (form.get("from"), opted_out) {
            (Some(from), _) if form.get("text").is_some() => (from, form.get("to"), None),
            (_, Some((sender, from))) => (from, Some(sender), Some(Keyword::Stop)),
            _ => return Ok(Vec::new()),
        };
        let from = international(from).ok_or_else(|| Unreadable("an incoming text without a number".to_owned()))?;
        // `date` has no zone, so it tells no time.
        Ok(vec![Inbound {
            provider_message_id: form.get("id").map(str::to_owned),
            to: to.map(str::to_owned),
            text: form.get("text").unwrap_or_default().to_owned(),
            keyword,
            ..Inbound::by(from)
        }])
    }

    fn batch_size(&self, _: &Account) -> usize {
        NUMBERS
    }

    /// As far as there are not too many different texts.
    fn window(&self, _: &Account, rest: &[Outgoing]) -> usize {
        let mut texts = HashSet::new();
        let mut fits = |text| texts.contains(text) || (texts.len() < CONCURRENT && texts.insert(text));
        rest.iter().take(NUMBERS).take_while(|outgoing| fits(outgoing.body.as_str())).count()
    }
}

#[cfg(test)]
#[path = "tests/africastalking.rs"]
mod tests;
