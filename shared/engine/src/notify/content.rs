//! What is told of an event: read from the table when it is told.

use std::collections::BTreeSet;

use domain::{
    Error, Result,
    board::State,
    event::{Event, EventType, Subject},
    id::{MessageId, OrgId},
};
use serde_json::{Value, json};
use store::{
    conversations,
    deliveries::{self, Delivery},
    imports, keys,
    ledger::{self, Recipient},
    messages,
    receipts::{self, Report},
    suppressions,
};

use crate::App;

/// The content of an event (`data` in the body); `None` if there is nothing to tell any more.
pub(super) async fn of(app: &App, org: OrgId, event: &Event) -> Result<Option<Value>> {
    let told = match &event.subject {
        Subject::Nothing => Ok(json!({})),
        Subject::Message { message } => of_message(app, org, *message).await,
        Subject::Deliveries { message, chunk, places } => {
            of_deliveries(app, org, event.kind, *message, *chunk, places).await
        }
        Subject::Suppression { suppression } => match suppressions::removed(&app.table, org, *suppression).await? {
            Some(removed) => {
                let mut told = serde_json::to_value(&removed.suppression).map_err(Error::internal)?;
                told["removedAt"] = json!(removed.removed_at);
                told["removalReason"] = json!(removed.removal_reason);
                Ok(told)
            }
            None => suppressions::get(&app.table, org, *suppression)
                .await
                .and_then(|one| serde_json::to_value(one).map_err(Error::internal)),
        },
        Subject::Inbound { conversation, inbound } => {
            let talk = conversations::get(&app.table, org, *conversation).await?;
            let said: Option<conversations::Inbound> =
                app.table.get(&keys::inbound(org, *conversation, *inbound)).await?;
            said.ok_or_else(|| Error::not_found("message", inbound)).map(|said| {
                json!({
                    "id": said.id, "conversationId": talk.id, "channel": talk.channel, "from": talk.address,
                    "to": said.to, "text": said.text, "keyword": said.keyword, "providerId": said.provider_id,
                    "receivedAt": said.at,
                })
            })
        }
        Subject::Import { import } => imports::find(&app.table, org, *import)
            .await?
            .ok_or_else(|| Error::not_found("import", import))
            .map(|import| {
                json!({
                    "id": import.id, "fileName": import.file_name, "groupId": import.group, "status": import.status,
                    "counts": import.counts, "error": import.error, "finishedAt": import.finished_at,
                })
            }),
        Subject::Alert { alert } => {
            let found: Option<store::alerts::Alert> = app.table.get(&keys::alert(org, *alert)).await?;
            found.ok_or_else(|| Error::not_found("alert", alert)).map(|alert| {
                json!({
                    "id": alert.id, "kind": alert.kind, "subject": alert.subject, "detail": alert.detail,
                    "createdAt": alert.created_at,
                })
            })
        }
    };
    match told {
        Ok(told) => Ok(Some(told)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn of_message(app: &App, org: OrgId, id: MessageId) -> Result<Value> {
    let message = messages::get(&app.table, org, id).await?;
    Ok(json!({
        "id": message.id, "title": message.title, "channel": message.channel, "status": message.status,
        "providerId": message.provider_id, "recipientCount": message.recipient_count, "counts": message.shown_counts(),
        "error": message.error, "startedAt": message.started_at, "finishedAt": message.finished_at,
    }))
}

async fn of_deliveries(
    app: &App,
    org: OrgId,
    kind: EventType,
    message: MessageId,
    chunk: u32,
    places: &[u32],
) -> Result<Value> {
    let plan = ledger::plan(&app.table, org, message, chunk).await?;
    let plan = plan.ok_or_else(|| Error::not_found("message", message))?;
    let recipients: Vec<(usize, &Recipient)> = places
        .iter()
        .filter_map(|place| plan.recipients.get(*place as usize).map(|one| (*place as usize, one)))
        .collect();
    let keys: Vec<_> = recipients.iter().map(|(_, recipient)| (recipient.address.clone(), message)).collect();
    let rows = deliveries::get_many(&app.table, org, &keys).await?;
    let pages: BTreeSet<_> = recipients.iter().map(|(place, _)| (chunk, receipts::page_of(*place))).collect();
    let pages: Vec<_> = pages.into_iter().collect();
    let reports: Vec<Report> = receipts::pages(&app.table, org, message, &pages).await?.into_iter().flatten().collect();
    let told: Vec<Value> = recipients
        .into_iter()
        .zip(&rows)
        .map(|((place, recipient), row)| {
            let of_place: Vec<&Report> = reports.iter().filter(|report| report.index == place).collect();
            let mut told = of_delivery(kind, row.as_ref(), &of_place);
            told["id"] = json!(ledger::delivery_id(message, chunk, place));
            told["recipient"] = json!(recipient.address);
            told["contactId"] = json!(recipient.contact);
            told
        })
        .collect();
    Ok(json!({ "messageId": message, "deliveries": told }))
}

fn of_delivery(kind: EventType, row: Option<&Delivery>, reports: &[&Report]) -> Value {
    let status = match kind {
        EventType::DeliveryDelivered => "DELIVERED",
        EventType::DeliveryRead => "READ",
        _ => "FAILED",
    };
    let last = row.and_then(|row| row.attempts.last());
    let sent = row.and_then(|row| row.attempts.iter().find(|attempt| attempt.state == State::Sent));
    let failed = status == "FAILED";
    // A place that was asked for again has reports of several attempts; the last is the one that is meant.
    let report = |state: State| reports.iter().rev().find(|report| report.state == state);
    let at = |state: State| report(state).map(|report| report.at);
    let refused = report(State::Failed);
    let code = refused.and_then(|report| report.class).or(last.and_then(|last| last.class));
    let reason = refused.and_then(|report| report.error.clone()).or(last.and_then(|last| last.reason.clone()));
    json!({
        "id": null, "status": status, "recipient": null, "contactId": null,
        "providerId": row.map(|row| row.provider),
        "providerMessageId": row.and_then(|row| row.provider_message_id.clone()),
        "errorCode": code.filter(|_| failed),
        "errorMessage": reason.filter(|_| failed),
        "sentAt": sent.map(|sent| sent.at).or_else(|| at(State::Sent)),
        "deliveredAt": at(State::Delivered),
        "readAt": at(State::Read),
    })
}
