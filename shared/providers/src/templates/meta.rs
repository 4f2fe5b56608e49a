//! Templates by Meta's Business Management API, below the WhatsApp Business account.
//! <https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates>

use domain::{
    delivery::ErrorClass as E,
    whatsapp::{
        ButtonComponent, ButtonKind, Components, HeaderComponent, HeaderKind, TemplateCategory, TemplateStatus,
        placeholders,
    },
};
use futures::future::BoxFuture;
use http::Method;
use serde_json::{Map, Value, json};

use super::{Draft, Listed, Submitted, Templates, button, delete, too_many};
use crate::{
    json,
    meta::{graph, known},
    outbound::{Answer, Outbound},
    provider::{Account, Failure},
    request,
};

/// Meta's API.
pub(super) struct Meta;

/// How many a page holds: answers are read up to 256 KB.
const PAGE: usize = 50;
/// The most pages that are read.
const PAGES: usize = 200;
const FIELDS: &str = "id,name,language,status,category,components,rejected_reason";

/// The account that templates belong to.
fn business(account: &Account) -> Result<&str, Failure> {
    account.credential("businessAccountId").map(crate::secret::Secret::expose).ok_or_else(|| {
        let reason = "templates belong to the WhatsApp Business account: fill in the credential `businessAccountId`";
        Failure::new(E::BadCredentials, reason, String::new())
    })
}

/// Why Meta refused a template; its codes say less than its words, but for those that are about the account.
fn refusal(account: &Account, answer: &Answer) -> Failure {
    let known = known(answer).filter(|(class, _)| class.pauses_config());
    super::refusal("Meta", account, answer, known, &["/error/error_user_msg", "/error/message"])
}

async fn call(account: &Account, outbound: &Outbound, call: crate::outbound::Call) -> Result<Value, Failure> {
    let answer = request::answered(outbound, call).await?;
    if answer.status == 200 { Ok(json::answer(&answer)) } else { Err(refusal(account, &answer)) }
}

/// A template in the form that Meta lists; `None` where a part is not known here.
fn read(value: &Value) -> Option<Listed> {
    let mut parts = Components { header: None, body: String::new(), footer: None, buttons: Vec::new() };
    for component in json::list(value, "/components") {
        let text = json::text(component, "/text");
        match json::text(component, "/type")?.as_str() {
            "HEADER" => {
                let kind: HeaderKind = json::text(component, "/format")?.parse().ok()?;
                parts.header =
                    Some(HeaderComponent { kind, text: text.filter(|_| kind == HeaderKind::Text), url: None });
            }
            "BODY" => parts.body = text?,
            "FOOTER" => parts.footer = text,
            "BUTTONS" => {
                parts.buttons = json::list(component, "/buttons").iter().map(button).collect::<Option<_>>()?;
            }
            _ => return None,
        }
    }
    let (status, reason) = TemplateStatus::read(&json::text(value, "/status")?, json::text(value, "/rejected_reason"));
    Some(Listed {
        external_id: json::text(value, "/id"),
        name: json::text(value, "/name")?,
        language: json::text(value, "/language")?,
        category: json::text(value, "/category")?.parse().ok()?,
        status,
        reason,
        components: parts,
    })
    .filter(|listed| !listed.components.body.is_empty())
}

/// The parts of a template in the form that Meta takes, each with its examples.
fn written(draft: &Draft<'_>) -> Vec<Value> {
    let parts = draft.components;
    let mut written = Vec::new();
    if let Some(header) = &parts.header {
        let mut component = json!({ "type": "HEADER", "format": header.kind.name(), "text": header.text });
        let names = placeholders(header.text.as_deref().unwrap_or_default());
        example(&mut component, "header_text", &names, &draft.examples.header, false);
        written.push(component);
    }
    let mut body = json!({ "type": "BODY", "text": parts.body });
    example(&mut body, "body_text", &placeholders(&parts.body), &draft.examples.body, true);
    written.push(body);
    if let Some(footer) = &parts.footer {
        written.push(json!({ "type": "FOOTER", "text": footer }));
    }
    if !parts.buttons.is_empty() {
        let mut examples = draft.examples.buttons.iter();
        let buttons: Vec<Value> = parts.buttons.iter().map(|button| written_button(button, &mut examples)).collect();
        written.push(json!({ "type": "BUTTONS", "buttons": buttons }));
    }
    written
}

fn written_button<'a>(button: &ButtonComponent, examples: &mut impl Iterator<Item = &'a String>) -> Value {
    let mut value = json!({ "type": button.kind.name(), "text": button.text });
    match button.kind {
        ButtonKind::QuickReply => {}
        ButtonKind::PhoneNumber => value["phone_number"] = button.phone_number.as_deref().into(),
        // Its text is WhatsApp's own.
        ButtonKind::CopyCode => value = json!({ "type": "COPY_CODE", "example": examples.next() }),
        ButtonKind::Url => {
            let url = button.url.as_deref().unwrap_or_default();
            value["url"] = url.into();
            if let Some(name) = placeholders(url).first() {
                // They want the whole address.
                let example = examples.next().map(|example| url.replace(&format!("{{{{{name}}}}}"), example));
                value["example"] = json!([example]);
            }
        }
    }
    value
}

/// Examples in a list, or by name where the placeholders have names. Those of a body are lists of lists.
fn example(component: &mut Value, field: &str, names: &[String], examples: &[String], nested: bool) {
    if names.is_empty() {
        return;
    }
    component["example"] = if is_numbered(names) {
        json!({ field: if nested { json!([examples]) } else { json!(examples) } })
    } else {
        let named = |(name, example): (&String, &String)| json!({ "param_name": name, "example": example });
        let list: Vec<Value> = names.iter().zip(examples).map(named).collect();
        json!({ format!("{field}_named_params"): list })
    };
}

fn is_numbered(names: &[String]) -> bool {
    names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Templates for Meta {
    fn list<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> BoxFuture<'a, Result<Vec<Listed>, Failure>> {
        Box::pin(async move {
            let mut found = Vec::new();
            let mut after = String::new();
            for _ in 0..PAGES {
                let path = format!("/{}/message_templates?limit={PAGE}&fields={FIELDS}{after}", business(account)?);
                let page: Value = request::ask(account, outbound, graph(account, Method::GET, &path)?, known).await?;
                found.extend(json::list(&page, "/data").iter().filter_map(read));
                let cursor =
                    json::text(&page, "/paging/cursors/after").filter(|_| page.pointer("/paging/next").is_some());
                let Some(cursor) = cursor else { return Ok(found) };
                after =
                    format!("&after={}", url::form_urlencoded::byte_serialize(cursor.as_bytes()).collect::<String>());
            }
            Err(too_many())
        })
    }

    fn submit<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        draft: Draft<'a>,
    ) -> BoxFuture<'a, Result<Option<Submitted>, Failure>> {
        Box::pin(async move {
            let names = placeholders(&draft.components.body);
            let mut body = Map::from_iter([
                ("name".to_owned(), json!(draft.name)),
                ("language".to_owned(), json!(draft.language)),
                ("category".to_owned(), json!(draft.category)),
                ("components".to_owned(), json!(written(&draft))),
            ]);
            if !is_numbered(&names) {
                body.insert("parameter_format".to_owned(), json!("NAMED"));
            }
            let path = format!("/{}/message_templates", business(account)?);
            let page = call(account, outbound, graph(account, Method::POST, &path)?.json(&Value::Object(body))).await?;
            let status = json::text(&page, "/status").unwrap_or_else(|| "PENDING".to_owned());
            Ok(Some(Submitted {
                external_id: json::text(&page, "/id"),
                category: json::text(&page, "/category").and_then(|word| word.parse::<TemplateCategory>().ok()),
                status: TemplateStatus::read(&status, None).0,
            }))
        })
    }

    fn remove<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        name: &'a str,
        external_id: Option<&'a str>,
    ) -> BoxFuture<'a, Result<bool, Failure>> {
        Box::pin(async move {
            // By the name alone all its languages would go.
            let Some(id) = external_id else { return Ok(false) };
            let query = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs([("hsm_id", id), ("name", name)])
                .finish();
            let path = format!("/{}/message_templates?{query}", business(account)?);
            delete(outbound, graph(account, Method::DELETE, &path)?, |answer| refusal(account, answer)).await
        })
    }
}
