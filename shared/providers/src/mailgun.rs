//! `MAILGUN`: e-mail through Mailgun, API version 3.
//! <https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages>
//!
//! One call takes a mail with holes and up to 1,000 recipients, each with its own words for the holes: all of a mail is a
//! hole here. One id comes back for the whole call, so events are matched by our own id, which is a variable too. A bad
//! address refuses the whole call. Not verified against the live provider: what a domain sending key may read.

use std::collections::HashSet;

use domain::{Violation, delivery::ErrorClass, money::Money};
use futures::future::BoxFuture;
use http::{Method, header};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    answer,
    email::{self, CORRELATION, Mail, Sender, call},
    mailgun_events, mailgun_signature,
    outbound::{Answer, Call, Outbound},
    provider::{
        Account, Failure, Forged, Outcome, Outgoing, Provider, Receipt, Suppressed, TestReport, Unreadable,
        WebhookRequest,
    },
};

/// The adapter.
pub struct Mailgun;

const US: &str = "https://api.mailgun.net";
const EU: &str = "https://api.eu.mailgun.net";
/// Recipients in a call.
const RECIPIENTS: usize = 1_000;
/// Bytes of mails in a call: they take 25 MB, and what is larger does not leave in time.
const BYTES: usize = 4 << 20;

use ErrorClass as E;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    /// `US` (the default) or `EU`: where the domain was added.
    region: Option<String>,
    /// They accept mails and deliver none.
    test_mode: bool,
}

#[derive(Deserialize)]
struct Sent {
    id: Option<String>,
}

#[derive(Deserialize)]
struct Problem {
    message: Option<String>,
}

#[derive(Deserialize)]
struct DomainPage {
    domain: Domain,
}

#[derive(Deserialize)]
struct Domain {
    state: Option<String>,
}

fn base(account: &Account) -> &'static str {
    if account.settings["region"] == "EU" { EU } else { US }
}

fn request(account: &Account, method: Method, path: &str) -> Result<Call, Failure> {
    let mut call = call::to(account, base(account), method, path)?;
    call::basic(&mut call, "api", account.require("apiKey")?);
    Ok(call)
}

/// All fields of the mail are holes, filled for each recipient by `recipient-variables`. Without these they would show
/// everybody all addresses.
fn send_call(account: &Account, sender: &Sender<Settings>, mails: &[&Mail<'_>]) -> Result<Call, Failure> {
    let variables: Map<String, Value> = mails
        .iter()
        .map(|mail| {
            let own = json!({
                "id": mail.id.to_string(), "subject": mail.subject, "text": mail.text, "html": mail.html,
                "unsubscribe": mail.unsubscribe,
            });
            (mail.to.to_owned(), own)
        })
        .collect();
    let variables = Value::Object(variables).to_string();
    let from = sender.from.to_string();
    let reply_to = sender.reply_to.as_ref().map(ToString::to_string);
    let variable = format!("v:{CORRELATION}");
    let mut fields = vec![
        ("from", from.as_str()),
        ("subject", "%recipient.subject%"),
        ("text", "%recipient.text%"),
        ("html", "%recipient.html%"),
        (variable.as_str(), "%recipient.id%"),
        ("recipient-variables", variables.as_str()),
    ];
    fields.extend(mails.iter().map(|mail| ("to", mail.to)));
    if let Some(reply_to) = &reply_to {
        fields.push(("h:Reply-To", reply_to));
    }
    if mails[0].unsubscribe.is_some() {
        fields.push(("h:List-Unsubscribe", "<%recipient.unsubscribe%>"));
        fields.push(("h:List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    if sender.own.test_mode {
        fields.push(("o:testmode", "yes"));
    }
    let mut call = request(account, Method::POST, &format!("/v3/{}/messages", account.require("domain")?))?;
    call::form(&mut call, &fields);
    Ok(call)
}

/// Parts a batch into calls: few enough bytes, no address twice, and all with a link or all without.
fn calls(mails: &[Mail<'_>]) -> Vec<Vec<usize>> {
    let mut calls: Vec<Vec<usize>> = Vec::new();
    let (mut addresses, mut bytes) = (HashSet::new(), 0);
    for (index, mail) in mails.iter().enumerate() {
        let fits = calls.last().is_some_and(|call| {
            let alike = mails[call[0]].unsubscribe.is_some() == mail.unsubscribe.is_some();
            call.len() < RECIPIENTS && bytes + mail.size() <= BYTES && alike && !addresses.contains(mail.to)
        });
        if !fits {
            calls.push(Vec::new());
            addresses.clear();
            bytes = 0;
        }
        addresses.insert(mail.to);
        bytes += mail.size();
        calls.last_mut().expect("one was just made").push(index);
    }
    calls
}

async fn send(
    account: &Account,
    outbound: &Outbound,
    sender: &Sender<Settings>,
    mails: Vec<&Mail<'_>>,
) -> Vec<Outcome> {
    // Halves of a call that was refused for an address among many, until the address is alone.
    let mut open = vec![(0, mails.len())];
    let mut outcomes = vec![Outcome::Unknown { reason: String::new() }; mails.len()];
    while let Some((from, to)) = open.pop() {
        let answer = call::exchange(outbound, send_call(account, sender, &mails[from..to])).await;
        let refused = answer.as_ref().is_ok_and(|answer| answer.status == 400 && names_an_address(answer));
        if refused && to - from > 1 {
            let middle = usize::midpoint(from, to);
            open.extend([(middle, to), (from, middle)]);
            continue;
        }
        let outcome = match answer {
            Ok(answer) if answer.status == 200 => accepted(account, &answer),
            Ok(answer) => self::refused(account, &answer),
            Err(outcome) => outcome,
        };
        outcomes[from..to].fill(outcome);
    }
    outcomes
}

fn accepted(account: &Account, answer: &Answer) -> Outcome {
    let id = serde_json::from_slice::<Sent>(&answer.body).ok().and_then(|sent| sent.id);
    let id = id.map(|id| id.trim_matches(['<', '>']).to_owned());
    Outcome::Accepted { id, cost: None, segments: None, response: answer::kept(account, &answer.body) }
}

fn words(answer: &Answer) -> String {
    let problem = serde_json::from_slice::<Problem>(&answer.body).ok().and_then(|problem| problem.message);
    problem.unwrap_or_else(|| String::from_utf8_lossy(&answer.body).into_owned())
}

fn names_an_address(answer: &Answer) -> bool {
    let words = words(answer).to_lowercase();
    words.contains("address") && (words.contains("'to'") || words.contains("to parameter"))
}

fn refused(account: &Account, answer: &Answer) -> Outcome {
    let said = words(answer).to_lowercase();
    let response = answer::kept(account, &answer.body);
    let class = match answer.status {
        400 if names_an_address(answer) => E::InvalidRecipient,
        400 if said.contains("domain") || said.contains("'from'") || said.contains("from parameter") => E::BadSender,
        // The domain is not this account's, or the account may not send as much yet.
        404 => E::BadSender,
        403 => E::AccountSuspended,
        413 => E::BadContent,
        status => answer::class_of_status(status),
    };
    let reason = format!("Mailgun answered with HTTP {}", answer.status);
    answer::outcome(class, reason, pause(answer), response)
}

/// `Retry-After`, or the date in "… limit exceeded, try again after …".
fn pause(answer: &Answer) -> Option<std::time::Duration> {
    answer::retry_after(&answer.headers).or_else(|| {
        let said = words(answer);
        let (_, date) = said.split_once("try again after ")?;
        let mut headers = answer.headers.clone();
        headers.insert(header::RETRY_AFTER, date.trim_end_matches('.').parse().ok()?);
        answer::retry_after(&headers)
    })
}

impl Provider for Mailgun {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        let (mut found, settings) = email::check::<Settings>(account);
        if settings.is_some_and(|settings| !matches!(settings.region.as_deref(), None | Some("US" | "EU"))) {
            found.push(Violation::new("/settings/region", "pattern_mismatch", "US or EU"));
        }
        found
    }

    fn send<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        batch: &'a [Outgoing],
    ) -> BoxFuture<'a, Vec<Outcome>> {
        Box::pin(async move {
            let sender = match Sender::<Settings>::of(account) {
                Ok(sender) => sender,
                Err(failure) => return vec![call::refusal(&failure); batch.len()],
            };
            let mails: Vec<Mail<'_>> = batch.iter().map(|outgoing| sender.mail(outgoing)).collect();
            let mut outcomes = Vec::with_capacity(batch.len());
            for part in calls(&mails) {
                let part = part.into_iter().map(|index| &mails[index]).collect();
                outcomes.extend(send(account, outbound, &sender, part).await);
            }
            outcomes
        })
    }

    /// Reads the domain's page. A domain sending key may not: it is tried with a mail that is not delivered.
    fn test<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> BoxFuture<'a, Result<TestReport, Failure>> {
        Box::pin(async move {
            let domain = account.require("domain")?;
            let page = request(account, Method::GET, &format!("/v3/domains/{domain}"))?;
            match call::read::<DomainPage>(account, outbound, page).await {
                Ok(page) if page.domain.state.as_deref().is_some_and(|state| state != "active") => {
                    let reason = "the domain is not verified at Mailgun, or is disabled there";
                    Err(Failure::new(E::BadSender, reason, String::new()))
                }
                Ok(_) => {
                    let message = "the key is good and the domain is active".to_owned();
                    Ok(TestReport { message, asked: true, balance: None })
                }
                Err(failure) if failure.class == E::BadCredentials => {
                    try_sending_key(account, outbound, domain).await.map_err(|_| failure)
                }
                Err(failure) => Err(failure),
            }
        })
    }

    /// They bill by the month.
    fn balance<'a>(&'a self, _: &'a Account, _: &'a Outbound) -> BoxFuture<'a, Result<Option<Money>, Failure>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    fn verify(&self, account: &Account, request: &WebhookRequest) -> Result<(), Forged> {
        mailgun_signature::verify(account, request)
    }

    fn receipts(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        mailgun_events::receipts(request)
    }

    fn suppressed(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Suppressed>, Unreadable> {
        mailgun_events::suppressed(request)
    }

    fn batch_size(&self, _: &Account) -> usize {
        RECIPIENTS
    }

    fn window(&self, _: &Account, rest: &[Outgoing]) -> usize {
        email::within(rest, RECIPIENTS, BYTES)
    }
}

async fn try_sending_key(account: &Account, outbound: &Outbound, domain: &str) -> Result<TestReport, Failure> {
    let from = Sender::<Settings>::of(account)?.from;
    let mut call = request(account, Method::POST, &format!("/v3/{domain}/messages"))?;
    let (from, to) = (from.to_string(), from.email.to_string());
    let fields = [("from", from.as_str()), ("to", &to), ("subject", "Test"), ("text", "Test"), ("o:testmode", "yes")];
    call::form(&mut call, &fields);
    call::read::<Sent>(account, outbound, call).await?;
    let message = "the domain sending key is good; nothing was delivered".to_owned();
    Ok(TestReport { message, asked: true, balance: None })
}

#[cfg(test)]
#[path = "tests/mailgun.rs"]
mod tests;
