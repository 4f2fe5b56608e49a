//! DynamoDB through the endpoint.

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
        TimeToLiveSpecification,
    },
};

use super::cloud::Cloud;

async fn table(client: &Client) {
    let key = KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build().unwrap();
    let kind = AttributeDefinition::builder().attribute_name("pk").attribute_type(ScalarAttributeType::S);
    let request = client.create_table().table_name("table").key_schema(key).billing_mode(BillingMode::PayPerRequest);
    request.attribute_definitions(kind.build().unwrap()).send().await.unwrap();
}

#[tokio::test]
async fn items_survive_a_restart_and_conditions_hold() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(Some(folder.path()), store::Clock::system()).await;
    let client = Client::new(&cloud.sdk);
    table(&client).await;
    let put = || client.put_item().table_name("table").item("pk", AttributeValue::S("a".to_owned()));
    put().condition_expression("attribute_not_exists(pk)").send().await.unwrap();
    let error = put().condition_expression("attribute_not_exists(pk)").send().await.unwrap_err();
    assert!(error.into_service_error().is_conditional_check_failed_exception());
    let clock = cloud.close().await;
    let cloud = Cloud::open(Some(folder.path()), clock).await;
    let client = Client::new(&cloud.sdk);
    assert_eq!(client.list_tables().send().await.unwrap().table_names(), ["table"]);
    let got = client.get_item().table_name("table").key("pk", AttributeValue::S("a".to_owned())).send().await.unwrap();
    assert!(got.item().is_some());
    cloud.close().await;
}

#[tokio::test]
async fn expired_items_are_swept() {
    let cloud = Cloud::memory().await;
    let client = Client::new(&cloud.sdk);
    table(&client).await;
    let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name("ttl").build().unwrap();
    client.update_time_to_live().table_name("table").time_to_live_specification(ttl).send().await.unwrap();
    let ttl = (cloud.clock.now().as_second() + 60).to_string();
    let put = client.put_item().table_name("table").item("pk", AttributeValue::S("a".to_owned()));
    put.item("ttl", AttributeValue::N(ttl)).send().await.unwrap();
    let count = || async { client.scan().table_name("table").send().await.unwrap().count() };
    assert_eq!(count().await, 1);
    // The sweep runs beside us: look until it has been.
    while count().await > 0 {
        cloud.seconds(61);
    }
}
