//! A client of the HTTP API.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// The password of every owner.
pub const PASSWORD: &str = "correct horse battery staple";

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body as JSON; null if it is none.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body, if the status is the one expected; else the test fails and says what came.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "answer: {}", String::from_utf8_lossy(&self.bytes));
        self.body
    }

    /// The code of a problem, if the status is the one expected.
    #[track_caller]
    pub fn problem(self, status: u16) -> String {
        let body = self.expect(status);
        body["code"].as_str().unwrap_or_default().to_owned()
    }

    /// What is wrong, if the status is the one expected: `pointer code` of each error.
    #[track_caller]
    pub fn told(self, status: u16) -> String {
        let body = self.expect(status);
        let errors = body["errors"].as_array().unwrap_or_else(|| panic!("no errors: {body}"));
        let told = errors.iter().map(|error| {
            format!("{} {}", error["pointer"].as_str().unwrap_or("-"), error["code"].as_str().unwrap_or("-"))
        });
        told.collect::<Vec<_>>().join(", ")
    }
}

/// A client, with or without a token.
#[derive(Debug, Clone)]
pub struct Api {
    /// The URL of the API, without a slash at the end.
    pub url: String,
    /// Sent as `Authorization: Bearer`.
    pub token: Option<String>,
    http: reqwest::Client,
}

impl Api {
    /// A client without a token.
    pub fn new(url: impl Into<String>) -> Self {
        local::install_tls();
        let http = reqwest::Client::builder().no_proxy().build().expect("a client without options can be built");
        Self { url: url.into(), token: None, http }
    }

    /// The same client with a token.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// A request to be finished by the test.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        self.try_send(request).await.expect("the API answers")
    }

    /// Sends a request; `None` if nobody answers (the process is being killed or started).
    pub async fn try_send(&self, request: reqwest::RequestBuilder) -> Option<Answer> {
        let response = request.send().await.ok()?;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.ok()?.to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Some(Answer { status, headers, body, bytes })
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// `POST` with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// `PUT` with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    /// `PATCH` with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// `POST` with a file in the field `file`, and texts beside it.
    pub async fn upload(&self, path: &str, name: &str, bytes: Vec<u8>, texts: &[(&str, &str)]) -> Answer {
        let mut form = reqwest::multipart::Form::new()
            .part("file", reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned()));
        for (field, text) in texts {
            form = form.text((*field).to_owned(), (*text).to_owned());
        }
        self.send(self.request(Method::POST, path).multipart(form)).await
    }

    /// Registers an organization and gives a client of its owner. `label` keeps organizations of one world apart.
    pub async fn register(&self, label: &str) -> Self {
        let answer = self
            .post(
                "/api/auth/register",
                json!({
                    "organizationName": format!("{label} Ltd"),
                    "name": "Ama Owner",
                    "email": format!("owner@{label}.example"),
                    "password": PASSWORD,
                }),
            )
            .await
            .expect(201);
        self.with_token(answer["accessToken"].as_str().expect("a token"))
    }

    /// Signs the owner of [`Api::register`] in again: an access token is good for 15 minutes of the world's time.
    pub async fn sign_in(&self, label: &str) -> Self {
        let body = json!({ "email": format!("owner@{label}.example"), "password": PASSWORD });
        let answer = self.post("/api/auth/login", body).await.expect(200);
        self.with_token(answer["accessToken"].as_str().expect("a token"))
    }

    /// A client of a new user with a role, invited by this one and called `{role}@{label}.example`.
    pub async fn member(&self, label: &str, role: &str) -> Self {
        let email = format!("{}@{label}.example", role.to_lowercase());
        let invited = self.post("/api/users", json!({ "name": role, "email": email, "role": role })).await.expect(201);
        let url = invited["inviteUrl"].as_str().expect("a link");
        let (_, token) = url.split_once("#token=").expect("a link with a token");
        let body = json!({ "token": token, "name": role, "password": PASSWORD });
        let accepted = Self { token: None, ..self.clone() }.post("/api/auth/accept-invite", body).await.expect(201);
        self.with_token(accepted["accessToken"].as_str().expect("a token"))
    }

    /// A group of new contacts with these numbers. Gives its id.
    pub async fn group_of(&self, name: &str, phones: &[String]) -> String {
        let group = self.post("/api/groups", json!({ "name": name })).await.expect(201);
        let group = group["id"].as_str().expect("an id").to_owned();
        for page in phones.chunks(1_000) {
            let contacts: Vec<Value> = page.iter().map(|phone| json!({ "phone": phone })).collect();
            self.post("/api/contacts/bulk", json!({ "contacts": contacts, "groupId": group })).await.expect(201);
        }
        group
    }

    /// All rows of a list, page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let joint = if path.contains('?') { '&' } else { '?' };
            let at = cursor.as_ref().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let page = self.get(&format!("{path}{joint}limit=100{at}")).await.expect(200);
            rows.extend(page["data"].as_array().cloned().unwrap_or_default());
            cursor = page["nextCursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                return rows;
            }
        }
    }
}
