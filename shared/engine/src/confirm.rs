//! Double opt-in: who joins a group that wants it is pending until they answer `YES` or follow the link of the confirmation
//! message, which each gets once.
//!
//! Invariants: a pending member gets nothing that goes to the group; a link confirms one contact in one group, cannot be made
//! without the root key, and looking at it changes nothing.

use domain::{
    Error, Result,
    attributes::Value,
    delivery::SkipReason,
    email::Email,
    id::{ContactId, GroupId, MessageId, OrgId},
    message::{Channel, RecipientType},
};
use futures::{StreamExt, TryStreamExt, stream};
use store::{
    Table, contacts,
    groups::{self, Group},
    imports::Import,
    ledger::Recipient,
    messages::{self, Audience, Message, Purpose},
    organizations, templates,
};

use crate::{
    App,
    accept::{self, Content, NewMessage},
    alerts,
    app::same_bits,
    audience,
    sealed::Keys,
};

/// The variable that a confirmation's text has for the link.
pub const URL: &str = "confirmUrl";

/// What the keys of the links are for.
const PURPOSE: &str = "confirm";

/// How many memberships are noted at the same time.
const AT_ONCE: usize = 16;

/// The most contacts of one confirmation message.
const MOST: usize = 1_000;

/// What stands for the link where the text is shown to others than its recipient.
const HIDDEN: &str = "(their own link)";

/// Who confirms, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The organization.
    pub org: OrgId,
    /// The group.
    pub group: GroupId,
    /// The contact.
    pub contact: ContactId,
}

/// Makes the links by which members of a group confirm.
pub struct Links {
    keys: Keys,
    base: String,
    org: OrgId,
    group: GroupId,
}

impl Links {
    /// Of a group.
    pub async fn of(app: &App, org: OrgId, group: GroupId) -> Result<Self> {
        let keys = Keys::of(&app.secrets.root().await?, PURPOSE);
        Ok(Self { keys, base: app.settings.public_url.clone(), org, group })
    }

    /// The link of a member.
    pub fn to(&self, contact: ContactId) -> String {
        let token = self.keys.seal(&format!("{} {} {contact}", self.org, self.group));
        format!("{}/api/confirm/{token}", self.base)
    }

    /// A recipient whose values hold their link.
    pub(crate) fn with_link(&self, recipient: &Recipient) -> Recipient {
        let mut own = recipient.clone();
        if let Some(contact) = recipient.contact {
            own.values.insert(URL.to_owned(), Value::Text(self.to(contact)));
        }
        own
    }
}

/// Whom a link is for. 404 for one that was not made here, and for who is no member any more.
pub async fn member(app: &App, token: &str) -> Result<(Member, Group, bool)> {
    let not_found = || Error::not_found("membership", "of this link");
    let keys = Keys::of(&app.secrets.root().await?, PURPOSE);
    let plain = keys.open(token).ok_or_else(not_found)?;
    let mut parts = plain.split(' ');
    let mut part = || parts.next().ok_or_else(not_found);
    let org: OrgId = part()?.parse().map_err(|_| not_found())?;
    let group: GroupId = part()?.parse().map_err(|_| not_found())?;
    let contact: ContactId = part()?.parse().map_err(|_| not_found())?;
    let pending = groups::state(&app.table, org, group, contact).await?.ok_or_else(not_found)?;
    let found = groups::find(&app.table, org, group).await?.ok_or_else(not_found)?;
    Ok((Member { org, group, contact }, found, pending))
}

/// Somebody confirms by their link. Doing it again changes nothing.
pub async fn follow(app: &App, member: Member) -> Result<()> {
    if groups::confirm(&app.table, member.org, member.group, member.contact).await? {
        tracing::info!(org = %member.org, group = %member.group, contact = %member.contact, "confirmed by a link");
    }
    Ok(())
}

/// Somebody wrote `YES`: they confirm wherever they were asked. `false`: nowhere.
pub(crate) async fn answered(app: &App, org: OrgId, channel: Channel, address: &str) -> Result<bool> {
    let table = &app.table;
    let contacts: Vec<ContactId> = match channel {
        Channel::Sms | Channel::WhatsApp => match address.parse() {
            Ok(phone) => contacts::by_phones(table, org, &[phone]).await?.into_values().map(|one| one.id).collect(),
            Err(_) => Vec::new(),
        },
        Channel::Email => match Email::parse(address) {
            Ok(email) => {
                let found = contacts::with_email(table, org, email.as_str()).await?;
                found.into_iter().map(|one| one.id).collect()
            }
            Err(_) => Vec::new(),
        },
    };
    let mut confirmed = false;
    for contact in contacts {
        for group in groups::waiting(table, org, contact).await? {
            confirmed |= groups::confirm(table, org, group, contact).await?;
        }
    }
    Ok(confirmed)
}

/// Marks who of a confirmation's recipients is not for it to ask, and notes the others as asked.
pub(crate) async fn note(
    table: &Table,
    org: OrgId,
    group: GroupId,
    message: MessageId,
    recipients: &mut [Recipient],
) -> Result<()> {
    let open: Vec<_> = recipients
        .iter_mut()
        .filter(|one| one.skip.is_none())
        .map(|recipient| async move {
            let asked = match recipient.contact {
                Some(contact) => groups::ask(table, org, group, contact, message).await?,
                None => false,
            };
            if !asked {
                recipient.skip = Some(SkipReason::NotPending);
            }
            Ok::<_, Error>(())
        })
        .collect();
    stream::iter(open).buffer_unordered(AT_ONCE).try_collect().await
}

/// Asks those of some contacts who are pending members of a group and were not asked. A failure is an alert, not an error:
/// they are members, and can be asked later.
pub async fn ask(app: &App, org: OrgId, group: GroupId, contacts: &[ContactId], by: &str) -> Result<()> {
    let Some(group) = groups::find(&app.table, org, group).await?.filter(|group| group.double_opt_in) else {
        return Ok(());
    };
    let pending = groups::pending_among(&app.table, org, group.id, contacts).await?;
    let unasked: Vec<ContactId> =
        pending.into_iter().filter(|member| member.asked.is_none()).map(|member| member.contact).collect();
    for ids in unasked.chunks(MOST) {
        let id = MessageId::generate(app.now(), app.random.bits());
        let (audience, given) = (Audience::Contacts { ids: ids.to_vec() }, audience::given_contacts(ids));
        let new = NewMessage { given, ..confirmation(app, &group, audience, by, id).await? };
        warned(app, &group, accept::accept(app, org, new, |_| Ok(Vec::new())).await).await?;
    }
    Ok(())
}

/// Asks the pending members among an import's rows, in one message. Harmless when repeated.
pub(crate) async fn ask_imported(app: &App, import: &Import) -> Result<()> {
    let Some(group) = import.group else { return Ok(()) };
    let Some(group) = groups::find(&app.table, import.org, group).await?.filter(|group| group.double_opt_in) else {
        return Ok(());
    };
    let id = MessageId::generate(import.created_at, same_bits(&format!("confirmation of {}", import.id)));
    if messages::find(&app.table, import.org, id).await?.is_some() {
        return Ok(());
    }
    let new = confirmation(app, &group, Audience::Import { id: import.id }, &import.created_by, id).await?;
    let new = NewMessage { expected: Some(import.counts.valid), ..new };
    warned(app, &group, accept::accept(app, import.org, new, |_| Ok(Vec::new())).await).await
}

/// Asks everyone in a group who is pending and was not asked: those who joined while nothing could be sent. Errors: 409
/// `nobody_to_ask`, those of a message.
pub async fn ask_all(app: &App, org: OrgId, group: GroupId, by: &str) -> Result<Message> {
    let group = groups::get(&app.table, org, group).await?;
    if !group.double_opt_in || groups::pending_counts(&app.table, org, &[group.id]).await?[0] == 0 {
        return Err(Error::conflict("nobody_to_ask", "No member of the group has to confirm."));
    }
    let id = MessageId::generate(app.now(), app.random.bits());
    let new = confirmation(app, &group, Audience::Groups { ids: vec![group.id] }, by, id).await?;
    accept::accept(app, org, new, |_| Ok(Vec::new())).await
}

async fn confirmation(app: &App, group: &Group, audience: Audience, by: &str, id: MessageId) -> Result<NewMessage> {
    let template = group
        .confirmation_template
        .ok_or_else(|| Error::internal(format!("{} wants a double opt-in without a template", group.id)))?;
    let channel = match templates::get(&app.table, group.org, template).await {
        Ok(template) => template.channel,
        // `accept` says so, in words.
        Err(Error::NotFound { .. }) => Channel::Sms,
        Err(error) => return Err(error),
    };
    let organization = organizations::get(&app.table, group.org).await?;
    let text = |text: &str| Value::Text(text.to_owned());
    let variables = [
        (URL.to_owned(), text(HIDDEN)),
        ("group".to_owned(), text(&group.name)),
        ("organization".to_owned(), text(&organization.name)),
    ];
    let recipient_type = match audience {
        Audience::Groups { .. } => RecipientType::Group,
        _ => RecipientType::Contact,
    };
    Ok(NewMessage {
        variables: variables.into(),
        recipient_type,
        audience,
        purpose: Purpose::Confirmation { group: group.id },
        id: Some(id),
        ..NewMessage::of(channel, Content::Template(template), by.to_owned())
    })
}

/// What cannot be sent now does not undo that people joined.
async fn warned(app: &App, group: &Group, accepted: Result<Message>) -> Result<()> {
    match accepted {
        Ok(_) => Ok(()),
        Err(Error::Unavailable(cause)) => Err(Error::Unavailable(cause)),
        Err(error) => {
            let detail =
                format!("New members of `{}` are not asked to confirm: {}", group.name, crate::failed::shown(&error));
            let subject = Some(group.id.to_string());
            alerts::raise(app, group.org, alerts::Kind::ConfirmationsNotSent, subject, &detail).await
        }
    }
}
