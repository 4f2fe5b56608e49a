//! A window: render, hand to the provider, write what it answered. It is handed over in waves: as many calls at once as the
//! provider takes.

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
    time::Duration,
};

use ::providers::{Account, Attachment, Outcome, Outgoing};
use domain::{
    Result,
    board::State,
    delivery::{ErrorClass, SkipReason},
    message::Channel,
    segments::segments,
};
use futures::FutureExt;
use store::{
    deliveries::{self, Attempt, Delivery},
    ledger::{self, Plan},
    messages::{Message, Purpose},
    providers::ProviderConfig,
    receipt_pointers,
};

use super::pulse::Pulse;
use crate::{
    App, confirm, health::Meter, jobs::SendJob, media, providers, receive, render::Renderer, suppressions,
    unsubscribe::Links,
};

/// How many attempts a delivery row keeps, and how much of a provider's answer, so that a row stays under 1 KB.
const ATTEMPTS: usize = 5;
const RESPONSE: usize = 200;

/// What a window brought.
pub(super) struct Sent {
    /// The recipients by index, with their state.
    pub settled: Vec<(usize, State)>,
    /// Why the provider config must not be used further.
    pub stop: Option<providers::Stop>,
}

/// Sends the windows of one chunk.
pub(super) struct Sender<'a> {
    app: &'a App,
    message: &'a Message,
    plan: &'a Plan,
    config: &'a ProviderConfig,
    account: Account,
    renderer: Renderer,
    job: SendJob,
    /// Which submission this is of those that people asked for, from 1.
    submission: u32,
    retry_after: Mutex<Option<Duration>>,
    /// Whether receipts may name a copy by the provider's id alone.
    pointers: bool,
    /// What the calls brought.
    pub meter: Meter,
    /// Why routing picked the config, by place.
    pub reasons: HashMap<usize, String>,
    /// Makes the links by which people unsubscribe, on a channel that has them.
    links: Option<Links>,
    /// Makes the links by which people confirm, in a message that asks them to.
    confirmations: Option<confirm::Links>,
    /// The message's files, or why they cannot be sent.
    media: Result<Arc<[Attachment]>, SkipReason>,
}

impl<'a> Sender<'a> {
    /// Opens the credentials and parses the text. `asks`: how often a person asked for this chunk again.
    pub async fn new(
        app: &'a App,
        message: &'a Message,
        plan: &'a Plan,
        config: &'a ProviderConfig,
        job: SendJob,
        asks: u32,
    ) -> Result<Self> {
        let account = providers::account(app, config).await?;
        let renderer = Renderer::new(message)?;
        let pointers = receive::needs_pointers(config);
        let (submission, retry_after) = (asks + 1, Mutex::new(None));
        let (meter, reasons) = (Meter::default(), HashMap::new());
        let links = Links::of(app, config).await?;
        let confirmations = match message.purpose {
            Purpose::Confirmation { group } => Some(confirm::Links::of(app, message.org, group).await?),
            _ => None,
        };
        let media = files(app, message, config).await?;
        Ok(Self {
            app,
            message,
            plan,
            config,
            account,
            renderer,
            job,
            submission,
            retry_after,
            pointers,
            meter,
            reasons,
            links,
            confirmations,
            media,
        })
    }

    /// The config, ready for its adapter.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// How many of `rest`, from its front, are a window: some single calls, or a batch, as far as the provider takes it in
    /// calls that all start at once. 0 of nothing.
    pub fn window(&self, rest: &[usize]) -> usize {
        let most = providers::window(self.config).min(rest.len());
        if self.config.batch_size <= 1 || most == 0 {
            return most;
        }
        // What fits a batch may depend on the texts: some providers take many recipients of one text only.
        let (places, texts): (Vec<usize>, Vec<Outgoing>) = rest[..most]
            .iter()
            .enumerate()
            .filter_map(|(place, index)| self.outgoing(*index).ok().map(|text| (place, text)))
            .unzip();
        if texts.is_empty() {
            return most;
        }
        let taken = ::providers::provider(self.account.kind).window(&self.account, &texts).clamp(1, texts.len());
        places.get(taken).copied().unwrap_or(most)
    }

    /// The longest wait that the provider asked for.
    pub fn retry_after(&self) -> Option<Duration> {
        *self.retry_after.lock().expect("no panic while it is held")
    }

    /// Hands the recipients at `indexes` to the provider and writes their deliveries. Before each wave `pulse` is asked; who is
    /// in a wave that does not start any more is left as he was.
    pub async fn send(&self, indexes: &[usize], retries: u32, pulse: &mut Pulse<'_>) -> Result<Sent> {
        let mut outcomes: Vec<(usize, Outcome)> = Vec::with_capacity(indexes.len());
        let (mut places, mut texts) = (Vec::with_capacity(indexes.len()), Vec::with_capacity(indexes.len()));
        for index in indexes {
            match self.outgoing(*index) {
                Ok(text) => {
                    places.push(*index);
                    texts.push(text);
                }
                Err(reason) => outcomes.push((*index, unsendable(reason))),
            }
        }
        let adapter = ::providers::provider(self.account.kind);
        let (mut stop, mut from) = (None, 0);
        while from < texts.len() && stop.is_none() && pulse.beats().await? {
            let wave = adapter.window(&self.account, &texts[from..]).clamp(1, texts.len() - from);
            let began = self.app.now();
            let mut answers = self.hand_over(&texts[from..from + wave]).await.into_iter();
            self.meter.took(wave, self.app.now().duration_since(began));
            for place in &places[from..from + wave] {
                let outcome = answers.next().unwrap_or_else(lost);
                stop = stop.or_else(|| providers::Stop::of(&outcome));
                self.meter.note(&self.plan.recipients[*place].address, &outcome, self.message.auto);
                outcomes.push((*place, outcome));
            }
            from += wave;
        }
        let states = self.write(&outcomes, retries).await?;
        Ok(Sent { settled: outcomes.into_iter().map(|(index, _)| index).zip(states).collect(), stop })
    }

    /// One outcome for each text of `batch`; fewer if the adapter has a defect.
    async fn hand_over(&self, batch: &[Outgoing]) -> Vec<Outcome> {
        let adapter = ::providers::provider(self.account.kind);
        let call = adapter.send(&self.account, &self.app.outbound, batch);
        // Whatever a defect in an adapter does to one recipient, the others behind this window go on.
        AssertUnwindSafe(call).catch_unwind().await.unwrap_or_default()
    }

    /// Writes the deliveries of some recipients, and gives the states that they are in by then.
    pub async fn write(&self, outcomes: &[(usize, Outcome)], retries: u32) -> Result<Vec<State>> {
        let indexes: Vec<usize> = outcomes.iter().map(|(index, _)| *index).collect();
        let mut states = Vec::with_capacity(outcomes.len());
        let mut rows = Vec::with_capacity(outcomes.len());
        // By id: a batch that answers with one id for all would write one item twice, which DynamoDB refuses.
        let mut pointers = HashMap::new();
        let mut opted_out = Vec::new();
        for ((index, outcome), old) in outcomes.iter().zip(self.before(&indexes).await?) {
            let state = self.state(outcome, retries);
            if matches!(outcome, Outcome::Rejected { class, .. } if class.suppresses()) {
                opted_out.push(self.plan.recipients[*index].address.clone());
            }
            let row = self.row(*index, outcome, state, old);
            rows.push(deliveries::item(self.message.org, &self.plan.recipients[*index].address, &row)?);
            if let (true, Some(id)) = (self.pointers, &row.provider_message_id) {
                pointers.insert(
                    id.clone(),
                    receipt_pointers::item(self.message.org, self.config.id, id, row.id, self.app.now())?,
                );
            }
            states.push(state);
        }
        rows.extend(pointers.into_values());
        self.app.table.put_many(rows).await?;
        // The outcomes are stored, so this must not fail the round. The provider will refuse, and tell, again.
        let (org, channel) = (self.message.org, self.message.channel);
        if let Err(error) = suppressions::refused(self.app, org, channel, self.config.id, opted_out).await {
            tracing::warn!(%org, %error, "opt-outs were not stored");
        }
        Ok(states)
    }

    /// The text for a recipient. `Err`: there is none that could be sent, which concerns this recipient alone.
    pub fn outgoing(&self, index: usize) -> Result<Outgoing, SkipReason> {
        let recipient = &self.plan.recipients[index];
        let rendered = match &self.confirmations {
            Some(links) => self.renderer.render(&links.with_link(recipient)),
            None => self.renderer.render(recipient),
        };
        if rendered.body.trim().is_empty() {
            return Err(SkipReason::TextEmpty);
        }
        if rendered.template.as_ref().is_some_and(|filled| filled.values().any(String::is_empty)) {
            return Err(SkipReason::VariableMissing);
        }
        Ok(Outgoing {
            delivery_id: ledger::delivery_id(self.message.id, self.job.chunk, index),
            to: recipient.address.clone(),
            segments: match self.message.channel {
                Channel::Sms => segments(&rendered.body).segments,
                _ => 1,
            },
            attempt: self.job.round + 1,
            submission: self.submission,
            body: rendered.body,
            subject: rendered.subject,
            template: rendered.template,
            media: self.media.clone()?,
            html: rendered.html,
            unsubscribe_url: self.links.as_ref().map(|links| links.to(&recipient.address)),
        })
    }

    /// The rows of rounds before this one, whose attempts are kept.
    async fn before(&self, indexes: &[usize]) -> Result<Vec<Option<Delivery>>> {
        if self.job.round == 0 && !self.job.decide {
            return Ok(vec![None; indexes.len()]);
        }
        let places: Vec<_> =
            indexes.iter().map(|index| (self.plan.recipients[*index].address.clone(), self.message.id)).collect();
        deliveries::get_many(&self.app.table, self.message.org, &places).await
    }

    fn state(&self, outcome: &Outcome, retries: u32) -> State {
        match outcome {
            Outcome::Accepted { .. } => State::Sent,
            // The config stops here; the recipient waits for it to be mended.
            Outcome::Rejected { class, .. } if class.pauses_config() => State::Retry,
            Outcome::Rejected { .. } => State::Failed,
            Outcome::Retry { after, .. } => {
                if let Some(after) = after {
                    let mut longest = self.retry_after.lock().expect("no panic while it is held");
                    *longest = (*longest).max(Some(*after));
                }
                if retries >= self.config.retry_attempts { State::Failed } else { State::Retry }
            }
            Outcome::Unknown { .. } => State::Unknown,
        }
    }

    fn row(&self, index: usize, outcome: &Outcome, state: State, old: Option<Delivery>) -> Delivery {
        let (class, reason) = explain(outcome);
        let mut attempts = old.map(|old| old.attempts).unwrap_or_default();
        attempts.push(Attempt { round: self.job.round, at: self.app.now(), state, class, reason });
        if attempts.len() > ATTEMPTS {
            attempts.drain(..attempts.len() - ATTEMPTS);
        }
        let mut row = Delivery {
            id: ledger::delivery_id(self.message.id, self.job.chunk, index),
            provider: self.config.id,
            provider_message_id: None,
            state,
            round: self.job.round,
            attempts,
            segments: None,
            cost: None,
            response: None,
            route: self.reasons.get(&index).cloned(),
        };
        match outcome {
            Outcome::Accepted { id, cost, segments, response } => {
                row.provider_message_id.clone_from(id);
                row.cost.clone_from(cost);
                row.segments = *segments;
                row.response = cut(response);
            }
            Outcome::Rejected { response, .. } => row.response = cut(response),
            Outcome::Retry { .. } | Outcome::Unknown { .. } => {}
        }
        row
    }
}

/// The files of a message, ready for the provider.
async fn files(app: &App, message: &Message, config: &ProviderConfig) -> Result<Result<Arc<[Attachment]>, SkipReason>> {
    if message.media.is_empty() {
        return Ok(Ok(Arc::default()));
    }
    if !providers::sends_files(config) {
        return Ok(Err(SkipReason::MediaUnsupported));
    }
    let found = media::attachments(app, message.org, &message.media, message.channel).await?;
    Ok(found.map(Arc::from).ok_or(SkipReason::MediaMissing))
}

/// The outcome of a text of which the adapter said nothing.
fn lost() -> Outcome {
    Outcome::Unknown { reason: "the adapter gave no outcome".into() }
}

fn unsendable(reason: SkipReason) -> Outcome {
    Outcome::Rejected { class: ErrorClass::BadContent, reason: reason.detail().into(), response: String::new() }
}

fn cut(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.chars().take(RESPONSE).collect())
}

fn explain(outcome: &Outcome) -> (Option<ErrorClass>, Option<String>) {
    match outcome {
        Outcome::Accepted { .. } => (None, None),
        Outcome::Rejected { class, reason, .. } | Outcome::Retry { class, reason, .. } => (Some(*class), cut(reason)),
        Outcome::Unknown { reason } => (Some(ErrorClass::Ambiguous), cut(reason)),
    }
}
