//! Estimate: what a message would be, before it is sent: recipients, segments, skipped ones with reasons, cost.

use std::collections::BTreeMap;

use domain::{
    Error, Result,
    delivery::SkipReason,
    destination::Whereabouts,
    id::{MessageId, OrgId},
    message::{Channel, RecipientType},
    money::{self, Money},
    price::price_of,
    segments::{Encoding, segments},
    smart::smart,
};
use store::{
    ledger,
    messages::{self, Message},
    providers::ProviderConfig,
};

use super::{Content, NewMessage, check};
use crate::{
    App,
    render::{Rendered, Renderer},
    routing::{self, Router},
};

/// Up to how many recipients every text is rendered; beyond that the first of them stand for all.
const EXACT: usize = 1_000;

/// What a message would be.
#[derive(Debug, Clone)]
pub struct Estimate {
    /// Recipients in the audience, without repeated addresses.
    pub recipients: u64,
    /// Those that it would be sent to.
    pub sendable: u64,
    /// Segments over all recipients; 0 on channels without segments.
    pub segments: u64,
    /// The widest encoding that any recipient's text needs.
    pub encoding: Option<Encoding>,
    /// Bytes of the files that go with each copy.
    pub media_size: u64,
    /// Who is left out, by reason.
    pub skipped: Vec<Skipped>,
    /// What the provider would charge; `None` where a recipient has no price, or prices are of several currencies.
    pub cost: Option<Money>,
    /// What replacing look-alike characters does, or would do; `None` on channels without segments.
    pub smart: Option<Smart>,
    /// Whether every text was rendered, or a sample.
    pub exact: bool,
    /// The text as the first recipient would get it.
    pub preview: Option<String>,
    /// The mail that the first recipient would get (e-mail).
    pub mail: Option<MailPreview>,
}

/// A mail as a recipient would see it.
#[derive(Debug, Clone)]
pub struct MailPreview {
    /// The subject.
    pub subject: String,
    /// The HTML part, with the look of the config.
    pub html: String,
}

/// What replacing look-alike characters does to the copies of a message.
#[derive(Debug, Clone, Default)]
pub struct Smart {
    /// Whether the copies go out so.
    pub applied: bool,
    /// Which characters become what, and how often over the copies that were rendered.
    pub replaced: BTreeMap<(char, String), u64>,
    /// Segments over all recipients without it.
    pub segments_before: u64,
    /// Segments over all recipients with it.
    pub segments_after: u64,
}

impl Smart {
    /// Takes note of a copy, and gives its text as it goes out.
    fn take(&mut self, text: String) -> String {
        self.segments_before += u64::from(segments(&text).segments);
        let Some(found) = smart(&text) else {
            self.segments_after += u64::from(segments(&text).segments);
            return text;
        };
        self.segments_after += u64::from(segments(&found.text).segments);
        for (pair, count) in found.replaced {
            *self.replaced.entry(pair).or_default() += count;
        }
        if self.applied { found.text } else { text }
    }
}

/// How many are left out for one reason.
#[derive(Debug, Clone)]
pub struct Skipped {
    /// The reason.
    pub reason: SkipReason,
    /// How many.
    pub count: u64,
}

/// Estimates a message without storing anything.
pub async fn estimate(app: &App, org: OrgId, new: &NewMessage) -> Result<Estimate> {
    let checked = check::check(app, org, new, app.now()).await?;
    let (mut reader, counted) = check::open(app, org, new, &checked).await?;
    let part = reader.read(None, EXACT).await?;
    // A part that is full may have been the last.
    let exact = match &part.next {
        None => true,
        Some(next) => reader.read(Some(next), 1).await?.recipients.is_empty(),
    };
    let renderer = Renderer::of(&checked.body, checked.subject.as_deref(), checked.whatsapp.as_ref(), &new.variables)?;
    let category = checked.whatsapp.as_ref().map(|used| used.category);

    let mut replacing = (new.channel == Channel::Sms).then(|| Smart { applied: checked.smart, ..Smart::default() });
    let mut total = 0_u64;
    let mut encoding = None;
    let mut skipped: BTreeMap<SkipReason, u64> = BTreeMap::new();
    let mut first = None;
    let prices = store::routing::prices(&app.table, org).await?;
    let router = if new.auto { Some(Router::open(app, org, new.channel).await?) } else { None };
    let mut costs: Option<Vec<Money>> = Some(Vec::with_capacity(part.recipients.len()));
    for recipient in &part.recipients {
        if let Some(reason) = recipient.skip {
            *skipped.entry(reason).or_default() += 1;
            continue;
        }
        let mut rendered = renderer.render(recipient);
        let mut units = 1;
        if let Some(replacing) = &mut replacing {
            rendered.body = replacing.take(rendered.body);
            let one = segments(&rendered.body);
            units = u64::from(one.segments);
            total += units;
            encoding = encoding.max(Some(one.encoding));
        }
        let to = Whereabouts::of(&recipient.address);
        let provider = match &router {
            None => Some(checked.config.id),
            // Whichever message it will be: by weight the parts are the same.
            Some(router) => {
                router.decide(&to, routing::seed(MessageId::from_bits(0), &recipient.address)).map(|one| one.provider)
            }
        };
        let price = provider
            .and_then(|provider| price_of(&prices, provider, &to, category, app.now()))
            .and_then(|price| price.times(units));
        costs = costs.zip(price).map(|(mut costs, price)| {
            costs.push(price);
            costs
        });
        first.get_or_insert(rendered);
    }
    let sampled = part.recipients.len() as u64;
    let recipients = if exact { sampled } else { counted.max(sampled) };
    // A sample stands for all in proportion.
    let scale = |count: u64| {
        if exact || sampled == 0 {
            count
        } else {
            (u128::from(count) * u128::from(recipients) / u128::from(sampled)) as u64
        }
    };
    let cost = costs.and_then(|costs| match money::sums(&costs).as_slice() {
        [sum] if exact || sampled == 0 => Some(sum.clone()),
        [sum] => {
            let amount = sum.amount.checked_mul(recipients.into())?.checked_div(sampled.into())?;
            Some(Money { amount: amount.round_dp(sum.amount.scale()), currency: sum.currency })
        }
        _ => None,
    });
    let skipped: Vec<Skipped> =
        skipped.into_iter().map(|(reason, count)| Skipped { reason, count: scale(count) }).collect();
    Ok(Estimate {
        recipients,
        sendable: recipients - skipped.iter().map(|skipped| skipped.count).sum::<u64>().min(recipients),
        segments: scale(total),
        encoding,
        media_size: checked.media_size,
        skipped,
        cost,
        smart: replacing.map(|found| Smart {
            segments_before: scale(found.segments_before),
            segments_after: scale(found.segments_after),
            ..found
        }),
        exact,
        mail: first.as_ref().filter(|_| new.channel == Channel::Email).map(|first| mail(&checked.config, first)),
        preview: first.map(|first| first.body),
    })
}

/// Estimates a draft or a scheduled message as it is kept: what it would be if it went out now, or at its time.
pub async fn estimate_kept(app: &App, org: OrgId, id: MessageId) -> Result<Estimate> {
    let message = messages::get(&app.table, org, id).await?;
    if !message.is_editable() {
        let detail = format!("The message is {}; only drafts and SCHEDULED ones are estimated.", message.status.name());
        return Err(Error::conflict("message_not_editable", detail));
    }
    let mut new = again(&message, ledger::recipients(&app.table, org, id).await?);
    new.scheduled_at = new.scheduled_at.filter(|at| *at > app.now());
    estimate(app, org, &new).await
}

fn mail(config: &ProviderConfig, first: &Rendered) -> MailPreview {
    let settings = serde_json::from_str(&config.settings).unwrap_or_default();
    let html = providers::mail_preview(&settings, &first.body, first.html);
    MailPreview { subject: first.subject.clone().unwrap_or_default(), html }
}

/// A stored message as if it were asked for again, for estimates and edits.
pub(super) fn again(message: &Message, given: Vec<ledger::Given>) -> NewMessage {
    NewMessage {
        channel: message.channel,
        title: Some(message.title.clone()),
        subject: message.subject.clone(),
        content: match &message.whatsapp {
            Some(used) => Content::WhatsApp { template: used.id, parameters: used.filled.parameters() },
            None => Content::Body(message.body.clone()),
        },
        variables: message.variables.clone(),
        smart: Some(message.smart),
        media: message.media.clone(),
        recipient_type: message.recipient_type,
        recipient_id: message.recipient_id.clone(),
        audience: message.audience.clone(),
        given: if message.recipient_type == RecipientType::Contact && given.is_empty() {
            match &message.audience {
                messages::Audience::Contacts { ids } => crate::audience::given_contacts(ids),
                _ => given,
            }
        } else {
            given
        },
        expected: Some(message.recipient_count),
        provider_id: Some(message.provider_id),
        auto: message.auto,
        provider_kind: None,
        scheduled_at: message.scheduled_at,
        draft: message.status == domain::message::MessageStatus::Draft,
        late_after: Some(message.late_after),
        purpose: message.purpose,
        by: message.sent_by.clone(),
        id: Some(message.id),
    }
}
