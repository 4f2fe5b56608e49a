//! `/api/templates`.

use serde_json::{Value, json};
use tests::{Api, World};

async fn make(api: &Api, body: Value) -> String {
    let made = api.post("/api/templates", body).await.expect(201);
    format!("/api/templates/{}", made["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_template_is_made_shown_changed_and_deleted() {
    let world = World::start().await;
    let api = world.api.register("templates").await;
    let body = json!({ "name": " Ready ", "event": "order_ready", "body": "Hi {{name|there}}, {{number}} is ready.", "requiredVariables": ["name"] });
    let answer = api.post("/api/templates", body).await;
    let path = answer.headers["location"].to_str().unwrap().to_owned();
    let made = answer.expect(201);
    assert_eq!(path, format!("/api/templates/{}", made["id"].as_str().unwrap()));
    assert_eq!(
        (&made["name"], &made["channel"], &made["event"]),
        (&json!("Ready"), &json!("SMS"), &json!("ORDER_READY"))
    );
    assert_eq!((&made["isCustom"], &made["version"], &made["subject"]), (&json!(true), &json!(1), &Value::Null));
    assert_eq!(made["requiredVariables"], json!(["number", "name"]));
    assert_eq!(made["variables"], json!(["name", "number"]));
    assert_eq!(api.get(&path).await.expect(200), made);

    let changed = api.put(&path, json!({ "body": "{{number}} waits.", "event": null })).await.expect(200);
    assert_eq!((&changed["name"], &changed["event"], &changed["version"]), (&json!("Ready"), &Value::Null, &json!(2)));
    assert_eq!(changed["variables"], json!(["number"]));
    api.delete(&path).await.expect(204);
    assert_eq!(api.get(&path).await.problem(404), "not_found");
    assert_eq!(api.put(&path, json!({ "name": "x" })).await.problem(404), "not_found");
    world.end().await;
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_pointer() {
    let world = World::start().await;
    let api = world.api.register("templates-wrong").await;
    let wrong = async |body: Value| api.post("/api/templates", body).await.told(422);
    assert_eq!(wrong(json!({ "name": "x" })).await, "/body field_required");
    assert_eq!(wrong(json!({ "name": " ", "body": " " })).await, "/name name_invalid, /body body_required");
    assert_eq!(wrong(json!({ "name": "x", "body": "Hi {{name" })).await, "/body template_malformed");
    assert_eq!(wrong(json!({ "name": "x", "body": "Hi", "event": "a b" })).await, "/event event_invalid");
    assert_eq!(wrong(json!({ "name": "x", "body": "Hi", "subject": "S" })).await, "/subject subject_not_for_channel");
    assert_eq!(wrong(json!({ "name": "x", "body": "Hi", "colour": 1 })).await, "/colour field_unknown");
    assert_eq!(
        wrong(json!({ "name": "x", "body": "Hi", "requiredVariables": ["{{a}}"] })).await,
        "/requiredVariables/0 variable_invalid"
    );
    assert_eq!(wrong(json!({ "name": "x", "body": "ж".repeat(5_001) })).await, "/body body_too_long");
    let path = make(&api, json!({ "name": "x", "body": "Hi" })).await;
    assert_eq!(api.put(&path, json!({ "body": "{{" })).await.told(422), "/body template_malformed");
    assert_eq!(api.get(&path).await.expect(200)["version"], 1);
    world.end().await;
}

#[tokio::test]
async fn lists_end_with_the_built_in_ones_and_filter() {
    let world = World::start().await;
    let api = world.api.register("templates-list").await;
    let built_in = api.all("/api/templates").await;
    let events: Vec<&str> = built_in.iter().filter_map(|template| template["event"].as_str()).collect();
    for event in ["ORDER_CREATED", "ORDER_PAID", "PAYMENT_RECEIVED", "APPOINTMENT_REMINDER"] {
        assert!(events.contains(&event), "{event}");
    }
    for number in 0..3 {
        make(&api, json!({ "name": format!("T{number}"), "event": "ORDER_PAID", "body": "Hi" })).await;
    }
    let all = api.all("/api/templates").await;
    assert_eq!(all[0]["name"], "T2", "newest first");
    assert_eq!(all.len(), built_in.len() + 3);
    assert_eq!(api.get("/api/templates?limit=1").await.expect(200)["total"], all.len());
    // Page by page it is the same list, across the seam to the built-in ones.
    let (mut paged, mut after) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("/api/templates?limit=2{after}")).await.expect(200);
        paged.extend(page["data"].as_array().unwrap().clone());
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        after = format!("&cursor={cursor}");
    }
    assert_eq!(paged, all);
    let names = async |query: &str| {
        let found = api.all(&format!("/api/templates?{query}")).await;
        found.iter().map(|template| template["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("isCustom=true").await, ["T2", "T1", "T0"]);
    assert_eq!(names("isCustom=true&event=order_paid").await.len(), 3);
    assert_eq!(names("isCustom=false").await.len(), built_in.len());
    assert_eq!(names("event=NOTHING").await.len(), 0);
    assert_eq!(api.get("/api/templates?isCustom=maybe").await.told(422), "?isCustom parameter_type");
    world.end().await;
}

#[tokio::test]
async fn locked_ones_are_copied_to_be_changed() {
    let world = World::start().await;
    let owner = world.api.register("templates-locked").await;
    let member = owner.member("templates-locked", "MEMBER").await;
    let locked = json!({ "name": "House style", "body": "Hi {{name}}", "isCustom": false });
    assert_eq!(member.post("/api/templates", locked.clone()).await.problem(403), "role_too_small");
    let path = make(&owner, locked).await;
    let built_in = owner.get("/api/templates?isCustom=false&event=ORDER_PAID").await.expect(200);
    let built_in = format!("/api/templates/{}", built_in["data"][0]["id"].as_str().unwrap());
    for path in [path, built_in] {
        assert_eq!(owner.put(&path, json!({ "body": "Hello" })).await.problem(409), "template_locked");
        assert_eq!(owner.delete(&path).await.problem(409), "template_locked");
        let original = owner.get(&path).await.expect(200);
        let copy = member.post(&format!("{path}/copy"), json!({})).await.expect(201);
        assert_eq!(copy["name"], format!("{} (copy)", original["name"].as_str().unwrap()));
        assert_eq!((&copy["isCustom"], &copy["body"], &copy["version"]), (&json!(true), &original["body"], &json!(1)));
        let copy = format!("/api/templates/{}", copy["id"].as_str().unwrap());
        assert_eq!(member.put(&copy, json!({ "body": "Hello" })).await.expect(200)["version"], 2);
        assert_eq!(owner.get(&path).await.expect(200), original, "the original stays");
        assert_eq!(member.post(&format!("{path}/copy"), json!({ "name": "" })).await.told(422), "/name name_invalid");
    }
    world.end().await;
}

#[tokio::test]
async fn a_preview_fills_in_and_names_what_is_missing() {
    let world = World::start().await;
    let api = world.api.register("templates-preview").await;
    let path = make(&api, json!({ "name": "x", "body": "Hi {{name|there}}, {{number}} is {{state}}. ✓" })).await;
    let preview = api.post(&format!("{path}/preview"), json!({ "variables": { "NUMBER": 7 } })).await.expect(200);
    assert_eq!(preview["renderedMessage"], "Hi there, 7 is {{state}}. ✓");
    assert_eq!(preview["missingVariables"], json!(["state"]));
    assert_eq!((&preview["segments"], &preview["encoding"]), (&json!(1), &json!("UCS2")));
    let wrong = api.post(&format!("{path}/preview"), json!({ "variables": { "a": [] } })).await;
    assert_eq!(wrong.told(422), "/variables/a field_type");
    world.end().await;
}

#[tokio::test]
async fn a_text_is_previewed_before_it_is_a_template() {
    let world = World::start().await;
    let api = world.api.register("templates-preview-unsaved").await;
    let path = "/api/templates/preview";
    let body = "Hi {{name|there}}, {{number}} is {{state}}.";
    let preview = api.post(path, json!({ "body": body, "variables": { "number": 7 } })).await.expect(200);
    assert_eq!(preview["renderedMessage"], "Hi there, 7 is {{state}}.");
    assert_eq!((&preview["missingVariables"], &preview["segments"]), (&json!(["state"]), &json!(1)));
    assert_eq!(preview["renderedHtml"], Value::Null);

    let mail = json!({ "channel": "EMAIL", "subject": "For {{name}}", "body": "<p onclick=\"x()\">{{name}}</p>", "variables": { "name": "<b>Amina</b>" } });
    let preview = api.post(path, mail).await.expect(200);
    assert_eq!(preview["renderedSubject"], "For <b>Amina</b>");
    let html = preview["renderedHtml"].as_str().unwrap();
    assert!(html.contains("<p>&lt;b&gt;Amina&lt;/b&gt;</p>"), "{html}");

    let early = api.post(path, json!({ "channel": "EMAIL", "body": "<p>Hi</p>" })).await.expect(200);
    assert!(early["renderedHtml"].as_str().unwrap().contains("<p>Hi</p>"), "before it has a subject: {early}");

    assert_eq!(api.get("/api/templates?isCustom=true").await.expect(200)["data"], json!([]), "nothing is stored");
    assert_eq!(api.post(path, json!({ "body": " " })).await.told(422), "/body body_required");
    assert_eq!(api.post(path, json!({ "body": "{{" })).await.told(422), "/body template_malformed");
    let wrong = api.post(path, json!({ "body": "Hi", "variables": { "a": [] } })).await;
    assert_eq!(wrong.told(422), "/variables/a field_type");
    world.end().await;
}

#[tokio::test]
async fn a_message_takes_its_text_from_a_template() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (api, _) = world.organization("templates-send").await;
    let path = make(&api, json!({ "name": "Ready", "body": "Hi {{name|there}}, {{number}} is ready." })).await;
    let id = path.rsplit('/').next().unwrap();
    let body = |variables: Value| json!({ "templateId": id, "variables": variables, "recipientType": "ADDRESS", "recipients": ["+254700000001"] });
    assert_eq!(api.post("/api/messages", body(json!({}))).await.told(422), "/variables/number variable_missing");
    let message = api.post("/api/messages", body(json!({ "number": 7 }))).await.expect(202);
    assert_eq!(message["title"], "Ready");
    let sent = world.settled(&api, message["id"].as_str().unwrap()).await;
    assert_eq!(sent["status"], "SENT");
    assert_eq!(world.provider.accepted()[0].body, "Hi there, 7 is ready.");
    // What was sent stays as it was.
    api.put(&path, json!({ "body": "Changed {{number}}" })).await.expect(200);
    let copies = api.all(&format!("/api/deliveries?templateId={id}")).await;
    assert_eq!((copies.len(), &copies[0]["body"]), (1, &json!("Hi there, 7 is ready.")));
    assert_eq!((&copies[0]["isFromTemplate"], &copies[0]["templateId"]), (&json!(true), &json!(id)));
    api.delete(&path).await.expect(204);
    assert_eq!(
        api.post("/api/messages", body(json!({ "number": 7 }))).await.told(422),
        "/templateId template_not_found"
    );
    world.end().await;
}
