//! Templates by Gupshup's app API, where the config has the app's id. <https://docs.gupshup.io/reference/get-templates>
//!
//! Not verified against the live provider: the answers, as several of its users read them.

use domain::{
    delivery::ErrorClass as E,
    whatsapp::{ButtonComponent, Components, HeaderComponent, HeaderKind, TemplateStatus, placeholders},
};
use futures::future::BoxFuture;
use http::Method;
use serde_json::{Value, json};

use super::{Draft, Listed, Submitted, Templates, button, delete, refusal};
use crate::{
    answer, gupshup, json,
    outbound::{Call, Outbound},
    provider::{Account, Failure},
    request,
};

/// Gupshup's API.
pub(super) struct Gupshup;

fn call(account: &Account, method: Method, path: &str) -> Result<Call, Failure> {
    gupshup::call(account, method, &format!("{}{path}", gupshup::app(account)?))
}

/// `containerMeta` is the template as it was made, written as text; `data` is its parts run together.
fn read(value: &Value) -> Option<Listed> {
    let meta: Value =
        json::text(value, "/containerMeta").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let kind: HeaderKind = json::text(value, "/templateType")?.parse().ok()?;
    let text = json::text(&meta, "/header");
    let header = match kind {
        HeaderKind::Text => text.map(|text| HeaderComponent { kind, text: Some(text), url: None }),
        _ => Some(HeaderComponent { kind, text: None, url: None }),
    };
    let (status, reason) = TemplateStatus::read(&json::text(value, "/status")?, json::text(value, "/reason"));
    Some(Listed {
        external_id: Some(json::text(value, "/id")?),
        name: json::text(value, "/elementName")?,
        language: json::text(value, "/languageCode")?,
        category: json::text(value, "/category")?.parse().ok()?,
        status,
        reason,
        components: Components {
            header,
            body: json::text(&meta, "/data").or_else(|| json::text(value, "/data"))?,
            footer: json::text(&meta, "/footer"),
            buttons: json::list(&meta, "/buttons").iter().map(button).collect::<Option<_>>()?,
        },
    })
}

fn written_button(button: &ButtonComponent) -> Value {
    let mut value = json!({ "type": button.kind.name(), "text": button.text });
    if let Some(url) = &button.url {
        value["url"] = url.as_str().into();
        value["example"] = json!([url]);
    }
    if let Some(number) = &button.phone_number {
        value["phone_number"] = number.as_str().into();
    }
    value
}

/// The text with its examples in their places, as they want them shown.
fn shown(text: &str, examples: &[String]) -> String {
    placeholders(text).iter().zip(examples).fold(text.to_owned(), |text, (name, example)| {
        text.replace(&format!("{{{{{name}}}}}"), &format!("[{example}]"))
    })
}

impl Templates for Gupshup {
    fn list<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> BoxFuture<'a, Result<Vec<Listed>, Failure>> {
        Box::pin(async move {
            let call = call(account, Method::GET, "/template")?;
            let page: Value = request::ask(account, outbound, call, |_| None).await?;
            Ok(json::list(&page, "/templates").iter().filter_map(read).collect())
        })
    }

    fn submit<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        draft: Draft<'a>,
    ) -> BoxFuture<'a, Result<Option<Submitted>, Failure>> {
        Box::pin(async move {
            let parts = draft.components;
            let mut form = vec![
                ("elementName", draft.name.to_owned()),
                ("languageCode", draft.language.to_owned()),
                ("category", draft.category.name().to_owned()),
                ("templateType", "TEXT".to_owned()),
                // A label that only their list shows.
                ("vertical", draft.name.to_owned()),
                ("content", parts.body.clone()),
                ("example", shown(&parts.body, &draft.examples.body)),
                ("enableSample", "true".to_owned()),
            ];
            if let Some(text) = parts.header.as_ref().and_then(|header| header.text.as_deref()) {
                form.push(("header", text.to_owned()));
                form.push(("exampleHeader", shown(text, &draft.examples.header)));
            }
            form.extend(parts.footer.iter().map(|footer| ("footer", footer.clone())));
            if !parts.buttons.is_empty() {
                let buttons: Vec<Value> = parts.buttons.iter().map(written_button).collect();
                form.push(("buttons", Value::Array(buttons).to_string()));
            }
            let answer = request::answered(outbound, call(account, Method::POST, "/template")?.form(form)).await?;
            let page = json::answer(&answer);
            if !answer.is_success() || json::text(&page, "/status").as_deref() == Some("error") {
                let failure = refusal("Gupshup", account, &answer, None, &["/message"]);
                return Err(Failure { class: E::Template, ..failure });
            }
            let status = json::text(&page, "/template/status").unwrap_or_else(|| "PENDING".to_owned());
            Ok(Some(Submitted {
                external_id: json::text(&page, "/template/id"),
                category: None,
                status: TemplateStatus::read(&status, None).0,
            }))
        })
    }

    fn remove<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        name: &'a str,
        _: Option<&'a str>,
    ) -> BoxFuture<'a, Result<bool, Failure>> {
        Box::pin(async move {
            let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
            let call = call(account, Method::DELETE, &format!("/template/{name}"))?;
            delete(outbound, call, |answer| answer::failure_of_status(account, answer)).await
        })
    }
}
