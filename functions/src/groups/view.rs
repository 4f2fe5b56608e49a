//! Groups as clients see them.

use domain::{
    Error, Result,
    id::{GroupId, TemplateId},
    message::Channel,
    template::Template,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::{
    groups::{self, Group},
    templates,
};
use web::Cx;

use crate::contacts::view::FirstContacts;

/// What is refused of a group's fields, whether it is made or changed.
pub(super) const ERRORS: [&str; 6] = [
    "409 group_name_taken",
    "name_invalid",
    "description_invalid",
    "confirmation_template_required",
    "template_not_found",
    "confirm_url_missing",
];

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
    /// Whether who joins is pending until they answer `YES` or follow the link of the confirmation message; until then
    /// nothing that goes to the group goes to them.
    pub double_opt_in: bool,
    /// The template of the confirmation message; its channel is where they are asked.
    pub confirmation_template_id: Option<TemplateId>,
    /// How many of its contacts have not confirmed.
    #[schemars(extend("examples" = [3]))]
    pub pending_count: u64,
    /// Who made it: the id of a user or an API key.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When name or description were last changed.
    pub updated_at: Timestamp,
}

impl GroupView {
    /// A group with its count.
    pub(crate) fn new(group: Group, contact_count: u64, pending_count: u64) -> Self {
        Self {
            id: group.id,
            name: group.name,
            description: group.description,
            contact_count,
            double_opt_in: group.double_opt_in,
            confirmation_template_id: group.confirmation_template,
            pending_count,
            created_by: group.created_by,
            created_at: group.created_at,
            updated_at: group.updated_at,
        }
    }
}

/// Groups with their counts, in their order.
pub(crate) async fn views(cx: &Cx, groups: Vec<Group>) -> Result<Vec<GroupView>> {
    let ids: Vec<GroupId> = groups.iter().map(|group| group.id).collect();
    let counts = groups::counts(&cx.app.table, cx.org(), &ids).await?;
    let pending = groups::pending_counts(&cx.app.table, cx.org(), &ids).await?;
    let counted = groups.into_iter().zip(counts).zip(pending);
    Ok(counted.map(|((group, count), pending)| GroupView::new(group, count, pending)).collect())
}

/// A group with its counts.
pub(crate) async fn view(cx: &Cx, group: Group) -> Result<GroupView> {
    let id = group.id;
    views(cx, vec![group]).await?.pop().ok_or_else(|| Error::not_found("group", id))
}

/// Checks that who joins a group can be asked. 422 `confirmation_template_required`, `template_not_found`,
/// `confirm_url_missing`.
pub(crate) async fn check_confirmation(cx: &Cx, double_opt_in: bool, template: Option<TemplateId>) -> Result<()> {
    let pointer = "/confirmationTemplateId";
    let Some(id) = template else {
        let detail = "A group that wants a double opt-in needs the template by which new members are asked.";
        let missing = Error::invalid(pointer, "confirmation_template_required", detail);
        return if double_opt_in { Err(missing) } else { Ok(()) };
    };
    let template = match templates::get(&cx.app.table, cx.org(), id).await {
        Err(Error::NotFound { .. }) => {
            return Err(Error::invalid(pointer, "template_not_found", "There is no such template."));
        }
        found => found?,
    };
    let parsed = Template::parse(&template.body).map_err(Error::internal)?;
    if template.channel == Channel::Email
        && !parsed.variables().iter().any(|variable| variable.name == engine::confirm::URL)
    {
        let detail = "Nobody can confirm by answering an e-mail: its text needs `{{confirmUrl}}`.";
        return Err(Error::invalid(pointer, "confirm_url_missing", detail));
    }
    Ok(())
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
