//! The bill: a fixed campaign stays within the recorded budget of billed units (shared/engine/cost/budget.json), and the
//! estimate tells what the platform costs.

use serde_json::json;
use tests::{Campaign, World};

const RECIPIENTS: usize = 500;

/// Durations and logs depend on the machine; everything else is counted, and counts are what they are.
const TIMED: [&str; 2] = ["gigabyteSeconds", "logBytes"];

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_stays_within_the_recorded_budget() {
    let world = World::start().await;
    let bill = Campaign { recipients: RECIPIENTS, provider_ms: 0, slow: false }.run(&world).await;
    world.end().await;
    let budget = engine::cost::budget().expect("the budget is read");
    let sending = budget.message + budget.recipient * RECIPIENTS as f64;
    let reporting = budget.message + budget.receipt * RECIPIENTS as f64;
    for (reading, allowed) in [(&bill.sent, sending), (&bill.reported, reporting)] {
        for ((name, used), (_, allowed)) in reading.usage().parts().into_iter().zip(allowed.parts()) {
            assert!(
                TIMED.contains(&name) || used <= allowed,
                "{name}: {used} were billed, the budget allows {allowed}. What was used: {reading:#?}"
            );
        }
    }
    // A budget that is far from what is used holds nothing.
    let used = bill.sent.usage().write_units + bill.reported.usage().write_units;
    assert!(used >= 0.9 * (budget.recipient + budget.receipt).write_units * RECIPIENTS as f64, "{used} write units");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_estimate_tells_what_the_platform_costs() {
    let world = World::start().await;
    let (api, _) = world.organization("platform").await;
    let estimate = |numbers: Vec<String>| {
        let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": numbers });
        let api = api.clone();
        async move {
            let answer = api.post("/api/messages/estimate", body).await.expect(200);
            assert_eq!(answer["platformCost"]["currency"], "USD", "{answer}");
            answer["platformCost"]["amount"].as_str().and_then(|text| text.parse::<f64>().ok()).expect("an amount")
        }
    };
    let numbers = |count: usize| (0..count).map(|number| format!("+2547000{number:05}")).collect::<Vec<_>>();
    let (one, many) = (estimate(numbers(1)).await, estimate(numbers(101)).await);
    let budget = engine::cost::budget().expect("the budget is read");
    let prices = engine::cost::prices().expect("the prices are read");
    let each = (budget.recipient + budget.receipt).dollars(&prices);
    assert!(one > 0.0 && (many - one - 100.0 * each).abs() < 2e-6, "{one} and {many}");
    world.end().await;
}
