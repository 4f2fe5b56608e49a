//! Update expressions, built from names and values.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Error, Result};
use serde::Serialize;

use crate::{keys::Key, table::Item};

/// An update of one item, with conditions. An item that is not there is created, unless a condition forbids it.
#[derive(Debug)]
pub struct Update {
    key: Key,
    set: Vec<String>,
    add: Vec<String>,
    remove: Vec<String>,
    conditions: Vec<String>,
    names: HashMap<String, String>,
    values: Item,
    failed: Option<Error>,
}

/// What the SDK wants.
pub(crate) struct Parts {
    pub key: Key,
    pub expression: String,
    pub condition: Option<String>,
    pub names: Option<HashMap<String, String>>,
    pub values: Option<Item>,
}

impl Update {
    /// An update of the item with this key.
    pub fn of(key: Key) -> Self {
        Self {
            key,
            set: Vec::new(),
            add: Vec::new(),
            remove: Vec::new(),
            conditions: Vec::new(),
            names: HashMap::new(),
            values: HashMap::new(),
            failed: None,
        }
    }

    /// `name = value`.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Serialize) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.set.push(format!("{name} = {value}"));
        self
    }

    /// `name = value` if the attribute is absent, else it stays.
    #[must_use]
    pub fn set_once(mut self, name: &str, value: impl Serialize) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.set.push(format!("{name} = if_not_exists({name}, {value})"));
        self
    }

    /// `name = value` if there is one, else the attribute goes.
    #[must_use]
    pub fn set_or_remove(self, name: &str, value: Option<impl Serialize>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self.remove(name),
        }
    }

    /// `name = value`, with a value that is an attribute already.
    #[must_use]
    pub fn set_raw(mut self, name: &str, value: AttributeValue) -> Self {
        let name = self.name(name);
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        self.set.push(format!("{name} = {placeholder}"));
        self
    }

    /// `name += by`, from 0 where it is absent.
    #[must_use]
    pub fn add(mut self, name: &str, by: i64) -> Self {
        let (name, value) = (self.name(name), self.value(by));
        self.add.push(format!("{name} {value}"));
        self
    }

    /// The attribute goes.
    #[must_use]
    pub fn remove(mut self, name: &str) -> Self {
        let name = self.name(name);
        self.remove.push(name);
        self
    }

    /// Only if the item exists.
    #[must_use]
    pub fn if_exists(mut self) -> Self {
        self.conditions.push("attribute_exists(pk)".into());
        self
    }

    /// Only if the item does not exist.
    #[must_use]
    pub fn if_absent(mut self) -> Self {
        self.conditions.push("attribute_not_exists(pk)".into());
        self
    }

    /// Only if the item has no such attribute (or does not exist).
    #[must_use]
    pub fn if_unset(mut self, name: &str) -> Self {
        let name = self.name(name);
        self.conditions.push(format!("attribute_not_exists({name})"));
        self
    }

    /// Only if the attribute has this value.
    #[must_use]
    pub fn if_equal(self, name: &str, value: impl Serialize) -> Self {
        self.compare(name, "=", value)
    }

    /// Only if the attribute is absent or below this value.
    #[must_use]
    pub fn if_absent_or_below(mut self, name: &str, value: impl Serialize) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.conditions.push(format!("(attribute_not_exists({name}) OR {name} < {value})"));
        self
    }

    /// Only if the attribute is absent or above this value.
    #[must_use]
    pub fn if_absent_or_above(mut self, name: &str, value: impl Serialize) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.conditions.push(format!("(attribute_not_exists({name}) OR {name} > {value})"));
        self
    }

    /// Only if the attribute is one of these values.
    #[must_use]
    pub fn if_in<T: Serialize>(mut self, name: &str, values: &[T]) -> Self {
        let name = self.name(name);
        let values: Vec<String> = values.iter().map(|value| self.value(value)).collect();
        self.conditions.push(format!("{name} IN ({})", values.join(", ")));
        self
    }

    /// Only if the attribute compares so (`=`, `<`, `>=`, `<>`).
    #[must_use]
    pub fn compare(mut self, name: &str, operator: &str, value: impl Serialize) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.conditions.push(format!("{name} {operator} {value}"));
        self
    }

    /// The key of the item.
    pub fn key(&self) -> &Key {
        &self.key
    }

    fn name(&mut self, name: &str) -> String {
        // Every name goes through a placeholder, so reserved words need no list.
        let placeholder = format!("#{}", name.replace(['.', '#', '-', ':'], "_"));
        self.names.insert(placeholder.clone(), name.into());
        placeholder
    }

    fn value(&mut self, value: impl Serialize) -> String {
        let placeholder = format!(":v{}", self.values.len());
        match serde_dynamo::to_attribute_value::<_, AttributeValue>(value) {
            Ok(value) => {
                self.values.insert(placeholder.clone(), value);
            }
            Err(error) => self.failed = Some(Error::internal(error)),
        }
        placeholder
    }

    pub(crate) fn build(self) -> Result<Parts> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let clauses = [("SET", self.set), ("ADD", self.add), ("REMOVE", self.remove)];
        let expression = clauses
            .iter()
            .filter(|(_, parts)| !parts.is_empty())
            .map(|(verb, parts)| format!("{verb} {}", parts.join(", ")))
            .collect::<Vec<_>>()
            .join(" ");
        Ok(Parts {
            key: self.key,
            expression,
            condition: (!self.conditions.is_empty()).then(|| self.conditions.join(" AND ")),
            names: (!self.names.is_empty()).then_some(self.names),
            values: (!self.values.is_empty()).then_some(self.values),
        })
    }
}
