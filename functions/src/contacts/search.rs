//! `GET /api/contacts/search`: who a text finds.

use domain::{
    Result,
    access::{Role, Scope},
};
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Page as Found, contacts::Filter};
use web::prelude::{Cx, Grant, List, Page, Row, Success};

use super::view::{ContactView, page};

/// What to look for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ContactSearch {
    /// The beginning of words of the name (all must match), of the number (local or international) or of the e-mail
    /// address.
    q: String,
}

/// The row.
pub fn row() -> Row {
    Row::get("contacts-search", "/api/contacts/search", handle)
        .summary("Search contacts")
        .description("By number, then by name, then by e-mail address.")
        .tag("Contacts")
        .access(Role::Viewer, Scope::ContactsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, list: List<ContactSearch>) -> Result<Success<Page<ContactView>>> {
    let after = list.after(&cx).await?;
    let found = if list.filter.q.trim().is_empty() {
        Found { rows: Vec::new(), next: None }
    } else {
        page(&cx, Filter::default(), Some(&list.filter.q), after, list.limit).await?.0
    };
    list.page(&cx, found.rows, found.next, None).await
}
