//! The refresh token of a browser: in a cookie that no script can read, for the web console of the same origin.
//!
//! A client asks for it with `X-Session: cookie`. Other sites can neither send the cookie (`SameSite=Strict`) nor that
//! header (it needs a preflight, which nobody answers), so no foreign form can refresh or end a session.

use web::Cx;

use super::tokens;

const NAME: &str = "dundun_session";

/// Only these endpoints get it.
const PATH: &str = "/api/auth";

/// What rows that take part say of it.
pub(super) const ABOUT: &str =
    "With `X-Session: cookie` the refresh token is in an HttpOnly cookie instead of the body.";

/// Whether the client keeps its refresh token in a cookie.
pub(super) fn wanted(cx: &Cx) -> bool {
    cx.header("x-session").is_some_and(|how| how.eq_ignore_ascii_case("cookie"))
}

/// The refresh token that came in the cookie.
pub(super) fn given(cx: &Cx) -> Option<String> {
    let mut cookies = cx.header("cookie")?.split(';').filter_map(|cookie| cookie.trim().split_once('='));
    cookies.find(|(name, _)| *name == NAME).map(|(_, value)| value.to_owned())
}

/// `Set-Cookie` that keeps a refresh token as long as its session holds.
pub(super) fn keep(cx: &Cx, token: &str) -> String {
    set(cx, token, tokens::SESSION.as_secs())
}

/// `Set-Cookie` that takes it away.
pub(super) fn drop(cx: &Cx) -> String {
    set(cx, "", 0)
}

/// RFC 6265 §4.1. A token is letters, digits and `_`, so it needs no quoting.
fn set(cx: &Cx, token: &str, seconds: i64) -> String {
    // Browsers send a `Secure` cookie over https only; one machine serves plain http on the loopback address.
    let secure = if cx.app.settings.public_url.starts_with("https://") { "; Secure" } else { "" };
    format!("{NAME}={token}; Path={PATH}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}
