//! Groups as clients see them.

use domain::{Error, Result, id::GroupId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::groups::Group;

use crate::contacts::view::FirstContacts;

/// The longest description, in characters.
const LONGEST_DESCRIPTION: usize = 1_000;

/// A group.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Group")]
pub(crate) struct GroupView {
    /// Its id.
    pub id: GroupId,
    /// Unique in the organization, whatever the case.
    #[schemars(extend("examples" = ["Parents 4B"]))]
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// How many contacts are in it.
    #[schemars(extend("examples" = [34]))]
    pub contact_count: u64,
    /// Who made it: the id of a user or an API key.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When name or description were last changed.
    pub updated_at: Timestamp,
}

impl GroupView {
    /// A group with its count.
    pub(crate) fn new(group: Group, contact_count: u64) -> Self {
        Self {
            id: group.id,
            name: group.name,
            description: group.description,
            contact_count,
            created_by: group.created_by,
            created_at: group.created_at,
            updated_at: group.updated_at,
        }
    }
}

/// A group with the first of its contacts.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GroupDetail {
    /// The group.
    #[serde(flatten)]
    pub group: GroupView,
    /// The first 25 contacts; more by `GET /groups/{id}/contacts`.
    pub contacts: FirstContacts,
}

/// A description without blanks around it; an empty one is none. 422 `description_invalid`.
pub(crate) fn description(text: Option<&str>) -> Result<Option<String>> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.chars().count() > LONGEST_DESCRIPTION) {
        let detail = format!("Expected at most {LONGEST_DESCRIPTION} characters.");
        return Err(Error::invalid("/description", "description_invalid", detail));
    }
    Ok(text.map(str::to_owned))
}
