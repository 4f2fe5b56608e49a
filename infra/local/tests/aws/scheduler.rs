//! Schedules.

use std::sync::{Arc, Mutex};

use aws_sdk_scheduler::{
    Client,
    error::ProvideErrorMetadata as _,
    types::{
        ActionAfterCompletion, DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode, RetryPolicy,
        ScheduleState, Target,
    },
};
use local::{
    scheduler::Definition,
    sqs::{Receive, Received},
};
use serde_json::{Value, json};

use super::cloud::Cloud;

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:plan";
const DEAD: &str = "arn:aws:sqs:us-east-1:000000000000:dead";

fn off() -> FlexibleTimeWindow {
    FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build().unwrap()
}

fn target(arn: &str, input: &str) -> aws_sdk_scheduler::types::builders::TargetBuilder {
    Target::builder().arn(arn).role_arn("arn:aws:iam::000000000000:role/r").input(input)
}

async fn next(cloud: &Cloud, queue: &str) -> Received {
    let wait = Some(std::time::Duration::from_secs(20));
    cloud.sqs.receive(queue, Receive { wait, ..Receive::default() }).await.unwrap().remove(0)
}

async fn cloud() -> (Cloud, Client) {
    let cloud = Cloud::memory().await;
    cloud.queue("plan", &[]).await;
    cloud.queue("dead", &[]).await;
    let client = Client::new(&cloud.sdk);
    (cloud, client)
}

#[tokio::test]
async fn a_one_time_schedule_fires_at_its_local_time_and_is_deleted() {
    let (cloud, scheduler) = cloud().await;
    let create = || {
        scheduler
            .create_schedule()
            .name("once")
            .client_token("token")
            .schedule_expression("at(2026-11-21T11:01:00)")
            .schedule_expression_timezone("Europe/Berlin")
            .flexible_time_window(off())
            .action_after_completion(ActionAfterCompletion::Delete)
            .target(target(QUEUE, r#"{"message":"m1"}"#).build().unwrap())
    };
    let made = create().send().await.unwrap();
    assert_eq!(made.schedule_arn(), "arn:aws:scheduler:us-east-1:000000000000:schedule/default/once");
    create().send().await.unwrap();
    let taken = create().client_token("other").send().await.unwrap_err().into_service_error();
    assert!(taken.is_conflict_exception());
    let got = scheduler.get_schedule().name("once").send().await.unwrap();
    assert_eq!(got.schedule_expression(), Some("at(2026-11-21T11:01:00)"));
    assert_eq!(got.target().unwrap().retry_policy().unwrap().maximum_event_age_in_seconds(), Some(86_400));
    cloud.seconds(59);
    assert_eq!(cloud.sqs.depth("plan").await.unwrap().visible, 0);
    cloud.seconds(1);
    assert_eq!(next(&cloud, "plan").await.body, r#"{"message":"m1"}"#);
    let gone = scheduler.get_schedule().name("once").send().await.unwrap_err().into_service_error();
    assert!(gone.is_resource_not_found_exception());
    assert_eq!(gone.message(), Some("Schedule once does not exist."));
}

#[tokio::test]
async fn a_changed_schedule_fires_as_changed_and_a_deleted_one_not() {
    let (cloud, scheduler) = cloud().await;
    let create = |name: &str, at: &str, input: &str| {
        let request = scheduler.create_schedule().name(name).schedule_expression(format!("at({at})"));
        request.flexible_time_window(off()).target(target(QUEUE, input).build().unwrap()).send()
    };
    create("kept", "2026-11-21T10:00:10", "old").await.unwrap();
    create("dropped", "2026-11-21T10:00:10", "dropped").await.unwrap();
    scheduler.delete_schedule().name("dropped").send().await.unwrap();
    let update = scheduler.update_schedule().name("kept").schedule_expression("at(2026-11-21T10:00:20)");
    update.flexible_time_window(off()).target(target(QUEUE, "new").build().unwrap()).send().await.unwrap();
    cloud.seconds(10);
    create("marker", "2026-11-21T10:00:10", "marker").await.unwrap();
    assert_eq!(next(&cloud, "plan").await.body, "marker");
    cloud.seconds(10);
    assert_eq!(next(&cloud, "plan").await.body, "new");
    // What is done stays until it is deleted, and does not fire again when something else of it is changed.
    let update = scheduler.update_schedule().name("kept").schedule_expression("at(2026-11-21T10:00:20)");
    update.flexible_time_window(off()).target(target(QUEUE, "newer").build().unwrap()).send().await.unwrap();
    let gone = scheduler.delete_schedule().name("dropped").send().await.unwrap_err().into_service_error();
    assert!(gone.is_resource_not_found_exception());
    assert!(cloud.scheduler.get("default", "kept").await.unwrap().next_at.is_none());
}

#[tokio::test]
async fn groups_lists_and_refusals() {
    let (_cloud, scheduler) = cloud().await;
    scheduler.create_schedule_group().name("g").send().await.unwrap();
    let taken = scheduler.create_schedule_group().name("g").send().await.unwrap_err();
    assert!(taken.into_service_error().is_conflict_exception());
    assert_eq!(scheduler.get_schedule_group().name("g").send().await.unwrap().name(), Some("g"));
    assert_eq!(scheduler.list_schedule_groups().send().await.unwrap().schedule_groups().len(), 2);
    let create = |group: &str, name: &str, expression: &str| {
        let request = scheduler.create_schedule().group_name(group).name(name).schedule_expression(expression);
        request.flexible_time_window(off()).target(target(QUEUE, "x").build().unwrap())
    };
    for name in ["a1", "a2", "b1"] {
        create("g", name, "rate(1 day)").state(ScheduleState::Disabled).send().await.unwrap();
    }
    let list = || scheduler.list_schedules().group_name("g");
    let page = list().max_results(2).send().await.unwrap();
    let rest = list().max_results(2).next_token(page.next_token().unwrap()).send().await.unwrap();
    assert_eq!((page.schedules().len(), rest.schedules()[0].name(), rest.next_token()), (2, Some("b1"), None));
    assert_eq!(list().name_prefix("a").send().await.unwrap().schedules().len(), 2);
    assert_eq!(list().state(ScheduleState::Enabled).send().await.unwrap().schedules().len(), 0);
    let error = create("missing", "a", "rate(1 day)").send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
    for expression in ["at(tomorrow)", "cron(* * * * * *)", "rate(1 second)"] {
        let error = create("g", "c", expression).send().await.unwrap_err().into_service_error();
        assert!(error.is_validation_exception(), "{expression}");
    }
    let error = create("g", "c", "rate(1 day)").schedule_expression_timezone("Mars/Olympus").send().await;
    assert!(error.unwrap_err().into_service_error().is_validation_exception());
    scheduler.delete_schedule_group().name("g").send().await.unwrap();
    assert_eq!(list().send().await.unwrap_err().code(), Some("ResourceNotFoundException"));
}

#[tokio::test]
async fn a_schedule_whose_target_is_gone_goes_to_its_dead_letter_queue() {
    let (cloud, scheduler) = cloud().await;
    for (name, arn) in [
        ("queue", "arn:aws:sqs:us-east-1:000000000000:gone"),
        ("function", "arn:aws:lambda:us-east-1:000000000000:function:gone"),
    ] {
        let target = target(arn, "content").dead_letter_config(DeadLetterConfig::builder().arn(DEAD).build());
        let request = scheduler.create_schedule().name(name).schedule_expression("at(2026-11-21T10:00:00)");
        request.flexible_time_window(off()).target(target.build().unwrap()).send().await.unwrap();
        let dead = next(&cloud, "dead").await;
        assert_eq!(dead.body, "content");
        assert_eq!(dead.attributes["TARGET_ARN"].string_value.as_deref(), Some(arn));
        assert!(dead.attributes["SCHEDULE_ARN"].string_value.as_deref().unwrap().ends_with(name));
        assert!(dead.attributes.contains_key("ERROR_CODE"));
    }
}

#[tokio::test]
async fn what_was_missed_fires_at_start_unless_it_is_too_old() {
    let folder = tempfile::tempdir().unwrap();
    let clock = store::Clock::manual("2026-11-21T10:00:00Z".parse().unwrap());
    let cloud = Cloud::open(Some(folder.path()), clock).await;
    cloud.queue("plan", &[]).await;
    cloud.queue("dead", &[]).await;
    let scheduler = Client::new(&cloud.sdk);
    for (name, age) in [("fresh", 3600), ("stale", 60)] {
        let retry = RetryPolicy::builder().maximum_event_age_in_seconds(age).build();
        let dead = DeadLetterConfig::builder().arn(DEAD).build();
        let target = target(QUEUE, name).retry_policy(retry).dead_letter_config(dead).build().unwrap();
        let request = scheduler.create_schedule().name(name).schedule_expression("at(2026-11-21T10:01:00)");
        request.flexible_time_window(off()).target(target).send().await.unwrap();
    }
    let clock = cloud.close().await;
    clock.advance(std::time::Duration::from_mins(10));
    let cloud = Cloud::open(Some(folder.path()), clock).await;
    assert_eq!(next(&cloud, "plan").await.body, "fresh");
    let dead = next(&cloud, "dead").await;
    assert_eq!(dead.body, "stale");
    let reason = dead.attributes["EXHAUSTED_RETRY_CONDITION"].string_value.as_deref();
    assert_eq!(reason, Some("MaximumEventAgeInSeconds"));
    assert_eq!(cloud.sqs.depth("plan").await.unwrap().visible, 0);
    cloud.close().await;
}

#[tokio::test]
async fn a_rate_calls_its_function_at_once_and_then_again_and_again() {
    let (cloud, _) = cloud().await;
    let (called, mut calls) = tokio::sync::mpsc::unbounded_channel();
    cloud.functions.add("sweep", move |event| {
        called.send(event).unwrap();
        async { Ok(Value::Null) }
    });
    let arn = cloud.scheduler.function_arn("sweep");
    let definition =
        || Definition::new("rate(1 minute)", &arn, Some(r#"{"at":"<aws.scheduler.scheduled-time>"}"#.to_owned()));
    cloud.scheduler.ensure("sweep", definition()).await.unwrap();
    assert_eq!(calls.recv().await.unwrap(), json!({ "at": "2026-11-21T10:00:00Z" }));
    cloud.scheduler.ensure("sweep", definition()).await.unwrap();
    cloud.seconds(60);
    assert_eq!(calls.recv().await.unwrap(), json!({ "at": "2026-11-21T10:01:00Z" }));
    // Three were missed: one call makes up for them, and the beat stays.
    cloud.seconds(185);
    assert_eq!(calls.recv().await.unwrap(), json!({ "at": "2026-11-21T10:02:00Z" }));
    cloud.seconds(55);
    assert_eq!(calls.recv().await.unwrap(), json!({ "at": "2026-11-21T10:05:00Z" }));
}

#[tokio::test]
async fn a_cron_fires_at_the_same_local_time_when_the_clocks_change() {
    let cloud = Cloud::open(None, store::Clock::manual("2026-03-28T07:00:00Z".parse().unwrap())).await;
    let (called, mut calls) = tokio::sync::mpsc::unbounded_channel();
    cloud.functions.add("report", move |event| {
        called.send(event).unwrap();
        async { Ok(Value::Null) }
    });
    let arn = cloud.scheduler.function_arn("report");
    let request = Client::new(&cloud.sdk)
        .create_schedule()
        .name("mornings")
        .schedule_expression("cron(30 8 * * ? *)")
        .schedule_expression_timezone("Europe/Berlin")
        .flexible_time_window(off());
    let target = target(&arn, r#"{"at":"<aws.scheduler.scheduled-time>"}"#).build().unwrap();
    request.target(target).send().await.unwrap();
    // Half past eight in winter, and the next day in summer: 23 hours later.
    for (before, at) in [(29 * 60 + 59, "2026-03-28T07:30:00Z"), (23 * 3600 - 1, "2026-03-29T06:30:00Z")] {
        cloud.seconds(before);
        cloud.scheduler.at_rest().await;
        assert!(calls.try_recv().is_err(), "a second too early for {at}");
        cloud.seconds(1);
        assert_eq!(calls.recv().await.unwrap(), json!({ "at": at }));
    }
}

#[tokio::test]
async fn a_failed_call_is_made_again_twice() {
    let (cloud, _) = cloud().await;
    let (called, mut calls) = tokio::sync::mpsc::unbounded_channel();
    let results = Arc::new(Mutex::new(vec![Ok(Value::Null), Err("twice".to_owned()), Err("once".to_owned())]));
    cloud.functions.add("f", move |event| {
        called.send(event).unwrap();
        std::future::ready(results.lock().unwrap().pop().unwrap())
    });
    let definition =
        Definition::new("at(2026-11-21T10:00:00)", cloud.scheduler.function_arn("f"), Some("1".to_owned()));
    cloud.scheduler.ensure("f", definition).await.unwrap();
    for wait in [60, 120, 0] {
        assert_eq!(calls.recv().await.unwrap(), json!(1));
        cloud.seconds(wait);
    }
}
