//! `cost`: what AWS would bill for campaigns, metered from the requests that they make. The host runs in this program,
//! its AWS endpoint as slow as AWS; docs/cost.md explains each line.

use std::fmt::Write as _;

use engine::cost::{self, Prices, Usage};
use tests::{Bill, Campaign, World};

use crate::{
    table::{table, whole},
    tell,
};

/// How long the provider takes for a text, in milliseconds.
const PROVIDER_MS: u64 = 200;

/// How it is measured.
#[derive(clap::Args)]
pub struct Options {
    /// Recipients of each campaign.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 10_000])]
    recipients: Vec<usize>,
}

/// Measures, and gives the section.
pub async fn run(options: &Options) -> String {
    let prices = cost::prices().expect("the price table is read");
    let mut text = format!(
        "## Cost\n\nPrices of {}, {}, dated {}. One text of 160 characters each, one recipient per provider call of {PROVIDER_MS} ms, one receipt \
         each in a call of its own.\n",
        prices.region, prices.currency, prices.date
    );
    let world = World::start().await;
    // What the functions would log on AWS, counted.
    web::telemetry::init_to("info", world.host.meter.logs());
    for recipients in &options.recipients {
        tell(format!("a campaign of {}", whole(*recipients as f64)));
        let campaign = Campaign { recipients: *recipients, provider_ms: PROVIDER_MS, slow: true };
        section(&mut text, *recipients, &campaign.run(&world).await, &prices);
    }
    world.end().await;
    text
}

fn section(text: &mut String, recipients: usize, bill: &Bill, prices: &Prices) {
    let (sent, reported) = (bill.sent.usage(), bill.reported.usage());
    let both = sent + reported;
    let per_million = 1e6 / recipients as f64;
    let dollars = |usage: Usage| format!("{:.3}", usage.dollars(prices) * per_million);
    let _ = writeln!(text, "\n### {} recipients\n", whole(recipients as f64));
    let _ = writeln!(
        text,
        "Per million messages: **${}** without receipts, **${}** with. This campaign: ${:.6} and ${:.6}.\n",
        dollars(sent),
        dollars(both),
        sent.dollars(prices),
        both.dollars(prices)
    );
    let mut rows = vec![heads(&["what", "for sending", "for receipts", "$ per million messages"])];
    for (((name, sent), (_, reported)), (_, price)) in
        sent.parts().into_iter().zip(reported.parts()).zip(prices.per_million.parts())
    {
        if sent + reported > 0.0 {
            let dollars = (sent + reported) * price / 1e6 * per_million;
            rows.push(vec![name.to_owned(), amount(sent), amount(reported), format!("{dollars:.3}")]);
        }
    }
    text.push_str(&table(&rows));
    text.push_str("\nThe table's units by operation and kind of item, per message:\n\n");
    text.push_str(&table(&units(bill, recipients)));
    text.push_str("\nFunctions:\n\n");
    text.push_str(&table(&functions(bill)));
}

fn units(bill: &Bill, recipients: usize) -> Vec<Vec<String>> {
    let mut rows = vec![heads(&["operation and kind", "requests", "read units", "write units"])];
    let mut kinds: Vec<_> = merged(bill).into_iter().collect();
    kinds.sort_by(|(_, a), (_, b)| (b.1 + b.2).total_cmp(&(a.1 + a.2)));
    let each = |amount: f64| format!("{:.4}", amount / recipients as f64);
    for (name, (requests, reads, writes)) in kinds {
        rows.push(vec![name, each(requests), each(reads), each(writes)]);
    }
    rows
}

fn merged(bill: &Bill) -> std::collections::BTreeMap<String, (f64, f64, f64)> {
    let mut all = std::collections::BTreeMap::new();
    for (name, used) in bill.sent.table.iter().chain(&bill.reported.table) {
        let sum: &mut (f64, f64, f64) = all.entry(name.clone()).or_default();
        sum.0 += used.requests as f64;
        sum.1 += used.read_units;
        sum.2 += used.write_units;
    }
    all
}

fn functions(bill: &Bill) -> Vec<Vec<String>> {
    let mut rows = vec![heads(&["function", "calls", "ms each", "MB"])];
    for reading in [&bill.sent, &bill.reported] {
        for (name, used) in &reading.functions {
            let each = used.milliseconds as f64 / used.requests.max(1) as f64;
            rows.push(vec![
                name.clone(),
                whole(used.requests as f64),
                format!("{each:.1}"),
                used.megabytes.to_string(),
            ]);
        }
    }
    rows
}

fn heads(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn amount(amount: f64) -> String {
    if amount < 100.0 { format!("{amount:.1}") } else { whole(amount) }
}
