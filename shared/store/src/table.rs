//! The table: typed reads and writes over the AWS SDK, with the few retries that DynamoDB asks its callers for.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::update_item::builders::UpdateItemFluentBuilder,
    types::{AttributeValue, KeysAndAttributes, PutRequest, WriteRequest},
};
use domain::{Error, Result};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Serialize, de::DeserializeOwned};

use crate::{keys::Key, update::Update};

/// An item as DynamoDB has it.
pub type Item = HashMap<String, AttributeValue>;

/// How often a throttled or conflicting write is tried before the caller hears of it.
pub(crate) const ATTEMPTS: u32 = 8;

/// The one table. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    /// The table `name`, through `client`.
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    /// The SDK's client, for what this type does not wrap.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The table's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads one item, strongly consistent.
    pub async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>> {
        self.read(key, true).await
    }

    /// Reads one item as it is, or as it was a moment ago; costs half of [`Table::get`].
    pub async fn get_eventually<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>> {
        self.read(key, false).await
    }

    async fn read<T: DeserializeOwned>(&self, key: &Key, consistent: bool) -> Result<Option<T>> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .consistent_read(consistent)
            .send()
            .await
            .map_err(failure)?;
        answer.item.map(decode).transpose()
    }

    /// Reads many items, in the order of the keys; absent ones are `None`.
    pub async fn get_many<T: DeserializeOwned>(&self, keys: &[Key]) -> Result<Vec<Option<T>>> {
        self.get_items(keys).await?.into_iter().map(|item| item.map(decode).transpose()).collect()
    }

    /// The same for items of several kinds, as they are in the table.
    pub(crate) async fn get_items(&self, keys: &[Key]) -> Result<Vec<Option<Item>>> {
        let batches: Vec<_> = keys.chunks(100).map(|batch| self.get_batch(batch)).collect();
        let mut found: HashMap<(String, String), Item> = HashMap::with_capacity(keys.len());
        let mut answers = stream::iter(batches).buffer_unordered(4);
        while let Some(items) = answers.try_next().await? {
            for item in items {
                found.insert((text(&item, "pk"), text(&item, "sk")), item);
            }
        }
        // A key may be asked for twice, so items are cloned out only when they are.
        Ok(keys.iter().map(|key| found.get(&(key.pk.clone(), key.sk.clone())).cloned()).collect())
    }

    async fn get_batch(&self, keys: &[Key]) -> Result<Vec<Item>> {
        let mut wanted: Vec<Item> = Vec::with_capacity(keys.len());
        for key in keys {
            let item = key_item(key);
            if !wanted.contains(&item) {
                wanted.push(item);
            }
        }
        let mut items = Vec::with_capacity(keys.len());
        for attempt in 0..ATTEMPTS {
            if wanted.is_empty() {
                return Ok(items);
            }
            back_off(attempt).await;
            let request = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .consistent_read(true)
                .build()
                .map_err(Error::internal)?;
            let answer =
                self.client.batch_get_item().request_items(&self.name, request).send().await.map_err(failure)?;
            items.extend(answer.responses.and_then(|mut tables| tables.remove(&self.name)).unwrap_or_default());
            wanted = answer
                .unprocessed_keys
                .and_then(|mut tables| tables.remove(&self.name))
                .map(|rest| rest.keys)
                .unwrap_or_default();
        }
        if wanted.is_empty() { Ok(items) } else { Err(Error::Unavailable("the table is throttled".into())) }
    }

    /// Writes an item, whatever was there.
    pub async fn put<T: Serialize>(&self, key: &Key, value: &T) -> Result<()> {
        let request = self.client.put_item().table_name(&self.name).set_item(Some(encode(key, value)?));
        unhindered(move || request.clone().send()).await.map_err(failure)?;
        Ok(())
    }

    /// Writes an item if there is none with that key. `false`: there was one.
    pub async fn put_new<T: Serialize>(&self, key: &Key, value: &T) -> Result<bool> {
        let request = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(encode(key, value)?))
            .condition_expression("attribute_not_exists(pk)");
        condition(unhindered(move || request.clone().send()).await.map(|_| ()))
    }

    /// Removes an item. Absent ones are no error.
    pub async fn delete(&self, key: &Key) -> Result<()> {
        let request = self.client.delete_item().table_name(&self.name).set_key(Some(key_item(key)));
        unhindered(move || request.clone().send()).await.map_err(failure)?;
        Ok(())
    }

    /// Applies an update. `false`: its condition did not hold.
    pub async fn update(&self, update: Update) -> Result<bool> {
        let request = self.update_request(update)?;
        condition(unhindered(move || request.clone().send()).await.map(|_| ()))
    }

    /// Applies an update and gives the whole item after it. `None`: its condition did not hold.
    pub async fn update_returning<T: DeserializeOwned>(&self, update: Update) -> Result<Option<T>> {
        let request = self.update_request(update)?.return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew);
        match unhindered(move || request.clone().send()).await {
            Ok(answer) => answer.attributes.map(decode).transpose(),
            Err(error) => condition(Err(error)).map(|_| None),
        }
    }

    fn update_request(&self, update: Update) -> Result<UpdateItemFluentBuilder> {
        let parts = update.build()?;
        Ok(self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key_item(&parts.key)))
            .update_expression(parts.expression)
            .set_condition_expression(parts.condition)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values))
    }

    /// Writes many items without conditions, 25 a request; what DynamoDB leaves unprocessed is sent again.
    pub async fn put_many(&self, items: Vec<Item>) -> Result<()> {
        let requests: Vec<WriteRequest> = items
            .into_iter()
            .map(|item| {
                let put = PutRequest::builder().set_item(Some(item)).build().map_err(Error::internal)?;
                Ok(WriteRequest::builder().put_request(put).build())
            })
            .collect::<Result<_>>()?;
        self.write_many(requests).await
    }

    /// Removes many items, 25 a request.
    pub async fn delete_many(&self, keys: &[Key]) -> Result<()> {
        let requests: Vec<WriteRequest> = keys
            .iter()
            .map(|key| {
                let delete = aws_sdk_dynamodb::types::DeleteRequest::builder()
                    .set_key(Some(key_item(key)))
                    .build()
                    .map_err(Error::internal)?;
                Ok(WriteRequest::builder().delete_request(delete).build())
            })
            .collect::<Result<_>>()?;
        self.write_many(requests).await
    }

    async fn write_many(&self, requests: Vec<WriteRequest>) -> Result<()> {
        let batches: Vec<_> = requests.chunks(25).map(|batch| self.write_batch(batch.to_vec())).collect();
        stream::iter(batches).buffer_unordered(4).try_collect::<()>().await
    }

    async fn write_batch(&self, mut requests: Vec<WriteRequest>) -> Result<()> {
        for attempt in 0..ATTEMPTS {
            back_off(attempt).await;
            let answer =
                self.client.batch_write_item().request_items(&self.name, requests).send().await.map_err(failure)?;
            requests = answer.unprocessed_items.and_then(|mut tables| tables.remove(&self.name)).unwrap_or_default();
            if requests.is_empty() {
                return Ok(());
            }
        }
        Err(Error::Unavailable("the table is throttled".into()))
    }

    /// What of one partition of the `due` index is due at `until` (an RFC 3339 time), oldest first.
    pub async fn due<T: DeserializeOwned>(&self, partition: &str, until: &str, limit: i32) -> Result<Vec<T>> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(crate::keys::DUE_INDEX)
            .key_condition_expression("duePartition = :partition AND dueAt <= :until")
            .expression_attribute_values(":partition", s(partition))
            .expression_attribute_values(":until", s(until))
            .limit(limit)
            .send()
            .await
            .map_err(failure)?;
        answer.items.unwrap_or_default().into_iter().map(decode).collect()
    }
}

/// A value with its key, as an item.
pub fn encode<T: Serialize>(key: &Key, value: &T) -> Result<Item> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(Error::internal)?;
    item.insert("pk".into(), s(&key.pk));
    item.insert("sk".into(), s(&key.sk));
    // DynamoDB has no use for NULLs: what is absent is absent, which also keeps the `due` index sparse.
    item.retain(|_, value| !matches!(value, AttributeValue::Null(_)));
    Ok(item)
}

pub(crate) fn decode<T: DeserializeOwned>(item: Item) -> Result<T> {
    serde_dynamo::from_item(item).map_err(Error::internal)
}

pub(crate) fn key_item(key: &Key) -> Item {
    HashMap::from([("pk".into(), s(&key.pk)), ("sk".into(), s(&key.sk))])
}

pub(crate) fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(crate) fn text(item: &Item, name: &str) -> String {
    item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
pub(crate) fn failure<E: ProvideErrorMetadata + std::fmt::Debug, R: std::fmt::Debug>(error: SdkError<E, R>) -> Error {
    match &error {
        // The message of a service error may quote values; its code never does.
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or("unknown");
            let detail = service.err().message().unwrap_or_default();
            if matches!(code, "ValidationException" | "ResourceNotFoundException" | "AccessDeniedException") {
                Error::internal(format!("dynamodb {code}: {detail}"))
            } else {
                Error::Unavailable(format!("dynamodb {code}"))
            }
        }
        _ => Error::Unavailable("dynamodb did not answer".into()),
    }
}

/// Makes a write of one item, again while a transaction holds that item: the SDK does not try that again by itself.
async fn unhindered<O, E, R, F>(write: impl Fn() -> F) -> Result<O, SdkError<E, R>>
where
    E: ProvideErrorMetadata,
    F: Future<Output = Result<O, SdkError<E, R>>>,
{
    for attempt in 1..ATTEMPTS {
        match write().await {
            Err(error) if error.code() == Some("TransactionConflictException") => back_off(attempt).await,
            made => return made,
        }
    }
    write().await
}

fn condition<E, R>(sent: Result<(), SdkError<E, R>>) -> Result<bool>
where
    E: ProvideErrorMetadata + std::fmt::Debug,
    R: std::fmt::Debug,
{
    match sent {
        Ok(()) => Ok(true),
        Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(false),
        Err(error) => Err(failure(error)),
    }
}

/// Exponential, with jitter: 0, then 10–20 ms, 20–40 ms, …
#[expect(clippy::disallowed_methods, reason = "a pause between two tries is real time, whatever the clock says")]
pub(crate) async fn back_off(attempt: u32) {
    if attempt > 0 {
        let base = 10_u64 << attempt.min(6);
        let jitter = getrandom::u32().map_or(0, |random| u64::from(random) % base);
        tokio::time::sleep(Duration::from_millis(base + jitter) / 2).await;
    }
}
