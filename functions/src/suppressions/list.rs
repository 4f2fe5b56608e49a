//! `GET /api/suppressions`: who gets no messages, newest first; or by address, those that a search finds.

use domain::{
    phone::{Country, search_prefixes},
    suppression::{SuppressedChannel, SuppressionReason},
};
use store::{
    organizations,
    suppressions::{self, Filter},
};
use web::prelude::*;

use super::SuppressionView;

/// The row.
pub fn row() -> Row {
    Row::get("suppressions-list", "/api/suppressions", handle)
        .summary("List suppressions")
        .description("Newest first; with `search` by address. `total` is exact without a filter.")
        .tag("Suppressions")
        .access(Role::Viewer, Scope::SuppressionsRead)
        .grants(&[Grant::TableRead])
}

/// Which suppressions. All that is given must hold.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SuppressionFilter {
    /// For this channel; `ALL` are those that hold for every channel.
    channel: Option<SuppressedChannel>,
    /// For this reason.
    reason: Option<SuppressionReason>,
    /// The beginning of the number (local or international) or of the e-mail address.
    search: Option<String>,
}

async fn handle(cx: Cx, list: List<SuppressionFilter>) -> Result<Success<Page<SuppressionView>>> {
    let (table, org) = (&cx.app.table, cx.org());
    let filter = Filter { channel: list.filter.channel, reason: list.filter.reason };
    let after = list.after(&cx).await?;
    let (page, total) = if let Some(text) = &list.filter.search {
        let country = organizations::get(table, org).await?.default_country;
        let page = match prefix(text, country) {
            Some(prefix) => suppressions::search(table, org, &prefix, filter, after, list.limit).await?,
            None => store::Page { rows: Vec::new(), next: None },
        };
        (page, None)
    } else {
        let page = suppressions::list(table, org, filter, after, list.limit).await?;
        (page, if filter.is_empty() { Some(suppressions::total(table, org).await?) } else { None })
    };
    let page = page.map(SuppressionView::from);
    list.page(&cx, page.rows, page.next, total).await
}

/// How the addresses meant by `text` begin; `None` if no address begins so.
fn prefix(text: &str, country: Country) -> Option<String> {
    let text = text.trim();
    if text.contains(|letter: char| letter == '@' || letter.is_ascii_alphabetic()) {
        Some(text.to_ascii_lowercase())
    } else {
        search_prefixes(text, country).into_iter().next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_means_a_number_or_an_e_mail_address() {
        let kenya = Country::parse("KE").unwrap();
        assert_eq!(prefix("0712", kenya).as_deref(), Some("+254712"));
        assert_eq!(prefix("+49 15", kenya).as_deref(), Some("+4915"));
        assert_eq!(prefix(" Ama.7", kenya).as_deref(), Some("ama.7"));
        assert_eq!(prefix("", kenya), None);
    }
}
