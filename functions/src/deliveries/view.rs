//! Deliveries as clients see them: plan, board, delivery row and receipts put together.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Result,
    board::State,
    delivery::DeliveryStatus,
    id::{CampaignId, ContactId, DeliveryId, MessageId, OrgId, ProviderId, TemplateId},
    message::Channel,
    money::Money,
    segments::segments,
};
use engine::render::Renderer;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::{
    Table,
    deliveries::{self, Attempt, Delivery},
    engagement::{self, Engagement},
    ledger::{self, Recipient},
    messages::Message,
    receipts::{self, Report},
};

/// One recipient's copy of a message.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Delivery")]
pub struct DeliveryView {
    /// Its id; also what providers get as `messageId`.
    pub id: DeliveryId,
    /// The message.
    pub message_id: MessageId,
    /// The contact, if it was one.
    pub contact_id: Option<ContactId>,
    /// The channel.
    pub channel: Channel,
    /// The address: E.164 or e-mail. For a skipped one, as it was given.
    pub recipient: String,
    /// The text as this recipient gets it.
    pub body: String,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Why it was skipped, or the class of the error.
    pub reason: Option<String>,
    /// The provider config.
    pub provider_id: ProviderId,
    /// The provider's id for it.
    pub provider_message_id: Option<String>,
    /// Why routing picked the config, in words; null where the message named it.
    pub route: Option<String>,
    /// What the provider answered, cut.
    pub provider_response: Option<String>,
    /// All tries to hand it over, oldest first (the last five).
    pub attempts: Vec<AttemptView>,
    /// How many segments (SMS).
    pub segments: Option<u32>,
    /// What the provider says it cost.
    pub cost: Option<Money>,
    /// The template that the text came from.
    pub template_id: Option<TemplateId>,
    /// The campaign; not part of this version, so null.
    pub campaign_id: Option<CampaignId>,
    /// Why it failed, in words.
    pub error_message: Option<String>,
    /// The state in words.
    pub status_display: &'static str,
    /// Whether the provider accepted it and nothing failed since.
    pub is_successful: bool,
    /// Whether the text came from a template.
    pub is_from_template: bool,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When its message was accepted.
    pub created_at: Timestamp,
    /// When the provider accepted it.
    pub sent_at: Option<Timestamp>,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
    /// When it was read.
    pub read_at: Option<Timestamp>,
    /// What the recipient did with it, by what the provider reports; null in lists, and while it reported nothing.
    pub engagement: Option<EngagementView>,
}

/// What a recipient did with a copy. Mail programs load pictures by themselves, or never: opens say little, clicks more.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Engagement")]
pub struct EngagementView {
    /// How often it was opened.
    pub opens: u32,
    /// When it was first opened.
    pub first_opened_at: Option<Timestamp>,
    /// When it was last opened.
    pub last_opened_at: Option<Timestamp>,
    /// How often a link was followed.
    pub clicks: u32,
    /// When a link was first followed.
    pub first_clicked_at: Option<Timestamp>,
    /// When one was last followed.
    pub last_clicked_at: Option<Timestamp>,
    /// The link that was last followed, without its query and what else may be personal.
    #[schemars(extend("examples" = ["https://shop.example/sale"]))]
    pub last_link: Option<String>,
}

impl From<Engagement> for EngagementView {
    fn from(engagement: Engagement) -> Self {
        let time = |seconds: Option<i64>| seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        Self {
            opens: engagement.opens,
            first_opened_at: time(engagement.first_opened),
            last_opened_at: time(engagement.last_opened),
            clicks: engagement.clicks,
            first_clicked_at: time(engagement.first_clicked),
            last_clicked_at: time(engagement.last_clicked),
            last_link: engagement.last_link,
        }
    }
}

/// One try to hand a copy to the provider.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Attempt")]
pub struct AttemptView {
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub status: DeliveryStatus,
    /// The class of the error, if it was one.
    pub code: Option<String>,
    /// In words.
    pub reason: Option<String>,
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            at: attempt.at,
            status: attempt.state.shown(),
            code: attempt.class.map(|class| class.name().to_owned()),
            reason: attempt.reason,
        }
    }
}

/// A place of a plan with its state, to be shown.
#[derive(Debug, Clone)]
pub struct Place {
    /// The chunk.
    pub chunk: u32,
    /// The index in it.
    pub index: usize,
    /// The recipient.
    pub recipient: Recipient,
    /// Its state.
    pub state: State,
    /// The round in which a person last asked for it.
    pub since: u32,
}

/// Views of some places of one message, in their order. Two batch reads, whatever their number.
pub async fn views(table: &Table, message: &Message, places: Vec<Place>) -> Result<Vec<DeliveryView>> {
    let keys: Vec<_> = places.iter().map(|place| (place.recipient.address.clone(), message.id)).collect();
    let sent: Vec<_> = keys
        .iter()
        .zip(&places)
        // Who was left out by the plan has no row of their own.
        .filter(|(_, place)| place.recipient.skip.is_none())
        .map(|(key, _)| key.clone())
        .collect();
    let rows = deliveries::get_many(table, message.org, &sent).await?;
    let mut reported = reports(table, message, &places).await?;
    let mut known: HashMap<DeliveryId, Delivery> = HashMap::new();
    for row in rows.into_iter().flatten() {
        known.insert(row.id, row);
    }
    let renderer = Renderer::new(message)?;
    Ok(places
        .into_iter()
        .map(|place| {
            let id = ledger::delivery_id(message.id, place.chunk, place.index);
            let row = known.remove(&id);
            let reported = reported.remove(&(place.chunk, place.index)).unwrap_or_default();
            view(message, &renderer, id, place, row.as_ref(), &reported)
        })
        .collect())
}

/// What was said of each place, of the attempt that was last asked for.
async fn reports(table: &Table, message: &Message, places: &[Place]) -> Result<HashMap<(u32, usize), Vec<Report>>> {
    let pages: BTreeSet<_> = places
        .iter()
        .filter(|place| place.recipient.skip.is_none())
        .map(|place| (place.chunk, receipts::page_of(place.index)))
        .collect();
    let pages: Vec<_> = pages.into_iter().collect();
    let since: HashMap<_, _> = places.iter().map(|place| ((place.chunk, place.index), place.since)).collect();
    let found = receipts::pages(table, message.org, message.id, &pages).await?;
    let mut reports: HashMap<_, Vec<Report>> = HashMap::new();
    for ((chunk, _), found) in pages.into_iter().zip(found) {
        for report in found {
            let place = (chunk, report.index);
            if since.get(&place) == Some(&report.since) {
                reports.entry(place).or_default().push(report);
            }
        }
    }
    Ok(reports)
}

fn view(
    message: &Message,
    renderer: &Renderer,
    id: DeliveryId,
    place: Place,
    row: Option<&Delivery>,
    reported: &[Report],
) -> DeliveryView {
    let body = renderer.render(&place.recipient).body;
    let status = place.state.shown();
    let attempts: Vec<AttemptView> =
        row.map(|row| row.attempts.iter().cloned().map(AttemptView::from).collect()).unwrap_or_default();
    let last = attempts.last();
    let failed = matches!(status, DeliveryStatus::Failed | DeliveryStatus::Unknown);
    let accepted = row
        .as_ref()
        .and_then(|row| row.attempts.iter().find(|attempt| attempt.state == State::Sent))
        .map(|attempt| attempt.at);
    let at = |state: State| reported.iter().find(|report| report.state == state).map(|report| report.at);
    let refused = reported.iter().find(|report| report.state == State::Failed).filter(|_| failed);
    let latest = last.map(|attempt| attempt.at).into_iter().chain(reported.iter().map(|report| report.at)).max();
    let sms = message.channel == Channel::Sms;
    DeliveryView {
        id,
        message_id: message.id,
        contact_id: place.recipient.contact,
        channel: message.channel,
        status,
        reason: engine::suppressions::skip_reason(&place.recipient, place.state)
            .map(|reason| reason.name().to_owned())
            .or_else(|| refused.and_then(|report| report.class).map(|class| class.name().to_owned()))
            .or_else(|| last.filter(|_| failed).and_then(|attempt| attempt.code.clone())),
        provider_id: row.map_or(message.provider_id, |row| row.provider),
        provider_message_id: row.and_then(|row| row.provider_message_id.clone()),
        route: row.and_then(|row| row.route.clone()),
        provider_response: row.and_then(|row| row.response.clone()),
        segments: row.and_then(|row| row.segments).or_else(|| sms.then(|| segments(&body).segments)),
        cost: reported.iter().find_map(|report| report.cost.clone()).or_else(|| row.and_then(|row| row.cost.clone())),
        template_id: message.template_id,
        campaign_id: None,
        error_message: if failed {
            refused.and_then(|report| report.error.clone()).or_else(|| last.and_then(|attempt| attempt.reason.clone()))
        } else {
            None
        },
        status_display: status.display(),
        is_successful: status.is_successful(),
        is_from_template: message.template_id.is_some() || message.whatsapp.is_some(),
        updated_at: latest.unwrap_or(message.updated_at),
        created_at: message.created_at,
        sent_at: accepted.or_else(|| at(State::Sent)),
        delivered_at: at(State::Delivered),
        read_at: at(State::Read),
        engagement: None,
        attempts,
        recipient: place.recipient.address,
        body,
    }
}

/// One copy by its id. Not found where the organization has no such message or place.
pub async fn one(table: &Table, org: OrgId, id: DeliveryId) -> Result<DeliveryView> {
    let not_found = || domain::Error::not_found("delivery", id);
    let message = store::messages::find(table, org, id.message()).await?.ok_or_else(not_found)?;
    let (chunk, index) = ledger::place(id.ordinal());
    let plan = ledger::plan(table, org, message.id, chunk).await?.ok_or_else(not_found)?;
    let board = ledger::reported_board(table, org, message.id, chunk).await?.ok_or_else(not_found)?;
    let recipient = plan.recipients.get(index).cloned().ok_or_else(not_found)?;
    let state = board.states.get(index).copied().ok_or_else(not_found)?;
    let place = Place { chunk, index, recipient, state, since: board.since(index) };
    let view = views(table, &message, vec![place]).await?.pop().ok_or_else(not_found)?;
    let engaged = match message.engagement {
        Some(_) => engagement::get(table, org, message.id, chunk, index).await?,
        None => None,
    };
    Ok(DeliveryView { engagement: engaged.map(EngagementView::from), ..view })
}
