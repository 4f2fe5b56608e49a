//! The check after a run, from inside: the table counted anew, item by item.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::board::{Board, Counts, State};
use serde_json::Value;

use crate::faults::{
    check::Tally,
    endpoint::{Endpoint, Item},
    world::Sent,
};

/// Everything in the table that the check needs.
#[derive(Default)]
pub struct Table {
    messages: HashMap<String, Item>,
    /// (message, chunk).
    boards: BTreeMap<(String, u32), Item>,
    plans: BTreeMap<(String, u32), Item>,
    /// Pages of receipts, by their chunk.
    receipts: BTreeMap<(String, u32), Vec<Item>>,
    /// By delivery id.
    pub deliveries: HashMap<String, Item>,
    days: Vec<Item>,
    /// Name → sum over the shards.
    counters: HashMap<String, i64>,
    contacts: i64,
    members: i64,
}

impl Table {
    /// Reads the whole table.
    pub async fn read(endpoint: &Endpoint) -> Self {
        let mut table = Self::default();
        for item in endpoint.scan().await {
            let (pk, sk) = (item.pk().to_owned(), item.sk().to_owned());
            let kind = pk.split('#').nth(2).unwrap_or_default();
            match kind {
                "M" => drop(table.messages.insert(sk, item)),
                "L" => {
                    let message = pk.split('#').nth(3).unwrap_or_default().to_owned();
                    let mut parts = sk.split('#');
                    let (Some(kind), Some(Ok(chunk))) = (parts.next(), parts.next().map(str::parse)) else { continue };
                    match kind {
                        "B" if parts.next().is_some() => table.receipts.entry((message, chunk)).or_default().push(item),
                        "B" => drop(table.boards.insert((message, chunk), item)),
                        "P" => drop(table.plans.insert((message, chunk), item)),
                        _ => {}
                    }
                }
                "D" => drop(table.deliveries.insert(item.text("id").to_owned(), item)),
                "DAY" => table.days.push(item),
                "N" => *table.counters.entry(sk).or_default() += item.number("n"),
                "C" if sk.starts_with("con_") => table.contacts += 1,
                "G" => table.members += 1,
                _ => {}
            }
        }
        table
    }

    fn counter(&self, name: &str) -> i64 {
        self.counters.get(name).copied().unwrap_or(0)
    }
}

/// Checks the invariants of the table, and the dashboard's figures against it.
pub fn check(table: &Table, sent: &[Sent], stats: &Value, tally: &mut Tally) {
    let mut whole = Counts::default();
    let mut by_status: BTreeMap<String, i64> = BTreeMap::new();
    for (id, item) in &table.messages {
        tally.must(sent.iter().any(|sent| sent.id == *id), || format!("{id} was sent by nobody"));
        *by_status.entry(item.text("status").to_owned()).or_default() += 1;
        let fold = check_ledger(table, id, item, tally);
        if !item.text("day").is_empty() {
            whole += fold;
        }
    }
    for sent in sent {
        tally.must(table.messages.contains_key(&sent.id), || format!("{} was accepted and is gone", sent.id));
    }
    for delivery in table.deliveries.keys() {
        let known = delivery.parse().is_ok_and(|id: domain::id::DeliveryId| {
            let (chunk, _) = store::ledger::place(id.ordinal());
            table.boards.contains_key(&(id.message().to_string(), chunk))
        });
        tally.must(known, || format!("{delivery} has a row and no place on a board"));
    }
    // The day totals move by the difference of folds, so they are the sum of the folds.
    for (name, counted) in whole.columns() {
        let total: i64 = table.days.iter().map(|day| day.number(name)).sum();
        tally.must(total == counted as i64, || format!("the days say {total} {name}, the boards {counted}"));
    }
    let shown = |name: &str| stats[name].as_u64().unwrap_or(u64::MAX);
    let figures = [
        ("totalSent", whole.accepted()),
        ("totalDelivered", whole.delivered + whole.read),
        ("totalFailed", whole.failed),
        ("totalPending", whole.pending),
    ];
    for (name, counted) in figures {
        tally.must(shown(name) == counted, || format!("{name} is {}, counted {counted}", shown(name)));
    }
    // Counters against what they count.
    tally.must(table.counter("messages") == table.messages.len() as i64, || "the counter of messages is wrong".into());
    let names: HashSet<&str> = table
        .counters
        .keys()
        .filter_map(|name| name.strip_prefix("messages:"))
        .chain(by_status.keys().map(String::as_str))
        .collect();
    for status in names {
        let (counter, counted) =
            (table.counter(&format!("messages:{status}")), by_status.get(status).copied().unwrap_or(0));
        tally
            .must(counter == counted, || format!("the counter of {status} messages says {counter}, counted {counted}"));
    }
    tally.must(table.counter("contacts") == table.contacts, || "the counter of contacts is wrong".into());
    let members: i64 = table.counters.iter().filter(|(name, _)| name.starts_with("group:")).map(|(_, n)| *n).sum();
    tally.must(members == table.members, || format!("groups count {members} members, counted {}", table.members));
}

/// Checks plans, boards and rows of one message; gives its fold.
fn check_ledger(table: &Table, id: &str, item: &Item, tally: &mut Tally) -> Counts {
    let range = (id.to_owned(), 0)..=(id.to_owned(), u32::MAX);
    let plans = table.plans.range(range.clone()).count();
    let mut fold = Counts::default();
    let mut chunks = 0;
    let mut addresses = HashSet::new();
    for ((_, chunk), board) in table.boards.range(range) {
        tally.must(*chunk == chunks, || format!("{id}: chunk {chunks} is missing"));
        chunks = chunk + 1;
        let mut states = Board::parse(board.text("states")).expect("a board's text");
        for page in table.receipts.get(&(id.to_owned(), *chunk)).into_iter().flatten() {
            reported(&mut states, page);
        }
        fold += states.counts();
        tally.must(board.text("leaseOwner").is_empty(), || format!("{id}/{chunk} is still leased"));
        tally.must(board.number("startedUpTo") == 0, || format!("{id}/{chunk} is still marked"));
        let plan = table.plans.get(&(id.to_owned(), *chunk));
        let recipients: Vec<Value> =
            plan.and_then(|plan| serde_json::from_str(plan.text("recipients")).ok()).unwrap_or_default();
        tally.must(recipients.len() == states.len(), || format!("{id}/{chunk}: plan and board differ in length"));
        for recipient in &recipients {
            let address = recipient["a"].as_str().unwrap_or_default().to_owned();
            tally.must(addresses.insert(address), || format!("{id}/{chunk}: an address is planned twice"));
        }
        for (index, state) in states.iter().enumerate() {
            let delivery = store::ledger::delivery_id(id.parse().expect("a message's id"), *chunk, index).to_string();
            let row = table.deliveries.get(&delivery).map(|row| row.text("state").to_owned());
            let holds = match state {
                // A receipt proves more than a row that a crash prevented.
                State::Sent => matches!(row.as_deref(), Some("SENT")) || has_receipt(*state, row.as_ref()),
                State::Failed => row.as_deref() == Some("FAILED"),
                State::Cancelled => row.as_deref().is_none_or(|row| row == "RETRY"),
                _ => true,
            };
            tally.must(holds, || format!("{delivery} is {state:?} on its board, its row says {row:?}"));
        }
    }
    // A cancel may come between the last plan and its board: nobody plans on, and nobody of that plan is sent to.
    let spare = usize::from(item.text("status") == "CANCELLED");
    let boards = chunks as usize;
    tally.must((boards..=boards + spare).contains(&plans), || format!("{id}: {plans} plans, {chunks} boards"));
    if item.0["planned"]["BOOL"] == true {
        tally.must(item.number("chunks") == i64::from(chunks), || {
            format!("{id}: it says {} chunks", item.number("chunks"))
        });
    }
    let cached =
        |name: &str| item.0["counts"]["M"][name]["N"].as_str().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    for (name, counted) in fold.columns() {
        tally.must(cached(name) == counted, || {
            format!("{id}: the cache says {} {name}, the fold {counted}", cached(name))
        });
    }
    fold
}

/// What a page of receipts says (`12D`: the twelfth was delivered), where nobody is asked for again.
fn reported(states: &mut Board, page: &Item) {
    for name in page.0.as_object().into_iter().flatten().map(|(name, _)| name) {
        let Some((place, letter)) = name.char_indices().next_back().map(|(at, letter)| (&name[..at], letter)) else {
            continue;
        };
        if let (Ok(place), Some(state)) = (place.parse::<usize>(), State::from_letter(letter)) {
            states[place] = states[place].merge(state);
        }
    }
}

/// A copy that a receipt alone calls sent: the provider reported it as under way, and the row is missing or open.
fn has_receipt(state: State, row: Option<&String>) -> bool {
    state == State::Sent && row.is_none_or(|row| row == "UNKNOWN")
}
