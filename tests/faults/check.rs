//! The check after a run, from outside: what the provider took against what the API says, and against who was to get it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use http::Method;
use serde_json::Value;

use crate::faults::{
    control::WINDOW,
    provider::Copy,
    recount::{self, Table},
    world::{Sent, World},
};

/// How long after the answer to a cancel a claim may still begin, in milliseconds.
const GRACE: i64 = 2_000;

/// The figures of one or more runs.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// How often a process was killed.
    pub kills: u64,
    /// How many messages were sent.
    pub messages: u64,
    /// How many copies they had.
    pub copies: u64,
    /// Copies that the provider took.
    pub taken: u64,
    /// Copies whose state says nothing true: called sent and not taken, or never settled, or missing.
    pub lost: u64,
    /// How often a copy was taken beyond once.
    pub doubled: u64,
    /// `UNKNOWN` because a claim was left open.
    pub unknown: u64,
    /// The most of these that there may be: claims left open × window.
    pub bound: u64,
    /// `UNKNOWN` because of what the provider answered, or did not.
    pub open: u64,
    /// Everything that must not be, in words.
    pub broken: Vec<String>,
}

impl Tally {
    /// Adds the figures of another run.
    pub fn add(&mut self, other: Self) {
        self.kills += other.kills;
        self.messages += other.messages;
        self.copies += other.copies;
        self.taken += other.taken;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.unknown += other.unknown;
        self.bound += other.bound;
        self.open += other.open;
        self.broken.extend(other.broken);
    }

    /// Notes that something is not as it must be.
    pub fn must(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.broken.push(what());
        }
    }
}

/// Checks a world that has come to rest.
pub async fn check(world: &World) -> Tally {
    let mut tally = Tally { kills: world.control.life() - 1, ..Tally::default() };
    let table = Table::read(&world.endpoint).await;
    let copies = world.provider.copies();
    let sent = world.sent.lock().unwrap().clone();
    let mut seen = BTreeSet::new();
    let mut by_status: BTreeMap<String, u64> = BTreeMap::new();
    for message in &sent {
        tally.messages += 1;
        let status = check_message(world, message, &copies, &table, &mut seen, &mut tally).await;
        *by_status.entry(status).or_default() += 1;
    }
    for (id, copy) in &copies {
        tally.doubled += u64::from(copy.taken.saturating_sub(1));
        tally.must(copy.taken <= 1, || format!("{id} was taken {} times", copy.taken));
        tally.must(seen.contains(id), || format!("{id} was handed to the provider and is in no message"));
    }
    {
        let claims = world.control.claims.lock().unwrap();
        tally.bound = (claims.killed + claims.abandoned) * WINDOW;
        for message in &sent {
            let (Some(cancelled), Some(last)) = (message.cancelled, claims.last.get(&message.id)) else { continue };
            let after = last.duration_since(cancelled).as_millis() as i64;
            tally.must(after <= GRACE, || format!("{} was claimed {after} ms after its cancel", message.id));
        }
    }
    let (unknown, bound) = (tally.unknown, tally.bound);
    tally.must(unknown <= bound, || format!("{unknown} are unknown, at most {bound} may be"));
    // What the API says of the whole.
    for (status, count) in &by_status {
        let list = get(world, &format!("/api/messages?status={status}&limit=1")).await;
        tally.must(list["total"] == *count, || format!("{status}: {count} messages, the list says {}", list["total"]));
    }
    let stats = get(world, "/api/dashboard/stats").await;
    recount::check(&table, &sent, &stats, &mut tally);
    for (queue, depth) in world.endpoint.depths().await {
        // Only a job that met five kills, or as many failures, may be taken for poison; the sweep replaces it.
        let often = world.control.plan.aws || world.control.plan.kills >= 5;
        let empty = depth == 0 || (often && queue.ends_with("dlq"));
        tally.must(empty, || format!("the queue {queue} holds {depth} messages"));
    }
    tally
}

async fn get(world: &World, path: &str) -> Value {
    world.insist(Method::GET, path, "", &Value::Null).await.expect(200)
}

/// Checks one message; gives its status.
async fn check_message(
    world: &World,
    message: &Sent,
    copies: &HashMap<String, Copy>,
    table: &Table,
    seen: &mut BTreeSet<String>,
    tally: &mut Tally,
) -> String {
    let id = &message.id;
    let shown = get(world, &format!("/api/messages/{id}")).await;
    let status = shown["status"].as_str().unwrap_or_default().to_owned();
    let rows = rows(world, id).await;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut reached = BTreeSet::new();
    for row in &rows {
        let text = |name: &str| row[name].as_str().unwrap_or_default();
        let (delivery, state, to) = (text("id").to_owned(), text("status"), text("recipient"));
        *counts.entry(state.to_lowercase()).or_default() += 1;
        let copy = copies.get(&delivery).cloned().unwrap_or_default();
        tally.copies += 1;
        tally.taken += u64::from(copy.taken > 0);
        tally.must(reached.insert(to.to_owned()), || format!("{id} has a recipient twice"));
        tally.must(message.audience.contains(to), || format!("{delivery} is to nobody in the audience"));
        let truly = match state {
            // Only what was taken is sent; what was taken and failed has no place in these worlds.
            "SENT" | "DELIVERED" | "READ" => copy.taken > 0,
            "FAILED" | "CANCELLED" => copy.taken == 0,
            "UNKNOWN" => true,
            _ => false,
        };
        tally.lost += u64::from(!truly);
        tally.must(truly, || format!("{delivery} is {state}, and was taken {} times", copy.taken));
        if state == "UNKNOWN" {
            // Where the provider's answer left it open, the row says so; else a claim was left open.
            let told = table.deliveries.get(&delivery).is_some_and(|row| row.text("state") == "UNKNOWN");
            *(if told { &mut tally.open } else { &mut tally.unknown }) += 1;
        }
        if let Some(word) = copy.acknowledged {
            let known = match word {
                "ENROUTE" => ["SENT", "DELIVERED", "READ"].contains(&state),
                "DELIVRD" => ["DELIVERED", "READ"].contains(&state),
                _ => state == "READ",
            };
            tally.must(known, || format!("{delivery} was reported as {word} and is {state}"));
        }
        if let ("SENT", Some(named)) = (state, row["providerMessageId"].as_str()) {
            tally.must(named == copy.id, || format!("{delivery} is {named}, for the provider {}", copy.id));
        }
        seen.insert(delivery);
    }
    // One that was cancelled before it was planned has no recipients to show.
    let unplanned = status == "CANCELLED" && rows.is_empty();
    let missing = if unplanned { 0 } else { message.audience.len().saturating_sub(reached.len()) };
    let partly = status == "CANCELLED" && missing > 0;
    if !partly {
        tally.lost += missing as u64;
        tally.must(missing == 0, || format!("{id}: {missing} of the audience are in no chunk"));
    }
    if !unplanned {
        let all = &shown["counts"];
        for name in ["pending", "sent", "delivered", "read", "failed", "skipped", "unknown", "cancelled"] {
            let counted = counts.get(name).copied().unwrap_or(0);
            tally.must(all[name] == counted, || format!("{id}: {counted} are {name}, the message says {}", all[name]));
        }
        tally.must(all["total"] == rows.len(), || format!("{id}: {} recipients, the message says {all}", rows.len()));
    }
    let ended = matches!(status.as_str(), "SENT" | "FAILED" | "CANCELLED") || shown["pauseReason"] == "REVIEW";
    tally.must(ended, || format!("{id} is {status}"));
    status
}

/// All recipients of a message.
async fn rows(world: &World, id: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut page = get(world, &format!("/api/messages/{id}/recipients?limit=100{cursor}")).await;
        rows.append(page["data"].as_array_mut().expect("rows"));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}
