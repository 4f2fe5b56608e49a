//! WhatsApp templates of provider configs, as their providers have them or as people recorded them.
//!
//! Invariant: a config has one template of a name and language. A marker written with it says so, and leads to it.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Error, Result,
    id::{OrgId, ProviderId, WhatsAppTemplateId},
    whatsapp::{Components, TemplateCategory, TemplateStatus},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    counters,
    keys::{self, SHARDS},
    page::{self, Page},
    range::Range,
    table::Table,
    transaction::Cancelled,
};

/// The name of the counter of an organization's WhatsApp templates.
const COUNTER: &str = "whatsapp-templates";

/// How many templates of a config are read at most: more than Meta lets an account have.
const MOST: usize = 10_000;

/// A template as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WhatsAppTemplate {
    /// Its id.
    pub id: WhatsAppTemplateId,
    /// The provider config that it belongs to.
    pub provider_id: ProviderId,
    /// The provider's id for it, where there is one.
    pub external_id: Option<String>,
    /// Its name at WhatsApp; of AiSensy the campaign.
    pub name: String,
    /// Its language, such as `en_US`.
    pub language: String,
    /// Its category.
    pub category: TemplateCategory,
    /// Where it stands.
    pub status: TemplateStatus,
    /// Why it was refused or paused.
    pub reason: Option<String>,
    /// What it consists of.
    pub components: Components,
    /// Whether a person recorded it; else it is as the provider tells.
    pub is_recorded: bool,
    /// Goes up with each change.
    pub version: u64,
    /// Who made it: a user's or an API key's id.
    pub created_by: String,
    /// When it was made here.
    pub created_at: Timestamp,
    /// When it last changed here.
    pub updated_at: Timestamp,
}

/// Which templates a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only of this config.
    pub provider_id: Option<ProviderId>,
    /// Only in this state.
    pub status: Option<TemplateStatus>,
    /// Only of this category.
    pub category: Option<TemplateCategory>,
    /// Only of this language.
    pub language: Option<String>,
}

impl Filter {
    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.provider_id.is_none() && self.status.is_none() && self.category.is_none() && self.language.is_none()
    }

    fn takes(&self, template: &WhatsAppTemplate) -> bool {
        self.provider_id.is_none_or(|provider| template.provider_id == provider)
            && self.status.is_none_or(|status| template.status == status)
            && self.category.is_none_or(|category| template.category == category)
            && self.language.as_ref().is_none_or(|language| template.language.eq_ignore_ascii_case(language))
    }
}

#[derive(Serialize, Deserialize)]
struct Marker {
    template: WhatsAppTemplateId,
}

fn marker(org: OrgId, template: &WhatsAppTemplate) -> keys::Key {
    keys::whatsapp_template_name(org, template.provider_id, &template.name, &template.language)
}

/// A template; not found if there is none.
pub async fn get(table: &Table, org: OrgId, id: WhatsAppTemplateId) -> Result<WhatsAppTemplate> {
    table.get(&keys::whatsapp_template(org, id)).await?.ok_or_else(|| Error::not_found("WhatsApp template", id))
}

/// The template of the same config, name and language, if there is one.
pub async fn find_named(table: &Table, org: OrgId, like: &WhatsAppTemplate) -> Result<Option<WhatsAppTemplate>> {
    match table.get::<Marker>(&marker(org, like)).await? {
        Some(marker) => table.get(&keys::whatsapp_template(org, marker.template)).await,
        None => Ok(None),
    }
}

/// A page of templates, newest first.
pub async fn list(
    table: &Table,
    org: OrgId,
    filter: &Filter,
    after: Option<String>,
    limit: usize,
) -> Result<Page<WhatsAppTemplate>> {
    let range = Range::prefix(vec![keys::whatsapp_templates(org)], "wat_", limit).backward().after(after);
    page::read(table, range, limit, !filter.is_empty(), |template: &WhatsAppTemplate| filter.takes(template)).await
}

/// All templates of a config.
pub async fn of_provider(table: &Table, org: OrgId, provider: ProviderId) -> Result<Vec<WhatsAppTemplate>> {
    let range = Range::prefix(vec![keys::whatsapp_templates(org)], "wat_", MOST);
    let all: Vec<(String, WhatsAppTemplate)> = table.range(&range).await?;
    Ok(all.into_iter().map(|(_, template)| template).filter(|template| template.provider_id == provider).collect())
}

/// How many templates an organization has.
pub async fn total(table: &Table, org: OrgId) -> Result<u64> {
    counters::read_one(table, org, COUNTER).await
}

/// The writes that create a template. The first fails where the config has one of that name and language.
pub fn create(table: &Table, org: OrgId, template: &WhatsAppTemplate) -> Result<Vec<TransactWriteItem>> {
    Ok(vec![
        table.tx_put_new(&marker(org, template), &Marker { template: template.id })?,
        table.tx_put_new(&keys::whatsapp_template(org, template.id), template)?,
        counters::add(table, org, COUNTER, template.id.shard(SHARDS), 1)?,
    ])
}

/// The 409 for a template that a config has already.
pub fn taken(template: &WhatsAppTemplate) -> Error {
    let detail = format!("The config has a template `{}` in `{}` already.", template.name, template.language);
    Error::conflict("whatsapp_template_exists", detail)
}

/// Writes a template that a sync found new. `false`: somebody else made it meanwhile.
pub async fn add(table: &Table, org: OrgId, template: &WhatsAppTemplate) -> Result<bool> {
    match table.transact(create(table, org, template)?).await {
        Ok(()) => Ok(true),
        Err(Cancelled::Conditions(_)) => Ok(false),
        Err(Cancelled::Other(error)) => Err(error),
    }
}

/// Replaces a template by a later state of itself, of the same name and language.
pub async fn replace(table: &Table, org: OrgId, new: &WhatsAppTemplate) -> Result<()> {
    table.put(&keys::whatsapp_template(org, new.id), new).await
}

/// Removes a template. Messages keep what they took from it.
pub async fn remove(table: &Table, org: OrgId, template: &WhatsAppTemplate) -> Result<()> {
    let writes = vec![
        table.tx_delete(&keys::whatsapp_template(org, template.id), true)?,
        table.tx_delete(&marker(org, template), false)?,
        counters::add(table, org, COUNTER, template.id.shard(SHARDS), -1)?,
    ];
    table.transact(writes).await.map_err(|cancelled| {
        // Someone else removed it in between.
        if cancelled.failed(0) { Error::not_found("WhatsApp template", template.id) } else { cancelled.into() }
    })
}

/// Removes all templates of a config that is gone.
pub async fn remove_of(table: &Table, org: OrgId, provider: ProviderId) -> Result<()> {
    for template in of_provider(table, org, provider).await? {
        match remove(table, org, &template).await {
            // Somebody was quicker.
            Ok(()) | Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(number: u128, name: &str) -> WhatsAppTemplate {
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        WhatsAppTemplate {
            id: WhatsAppTemplateId::new(at, number),
            provider_id: ProviderId::new(at, 1),
            external_id: None,
            name: name.into(),
            language: "en".into(),
            category: TemplateCategory::Utility,
            status: TemplateStatus::Approved,
            reason: None,
            components: Components { header: None, body: "Hi {{1}}".into(), footer: None, buttons: Vec::new() },
            is_recorded: true,
            version: 1,
            created_by: "usr_1".into(),
            created_at: at,
            updated_at: at,
        }
    }

    #[tokio::test]
    async fn a_config_has_one_template_of_a_name_and_language() {
        let table = crate::testing::table().await;
        let org = OrgId::new(Timestamp::UNIX_EPOCH, 1);
        assert!(add(&table, org, &template(1, "ready")).await.unwrap());
        assert!(!add(&table, org, &template(2, "ready")).await.unwrap());
        let swahili = WhatsAppTemplate { language: "sw".into(), ..template(3, "ready") };
        let elsewhere =
            WhatsAppTemplate { provider_id: ProviderId::new(Timestamp::UNIX_EPOCH, 9), ..template(4, "ready") };
        assert!(add(&table, org, &swahili).await.unwrap() && add(&table, org, &elsewhere).await.unwrap());
        assert_eq!(total(&table, org).await.unwrap(), 3);
        assert_eq!(
            of_provider(&table, org, template(1, "").provider_id).await.unwrap(),
            [template(1, "ready"), swahili.clone()]
        );

        let filter = Filter { language: Some("SW".into()), ..Filter::default() };
        assert_eq!(list(&table, org, &filter, None, 25).await.unwrap().rows, std::slice::from_ref(&swahili));
        let all = list(&table, org, &Filter::default(), None, 2).await.unwrap();
        assert_eq!((all.rows[0].id, all.rows.len(), all.next.is_some()), (elsewhere.id, 2, true));

        let paused = WhatsAppTemplate { status: TemplateStatus::Paused, version: 2, ..swahili };
        replace(&table, org, &paused).await.unwrap();
        assert_eq!(get(&table, org, paused.id).await.unwrap(), paused);
        remove(&table, org, &paused).await.unwrap();
        assert!(matches!(remove(&table, org, &paused).await, Err(Error::NotFound { .. })));
        assert!(
            add(&table, org, &WhatsAppTemplate { id: template(5, "").id, ..paused }).await.unwrap(),
            "its name is free"
        );
        assert!(get(&table, OrgId::new(Timestamp::UNIX_EPOCH, 2), template(1, "").id).await.is_err());
        remove_of(&table, org, template(1, "").provider_id).await.unwrap();
        assert_eq!(total(&table, org).await.unwrap(), 1, "those of other configs stay");
    }
}
