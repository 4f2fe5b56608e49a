//! `GET /api/m/{token}`: the file behind a link. Providers of WhatsApp fetch what they deliver here.

use engine::media::{Linked, linked};
use http::{HeaderValue, StatusCode, header};
use web::{
    prelude::*,
    reply::{Raw, Response},
};

/// A file is data here and nothing else, whatever a browser would make of it.
const POLICY: &str = "default-src 'none'; sandbox";

/// The row.
pub fn row() -> Row {
    Row::get("media-file", "/api/m/{token}", handle)
        .summary("The file behind a link")
        .description(
            "Whoever has the link gets the file, for a day from when the link was made. A file of more than 4 MB is answered \
             with 307 and a link of the bucket, good for ten minutes.",
        )
        .tag("Media")
        .public()
        .grants(&[Grant::TableRead, Grant::FilesRead, Grant::RootSecret])
}

async fn handle(cx: Cx, Path(token): Path<String>) -> Result<Raw> {
    let value = |text: &str| HeaderValue::try_from(text).map_err(Error::internal);
    let mut headers = vec![
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // The address is a secret of whoever got the message.
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    let mut response = match linked(&cx.app, &token).await? {
        Linked::Bytes(media, bytes) => {
            headers.push((header::CONTENT_TYPE, value(&media.content_type)?));
            headers.push((header::CONTENT_DISPOSITION, value(&disposition(&media.file_name))?));
            Response::new(bytes)
        }
        Linked::Elsewhere(url) => {
            headers.push((header::LOCATION, value(&url)?));
            let mut response = Response::default();
            *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
            response
        }
    };
    response.headers_mut().extend(headers);
    Ok(Raw(response))
}

/// The name in ASCII, and as it is (RFC 6266).
fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' }).collect();
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    format!("inline; filename=\"{plain}\"; filename*=UTF-8''{}", encoded.replace('+', "%20"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_end_the_header() {
        assert_eq!(
            disposition("a \"b\"\r\nü.pdf"),
            "inline; filename=\"a__b____.pdf\"; filename*=UTF-8''a%20%22b%22%0D%0A%C3%BC.pdf"
        );
    }
}
