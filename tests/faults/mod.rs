//! Faults: the real process, killed and cut off at every step and at random, with AWS calls, queues and a provider that
//! go wrong by a seed; and everything counted afterwards, from outside and from inside.
//!
//! `cargo xtask faults` runs more of it; docs/RELIABILITY.md tells what came of that.

mod aws;
mod boundaries;
mod check;
mod control;
mod endpoint;
mod plan;
mod provider;
mod proxy;
mod recount;
mod steps;
mod world;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::{FutureExt, StreamExt, stream};
use rand::RngExt;
use tests::eventually;

use self::{
    check::{Tally, check},
    control::Control,
    plan::{BOUNDARIES, Plan, Side},
    steps::Step,
    world::World,
};

/// How many worlds live at the same time.
const AT_ONCE: usize = 4;

/// How often one process of a seed is killed.
const KILLS: usize = 20;

/// What is asked for; the default is what CI runs.
#[derive(Debug, Clone, Copy)]
struct Budget {
    /// The first seed.
    seed: u64,
    /// How many kills in all; a seed has at most [`KILLS`].
    runs: usize,
    /// How many seeds they are dealt to.
    seeds: u64,
    /// How many people are in a group; drawn by the seed if `None`.
    recipients: Option<usize>,
}

impl Budget {
    /// `DUNDUN_FAULTS` as `cargo xtask faults` sets it: `seed runs recipients`, the last 0 for what the seed draws.
    #[expect(clippy::disallowed_methods, reason = "no setting of Dundun: how much of this test is to be run")]
    fn read() -> Self {
        let Ok(text) = std::env::var("DUNDUN_FAULTS") else {
            return Self { seed: 1, runs: 16, seeds: 4, recipients: Some(240) };
        };
        let numbers: Vec<u64> =
            text.split(' ').map(|word| word.parse().expect("DUNDUN_FAULTS: three numbers")).collect();
        let [seed, runs, recipients] = numbers[..] else { panic!("DUNDUN_FAULTS: three numbers, not `{text}`") };
        let seeds = (runs as usize).div_ceil(KILLS) as u64;
        Self { seed, runs: runs as usize, seeds, recipients: (recipients > 0).then_some(recipients as usize) }
    }

    fn plans(self) -> impl Iterator<Item = Plan> {
        (0..self.seeds).map(move |index| {
            let (all, seeds) = (self.runs as u64, self.seeds);
            let kills = all / seeds + u64::from(index < all % seeds);
            Plan::of(self.seed + index, kills as usize, self.recipients)
        })
    }
}

/// Kills as the plan says while messages go out, and gives what was counted afterwards.
async fn run(world: Arc<World>) -> Tally {
    let plan = world.control.plan.clone();
    world.control.arm(true);
    let tending = tokio::spawn({
        let world = world.clone();
        async move { world.tend().await }
    });
    let mut number = 0;
    while !tending.is_finished() {
        let mut dice = plan.dice("message", number as u64);
        let group = world.send(number, None, None).await;
        let few = dice.random_range(1..=50.min(plan.recipients));
        world.send(number + 1, Some(few), None).await;
        if dice.random_bool(0.5) {
            let soon = world.control.clock.now() + Duration::from_secs(6);
            world.send(number + 2, Some(plan.recipients.min(120)), Some(soon)).await;
        }
        number += 3;
        if dice.random_bool(0.3) {
            let taken = world.provider.taken() + dice.random_range(0..=plan.recipients as u64 / 2);
            eventually("some of the copies are taken, or there is nothing to cancel", 3_600, || async {
                let late = world.provider.taken() >= taken || tending.is_finished() || world.is_settled(&group).await;
                late.then_some(())
            })
            .await;
            world.cancel(&group).await;
        }
        eventually("the message is settled, or the world's time is over", 3_600, || async {
            (tending.is_finished() || world.is_settled(&group).await).then_some(())
        })
        .await;
    }
    tending.await.expect("the process is killed and started without a panic");
    world.come_to_rest().await;
    check(&world).await
}

/// Runs something in a world; what it breaks, or a panic, comes with the trace in a file and the command to run it again.
async fn told<F: Future<Output = Tally>>(control: &Control, name: &str, again: &str, work: F) -> Tally {
    let mut tally = match AssertUnwindSafe(work).catch_unwind().await {
        Ok(tally) => tally,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default();
            Tally { broken: vec![text], ..Tally::default() }
        }
    };
    if !tally.broken.is_empty() {
        let folder = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().join("faults");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("{name}.trace"));
        std::fs::write(&file, format!("{}\n\n{}\n", control.trace(), tally.broken.join("\n"))).unwrap();
        let trace = control.trace();
        let last: Vec<&str> = trace.lines().rev().take(40).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        tally.broken.truncate(20);
        tally.broken = vec![format!(
            "{name}:\n  {}\nthe end of its trace (all of it: {}):\n{}\nagain: {again}",
            tally.broken.join("\n  "),
            file.display(),
            last.join("\n")
        )];
    }
    tally
}

#[tokio::test(flavor = "multi_thread")]
async fn seeds() {
    let budget = Budget::read();
    let runs: Vec<_> = budget
        .plans()
        .map(|plan| async move {
            let again = format!(
                "cargo xtask faults --seed {} --runs {} --recipients {}",
                plan.seed, plan.kills, plan.recipients
            );
            let name = format!("seed-{}", plan.seed);
            let (kind, recipients) = (kind(&plan), plan.recipients);
            let world = World::start(plan).await;
            let control = world.control.clone();
            let tally = told(&control, &name, &again, run(world)).await;
            println!("{}", row(&name, kind, recipients, &tally));
            (kind, tally)
        })
        .collect();
    println!(
        "| seed | what goes wrong | group | kills | messages | copies | taken | lost | doubled | unknown | bound | left open by the provider |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    let mut all = Tally::default();
    let mut finished = stream::iter(runs).buffer_unordered(AT_ONCE);
    while let Some((_, tally)) = finished.next().await {
        all.add(tally);
    }
    println!("{}", row("all", "", 0, &all));
    assert!(all.broken.is_empty(), "{}", all.broken.join("\n\n"));
}

fn kind(plan: &Plan) -> &'static str {
    match (plan.aws, plan.provider) {
        (false, false) => "kills",
        (true, false) => "kills, AWS, queues",
        (false, true) => "kills, provider",
        (true, true) => "kills, AWS, queues, provider",
    }
}

fn row(name: &str, kind: &str, recipients: usize, tally: &Tally) -> String {
    let Tally { kills, messages, copies, taken, lost, doubled, unknown, bound, open, .. } = tally;
    let cells = [*kills, *messages, *copies, *taken, *lost, *doubled, *unknown, *bound, *open].map(|n| n.to_string());
    format!("| {name} | {kind} | {recipients} | {} |", cells.join(" | "))
}

/// Kills before and after one request of every step, with a message of its own for each.
#[tokio::test(flavor = "multi_thread")]
async fn every_step_boundary() {
    let all: Vec<(Step, Side)> =
        BOUNDARIES.iter().flat_map(|step| [(*step, Side::Before), (*step, Side::After)]).collect();
    let share = all.len().div_ceil(AT_ONCE);
    let runs = all.chunks(share).enumerate().map(|(index, steps)| async move {
        let mut plan = Plan::of(1, 0, Some(200));
        (plan.aws, plan.provider) = (false, false);
        let world = World::start(plan).await;
        let control = world.control.clone();
        let again = "cargo nextest run -p tests faults::every_step_boundary";
        told(&control, &format!("steps-{index}"), again, boundaries::run(world, steps)).await
    });
    let mut tally = Tally::default();
    for of in futures::future::join_all(runs).await {
        tally.add(of);
    }
    println!("{}", row("steps", "kills", 200, &tally));
    assert!(tally.broken.is_empty(), "{}", tally.broken.join("\n\n"));
    assert!(tally.kills as usize >= all.len(), "every step was met");
}
