//! What proxy, provider and driver of one world share: the process that can be killed, the next kill, the claims that
//! are open, and the trace.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use serde_json::{Value, json};
use store::Clock;
use tokio::{process::Child, sync::Notify};

use crate::faults::{
    plan::{Kill, Plan, Side},
    steps::{Seen, Step},
};

/// The most recipients that are handed over between two marks.
pub const WINDOW: u64 = 25;

/// The claims as requests show them.
#[derive(Debug, Default)]
pub struct Claims {
    /// Chunk → the life in which it was claimed, while it is not settled.
    open: HashMap<String, u64>,
    /// Claims that a kill left open, over all kills.
    pub killed: u64,
    /// Claims that were left open without a kill: the function failed, or another took over from one that was slow.
    pub abandoned: u64,
    /// Message → when a chunk of it was last claimed.
    pub last: HashMap<String, Timestamp>,
}

/// What one world shares.
pub struct Control {
    /// The seed's plan.
    pub plan: Plan,
    /// Of real time.
    pub clock: Clock,
    /// Counts the starts of the process.
    life: AtomicU64,
    /// Whether things go wrong now.
    armed: AtomicBool,
    child: Mutex<Option<Child>>,
    next: Mutex<Option<Kill>>,
    /// Requests by step, in this life; and by kind, in all.
    counted: Mutex<HashMap<Step, u64>>,
    kinds: Mutex<HashMap<String, u64>>,
    pub claims: Mutex<Claims>,
    /// The chunk that was settled last, as a job's JSON.
    settled: Mutex<Value>,
    trace: Mutex<Vec<String>>,
    started: Timestamp,
    /// Told when the process was killed.
    pub killed: Notify,
}

impl Control {
    /// For a plan; nothing goes wrong before [`Control::arm`].
    pub fn new(plan: Plan) -> Self {
        let clock = Clock::system();
        let started = clock.now();
        Self {
            plan,
            clock,
            life: AtomicU64::new(0),
            armed: AtomicBool::new(false),
            child: Mutex::default(),
            next: Mutex::default(),
            counted: Mutex::default(),
            kinds: Mutex::default(),
            claims: Mutex::default(),
            settled: Mutex::default(),
            trace: Mutex::default(),
            started,
            killed: Notify::new(),
        }
    }

    /// Notes something in the trace.
    pub fn note(&self, what: impl Into<String>) {
        let at = self.clock.now().duration_since(self.started).as_millis();
        self.trace.lock().unwrap().push(format!("{at:>7} ms  life {:>2}  {}", self.life(), what.into()));
    }

    /// The trace so far.
    pub fn trace(&self) -> String {
        self.trace.lock().unwrap().join("\n")
    }

    /// Which start of the process this is, from 1.
    pub fn life(&self) -> u64 {
        self.life.load(Ordering::SeqCst)
    }

    /// A new process.
    pub fn born(&self, child: Child) {
        self.life.fetch_add(1, Ordering::SeqCst);
        *self.child.lock().unwrap() = Some(child);
        self.counted.lock().unwrap().clear();
        self.note("start");
    }

    /// Whether the process has ended by itself.
    pub fn has_ended(&self) -> bool {
        self.child.lock().unwrap().as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None)))
    }

    /// Takes the process of this life, to wait for its end.
    pub fn bury(&self) -> Option<Child> {
        self.child.lock().unwrap().take()
    }

    /// From now on things go wrong, or no longer.
    pub fn arm(&self, armed: bool) {
        self.armed.store(armed, Ordering::SeqCst);
    }

    /// Whether things go wrong now.
    pub fn is_armed(&self) -> bool {
        self.armed.load(Ordering::SeqCst)
    }

    /// The next kill; `None` for none.
    pub fn prepare(&self, kill: Option<Kill>) {
        self.counted.lock().unwrap().clear();
        *self.next.lock().unwrap() = kill;
    }

    /// Whether a kill waits for its moment.
    pub fn waits(&self) -> bool {
        self.next.lock().unwrap().is_some()
    }

    /// Kills the process, as `kill -9` does. `false`: it was dead.
    pub fn kill(&self, why: &str) -> bool {
        let mut child = self.child.lock().unwrap();
        let Some(running) = child.as_mut() else { return false };
        if !matches!(running.try_wait(), Ok(None)) || running.start_kill().is_err() {
            return false;
        }
        let life = self.life();
        let mut claims = self.claims.lock().unwrap();
        let open = claims.open.values().filter(|of| **of == life).count() as u64;
        claims.killed += open;
        drop(claims);
        *self.next.lock().unwrap() = None;
        drop(child);
        self.note(format!("KILL {why}; {open} chunks in flight"));
        self.killed.notify_one();
        true
    }

    /// Counts a request of a step, and says on which side of it the process is to be killed.
    pub fn meets(&self, step: Step) -> Option<Side> {
        let mut counted = self.counted.lock().unwrap();
        let n = counted.entry(step).or_default();
        *n += 1;
        match *self.next.lock().unwrap() {
            Some(Kill::At { step: of, side, nth }) if of == step && nth == *n => Some(side),
            _ => None,
        }
    }

    /// How often something of this kind was asked for, this time included.
    pub fn nth(&self, kind: &str) -> u64 {
        let mut kinds = self.kinds.lock().unwrap();
        let n = kinds.entry(kind.to_owned()).or_default();
        *n += 1;
        *n
    }

    /// A write to a chunk is on its way: keeps book of claims.
    pub fn forwards(&self, seen: &mut Seen) {
        let Some(chunk) = &seen.chunk else { return };
        let mut claims = self.claims.lock().unwrap();
        if seen.step == Step::SettleWrite && !claims.open.contains_key(chunk) {
            seen.step = Step::BoardChange;
        }
        if seen.step == Step::Claim {
            if claims.open.insert(chunk.clone(), self.life()) == Some(self.life()) {
                claims.abandoned += 1;
            }
            let message = chunk.split('/').next().unwrap_or_default().to_owned();
            claims.last.insert(message, self.clock.now());
        }
    }

    /// It was made: a settled chunk is not in flight any more.
    pub fn made(&self, seen: &Seen) {
        let (Step::SettleWrite, Some(chunk)) = (seen.step, &seen.chunk) else { return };
        let mut claims = self.claims.lock().unwrap();
        let was_open = claims.open.remove(chunk);
        // A cancel settles what was left open; of a kill, that is counted already.
        let states = seen.body["ExpressionAttributeValues"][":v0"]["S"].as_str().unwrap_or_default();
        if was_open == Some(self.life()) && states.contains(domain::board::State::Cancelled.letter()) {
            claims.abandoned += 1;
        }
        drop(claims);
        let org = seen.body["Key"]["pk"]["S"].as_str().and_then(|pk| pk.split('#').nth(1));
        let (message, number) = chunk.split_once('/').expect("a chunk has a number");
        let number: u32 = number.parse().expect("a number");
        *self.settled.lock().unwrap() = json!({ "org": org, "message": message, "chunk": number, "round": 0 });
    }

    /// The job of the chunk that was settled last.
    pub fn last_job(&self) -> Value {
        self.settled.lock().unwrap().clone()
    }
}
