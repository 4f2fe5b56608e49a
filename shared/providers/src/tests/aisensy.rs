//! AiSensy: what is its own. What all providers do alike stands in `tests/contracts`.

use super::*;
use crate::Kind;
use crate::testing::{self, Server, outbound, outgoing, webhook};

async fn sent(account: Account, text: Outgoing, answer: Value) -> (crate::testing::Seen, Outcome) {
    let server = Server::start(move |_| testing::json(200, &answer)).await;
    let account = Account { api_url: Some(server.url.clone()), ..account };
    let outcome = AiSensy.send(&account, &outbound(), &[text]).await.remove(0);
    (server.seen().remove(0), outcome)
}

#[tokio::test]
async fn a_campaign_holds_the_key_in_its_body_and_the_key_nowhere_else() {
    let template = Template {
        name: "order_ready".to_owned(),
        language: "en".to_owned(),
        header: Some(Header::Image { url: "https://a.example/pics/x.png".to_owned() }),
        body: vec!["Ann".to_owned()],
        buttons: Vec::new(),
        names: Vec::new(),
    };
    let text = Outgoing { template: Some(template), ..outgoing("+254700000001", "") };
    let echo = json!({ "success": "true", "echo": "aisensy_key_0123456789" });
    let (seen, outcome) = sent(testing::account(Kind::AiSensy), text, echo).await;
    assert_eq!(seen.path, "/campaign/t1/api/v2");
    assert_eq!(
        seen.json(),
        json!({
            "apiKey": "aisensy_key_0123456789", "campaignName": "order_ready", "destination": "+254700000001",
            "userName": "+254700000001", "templateParams": ["Ann"], "source": "dundun",
            "media": { "url": "https://a.example/pics/x.png", "filename": "x.png" },
        })
    );
    // Older accounts tell no id.
    let Outcome::Accepted { id: None, response, .. } = outcome else { panic!("{outcome:?}") };
    assert!(response.contains("****") && !response.contains("aisensy_key"), "{response}");
}

#[tokio::test]
async fn free_text_needs_the_project_api() {
    let mut account = testing::account(Kind::AiSensy);
    let refused = AiSensy.send(&account, &outbound(), &[outgoing("+254700000001", "Hi")]).await.remove(0);
    let Outcome::Rejected { class: E::BadCredentials, reason, .. } = refused else { panic!("{refused:?}") };
    assert!(reason.contains("projectId"), "{reason}");
    account.credentials.insert("projectId".into(), "p1".into());
    assert_eq!(crate::validate(&account, &outbound())[0].code, "pattern_mismatch");
    account.credentials.insert("projectId".into(), "project1".into());
    assert_eq!(crate::validate(&account, &outbound())[0].pointer, "/credentials/projectApiPassword");
    account.credentials.insert("projectApiPassword".into(), "password1".into());
    let answer = json!({ "messages": [{ "id": "m-1" }] });
    let (seen, outcome) = sent(account, outgoing("+254700000001", "Hi"), answer).await;
    assert_eq!(seen.path, "/project-apis/v1/project/project1/messages");
    assert_eq!((seen.header("x-aisensy-project-api-pwd"), &seen.json()["text"]["body"]), ("password1", &json!("Hi")));
    assert!(matches!(outcome, Outcome::Accepted { id: Some(id), .. } if id == "m-1"));
}

#[tokio::test]
async fn without_a_campaign_nothing_can_be_tried() {
    let report = AiSensy.test(&testing::account(Kind::AiSensy), &outbound()).await.unwrap();
    assert!(!report.asked && report.message.contains("campaign"), "{report:?}");
}

#[test]
fn calls_of_other_topics_say_nothing() {
    let account = testing::account(Kind::AiSensy);
    let read = |body: &Value| AiSensy.receipts(&account, &webhook(Method::POST, &[], "", &body.to_string()));
    assert_eq!(read(&json!({ "topic": "contact.created", "data": {} })), Ok(Vec::new()));
    assert!(read(&json!({ "topic": "message.status.updated", "data": {} })).is_err());
    assert!(read(&json!({ "data": {} })).is_err());
}
