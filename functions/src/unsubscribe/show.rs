//! `GET /api/u/{token}`: shows a button. Looking changes nothing: mail programs and scanners look at every link.

use web::{prelude::*, reply::Raw};

use super::page;

/// The row.
pub fn row() -> Row {
    Row::get("unsubscribe-show", "/api/u/{token}", handle)
        .summary("The page by which somebody stops e-mail")
        .description("A small HTML page with a button. The link stands in every e-mail; opening it changes nothing.")
        .tag("Suppressions")
        .public()
        .grants(&[Grant::TableRead, Grant::RootSecret])
}

async fn handle(cx: Cx, Path(token): Path<String>) -> Result<Raw> {
    let subscriber = engine::unsubscribe::subscriber(&cx.app, &token).await?;
    let organization = page::organization(&cx, subscriber.org).await?;
    if engine::unsubscribe::is_suppressed(&cx.app, &subscriber).await? {
        return Ok(page::done(&organization));
    }
    let name = domain::text::escape_html(&organization);
    // The form goes to this very address; its field is that of RFC 8058.
    let button = "<form method=\"post\"><input type=\"hidden\" name=\"List-Unsubscribe\" value=\"One-Click\">\
                  <button>Unsubscribe</button></form>";
    // Whether the address ends with a slash or not, this leads below it.
    let more = format!("<p><a href=\"/api/u/{token}/preferences\">Choose what to stop</a></p>");
    Ok(page::page("Unsubscribe", &format!("<p>Stop all e-mail from {name}?</p>{button}{more}")))
}
