//! `DELETE /api/suppressions/{id}`: an address may get messages again, for a reason that is kept.

use domain::suppression::RemovalReason;
use store::suppressions::{self, Removed};
use web::prelude::*;

/// The row.
pub fn row() -> Row {
    Row::delete("suppressions-delete", "/api/suppressions/{id}", handle)
        .summary("Take an address off the list")
        .description(
            "What was held back before stays held back. Who took it off, when and why can still be read at this address. A \
             provider may go on refusing the person until they opt in there.",
        )
        .tag("Suppressions")
        .access(Role::Admin, Scope::SuppressionsWrite)
        .grants(&[Grant::Table])
        .errors(&["reason_required"])
}

/// Why.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Removal {
    /// Why.
    #[schemars(required, with = "RemovalReason", extend("examples" = ["OPTED_IN"]))]
    reason: Option<RemovalReason>,
}

async fn handle(cx: Cx, Path(id): Path<id::SuppressionId>, Query(query): Query<Removal>) -> Result<NoContent> {
    let suppression = suppressions::get(&cx.app.table, cx.org(), id).await?;
    let removal_reason = query.reason.ok_or_else(|| {
        let expected = RemovalReason::NAMES.join(" or ");
        Error::invalid("?reason", "reason_required", format!("Say why with ?reason=: {expected}."))
    })?;
    let removed = Removed { suppression, removed_at: cx.now(), removed_by: Some(cx.actor()), removal_reason };
    suppressions::remove(&cx.app.table, cx.org(), &removed).await?;
    Ok(NoContent)
}
