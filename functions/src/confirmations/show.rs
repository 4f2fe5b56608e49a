//! `GET /api/confirm/{token}`: shows a button. Looking changes nothing: mail programs and scanners look at every link.

use web::{prelude::*, reply::Raw};

use crate::unsubscribe::page;

/// The row.
pub fn row() -> Row {
    Row::get("confirmations-show", "/api/confirm/{token}", handle)
        .summary("The page by which somebody confirms that they want to be in a group")
        .description(
            "A small HTML page with a button. The link stands in the confirmation message; opening it changes nothing.",
        )
        .tag("Groups")
        .public()
        .grants(&[Grant::TableRead, Grant::RootSecret])
}

async fn handle(cx: Cx, Path(token): Path<String>) -> Result<Raw> {
    let (member, group, pending) = engine::confirm::member(&cx.app, &token).await?;
    let organization = page::organization(&cx, member.org).await?;
    if !pending {
        return Ok(page::confirmed(&organization, &group.name));
    }
    let [organization, group] = [&organization, &group.name].map(|name| domain::text::escape_html(name));
    let button = "<form method=\"post\"><button>Yes, I want them</button></form>";
    Ok(page::page("Confirm", &format!("<p>Do you want messages of {organization} ({group})?</p>{button}")))
}
