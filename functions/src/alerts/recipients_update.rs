//! `PUT /api/alerts/recipients`: says whom alerts are mailed to.

use domain::email::Email;
use store::alert_mails::{self, AlertRecipient};
use web::prelude::*;

use super::{
    recipients_get::view,
    view::{RecipientView, RecipientsView},
};

/// The most addresses.
const MOST: usize = 20;

/// The row.
pub fn row() -> Row {
    Row::put("alerts-recipients-update", "/api/alerts/recipients", handle)
        .summary("Say whom alerts are mailed to")
        .description(
            "Replaces all of them. Until somebody says, the owners get every alert; an empty list mails nobody.",
        )
        .tag("Alerts")
        .access(Role::Admin, Scope::AlertsWrite)
        .grants(&[Grant::Table])
        .errors(&["email_invalid", "email_repeated", "too_many_recipients"])
}

/// Whom alerts are mailed to.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateAlertRecipients {
    /// The addresses, at most 20; null: the owners again.
    recipients: Option<Vec<RecipientView>>,
}

async fn handle(cx: Cx, body: Json<UpdateAlertRecipients>) -> Result<Success<RecipientsView>> {
    let recipients = body.read()?.recipients.map(check).transpose()?;
    alert_mails::set_recipients(&cx.app.table, cx.org(), recipients).await?;
    view(&cx).await.map(Success)
}

fn check(given: Vec<RecipientView>) -> Result<Vec<AlertRecipient>> {
    if given.len() > MOST {
        return Err(Error::invalid("/recipients", "too_many_recipients", format!("At most {MOST} addresses.")));
    }
    let mut recipients: Vec<AlertRecipient> = Vec::with_capacity(given.len());
    for (index, one) in given.into_iter().enumerate() {
        let pointer = format!("/recipients/{index}/address");
        let Ok(email) = Email::parse(&one.address) else {
            return Err(Error::invalid(pointer, "email_invalid", "Expected an e-mail address."));
        };
        let address = email.to_string();
        if recipients.iter().any(|known| known.address == address) {
            return Err(Error::invalid(pointer, "email_repeated", "The address is in the list already."));
        }
        recipients.push(AlertRecipient { address, kinds: one.kinds });
    }
    Ok(recipients)
}
