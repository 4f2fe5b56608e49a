//! Mails about alerts: to whom the organization says, or to its owners. Each address gets one; what could not be sent is tried
//! again for some hours.

use domain::{
    Result,
    access::Role,
    id::{AlertId, OrgId},
};
use jiff::SignedDuration;
use store::{
    alert_mails::{self, AlertMail, AlertRecipient, MailStatus},
    alerts::{self, Alert},
    organizations, users,
};

use crate::{
    App,
    app::{Queue, same_bits},
    mailer::Posted,
    notify::NotifyJob,
};

/// How long a job that mails an alert is left alone.
const LOOK_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// How often an alert is mailed to whom it did not reach; the pauses double from a minute.
const TRIES: u32 = 8;

/// How many of an organization's people are read at once.
const PEOPLE: usize = 100;

/// What the sweep does with an alert that is to be mailed.
pub(crate) async fn revive(app: &App, org: OrgId, alert: AlertId) -> Result<()> {
    if alerts::postpone(&app.table, org, alert, app.now() + LOOK_AFTER).await? {
        app.queues.send(Queue::Notify, org, &NotifyJob::Mail { org, alert }, 0).await?;
    }
    Ok(())
}

/// Whom alerts are mailed to: whom the organization says, else its owners.
pub async fn recipients(app: &App, org: OrgId) -> Result<Vec<AlertRecipient>> {
    if let Some(said) = alert_mails::recipients(&app.table, org).await? {
        return Ok(said);
    }
    let (mut owners, mut after) = (Vec::new(), None);
    loop {
        let page = users::members(&app.table, org, after, PEOPLE).await?;
        let active = page.rows.into_iter().filter(|member| member.role == Role::Owner && !member.invited);
        owners.extend(active.map(|member| AlertRecipient { address: member.email, kinds: Vec::new() }));
        after = page.next;
        if after.is_none() {
            return Ok(owners);
        }
    }
}

/// Mails an alert to whom it did not reach yet. Harmless however often it comes.
pub(crate) async fn mail(app: &App, org: OrgId, id: AlertId) -> Result<()> {
    let alert = alerts::get(&app.table, org, id).await?;
    if alert.due_at.is_none() {
        return Ok(());
    }
    let organization = organizations::get(&app.table, org).await?;
    let mut waits = false;
    for recipient in recipients(app, org).await?.into_iter().filter(|one| one.wants(alert.kind)) {
        waits |= !one(app, org, &organization.name, &alert, &recipient.address).await?;
    }
    let next = (waits && alert.mail_tries + 1 < TRIES)
        .then(|| app.now() + SignedDuration::from_mins(1 << alert.mail_tries.min(TRIES)));
    alerts::mailed(&app.table, org, id, next).await
}

/// One mail. `false`: it is to be tried again.
async fn one(app: &App, org: OrgId, organization: &str, alert: &Alert, to: &str) -> Result<bool> {
    let known = alert_mails::find(&app.table, org, alert.id, to).await?;
    if known.as_ref().is_some_and(|known| known.status != MailStatus::Waiting) {
        return Ok(true);
    }
    let (subject, text) = (subject(organization, alert), text(app, alert));
    let mut mail = AlertMail::new(alert.id, to.to_owned(), subject, text, app.now());
    let bits = same_bits(&format!("{}\n{to}", alert.id));
    let posted = app.mailer.post(app, to, &mail.subject, &mail.text, bits, alert.created_at).await?;
    (mail.status, mail.error) = match posted {
        Posted::Sent => (MailStatus::Sent, None),
        Posted::Kept => (MailStatus::Kept, None),
        Posted::Refused(why) => (MailStatus::Failed, Some(why)),
        Posted::Later(why) if alert.mail_tries + 1 >= TRIES => (MailStatus::Failed, Some(why)),
        Posted::Later(why) => (MailStatus::Waiting, Some(why)),
    };
    if let Some(error) = &mail.error {
        tracing::warn!(%org, alert = %alert.id, error, "an alert was not mailed");
    }
    alert_mails::put(&app.table, org, &mail).await?;
    Ok(mail.status != MailStatus::Waiting)
}

/// `PROVIDER_BALANCE_LOW` in words: `Provider balance low`.
fn subject(organization: &str, alert: &Alert) -> String {
    let name = serde_json::to_value(alert.kind).ok().and_then(|kind| kind.as_str().map(str::to_lowercase));
    let words = name.unwrap_or_default().replace('_', " ");
    let (first, rest) = words.split_at_checked(1).unwrap_or(("", &words));
    // A name is no place for line breaks, which end a header.
    let organization: String = organization.chars().filter(|letter| !letter.is_control()).collect();
    format!("{organization}: {}{rest}", first.to_uppercase())
}

fn text(app: &App, alert: &Alert) -> String {
    let (url, at) = (&app.settings.public_url, alert.created_at.strftime("%Y-%m-%d %H:%M UTC"));
    format!(
        "{}\n\nRaised on {at}. See it, and say that you have: {url}/alerts\n\n\
         You get this because your organization's alerts are mailed to you; its administrators say to whom.",
        alert.detail
    )
}
