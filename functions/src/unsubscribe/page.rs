//! The page: no script, nothing from elsewhere, no word of who it is for.

use http::{HeaderValue, StatusCode, header};
use web::{
    prelude::*,
    reply::{Raw, Response},
};

/// What the page may do: send its own button, and nothing else.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const STYLE: &str = "body{font:16px/1.5 sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}\
                     button{font:inherit;padding:.5rem 1rem}";

/// A page of a heading and what stands below it.
pub(super) fn page(title: &str, inner: &str) -> Raw {
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><h1>{title}</h1>{inner}</body></html>"
    );
    let mut response = Response::new(html.into());
    *response.status_mut() = StatusCode::OK;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // The address is a secret of whoever got the mail.
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Raw(response)
}

/// What everybody sees who gets no more.
pub(super) fn done(organization: &str) -> Raw {
    let name = domain::text::escape_html(organization);
    page("You are unsubscribed", &format!("<p>You get no more e-mail from {name}.</p>"))
}

/// The name of an organization, for people.
pub(super) async fn organization(cx: &Cx, org: id::OrgId) -> Result<String> {
    Ok(store::organizations::get(&cx.app.table, org).await?.name)
}
