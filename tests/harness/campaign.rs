//! A campaign under the meter: so many contacts of a group get one text each, one per provider call, and each is
//! reported on once, in a call of its own.

use std::time::Duration;

use futures::{StreamExt, stream};
use local::meter::Reading;
use serde_json::{Value, json};

use crate::{World, eventually};

/// A text of one segment, 160 characters.
const TEXT: &str = "Dear customer, our shop at the market opens at nine on Saturday with new cloth, shoes and bags at last \
                    year's prices. Come early and bring this text along, Ama.";

/// How many receipts come at the same time.
const AT_ONCE: usize = 16;

/// How a campaign is run.
#[derive(Debug, Clone, Copy)]
pub struct Campaign {
    /// How many get a text.
    pub recipients: usize,
    /// How long the provider takes for one, as a number of milliseconds.
    pub provider_ms: u64,
    /// Whether AWS's services take as long as AWS's do.
    pub slow: bool,
}

/// What a campaign used.
#[derive(Debug, Clone)]
pub struct Bill {
    /// From the request that asked for it until the message was closed.
    pub sent: Reading,
    /// For the receipts, until the last fold.
    pub reported: Reading,
}

impl Campaign {
    /// Runs it in an organization of its own, whose contacts are there already when the meter starts.
    pub async fn run(self, world: &World) -> Bill {
        assert_eq!(TEXT.chars().count(), 160);
        let (api, config) = world.organization(&format!("campaign-{}", self.recipients)).await;
        let before = world.provider.accepted().len();
        let group = api.post("/api/groups", json!({ "name": "All" })).await.expect(201);
        let numbers: Vec<Value> = (0..self.recipients)
            .map(|number| json!({ "phone": format!("+2547{number:08}"), "name": format!("Customer {number}") }))
            .collect();
        for page in numbers.chunks(1_000) {
            let body = json!({ "contacts": page, "groupId": group["id"] });
            api.post("/api/contacts/bulk", body).await.expect(201);
        }
        all_done(world, 60).await;
        world.provider.slow(Duration::from_millis(self.provider_ms));

        world.host.meter.start(self.slow);
        let body = json!({ "body": TEXT, "recipientType": "GROUP", "recipientId": group["id"] });
        let message = api.post("/api/messages", body).await.expect(202);
        let seconds = 60 + self.recipients as u64 / 50;
        eventually("everyone is sent to", seconds, || async {
            (world.provider.accepted().len() >= before + self.recipients).then_some(())
        })
        .await;
        all_done(world, 60).await;
        let sent = world.host.meter.reading();

        world.host.meter.start(self.slow);
        let webhook = config["webhookUrl"].as_str().expect("a URL");
        let http = reqwest::Client::builder().no_proxy().build().expect("a plain client");
        stream::iter(world.provider.accepted().into_iter().skip(before))
            .for_each_concurrent(AT_ONCE, |text| {
                let report = json!({ "ref": text.message_id, "id": text.id, "status": "DELIVRD" });
                let call = http.post(webhook).json(&report).send();
                async move {
                    assert_eq!(call.await.expect("the webhook answers").status().as_u16(), 200);
                }
            })
            .await;
        all_done(world, 600).await;
        let reported = world.host.meter.reading();
        world.host.meter.stop();

        let path = format!("/api/messages/{}", message["id"].as_str().expect("an id"));
        let message = api.get(&path).await.expect(200);
        assert_eq!(message["status"], "SENT", "{message}");
        assert_eq!(message["counts"]["delivered"], self.recipients as u64, "{message}");
        Bill { sent, reported }
    }
}

/// Waits until no queue holds anything, delayed messages included.
async fn all_done(world: &World, seconds: u64) {
    eventually("the queues are empty", seconds, || async {
        for queue in engine::Queue::ALL {
            let depth = world.host.sqs.depth(&format!("dundun-{}", queue.name())).await.ok()?;
            if depth.visible + depth.in_flight + depth.delayed > 0 {
                return None;
            }
        }
        Some(())
    })
    .await;
}
