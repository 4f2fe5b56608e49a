//! Contacts as clients see them.

use std::collections::BTreeMap;

use domain::{
    Result,
    attributes::Value,
    id::{ContactId, GroupId},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::{
    Page,
    contacts::{Contact, Filter, Query, total},
};
use web::Cx;

/// How many rows a detail answer embeds.
pub(crate) const FIRST: usize = 25;

/// A contact.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Contact")]
pub(crate) struct ContactView {
    /// Its id.
    pub id: ContactId,
    /// What they are called.
    #[schemars(extend("examples" = ["Amina Otieno"]))]
    pub name: Option<String>,
    /// Their number in E.164; unique in the organization.
    #[schemars(extend("examples" = ["+254700000001"]))]
    pub phone: Option<String>,
    /// Their e-mail address. Families share one, so it is not unique.
    #[schemars(extend("examples" = ["amina@example.com"]))]
    pub email: Option<String>,
    /// Labels.
    #[schemars(extend("examples" = [["parents"]]))]
    pub tags: Vec<String>,
    /// More about them, for texts: `{{attributes.class}}`.
    #[schemars(extend("examples" = [{"class": "4B"}]))]
    pub attributes: BTreeMap<String, Value>,
    /// IANA name of their time zone.
    #[schemars(extend("examples" = ["Africa/Nairobi"]))]
    pub timezone: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When something of this was last changed.
    pub updated_at: Timestamp,
}

impl From<Contact> for ContactView {
    fn from(contact: Contact) -> Self {
        Self {
            id: contact.id,
            name: contact.name,
            phone: contact.phone.map(|phone| phone.to_string()),
            email: contact.email,
            tags: contact.tags,
            attributes: contact.attributes,
            timezone: contact.timezone,
            created_at: contact.created_at,
            updated_at: contact.updated_at,
        }
    }
}

/// The first contacts of something.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FirstContacts {
    /// The first 25, newest first.
    pub data: Vec<ContactView>,
    /// Where the list continues; null at its end.
    pub next_cursor: Option<String>,
}

/// A page of contacts, and how many there are where that is counted. The contacts of a group that there is not (or
/// not in this organization) are none.
pub(crate) async fn page(
    cx: &Cx,
    filter: Filter,
    search: Option<&str>,
    after: Option<String>,
    limit: usize,
) -> Result<(Page<ContactView>, Option<u64>)> {
    let (table, org) = (&cx.app.table, cx.org());
    if let Some(group) = filter.group
        && !group_exists(cx, group).await?
    {
        return Ok((Page { rows: Vec::new(), next: None }, Some(0)));
    }
    let (query, total) = if let Some(search) = search.map(str::trim).filter(|search| !search.is_empty()) {
        let organization = store::organizations::get(table, org).await?;
        (Query::search(search, organization.default_country, filter), None)
    } else {
        let total = total(table, org, &filter).await?;
        (Query::new(filter), total)
    };
    let page = store::contacts::list(table, org, &query, after, limit).await?;
    Ok((page.map(ContactView::from), total))
}

/// Whether there is such a group in the organization.
pub(crate) async fn group_exists(cx: &Cx, group: GroupId) -> Result<bool> {
    Ok(store::groups::find(&cx.app.table, cx.org(), group).await?.is_some())
}
