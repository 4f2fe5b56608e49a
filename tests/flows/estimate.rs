//! What a message would be, told before it is sent: segments, who is left out and why, and from when on a sample stands
//! for all.

use serde_json::{Value, json};
use tests::{Api, World};

const START: &str = "2026-03-02T08:00:00Z";

const SHORT: &str = "Ama";
const LONG: &str = "Nana Yaa Asantewaa Osei Tutu";

/// A text that takes one segment with the short name in it, and two with the long one.
fn text() -> String {
    format!("{} {{{{name}}}}", "x".repeat(150))
}

fn phone(number: u32) -> String {
    format!("+2547000{number:05}")
}

/// Makes contacts that join a group.
async fn join(api: &Api, group: &str, contacts: Vec<Value>) {
    let count = contacts.len();
    let made = api.post("/api/contacts/bulk", json!({ "contacts": contacts, "groupId": group })).await.expect(201);
    assert_eq!(made["created"], count, "{made}");
}

async fn to_group(api: &Api, group: &str, body: &str) -> Value {
    let body = json!({ "body": body, "recipientType": "GROUP", "recipientId": group });
    api.post("/api/messages/estimate", body).await.expect(200)
}

async fn suppress(api: &Api, number: u32) {
    api.post("/api/suppressions", json!({ "address": phone(number) })).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_are_those_of_each_copy() {
    let world = World::at(START).await;
    let (api, _) = world.organization("segments").await;
    let group = api.group_of("All", &[]).await;
    let contact = |number: u32, name: &str| json!({ "phone": phone(number), "name": name });
    join(&api, &group, vec![contact(1, SHORT)]).await;
    assert_eq!(to_group(&api, &group, &text()).await["segments"], 1);
    join(&api, &group, vec![contact(2, LONG)]).await;
    let estimate = to_group(&api, &group, &text()).await;
    assert_eq!((&estimate["recipients"], &estimate["segments"]), (&json!(2), &json!(3)), "{estimate}");
    assert_eq!((&estimate["encoding"], &estimate["exact"]), (&json!("GSM7"), &json!(true)));
    // A copy beyond the alphabet of GSM has room for 70 characters in one segment and for 67 in each of several.
    join(&api, &group, vec![contact(3, "Zoë Łukasz")]).await;
    let estimate = to_group(&api, &group, &text()).await;
    assert_eq!((&estimate["recipients"], &estimate["segments"]), (&json!(3), &json!(6)), "{estimate}");
    assert_eq!(estimate["encoding"], "UCS2");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn up_to_a_thousand_recipients_are_exact_and_beyond_that_the_first_stand_for_all() {
    let mut world = World::at(START).await;
    let (api, _) = world.organization("sample").await;
    let group = api.group_of("All", &[]).await;
    let contact = |number: u32, name: &str| json!({ "phone": phone(number), "name": name });
    let name = |number: u32| if number.is_multiple_of(2) { SHORT } else { LONG };
    join(&api, &group, (0..1_000).map(|number| contact(number, name(number))).collect()).await;
    for number in 0..20 {
        suppress(&api, number).await;
    }
    let figures = |estimate: &Value| {
        ["recipients", "sendable", "segments"].map(|name| estimate[name].as_u64().expect("a number"))
    };
    let estimate = to_group(&api, &group, &text()).await;
    assert_eq!(estimate["exact"], true, "{estimate}");
    assert_eq!(figures(&estimate), [1_000, 980, 490 + 2 * 490]);
    assert_eq!(estimate["skipped"], json!([{ "reason": "suppressed", "count": 20 }]));

    // Whoever joins later comes behind them.
    world.pass(1).await;
    join(&api, &group, (1_000..1_100).map(|number| contact(number, SHORT)).collect()).await;
    let estimate = to_group(&api, &group, &text()).await;
    assert_eq!(estimate["exact"], false, "{estimate}");
    assert_eq!(figures(&estimate), [1_100, 1_078, 1_617], "1.1 times as many as in the sample");
    assert_eq!(estimate["skipped"], json!([{ "reason": "suppressed", "count": 22 }]));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_left_out_is_counted_by_reason() {
    let world = World::at(START).await;
    let (api, _) = world.organization("skipped").await;
    let group = api.group_of("All", &[]).await;
    let city = json!({ "city": "Nakuru" });
    let contacts = vec![
        json!({ "phone": phone(1), "attributes": city }),
        json!({ "phone": phone(2), "attributes": city }),
        json!({ "phone": phone(3), "attributes": city }),
        json!({ "phone": phone(4) }),
        json!({ "phone": phone(5) }),
        json!({ "phone": phone(6) }),
        json!({ "email": "ama@example.com", "attributes": city }),
        json!({ "email": "kofi@example.com", "attributes": city }),
    ];
    join(&api, &group, contacts).await;
    suppress(&api, 1).await;
    let estimate = to_group(&api, &group, "From {{attributes.city}}.").await;
    assert_eq!(
        estimate["skipped"],
        json!([
            { "reason": "suppressed", "count": 1 },
            { "reason": "no_address", "count": 2 },
            { "reason": "variable_missing", "count": 3 },
        ])
    );
    assert_eq!((&estimate["recipients"], &estimate["sendable"]), (&json!(8), &json!(2)), "{estimate}");
    assert_eq!((&estimate["segments"], &estimate["preview"]), (&json!(2), &json!("From Nakuru.")), "{estimate}");

    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": [phone(7), "not a number"] });
    let estimate = api.post("/api/messages/estimate", body).await.expect(200);
    assert_eq!(estimate["skipped"], json!([{ "reason": "invalid_address", "count": 1 }]));
    assert_eq!((&estimate["recipients"], &estimate["sendable"]), (&json!(2), &json!(1)), "{estimate}");
    world.end().await;
}
