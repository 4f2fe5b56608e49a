//! The table itself: keys, the sparse index of what is due, TTL. On AWS the template creates it; the local host and tests
//! create it here, and a test holds both to the same shape.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, TimeToLiveSpecification,
};
use domain::{Error, Result};

use crate::{keys::DUE_INDEX, table::Table};

/// The attribute that holds when an item goes, in epoch seconds.
pub const TTL: &str = "ttl";

/// Creates the table, unless it is there.
pub async fn create(table: &Table) -> Result<()> {
    let key = |name: &str, kind| {
        KeySchemaElement::builder().attribute_name(name).key_type(kind).build().map_err(Error::internal)
    };
    let attribute = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .map_err(Error::internal)
    };
    let index = GlobalSecondaryIndex::builder()
        .index_name(DUE_INDEX)
        .key_schema(key("duePartition", KeyType::Hash)?)
        .key_schema(key("dueAt", KeyType::Range)?)
        .projection(
            // The sweep needs to know what is due and whose it is; the rest it reads from the table, strongly.
            Projection::builder()
                .projection_type(ProjectionType::Include)
                .non_key_attributes("id")
                .non_key_attributes("org")
                .build(),
        )
        .build()
        .map_err(Error::internal)?;
    let created = table
        .client()
        .create_table()
        .table_name(table.name())
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk")?)
        .attribute_definitions(attribute("sk")?)
        .attribute_definitions(attribute("duePartition")?)
        .attribute_definitions(attribute("dueAt")?)
        .key_schema(key("pk", KeyType::Hash)?)
        .key_schema(key("sk", KeyType::Range)?)
        .global_secondary_indexes(index)
        .send()
        .await;
    if let Err(error) = created {
        let there = error
            .as_service_error()
            .is_some_and(aws_sdk_dynamodb::operation::create_table::CreateTableError::is_resource_in_use_exception);
        return if there { Ok(()) } else { Err(Error::internal(format!("the table was not created: {error:?}"))) };
    }
    let ttl = TimeToLiveSpecification::builder().attribute_name(TTL).enabled(true).build().map_err(Error::internal)?;
    table
        .client()
        .update_time_to_live()
        .table_name(table.name())
        .time_to_live_specification(ttl)
        .send()
        .await
        .map_err(|error| Error::internal(format!("TTL was not switched on: {error:?}")))?;
    Ok(())
}
