//! `/api/users`, and accepting an invite.

use serde_json::{Value, json};
use tests::{World, api::PASSWORD};

fn path_of(user: &Value) -> String {
    format!("/api/users/{}", user["id"].as_str().unwrap())
}

fn accept(invited: &Value) -> Value {
    let (_, token) = invited["inviteUrl"].as_str().unwrap().split_once("#token=").unwrap();
    json!({ "token": token, "name": "Juma", "password": PASSWORD })
}

#[tokio::test]
async fn an_invited_person_accepts_once_and_signs_in() {
    let world = World::start().await;
    let owner = world.api.register("users").await;
    let invited = owner.post("/api/users", json!({ "email": "Juma@Users.example", "name": "J" })).await.expect(201);
    assert_eq!(
        (&invited["email"], &invited["role"], &invited["status"]),
        (&json!("juma@users.example"), &json!("MEMBER"), &json!("INVITED"))
    );
    let sign_in = json!({ "email": "juma@users.example", "password": PASSWORD });
    world.api.post("/api/auth/login", sign_in.clone()).await.expect(401);
    let again = owner.post("/api/users", json!({ "email": "juma@users.example", "name": "J" })).await;
    assert_eq!(again.problem(409), "user_exists");
    let renamed = owner.patch(&path_of(&invited), json!({ "name": "X" })).await;
    assert_eq!(renamed.problem(409), "user_invited");

    let mut weak = accept(&invited);
    weak["password"] = json!("short");
    assert_eq!(world.api.post("/api/auth/accept-invite", weak).await.told(422), "/password password_weak");
    world.api.post("/api/auth/accept-invite", accept(&invited)).await.expect(201);
    assert_eq!(world.api.post("/api/auth/accept-invite", accept(&invited)).await.expect(401)["code"], "invite_invalid");
    let token =
        world.api.post("/api/auth/login", sign_in).await.expect(200)["accessToken"].as_str().unwrap().to_owned();
    let me = world.api.with_token(token).get("/api/auth/me").await.expect(200);
    assert_eq!(
        (&me["user"]["id"], &me["user"]["name"], &me["user"]["role"]),
        (&invited["id"], &json!("Juma"), &json!("MEMBER"))
    );
    let listed = owner.get("/api/users").await.expect(200);
    let states: Vec<_> =
        listed["data"].as_array().unwrap().iter().map(|user| (&user["role"], &user["status"])).collect();
    assert_eq!(states, [(&json!("OWNER"), &json!("ACTIVE")), (&json!("MEMBER"), &json!("ACTIVE"))]);
    world.end().await;
}

#[tokio::test]
async fn an_invite_ends_after_seven_days_or_with_its_user() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let owner = world.api.register("users-invite").await;
    let invite = async |email: &str| owner.post("/api/users", json!({ "email": email, "name": "J" })).await.expect(201);
    let (late, withdrawn) = (invite("late@x.example").await, invite("withdrawn@x.example").await);
    owner.delete(&path_of(&withdrawn)).await.expect(204);
    assert_eq!(
        world.api.post("/api/auth/accept-invite", accept(&withdrawn)).await.expect(401)["code"],
        "invite_invalid"
    );
    world.pass(7 * 86_400 + 1).await;
    assert_eq!(world.api.post("/api/auth/accept-invite", accept(&late)).await.expect(401)["code"], "invite_invalid");
    world.end().await;
}

#[tokio::test]
async fn a_role_counts_from_the_next_request_on() {
    let world = World::start().await;
    let owner = world.api.register("users-role").await;
    let admin = owner.member("users-role", "ADMIN").await;
    let user = admin.get("/api/auth/me").await.expect(200)["user"].clone();
    admin.get("/api/api-keys").await.expect(200);
    assert_eq!(owner.patch(&path_of(&user), json!({ "role": "VIEWER" })).await.expect(200)["role"], "VIEWER");
    assert_eq!(admin.get("/api/api-keys").await.problem(403), "role_too_small");
    admin.get("/api/contacts").await.expect(200);
    assert_eq!(owner.patch(&path_of(&user), json!({ "name": "Renamed" })).await.expect(200)["name"], "Renamed");
    owner.delete(&path_of(&user)).await.expect(204);
    admin.get("/api/contacts").await.expect(401);
    assert_eq!(owner.delete(&path_of(&user)).await.problem(404), "not_found");
    world.end().await;
}

#[tokio::test]
async fn owners_are_touched_by_owners_and_the_last_one_stays() {
    let world = World::start().await;
    let owner = world.api.register("users-owner").await;
    let admin = owner.member("users-owner", "ADMIN").await;
    let first = owner.get("/api/auth/me").await.expect(200)["user"].clone();
    assert_eq!(admin.patch(&path_of(&first), json!({ "role": "MEMBER" })).await.problem(403), "role_too_small");
    assert_eq!(admin.delete(&path_of(&first)).await.problem(403), "role_too_small");
    let invite = json!({ "email": "o@x.example", "name": "O", "role": "OWNER" });
    assert_eq!(admin.post("/api/users", invite).await.problem(403), "role_too_small");
    let own = admin.get("/api/auth/me").await.expect(200)["user"].clone();
    assert_eq!(admin.patch(&path_of(&own), json!({ "role": "OWNER" })).await.problem(403), "role_too_small");
    assert_eq!(owner.patch(&path_of(&first), json!({ "role": "ADMIN" })).await.problem(409), "last_owner");
    assert_eq!(owner.delete(&path_of(&first)).await.problem(409), "last_owner");
    owner.patch(&path_of(&own), json!({ "role": "OWNER" })).await.expect(200);
    owner.patch(&path_of(&first), json!({ "role": "ADMIN" })).await.expect(200);
    world.end().await;
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_pointer() {
    let world = World::start().await;
    let owner = world.api.register("users-wrong").await;
    let wrong = async |body: Value| owner.post("/api/users", body).await.told(422);
    assert_eq!(wrong(json!({ "email": "nobody", "name": "N" })).await, "/email email_invalid");
    assert_eq!(wrong(json!({ "email": "n@x.example", "name": " " })).await, "/name name_invalid");
    assert_eq!(wrong(json!({ "email": "n@x.example", "name": "N", "role": "KING" })).await, "/role value_unknown");
    assert_eq!(wrong(json!({ "email": "n@x.example" })).await, "/name field_required");
    assert_eq!(owner.all("/api/users").await.len(), 1);
    world.end().await;
}
