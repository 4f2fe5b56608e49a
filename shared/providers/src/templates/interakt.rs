//! Templates as Interakt's public API lists them. It hands in and deletes none.
//!
//! Not verified against the live provider: the answer, as several of its users read it. It tells only those of one state
//! at a time; those that can be sent are asked for.

use domain::whatsapp::{ButtonComponent, Components, HeaderComponent, HeaderKind, TemplateStatus};
use futures::future::BoxFuture;
use http::Method;
use serde_json::Value;

use super::{Listed, Templates, button, too_many};
use crate::{
    interakt, json,
    outbound::Outbound,
    provider::{Account, Failure},
    request,
};

/// Interakt's API.
pub(super) struct Interakt;

/// The most pages that are read; one holds about 100.
const PAGES: usize = 100;

fn read(value: &Value) -> Option<Listed> {
    let kind: Option<HeaderKind> = json::text(value, "/header_format").and_then(|word| word.parse().ok());
    let header = kind.map(|kind| {
        let text = json::text(value, "/header").filter(|_| kind == HeaderKind::Text);
        HeaderComponent { kind, text, url: None }
    });
    let status = json::text(value, "/approval_status").unwrap_or_else(|| "APPROVED".to_owned());
    let (status, reason) = TemplateStatus::read(&status, json::text(value, "/rejection_reason"));
    Some(Listed {
        external_id: json::text(value, "/id"),
        name: json::text(value, "/name")?,
        language: json::text(value, "/language")?,
        category: json::text(value, "/category")?.parse().ok()?,
        status,
        reason,
        components: Components {
            header,
            body: json::text(value, "/body")?,
            footer: json::text(value, "/footer"),
            buttons: buttons(value.get("buttons"))?,
        },
    })
}

/// A list, or one written as text, or that text written as text once more.
fn buttons(value: Option<&Value>) -> Option<Vec<ButtonComponent>> {
    match value {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(button).collect(),
        Some(Value::String(text)) if text.trim().is_empty() => Some(Vec::new()),
        Some(Value::String(text)) => buttons(Some(&serde_json::from_str(text).ok()?)),
        Some(_) => None,
    }
}

impl Templates for Interakt {
    fn list<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> BoxFuture<'a, Result<Vec<Listed>, Failure>> {
        Box::pin(async move {
            let mut found = Vec::new();
            let mut offset = 0;
            for _ in 0..PAGES {
                let path = format!(
                    "/v1/public/track/organization/templates?offset={offset}&autosubmitted_for=all&approval_status=APPROVED&language=all"
                );
                let call = interakt::signed(account, Method::GET, &path)?;
                let page: Value = request::ask(account, outbound, call, |_| None).await?;
                let rows = json::list(&page, "/results/templates");
                if rows.is_empty() {
                    return Ok(found);
                }
                offset += rows.len();
                found.extend(rows.iter().filter_map(read));
            }
            Err(too_many())
        })
    }
}
