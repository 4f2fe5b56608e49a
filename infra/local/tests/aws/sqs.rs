//! Queues.

use std::time::Duration;

use aws_sdk_sqs::{
    error::ProvideErrorMetadata as _,
    primitives::Blob,
    types::{
        ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, MessageAttributeValue,
        MessageSystemAttributeName as System, QueueAttributeName as Name, SendMessageBatchRequestEntry,
    },
};
use local::sqs::{Outgoing, Receive};

use super::cloud::Cloud;

fn entry(id: &str, body: &str) -> SendMessageBatchRequestEntry {
    SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap()
}

#[tokio::test]
async fn queues_are_made_found_listed_and_deleted() {
    let cloud = Cloud::memory().await;
    let sqs = cloud.client();
    let made = sqs.create_queue().queue_name("a").attributes(Name::VisibilityTimeout, "7").send().await.unwrap();
    let url = made.queue_url().unwrap();
    assert_eq!(url, format!("{}/000000000000/a", cloud.url()));
    // The same again is the same queue; with another value it is a conflict.
    sqs.create_queue().queue_name("a").attributes(Name::VisibilityTimeout, "7").send().await.unwrap();
    let conflict = sqs.create_queue().queue_name("a").attributes(Name::VisibilityTimeout, "8").send().await;
    assert!(conflict.unwrap_err().into_service_error().is_queue_name_exists());
    sqs.create_queue().queue_name("b").send().await.unwrap();
    assert_eq!(sqs.list_queues().send().await.unwrap().queue_urls().len(), 2);
    let page = sqs.list_queues().max_results(1).send().await.unwrap();
    let rest = sqs.list_queues().max_results(1).next_token(page.next_token().unwrap()).send().await.unwrap();
    assert!(rest.queue_urls()[0].ends_with("/b") && rest.next_token().is_none());
    assert_eq!(sqs.list_queues().queue_name_prefix("b").send().await.unwrap().queue_urls().len(), 1);
    sqs.set_queue_attributes().queue_url(url).attributes(Name::DelaySeconds, "3").send().await.unwrap();
    let all = sqs.get_queue_attributes().queue_url(url).attribute_names(Name::All).send().await.unwrap();
    let all = all.attributes().unwrap();
    assert_eq!(all[&Name::QueueArn], "arn:aws:sqs:us-east-1:000000000000:a");
    assert_eq!((all[&Name::VisibilityTimeout].as_str(), all[&Name::DelaySeconds].as_str()), ("7", "3"));
    sqs.delete_queue().queue_url(url).send().await.unwrap();
    let gone = sqs.get_queue_url().queue_name("a").send().await.unwrap_err().into_service_error();
    assert!(gone.is_queue_does_not_exist());
    // The name that SDKs of the query protocol know.
    assert_eq!(gone.code(), Some("AWS.SimpleQueueService.NonExistentQueue"));
    let fifo = sqs.create_queue().queue_name("a.fifo").send().await.unwrap_err();
    assert_eq!(fifo.code(), Some("AWS.SimpleQueueService.UnsupportedOperation"));
}

#[tokio::test]
async fn a_message_keeps_body_and_attributes_and_the_sdk_agrees_with_the_checksums() {
    let cloud = Cloud::memory().await;
    let (sqs, url) = (cloud.client(), cloud.queue("a", &[]).await);
    let text = MessageAttributeValue::builder().data_type("String").string_value("grün").build().unwrap();
    let bytes = MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([0, 255])).build().unwrap();
    let sent = sqs
        .send_message()
        .queue_url(&url)
        .message_body("hello ✓")
        .message_attributes("colour", text.clone())
        .message_attributes("bytes", bytes.clone())
        .message_group_id("org-1")
        .send()
        .await
        .unwrap();
    // Computed with Python's hashlib after the developer guide's description.
    assert_eq!(sent.md5_of_message_attributes(), Some("aa0fff3c9e6be3de60d1db27f4767c82"));
    cloud.seconds(5);
    let got = sqs
        .receive_message()
        .queue_url(&url)
        .message_attribute_names("All")
        .message_system_attribute_names(System::All)
        .send()
        .await
        .unwrap();
    let message = &got.messages()[0];
    assert_eq!(message.body(), Some("hello ✓"));
    assert_eq!(message.message_id(), sent.message_id());
    assert_eq!(message.md5_of_body(), sent.md5_of_message_body());
    assert_eq!(message.md5_of_message_attributes(), sent.md5_of_message_attributes());
    let attributes = message.message_attributes().unwrap();
    assert_eq!((&attributes["colour"], &attributes["bytes"]), (&text, &bytes));
    let system = message.attributes().unwrap();
    assert_eq!(system[&System::ApproximateReceiveCount], "1");
    assert_eq!(system[&System::MessageGroupId], "org-1");
    let (sent_at, first) = (&system[&System::SentTimestamp], &system[&System::ApproximateFirstReceiveTimestamp]);
    assert_eq!(first.parse::<i64>().unwrap() - sent_at.parse::<i64>().unwrap(), 5000);
}

#[tokio::test]
async fn an_unseen_message_comes_back_and_only_then_counts_again() {
    let cloud = Cloud::memory().await;
    let (sqs, url) = (cloud.client(), cloud.queue("a", &[("VisibilityTimeout", "30")]).await);
    sqs.send_message().queue_url(&url).message_body("x").send().await.unwrap();
    let receive = || async {
        let count = System::ApproximateReceiveCount;
        let request = sqs.receive_message().queue_url(&url).message_system_attribute_names(count.clone());
        let message = request.send().await.unwrap().messages.unwrap_or_default().pop()?;
        Some((message.attributes.unwrap()[&count].clone(), message.receipt_handle.unwrap()))
    };
    let (count, first) = receive().await.unwrap();
    assert_eq!(count, "1");
    cloud.seconds(29);
    assert_eq!(receive().await, None);
    cloud.seconds(1);
    let (count, second) = receive().await.unwrap();
    assert_eq!(count, "2");
    // The first handle is void: it deletes nothing, and says nothing.
    sqs.delete_message().queue_url(&url).receipt_handle(&first).send().await.unwrap();
    let stale = sqs.change_message_visibility().queue_url(&url).receipt_handle(&first).visibility_timeout(0).send();
    assert!(stale.await.unwrap_err().into_service_error().is_message_not_inflight());
    sqs.change_message_visibility().queue_url(&url).receipt_handle(&second).visibility_timeout(0).send().await.unwrap();
    let (count, third) = receive().await.unwrap();
    assert_eq!(count, "3");
    sqs.delete_message().queue_url(&url).receipt_handle(&third).send().await.unwrap();
    cloud.seconds(60);
    assert_eq!(receive().await, None);
    let nonsense = sqs.delete_message().queue_url(&url).receipt_handle("nonsense").send().await.unwrap_err();
    assert!(nonsense.into_service_error().is_receipt_handle_is_invalid());
}

#[tokio::test]
async fn delays_of_message_and_queue() {
    let cloud = Cloud::memory().await;
    let (sqs, url) = (cloud.client(), cloud.queue("a", &[("DelaySeconds", "20")]).await);
    sqs.send_message().queue_url(&url).message_body("by queue").send().await.unwrap();
    sqs.send_message().queue_url(&url).message_body("by message").delay_seconds(900).send().await.unwrap();
    let too_long = sqs.send_message().queue_url(&url).message_body("x").delay_seconds(901).send().await;
    assert_eq!(too_long.unwrap_err().code(), Some("InvalidParameterValue"));
    let depth = cloud.sqs.depth("a").await.unwrap();
    assert_eq!((depth.visible, depth.delayed, depth.in_flight), (0, 2, 0));
    let bodies = || async {
        let got = sqs.receive_message().queue_url(&url).max_number_of_messages(10).send().await.unwrap();
        got.messages().iter().map(|message| message.body().unwrap().to_owned()).collect::<Vec<_>>()
    };
    cloud.seconds(19);
    assert!(bodies().await.is_empty());
    cloud.seconds(1);
    assert_eq!(bodies().await, ["by queue"]);
    cloud.seconds(880);
    assert!(bodies().await.contains(&"by message".to_owned()));
}

#[tokio::test]
async fn a_long_poll_ends_with_a_message_a_visible_time_or_its_own_time() {
    let cloud = Cloud::memory().await;
    let (sqs, url) = (cloud.client(), cloud.queue("a", &[]).await);
    let poll = |seconds| {
        let request = sqs.receive_message().queue_url(&url).wait_time_seconds(seconds).send();
        tokio::spawn(async move { request.await.unwrap().messages.unwrap_or_default().pop().and_then(|m| m.body) })
    };
    let waiting = poll(20);
    sqs.send_message().queue_url(&url).message_body("now").send().await.unwrap();
    assert_eq!(waiting.await.unwrap().as_deref(), Some("now"));
    sqs.send_message().queue_url(&url).message_body("later").delay_seconds(5).send().await.unwrap();
    let waiting = poll(20);
    // Whether the poll begins before or after the clock moves, it must see the message.
    cloud.seconds(5);
    assert_eq!(waiting.await.unwrap().as_deref(), Some("later"));
    let sqs = cloud.sqs.clone();
    let wait = Some(Duration::from_secs(10));
    let waiting = tokio::spawn(async move { sqs.receive("a", Receive { wait, ..Receive::default() }).await.unwrap() });
    tokio::task::yield_now().await;
    cloud.seconds(20);
    assert!(waiting.await.unwrap().is_empty());
}

#[tokio::test]
async fn a_message_received_too_often_goes_to_the_dead_letter_queue_and_back() {
    let cloud = Cloud::memory().await;
    let dead = cloud.queue("a-dlq", &[]).await;
    let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:a-dlq","maxReceiveCount":2}"#;
    let url = cloud.queue("a", &[("RedrivePolicy", policy), ("VisibilityTimeout", "1")]).await;
    let sqs = cloud.client();
    let sent = sqs.send_message().queue_url(&url).message_body("poison").send().await.unwrap();
    let mut deliveries = 0;
    for _ in 0..5 {
        deliveries += sqs.receive_message().queue_url(&url).send().await.unwrap().messages().len();
        cloud.seconds(1);
    }
    assert_eq!(deliveries, 2);
    let got = sqs.receive_message().queue_url(&dead).visibility_timeout(0).message_system_attribute_names(System::All);
    let got = got.send().await.unwrap();
    let message = &got.messages()[0];
    assert_eq!((message.message_id(), message.body()), (sent.message_id(), Some("poison")));
    let source = System::DeadLetterQueueSourceArn;
    assert_eq!(message.attributes().unwrap()[&source], "arn:aws:sqs:us-east-1:000000000000:a");
    let sources = sqs.list_dead_letter_source_queues().queue_url(&dead).send().await.unwrap();
    assert_eq!(sources.queue_urls(), [url.as_str()]);

    let arn = "arn:aws:sqs:us-east-1:000000000000:a-dlq";
    let not_dead = sqs.start_message_move_task().source_arn(cloud.sqs.arn("a")).send().await.unwrap_err();
    assert_eq!(not_dead.code(), Some("InvalidParameterValue"));
    sqs.start_message_move_task().source_arn(arn).send().await.unwrap();
    let back = sqs.receive_message().queue_url(&url).wait_time_seconds(20).message_system_attribute_names(System::All);
    let back = back.send().await.unwrap();
    let message = &back.messages()[0];
    assert_eq!(message.attributes().unwrap()[&System::ApproximateReceiveCount], "1");
    assert_ne!(message.message_id(), sent.message_id());
    // The step that finds nothing more to do follows the one that moved the message.
    loop {
        let tasks = sqs.list_message_move_tasks().source_arn(arn).send().await.unwrap();
        let task = &tasks.results()[0];
        assert_eq!(task.approximate_number_of_messages_moved(), 1);
        if task.status() == Some("COMPLETED") {
            break;
        }
    }
}

#[tokio::test]
async fn batches_fail_as_a_whole_or_by_entry() {
    let cloud = Cloud::memory().await;
    let (sqs, url) = (cloud.client(), cloud.queue("a", &[]).await);
    let send = |entries: Vec<SendMessageBatchRequestEntry>| {
        sqs.send_message_batch().queue_url(&url).set_entries(Some(entries)).send()
    };
    let error = send(vec![]).await.unwrap_err().into_service_error();
    assert!(error.is_empty_batch_request());
    let eleven = (0..11).map(|i| entry(&i.to_string(), "x")).collect();
    assert!(send(eleven).await.unwrap_err().into_service_error().is_too_many_entries_in_batch_request());
    let error = send(vec![entry("1", "x"), entry("1", "y")]).await.unwrap_err().into_service_error();
    assert!(error.is_batch_entry_ids_not_distinct());
    let error = send(vec![entry("a b", "x")]).await.unwrap_err().into_service_error();
    assert!(error.is_invalid_batch_entry_id());
    let half = "x".repeat(600_000);
    let error = send(vec![entry("1", &half), entry("2", &half)]).await.unwrap_err().into_service_error();
    assert!(error.is_batch_request_too_long());

    let mixed = send(vec![entry("good", "x"), entry("bad", "\u{1}"), entry("empty", "")]).await.unwrap();
    assert_eq!(
        mixed.successful().iter().map(aws_sdk_sqs::types::SendMessageBatchResultEntry::id).collect::<Vec<_>>(),
        ["good"]
    );
    let failed: Vec<_> = mixed.failed().iter().map(|f| (f.id(), f.code(), f.sender_fault())).collect();
    assert_eq!(failed, [("bad", "InvalidMessageContents", true), ("empty", "MissingParameter", true)]);

    let largest = "x".repeat(1_048_576);
    sqs.send_message().queue_url(&url).message_body(&largest).send().await.unwrap();
    let error = sqs.send_message().queue_url(&url).message_body(largest + "x").send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterValue"));

    let got = sqs.receive_message().queue_url(&url).max_number_of_messages(10).send().await.unwrap();
    assert_eq!(got.messages().len(), 2);
    let handle = |i: usize| got.messages()[i].receipt_handle().unwrap();
    let change = |id: &str, handle: &str| {
        let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(id).receipt_handle(handle);
        entry.visibility_timeout(60).build().unwrap()
    };
    let changed = sqs.change_message_visibility_batch().queue_url(&url);
    let changed = changed.entries(change("1", handle(0))).entries(change("2", "nonsense")).send().await.unwrap();
    assert_eq!((changed.successful().len(), changed.failed()[0].code()), (1, "ReceiptHandleIsInvalid"));
    let delete = |id: &str, handle: &str| {
        DeleteMessageBatchRequestEntry::builder().id(id).receipt_handle(handle).build().unwrap()
    };
    let deleted = sqs.delete_message_batch().queue_url(&url);
    let deleted = deleted.entries(delete("1", handle(0))).entries(delete("2", handle(1))).send().await.unwrap();
    assert_eq!((deleted.successful().len(), deleted.failed().len()), (2, 0));
    assert!(cloud.sqs.depth("a").await.unwrap().is_idle());
}

#[tokio::test]
async fn groups_with_little_in_flight_are_served_first() {
    let cloud = Cloud::memory().await;
    cloud.queue("a", &[]).await;
    let of = |group: &str| Outgoing { group: Some(group.to_owned()), ..Outgoing::body("x") };
    cloud.sqs.send_all("a", (0..50).map(|_| of("noisy")).collect()).await.unwrap();
    cloud.sqs.receive("a", Receive { max: 10, ..Receive::default() }).await.unwrap();
    cloud.seconds(1);
    cloud.sqs.send_all("a", (0..3).map(|_| of("quiet")).collect()).await.unwrap();
    let got = cloud.sqs.receive("a", Receive { max: 5, ..Receive::default() }).await.unwrap();
    let groups: Vec<_> = got.iter().map(|message| message.group.as_deref().unwrap()).collect();
    assert_eq!(groups, ["quiet", "quiet", "quiet", "noisy", "noisy"]);
}

#[tokio::test]
async fn purged_and_expired_messages_are_gone() {
    let cloud = Cloud::memory().await;
    let (sqs, url) = (cloud.client(), cloud.queue("a", &[("MessageRetentionPeriod", "60")]).await);
    cloud.sqs.send("a", Outgoing::body("old")).await.unwrap();
    cloud.seconds(61);
    cloud.sqs.send("a", Outgoing::body("new")).await.unwrap();
    let got = sqs.receive_message().queue_url(&url).max_number_of_messages(10).send().await.unwrap();
    assert_eq!(got.messages().iter().map(|message| message.body().unwrap()).collect::<Vec<_>>(), ["new"]);
    sqs.purge_queue().queue_url(&url).send().await.unwrap();
    assert!(cloud.sqs.depth("a").await.unwrap().is_idle());
    let again = sqs.purge_queue().queue_url(&url).send().await.unwrap_err();
    assert!(again.into_service_error().is_purge_queue_in_progress());
}

#[tokio::test]
async fn a_restart_keeps_messages_and_gives_back_what_was_in_flight() {
    let folder = tempfile::tempdir().unwrap();
    let clock = store::Clock::manual("2026-11-21T10:00:00Z".parse().unwrap());
    let cloud = Cloud::open(Some(folder.path()), clock).await;
    cloud.queue("a", &[("VisibilityTimeout", "300")]).await;
    cloud.sqs.send("a", Outgoing::body("in flight")).await.unwrap();
    let old = cloud.sqs.receive("a", Receive::default()).await.unwrap().remove(0);
    cloud.sqs.send("a", Outgoing { delay: Some(100), ..Outgoing::body("delayed") }).await.unwrap();
    cloud.sqs.send("a", Outgoing::body("waiting")).await.unwrap();
    let clock = cloud.close().await;

    let cloud = Cloud::open(Some(folder.path()), clock).await;
    let all = || cloud.sqs.receive("a", Receive { max: 10, ..Receive::default() });
    let got = all().await.unwrap();
    let counts: Vec<_> = got.iter().map(|message| (message.body.as_str(), message.receive_count)).collect();
    assert_eq!(counts, [("in flight", 2), ("waiting", 1)]);
    cloud.sqs.delete("a", &old.receipt_handle).await.unwrap();
    cloud.seconds(100);
    assert_eq!(all().await.unwrap()[0].body, "delayed");
    assert_eq!(cloud.sqs.depth("a").await.unwrap().in_flight, 3);
    cloud.close().await;
}
