//! Templates: texts to be used again. Built-in ones are part of the program, not of the table; every organization sees them.

use std::sync::LazyLock;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Error, Result,
    id::{OrgId, TemplateId},
    message::Channel,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    counters,
    keys::{self, SHARDS},
    page::{self, Page},
    range::Range,
    table::Table,
    update::Update,
};

/// The name of the counter of an organization's own templates.
const COUNTER: &str = "templates";

/// A template as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// The name, for people.
    pub name: String,
    /// The channel it is written for.
    pub channel: Channel,
    /// What it is sent for (`ORDER_CREATED`), in capitals.
    pub event: Option<String>,
    /// The subject (e-mail), with `{{variables}}`.
    pub subject: Option<String>,
    /// The text, with `{{variables}}`.
    pub body: String,
    /// `false`: one that an administrator made for good, or a built-in one. It is locked.
    pub is_custom: bool,
    /// Variables that its author wants filled even where the text has a default for them.
    #[serde(default)]
    pub declared: Vec<String>,
    /// Goes up with each change.
    pub version: u64,
    /// Who made it: a user's or an API key's id; `None` for built-in ones.
    pub created_by: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// The built-in texts: event, name, body. Their place is part of their id, so the list is append-only.
const BUILT_IN: [(&str, &str, &str); 4] = [
    (
        "ORDER_CREATED",
        "Order created",
        "Hello {{name|there}}, we have received your order {{orderNumber}} of {{amount}}. We will tell you when it is on its way.",
    ),
    ("ORDER_PAID", "Order paid", "Hello {{name|there}}, your order {{orderNumber}} of {{amount}} is paid. Thank you!"),
    (
        "PAYMENT_RECEIVED",
        "Payment received",
        "Hello {{name|there}}, we have received your payment of {{amount}}. Reference: {{reference}}.",
    ),
    (
        "APPOINTMENT_REMINDER",
        "Appointment reminder",
        "Hello {{name|there}}, this is a reminder of your appointment on {{date}} at {{time}}.",
    ),
];

static BUILT_IN_TEMPLATES: LazyLock<Vec<Template>> = LazyLock::new(|| {
    (1..)
        .zip(BUILT_IN)
        .map(|(number, (event, name, body))| Template {
            // The oldest ids there can be: lists, newest first, end with them.
            id: TemplateId::new(Timestamp::UNIX_EPOCH, number),
            name: name.into(),
            channel: Channel::Sms,
            event: Some(event.into()),
            subject: None,
            body: body.into(),
            is_custom: false,
            declared: Vec::new(),
            version: 1,
            created_by: None,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        })
        .collect()
});

/// The templates that every organization sees, oldest id first.
pub fn built_in() -> &'static [Template] {
    &BUILT_IN_TEMPLATES
}

/// A template of an organization, or a built-in one; not found if there is none.
pub async fn get(table: &Table, org: OrgId, id: TemplateId) -> Result<Template> {
    if let Some(template) = built_in().iter().find(|template| template.id == id) {
        return Ok(template.clone());
    }
    table.get(&keys::template(org, id)).await?.ok_or_else(|| Error::not_found("template", id))
}

/// Which templates a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only for this event, in capitals.
    pub event: Option<String>,
    /// Only custom ones, or only locked ones.
    pub is_custom: Option<bool>,
    /// Only for this channel.
    pub channel: Option<Channel>,
}

impl Filter {
    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.event.is_none() && self.is_custom.is_none() && self.channel.is_none()
    }

    fn takes(&self, template: &Template) -> bool {
        self.event.as_ref().is_none_or(|event| template.event.as_ref() == Some(event))
            && self.is_custom.is_none_or(|custom| template.is_custom == custom)
            && self.channel.is_none_or(|channel| template.channel == channel)
    }
}

/// A page of templates, newest first; the built-in ones come last.
pub async fn list(
    table: &Table,
    org: OrgId,
    filter: &Filter,
    after: Option<String>,
    limit: usize,
) -> Result<Page<Template>> {
    let range = Range::prefix(vec![keys::org(org)], keys::TEMPLATES, limit).backward().after(after.clone());
    let page =
        page::read(table, range, limit, !filter.is_empty(), |template: &Template| filter.takes(template)).await?;
    if page.next.is_some() {
        return Ok(page);
    }
    Ok(with_built_in(page.rows, org, filter, after.as_deref(), limit))
}

/// The end of a list: what is left of the organization's own, then built-in ones behind `after` up to `limit`.
fn with_built_in(
    mut rows: Vec<Template>,
    org: OrgId,
    filter: &Filter,
    after: Option<&str>,
    limit: usize,
) -> Page<Template> {
    let key = |template: &Template| keys::template(org, template.id).sk;
    for template in built_in().iter().rev() {
        if !filter.takes(template) || after.is_some_and(|after| key(template).as_str() >= after) {
            continue;
        }
        if rows.len() == limit {
            let next = rows.last().map(key);
            return Page { rows, next };
        }
        rows.push(template.clone());
    }
    Page { rows, next: None }
}

/// How many templates an organization sees, built-in ones included.
pub async fn total(table: &Table, org: OrgId) -> Result<u64> {
    Ok(counters::read_one(table, org, COUNTER).await? + built_in().len() as u64)
}

/// The writes that create a template.
pub fn create(table: &Table, org: OrgId, template: &Template) -> Result<Vec<TransactWriteItem>> {
    Ok(vec![
        table.tx_put_new(&keys::template(org, template.id), template)?,
        counters::add(table, org, COUNTER, template.id.shard(SHARDS), 1)?,
    ])
}

/// Replaces `old` by `new` (same id) if `old` is still what is stored. `false`: it is not.
pub async fn replace(table: &Table, org: OrgId, old: &Template, new: &Template) -> Result<bool> {
    let update = Update::of(keys::template(org, new.id))
        .set("name", &new.name)
        .set("channel", new.channel)
        .set_or_remove("event", new.event.as_ref())
        .set_or_remove("subject", new.subject.as_ref())
        .set("body", &new.body)
        .set("declared", &new.declared)
        .set("version", new.version)
        .set("updatedAt", new.updated_at)
        .if_equal("version", old.version);
    table.update(update).await
}

/// Removes a template. Messages keep the text they took from it.
pub async fn remove(table: &Table, org: OrgId, id: TemplateId) -> Result<()> {
    let writes = vec![
        table.tx_delete(&keys::template(org, id), true)?,
        counters::add(table, org, COUNTER, id.shard(SHARDS), -1)?,
    ];
    table.transact(writes).await.map_err(|cancelled| {
        // Someone else removed it in between.
        if cancelled.failed(0) { Error::not_found("template", id) } else { cancelled.into() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(number: u128) -> Template {
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        Template { id: TemplateId::new(at, number), is_custom: true, ..built_in()[0].clone() }
    }

    fn events(page: &Page<Template>) -> Vec<&str> {
        page.rows
            .iter()
            .filter(|template| !template.is_custom)
            .filter_map(|template| template.event.as_deref())
            .collect()
    }

    #[test]
    fn built_in_templates_have_ids_that_never_change() {
        let ids: Vec<String> = built_in().iter().map(|template| template.id.to_string()).collect();
        assert_eq!(
            ids,
            [
                "tpl_00000000000000000000000001",
                "tpl_00000000000000000000000002",
                "tpl_00000000000000000000000003",
                "tpl_00000000000000000000000004",
            ]
        );
        for template in built_in() {
            assert!(domain::template::Template::parse(&template.body).is_ok(), "{}", template.name);
        }
    }

    #[test]
    fn built_in_templates_come_last_and_once() {
        let org = OrgId::new(Timestamp::UNIX_EPOCH, 1);
        let all = Filter::default();
        let first = with_built_in(vec![own(2), own(1)], org, &all, None, 3);
        assert_eq!(events(&first), ["APPOINTMENT_REMINDER"]);
        let second = with_built_in(Vec::new(), org, &all, first.next.as_deref(), 3);
        assert_eq!(events(&second), ["PAYMENT_RECEIVED", "ORDER_PAID", "ORDER_CREATED"]);
        assert_eq!(second.next, None);
        let full = with_built_in(vec![own(1)], org, &all, None, 1);
        assert!(full.rows.len() == 1 && full.next.is_some());
    }

    #[test]
    fn filters_hold_for_built_in_templates_too() {
        let org = OrgId::new(Timestamp::UNIX_EPOCH, 1);
        let paid = Filter { event: Some("ORDER_PAID".into()), ..Filter::default() };
        assert_eq!(events(&with_built_in(Vec::new(), org, &paid, None, 25)), ["ORDER_PAID"]);
        let custom = Filter { is_custom: Some(true), ..Filter::default() };
        assert!(with_built_in(Vec::new(), org, &custom, None, 25).rows.is_empty());
    }

    #[tokio::test]
    async fn templates_are_counted_listed_changed_and_removed() {
        let table = crate::testing::table().await;
        let org = OrgId::new(Timestamp::UNIX_EPOCH, 1);
        for number in 1..=3 {
            table.transact(create(&table, org, &own(number)).unwrap()).await.unwrap();
        }
        assert_eq!(total(&table, org).await.unwrap(), 7);
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = list(&table, org, &Filter::default(), after, 2).await.unwrap();
            seen.extend(page.rows.iter().map(|template| template.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let mut newest_first = seen.clone();
        newest_first.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!((seen.len(), &seen), (7, &newest_first));

        let changed = Template { subject: Some("x".into()), event: None, version: 2, ..own(2) };
        assert!(replace(&table, org, &own(2), &changed).await.unwrap());
        assert!(!replace(&table, org, &own(2), &changed).await.unwrap());
        assert_eq!(get(&table, org, changed.id).await.unwrap(), changed);
        remove(&table, org, changed.id).await.unwrap();
        assert!(matches!(remove(&table, org, changed.id).await, Err(Error::NotFound { .. })));
        assert_eq!(total(&table, org).await.unwrap(), 6);
        let elsewhere = OrgId::new(Timestamp::UNIX_EPOCH, 2);
        assert!(get(&table, elsewhere, own(1).id).await.is_err());
        assert!(get(&table, elsewhere, built_in()[0].id).await.is_ok());
    }
}
