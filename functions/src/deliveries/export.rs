//! `GET /api/deliveries/export`: the log as CSV. Up to 4 MB at once, more by a link.

use std::time::Duration;

use domain::{
    Error, Result,
    access::{Role, Scope},
};
use schemars::JsonSchema;
use serde::Serialize;
use sheets::write::{CsvStyle, CsvWriter};
use store::organizations;
use web::{
    Cx, Grant, Row,
    extract::Query,
    reply::{Accepted, Either, File},
};

use super::{list::DeliveryFilter, log, view::DeliveryView, walk};
use crate::messages::view::fresh;

/// The largest answer that carries the file itself, in bytes.
const AT_ONCE: usize = 4 << 20;

/// How long a link holds.
const LINK: Duration = Duration::from_hours(1);

/// Rows per read.
const PAGE: usize = 100;

/// The columns.
const HEADINGS: [&str; 18] = [
    "id",
    "messageId",
    "contactId",
    "channel",
    "recipient",
    "status",
    "reason",
    "providerId",
    "providerMessageId",
    "segments",
    "cost",
    "currency",
    "errorMessage",
    "createdAt",
    "sentAt",
    "deliveredAt",
    "readAt",
    "body",
];

/// Which of them holds phone numbers.
const RECIPIENT: usize = 4;

/// A file that is too large for an answer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Export")]
pub struct ExportView {
    /// Its id.
    id: String,
    /// `DONE`.
    status: &'static str,
    /// Where to get it, for an hour.
    url: String,
}

pub(super) fn row() -> Row {
    Row::get("deliveries-export", "/api/deliveries/export", handle)
        .summary("Export deliveries")
        .description("CSV. A file under 4 MB comes at once; a larger one by a link that holds for an hour.")
        .tag("Deliveries")
        .access(Role::Viewer, Scope::DeliveriesRead)
        .grants(&[Grant::TableRead, Grant::Files])
        .limits(1_024, 29)
}

async fn handle(cx: Cx, query: Query<DeliveryFilter>) -> Result<Either<File, Accepted<ExportView>>> {
    let filter = query.0;
    let style = CsvStyle { bom: true, phone_columns: vec![RECIPIENT] };
    let mut csv = CsvWriter::new(Vec::new(), HEADINGS, style).map_err(Error::internal)?;
    let message = match filter.message_id {
        Some(id) => store::messages::find(&cx.app.table, cx.org(), id).await?.filter(|message| filter.takes(message)),
        None => None,
    };
    let message = match message {
        Some(message) => Some(fresh(&cx, message).await?),
        None => None,
    };
    let recipient = match &filter.recipient {
        Some(recipient) => Some((recipient, organizations::get(&cx.app.table, cx.org()).await?.default_country)),
        None => None,
    };
    let mut after = None;
    loop {
        let page = match (recipient, &message, filter.message_id) {
            (Some((recipient, country)), ..) => {
                log::of_recipient(&cx, recipient, country, &filter, after.take(), PAGE).await?
            }
            (None, Some(message), _) => walk::page(&cx, message, filter.status, after.as_deref(), PAGE).await?,
            (None, None, Some(_)) => break,
            (None, None, None) => log::of_all(&cx, &filter, after.take(), PAGE).await?,
        };
        for delivery in page.rows {
            csv.row(record(delivery)).map_err(Error::internal)?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let bytes = csv.finish().map_err(Error::internal)?;
    let name = format!("deliveries-{}.csv", cx.now().strftime("%Y-%m-%d"));
    if bytes.len() < AT_ONCE {
        return Ok(Either::A(File { bytes: bytes.into(), content_type: "text/csv; charset=utf-8", name }));
    }
    let id = format!("{:032x}", cx.app.random.bits());
    let key = format!("exports/{}/{id}/{name}", cx.org());
    cx.app.files.put(&key, bytes, "text/csv; charset=utf-8").await?;
    let url = cx.app.files.presign_get(&key, LINK).await?;
    Ok(Either::B(Accepted(ExportView { id, status: "DONE", url })))
}

fn record(delivery: DeliveryView) -> Vec<String> {
    let time = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    vec![
        delivery.id.to_string(),
        delivery.message_id.to_string(),
        delivery.contact_id.map(|id| id.to_string()).unwrap_or_default(),
        delivery.channel.name().to_owned(),
        delivery.recipient,
        delivery.status.name().to_owned(),
        delivery.reason.unwrap_or_default(),
        delivery.provider_id.to_string(),
        delivery.provider_message_id.unwrap_or_default(),
        delivery.segments.map(|segments| segments.to_string()).unwrap_or_default(),
        delivery.cost.as_ref().map(|cost| cost.amount.to_string()).unwrap_or_default(),
        delivery.cost.as_ref().map(|cost| cost.currency.to_string()).unwrap_or_default(),
        delivery.error_message.unwrap_or_default(),
        delivery.created_at.to_string(),
        time(delivery.sent_at),
        time(delivery.delivered_at),
        time(delivery.read_at),
        delivery.body,
    ]
}
