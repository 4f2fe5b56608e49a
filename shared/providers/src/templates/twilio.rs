//! Templates by Twilio's Content API. <https://www.twilio.com/docs/content>

use domain::{
    delivery::ErrorClass as E,
    whatsapp::{ButtonComponent, ButtonKind, Components, HeaderComponent, HeaderKind, TemplateStatus, placeholders},
};
use futures::future::BoxFuture;
use http::Method;
use serde_json::{Map, Value, json};

use super::{Draft, Listed, Submitted, Templates, delete, refusal, too_many};
use crate::{
    answer, json,
    outbound::{Call, Outbound},
    provider::{Account, Failure},
    request, twilio,
};

/// Twilio's API.
pub(super) struct Twilio;

const HOST: &str = "https://content.twilio.com";
/// The most pages that are read.
const PAGES: usize = 100;

fn call(account: &Account, method: Method, path: &str) -> Result<Call, Failure> {
    twilio::signed(account, Call::to(account, method, HOST, path)?)
}

/// Content that was handed in to WhatsApp; what was not is not a template yet.
fn read(value: &Value) -> Option<Listed> {
    let approval = value.get("approval_requests")?;
    let word = json::text(approval, "/status").filter(|word| word != "unsubmitted")?;
    let (status, reason) = TemplateStatus::read(&word, json::text(approval, "/rejection_reason"));
    Some(Listed {
        external_id: Some(json::text(value, "/sid")?),
        name: json::text(approval, "/name").or_else(|| json::text(value, "/friendly_name"))?,
        language: json::text(value, "/language")?,
        category: json::text(approval, "/category")?.parse().ok()?,
        status,
        reason,
        components: value.get("types")?.as_object()?.iter().find_map(|(kind, content)| components(kind, content))?,
    })
}

/// The parts of content of the types that are known here.
fn components(kind: &str, content: &Value) -> Option<Components> {
    let text = |name: &str| json::text(content, &format!("/{name}"));
    let media = || {
        let url = json::text(content, "/media/0").or_else(|| text("media"))?;
        let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let kind = match path.rsplit('.').next() {
            Some("mp4" | "3gp") => HeaderKind::Video,
            Some("pdf" | "doc" | "docx" | "xls" | "xlsx" | "ppt" | "pptx" | "txt") => HeaderKind::Document,
            _ => HeaderKind::Image,
        };
        Some(HeaderComponent { kind, text: None, url: Some(url) })
    };
    let title = |name: &str| {
        let text = Some(text(name)?);
        Some(HeaderComponent { kind: HeaderKind::Text, text, url: None })
    };
    let buttons = || json::list(content, "/actions").iter().map(button).collect::<Option<Vec<_>>>();
    let parts =
        |header, body: Option<String>, footer, buttons| Some(Components { header, body: body?, footer, buttons });
    match kind {
        "twilio/text" => parts(None, text("body"), None, Vec::new()),
        "twilio/media" => parts(media(), text("body"), None, Vec::new()),
        "twilio/quick-reply" | "twilio/call-to-action" => parts(None, text("body"), None, buttons()?),
        "twilio/card" => parts(media(), text("title").or_else(|| text("body")), text("subtitle"), buttons()?),
        "whatsapp/card" => parts(title("header_text").or_else(media), text("body"), text("footer"), buttons()?),
        _ => None,
    }
}

fn button(value: &Value) -> Option<ButtonComponent> {
    let kind = match json::text(value, "/type").as_deref() {
        None | Some("QUICK_REPLY") => ButtonKind::QuickReply,
        Some("URL") => ButtonKind::Url,
        Some("PHONE_NUMBER") => ButtonKind::PhoneNumber,
        Some(_) => return None,
    };
    let (url, phone_number) = (json::text(value, "/url"), json::text(value, "/phone"));
    Some(ButtonComponent { kind, text: json::text(value, "/title")?, url, phone_number })
}

/// Content with its type; `Err`: why there is no type that holds it.
fn written(draft: &Draft<'_>) -> Result<(&'static str, Value), Failure> {
    let parts = draft.components;
    let actions: Option<Vec<Value>> = parts.buttons.iter().enumerate().map(written_button).collect();
    let actions = actions.ok_or_else(|| {
        Failure::new(
            E::Template,
            "Twilio takes no buttons that copy a code: make it in the Content editor",
            String::new(),
        )
    })?;
    if parts.header.is_none() && parts.footer.is_none() {
        return Ok(if actions.is_empty() {
            ("twilio/text", json!({ "body": parts.body }))
        } else if parts.buttons.iter().all(|button| button.kind == ButtonKind::QuickReply) {
            ("twilio/quick-reply", json!({ "body": parts.body, "actions": actions }))
        } else {
            ("twilio/call-to-action", json!({ "body": parts.body, "actions": actions }))
        });
    }
    let mut card = json!({ "body": parts.body, "actions": actions });
    if let Some(header) = &parts.header {
        match &header.url {
            Some(url) => card["media"] = json!([url]),
            None => card["header_text"] = header.text.as_deref().into(),
        }
    }
    if let Some(footer) = &parts.footer {
        card["footer"] = footer.as_str().into();
    }
    Ok(("whatsapp/card", card))
}

fn written_button((index, button): (usize, &ButtonComponent)) -> Option<Value> {
    Some(match button.kind {
        ButtonKind::QuickReply => json!({ "type": "QUICK_REPLY", "title": button.text, "id": index.to_string() }),
        ButtonKind::Url => json!({ "type": "URL", "title": button.text, "url": button.url }),
        ButtonKind::PhoneNumber => {
            json!({ "type": "PHONE_NUMBER", "title": button.text, "phone": button.phone_number })
        }
        ButtonKind::CopyCode => return None,
    })
}

/// All placeholders are of one list, and each has an example.
fn variables(draft: &Draft<'_>) -> Map<String, Value> {
    let mut all = Map::new();
    let mut add = |text: Option<&str>, examples: &[String]| {
        let names = placeholders(text.unwrap_or_default());
        all.extend(names.into_iter().zip(examples).map(|(name, example)| (name, Value::from(example.as_str()))));
    };
    let parts = draft.components;
    let header = parts.header.as_ref().and_then(|header| header.url.as_deref().or(header.text.as_deref()));
    add(Some(parts.body.as_str()), &draft.examples.body);
    add(header, &draft.examples.header);
    let mut examples = draft.examples.buttons.iter();
    for button in &parts.buttons {
        if placeholders(button.url.as_deref().unwrap_or_default()).len() == 1 {
            add(button.url.as_deref(), examples.next().map_or(&[][..], std::slice::from_ref));
        }
    }
    all
}

async fn made(account: &Account, outbound: &Outbound, call: Call) -> Result<Value, Failure> {
    let answer = request::answered(outbound, call).await?;
    if matches!(answer.status, 200 | 201) {
        return Ok(json::answer(&answer));
    }
    Err(refusal("Twilio", account, &answer, twilio::known(&answer), &["/message"]))
}

impl Templates for Twilio {
    fn list<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> BoxFuture<'a, Result<Vec<Listed>, Failure>> {
        Box::pin(async move {
            let mut found = Vec::new();
            let mut path = "/v1/ContentAndApprovals?PageSize=50".to_owned();
            for _ in 0..PAGES {
                let call = call(account, Method::GET, &path)?;
                let page: Value = request::ask(account, outbound, call, twilio::known).await?;
                found.extend(json::list(&page, "/contents").iter().filter_map(read));
                // A whole address, of which the host is known.
                let next = json::text(&page, "/meta/next_page_url").and_then(|next| next.parse::<url::Url>().ok());
                let Some(next) = next else { return Ok(found) };
                next[url::Position::BeforePath..].clone_into(&mut path);
            }
            Err(too_many())
        })
    }

    /// Two calls: the content, then the request to approve it. Content that was not handed in is not listed, so a crash
    /// between the two leaves nothing behind that could be sent.
    fn submit<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        draft: Draft<'a>,
    ) -> BoxFuture<'a, Result<Option<Submitted>, Failure>> {
        Box::pin(async move {
            let (kind, content) = written(&draft)?;
            let body = json!({
                "friendly_name": draft.name,
                "language": draft.language,
                "variables": variables(&draft),
                "types": { kind: content },
            });
            let page = made(account, outbound, call(account, Method::POST, "/v1/Content")?.json(&body)).await?;
            let missing = || Failure::new(E::Ambiguous, "Twilio gave the content no id", String::new());
            let sid = json::text(&page, "/sid").ok_or_else(missing)?;
            let path = format!("/v1/Content/{sid}/ApprovalRequests/whatsapp");
            let body = json!({ "name": draft.name, "category": draft.category });
            let page = made(account, outbound, call(account, Method::POST, &path)?.json(&body)).await?;
            let status = json::text(&page, "/status").unwrap_or_else(|| "received".to_owned());
            let status = TemplateStatus::read(&status, None).0;
            Ok(Some(Submitted { external_id: Some(sid), category: None, status }))
        })
    }

    fn remove<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        _: &'a str,
        external_id: Option<&'a str>,
    ) -> BoxFuture<'a, Result<bool, Failure>> {
        Box::pin(async move {
            let Some(sid) = external_id else { return Ok(false) };
            let call = call(account, Method::DELETE, &format!("/v1/Content/{sid}"))?;
            delete(outbound, call, |answer| answer::failure_of_status(account, answer)).await
        })
    }
}
