//! `GET /api/contacts`: contacts, newest first, or those that a search finds.

use domain::{
    Result,
    access::{Role, Scope},
    id::GroupId,
};
use schemars::JsonSchema;
use serde::Deserialize;
use store::contacts::Filter;
use web::prelude::{Cx, Grant, List, Page, Row, Success};

use super::view::{ContactView, page};

/// Which contacts. All that is given must hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ContactFilter {
    /// The beginning of words of the name, of the number (local or international) or of the e-mail address.
    search: Option<String>,
    /// Carries this tag, whatever the case.
    tag: Option<String>,
    /// Is in this group.
    group_id: Option<GroupId>,
}

/// The row.
pub fn row() -> Row {
    Row::get("contacts-list", "/api/contacts", handle)
        .summary("List contacts")
        .description(
            "Newest first; with `search` by number, then by name. `total` is exact without a filter, with `tag` alone \
             or with `groupId` alone.",
        )
        .tag("Contacts")
        .access(Role::Viewer, Scope::ContactsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, list: List<ContactFilter>) -> Result<Success<Page<ContactView>>> {
    let after = list.after(&cx).await?;
    let filter = Filter { tag: list.filter.tag.clone(), group: list.filter.group_id };
    let (page, total) = page(&cx, filter, list.filter.search.as_deref(), after, list.limit).await?;
    list.page(&cx, page.rows, page.next, total).await
}
