//! Mailjet on the loopback address: takes every message, and lets tests look at what it got.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State, routing::post};
use serde_json::{Value, json};

use crate::{Api, World};

type Mails = Arc<Mutex<Vec<Value>>>;

/// The provider. It runs until it is dropped.
pub struct Mailjet {
    /// Where it listens.
    pub url: String,
    mails: Mails,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Mailjet {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(State(mails): State<Mails>, Json(body): Json<Value>) -> Json<Value> {
    let messages = body["Messages"].as_array().expect("messages").clone();
    let taken = messages.iter().map(|mail| {
        let to = &mail["To"][0]["Email"];
        json!({ "Status": "success", "To": [{ "Email": to, "MessageUUID": format!("uuid-{to}") }] })
    });
    let answer = json!({ "Messages": taken.collect::<Vec<_>>() });
    mails.lock().expect("no panic").extend(messages);
    Json(answer)
}

impl Mailjet {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        Self::beside(Router::new()).await
    }

    /// The same, with more routes.
    pub async fn beside(others: Router) -> Self {
        let mails = Mails::default();
        let limit = axum::extract::DefaultBodyLimit::disable();
        let sending = Router::new().route("/v3.1/send", post(take)).layer(limit).with_state(mails.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, sending.merge(others)).await;
        });
        Self { url, mails, server }
    }

    /// An organization that sends e-mail by it. Gives a client of its owner and the config.
    pub async fn organization(&self, world: &World, label: &str) -> (Api, Value) {
        let api = world.api.register(label).await;
        let config = json!({
            "kind": "MAILJET", "channel": "EMAIL", "name": "Mail", "isActive": true, "apiUrl": self.url,
            "credentials": { "apiKey": "public-key-1", "secretKey": "secret-key-1" },
            "senderId": "Acme <hello@acme.example>",
            "settings": { "branding": { "postalAddress": "P.O. Box 1, Nairobi" } },
        });
        let config = api.post("/api/providers", config).await.expect(201);
        assert_eq!(config["validationErrors"], json!([]), "{config}");
        (api, config)
    }

    /// The last message to an address.
    pub fn mail_to(&self, to: &str) -> Value {
        let mails = self.mails.lock().expect("no panic");
        mails.iter().rfind(|mail| mail["To"][0]["Email"] == to).expect("a mail to them").clone()
    }
}

/// The path of a config's webhook.
pub fn webhook(config: &Value) -> &str {
    let url = config["webhookUrl"].as_str().expect("an address");
    &url[url.find("/api/").expect("a path of ours")..]
}
