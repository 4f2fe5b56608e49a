//! The console's files at `/`, as CloudFront serves them from the bucket on AWS: files by their path, and
//! `index.html` for the addresses that the console's own router knows.

use std::path::{Component, Path, PathBuf};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode, header};

/// What `/` shows where there is no console.
const PAGE: &str = include_str!("console.html");

/// What a page of the console may do: run the scripts of this origin, and speak to it and to `{files}`, the bucket that
/// files are uploaded to. Nothing from anyone else, and no inline script. Inline styles stay: the component library
/// writes the sizes of its layouts into the page, and there is no nonce where files are static.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self' {files}; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// The built console.
#[derive(Debug, Clone)]
pub(super) struct Console {
    folder: PathBuf,
    policy: HeaderValue,
}

impl Console {
    /// The files in `folder`, whose pages may upload to `files`.
    pub(super) fn new(folder: PathBuf, files: &str) -> Self {
        let policy = HeaderValue::try_from(POLICY.replace("{files}", files)).expect("an origin is ASCII");
        Self { folder, policy }
    }
}

/// Answers a request that no function takes.
pub(super) async fn serve(console: Option<&Console>, method: &Method, path: &str) -> Response {
    let mut response = find(console.map(|console| console.folder.as_path()), method, path).await;
    if let Some(console) = console {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, console.policy.clone());
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    }
    response
}

async fn find(folder: Option<&Path>, method: &Method, path: &str) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let Some(folder) = folder else {
        return if path == "/" { file("text/html; charset=utf-8", "no-cache", PAGE.into()) } else { not_found() };
    };
    let Some(relative) = relative(path) else { return not_found() };
    // Built files carry a hash in their name, so they never change.
    let kept = if path.starts_with("/assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    if !relative.as_os_str().is_empty()
        && let Ok(bytes) = tokio::fs::read(folder.join(&relative)).await
    {
        return file(mime_guess::from_path(&relative).first_or_octet_stream().essence_str(), kept, bytes.into());
    }
    // An address of the console has no extension; a file that is not there has one.
    if relative.extension().is_some() {
        return not_found();
    }
    match tokio::fs::read(folder.join("index.html")).await {
        Ok(bytes) => file("text/html; charset=utf-8", "no-cache", bytes.into()),
        Err(_) => not_found(),
    }
}

/// The path inside the folder; `None` for what would lead out of it.
fn relative(path: &str) -> Option<PathBuf> {
    let decoded = percent_encoding::percent_decode_str(path.trim_start_matches('/')).decode_utf8().ok()?;
    let relative = PathBuf::from(decoded.as_ref());
    let inside = relative.components().all(|component| matches!(component, Component::Normal(_)));
    (inside && !decoded.contains(['\\', '\0'])).then_some(relative)
}

fn file(content_type: &str, kept: &'static str, body: Body) -> Response {
    let content_type = match content_type {
        "text/javascript" | "application/javascript" | "text/css" => format!("{content_type}; charset=utf-8"),
        other => other.to_owned(),
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let octets = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, HeaderValue::try_from(content_type).unwrap_or(octets));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], "There is nothing here.\n")
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(console: Option<&Console>, path: &str) -> (StatusCode, String, String) {
        let response = serve(console, &Method::GET, path).await;
        let content_type = response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, content_type, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn files_routes_and_nothing_outside() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("dist");
        std::fs::create_dir_all(folder.join("assets")).unwrap();
        std::fs::write(folder.join("index.html"), "console").unwrap();
        std::fs::write(folder.join("assets/a.js"), "js").unwrap();
        std::fs::write(outer.path().join("secret.txt"), "secret").unwrap();
        let console = Console::new(folder, "http://127.0.0.1:4566");
        let policy = serve(Some(&console), &Method::GET, "/").await.headers()[header::CONTENT_SECURITY_POLICY].clone();
        assert!(policy.to_str().unwrap().contains("connect-src 'self' http://127.0.0.1:4566;"), "{policy:?}");
        let folder = Some(&console);
        assert_eq!(get(folder, "/").await.2, "console");
        assert_eq!(get(folder, "/groups/grp_1").await.2, "console");
        assert_eq!(
            get(folder, "/assets/a.js").await,
            (StatusCode::OK, "text/javascript; charset=utf-8".into(), "js".into())
        );
        for path in
            ["/assets/b.js", "/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/..%5csecret.txt"]
        {
            let (status, _, body) = get(folder, path).await;
            assert!(status == StatusCode::NOT_FOUND && body != "secret", "{path}");
        }
    }

    #[tokio::test]
    async fn without_a_console_the_root_says_so() {
        let (status, _, page) = get(None, "/").await;
        assert!(status == StatusCode::OK && page.contains("/api/health"));
        assert_eq!(get(None, "/other").await.0, StatusCode::NOT_FOUND);
    }
}
