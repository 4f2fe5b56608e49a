//! What somebody with a link in an e-mail may leave beside e-mail itself: the other channels on which they are written to,
//! and the groups that they are in.
//!
//! Invariant: a link speaks for one address. What is shown and changed is of the contacts with that address, and of no other;
//! nothing that is left can be entered again from here.

use std::collections::BTreeMap;

use domain::{
    Result,
    id::{ContactId, GroupId},
    message::Channel,
    suppression::{SuppressionReason, SuppressionSource},
};
use store::{
    contacts::{self, Contact},
    groups, suppressions as list,
};

use crate::{App, suppressions, unsubscribe::Subscriber};

/// The most groups of a contact that are shown.
const GROUPS: usize = 100;

/// What somebody may leave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Channels on which they get messages.
    pub channels: Vec<Channel>,
    /// Groups that they are in, with their names, by name.
    pub groups: Vec<(GroupId, String)>,
}

/// What somebody leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leaving {
    /// Channels.
    pub channels: Vec<Channel>,
    /// Groups.
    pub groups: Vec<GroupId>,
}

/// What `channel` reaches of somebody: the address of the link, or the numbers of its contacts.
fn addresses(subscriber: &Subscriber, contacts: &[Contact], channel: Channel) -> Vec<String> {
    if channel.is_by_phone() {
        contacts.iter().filter_map(|contact| Some(contact.phone.as_ref()?.to_string())).collect()
    } else {
        vec![subscriber.address.clone()]
    }
}

/// What somebody may leave.
pub async fn of(app: &App, subscriber: &Subscriber) -> Result<Preferences> {
    let contacts = contacts::with_email(&app.table, subscriber.org, &subscriber.address).await?;
    let mut channels = Vec::new();
    for channel in [Channel::Email, Channel::Sms, Channel::WhatsApp] {
        let reached = addresses(subscriber, &contacts, channel);
        let reached: Vec<&str> = reached.iter().map(String::as_str).collect();
        let suppressed = list::among(&app.table, subscriber.org, channel, &reached).await?;
        if reached.iter().any(|address| !suppressed.contains(*address)) {
            channels.push(channel);
        }
    }
    let mut names = BTreeMap::new();
    for contact in &contacts {
        for group in groups::of_contact(&app.table, subscriber.org, contact.id, GROUPS).await? {
            if let Some(found) = groups::find(&app.table, subscriber.org, group).await? {
                names.insert(found.name, group);
            }
        }
    }
    Ok(Preferences { channels, groups: names.into_iter().map(|(name, group)| (group, name)).collect() })
}

/// Leaves what somebody chose. Doing it again changes nothing.
pub async fn leave(app: &App, subscriber: &Subscriber, leaving: &Leaving) -> Result<()> {
    let contacts = contacts::with_email(&app.table, subscriber.org, &subscriber.address).await?;
    for channel in &leaving.channels {
        stop(app, subscriber, *channel, addresses(subscriber, &contacts, *channel)).await?;
    }
    let ids: Vec<ContactId> = contacts.iter().map(|contact| contact.id).collect();
    for group in &leaving.groups {
        for contact in &ids {
            groups::remove_member(&app.table, subscriber.org, *group, *contact).await?;
        }
    }
    tracing::info!(org = %subscriber.org, channels = leaving.channels.len(), groups = leaving.groups.len(), "somebody left");
    Ok(())
}

/// From now on these addresses get nothing on the channel.
pub(crate) async fn stop(app: &App, subscriber: &Subscriber, channel: Channel, addresses: Vec<String>) -> Result<()> {
    let addresses = addresses.into_iter().map(|address| (address, SuppressionReason::OptedOut)).collect();
    let (org, provider) = (subscriber.org, subscriber.provider);
    suppressions::add(app, org, channel, provider, SuppressionSource::Inbound, addresses).await.map(|_| ())
}
