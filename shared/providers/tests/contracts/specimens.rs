//! Writes what we send and what we take for signed where `judge.py` finds it, so that the providers' own packages can
//! judge it: one file for each provider below `target/tmp/contracts`.

use std::{fs, path::Path};

use http::HeaderMap;
use providers::{ReceiptStatus, WebhookRequest};
use serde_json::{Map, Value, json};

use crate::{
    cases::{ids, send},
    contract::Contract,
};

/// Sends one text and hears one report, and writes both down.
pub async fn leaves_specimens(name: &str, contract: &(impl Contract + Copy + Send + 'static)) {
    let text = contract.outgoing(1, "Habari & karibu = ж");
    let this = *contract;
    let (server, outcomes) = send(contract, std::slice::from_ref(&text), move |seen| {
        let texts = this.texts(seen);
        this.taken(&texts, &ids(texts.len()))
    })
    .await;
    assert_eq!(outcomes.len(), 1);
    let seen = server.seen().remove(0);
    let held = contract.texts(&seen).remove(0);
    let report = contract.report(&held, "m-1", ReceiptStatus::Delivered).expect("every provider says this");
    let webhook = contract.account().webhook_url;
    let specimen = json!({
        "request": { "method": seen.method.as_str(), "path": seen.path, "headers": headers(&seen.headers), "body": seen.body },
        "calls": [call(&report), call(&contract.stop())],
        "webhookUrl": webhook,
    });
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("contracts");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.json")), specimen.to_string()).unwrap();
}

fn call(call: &WebhookRequest) -> Value {
    json!({
        "query": call.query, "headers": headers(&call.headers), "body": String::from_utf8_lossy(&call.body),
        "receivedAt": call.received_at.as_second(),
    })
}

fn headers(headers: &HeaderMap) -> Value {
    let all = headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()));
    Value::Object(all.collect::<Map<_, _>>())
}
