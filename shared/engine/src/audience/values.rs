//! What a text needs of each recipient, and taking it from a contact.

use std::{borrow::Cow, collections::BTreeMap};

use domain::{Error, Result, Violation, attributes::Value, delivery::SkipReason, message::Channel, template::Template};
use store::{contacts::Contact, ledger::Recipient};

/// The most bytes of values that a plan keeps for one recipient.
const MAX_VALUES: usize = 1_024;

/// The variables that a text needs of each recipient: those that the request does not give.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    /// Needed, with no default in the text.
    required: Vec<String>,
    /// Used if there.
    optional: Vec<String>,
}

impl Needs {
    /// What `texts` (subject and body) need beyond `given`.
    pub fn of(texts: &[Template], given: &BTreeMap<String, Value>) -> Self {
        let mut needs = Self::default();
        for variable in texts.iter().flat_map(Template::variables) {
            let list = if variable.has_default { &mut needs.optional } else { &mut needs.required };
            let name = variable.name.to_owned();
            if lookup(given, &name).is_none() && !list.contains(&name) {
                list.push(name);
            }
        }
        needs
    }

    /// Whether nothing is needed.
    pub fn is_empty(&self) -> bool {
        self.required.is_empty() && self.optional.is_empty()
    }

    /// Those that no contact can give, so that the request must.
    pub fn of_request(&self) -> impl Iterator<Item = &str> {
        self.required.iter().map(String::as_str).filter(|name| !is_of_contact(name))
    }

    /// All that are needed and have no default.
    pub fn required(&self) -> &[String] {
        &self.required
    }

    /// Whether a contact's fields are asked for.
    pub fn wants_contact(&self) -> bool {
        self.required.iter().chain(&self.optional).any(|name| is_of_contact(name))
    }

    /// The 422 for variables that the request should have given.
    pub fn missing(names: &[&str]) -> Error {
        Error::Unprocessable {
            code: "variable_missing",
            detail: format!("The text needs values for: {}.", names.join(", ")),
            violations: names
                .iter()
                .map(|name| {
                    Violation::new(
                        format!("/variables/{}", escape(name)),
                        "variable_missing",
                        format!("`{name}` has no value."),
                    )
                })
                .collect(),
        }
    }

    /// Collects what is needed by `find`. `Err`: why this recipient cannot be sent to.
    pub fn collect<'a>(
        &self,
        find: impl Fn(&str) -> Option<Cow<'a, Value>>,
    ) -> Result<BTreeMap<String, Value>, SkipReason> {
        let mut values = BTreeMap::new();
        for name in &self.required {
            let value = find(name).ok_or(SkipReason::VariableMissing)?;
            values.insert(name.clone(), value.into_owned());
        }
        for name in &self.optional {
            if let Some(value) = find(name) {
                values.insert(name.clone(), value.into_owned());
            }
        }
        let size: usize = values.iter().map(|(name, value)| name.len() + value.to_string().len()).sum();
        if size > MAX_VALUES { Err(SkipReason::ValuesTooLong) } else { Ok(values) }
    }
}

fn is_of_contact(name: &str) -> bool {
    matches!(name, "name" | "phone" | "email") || name.starts_with("attributes.")
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A value by its name; the case of the name does not matter.
pub fn lookup<'a>(values: &'a BTreeMap<String, Value>, name: &str) -> Option<&'a Value> {
    values.get(name).or_else(|| {
        let folded = name.to_lowercase();
        values.iter().find(|(key, _)| key.trim().to_lowercase() == folded).map(|(_, value)| value)
    })
}

/// A field of a contact as a value. Empty text counts as missing.
pub fn field<'a>(contact: &'a Contact, name: &str) -> Option<Cow<'a, Value>> {
    let text = |text: String| (!text.is_empty()).then_some(Cow::Owned(Value::Text(text)));
    match name {
        "name" => text(contact.name.clone().unwrap_or_default()),
        "phone" => text(contact.phone.map(|phone| phone.to_string()).unwrap_or_default()),
        "email" => text(contact.email.as_ref().map(ToString::to_string).unwrap_or_default()),
        _ => {
            let key = name.strip_prefix("attributes.")?;
            lookup(&contact.attributes, key).filter(|value| !value.to_string().is_empty()).map(Cow::Borrowed)
        }
    }
}

/// Where a contact is reached on a channel.
pub fn address(contact: &Contact, channel: Channel) -> Option<String> {
    match channel {
        Channel::Sms | Channel::WhatsApp => contact.phone.map(|phone| phone.to_string()),
        Channel::Email => contact.email.as_ref().map(ToString::to_string),
    }
}

/// A contact as a recipient.
pub fn recipient(contact: &Contact, channel: Channel, needs: &Needs) -> Recipient {
    let skipped = |address: String, reason| Recipient {
        contact: Some(contact.id),
        address,
        values: BTreeMap::new(),
        skip: Some(reason),
    };
    let Some(address) = address(contact, channel) else {
        return skipped(String::new(), SkipReason::NoAddress);
    };
    match needs.collect(|name| field(contact, name)) {
        Ok(values) => Recipient { contact: Some(contact.id), address, values, skip: None },
        Err(reason) => skipped(address, reason),
    }
}
