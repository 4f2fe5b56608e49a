//! Event source mappings.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use local::{
    mapping::{Mapped, Mapping},
    sqs::{Attribute, Outgoing},
};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::cloud::Cloud;

fn mapping() -> Mapping {
    Mapping {
        queue: "a".to_owned(),
        function: "f".to_owned(),
        batch_size: 10,
        window: Duration::ZERO,
        concurrency: 2,
        timeout: Duration::from_secs(10),
        report_failures: true,
    }
}

async fn cloud() -> Cloud {
    let cloud = Cloud::memory().await;
    cloud.queue("a", &[("VisibilityTimeout", "60")]).await;
    cloud
}

fn start(cloud: &Cloud, mapping: Mapping) -> Mapped {
    mapping.start(cloud.sqs.clone(), cloud.clock.clone(), cloud.functions.clone()).unwrap()
}

fn bodies(event: &Value) -> Vec<String> {
    event["Records"].as_array().unwrap().iter().map(|record| record["body"].as_str().unwrap().to_owned()).collect()
}

async fn send(cloud: &Cloud, bodies: impl IntoIterator<Item = String>) {
    cloud.sqs.send_all("a", bodies.into_iter().map(Outgoing::body).collect()).await.unwrap();
}

#[tokio::test]
async fn the_event_is_as_lambda_writes_it() {
    let cloud = cloud().await;
    let (called, mut calls) = mpsc::unbounded_channel();
    cloud.functions.add("f", move |event| {
        called.send(event).unwrap();
        async { Ok(Value::Null) }
    });
    let message = Outgoing {
        group: Some("org".to_owned()),
        attributes: [("colour".to_owned(), Attribute::text("green"))].into(),
        ..Outgoing::body("hello")
    };
    let sent = cloud.sqs.send("a", message).await.unwrap();
    let mut mapped = start(&cloud, mapping());
    let event = calls.recv().await.unwrap();
    let record = &event["Records"][0];
    assert_eq!(
        *record,
        json!({
            "messageId": sent.message_id,
            "receiptHandle": record["receiptHandle"],
            "body": "hello",
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1795255200000",
                "SenderId": record["attributes"]["SenderId"],
                "ApproximateFirstReceiveTimestamp": "1795255200000",
                "MessageGroupId": "org",
            },
            "messageAttributes": {
                "colour": { "dataType": "String", "stringValue": "green", "stringListValues": [], "binaryListValues": [] },
            },
            "md5OfBody": "5d41402abc4b2a76b9719d911017c592",
            "md5OfMessageAttributes": sent.attributes_md5,
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:a",
            "awsRegion": "us-east-1",
        })
    );
    mapped.idle(&cloud.sqs).await.unwrap();
    mapped.stop().await;
    let depth = cloud.sqs.depth("a").await.unwrap();
    assert_eq!((depth.visible, depth.in_flight), (0, 0));
}

#[tokio::test]
async fn only_what_failed_comes_back_after_the_visibility_timeout() {
    let cloud = cloud().await;
    let (called, mut calls) = mpsc::unbounded_channel();
    let first = AtomicUsize::new(0);
    cloud.functions.add("f", move |event| {
        let failed: Vec<_> = event["Records"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|record| record["body"] == "bad" && first.fetch_add(1, Ordering::Relaxed) == 0)
            .map(|record| json!({ "itemIdentifier": record["messageId"] }))
            .collect();
        called.send(bodies(&event)).unwrap();
        async move { Ok(json!({ "batchItemFailures": failed })) }
    });
    send(&cloud, ["good".to_owned(), "bad".to_owned()]).await;
    let mut mapped = start(&cloud, mapping());
    assert_eq!(calls.recv().await.unwrap(), ["good", "bad"]);
    // One is deleted, the other stays in flight.
    while cloud.sqs.depth("a").await.unwrap().in_flight != 1 {
        tokio::task::yield_now().await;
    }
    cloud.seconds(60);
    assert_eq!(calls.recv().await.unwrap(), ["bad"]);
    mapped.idle(&cloud.sqs).await.unwrap();
}

#[tokio::test]
async fn errors_panics_time_outs_and_answers_nobody_understands_fail_the_batch() {
    let cloud = cloud().await;
    let (called, mut calls) = mpsc::unbounded_channel();
    let step = AtomicUsize::new(0);
    let dropped = Arc::new(AtomicUsize::new(0));
    let seen = dropped.clone();
    cloud.functions.add("f", move |event| {
        struct Guard(Arc<AtomicUsize>);
        impl Drop for Guard {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let (step, guard) = (step.fetch_add(1, Ordering::Relaxed), Guard(dropped.clone()));
        called.send(bodies(&event)).unwrap();
        async move {
            match step {
                0 => Err("error".to_owned()),
                1 => panic!("the function's own fault"),
                2 => {
                    let _guard = guard;
                    std::future::pending().await
                }
                3 => Ok(json!({ "batchItemFailures": [{ "itemIdentifier": "unknown" }] })),
                4 => Ok(json!({ "batchItemFailures": [{ "id": "x" }] })),
                _ => Ok(json!({ "batchItemFailures": [] })),
            }
        }
    });
    send(&cloud, ["x".to_owned()]).await;
    let mut mapped = start(&cloud, mapping());
    for step in 0..6 {
        assert_eq!(calls.recv().await.unwrap(), ["x"]);
        if step == 2 {
            assert_eq!(seen.load(Ordering::Relaxed), 2);
            cloud.seconds(10);
        }
        if step < 5 {
            mapped.at_rest().await;
            assert_eq!(seen.load(Ordering::Relaxed), step + 1);
            cloud.seconds(60);
        }
    }
    mapped.idle(&cloud.sqs).await.unwrap();
}

#[tokio::test]
async fn batch_size_and_concurrency_are_kept() {
    let cloud = cloud().await;
    let (active, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let sizes = Arc::new(Mutex::new(Vec::new()));
    let (seen, watched) = (sizes.clone(), most.clone());
    cloud.functions.add("f", move |event| {
        seen.lock().unwrap().push(bodies(&event).len());
        let (active, most) = (active.clone(), watched.clone());
        async move {
            most.fetch_max(active.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            active.fetch_sub(1, Ordering::SeqCst);
            Ok(Value::Null)
        }
    });
    send(&cloud, (0..100).map(|i| i.to_string())).await;
    let mut mapped = start(&cloud, Mapping { batch_size: 3, concurrency: 4, ..mapping() });
    mapped.idle(&cloud.sqs).await.unwrap();
    assert_eq!(most.load(Ordering::SeqCst), 4);
    let sizes = sizes.lock().unwrap();
    assert_eq!(sizes.iter().sum::<usize>(), 100);
    assert!(sizes.iter().all(|size| *size <= 3));
}

#[tokio::test]
async fn a_window_collects_until_it_is_over_or_the_batch_is_full() {
    let cloud = cloud().await;
    let (called, mut calls) = mpsc::unbounded_channel();
    cloud.functions.add("f", move |event| {
        called.send(bodies(&event)).unwrap();
        async { Ok(Value::Null) }
    });
    let mapped = start(&cloud, Mapping { batch_size: 3, window: Duration::from_secs(5), ..mapping() });
    send(&cloud, ["1".to_owned()]).await;
    send(&cloud, ["2".to_owned()]).await;
    // Both are taken into the window before it is over.
    while cloud.sqs.depth("a").await.unwrap().in_flight != 2 {
        tokio::task::yield_now().await;
    }
    assert!(calls.is_empty());
    cloud.seconds(5);
    assert_eq!(calls.recv().await.unwrap(), ["1", "2"]);
    send(&cloud, (3..6).map(|i| i.to_string())).await;
    assert_eq!(calls.recv().await.unwrap(), ["3", "4", "5"]);
    mapped.stop().await;
}

#[tokio::test]
async fn stopping_waits_for_the_calls_under_way() {
    let cloud = cloud().await;
    let (called, mut calls) = mpsc::unbounded_channel();
    let (go, gone) = tokio::sync::watch::channel(false);
    cloud.functions.add("f", move |event| {
        called.send(bodies(&event)).unwrap();
        let mut gone = gone.clone();
        async move {
            gone.wait_for(|go| *go).await.unwrap();
            Ok(Value::Null)
        }
    });
    send(&cloud, ["x".to_owned()]).await;
    let mapped = start(&cloud, mapping());
    calls.recv().await.unwrap();
    let stopping = tokio::spawn(mapped.stop());
    send(&cloud, ["not taken".to_owned()]).await;
    go.send(true).unwrap();
    stopping.await.unwrap();
    let depth = cloud.sqs.depth("a").await.unwrap();
    assert_eq!(depth.in_flight, 0);
}
