//! Templates at providers, against servers that answer as the providers' pages say.

use domain::whatsapp::{ButtonKind, HeaderKind};
use serde_json::json;

use super::*;
use crate::testing::{self, Server, json as answer, outbound};

fn account(kind: Kind, url: &str) -> Account {
    let mut account = testing::account(kind);
    account.api_url = Some(url.to_owned());
    account.channel = Channel::WhatsApp;
    account.credentials.insert("businessAccountId".into(), "102290129340398".into());
    if kind == Kind::Gupshup {
        account.settings = json!({ "appName": "AcmeApp", "appId": "app-1" });
    }
    account
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A template with a header, a footer and two buttons, and examples for it.
fn parts() -> (Components, Parameters) {
    let components = json!({
        "header": { "type": "TEXT", "text": "Order {{1}}" },
        "body": "Hello {{1}}, {{2}} is ready.",
        "footer": "Acme",
        "buttons": [
            { "type": "URL", "text": "See it", "url": "https://acme.example/o/{{1}}" },
            { "type": "QUICK_REPLY", "text": "Stop" },
        ],
    });
    let examples = Parameters { header: texts(&["12"]), body: texts(&["Ann", "Bread"]), buttons: texts(&["o12"]) };
    (serde_json::from_value(components).unwrap(), examples)
}

fn draft<'a>(components: &'a Components, examples: &'a Parameters) -> Draft<'a> {
    Draft { name: "order_ready", language: "en_US", category: TemplateCategory::Utility, components, examples }
}

async fn list(kind: Kind, account: &Account) -> Result<Vec<Listed>, Failure> {
    templates(kind).unwrap().list(account, &outbound()).await
}

#[tokio::test]
async fn meta_lists_page_by_page_and_leaves_out_what_is_not_known() {
    let server = Server::start(|seen| {
        let template = |name: &str, status: &str, components: serde_json::Value| {
            json!({ "id": format!("id-{name}"), "name": name, "language": "en_US", "status": status, "category": "UTILITY",
                    "rejected_reason": "NONE", "components": components })
        };
        let body = json!({ "type": "BODY", "text": "Hello {{1}}" });
        if seen.path.contains("after=two%3D") {
            let reason = json!({ "rejected_reason": "SCAM" });
            let mut refused = template("refused", "REJECTED", json!([body]));
            refused["rejected_reason"] = reason["rejected_reason"].clone();
            return answer(200, &json!({ "data": [refused], "paging": { "cursors": { "after": "end" } } }));
        }
        let all = json!([
            { "type": "HEADER", "format": "DOCUMENT", "example": { "header_handle": ["x"] } },
            body,
            { "type": "FOOTER", "text": "Acme" },
            { "type": "BUTTONS", "buttons": [{ "type": "URL", "text": "See", "url": "https://a.example/{{1}}" }] },
        ]);
        let cards = json!([body, { "type": "CAROUSEL", "cards": [] }]);
        answer(200, &json!({
            "data": [template("ready", "APPROVED", all), template("cards", "APPROVED", cards)],
            "paging": { "cursors": { "after": "two=" }, "next": "https://graph.facebook.com/…" },
        }))
    })
    .await;
    let found = list(Kind::Meta, &account(Kind::Meta, &server.url)).await.unwrap();
    let states: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.status, one.reason.as_deref())).collect();
    assert_eq!(
        states,
        [("ready", TemplateStatus::Approved, None), ("refused", TemplateStatus::Rejected, Some("SCAM"))]
    );
    let ready = &found[0];
    assert_eq!((ready.external_id.as_deref(), ready.components.footer.as_deref()), (Some("id-ready"), Some("Acme")));
    assert_eq!(ready.components.header.as_ref().unwrap().kind, HeaderKind::Document);
    assert_eq!(ready.components.buttons[0].kind, ButtonKind::Url);
    let seen = server.seen();
    assert!(seen[0].path.starts_with("/v23.0/102290129340398/message_templates?limit=50&fields="), "{}", seen[0].path);
    assert_eq!(seen[0].header("authorization"), "Bearer EAAG0123456789abcdefgh");
}

#[tokio::test]
async fn meta_is_handed_a_template_with_examples_and_says_what_is_wrong() {
    let server = Server::start(|seen| match seen.method.as_str() {
        "DELETE" => answer(200, &json!({ "success": true })),
        _ if seen.body.contains("\"sw\"") => {
            let told = json!({ "code": 100, "message": "Invalid parameter", "error_user_msg": "The name is in use." });
            answer(400, &json!({ "error": told }))
        }
        _ => answer(200, &json!({ "id": "77", "status": "PENDING", "category": "MARKETING" })),
    })
    .await;
    let account = account(Kind::Meta, &server.url);
    let (components, examples) = parts();
    let meta = templates(Kind::Meta).unwrap();
    let made = meta.submit(&account, &outbound(), draft(&components, &examples)).await.unwrap().unwrap();
    let expected = Submitted {
        external_id: Some("77".into()),
        category: Some(TemplateCategory::Marketing),
        status: TemplateStatus::Pending,
    };
    assert_eq!(made, expected);
    let sent = server.seen()[0].json();
    assert_eq!(
        sent["components"],
        json!([
            { "type": "HEADER", "format": "TEXT", "text": "Order {{1}}", "example": { "header_text": ["12"] } },
            { "type": "BODY", "text": "Hello {{1}}, {{2}} is ready.", "example": { "body_text": [["Ann", "Bread"]] } },
            { "type": "FOOTER", "text": "Acme" },
            { "type": "BUTTONS", "buttons": [
                { "type": "URL", "text": "See it", "url": "https://acme.example/o/{{1}}", "example": ["https://acme.example/o/o12"] },
                { "type": "QUICK_REPLY", "text": "Stop" },
            ] },
        ])
    );
    assert!(sent.get("parameter_format").is_none());
    let named = Components { header: None, body: "Hi {{first_name}}".into(), footer: None, buttons: Vec::new() };
    let ann = Parameters { body: texts(&["Ann"]), ..Parameters::default() };
    meta.submit(&account, &outbound(), draft(&named, &ann)).await.unwrap();
    let sent = server.seen()[1].json();
    assert_eq!(sent["parameter_format"], "NAMED");
    let example = json!({ "body_text_named_params": [{ "param_name": "first_name", "example": "Ann" }] });
    assert_eq!(sent["components"][0]["example"], example);

    let swahili = Draft { language: "sw", ..draft(&named, &ann) };
    let refused = meta.submit(&account, &outbound(), swahili).await.unwrap_err();
    assert_eq!(refused.reason, "Meta: The name is in use.");
    assert!(meta.remove(&account, &outbound(), "order_ready", Some("77")).await.unwrap());
    assert!(!meta.remove(&account, &outbound(), "order_ready", None).await.unwrap(), "all languages would go");
    let deleted = server.seen().pop().unwrap().path;
    assert_eq!(deleted, "/v23.0/102290129340398/message_templates?hsm_id=77&name=order_ready");

    let mut without = account.clone();
    without.credentials.remove("businessAccountId");
    let missing = meta.list(&without, &outbound()).await.unwrap_err();
    assert!(missing.reason.contains("`businessAccountId`"), "{}", missing.reason);
}

#[tokio::test]
async fn twilio_lists_what_was_handed_in_and_takes_new_content_in_two_calls() {
    let server = Server::start(|seen| {
        let content = |sid: &str, status: &str, types: serde_json::Value| {
            json!({ "sid": sid, "friendly_name": sid, "language": "en", "variables": { "1": "Ann" }, "types": types,
                    "approval_requests": { "name": format!("t_{sid}"), "category": "UTILITY", "status": status } })
        };
        match (seen.method.as_str(), seen.path.as_str()) {
            ("DELETE", _) => testing::reply(204, "text/plain", ""),
            ("POST", "/v1/Content") => answer(201, &json!({ "sid": "HX9" })),
            ("POST", _) => answer(201, &json!({ "status": "received" })),
            (_, path) if path.contains("Page=1") => answer(200, &json!({
                "contents": [content("HX3", "paused", json!({ "twilio/card": { "title": "Hi {{1}}", "media": ["https://a.example/{{2}}.png"],
                    "actions": [{ "type": "URL", "title": "Go", "url": "https://a.example/{{3}}" }] } }))],
                "meta": { "next_page_url": null },
            })),
            _ => answer(200, &json!({
                "contents": [
                    content("HX1", "approved", json!({ "twilio/text": { "body": "Hello {{1}}" } })),
                    content("HX2", "unsubmitted", json!({ "twilio/text": { "body": "Draft" } })),
                ],
                "meta": { "next_page_url": "https://content.twilio.com/v1/ContentAndApprovals?PageSize=50&Page=1" },
            })),
        }
    })
    .await;
    let account = account(Kind::Twilio, &server.url);
    let found = list(Kind::Twilio, &account).await.unwrap();
    let shown: Vec<_> = found.iter().map(|one| (one.external_id.as_deref().unwrap(), one.name.as_str())).collect();
    assert_eq!(shown, [("HX1", "t_HX1"), ("HX3", "t_HX3")]);
    assert_eq!(found[1].status, TemplateStatus::Paused);
    let card = &found[1].components;
    let given = Parameters { header: texts(&["a"]), body: texts(&["Ann"]), buttons: texts(&["b"]) };
    let filled = card.fill("HX3", "en", &given, "").unwrap();
    // All its placeholders are of one list.
    assert_eq!(json!(crate::whatsapp::by_name(&filled)), json!({ "1": "Ann", "2": "a", "3": "b" }));
    assert_eq!(server.seen()[1].path, "/v1/ContentAndApprovals?PageSize=50&Page=1");

    let (components, examples) = parts();
    let twilio = templates(Kind::Twilio).unwrap();
    let made = twilio.submit(&account, &outbound(), draft(&components, &examples)).await.unwrap().unwrap();
    assert_eq!((made.external_id.as_deref(), made.status), (Some("HX9"), TemplateStatus::Pending));
    let calls = server.seen();
    let [.., content, approval] = calls.as_slice() else { panic!("two calls") };
    let card = &content.json()["types"]["whatsapp/card"];
    assert_eq!((&card["header_text"], &card["footer"]), (&json!("Order {{1}}"), &json!("Acme")));
    assert_eq!(approval.path, "/v1/Content/HX9/ApprovalRequests/whatsapp");
    assert_eq!(approval.json(), json!({ "name": "order_ready", "category": "UTILITY" }));
    assert!(twilio.remove(&account, &outbound(), "order_ready", Some("HX9")).await.unwrap());
}

#[tokio::test]
async fn gupshup_keeps_the_parts_in_a_text() {
    let server = Server::start(|seen| {
        if seen.method == "POST" {
            return answer(200, &json!({ "status": "success", "template": { "id": "g-2", "status": "PENDING" } }));
        }
        let meta = json!({ "data": "Hello {{1}}", "header": "Dear {{1}}", "footer": "Acme",
                           "buttons": [{ "type": "PHONE_NUMBER", "text": "Call", "phone_number": "+254700000001" }] });
        answer(200, &json!({ "status": "success", "templates": [
            { "id": "g-1", "elementName": "ready", "languageCode": "en", "category": "MARKETING", "status": "REJECTED",
              "reason": "Too short", "templateType": "TEXT", "data": "Dear {{1}}\nHello", "containerMeta": meta.to_string() },
            { "id": "g-9", "elementName": "shop", "languageCode": "en", "category": "MARKETING", "status": "APPROVED",
              "templateType": "CATALOG", "data": "x" },
        ] }))
    })
    .await;
    let account = account(Kind::Gupshup, &server.url);
    let found = list(Kind::Gupshup, &account).await.unwrap();
    assert_eq!((found.len(), found[0].components.body.as_str()), (1, "Hello {{1}}"));
    assert_eq!((found[0].status, found[0].reason.as_deref()), (TemplateStatus::Rejected, Some("Too short")));
    assert_eq!(reference(Kind::Gupshup, &found[0].name, found[0].external_id.as_deref()), "g-1");
    let (components, examples) = parts();
    let gupshup = templates(Kind::Gupshup).unwrap();
    let made = gupshup.submit(&account, &outbound(), draft(&components, &examples)).await.unwrap().unwrap();
    assert_eq!(made.external_id.as_deref(), Some("g-2"));
    let form = server.seen()[1].form();
    assert_eq!(
        (form["example"].as_str(), form["exampleHeader"].as_str()),
        ("Hello [Ann], [Bread] is ready.", "Order [12]")
    );
    assert_eq!(server.seen()[1].path, "/wa/app/app-1/template");
    let missing = list(Kind::Gupshup, &testing::account(Kind::Gupshup)).await.unwrap_err();
    assert!(missing.reason.contains("`settings.appId`"));
}

#[tokio::test]
async fn interakt_writes_buttons_as_text_and_pages_by_offset() {
    let server = Server::start(|seen| {
        let buttons = json!([{ "type": "QUICK_REPLY", "text": "Yes" }]).to_string();
        let template = json!({ "id": "5", "name": "ready", "language": "en", "category": "UTILITY", "approval_status": "APPROVED",
                               "header_format": "IMAGE", "body": "Hello {{1}}", "buttons": json!(buttons).to_string() });
        let page = if seen.path.contains("offset=0&") { json!([template]) } else { json!([]) };
        answer(200, &json!({ "results": { "templates": page } }))
    })
    .await;
    let account = account(Kind::Interakt, &server.url);
    let found = list(Kind::Interakt, &account).await.unwrap();
    assert_eq!((found.len(), found[0].components.buttons[0].text.as_str()), (1, "Yes"));
    assert_eq!(found[0].components.header.as_ref().unwrap().kind, HeaderKind::Image);
    assert_eq!(server.seen()[0].header("authorization"), "Basic aW50ZXJha3Rfa2V5OjEyMw==");
    let (components, examples) = parts();
    let interakt = templates(Kind::Interakt).unwrap();
    assert_eq!(interakt.submit(&account, &outbound(), draft(&components, &examples)).await, Ok(None));
    assert!(steps(Kind::Interakt).contains("/whatsapp-templates/sync"));
}

#[test]
fn who_is_bound_to_the_24_hours() {
    let none = serde_json::Value::Null;
    for kind in [Kind::Meta, Kind::Twilio, Kind::Gupshup, Kind::Interakt, Kind::AiSensy, Kind::Vonage] {
        assert!(has_window(kind, Channel::WhatsApp, &none), "{kind}");
        assert!(
            !has_window(kind, Channel::WhatsApp, &json!({ "template": { "name": "x" } })),
            "{kind} sends templates only"
        );
    }
    for kind in [Kind::Fonnte, Kind::Sandbox, Kind::Custom] {
        assert!(!has_window(kind, Channel::WhatsApp, &none), "{kind}");
    }
    assert!(!has_window(Kind::Twilio, Channel::Sms, &none));
    assert!(carries_templates(Kind::Sandbox, Channel::WhatsApp) && !carries_templates(Kind::Fonnte, Channel::WhatsApp));
}
