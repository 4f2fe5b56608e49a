//! `CUSTOM`: any provider with an HTTP interface, described by its settings. docs/providers/custom.md is the manual.
//!
//! Invariant: settings are data. They choose texts, places and conditions; nothing in them is executed, and a
//! recipient's values cannot change the shape of a request.

mod check;
mod format;
mod receipts;
mod reply;
mod request;
mod template;

use std::time::Duration;

use domain::{Violation, delivery::ErrorClass, money::Money};

use self::{
    format::{Format, Statuses},
    reply::Reply,
};
use crate::{
    answer,
    outbound::Outbound,
    provider::{
        Account, Asking, Failure, Forged, Inbound, Outcome, Outgoing, Provider, Receipt, Sending, TestReport,
        Unreadable, WebhookRequest,
    },
    request::{all, answered, or_all_fail},
    validate,
};

/// The adapter.
pub struct Custom;

/// Calls in flight for one batch, if the settings do not say.
const CONCURRENT: usize = 10;

fn format(account: &Account) -> Result<Format, Violation> {
    validate::settings(&account.settings)
}

fn config_failure(reason: impl Into<String>) -> Failure {
    Failure::new(ErrorClass::BadSender, format!("the settings are wrong: {}", reason.into()), String::new())
}

fn readable(account: &Account) -> Result<Format, Failure> {
    format(account).map_err(|violation| config_failure(format!("{} {}", violation.pointer, violation.detail)))
}

fn concurrency(format: &Format) -> usize {
    format.limits.concurrency.unwrap_or(CONCURRENT).clamp(1, 100)
}

/// One call: one recipient, or a batch.
async fn submit(account: &Account, outbound: &Outbound, format: &Format, items: &[Outgoing]) -> Vec<Outcome> {
    let call = match request::submission(account, format, items) {
        Ok(call) => call,
        Err(reason) => {
            let rejected = Outcome::Rejected { class: ErrorClass::BadContent, reason, response: String::new() };
            return vec![rejected; items.len()];
        }
    };
    match outbound.call(call).await {
        Ok(answer) => Reply::read(&answer).outcomes(account, format, items.len()),
        Err(error) => vec![answer::outcome_of_error(&error); items.len()],
    }
}

impl Provider for Custom {
    fn check(&self, account: &Account, outbound: &Outbound) -> Vec<Violation> {
        match format(account) {
            Ok(format) => check::check(account, &format, outbound),
            Err(violation) => vec![violation],
        }
    }

    fn send<'a>(&'a self, account: &'a Account, outbound: &'a Outbound, batch: &'a [Outgoing]) -> Sending<'a> {
        or_all_fail(batch, async move {
            let format = readable(account)?;
            let size = format.batch.as_ref().map_or(1, |batch| batch.max.max(1));
            let calls = batch.chunks(size).map(|items| submit(account, outbound, &format, items)).collect();
            Ok(all(concurrency(&format), calls).await.concat())
        })
    }

    fn test<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> Asking<'a, TestReport> {
        Box::pin(async move {
            let format = readable(account)?;
            if let Some(violation) = check::check(account, &format, outbound).first() {
                return Err(config_failure(format!("{} {}", violation.pointer, violation.detail)));
            }
            let Some(test) = &format.test else {
                let message = "the settings have no `test`, so nothing was called; they read well";
                return Ok(TestReport::unasked(message));
            };
            let call = request::question(account, &format, test.method, &test.url, test.headers.as_ref());
            let answer = answered(outbound, call.map_err(config_failure)?).await?;
            if !Statuses::any_has(test.http.as_deref(), answer.status) {
                return Err(answer::failure_of_status(account, &answer));
            }
            Ok(TestReport::good(format!("the provider answered with HTTP {}", answer.status)))
        })
    }

    fn balance<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> Asking<'a, Option<Money>> {
        Box::pin(async move {
            let format = readable(account)?;
            let Some(balance) = &format.balance else { return Ok(None) };
            let call = request::question(account, &format, balance.method, &balance.url, balance.headers.as_ref());
            let answer = answered(outbound, call.map_err(config_failure)?).await?;
            if !answer.is_success() {
                return Err(answer::failure_of_status(account, &answer));
            }
            let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let told = balance.currency_pointer.as_ref().and_then(|pointer| pointer.text(&json));
            let currency = told.as_deref().or(balance.currency.as_deref());
            let text = balance.pointer.text(&json).unwrap_or_default();
            let money = answer::money(&text).or_else(|| answer::amount(&text, currency?));
            money.map(Some).ok_or_else(|| {
                let reason = "the answer holds no amount with a currency where `balance` says";
                Failure::new(ErrorClass::BadSender, reason, answer::kept(account, &answer.body))
            })
        })
    }

    fn verify(&self, account: &Account, request: &WebhookRequest) -> Result<(), Forged> {
        let format = format(account).map_err(|_| Forged("custom: the settings cannot be read".to_owned()))?;
        receipts::verify(account, &format.dlr.auth, request)
    }

    fn receipts(&self, account: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        let format = format(account).map_err(|_| Unreadable("the settings cannot be read".to_owned()))?;
        receipts::read(account, &format, request)
    }

    fn inbound(&self, account: &Account, request: &WebhookRequest) -> Result<Vec<Inbound>, Unreadable> {
        let format = format(account).map_err(|_| Unreadable("the settings cannot be read".to_owned()))?;
        receipts::inbound(&format, request)
    }

    fn batch_size(&self, account: &Account) -> usize {
        format(account).ok().and_then(|format| format.batch).map_or(1, |batch| batch.max.max(1))
    }

    fn window(&self, account: &Account, rest: &[Outgoing]) -> usize {
        let Ok(format) = format(account) else { return rest.len() };
        let size = format.batch.as_ref().map_or(1, |batch| batch.max.max(1));
        rest.len().min(size.saturating_mul(concurrency(&format)))
    }

    fn remembers(&self, account: &Account) -> Option<Duration> {
        let format = format(account).ok()?;
        let idempotency = format.request.idempotency.filter(|_| format.batch.is_none())?;
        Some(Duration::from_hours(idempotency.hours))
    }

    fn rate_per_minute(&self, account: &Account) -> Option<u32> {
        let per_second = format(account).ok()?.limits.per_second?;
        Some((per_second * 60.0).clamp(1.0, 60_000_000.0) as u32)
    }
}

#[cfg(test)]
#[path = "../tests/custom/mod.rs"]
mod tests;
