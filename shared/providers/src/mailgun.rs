//! `MAILGUN`: e-mail through Mailgun, API version 3.
//! <https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages>
//!
//! One call takes a mail with holes and up to 1,000 recipients, each with its own words for the holes: all of a mail is a
//! hole here. One id comes back for the whole call, so events are matched by our own id, which is a variable too. A bad
//! address refuses the whole call. Not verified against the live provider: what a domain sending key may read.

use std::{collections::HashSet, time::Duration};

use domain::{Violation, delivery::ErrorClass, dns::DnsRecord};
use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    answer,
    email::{self, CORRELATION, Mail, Sender},
    json,
    look_up::Sought,
    mailgun_account, mailgun_events, mailgun_signature,
    outbound::{Answer, Call, Outbound},
    provider::{
        Account, Asking, Engagement, Failure, Forged, Outcome, Outgoing, Provider, Receipt, Sending, Suppressed,
        SuppressionPage, TestReport, Unreadable, WebhookRequest,
    },
    request,
};

/// The adapter.
pub struct Mailgun;

const US: &str = "https://api.mailgun.net";
const EU: &str = "https://api.eu.mailgun.net";
/// Recipients in a call.
const RECIPIENTS: usize = 1_000;
/// How long after a submission its event is listed for certain: what their page on polling advises.
/// <https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-polling>
const LISTED_AFTER: Duration = Duration::from_mins(30);
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

pub(crate) fn call(account: &Account, method: Method, path: &str) -> Result<Call, Failure> {
    let base = if account.settings["region"] == "EU" { EU } else { US };
    Call::to(account, method, base, path)?.basic("api", account.require("apiKey")?)
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
    let wishes = [("o:tracking-opens", sender.tracking.opens), ("o:tracking-clicks", sender.tracking.clicks)];
    let wishes = wishes.into_iter().filter_map(|(name, wish)| Some((name, if wish? { "yes" } else { "no" })));
    fields.extend(wishes);
    let call = call(account, Method::POST, &format!("/v3/{}/messages", account.require("domain")?))?;
    // All mails of a call are of one message, whose files they share.
    let files = mails[0].files;
    Ok(if files.is_empty() { call.form(fields) } else { call.multipart(&fields, "attachment", files) })
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
        let answer = request::exchange(outbound, send_call(account, sender, &mails[from..to])).await;
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
    let id = json::text(&json::answer(answer), "/id").map(|id| id.trim_matches(['<', '>']).to_owned());
    Outcome::accepted(id, answer::kept(account, &answer.body))
}

fn words(answer: &Answer) -> String {
    let told = json::text(&json::answer(answer), "/message");
    told.unwrap_or_else(|| String::from_utf8_lossy(&answer.body).into_owned())
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
fn pause(answer: &Answer) -> Option<Duration> {
    answer::retry_after(&answer.headers).or_else(|| {
        let said = words(answer);
        let (_, date) = said.split_once("try again after ")?;
        answer::pause_told(&answer.headers, date.trim_end_matches('.'))
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

    fn send<'a>(&'a self, account: &'a Account, outbound: &'a Outbound, batch: &'a [Outgoing]) -> Sending<'a> {
        request::or_all_fail(batch, async move {
            let sender = Sender::<Settings>::of(account)?;
            let mails: Vec<Mail<'_>> = batch.iter().map(|outgoing| sender.mail(outgoing)).collect();
            let mut outcomes = Vec::with_capacity(batch.len());
            for part in calls(&mails) {
                let part = part.into_iter().map(|index| &mails[index]).collect();
                outcomes.extend(send(account, outbound, &sender, part).await);
            }
            Ok(outcomes)
        })
    }

    /// A domain sending key may not read the domain's page: it is tried with a mail that is not delivered.
    fn test<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> Asking<'a, TestReport> {
        Box::pin(async move {
            match request::test(self, account, outbound).await {
                Err(failure) if failure.class == E::BadCredentials => {
                    let tried = request::ask::<Value>(account, outbound, sending_key_call(account)?, |_| None).await;
                    let good = TestReport::good("the domain sending key is good; nothing was delivered");
                    tried.map(|_| good).map_err(|_| failure)
                }
                told => told,
            }
        })
    }

    /// Reads the domain's page.
    fn question(&self, account: &Account) -> Result<Call, Failure> {
        call(account, Method::GET, &format!("/v3/domains/{}", account.require("domain")?))
    }

    fn answered(&self, _: &Account, page: &Value) -> Result<TestReport, Failure> {
        if json::text(page, "/domain/state").is_some_and(|state| state != "active") {
            let reason = "the domain is not verified at Mailgun, or is disabled there";
            return Err(Failure::new(E::BadSender, reason, String::new()));
        }
        Ok(TestReport::good("the key is good and the domain is active"))
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

    fn engagements(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Engagement>, Unreadable> {
        mailgun_events::engagements(request)
    }

    fn keeps_suppressions(&self) -> bool {
        true
    }

    fn suppressions<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        after: Option<&'a str>,
    ) -> Asking<'a, SuppressionPage> {
        Box::pin(mailgun_account::suppressions(account, outbound, after))
    }

    fn domain_records<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        name: &'a str,
    ) -> Asking<'a, Vec<DnsRecord>> {
        Box::pin(mailgun_account::records(account, outbound, name))
    }

    fn batch_size(&self, _: &Account) -> usize {
        RECIPIENTS
    }

    fn look_up_after(&self) -> Option<Duration> {
        Some(LISTED_AFTER)
    }

    /// Events of acceptance. A domain sending key may not read them: then nothing can be told.
    fn search(&self, sought: &Sought<'_>) -> Result<Call, Failure> {
        let path = format!("/v3/{}/events", sought.account.require("domain")?);
        let mut call = call(sought.account, Method::GET, &path)?;
        let mut query = call.url.query_pairs_mut();
        query.append_pair("event", "accepted").append_pair("recipient", &sought.outgoing.to);
        query.append_pair("begin", &sought.earliest().as_second().to_string()).append_pair("ascending", "yes");
        drop(query);
        Ok(call)
    }

    fn found(&self, sought: &Sought<'_>, page: &Value) -> Result<Vec<Receipt>, Failure> {
        let events = json::list(page, "/items").iter().filter_map(mailgun_events::accepted);
        Ok(events.filter(|receipt| receipt.correlation == Some(sought.outgoing.delivery_id)).collect())
    }

    /// There is always a next one; behind the last they are empty.
    fn next_page(&self, page: &Value) -> Option<String> {
        json::text(page, "/paging/next").filter(|_| !json::list(page, "/items").is_empty())
    }

    fn window(&self, _: &Account, rest: &[Outgoing]) -> usize {
        email::within(rest, RECIPIENTS, BYTES)
    }
}

/// A mail to ourselves that they check and do not deliver.
fn sending_key_call(account: &Account) -> Result<Call, Failure> {
    let from = Sender::<Settings>::of(account)?.from;
    let (from, to) = (from.to_string(), from.email.to_string());
    let fields = [("from", from.as_str()), ("to", &to), ("subject", "Test"), ("text", "Test"), ("o:testmode", "yes")];
    Ok(call(account, Method::POST, &format!("/v3/{}/messages", account.require("domain")?))?.form(fields))
}

#[cfg(test)]
#[path = "tests/mailgun.rs"]
mod tests;
