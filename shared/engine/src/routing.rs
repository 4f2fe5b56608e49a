//! Routing: which provider config a chunk goes by in its next round, and what its calls do to circuits.
//!
//! Invariants: a recipient goes by one config a round, the one written with the claim. Only who waits is routed; who was
//! accepted, and of whom nobody knows, is not. See docs/routing.md.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use ::providers::Kind;
use domain::{
    Error, Result,
    board::State,
    destination::Whereabouts,
    id::{MessageId, OrgId, ProviderId},
    message::Channel,
    money::Money,
    price::{Price, price_of},
    routing::{self, Candidate, Decision, Rule, Strategy},
    schedule,
    sender::{self, Sender},
};
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use sha2::{Digest, Sha256};
use store::{
    days::{self, Day},
    ledger::{Board, Plan},
    messages::Message,
    organizations,
    providers::{self as configs, ProviderConfig},
    routing::{self as stored, Circuit},
};

use crate::{
    App,
    health::{Countries, delivery_rate},
};

/// How long rules, prices and delivery rates are believed.
const BELIEVED: SignedDuration = SignedDuration::from_secs(15);

/// Fewer settled copies say nothing about how well a config delivers.
const ENOUGH: u64 = 20;

/// So many calls that failed in passing within a minute open a circuit.
const ERRORS: u64 = 5;

/// For how long a circuit opens the first time, and at most.
const OPEN: (i64, i64) = (30, 600);

/// How long others wait while one tries a circuit.
const TRYING: SignedDuration = SignedDuration::from_secs(60);

/// How long a chunk waits for a circuit, at least and at most, before it looks again.
const WAIT: (u64, u64) = (1, 60);

/// What routing knows of an organization, for some seconds.
#[derive(Debug)]
struct Known {
    rules: Vec<Rule>,
    prices: HashMap<ProviderId, Vec<Price>>,
    days: Vec<Day>,
    zone: String,
}

/// What this instance knows of organizations.
#[derive(Default)]
pub struct Routes(Mutex<HashMap<OrgId, (Timestamp, Arc<Known>)>>);

impl Routes {
    async fn of(&self, app: &App, org: OrgId) -> Result<Arc<Known>> {
        let now = app.now();
        if let Some((read, known)) = self.0.lock().expect("no panic while it is held").get(&org)
            && *read <= now
            && now < *read + BELIEVED
        {
            return Ok(known.clone());
        }
        let zone = organizations::get(&app.table, org).await?.timezone;
        let rules = stored::rules(&app.table, org).await?;
        let asks = |strategy| rules.iter().any(|rule| rule.is_active && rule.strategy == strategy);
        let mut prices: HashMap<ProviderId, Vec<Price>> = HashMap::new();
        if asks(Strategy::Cheapest) {
            for price in stored::prices(&app.table, org).await? {
                prices.entry(price.provider_id).or_default().push(price);
            }
        }
        let days = if asks(Strategy::BestDelivery) {
            let today = schedule::date_of(now, &zone);
            let yesterday = today.saturating_sub(1.day());
            days::range(&app.table, org, &yesterday.to_string(), &today.to_string()).await?
        } else {
            Vec::new()
        };
        let known = Arc::new(Known { rules, prices, days, zone });
        let mut all = self.0.lock().expect("no panic while it is held");
        if all.len() > 1_000 {
            all.clear();
        }
        all.insert(org, (now, known.clone()));
        Ok(known)
    }
}

/// A config that may send, with its circuits.
struct Arm {
    config: ProviderConfig,
    delivery_rate: Option<f64>,
    is_fallback: bool,
    circuits: BTreeMap<String, Circuit>,
}

impl Arm {
    /// Why it cannot send to a country.
    fn barred(&self, country: &str, now: Timestamp) -> Option<String> {
        if self.config.paused.is_some() {
            return Some("it is paused".into());
        }
        let is_name = |sender: &String| sender::sender(sender) == Ok(Sender::Name);
        if self.config.channel == Channel::Sms
            && self.config.sender_id.as_ref().is_some_and(is_name)
            && !sender::takes_names(country)
        {
            return Some(format!("its sender is a name, and networks of {country} take numbers only"));
        }
        let circuit = self.circuits.get(country).filter(|circuit| circuit.is_open(now))?;
        let reason = circuit.reason.as_deref().unwrap_or("calls failed");
        Some(format!("its circuit for {country} is open ({reason})"))
    }
}

/// The configs of a channel, and what decides between them.
pub struct Router {
    known: Arc<Known>,
    arms: Vec<Arm>,
    channel: Channel,
    now: Timestamp,
    minute: u16,
    /// A config that failed in passing in the round before: only if there is no other.
    avoid: Option<ProviderId>,
}

impl Router {
    /// Reads what routing needs. 422 `provider_missing` where no config of the channel is active and ready.
    pub async fn open(app: &App, org: OrgId, channel: Channel) -> Result<Self> {
        let (now, known) = (app.now(), app.routes.of(app, org).await?);
        let mut usable: Vec<ProviderConfig> = configs::all(&app.table, org)
            .await?
            .into_iter()
            .filter(|config| config.channel == channel && config.is_active && config.violations.is_empty())
            .collect();
        if usable.is_empty() {
            let detail = format!("No provider config is active and ready for {channel}. Add one.");
            return Err(Error::unprocessable("provider_missing", detail));
        }
        let is_sandbox = |config: &ProviderConfig| config.kind == Kind::Sandbox.name();
        usable.sort_by_key(|config| (is_sandbox(config), !config.is_default, config.id));
        let only_sandboxes = usable.iter().all(is_sandbox);
        let mut arms = Vec::with_capacity(usable.len());
        for config in usable {
            let circuits = stored::circuits(&app.table, org, config.id).await?;
            arms.push(Arm {
                delivery_rate: delivery_rate(&known.days, config.id, ENOUGH),
                is_fallback: only_sandboxes || !is_sandbox(&config),
                circuits: circuits.into_iter().map(|circuit| (circuit.country.clone(), circuit)).collect(),
                config,
            });
        }
        let zone = schedule::zone(&known.zone).unwrap_or(TimeZone::UTC);
        let local = now.to_zoned(zone);
        let minute = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or_default();
        Ok(Self { known, arms, channel, now, minute, avoid: None })
    }

    /// The config that a message begins with, for what must be known before anybody is routed.
    pub fn first(&self) -> &ProviderConfig {
        let fallbacks = || self.arms.iter().filter(|arm| arm.is_fallback);
        let open = fallbacks().find(|arm| arm.config.paused.is_none());
        &open.or_else(|| fallbacks().next()).unwrap_or(&self.arms[0]).config
    }

    /// Whether all configs are paused.
    pub fn is_paused(&self) -> bool {
        self.arms.iter().all(|arm| arm.config.paused.is_some())
    }

    /// Decides for a recipient; `seed` is the same for the same recipient and message.
    pub fn decide(&self, to: &Whereabouts, seed: u64) -> Option<Decision> {
        let others = self.avoid.and_then(|_| self.decide_without(self.avoid, to, seed));
        others.or_else(|| self.decide_without(None, to, seed))
    }

    fn decide_without(&self, avoid: Option<ProviderId>, to: &Whereabouts, seed: u64) -> Option<Decision> {
        let country = to.country_name();
        let candidates: Vec<Candidate> = self
            .arms
            .iter()
            .map(|arm| Candidate {
                id: arm.config.id,
                name: arm.config.name.clone(),
                price: self.price(arm.config.id, to),
                delivery_rate: arm.delivery_rate,
                is_fallback: arm.is_fallback,
                barred: arm
                    .barred(&country, self.now)
                    .or_else(|| (avoid == Some(arm.config.id)).then(|| "it failed in the round before".into())),
            })
            .collect();
        routing::decide(&self.known.rules, &candidates, self.channel, to, self.minute, seed)
    }

    fn price(&self, provider: ProviderId, to: &Whereabouts) -> Option<Money> {
        self.known.prices.get(&provider).and_then(|prices| price_of(prices, provider, to, None, self.now)).cloned()
    }
}

/// The number that decides by weight: the same for the same recipient and message.
pub fn seed(message: MessageId, address: &str) -> u64 {
    let digest = Sha256::digest(format!("{message}\n{address}").as_bytes());
    u64::from_be_bytes(*digest.first_chunk::<8>().expect("a digest has 32 bytes"))
}

/// How a chunk goes in its next round.
pub struct Route {
    /// By this config.
    pub config: ProviderConfig,
    /// Why, in words, by place.
    pub reasons: HashMap<usize, String>,
    /// Who waits, but goes by another config in a later round: their places.
    pub apart: Vec<u32>,
    /// Countries whose circuit this round tries.
    pub trying: Vec<String>,
}

/// What routing says of a chunk.
pub enum Routed {
    /// It goes.
    By(Box<Route>),
    /// Not before so long: circuits are in the way.
    Later(Duration),
    /// All configs are paused; this is one of them.
    Paused(Box<ProviderConfig>),
}

/// Routes who waits in a chunk, above the mark that a crash left. Nothing of it holds until it is written with the claim.
pub async fn of_chunk(app: &App, message: &Message, board: &Board, plan: &Plan) -> Result<Routed> {
    let mut router = Router::open(app, message.org, message.channel).await?;
    if router.is_paused() {
        return Ok(Routed::Paused(Box::new(router.first().clone())));
    }
    if board.retries > 0 && board.states.contains(&State::Retry) {
        router.avoid = board.route.as_ref().map(|route| route.provider);
    }
    let mark = board.started_up_to as usize;
    let waiting: Vec<(usize, Whereabouts)> = board
        .states
        .iter()
        .enumerate()
        .filter(|(_, state)| state.is_waiting())
        .map(|(index, _)| (index, Whereabouts::of(&plan.recipients[index].address)))
        .collect();
    // Each turn bars a circuit that another is trying, so this ends.
    loop {
        let mut groups: Vec<(ProviderId, HashMap<usize, String>)> = Vec::new();
        for (index, to) in waiting.iter().filter(|(index, _)| *index >= mark) {
            let Some(decision) = router.decide(to, seed(message.id, &plan.recipients[*index].address)) else {
                continue;
            };
            match groups.iter_mut().find(|(provider, _)| *provider == decision.provider) {
                Some((_, places)) => drop(places.insert(*index, decision.reason)),
                None => groups.push((decision.provider, HashMap::from([(*index, decision.reason)]))),
            }
        }
        // The first of equals: groups stand in the order of their first recipients.
        let Some((provider, members)) = groups.into_iter().rev().max_by_key(|(_, places)| places.len()) else {
            return Ok(nobody(&router, &waiting, mark));
        };
        let countries: BTreeSet<String> =
            waiting.iter().filter(|(index, _)| members.contains_key(index)).map(|(_, to)| to.country_name()).collect();
        let now = router.now;
        let arm = router
            .arms
            .iter_mut()
            .find(|arm| arm.config.id == provider)
            .ok_or_else(|| Error::internal("routing decided for a config that is none"))?;
        let mut trying = Vec::new();
        let mut lost = false;
        for country in countries {
            let Some(circuit) = arm.circuits.get_mut(&country).filter(|circuit| circuit.open_until.is_some()) else {
                continue;
            };
            let until = now + TRYING;
            if stored::try_circuit(&app.table, message.org, provider, circuit, until).await? {
                trying.push(country);
            } else {
                circuit.open_until = Some(until.as_millisecond());
                lost = true;
            }
        }
        if lost && trying.is_empty() {
            continue;
        }
        // Who is apart: who goes by another config, and whom a round before us left apart below its mark. Where a circuit is
        // being tried by another, its country waits too.
        let config = arm.config.clone();
        let barred: BTreeSet<String> = arm
            .circuits
            .values()
            .filter(|circuit| circuit.is_open(now) && !trying.contains(&circuit.country))
            .map(|circuit| circuit.country.clone())
            .collect();
        let goes =
            |index: &usize, to: &Whereabouts| members.contains_key(index) && !barred.contains(&to.country_name());
        let apart = waiting
            .iter()
            .filter(|(index, to)| if *index < mark { board.is_apart(*index) } else { !goes(index, to) })
            .map(|(index, _)| *index as u32)
            .collect();
        return Ok(Routed::By(Box::new(Route { config, reasons: members, apart, trying })));
    }
}

/// Nobody above the mark can go. Below it a crash may have left something to be settled, which needs no config in particular.
fn nobody(router: &Router, waiting: &[(usize, Whereabouts)], mark: usize) -> Routed {
    if mark > 0 || waiting.is_empty() {
        let apart = waiting.iter().map(|(index, _)| *index as u32).filter(|index| *index as usize >= mark).collect();
        let route = Route { config: router.first().clone(), reasons: HashMap::new(), apart, trying: Vec::new() };
        return Routed::By(Box::new(route));
    }
    let first = router
        .arms
        .iter()
        .flat_map(|arm| arm.circuits.values())
        .filter_map(|circuit| circuit.open_until)
        .filter(|until| *until > router.now.as_millisecond())
        .min();
    let wait = first.map_or(WAIT.1, |until| (until - router.now.as_millisecond()).unsigned_abs().div_ceil(1_000));
    Routed::Later(Duration::from_secs(wait.clamp(WAIT.0, WAIT.1)))
}

/// What a round's calls do to the circuits of its config.
pub async fn learn(app: &App, config: &ProviderConfig, trying: &[String], countries: &Countries) -> Result<()> {
    let (table, org, now) = (&app.table, config.org, app.now());
    for (country, (good, bad)) in countries {
        let tried = trying.contains(country);
        if *bad == 0 {
            if tried {
                stored::close_circuit(table, org, config.id, country).await?;
                tracing::info!(%org, provider = %config.id, country, "circuit closed");
            }
            continue;
        }
        let circuit = stored::count_errors(table, org, config.id, country, *bad, now).await?;
        let many = circuit.errors >= ERRORS && bad * 2 >= good + bad;
        // One that is open was opened by a chunk beside this one.
        let opens = tried || (many && !circuit.is_open(now));
        if !opens {
            continue;
        }
        let (first, most) = OPEN;
        let seconds = (first << circuit.trips.min(5)).min(most);
        let reason = format!("{bad} of {} calls failed", good + bad);
        let until = now + SignedDuration::from_secs(seconds);
        if stored::open_circuit(table, org, config.id, &circuit, until, &reason).await? {
            tracing::warn!(%org, provider = %config.id, country, seconds, "circuit opened");
        }
    }
    Ok(())
}
