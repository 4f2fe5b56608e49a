//! `POST /api/providers/{id}/suppressions/sync`, and the same by itself.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use serde_json::{Value, json};
use tests::{Api, Mailjet, World};

/// The contacts that Mailjet excludes; `None`: it does not tell.
type Excluded = Arc<Mutex<Option<Vec<Value>>>>;

async fn contacts(State(excluded): State<Excluded>) -> Result<Json<Value>, StatusCode> {
    let excluded = excluded.lock().unwrap().clone().ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(Json(json!({ "Count": excluded.len(), "Data": excluded })))
}

async fn mailjet(excluded: &Excluded) -> Mailjet {
    Mailjet::beside(Router::new().route("/v3/REST/contact", get(contacts)).with_state(excluded.clone())).await
}

fn contact(email: &str, complains: bool) -> Value {
    json!({ "Email": email, "IsExcludedFromCampaigns": true, "IsSpamComplaining": complains })
}

async fn suppressed(api: &Api) -> Vec<(String, String, String)> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let rows = api.all("/api/suppressions").await;
    let mut found: Vec<_> =
        rows.iter().map(|row| (text(row, "address"), text(row, "reason"), text(row, "source"))).collect();
    found.sort_unstable();
    found
}

fn row(address: &str, reason: &str) -> (String, String, String) {
    (address.to_owned(), reason.to_owned(), "PROVIDER".to_owned())
}

#[tokio::test]
async fn the_providers_list_is_taken_over_with_its_reasons() {
    let world = World::start().await;
    let excluded: Excluded = Arc::new(Mutex::new(Some(vec![
        contact("Ann@X.example", false),
        contact("bob@x.example", true),
        contact("no address", false),
    ])));
    let mailjet = mailjet(&excluded).await;
    let (api, config) = mailjet.organization(&world, "sync").await;
    let path = format!("/api/providers/{}/suppressions/sync", config["id"].as_str().unwrap());
    let synced = api.post(&path, json!({})).await.expect(200);
    assert_eq!((&synced["isFinished"], &synced["read"]), (&json!(true), &json!(3)), "{synced}");
    assert!(synced["finishedAt"].is_string());
    let expected = [row("ann@x.example", "OPTED_OUT"), row("bob@x.example", "COMPLAINED")];
    assert_eq!(suppressed(&api).await, expected);
    let again = api.post(&path, json!({})).await.expect(200);
    assert_eq!((&again["read"], &again["added"]), (&json!(3), &json!(0)), "{again}");
    assert_eq!(suppressed(&api).await, expected);

    *excluded.lock().unwrap() = None;
    assert_eq!(api.post(&path, json!({})).await.problem(409), "provider_failed");
    let sms = api.post("/api/providers", world.provider.config("Loopback")).await.expect(201);
    let path = format!("/api/providers/{}/suppressions/sync", sms["id"].as_str().unwrap());
    assert_eq!(api.post(&path, json!({})).await.problem(409), "provider_keeps_no_list");
    world.end().await;
}

#[tokio::test]
async fn the_providers_list_is_read_again_by_itself() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let excluded: Excluded = Arc::new(Mutex::new(Some(vec![contact("ann@x.example", false)])));
    let mailjet = mailjet(&excluded).await;
    let (api, _) = mailjet.organization(&world, "sync-again").await;
    world.until("the sweep reads it", 120, || async { (suppressed(&api).await.len() == 1).then_some(()) }).await;

    // A provider that does not tell for once is asked again.
    *excluded.lock().unwrap() = None;
    world.pass(6 * 3_600 + 60).await;
    *excluded.lock().unwrap() = Some(vec![contact("ann@x.example", false), contact("bob@x.example", true)]);
    world.pass(6 * 3_600 + 60).await;
    let api = api.sign_in("sync-again").await;
    assert_eq!(suppressed(&api).await, [row("ann@x.example", "OPTED_OUT"), row("bob@x.example", "COMPLAINED")]);
    world.end().await;
}
