//! The table, the queues and the bucket of the template are those that the local host creates.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{BillingMode, KeySchemaElement, TimeToLiveStatus};
use aws_sdk_s3::types::{AbortIncompleteMultipartUpload, LifecycleExpiration};
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

/// A client of the host's S3, and the name of the bucket.
fn files(host: &Host) -> (aws_sdk_s3::Client, &str) {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
        .region(aws_sdk_s3::config::Region::new(local::host::REGION))
        .credentials_provider(aws_sdk_s3::config::Credentials::new("any", "any", None, None, "test"))
        .http_client(engine::app::http_client())
        .endpoint_url(&host.aws)
        .force_path_style(true)
        .build();
    (aws_sdk_s3::Client::from_conf(config), &host.app.settings.bucket)
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_after_the_same_time() {
    let host = Host::start(Options::default()).await.unwrap();
    let (client, bucket) = files(&host);
    let here = client.get_bucket_lifecycle_configuration().bucket(bucket).send().await.unwrap();
    let here: BTreeSet<(String, String, Option<i32>, Option<i32>)> = here
        .rules()
        .iter()
        .map(|rule| {
            let prefix = rule.filter().and_then(|filter| filter.prefix()).unwrap_or_default();
            let objects = rule.expiration().and_then(LifecycleExpiration::days);
            let uploads = rule.abort_incomplete_multipart_upload();
            let uploads = uploads.and_then(AbortIncompleteMultipartUpload::days_after_initiation);
            (rule.id().unwrap_or_default().to_owned(), prefix.to_owned(), objects, uploads)
        })
        .collect();
    let template = read();
    let there = &template["Resources"]["Files"]["Properties"];
    let days = |value: &Value| value.as_i64().map(|days| days as i32);
    let there = there["LifecycleConfiguration"]["Rules"].as_array().unwrap().iter().map(|rule| {
        assert_eq!(rule["Status"], "Enabled");
        let text = |name: &str| rule[name].as_str().unwrap_or_default().to_owned();
        let uploads = days(&rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]);
        (text("Id"), text("Prefix"), days(&rule["ExpirationInDays"]), uploads)
    });
    assert_eq!(here, there.collect());
    host.stop().await;
}

/// What tells a queue of a file: the queue, the events, and what the file's name begins or ends with.
type Notified = BTreeSet<(String, Vec<String>, BTreeSet<(String, String)>)>;

#[tokio::test(flavor = "multi_thread")]
async fn the_same_files_are_told_to_the_same_queue() {
    let host = Host::start(Options::default()).await.unwrap();
    let (client, bucket) = files(&host);
    let here = client.get_bucket_notification_configuration().bucket(bucket).send().await.unwrap();
    let here: Notified = here
        .queue_configurations()
        .iter()
        .map(|told| {
            let events = told.events().iter().map(|event| event.as_str().to_owned()).collect();
            let rules = told.filter().and_then(|filter| filter.key()).unwrap().filter_rules().iter();
            let rules = rules.map(|rule| {
                (rule.name().unwrap().as_str().to_lowercase(), rule.value().unwrap_or_default().to_owned())
            });
            (told.queue_arn().rsplit(':').next().unwrap().to_owned(), events, rules.collect())
        })
        .collect();
    assert_eq!(here.len(), 2);

    let template = read();
    let told = template["Resources"]["Files"]["Properties"]["NotificationConfiguration"].as_object().unwrap();
    assert_eq!(told.keys().collect::<Vec<_>>(), ["QueueConfigurations"], "nobody else is told");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let there = told["QueueConfigurations"].as_array().unwrap().iter().map(|told| {
        let queue = &template["Resources"][target(&told["Queue"])]["Properties"]["QueueName"]["Fn::Sub"];
        let rules = told["Filter"]["S3Key"]["Rules"].as_array().unwrap().iter();
        let rules = rules.map(|rule| (text(&rule["Name"]).to_lowercase(), text(&rule["Value"])));
        (text(queue).replace("${AWS::StackName}", "dundun"), vec![text(&told["Event"])], rules.collect())
    });
    assert_eq!(here, there.collect());
    host.stop().await;
}

#[test]
fn logs_of_all_functions_are_in_one_group_and_go_in_time() {
    let template = read();
    let logging = &template["Globals"]["Function"]["LoggingConfig"];
    assert_eq!((&logging["LogFormat"], &logging["SystemLogLevel"]), (&json!("JSON"), &json!("WARN")));
    let groups = of_type(&template, "AWS::Logs::LogGroup");
    let [(id, group)] = groups.as_slice() else { panic!("one group: {groups:?}") };
    assert_eq!(target(&logging["LogGroup"]), *id);
    assert_eq!(target(&group["RetentionInDays"]), "LogRetention");
    let retention = &template["Parameters"]["LogRetention"];
    let days = retention["AllowedValues"].as_array().unwrap();
    assert!(days.contains(&retention["Default"]) && days.iter().all(|days| days.as_u64().is_some_and(|days| days > 0)));
    let functions = of_type(&template, "AWS::Serverless::Function");
    assert_eq!(functions.len(), functions::catalogue().len());
    for (id, function) in functions {
        assert!(function["LoggingConfig"].is_null(), "{id} logs elsewhere");
    }
}

/// The parts of `samconfig.toml` whose names begin with an environment, without it.
fn environment(name: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(super::root("samconfig.toml")).unwrap();
    let parts = text.split("\n[").filter_map(|part| part.split_once("]\n"));
    let own = parts.filter_map(|(head, body)| Some((head.strip_prefix(&format!("{name}."))?.to_owned(), body)));
    own.map(|(head, body)| (head, body.split("\n#").next().unwrap().trim().to_owned())).collect()
}

#[test]
fn the_environment_dev_is_the_one_that_is_taken_without_a_name() {
    let dev = environment("dev");
    assert_eq!(dev.len(), 4, "global, build, validate, deploy");
    assert_eq!(dev, environment("default"));
    let names = |parts: &[(String, String)]| parts.iter().map(|(head, _)| head.clone()).collect::<Vec<_>>();
    let prod = environment("prod");
    assert_eq!(names(&prod), names(&dev));
    assert_ne!(prod, dev);
}
