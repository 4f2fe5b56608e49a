//! A kill before and after one request of each step, one message for each.

use std::{sync::Arc, time::Duration};

use http::Method;
use serde_json::{Value, json};

use crate::faults::{
    check::{Tally, check},
    plan::{Kill, Side},
    steps::Step,
    world::World,
};

/// How many seconds a step may take to come.
const PATIENCE: u64 = 60;

/// Meets each of `steps` in turn, and gives what was counted afterwards.
pub async fn run(world: Arc<World>, steps: &[(Step, Side)]) -> Tally {
    world.control.arm(true);
    for (number, (step, side)) in steps.iter().enumerate() {
        world.control.note(format!("{side:?} {step:?}"));
        match step {
            Step::ScheduleCreate => scheduled(&world, number, *side).await,
            Step::QueueDelete if *side == Side::Before => not_deleted(&world, number).await,
            Step::QueueDelete => deleted(&world, number).await,
            _ => {
                meets(&world, number, None, Kill::At { step: *step, side: *side, nth: 1 }).await;
            }
        }
    }
    world.come_to_rest().await;
    check(&world).await
}

/// Sends a message to the group, or to some of it, while a kill waits for its step.
async fn meets(world: &Arc<World>, number: usize, some: Option<usize>, kill: Kill) -> String {
    let killing = tokio::spawn({
        let world = world.clone();
        async move { world.kill_at(kill, PATIENCE).await }
    });
    while !world.control.waits() && !killing.is_finished() {
        tokio::task::yield_now().await;
    }
    let id = world.send(number, some, None).await;
    assert!(killing.await.unwrap(), "{kill:?} is met");
    world.settle(std::slice::from_ref(&id)).await;
    id
}

/// Killed where the schedule is made. Then every schedule there is fires an hour too early, twice, and after the end.
async fn scheduled(world: &Arc<World>, number: usize, side: Side) {
    let kill = Kill::At { step: Step::ScheduleCreate, side, nth: 1 };
    let killing = tokio::spawn({
        let world = world.clone();
        async move { world.kill_at(kill, PATIENCE).await }
    });
    while !world.control.waits() && !killing.is_finished() {
        tokio::task::yield_now().await;
    }
    let hour = Duration::from_hours(1);
    let id = world.send(number, None, Some(world.control.clock.now() + hour)).await;
    assert!(killing.await.unwrap(), "{kill:?} is met");
    let taken = world.provider.taken();
    let jobs = jobs(world).await;
    // After a kill between schedule and message there is one whose message never was.
    assert_eq!(jobs.len(), if side == Side::Before { 1 } else { 2 }, "{jobs:?}");
    fire(world, &jobs).await;
    assert_eq!(world.provider.taken(), taken, "nothing leaves before its hour");
    let soon = json!({ "scheduledAt": (world.control.clock.now() + Duration::from_secs(2)).to_string() });
    world.insist(Method::PUT, &format!("/api/messages/{id}"), "sooner", &soon).await.expect(200);
    world.settle(std::slice::from_ref(&id)).await;
    fire(world, &jobs).await;
    for job in jobs {
        let name = job["message"].as_str().expect("an id");
        world.endpoint.schedules(Method::DELETE, &format!("/schedules/{name}?groupName=dundun"), &Value::Null).await;
    }
}

/// What the schedules of messages put on the queue when they fire.
async fn jobs(world: &World) -> Vec<Value> {
    let list = world.endpoint.schedules(Method::GET, "/schedules?ScheduleGroup=dundun", &Value::Null).await;
    let mut jobs = Vec::new();
    for schedule in list["Schedules"].as_array().expect("a list") {
        let name = schedule["Name"].as_str().expect("a name");
        if name.starts_with("msg_") {
            let path = format!("/schedules/{name}?groupName=dundun");
            let whole = world.endpoint.schedules(Method::GET, &path, &Value::Null).await;
            jobs.push(serde_json::from_str(whole["Target"]["Input"].as_str().expect("an input")).expect("a job"));
        }
    }
    jobs
}

/// Fires them, each twice, and waits until the queue is through with them.
async fn fire(world: &World, jobs: &[Value]) {
    for job in jobs.iter().chain(jobs) {
        world.endpoint.enqueue("plan", job).await;
    }
    tests::eventually("the queue is through with them", 30, || async {
        (world.endpoint.depths().await["plan"] == 0).then_some(())
    })
    .await;
}

/// Killed when a chunk is settled and its job is still on the queue: the job comes again.
async fn not_deleted(world: &Arc<World>, number: usize) {
    meets(world, number, None, Kill::At { step: Step::SettleWrite, side: Side::Answered, nth: 1 }).await;
    // The process may have been quick enough to delete it.
    world.endpoint.enqueue("send", &world.control.last_job()).await;
}

/// Killed as soon as the job of a message with one chunk has left the queue.
async fn deleted(world: &Arc<World>, number: usize) {
    let id = world.send(number, Some(30), None).await;
    world.settle(std::slice::from_ref(&id)).await;
    tests::eventually("the job has left the queue", 30, || async {
        (world.endpoint.depths().await["send"] == 0).then_some(())
    })
    .await;
    world.kill_at(Kill::After { milliseconds: 0 }, 0).await;
}
