//! Who one is: sessions, sign-ins, users, API keys.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::*;

#[tokio::test]
async fn a_browser_keeps_its_refresh_token_in_a_cookie_that_no_script_reads() {
    let api = Api::start(Registration::Open).await;
    api.register("amina@example.org").await;
    let call = async |path: &str, cookie: &str, token: &str, body: Option<Value>| {
        let mut request = api.client.post(format!("{}{path}", api.url)).header("x-session", "cookie");
        if !cookie.is_empty() {
            request = request.header("cookie", format!("other=1; {cookie}"));
        }
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        let response = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let response = response.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default();
        Answer { status, headers, body }
    };
    let set = |answer: &Answer| answer.headers["set-cookie"].to_str().unwrap().to_owned();
    let pair = |answer: &Answer| set(answer).split(';').next().unwrap().to_owned();

    let login = json!({ "email": "amina@example.org", "password": "correct horse" });
    let signed_in = call("/api/auth/login", "", "", Some(login)).await;
    assert!(signed_in.body["refreshToken"].is_null(), "{}", signed_in.body);
    for attribute in ["dundun_session=rt_", "HttpOnly", "SameSite=Strict", "Path=/api/auth", "Max-Age=2592000"] {
        assert!(set(&signed_in).contains(attribute), "{attribute}");
    }
    assert!(set(&signed_in).contains("Secure"), "the public address is https");

    let next = call("/api/auth/refresh", &pair(&signed_in), "", None).await;
    assert_eq!((next.status.as_u16(), &next.body["refreshToken"]), (200, &Value::Null), "{}", next.body);
    assert_ne!(pair(&next), pair(&signed_in));
    assert_eq!(call("/api/auth/refresh", "", "", None).await.code(), (401, "refresh_invalid"));
    // Without the header the cookie counts for nothing: what another site's form could send.
    let foreign = api.client.post(format!("{}/api/auth/refresh", api.url)).header("cookie", pair(&next));
    assert_eq!(foreign.send().await.unwrap().status(), 400);

    let left = call("/api/auth/logout", &pair(&next), &next.text("/accessToken"), None).await;
    assert_eq!(left.status, 204);
    assert!(set(&left).starts_with("dundun_session=;") && set(&left).contains("Max-Age=0"));
    assert_eq!(call("/api/auth/refresh", &pair(&next), "", None).await.code(), (401, "refresh_invalid"));
}

#[tokio::test]
async fn register_login_refresh_and_reuse() {
    let api = Api::start(Registration::Open).await;
    let registered = api.register("Amina@Example.org").await;
    assert_eq!(registered.body["user"]["role"], "OWNER");
    assert_eq!(registered.body["expiresIn"], 900);
    let me = api.get("/api/auth/me", &registered.text("/accessToken")).await;
    assert_eq!(me.text("/user/email"), "amina@example.org");

    let again =
        json!({ "organizationName": "X", "name": "Y", "email": "amina@example.org", "password": "correct horse" });
    assert_eq!(api.post("/api/auth/register", "", again).await.code(), (409, "email_taken"));
    let login = |password: &str| json!({ "email": "AMINA@example.org", "password": password });
    assert_eq!(api.post("/api/auth/login", "", login("wrong horse")).await.code(), (401, "credentials_invalid"));
    let unknown = json!({ "email": "b@example.org", "password": "wrong horse" });
    assert_eq!(api.post("/api/auth/login", "", unknown).await.code(), (401, "credentials_invalid"));
    let signed_in = api.post("/api/auth/login", "", login("correct horse")).await;
    assert_eq!(signed_in.status, 200);

    let refresh = |token: String| json!({ "refreshToken": token });
    let first = signed_in.text("/refreshToken");
    let second = api.post("/api/auth/refresh", "", refresh(first.clone())).await;
    assert_eq!(second.status, 200, "{}", second.body);
    assert_eq!(api.post("/api/auth/refresh", "", refresh(first)).await.code(), (401, "refresh_reused"));
    let ended = api.post("/api/auth/refresh", "", refresh(second.text("/refreshToken"))).await;
    assert_eq!(ended.code(), (401, "refresh_invalid"));
    assert_eq!(api.get("/api/auth/me", &second.text("/accessToken")).await.code(), (401, "token_revoked"));

    // The session of the registration is another family.
    api.clock.advance(Duration::from_mins(15));
    assert_eq!(api.get("/api/auth/me", &registered.text("/accessToken")).await.code(), (401, "token_expired"));
    let third = api.post("/api/auth/refresh", "", refresh(registered.text("/refreshToken"))).await;
    let token = third.text("/accessToken");
    assert_eq!(api.send(Method::POST, "/api/auth/logout", &token, "", None).await.status, 204);
    assert_eq!(api.get("/api/auth/me", &token).await.code(), (401, "token_revoked"));
}

#[tokio::test]
async fn failed_sign_ins_are_limited_and_good_ones_are_not() {
    let api = Api::start(Registration::Open).await;
    api.register("amina@example.org").await;
    let login = |password: &str| json!({ "email": "amina@example.org", "password": password });
    for _ in 0..3 {
        assert_eq!(api.post("/api/auth/login", "", login("correct horse")).await.status, 200);
    }
    for _ in 0..10 {
        assert_eq!(api.post("/api/auth/login", "", login("wrong horse")).await.status, 401);
    }
    let limited = api.post("/api/auth/login", "", login("correct horse")).await;
    assert_eq!(limited.code(), (429, "rate_limited"));
    assert_eq!(limited.headers["retry-after"], limited.headers["ratelimit-reset"]);
    api.clock.advance(Duration::from_mins(15));
    assert_eq!(api.post("/api/auth/login", "", login("correct horse")).await.status, 200);
}

#[tokio::test]
async fn changing_the_password_ends_other_sessions() {
    let api = Api::start(Registration::Open).await;
    let first = api.register("amina@example.org").await.text("/accessToken");
    let login = |password: &str| json!({ "email": "amina@example.org", "password": password });
    let second = api.post("/api/auth/login", "", login("correct horse")).await.text("/accessToken");
    let change = |old: &str| json!({ "oldPassword": old, "newPassword": "another horse" });
    let path = "/api/auth/change-password";
    assert_eq!(api.post(path, &second, change("wrong horse")).await.code(), (422, "password_wrong"));
    assert_eq!(api.post(path, &second, change("correct horse")).await.status, 204);
    assert_eq!(api.get("/api/auth/me", &first).await.code(), (401, "token_revoked"));
    assert_eq!(api.get("/api/auth/me", &second).await.status, 200);
    assert_eq!(api.post("/api/auth/login", "", login("correct horse")).await.status, 401);
    assert_eq!(api.post("/api/auth/login", "", login("another horse")).await.status, 200);
}

#[tokio::test]
async fn roles_invites_and_the_last_owner() {
    let api = Api::start(Registration::Open).await;
    let registered = api.register("amina@example.org").await;
    let (owner, owner_id) = (registered.text("/accessToken"), registered.text("/user/id"));
    let (admin_id, admin) = api.join(&owner, "admin@example.org", "ADMIN").await;
    let (viewer_id, viewer) = api.join(&owner, "viewer@example.org", "VIEWER").await;

    let someone = json!({ "email": "x@example.org", "name": "X", "role": "OWNER" });
    assert_eq!(api.post("/api/users", &viewer, someone.clone()).await.code(), (403, "role_too_small"));
    assert_eq!(api.post("/api/users", &admin, someone).await.code(), (403, "role_too_small"));
    let twice = json!({ "email": "Viewer@example.org", "name": "X" });
    assert_eq!(api.post("/api/users", &admin, twice).await.code(), (409, "user_exists"));

    let patch = |path: String, token: String, role: &str| {
        let body = Some(json!({ "role": role }));
        let api = &api;
        async move { api.send(Method::PATCH, &path, &token, "", body).await }
    };
    let at = |id: &str| format!("/api/users/{id}");
    assert_eq!(patch(at(&owner_id), admin.clone(), "VIEWER").await.code(), (403, "role_too_small"));
    assert_eq!(patch(at(&admin_id), admin.clone(), "OWNER").await.code(), (403, "role_too_small"));
    assert_eq!(patch(at(&owner_id), owner.clone(), "ADMIN").await.code(), (409, "last_owner"));
    assert_eq!(api.send(Method::DELETE, &at(&owner_id), &owner, "", None).await.code(), (409, "last_owner"));
    assert_eq!(patch(at(&admin_id), owner.clone(), "OWNER").await.body["role"], "OWNER");
    assert_eq!(patch(at(&owner_id), admin.clone(), "VIEWER").await.body["role"], "VIEWER");
    // Demoted and removed people stop at once.
    assert_eq!(api.get("/api/api-keys", &owner).await.code(), (403, "role_too_small"));
    assert_eq!(api.send(Method::DELETE, &at(&viewer_id), &admin, "", None).await.status, 204);
    assert_eq!(api.get("/api/auth/me", &viewer).await.code(), (401, "token_revoked"));

    // The other organization sees none of it.
    let other = api.register("other@example.org").await.text("/accessToken");
    assert_eq!(patch(at(&admin_id), other.clone(), "VIEWER").await.code(), (404, "not_found"));
    assert_eq!(patch("/api/users/nonsense".into(), other, "VIEWER").await.code(), (404, "not_found"));
}

#[tokio::test]
async fn api_keys_act_within_their_scopes() {
    let api = Api::start(Registration::Open).await;
    let owner = api.register("amina@example.org").await.text("/accessToken");
    let body = json!({ "name": "shop", "scopes": ["organization:read"], "expiresAt": "2026-01-12T11:00:00Z" });
    let made = api.send(Method::POST, "/api/api-keys", &owner, "k-1", Some(body.clone())).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.headers["location"].to_str().unwrap(), format!("/api/api-keys/{}", made.text("/id")));
    let key = made.text("/key");

    // The secret is shown once; the thing is made once.
    let replayed = api.send(Method::POST, "/api/api-keys", &owner, "k-1", Some(body)).await;
    assert_eq!(
        (replayed.status, replayed.body["key"].clone(), replayed.text("/id")),
        (made.status, Value::Null, made.text("/id"))
    );
    assert_eq!(replayed.headers["location"], made.headers["location"]);
    let other = json!({ "name": "other", "scopes": ["organization:read"] });
    let mismatch = api.send(Method::POST, "/api/api-keys", &owner, "k-1", Some(other)).await;
    assert_eq!(mismatch.code(), (422, "idempotency_mismatch"));

    let race = || {
        let body = Some(json!({ "name": "race", "scopes": ["users:read"] }));
        api.send(Method::POST, "/api/api-keys", &owner, "k-2", body)
    };
    let raced = futures::future::join_all([race(), race(), race(), race()]).await;
    assert!(raced.iter().all(|answer| answer.status == 201 && answer.body["id"] == raced[0].body["id"]));
    assert_eq!(raced.iter().filter(|answer| answer.body["key"].is_string()).count(), 1);

    assert_eq!(api.get("/api/organization", &key).await.status, 200);
    let update = Some(json!({ "name": "x" }));
    let refused = api.send(Method::PATCH, "/api/organization", &key, "", update).await;
    assert_eq!(refused.code(), (403, "scope_missing"));
    assert_eq!(api.get("/api/auth/me", &key).await.code(), (403, "person_needed"));
    assert_eq!(api.get("/api/organization", "dk_wrong").await.code(), (401, "token_invalid"));
    api.clock.advance(Duration::from_hours(1));
    assert_eq!(api.get("/api/organization", &key).await.code(), (401, "token_expired"));
    let list = api.get("/api/api-keys", &owner).await;
    assert_eq!(list.code(), (401, "token_expired"));
}

fn login(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password })
}

#[tokio::test]
async fn failed_sign_ins_of_many_accounts_are_limited_by_their_address() {
    let mut api = Api::start(Registration::Open).await;
    api.register("amina@example.org").await;
    let guess =
        |number: usize| api.post("/api/auth/login", "", login(&format!("nobody{number}@example.org"), "wrong horse"));
    // Few at a time: each takes 19 MB.
    for first in (0..100).step_by(4) {
        for answer in futures::future::join_all((first..first + 4).map(guess)).await {
            assert_eq!(answer.code(), (401, "credentials_invalid"), "{first}");
        }
    }
    // An account that nobody failed at, with its own password.
    let right = login("amina@example.org", "correct horse");
    let limited = api.post("/api/auth/login", "", right.clone()).await;
    assert_eq!((limited.code(), &limited.headers["retry-after"]), ((429, "rate_limited"), &"900".parse().unwrap()));
    let near = api.client.clone();
    api.call_from([127, 0, 0, 2]);
    assert_eq!(api.post("/api/auth/login", "", right.clone()).await.status, 200, "from another address");
    api.client = near;
    assert_eq!(api.post("/api/auth/login", "", right.clone()).await.code(), (429, "rate_limited"));
    api.clock.advance(Duration::from_mins(15));
    assert_eq!(api.post("/api/auth/login", "", right).await.status, 200);
}

#[tokio::test]
async fn registrations_that_probe_for_accounts_are_limited_by_their_address() {
    let mut api = Api::start(Registration::Open).await;
    let body = |email: &str| json!({ "organizationName": "Sunrise", "name": "Amina", "email": email, "password": "correct horse" });
    for email in ["amina@example.org", "juma@example.org"] {
        api.register(email).await;
    }
    for email in ["amina@example.org", "juma@example.org"].repeat(5) {
        assert_eq!(api.post("/api/auth/register", "", body(email)).await.code(), (409, "email_taken"));
    }
    for email in ["amina@example.org", "new@example.org"] {
        let limited = api.post("/api/auth/register", "", body(email)).await;
        assert_eq!(
            (limited.code(), &limited.headers["retry-after"]),
            ((429, "rate_limited"), &"3600".parse().unwrap())
        );
    }
    let near = api.client.clone();
    api.call_from([127, 0, 0, 2]);
    api.register("new@example.org").await;
    api.client = near;
    assert_eq!(api.post("/api/auth/register", "", body("newer@example.org")).await.code(), (429, "rate_limited"));
    api.clock.advance(Duration::from_hours(1));
    api.register("newer@example.org").await;
}

/// The head of a token, decoded.
fn head(token: &str) -> Value {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap()).unwrap()
}

/// A token with another head, under its old signature.
fn with_head(token: &str, head: &Value) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", BASE64_URL_SAFE_NO_PAD.encode(head.to_string()))
}

#[tokio::test]
async fn tokens_of_the_old_and_of_the_new_signing_key_hold() {
    let mut api = Api::start(Registration::Open).await;
    let registered = api.register("amina@example.org").await;
    let old = registered.text("/accessToken");
    api.sign_with("k2", &"n".repeat(40)).await;
    assert_eq!(api.get("/api/auth/me", &old).await.status, 200);

    api.renew().await;
    assert_eq!(api.get("/api/auth/me", &old).await.status, 200, "an instance that never saw the old key");
    let signed_in = api.post("/api/auth/login", "", login("amina@example.org", "correct horse")).await;
    let new = signed_in.text("/accessToken");
    assert_eq!((&head(&old)["kid"], &head(&new)["kid"]), (&json!("k1"), &json!("k2")));
    let refresh = json!({ "refreshToken": registered.text("/refreshToken") });
    let refreshed = api.post("/api/auth/refresh", "", refresh).await.text("/accessToken");
    assert_eq!(head(&refreshed)["kid"], "k2", "a session goes on under the new key");
    for token in [&old, &new, &refreshed] {
        assert_eq!(api.get("/api/auth/me", token).await.status, 200);
    }
    // Each key speaks for its own tokens only.
    for (token, head) in [(&old, head(&new)), (&new, head(&old))] {
        assert_eq!(api.get("/api/auth/me", &with_head(token, &head)).await.code(), (401, "token_invalid"));
    }
    api.clock.advance(Duration::from_mins(15));
    for token in [&old, &new] {
        assert_eq!(api.get("/api/auth/me", token).await.code(), (401, "token_expired"));
    }
}

#[tokio::test]
async fn tokens_of_keys_that_are_not_ours_are_none() {
    let api = Api::start(Registration::Open).await;
    let ours = api.register("amina@example.org").await.text("/accessToken");
    for (kid, what) in [("k9", "a key that is not known"), ("k1", "another key under a known name")] {
        let rows = functions::catalogue();
        let foreign = Api::with_key(Registration::Open, rows, kid, &"f".repeat(40)).await;
        let token = foreign.register("amina@example.org").await.text("/accessToken");
        assert_eq!(head(&token)["kid"], kid);
        assert_eq!(foreign.get("/api/auth/me", &token).await.status, 200);
        assert_eq!(api.get("/api/auth/me", &token).await.code(), (401, "token_invalid"), "{what}");
    }
    let nameless = json!({ "typ": "JWT", "alg": "EdDSA" });
    for head in [nameless, json!({ "typ": "JWT", "alg": "EdDSA", "kid": "k".repeat(65) })] {
        assert_eq!(api.get("/api/auth/me", &with_head(&ours, &head)).await.code(), (401, "token_invalid"), "{head}");
    }
    assert_eq!(api.get("/api/auth/me", &ours).await.status, 200);
}
