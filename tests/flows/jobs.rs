//! What lies on the queues: chunks are the unit, and a job that comes twice, early, late, after a cancel or before its
//! row does no harm.

use domain::{
    id::{MessageId, OrgId},
    message::MessageStatus,
};
use engine::{
    Queue,
    jobs::{FinishJob, PlanJob, SendJob},
};
use serde_json::{Value, json};
use store::{
    ledger,
    messages::{self, Message},
};
use tests::{Api, World};

const START: &str = "2026-03-02T08:00:00Z";

fn phones(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("+2547000{number:05}")).collect()
}

async fn organization_of(api: &Api) -> OrgId {
    let me = api.get("/api/auth/me").await.expect(200);
    me["organization"]["id"].as_str().expect("an id").parse().expect("an id")
}

fn id_of(message: &Value) -> MessageId {
    message["id"].as_str().expect("an id").parse().expect("an id")
}

/// How many jobs were sent to a queue so far.
fn jobs(world: &World, queue: Queue) -> u64 {
    world.host.sqs.sent(&format!("dundun-{}", queue.name())).expect("the queue is there")
}

/// How many messages have a schedule.
async fn schedules(world: &World) -> usize {
    let all = world.host.scheduler.list(Some("dundun".into()), String::new(), Default::default(), 100).await;
    all.expect("the group is there").len()
}

/// Every job that there can be for a message of few chunks, `times` over.
async fn flood(world: &World, org: OrgId, message: MessageId, times: usize) {
    let queues = &world.host.app.queues;
    for _ in 0..times {
        queues.send(Queue::Plan, org, &PlanJob { org, message }, 0).await.expect("sent");
        for (chunk, round) in [(0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (1, 1), (2, 1), (3, 1), (99, 0)] {
            let job = SendJob::new(org, message, chunk, round);
            queues.send(Queue::Send, org, &job, 0).await.expect("sent");
        }
        queues.send(Queue::Finish, org, &FinishJob { org, message, idle: 0 }, 0).await.expect("sent");
    }
}

fn assert_everyone_once(world: &World, recipients: usize) {
    let numbers = world.provider.by_number();
    assert_eq!(numbers.len(), recipients, "everyone is reached");
    assert_eq!(world.provider.requests(), recipients, "nobody is handed over twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_are_the_unit_of_queue_and_claim_and_a_message_has_one_schedule() {
    const CHUNKS: u32 = 10;
    let mut world = World::at(START).await;
    let (api, _) = world.organization("units").await;
    let group = api.group_of("All", &phones(1_000)).await;
    let body =
        json!({ "body": "Hi.", "recipientType": "GROUP", "recipientId": group, "scheduledAt": "2026-03-02T09:00:00Z" });
    let message = api.post("/api/messages", body).await.expect(202);
    let path = format!("/api/messages/{}", id_of(&message));
    assert_eq!(schedules(&world).await, 1);
    api.put(&path, json!({ "scheduledAt": "2026-03-02T10:00:00Z" })).await.expect(200);
    assert_eq!(schedules(&world).await, 1, "a new hour is the same schedule");
    assert_eq!(jobs(&world, Queue::Plan) + jobs(&world, Queue::Send) + jobs(&world, Queue::Finish), 0);

    let org = organization_of(&api).await;
    world.pass(7_200).await;
    let api = api.sign_in("units").await;
    let sent = world.settled(&api, &id_of(&message).to_string()).await;
    assert_eq!(sent["counts"]["sent"], 1_000, "{sent}");
    assert_everyone_once(&world, 1_000);
    assert_eq!(schedules(&world).await, 0, "it is gone once it has fired");
    assert_eq!(jobs(&world, Queue::Plan), 0, "the schedule's own job plans all of them");
    assert_eq!(jobs(&world, Queue::Send), u64::from(CHUNKS), "one job a chunk");
    assert!(jobs(&world, Queue::Finish) < u64::from(CHUNKS), "{}", jobs(&world, Queue::Finish));
    let boards = ledger::boards(&world.host.app.table, org, id_of(&message), None).await.expect("boards");
    assert_eq!(boards.len(), CHUNKS as usize);
    assert!(boards.iter().all(|board| board.round == 1 && board.lease_owner.is_none()), "one claim a chunk");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunk_waits_for_the_rate_as_one() {
    let mut world = World::at(START).await;
    let (api, config) = world.organization("rate").await;
    // Fifty recipients are ten seconds.
    let provider = format!("/api/providers/{}", config["id"].as_str().expect("an id"));
    api.put(&provider, json!({ "ratePerMinute": 300 })).await.expect(200);
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": phones(200) });
    let message = api.post("/api/messages", body).await.expect(202);
    for sent in [50, 100, 150, 200] {
        world.idle().await;
        assert_eq!(world.provider.accepted().len(), sent);
        world.pass(10).await;
    }
    assert_eq!(jobs(&world, Queue::Send), 4 + 3, "all chunks but the first waited once");
    assert_eq!(world.settled(&api, &id_of(&message).to_string()).await["counts"]["sent"], 200);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_a_message_that_is_not_there_are_dropped() {
    let mut world = World::at(START).await;
    let (api, _) = world.organization("nothing").await;
    let org = organization_of(&api).await;
    flood(&world, org, MessageId::generate(world.clock.now(), 1), 2).await;
    world.pass(5).await;
    assert_eq!(world.provider.requests(), 0);
    assert_eq!(api.get("/api/messages").await.expect(200)["total"], 0);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_come_twice_or_late_send_nothing_twice() {
    let mut world = World::at(START).await;
    let (api, _) = world.organization("twice").await;
    let org = organization_of(&api).await;
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": phones(190) });
    let message = api.post("/api/messages", body).await.expect(202);
    let id = id_of(&message);
    flood(&world, org, id, 3).await;
    let sent = world.settled(&api, &id.to_string()).await;
    assert_eq!((&sent["status"], &sent["counts"]["sent"]), (&json!("SENT"), &json!(190)), "{sent}");
    assert_everyone_once(&world, 190);

    let figures = |stats: Value| (stats["totalSent"].clone(), stats["totalPending"].clone());
    let before = figures(api.get("/api/dashboard/stats").await.expect(200));
    assert_eq!(before, (json!(190), json!(0)));
    flood(&world, org, id, 3).await;
    world.pass(60).await;
    assert_everyone_once(&world, 190);
    let after = api.get(&format!("/api/messages/{id}")).await.expect(200);
    for field in ["status", "counts", "sentAt", "recipientCount"] {
        assert_eq!(after[field], sent[field], "{field}");
    }
    assert_eq!(figures(api.get("/api/dashboard/stats").await.expect(200)), before);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fold_of_a_message_that_was_read_before_it_began_loses_no_day_total() {
    let mut world = World::at(START).await;
    let (api, _) = world.organization("unbegun").await;
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": phones(60) });
    let id = id_of(&api.post("/api/messages", body).await.expect(202));
    // All are sent, and the first fold comes in a second.
    world.idle().await;
    let message = messages::get(&world.host.app.table, organization_of(&api).await, id).await.expect("a message");
    let unbegun = Message { status: MessageStatus::Pending, started_at: None, day: None, ..message };
    engine::finish::fold(&world.host.app, unbegun).await.expect("nothing to fold");
    assert_eq!(world.settled(&api, &id.to_string()).await["counts"]["sent"], 60);
    assert_eq!(api.get("/api/dashboard/stats").await.expect(200)["totalSent"], 60);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_before_the_hour_puts_the_schedule_right_and_sends_nothing() {
    let mut world = World::at(START).await;
    let (api, _) = world.organization("early").await;
    let org = organization_of(&api).await;
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": phones(60), "scheduledAt": "2026-03-02T10:00:00Z" });
    let message = api.post("/api/messages", body).await.expect(202);
    let id = id_of(&message);
    // Lost, as by a hand on the wrong key.
    world.host.scheduler.delete("dundun", &id.to_string()).await.expect("it is there");
    flood(&world, org, id, 2).await;
    world.pass(5).await;
    assert_eq!(world.provider.requests(), 0, "nothing leaves before its hour");
    assert_eq!(schedules(&world).await, 1, "the schedule is back");
    world.pass(7_200).await;
    // The schedule has fired; here its job comes again.
    flood(&world, org, id, 2).await;
    let api = api.sign_in("early").await;
    assert_eq!(world.settled(&api, &id.to_string()).await["counts"]["sent"], 60);
    assert_everyone_once(&world, 60);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_after_a_cancel_or_a_pause_are_dropped() {
    let mut world = World::at(START).await;
    let (api, config) = world.organization("after").await;
    let org = organization_of(&api).await;
    let provider = format!("/api/providers/{}", config["id"].as_str().expect("an id"));
    api.put(&provider, json!({ "ratePerMinute": 300 })).await.expect(200);

    let later = json!({ "body": "Later.", "recipientType": "ADDRESS", "recipients": phones(60), "scheduledAt": "2026-03-02T08:10:00Z" });
    let later = id_of(&api.post("/api/messages", later).await.expect(202));
    api.delete(&format!("/api/messages/{later}")).await.expect(200);
    flood(&world, org, later, 2).await;
    world.pass(5).await;
    assert_eq!(world.provider.requests(), 0);

    // The rate lets one chunk of four out; the others wait.
    let now = json!({ "body": "Now.", "recipientType": "ADDRESS", "recipients": phones(200) });
    let cancelled = id_of(&api.post("/api/messages", now.clone()).await.expect(202));
    world.idle().await;
    assert_eq!(world.provider.requests(), 50);
    api.delete(&format!("/api/messages/{cancelled}")).await.expect(200);
    flood(&world, org, cancelled, 2).await;
    let message = world.settled(&api, &cancelled.to_string()).await;
    assert_eq!((&message["counts"]["sent"], &message["counts"]["cancelled"]), (&json!(50), &json!(150)), "{message}");
    // What it had reserved on the rate goes by unused.
    world.pass(60).await;
    assert_eq!(world.provider.requests(), 50);

    let paused = id_of(&api.post("/api/messages", now).await.expect(202));
    world.idle().await;
    assert_eq!(world.provider.requests(), 100);
    api.post(&format!("/api/messages/{paused}/pause"), json!({})).await.expect(200);
    flood(&world, org, paused, 2).await;
    world.pass(30).await;
    assert_eq!(world.provider.requests(), 100, "nothing leaves while it is paused");
    api.post(&format!("/api/messages/{paused}/resume"), json!({})).await.expect(200);
    assert_eq!(world.settled(&api, &paused.to_string()).await["counts"]["sent"], 200);
    assert_eq!(world.provider.requests(), 250, "the rest leaves once");
    world.end().await;
}
