//! What holds for every route: lists, checked fields, sizes, types; and how the first organization comes to be.

use super::*;

#[tokio::test]
async fn lists_continue_and_foreign_cursors_do_not() {
    let api = Api::start(Registration::Open).await;
    let owner = api.register("amina@example.org").await.text("/accessToken");
    for name in ["a", "b", "c"] {
        let made = api.post("/api/api-keys", &owner, json!({ "name": name, "scopes": ["users:read"] })).await;
        assert_eq!(made.status, 201);
        api.clock.advance(Duration::from_secs(1));
    }
    let first = api.get("/api/api-keys?limit=2", &owner).await;
    let cursor = first.text("/nextCursor");
    let second = api.get(&format!("/api/api-keys?limit=2&cursor={cursor}"), &owner).await;
    let names = |answer: &Answer| {
        answer.body["data"].as_array().unwrap().iter().map(|key| key["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((names(&first), names(&second)), (vec![json!("c"), json!("b")], vec![json!("a")]));
    assert_eq!(second.body["nextCursor"], Value::Null);

    let other = api.register("other@example.org").await.text("/accessToken");
    for (path, token) in [("/api/api-keys", &other), ("/api/users", &owner)] {
        assert_eq!(api.get(&format!("{path}?cursor={cursor}"), token).await.code(), (400, "cursor_invalid"));
    }
    assert_eq!(api.get("/api/users?limit=0", &owner).await.code(), (422, "limit_invalid"));
    assert_eq!(api.get("/api/users?x=1", &owner).await.code(), (422, "parameter_unknown"));
}

#[tokio::test]
async fn settings_of_the_organization_are_checked() {
    let api = Api::start(Registration::Open).await;
    let owner = api.register("amina@example.org").await.text("/accessToken");
    let patch = |body: Value| api.send(Method::PATCH, "/api/organization", &owner, "", Some(body));
    assert_eq!(patch(json!({ "defaultCountry": "XX" })).await.code(), (422, "country_invalid"));
    assert_eq!(patch(json!({ "timezone": "Nowhere" })).await.code(), (422, "timezone_invalid"));
    assert_eq!(patch(json!({ "nonsense": 1 })).await.code(), (422, "field_unknown"));
    let changed = patch(json!({ "defaultCountry": "ke", "timezone": "Africa/Nairobi" })).await;
    assert_eq!((changed.text("/defaultCountry"), changed.text("/name")), ("KE".into(), "Sunrise".into()));
    assert_eq!(patch(json!({ "defaultCountry": null })).await.body["defaultCountry"], Value::Null);
    assert_eq!(api.get("/api/organization", &owner).await.text("/timezone"), "Africa/Nairobi");
}

#[tokio::test]
async fn registration_by_invitation_opens_once() {
    let api = Api::start(Registration::Invite).await;
    let body = |token: Value| json!({ "organizationName": "S", "name": "A", "email": "a@example.org", "password": "correct horse", "setupToken": token });
    assert_eq!(api.post("/api/auth/register", "", body(Value::Null)).await.code(), (403, "registration_closed"));
    assert_eq!(
        api.post("/api/auth/register", "", body(json!("t".repeat(39)))).await.code(),
        (403, "registration_closed")
    );
    let right = body(json!("t".repeat(40)));
    assert_eq!(api.post("/api/auth/register", "", right.clone()).await.status, 201);
    let mut again = right;
    again["email"] = json!("b@example.org");
    assert_eq!(api.post("/api/auth/register", "", again).await.code(), (403, "registration_closed"));
}

#[tokio::test]
async fn routes_sizes_and_types() {
    let api = Api::start(Registration::Open).await;
    let owner = api.register("amina@example.org").await.text("/accessToken");
    assert_eq!(api.get("/api/nothing", "").await.code(), (404, "route_not_found"));
    let wrong = api.send(Method::DELETE, "/api/organization", "", "", None).await;
    assert_eq!(
        (wrong.code(), &wrong.headers["allow"]),
        ((405, "method_not_allowed"), &http::HeaderValue::from_static("GET, PATCH"))
    );
    assert_eq!(api.get("/api/organization", "").await.code(), (401, "token_missing"));

    let raw = |content_type: &str, body: Vec<u8>| {
        let request = api.client.patch(format!("{}/api/organization", api.url)).bearer_auth(&owner);
        request.header("Content-Type", content_type).body(body).send()
    };
    assert_eq!(raw("application/json", b"{".to_vec()).await.unwrap().status(), 400);
    assert_eq!(raw("text/plain", b"{}".to_vec()).await.unwrap().status(), 415);
    for size in [1 << 20, 6 << 20, 10 << 20] {
        let big = format!("{{\"name\":\"{}\"}}", "x".repeat(size));
        let answer = raw("application/json", big.into_bytes()).await.unwrap();
        assert_eq!(answer.status(), 413, "{size}");
    }
    let document = api.get("/api/openapi.json", "").await;
    assert_eq!(document.body["openapi"], "3.1.0");
    assert!(api.client.get(&api.url).send().await.unwrap().text().await.unwrap().contains("Dundun"));
}
