//! `POST /api/suppressions`: from now on an address gets no messages.

use domain::suppression::{self, MAX_NOTE, SuppressedChannel, SuppressionReason, SuppressionSource};
use store::{
    organizations,
    suppressions::{self, Suppression},
};
use web::prelude::*;

use super::SuppressionView;

/// The row.
pub fn row() -> Row {
    Row::post("suppressions-create", "/api/suppressions", handle)
        .summary("Suppress an address")
        .description(
            "Once this is answered, nothing that is not on its way to a provider already goes to the address, messages that \
             are being sent included. An address that is on the list for the channel stays as it is and is answered with 200.",
        )
        .tag("Suppressions")
        .access(Role::Member, Scope::SuppressionsWrite)
        .idempotent_record_first()
        .grants(&[Grant::Table])
        .errors(&["phone_invalid", "email_invalid", "note_too_long"])
}

/// Who is to get no messages.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateSuppression {
    /// A phone number, or an e-mail address. It need not be a contact's.
    #[schemars(extend("examples" = ["+254700000001"]))]
    address: String,
    /// Which messages are held back; `ALL`, if nothing is said.
    channel: Option<SuppressedChannel>,
    /// Why; `MANUAL`, if nothing is said.
    reason: Option<SuppressionReason>,
    /// In words, at most 500 characters.
    #[schemars(extend("examples" = ["Asked for it on the phone."]))]
    note: Option<String>,
}

async fn handle(
    cx: Cx,
    body: Json<CreateSuppression>,
) -> Result<Either<Created<SuppressionView>, Success<SuppressionView>>> {
    let body = body.read()?;
    let (table, org) = (&cx.app.table, cx.org());
    let country = organizations::get(table, org).await?.default_country;
    let channel = body.channel.unwrap_or(SuppressedChannel::All);
    let address = suppression::address(&body.address, channel, country, "/address")
        .map_err(|wrong| Error::Invalid(vec![wrong]))?;
    let note = body.note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > MAX_NOTE) {
        return Err(Error::invalid("/note", "note_too_long", format!("A note has at most {MAX_NOTE} characters.")));
    }
    let (at, bits) = cx.repeatable("suppression");
    let new = Suppression {
        id: id::SuppressionId::new(at, bits),
        address,
        channel,
        reason: body.reason.unwrap_or(SuppressionReason::Manual),
        source: SuppressionSource::Api,
        note,
        provider_id: None,
        created_by: Some(cx.actor()),
        created_at: cx.now(),
    };
    let standing = suppressions::add(table, org, std::slice::from_ref(&new)).await?[0];
    if standing == new.id {
        return Ok(Either::A(Created(SuppressionView::from(new))));
    }
    let older = suppressions::get(table, org, standing).await?;
    Ok(Either::B(Success(SuppressionView::from(older))))
}
