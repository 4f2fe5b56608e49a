//! `GET /api/openapi.json`: the document of this API, made from the rows that answer.

use web::{prelude::*, reply::Raw};

/// The row.
pub fn row() -> Row {
    Row::get("openapi-get", "/api/openapi.json", handle).summary("This document").tag("Service").public()
}

async fn handle(cx: Cx) -> Result<Raw> {
    let document = web::openapi::document(cx.rows(), env!("CARGO_PKG_VERSION"));
    let bytes = serde_json::to_vec(&document).map_err(Error::internal)?;
    let mut response = web::reply::Response::new(bytes.into());
    let headers = response.headers_mut();
    headers.insert("content-type", "application/json".parse().map_err(Error::internal)?);
    headers.insert("cache-control", "public, max-age=300".parse().map_err(Error::internal)?);
    Ok(Raw(response))
}
