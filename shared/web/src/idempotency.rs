//! `Idempotency-Key`: a request that is sent twice has its effect once, and the same answer twice.
//!
//! Keys are kept for 24 hours, per organization and row. The fingerprint is of path and body, so the same key for
//! something else is a mistake of the caller and says so.

use aws_sdk_dynamodb::types::TransactWriteItem;
use bytes::Bytes;
use domain::{Error, Result, id::OrgId};
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::{Update, idempotency as records, keys};

use crate::{
    cx::Cx,
    extract::Incoming,
    reply::{self, Response},
    row::{Idempotency, Row},
};

/// The longest key that is taken, in bytes.
const LONGEST_KEY: usize = 255;

/// The longest answer that is kept: an item has 400 KB at most, and the rest of it is small.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>.
const LONGEST_ANSWER: usize = 350_000;

/// What identifies a request that may be repeated.
#[derive(Debug, Clone)]
pub(crate) struct Replayable {
    pub org: OrgId,
    pub route: &'static str,
    pub key: String,
    pub fingerprint: String,
    /// When the first try began, to the second.
    pub began: Timestamp,
}

/// What to do with a request.
pub(crate) enum Before {
    /// It has no key, or the row ignores it.
    Plain,
    /// Run it, and record it under this.
    Run(Replayable),
    /// It was run: this was the answer.
    Replay(Response),
}

/// Looks a request up before it runs; in `RecordFirst` mode also takes it.
pub(crate) async fn before(
    app: &engine::App,
    row: &Row,
    org: OrgId,
    incoming: &Incoming,
    deadline: Timestamp,
) -> Result<Before> {
    let Some(key) = incoming.headers.get("idempotency-key") else { return Ok(Before::Plain) };
    if row.idempotency == Idempotency::Off {
        return Ok(Before::Plain);
    }
    let invalid = || Error::Unreadable {
        code: "idempotency_key_invalid",
        detail: format!("An Idempotency-Key has 1 to {LONGEST_KEY} visible ASCII characters."),
    };
    let key = key.to_str().ok().filter(|key| (1..=LONGEST_KEY).contains(&key.len())).ok_or_else(invalid)?;
    let now = app.now();
    let began = Timestamp::from_second(now.as_second()).map_err(Error::internal)?;
    let this = Replayable { org, route: row.name, key: key.to_owned(), fingerprint: fingerprint(incoming), began };
    match row.idempotency {
        Idempotency::RecordFirst => {
            let record = records::Record::running(this.fingerprint.clone(), deadline, now);
            if records::begin(&app.table, org, row.name, key, &record, now).await? {
                // Taken over from a try that crashed: its ids count.
                let record = records::read(&app.table, org, row.name, key, now).await?;
                let began =
                    record.and_then(|record| Timestamp::from_second(record.ttl).ok()?.checked_sub(records::KEPT).ok());
                return Ok(Before::Run(Replayable { began: began.unwrap_or(this.began), ..this }));
            }
            match answered(app, row, &this).await? {
                Some(answer) => Ok(Before::Replay(answer)),
                None => Err(running()),
            }
        }
        _ => Ok(answered(app, row, &this).await?.map_or(Before::Run(this), Before::Replay)),
    }
}

fn running() -> Error {
    Error::conflict("idempotency_running", "The first request with this Idempotency-Key is still running.")
}

/// The recorded answer of a request; 422 if the key was used for something else, 409 while it runs.
pub(crate) async fn answered(app: &engine::App, row: &Row, this: &Replayable) -> Result<Option<Response>> {
    let Some(record) = records::read(&app.table, this.org, this.route, &this.key, app.now()).await? else {
        return Ok(None);
    };
    if record.fingerprint != this.fingerprint {
        return Err(Error::unprocessable(
            "idempotency_mismatch",
            "This Idempotency-Key was used for another request within the last 24 hours.",
        ));
    }
    let (Some(status), body) = (record.status, record.body.unwrap_or_default()) else { return Err(running()) };
    let status = StatusCode::from_u16(status).map_err(Error::internal)?;
    let mut response = reply::with(status, HeaderValue::from_static("application/json"), Bytes::from(body));
    if response.body().is_empty() {
        response.headers_mut().remove(http::header::CONTENT_TYPE);
    }
    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    crate::dispatch::locate(row, &mut response);
    Ok(Some(response))
}

/// After the handler: stores the answer where the handler's transaction did not.
pub(crate) async fn after(cx: &Cx, this: &Replayable, response: &Response) -> Result<()> {
    if cx.is_recorded() {
        return Ok(());
    }
    let table = &cx.app.table;
    let status = response.status().as_u16();
    let body = std::str::from_utf8(response.body()).ok().filter(|body| body.len() <= LONGEST_ANSWER);
    match (cx.row().idempotency, body) {
        (_, None) => records::forget(table, this.org, this.route, &this.key).await,
        (Idempotency::RecordFirst, Some(body)) => {
            records::finish(table, this.org, this.route, &this.key, status, body).await
        }
        // The handler had nothing to write, or wrote it outside a transaction.
        (_, Some(body)) => {
            let record = records::Record::answered(this.fingerprint.clone(), status, body.to_owned(), cx.now());
            let write = records::write(table, this.org, this.route, &this.key, &record, cx.now())?;
            table.transact(vec![write]).await.or(Ok(()))
        }
    }
}

/// After a failure in `RecordFirst` mode: lets the next try in at once. What failed for a reason of the caller's
/// has had no effect and is forgotten; else the record stays, so that the next try repeats the same ids.
pub(crate) async fn failed(cx: &Cx, this: &Replayable, error: &Error) -> Result<()> {
    if matches!(error, Error::Internal(_) | Error::Unavailable(_)) {
        let release = Update::of(keys::idempotency(this.org, this.route, &this.key))
            .set("runningUntil", Timestamp::UNIX_EPOCH)
            .if_equal("fingerprint", &this.fingerprint);
        cx.app.table.update(release).await.map(|_| ())
    } else {
        records::forget(&cx.app.table, this.org, this.route, &this.key).await
    }
}

impl Cx {
    /// The idempotency record with the answer, for the transaction that makes the effect; `None` if the request has
    /// no key. Leave out of `view` what must not be kept in clear (put `None` for a secret): a replay shows `view`.
    /// If the transaction fails, return the error as always: a lost race is answered with the winner's answer.
    pub fn reply_record<T: Serialize>(&self, status: u16, view: &T) -> Result<Option<TransactWriteItem>> {
        let Some(this) = &self.request.replayable else { return Ok(None) };
        let body = serde_json::to_string(view).map_err(Error::internal)?;
        let record = records::Record::answered(this.fingerprint.clone(), status, body, self.now());
        let write = records::write(&self.app.table, this.org, this.route, &this.key, &record, self.now())?;
        self.mark_recorded();
        Ok(Some(write))
    }
}

/// SHA-256 of path and body. The boundary of a form is made anew by each try, so it does not count.
fn fingerprint(incoming: &Incoming) -> String {
    let mut hash = Sha256::new();
    hash.update(incoming.path.as_bytes());
    hash.update(b"\n");
    let content_type = incoming.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    match content_type.and_then(|value| multer::parse_boundary(value).ok()).filter(|boundary| !boundary.is_empty()) {
        None => hash.update(&incoming.body),
        Some(boundary) => {
            let (body, boundary) = (&incoming.body[..], boundary.as_bytes());
            let mut from = 0;
            let mut at = 0;
            while at + boundary.len() <= body.len() {
                if body[at..].starts_with(boundary) {
                    hash.update(&body[from..at]);
                    at += boundary.len();
                    from = at;
                } else {
                    at += 1;
                }
            }
            hash.update(&body[from..]);
        }
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method, header::CONTENT_TYPE};

    use super::*;

    fn incoming(path: &str, content_type: &str, body: &str) -> Incoming {
        Incoming {
            method: Method::POST,
            path: path.into(),
            query: String::new(),
            headers: HeaderMap::from_iter([(CONTENT_TYPE, content_type.parse().unwrap())]),
            body: Bytes::from(body.to_owned()),
            segments: Vec::new(),
        }
    }

    #[test]
    fn path_and_body_count() {
        let print = |path, body| fingerprint(&incoming(path, "application/json", body));
        assert_eq!(print("/a", "{}"), print("/a", "{}"));
        assert_ne!(print("/a", "{}"), print("/b", "{}"));
        assert_ne!(print("/a", "{}"), print("/a", "{ }"));
    }

    #[test]
    fn the_boundary_of_a_form_does_not_count() {
        let form = |boundary: &str, text: &str| {
            let body = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n{text}\r\n--{boundary}--\r\n"
            );
            fingerprint(&incoming("/a", &format!("multipart/form-data; boundary={boundary}"), &body))
        };
        assert_eq!(form("one", "x"), form("another", "x"));
        assert_ne!(form("one", "x"), form("one", "y"));
    }
}
