//! `GET /api/imports`: imports, newest first.

use domain::{
    Result,
    access::{Role, Scope},
};
use store::imports;
use web::{
    Cx, Grant, Row,
    extract::List,
    reply::{Page, Success},
};

use super::view::ImportView;

pub(super) fn row() -> Row {
    Row::get("imports-list", "/api/imports", handle)
        .summary("List imports")
        .tag("Imports")
        .access(Role::Viewer, Scope::ImportsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, list: List) -> Result<Success<Page<ImportView>>> {
    let after = list.after(&cx).await?;
    let page = imports::list(&cx.app.table, cx.org(), after, list.limit).await?.map(ImportView::from);
    list.page(&cx, page.rows, page.next, None).await
}
