//! The table and the queues of the template are those that the local host creates.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{BillingMode, KeySchemaElement, TimeToLiveStatus};
use engine::Queue;
use local::host::{Host, Options};
use serde_json::{Value, json};

use super::template::{of_type, read, target};

fn key_schema(elements: &[KeySchemaElement]) -> Value {
    elements
        .iter()
        .map(|element| json!({ "AttributeName": element.attribute_name(), "KeyType": element.key_type().as_str() }))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_is_the_same() {
    let host = Host::start(Options::default()).await.unwrap();
    let table = &host.app.table;
    let here = table.client().describe_table().table_name(table.name()).send().await.unwrap().table.unwrap();
    let ttl = table.client().describe_time_to_live().table_name(table.name()).send().await.unwrap();
    let ttl = ttl.time_to_live_description.unwrap();
    let template = read();
    let there = &template["Resources"]["Table"]["Properties"];

    assert_eq!(there["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(here.billing_mode_summary().and_then(|mode| mode.billing_mode()), Some(&BillingMode::PayPerRequest));
    assert_eq!(there["KeySchema"], key_schema(here.key_schema()));
    let attributes: BTreeMap<&str, &str> = here
        .attribute_definitions()
        .iter()
        .map(|attribute| (attribute.attribute_name(), attribute.attribute_type().as_str()))
        .collect();
    let of_template: BTreeMap<&str, &str> = there["AttributeDefinitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attribute| (attribute["AttributeName"].as_str().unwrap(), attribute["AttributeType"].as_str().unwrap()))
        .collect();
    assert_eq!(of_template, attributes);

    let [index] = here.global_secondary_indexes() else { panic!("one index") };
    let indexes = there["GlobalSecondaryIndexes"].as_array().unwrap();
    let [of_template] = indexes.as_slice() else { panic!("one index in the template") };
    assert_eq!(of_template["IndexName"], index.index_name().unwrap());
    assert_eq!(of_template["KeySchema"], key_schema(index.key_schema()));
    let projection = index.projection().unwrap();
    assert_eq!(of_template["Projection"]["ProjectionType"], projection.projection_type().unwrap().as_str());
    let names: BTreeSet<&str> = projection.non_key_attributes().iter().map(String::as_str).collect();
    let of_template = of_template["Projection"]["NonKeyAttributes"].as_array().unwrap();
    assert_eq!(of_template.iter().filter_map(Value::as_str).collect::<BTreeSet<_>>(), names);

    assert_eq!(there["TimeToLiveSpecification"]["AttributeName"], ttl.attribute_name().unwrap());
    assert_eq!(there["TimeToLiveSpecification"]["Enabled"], true);
    assert_eq!(ttl.time_to_live_status(), Some(&TimeToLiveStatus::Enabled));
    assert_eq!(there["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(template["Resources"]["Table"]["DeletionPolicy"], "Retain");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queues_are_the_same() {
    let host = Host::start(Options::default()).await.unwrap();
    let template = read();
    let mut there: BTreeMap<String, (&str, &Value)> = of_type(&template, "AWS::SQS::Queue")
        .into_iter()
        .map(|(id, queue)| {
            (queue["QueueName"]["Fn::Sub"].as_str().unwrap().replace("${AWS::StackName}", "dundun"), (id, queue))
        })
        .collect();
    let rows = functions::catalogue();
    for queue in Queue::ALL {
        let name = format!("dundun-{}", queue.name());
        let here = host.sqs.attributes(&name).await.unwrap();
        let (_, of_template) = there.remove(&name).unwrap_or_else(|| panic!("{name} is not in the template"));
        assert_eq!(of_template["VisibilityTimeout"].to_string(), here["VisibilityTimeout"], "{name}");
        let redrive: Value = serde_json::from_str(&here["RedrivePolicy"]).unwrap();
        assert_eq!(of_template["RedrivePolicy"]["maxReceiveCount"], redrive["maxReceiveCount"], "{name}");
        let (dead, _) =
            there.remove(&format!("{name}-dlq")).unwrap_or_else(|| panic!("{name} has no dead-letter queue"));
        assert_eq!(target(&of_template["RedrivePolicy"]["deadLetterTargetArn"]), dead);
        assert!(redrive["deadLetterTargetArn"].as_str().unwrap().ends_with(&format!(":{name}-dlq")));
        let watched = of_type(&template, "AWS::CloudWatch::Alarm").into_iter().filter(|(_, alarm)| {
            target(&alarm["Dimensions"][0]["Value"]) == dead && target(&alarm["AlarmActions"][0]) == "AlarmTopic"
        });
        assert_eq!(watched.count(), 1, "{name}");
        let timeout = rows.iter().find_map(|row| match row.trigger {
            web::row::Trigger::Queue { queue: of, .. } if of == queue => Some(row.timeout),
            _ => None,
        });
        assert_eq!(of_template["VisibilityTimeout"], timeout.expect("each queue has its worker") * 6, "{name}");
    }
    assert!(there.is_empty(), "queues without a use: {:?}", there.keys());
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_after_the_same_time() {
    let host = Host::start(Options::default()).await.unwrap();
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
        .region(aws_sdk_s3::config::Region::new(local::host::REGION))
        .credentials_provider(aws_sdk_s3::config::Credentials::new("any", "any", None, None, "test"))
        .http_client(engine::app::http_client())
        .endpoint_url(&host.aws)
        .force_path_style(true)
        .build();
    let bucket = &host.app.settings.bucket;
    let client = aws_sdk_s3::Client::from_conf(config);
    let here = client.get_bucket_lifecycle_configuration().bucket(bucket).send().await.unwrap();
    let here: BTreeSet<(String, String, Option<i32>, Option<i32>)> = here
        .rules()
        .iter()
        .map(|rule| {
            let prefix = rule.filter().and_then(|filter| filter.prefix()).unwrap_or_default();
            let objects = rule.expiration().and_then(|expiration| expiration.days());
            let uploads = rule.abort_incomplete_multipart_upload().and_then(|abort| abort.days_after_initiation());
            (rule.id().unwrap_or_default().to_owned(), prefix.to_owned(), objects, uploads)
        })
        .collect();
    let template = read();
    let (_, files) = of_type(&template, "AWS::S3::Bucket")[0];
    let days = |value: &Value| value.as_i64().map(|days| days as i32);
    let there = files["LifecycleConfiguration"]["Rules"].as_array().unwrap().iter().map(|rule| {
        assert_eq!(rule["Status"], "Enabled");
        let text = |name: &str| rule[name].as_str().unwrap_or_default().to_owned();
        let uploads = days(&rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]);
        (text("Id"), text("Prefix"), days(&rule["ExpirationInDays"]), uploads)
    });
    assert_eq!(here, there.collect());
    host.stop().await;
}
