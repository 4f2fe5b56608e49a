//! Notification rules and the events that follow from them.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_s3::{
    error::ProvideErrorMetadata,
    types::{
        Event, FilterRule, FilterRuleName, NotificationConfiguration, NotificationConfigurationFilter,
        QueueConfiguration, S3KeyFilter,
    },
};

use super::*;
use crate::{database::Database, sqs::Sqs};

fn rule(queue: &str, event: Event, prefix: &str, suffix: &str) -> QueueConfiguration {
    let filter = |name, value: &str| FilterRule::builder().name(name).value(value).build();
    let filters = S3KeyFilter::builder()
        .filter_rules(filter(FilterRuleName::Prefix, prefix))
        .filter_rules(filter(FilterRuleName::Suffix, suffix))
        .build();
    let filters = NotificationConfigurationFilter::builder().key(filters).build();
    QueueConfiguration::builder().queue_arn(queue).events(event).filter(filters).id("import").build().unwrap()
}

async fn set(server: &Server, rules: Vec<QueueConfiguration>) -> Result<(), String> {
    let rules = NotificationConfiguration::builder().set_queue_configurations(Some(rules)).build();
    let put = server.client.put_bucket_notification_configuration().bucket(BUCKET).notification_configuration(rules);
    put.send().await.map(drop).map_err(|error| error.code().unwrap().to_owned())
}

#[tokio::test]
async fn what_the_filter_lets_through_is_told_with_its_key_encoded() {
    let (server, _folder) = Server::start().await;
    set(&server, vec![rule(QUEUE, Event::S3ObjectCreated, "drop/", ".xlsx")]).await.unwrap();
    server.put("drop/other.txt", b"x").await;
    server.put("elsewhere/a.xlsx", b"x").await;
    server.put("drop/a b+ç/ü.xlsx", b"hello").await;
    let taken = server.queue.wait(2).await;
    assert_eq!(taken[0].1["Event"], "s3:TestEvent");
    let (queue, event) = &taken[1];
    assert_eq!((queue.as_str(), taken.len()), (QUEUE, 2));
    let record = &event["Records"][0];
    assert_eq!(record["eventName"], "ObjectCreated:Put");
    assert_eq!(record["eventSource"], "aws:s3");
    assert_eq!(record["awsRegion"], "eu-central-1");
    assert_eq!(record["s3"]["configurationId"], "import");
    assert_eq!(record["s3"]["bucket"]["name"], BUCKET);
    assert_eq!(record["s3"]["object"]["key"], "drop/a+b%2B%C3%A7/%C3%BC.xlsx");
    assert_eq!(record["s3"]["object"]["size"], 5);
    assert_eq!(record["s3"]["object"]["eTag"], "5d41402abc4b2a76b9719d911017c592");
    assert!(record["eventTime"].as_str().unwrap().parse::<Timestamp>().is_ok());
}

#[tokio::test]
async fn a_completed_upload_and_a_copy_are_told_by_their_names() {
    let (server, _folder) = Server::start().await;
    set(&server, vec![rule(QUEUE, Event::S3ObjectCreated, "", "")]).await.unwrap();
    let client = &server.client;
    let id = client.create_multipart_upload().bucket(BUCKET).key("a").send().await.unwrap();
    let id = id.upload_id().unwrap();
    let part = client.upload_part().bucket(BUCKET).key("a").upload_id(id).part_number(1).body(vec![1; 3].into());
    let etag = part.send().await.unwrap();
    let part = aws_sdk_s3::types::CompletedPart::builder().part_number(1).e_tag(etag.e_tag().unwrap()).build();
    let parts = aws_sdk_s3::types::CompletedMultipartUpload::builder().parts(part).build();
    let complete = client.complete_multipart_upload().bucket(BUCKET).key("a").upload_id(id).multipart_upload(parts);
    complete.send().await.unwrap();
    client.copy_object().bucket(BUCKET).key("b").copy_source(format!("{BUCKET}/a")).send().await.unwrap();
    let taken = server.queue.wait(3).await;
    let names: Vec<_> = taken[1..].iter().map(|(_, event)| event["Records"][0]["eventName"].clone()).collect();
    assert_eq!(names, ["ObjectCreated:CompleteMultipartUpload", "ObjectCreated:Copy"]);
}

#[tokio::test]
async fn rules_are_kept_shown_and_checked() {
    let (server, _folder) = Server::start().await;
    let rules = vec![rule(QUEUE, Event::S3ObjectCreatedPut, "drop/", ".csv")];
    set(&server, rules.clone()).await.unwrap();
    set(&server, rules.clone()).await.unwrap();
    let shown = server.client.get_bucket_notification_configuration().bucket(BUCKET).send().await.unwrap();
    assert_eq!(shown.queue_configurations()[0].queue_arn(), QUEUE);
    assert_eq!(shown.queue_configurations()[0].events(), [Event::S3ObjectCreatedPut]);
    let filters = shown.queue_configurations()[0].filter().unwrap().key().unwrap().filter_rules();
    assert_eq!(filters.iter().map(|rule| rule.value().unwrap()).collect::<Vec<_>>(), ["drop/", ".csv"]);
    assert_eq!(server.queue.wait(1).await.len(), 1, "one test message, though the rules came twice");
    let unknown = rule("arn:aws:sqs:eu-central-1:000000000000:unknown", Event::S3ObjectCreated, "", "");
    assert_eq!(set(&server, vec![unknown]).await.unwrap_err(), "InvalidArgument");
    set(&server, vec![]).await.unwrap();
    server.put("drop/a.csv", b"x").await;
    let shown = server.client.get_bucket_notification_configuration().bucket(BUCKET).send().await.unwrap();
    assert!(shown.queue_configurations().is_empty());
}

#[tokio::test]
async fn an_event_waits_for_its_queue_and_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::manual(noon());
    let server = Server::open(folder.path(), clock.clone(), Arc::default()).await;
    server.client.create_bucket().bucket(BUCKET).send().await.unwrap();
    set(&server, vec![rule(QUEUE, Event::S3ObjectCreated, "", "")]).await.unwrap();
    server.queue.refuses.store(true, Ordering::SeqCst);
    server.put("a", b"x").await;
    let queue = server.kill().await;
    assert_eq!(queue.taken.lock().unwrap().len(), 1, "the test message only");

    queue.refuses.store(false, Ordering::SeqCst);
    let server = Server::open(folder.path(), clock.clone(), queue).await;
    let taken = server.queue.wait(2).await;
    assert_eq!(taken[1].1["Records"][0]["s3"]["object"]["key"], "a");

    // A queue that comes back is tried again, and what it had is not sent twice.
    server.queue.refuses.store(true, Ordering::SeqCst);
    server.put("b", b"x").await;
    server.queue.refuses.store(false, Ordering::SeqCst);
    server.put("c", b"x").await;
    clock.advance(Duration::from_mins(1));
    let taken = server.queue.wait(4).await;
    let mut keys: Vec<_> =
        taken[1..].iter().map(|(_, event)| event["Records"][0]["s3"]["object"]["key"].clone()).collect();
    keys.sort_by_key(ToString::to_string);
    assert_eq!(keys, ["a", "b", "c"]);
}

#[tokio::test]
async fn the_local_sqs_takes_events_of_its_own_queues_only() {
    let clock = Clock::manual(noon());
    let sqs = Sqs::open(Database::memory().unwrap(), clock, "eu-central-1").await.unwrap();
    sqs.create_queue("dundun-import", BTreeMap::new(), BTreeMap::new()).await.unwrap();
    Notify::send(&sqs, QUEUE, "{}").await.unwrap();
    assert_eq!(sqs.depth("dundun-import").await.unwrap().visible, 1);
    for other in ["arn:aws:sqs:eu-central-1:000000000000:other", "arn:aws:sqs:us-east-1:000000000000:dundun-import"] {
        assert!(matches!(Notify::send(&sqs, other, "{}").await, Err(NotifyError::NoSuchQueue)));
    }
}
