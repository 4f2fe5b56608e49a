//! Recipients given with the request: contact ids and raw addresses become recipients, first wins.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
};

use domain::{
    Result,
    delivery::SkipReason,
    email::Email,
    id::{ContactId, OrgId},
    message::Channel,
    phone::{Country, Phone},
};
use store::{
    Table,
    contacts::{self, Contact},
    ledger::{Given, Recipient},
};

use super::values::{self, Needs};

/// Recipients from what was given, in order, without repeated addresses.
pub async fn resolve(
    table: &Table,
    org: OrgId,
    channel: Channel,
    country: Country,
    needs: &Needs,
    given: &[Given],
) -> Result<Vec<Recipient>> {
    let ids: Vec<ContactId> = given.iter().filter_map(|one| one.to.parse().ok()).collect();
    let by_id: HashMap<ContactId, Contact> = contacts::get_many(table, org, &ids)
        .await?
        .into_iter()
        .flatten()
        .map(|contact| (contact.id, contact))
        .collect();
    let by_phone = if needs.wants_contact() && channel != Channel::Email {
        let phones: Vec<Phone> = given.iter().filter_map(|one| Phone::parse(&one.to, country).ok()).collect();
        contacts::by_phones(table, org, &phones).await?
    } else {
        HashMap::new()
    };

    let mut seen = HashSet::with_capacity(given.len());
    let mut recipients = Vec::with_capacity(given.len());
    for one in given {
        let recipient = match one.to.parse::<ContactId>() {
            Ok(id) => match by_id.get(&id) {
                Some(contact) => known(one, contact, channel, needs),
                None => skipped(one, SkipReason::ContactDeleted),
            },
            Err(_) => match address(&one.to, channel, country) {
                Some(address) => {
                    let contact = address.parse().ok().and_then(|phone: Phone| by_phone.get(&phone));
                    raw(one, address, contact, needs)
                }
                None => skipped(one, SkipReason::InvalidAddress),
            },
        };
        if seen.insert(recipient.address.clone()) || recipient.address.is_empty() {
            recipients.push(recipient);
        }
    }
    Ok(recipients)
}

/// A raw address in its normal form for a channel.
pub fn address(text: &str, channel: Channel, country: Country) -> Option<String> {
    match channel {
        Channel::Sms | Channel::WhatsApp => Phone::parse(text, country).ok().map(|phone| phone.to_string()),
        Channel::Email => Email::parse(text).ok().map(|email| email.to_string()),
    }
}

fn skipped(one: &Given, reason: SkipReason) -> Recipient {
    Recipient { contact: one.to.parse().ok(), address: one.to.clone(), values: BTreeMap::new(), skip: Some(reason) }
}

fn known(one: &Given, contact: &Contact, channel: Channel, needs: &Needs) -> Recipient {
    match values::address(contact, channel) {
        Some(address) => raw(one, address, Some(contact), needs),
        None => skipped(one, SkipReason::NoAddress),
    }
}

fn raw(one: &Given, address: String, contact: Option<&Contact>, needs: &Needs) -> Recipient {
    let found = needs.collect(|name| {
        values::lookup(&one.variables, name)
            .map(Cow::Borrowed)
            .or_else(|| contact.and_then(|contact| values::field(contact, name)))
    });
    let (mut values, skip) = match found {
        Ok(values) => (values, None),
        Err(reason) => (BTreeMap::new(), Some(reason)),
    };
    // Values given for this recipient win over those given for all, so they are kept even where not needed.
    if skip.is_none() {
        values.extend(one.variables.clone());
    }
    Recipient { contact: contact.map(|contact| contact.id), address, values, skip }
}
