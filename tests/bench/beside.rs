//! `send`, the other side: the same messages to the same kind of provider through the sender of tests/bench/peers.

use std::path::Path;

use tests::eventually;

use crate::{
    now_ms,
    peer::{self, Peer},
    process,
    provider_process::Provider,
    seed::{PATIENCE, number},
    send::Measured,
    tell,
};

/// Jobs that a worker has in work at the same time; all are tried, and the quickest is kept.
const CONCURRENCIES: [u32; 3] = [50, 100, 200];

/// Measures the sender, at 0 ms, at 50 ms, and killed in the middle.
pub async fn run(folder: &Path, recipients: u32) -> Vec<Measured> {
    let peer = Peer::start(folder).await;
    let mut best = (0.0, CONCURRENCIES[0]);
    for concurrency in CONCURRENCIES {
        let trial = measure(&peer, "a trial", recipients.div_ceil(5), 0, concurrency, false).await;
        let rate = f64::from(recipients.div_ceil(5)) / trial.seconds;
        if rate > best.0 {
            best = (rate, concurrency);
        }
    }
    let concurrency = best.1;
    tell(format!("{concurrency} jobs at a time were quickest"));
    vec![
        measure(&peer, "Node, one per call, 0 ms", recipients, 0, concurrency, false).await,
        measure(&peer, "Node, one per call, 50 ms", recipients, 50, concurrency, false).await,
        measure(&peer, "Node, one per call, 0 ms, `kill -9`", recipients, 0, concurrency, true).await,
    ]
}

async fn measure(
    peer: &Peer,
    name: &'static str,
    recipients: u32,
    delay_ms: u64,
    concurrency: u32,
    kill: bool,
) -> Measured {
    let provider = Provider::start(delay_ms).await;
    peer.prepare().await;
    let mut worker = peer.worker(&provider, concurrency).await;
    let (servers, before) = (peer.cpu_seconds(), process::cpu_seconds(peer::pid(&worker)));
    let begun = now_ms();
    let accepting = peer.accept(recipients);
    let (mut cpu, mut peak) = (-before, 0);
    if kill {
        let half = u64::from(recipients) / 2;
        eventually("half is sent", PATIENCE, || async { (provider.stats().await.accepted >= half).then_some(()) })
            .await;
        cpu += process::cpu_seconds(peer::pid(&worker));
        peak = process::peak_memory(peer::pid(&worker));
        worker.kill().await.expect("it was running");
        worker = peer.worker(&provider, concurrency).await;
        tell("the worker was killed in the middle, and started again");
    }
    let (accepted, accepting_peak) = accepting.end().await;
    let wanted = u64::from(recipients);
    let mut asked = 0;
    eventually("all texts are taken", PATIENCE, || {
        asked += 1;
        // Asking the queue starts a Node, so it is asked every ten seconds only: for texts that never come.
        let ask_queue = asked % 500 == 0;
        let (provider, peer) = (&provider, peer);
        async move {
            let stats = provider.stats().await;
            let all = stats.accepted - stats.doubled >= wanted;
            (all || (ask_queue && peer.counts().await.0)).then_some(())
        }
    })
    .await;
    eventually("no job is left", PATIENCE, || async { peer.counts().await.0.then_some(()) }).await;
    let closed = now_ms().saturating_sub(begun) as f64 / 1_000.0;
    cpu += process::cpu_seconds(peer::pid(&worker)) + accepted + peer.cpu_seconds() - servers;
    peak = peak.max(process::peak_memory(peer::pid(&worker))) + accepting_peak + peer.memory();
    let _ = worker.kill().await;

    let stats = provider.stats().await;
    let taken = provider.numbers().await;
    let measured = Measured {
        name,
        recipients,
        seconds: stats.last_ms.saturating_sub(begun) as f64 / 1_000.0,
        closed,
        cpu,
        provider_cpu: process::cpu_seconds(provider.pid()),
        peak,
        doubled: stats.doubled,
        lost: (0..recipients).filter(|person| !taken.contains_key(&number(*person))).count() as u64,
        unknown: 0,
        per_second: stats.per_second,
    };
    measured.tell();
    measured
}
