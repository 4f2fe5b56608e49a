//! Recipients of whom nobody knows whether the provider took them: a crash or a time-out hid the answer. What is done about
//! them is the provider config's policy, and is done here, by a delayed job, so that no window waits for it.
//!
//! ```text
//! HOLD     nothing: a person decides
//! LOOK_UP  the provider is asked, once its answer is final ── has it ─────▶ SENT, with the provider's id
//!                                                          ── never got it ▶ RETRY, in the next round
//!                                                          ── cannot tell ─▶ asked again later, in the end left to a person
//! RESEND   RETRY with the same idempotency key, as long as the provider remembers it
//! ```
//!
//! Invariant: only places on [`Unsure`] are decided, and none while somebody holds the lease or a crashed round is not
//! settled. So a stale or doubled job finds nothing to decide, and an answer never meets a round that began after the question.

use std::{collections::BTreeMap, time::Duration};

use ::providers::{Credentials, Outcome, Receipt, ReceiptStatus, UnknownPolicy, provider};
use domain::{Error, Result, board::State, message::MessageStatus, retry::backoff};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use store::{
    deliveries,
    ledger::{self, Board, Unsure},
    messages::{self, Message},
    providers::ProviderConfig,
    receipt_pointers,
};

use super::{RESERVE, lease, window::Sender};
use crate::{App, app::Queue, finish, jobs::SendJob, providers, receive};

/// How often a provider is asked before a person has to decide.
const TRIES: u32 = 3;

/// Questions to the provider at a time.
const AT_ONCE: usize = 5;

/// How many of an address's latest copies are searched for an id that the provider told.
const LOOK_BACK: usize = 50;

/// How long after the first question the second comes; the third takes twice as long.
const AGAIN: Duration = Duration::from_mins(4);

/// What is done about unknown recipients of a config.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    /// A person decides.
    Hold,
    /// The provider is asked, so long after.
    LookUp(Duration),
    /// They are sent to again, within this time.
    Resend(Duration),
}

impl Policy {
    /// The policy of a config, as far as its provider and settings allow it.
    pub fn of(app: &App, config: &ProviderConfig) -> Result<Self> {
        let account = providers::account_with(app, config, Credentials::new())?;
        let adapter = provider(account.kind);
        let named = serde_json::from_value(config.unknown_policy.clone().into()).map_err(Error::internal)?;
        Ok(match named {
            UnknownPolicy::Hold => Self::Hold,
            UnknownPolicy::LookUp => adapter.look_up_after().map_or(Self::Hold, Self::LookUp),
            UnknownPolicy::Resend => adapter.remembers(&account).map_or(Self::Hold, Self::Resend),
        })
    }

    /// Notes on a board that `places`, which may have been handed over at `since` or later, are to be decided.
    pub fn note(self, board: &mut Board, places: Vec<u32>, since: i64, now: Timestamp) {
        let wait = match self {
            Self::LookUp(after) => after,
            Self::Resend(_) => Duration::ZERO,
            Self::Hold => return,
        };
        if places.is_empty() {
            return;
        }
        let unsure =
            board.unsure.get_or_insert_with(|| Unsure { places: Vec::new(), since, decide_at: None, tries: 0 });
        unsure.places.extend(places);
        unsure.places.sort_unstable();
        unsure.places.dedup();
        unsure.since = unsure.since.min(since);
        unsure.decide_at = Some((now + wait).as_millisecond());
        unsure.tries = 0;
    }

    /// Whether a submission made at `since` or later may be made again at `now`.
    pub fn may_resend(self, since: i64, now: Timestamp) -> bool {
        matches!(self, Self::Resend(within) if now.as_millisecond() < since.saturating_add(within.as_millis() as i64))
    }
}

/// What became of one place.
#[derive(Debug)]
enum Verdict {
    /// The provider has it.
    Has(Receipt),
    /// The provider never got it.
    Never,
    /// It cannot be told.
    Unclear,
}

/// Puts the job for a board's undecided places on the queue.
pub(super) async fn enqueue(app: &App, job: SendJob, board: &Board) -> Result<()> {
    let Some(at) = board.unsure.as_ref().and_then(|unsure| unsure.decide_at) else { return Ok(()) };
    let wait = (at - app.now().as_millisecond()).max(0) as u64;
    let job = SendJob { round: board.round, slot: None, decide: true, ..job };
    app.queues.send(Queue::Send, job.org, &job, wait.div_ceil(1_000)).await
}

/// Handles a job to decide on unknown places of a chunk. Harmless however often and whenever it comes.
pub(super) async fn decide(app: &App, job: SendJob, deadline: Timestamp) -> Result<()> {
    let Some(message) = messages::find(&app.table, job.org, job.message).await? else { return Ok(()) };
    let Some(board) = ledger::reported_board(&app.table, job.org, job.message, job.chunk).await? else { return Ok(()) };
    let Some((unsure, at)) = board.unsure.clone().and_then(|unsure| unsure.decide_at.map(|at| (unsure, at))) else {
        return Ok(());
    };
    let now = app.now();
    let later = at.max(board.lease_until.unwrap_or(0)) - now.as_millisecond();
    if later > 0 {
        return app.queues.send(Queue::Send, job.org, &job, (later as u64).div_ceil(1_000)).await;
    }
    let sends = message.status == MessageStatus::Sending && board.states.iter().any(|state| state.is_waiting());
    if sends || board.started_up_to > 0 {
        // Sending, and settling what a crash left, come first. Whoever settles puts this job back.
        return Ok(());
    }
    let config = match providers::get(&app.table, job.org, message.provider_id).await {
        Ok(config) => Some(config),
        Err(Error::NotFound { .. }) => None,
        Err(error) => return Err(error),
    };
    let policy = config.as_ref().map_or(Ok(Policy::Hold), |config| Policy::of(app, config))?;
    let mut verdicts = BTreeMap::new();
    let mut owner = None;
    if let (Policy::LookUp(_), Some(config)) = (policy, &config) {
        let name = format!("{:032x}", app.random.bits());
        let until = lease(app, now, deadline);
        let claimed = ledger::claim(&app.table, job.org, job.message, &board, &name, (now, until), 0).await?;
        if claimed.is_none() {
            return app.queues.send(Queue::Send, job.org, &job, 1).await;
        }
        owner = Some(name);
        verdicts = look_up(app, &message, config, &board, &unsure, deadline).await?;
    }
    let most = config.as_ref().map_or(0, |config| config.retry_attempts);
    let cancelled = message.status == MessageStatus::Cancelled;
    let mut ours = true;
    let board = ledger::change_reported(&app.table, job.org, job.message, job.chunk, |board| {
        ours = match &owner {
            Some(owner) => board.lease_owner.as_ref() == Some(owner),
            None => !board.is_leased(now) && board.started_up_to == 0 && board.is_undecided(),
        };
        if ours {
            settle(board, policy, &verdicts, most, cancelled, now);
        }
        Ok(ours)
    })
    .await?;
    let Some(board) = board.filter(|_| ours) else { return Ok(()) };
    enqueue(app, job, &board).await?;
    if message.status == MessageStatus::Sending && board.states.contains(&State::Retry) {
        let next = SendJob { round: board.round, slot: None, decide: false, ..job };
        let wait = backoff(board.retries, app.random.bits() as u64);
        app.queues.send(Queue::Send, job.org, &next, wait.as_secs().max(1)).await?;
    }
    let further = verdicts.into_values().filter_map(|verdict| match verdict {
        Verdict::Has(receipt) if receipt.status != ReceiptStatus::Sent => Some(receipt),
        _ => None,
    });
    receive::receive(app, job.org, message.provider_id, further.collect()).await?;
    finish::fold(app, messages::get(&app.table, job.org, job.message).await?).await.map(|_| ())
}

/// Puts verdicts, or what the policy says without any, onto a board.
fn settle(
    board: &mut Board,
    policy: Policy,
    verdicts: &BTreeMap<u32, Verdict>,
    most: u32,
    cancelled: bool,
    now: Timestamp,
) {
    let Some(mut unsure) = board.unsure.take() else { return };
    let exhausted = board.retries >= most;
    let mut retried = false;
    let mut open = Vec::new();
    for place in unsure.places {
        let Some(state) = board.states.get_mut(place as usize) else { continue };
        if *state != State::Unknown {
            // A receipt or a person was quicker.
            if *state == State::Retry {
                open.push(place);
            }
            continue;
        }
        match (policy, verdicts.get(&place)) {
            (Policy::LookUp(_), Some(Verdict::Has(_))) => *state = State::Sent,
            (Policy::LookUp(_), Some(Verdict::Never)) => {
                *state = match (cancelled, exhausted) {
                    (true, _) => State::Cancelled,
                    (false, true) => State::Failed,
                    (false, false) => State::Retry,
                };
                retried |= *state == State::Retry;
            }
            (Policy::LookUp(_), _) => open.push(place),
            (Policy::Resend(_), _) if policy.may_resend(unsure.since, now) && !exhausted && !cancelled => {
                *state = State::Retry;
                retried = true;
                open.push(place);
            }
            _ => {}
        }
    }
    board.lease_owner = None;
    board.lease_until = None;
    if retried {
        board.retries += 1;
    }
    unsure.tries += 1;
    let asks_again = matches!(policy, Policy::LookUp(_)) && unsure.tries < TRIES;
    unsure.decide_at = asks_again.then(|| (now + AGAIN * unsure.tries).as_millisecond());
    // The others are held from now on.
    open.retain(|place| asks_again || board.states[*place as usize] == State::Retry);
    unsure.places = open;
    board.unsure = Some(unsure).filter(|unsure| !unsure.places.is_empty());
}

/// Asks the provider for every unknown place, as far as the time allows, and writes down what it has.
async fn look_up(
    app: &App,
    message: &Message,
    config: &ProviderConfig,
    board: &Board,
    unsure: &Unsure,
    deadline: Timestamp,
) -> Result<BTreeMap<u32, Verdict>> {
    let (org, chunk) = (message.org, board.chunk);
    let plan = ledger::plan(&app.table, org, message.id, chunk).await?;
    let plan =
        plan.ok_or_else(|| Error::internal(format!("chunk {chunk} of {} has a board but no plan", message.id)))?;
    // The round that left them open is the one before the next.
    let job = SendJob {
        org,
        message: message.id,
        chunk,
        round: board.round.saturating_sub(1),
        slot: None,
        via: None,
        decide: true,
    };
    let sender = Sender::new(app, message, &plan, config, job, board.asks).await?;
    let since = Timestamp::from_millisecond(unsure.since).map_err(Error::internal)?;
    let unknown = |place: &&u32| board.states.get(**place as usize) == Some(&State::Unknown);
    let asks: Vec<_> = unsure
        .places
        .iter()
        .filter(unknown)
        .map(|place| {
            let sender = &sender;
            async move {
                let verdict = if app.now() + RESERVE > deadline {
                    Verdict::Unclear
                } else {
                    ask(app, sender, config, *place as usize, since).await?
                };
                Ok::<_, Error>((*place, verdict))
            }
        })
        .collect();
    let verdicts: BTreeMap<u32, Verdict> = stream::iter(asks).buffered(AT_ONCE).try_collect().await?;
    let has: Vec<(usize, Outcome)> = verdicts
        .iter()
        .filter_map(|(place, verdict)| match verdict {
            Verdict::Has(receipt) => Some((*place as usize, found(receipt))),
            _ => None,
        })
        .collect();
    sender.write(&has, 0).await?;
    Ok(verdicts)
}

fn found(receipt: &Receipt) -> Outcome {
    Outcome::Accepted {
        id: receipt.provider_message_id.clone(),
        cost: receipt.cost.clone(),
        segments: None,
        response: "found by asking the provider".into(),
    }
}

async fn ask(
    app: &App,
    sender: &Sender<'_>,
    config: &ProviderConfig,
    index: usize,
    since: Timestamp,
) -> Result<Verdict> {
    let Ok(outgoing) = sender.outgoing(index) else { return Ok(Verdict::Unclear) };
    let account = sender.account();
    let mut texts = match provider(account.kind).look_up(account, &app.outbound, &outgoing, since).await {
        Ok(texts) => texts,
        Err(failure) => {
            tracing::warn!(delivery = %outgoing.delivery_id, class = failure.class.name(), "look-up brought nothing");
            return Ok(Verdict::Unclear);
        }
    };
    // The same text may have gone to this recipient by another message. Each of them takes one of the provider's.
    let copies = deliveries::of_address(&app.table, config.org, &outgoing.to, None, LOOK_BACK).await?;
    texts.retain(|text| {
        let known = |id: &Option<String>| id.is_some() && *id == text.provider_message_id;
        !copies.iter().any(|(_, copy)| known(&copy.provider_message_id))
    });
    for text in texts.into_iter().rev() {
        let Some(id) = &text.provider_message_id else { continue };
        // Our own id proves it. Some providers have one id for all texts of a call, which nobody could take for one.
        if text.correlation == Some(outgoing.delivery_id) {
            return Ok(Verdict::Has(text));
        }
        if receipt_pointers::take(&app.table, config.org, config.id, id, outgoing.delivery_id, app.now()).await? {
            return Ok(Verdict::Has(text));
        }
    }
    Ok(Verdict::Never)
}

#[cfg(test)]
mod tests {
    use store::ledger::Recipient;

    use super::*;

    fn board(states: &str) -> Board {
        let recipients: Vec<Recipient> = Vec::new();
        Board { states: domain::board::Board::parse(states).unwrap(), ..Board::new(0, &recipients) }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    const LOOK_UP: Policy = Policy::LookUp(Duration::from_mins(2));
    const RESEND: Policy = Policy::Resend(Duration::from_hours(1));

    #[test]
    fn only_what_was_noted_is_decided() {
        let mut board = board("UAUU");
        Policy::Hold.note(&mut board, vec![0], 0, at(1));
        assert_eq!(board.unsure, None, "held ones wait for a person");
        RESEND.note(&mut board, vec![2], 1_000, at(1));
        assert!(board.is_undecided());
        settle(&mut board, RESEND, &BTreeMap::new(), 3, false, at(2));
        assert_eq!(board.states.to_string(), "UARU", "0 and 3 were held before");
        assert!(!board.is_undecided());
        assert_eq!(board.unsure.as_ref().map(|unsure| unsure.places.clone()), Some(vec![2]));
    }

    #[test]
    fn nothing_is_resent_once_the_provider_may_have_forgotten_it() {
        for (now, most, cancelled, states) in
            [(3_599, 3, false, "R"), (3_600, 3, false, "U"), (1, 0, false, "U"), (1, 3, true, "U")]
        {
            let mut board = board("U");
            RESEND.note(&mut board, vec![0], 0, at(0));
            settle(&mut board, RESEND, &BTreeMap::new(), most, cancelled, at(now));
            assert_eq!(board.states.to_string(), states, "{now} {most} {cancelled}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_asked_again_and_then_left_to_a_person() {
        let mut board = board("UUU");
        LOOK_UP.note(&mut board, vec![0, 1, 2], 0, at(0));
        let verdicts = |unclear: &[u32]| {
            let mut all = BTreeMap::from([(0, Verdict::Never)]);
            all.extend(unclear.iter().map(|place| (*place, Verdict::Unclear)));
            all
        };
        settle(&mut board, LOOK_UP, &verdicts(&[1, 2]), 3, false, at(120));
        assert_eq!(board.states.to_string(), "RUU");
        board.states[1] = State::Delivered; // a receipt
        for _ in 1..TRIES {
            assert!(board.is_undecided());
            settle(&mut board, LOOK_UP, &verdicts(&[2]), 3, false, at(500));
        }
        assert_eq!((board.states.to_string(), board.unsure), ("RDU".to_owned(), None));
    }

    #[test]
    fn a_cancelled_message_sends_nothing_again() {
        let mut board = board("U");
        LOOK_UP.note(&mut board, vec![0], 0, at(0));
        settle(&mut board, LOOK_UP, &BTreeMap::from([(0, Verdict::Never)]), 3, true, at(120));
        assert_eq!((board.states.to_string(), board.unsure), ("C".to_owned(), None));
    }
}
