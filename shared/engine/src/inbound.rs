//! What people write to us: opting out and in, help, and conversations with replies.
//!
//! Invariant: what a provider tells twice starts nothing twice. A marker by the provider's id is written first; what
//! follows can be repeated until the marker says that it is done, and is never repeated after that: a `STOP` that comes
//! again after a `START` stops nobody.

use ::providers::Inbound as Told;
use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Error, Result,
    id::{ConversationId, InboundId, MessageId, OrgId, ProviderId, SuppressionId},
    keywords::{Keyword, keyword},
    suppression::{self, RemovalReason, StopScope, SuppressedChannel, SuppressionReason, SuppressionSource},
    text::{MAX_BODY, cut},
};
use jiff::SignedDuration;
use store::{
    conversations::{self, Conversation, Inbound},
    ledger::Given,
    messages::{Message, Purpose},
    organizations::{self, Organization},
    providers::{self as configs, ProviderConfig},
    suppressions::{self, Removed, Suppression},
};

use crate::{
    App,
    accept::{self, Content, NewMessage},
    confirm, notify,
};

/// At most so often does a conversation get the answer to `HELP` by itself: two machines that answer each other would
/// never end. (The other answers follow from a change, and there is none the second time.)
const HELP_PAUSE: SignedDuration = SignedDuration::from_hours(1);

/// Takes in what came to a provider config.
pub async fn receive(app: &App, config: &ProviderConfig, told: Vec<Told>) -> Result<()> {
    if told.is_empty() {
        return Ok(());
    }
    let organization = organizations::get(&app.table, config.org).await?;
    for one in told {
        take(app, &organization, config, one).await?;
    }
    Ok(())
}

async fn take(app: &App, organization: &Organization, config: &ProviderConfig, told: Told) -> Result<()> {
    let (table, org, now) = (&app.table, config.org, app.now());
    let channel = SuppressedChannel::from(config.channel);
    let Ok(address) = suppression::address(&told.from, channel, organization.default_country, "") else {
        // A short code or a name: the network's own notices. Nobody to talk to.
        tracing::info!(%org, provider = %config.id, "something came in from what is no address");
        return Ok(());
    };
    let key = key(&told, &address, app);
    let marker = conversations::mark(table, org, config.id, &key, InboundId::new(now, app.random.bits()), now).await?;
    if marker.done {
        return Ok(());
    }
    let mut inbound = Inbound {
        id: marker.id,
        provider_id: config.id,
        provider_message_id: told.provider_message_id,
        to: told.to,
        text: cut(told.text.trim(), MAX_BODY).to_owned(),
        keyword: told.keyword.or_else(|| keyword(&told.text, &organization.inbound.words)),
        at: marker.id.time(),
    };
    let settings = &organization.inbound;
    let (heard, answer) = match inbound.keyword {
        Some(Keyword::Stop) => (stop(app, organization, config, &address, &inbound).await?, &settings.stop_reply),
        Some(Keyword::Start) => {
            // Twilio takes `YES` for an opt-in.
            if keyword(&inbound.text, &settings.words) == Some(Keyword::Yes) {
                confirm::answered(app, org, config.channel, &address).await?;
            }
            (start(app, config, &address).await?, &settings.start_reply)
        }
        Some(Keyword::Yes) => (confirm::answered(app, org, config.channel, &address).await?, &settings.confirm_reply),
        Some(Keyword::Help) => (true, &settings.help_reply),
        None => (false, &None),
    };
    if inbound.keyword == Some(Keyword::Yes) && !heard {
        // It answers another question.
        inbound.keyword = None;
    }
    // An opt-out by a button or at the provider is no message.
    if !inbound.text.is_empty() || inbound.keyword.is_none() {
        let new = ConversationId::new(now, app.random.bits());
        let conversation = conversations::receive(table, org, config.channel, &address, &inbound, new).await?;
        notify::received(app, org, conversation.id, inbound.id).await?;
        // Where the provider understood the word, it answered it.
        if let (true, None, Some(text)) = (heard, told.keyword, answer) {
            respond(app, org, &conversation, &inbound, text).await?;
        }
    }
    conversations::done(table, org, config.id, &key).await
}

/// What tells a message from others of its config: the provider's id, or what there is instead.
fn key(told: &Told, address: &str, app: &App) -> String {
    told.provider_message_id.clone().unwrap_or_else(|| {
        // The same words in the same minute are the same call, made again.
        let minute = told.occurred_at.unwrap_or_else(|| app.now()).as_second() / 60;
        format!("{address}\n{}\n{}\n{minute}", told.to.as_deref().unwrap_or_default(), told.text)
    })
}

/// `true`: they had not opted out before.
async fn stop(
    app: &App,
    organization: &Organization,
    config: &ProviderConfig,
    address: &str,
    inbound: &Inbound,
) -> Result<bool> {
    let channel = match organization.inbound.stop_scope {
        StopScope::Channel => config.channel.into(),
        StopScope::All => SuppressedChannel::All,
    };
    let new = Suppression {
        // The same when this is repeated after a crash, so that what follows is not left out.
        id: SuppressionId::new(inbound.at, inbound.id.bits()),
        address: address.to_owned(),
        channel,
        reason: SuppressionReason::OptedOut,
        source: SuppressionSource::Inbound,
        note: None,
        provider_id: Some(config.id),
        created_by: None,
        created_at: inbound.at,
    };
    let (id, standing) = (new.id, suppressions::add(&app.table, config.org, &[new]).await?);
    if standing == [id] {
        notify::opted_out(app, config.org, [id]).await?;
    }
    tracing::info!(org = %config.org, inbound = %inbound.id, "somebody opted out");
    Ok(standing == [id])
}

/// Lifts what an opt-out on this channel put on the list. What people of the organization decided, bounces and complaints
/// stay; so does an opt-out from all channels that was not written to us. `true`: there was something to lift.
async fn start(app: &App, config: &ProviderConfig, address: &str) -> Result<bool> {
    let mut any = false;
    let on_channel = SuppressedChannel::from(config.channel);
    for suppression in suppressions::of_address(&app.table, config.org, address).await? {
        let lifted = suppression.reason == SuppressionReason::OptedOut
            && (suppression.channel == on_channel
                || (suppression.channel == SuppressedChannel::All && suppression.source == SuppressionSource::Inbound));
        if !lifted {
            continue;
        }
        let removed =
            Removed { suppression, removed_at: app.now(), removed_by: None, removal_reason: RemovalReason::OptedIn };
        match suppressions::remove(&app.table, config.org, &removed).await {
            Ok(()) => {
                notify::opted_in(app, config.org, removed.suppression.id).await?;
                any = true;
            }
            // Somebody was quicker.
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(any)
}

/// Answers a keyword with the organization's text. Harmless when repeated: the answer's id follows from what it answers.
async fn respond(app: &App, org: OrgId, conversation: &Conversation, inbound: &Inbound, text: &str) -> Result<()> {
    if inbound.keyword == Some(Keyword::Help)
        && !conversations::may_help(&app.table, org, conversation.id, app.now(), HELP_PAUSE).await?
    {
        return Ok(());
    }
    let purpose = if inbound.keyword == Some(Keyword::Stop) { Purpose::LastWord } else { Purpose::Ordinary };
    let id = MessageId::generate(inbound.at, inbound.id.bits() << 32);
    let content = Content::Body(text.to_owned());
    let by = conversation.provider_id.to_string();
    let new = Reply { content, via: Via::Conversation, purpose, id: Some(id), by };
    match reply(app, org, conversation, new, |_| Ok(Vec::new())).await {
        Ok(_) => Ok(()),
        // A provider that cannot send now, or a person who opted out: nothing that the provider could repeat.
        Err(Error::Unavailable(cause)) => Err(Error::Unavailable(cause)),
        Err(error) => {
            tracing::warn!(%org, inbound = %inbound.id, %error, "the answer was not sent");
            Ok(())
        }
    }
}

/// By what a reply goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// By the config that the last message came by, if it still can; else by the channel's default.
    Conversation,
    /// By what routing picks.
    Auto,
    /// By this config.
    Config(ProviderId),
}

/// What is said in a conversation.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The text, with `{{variables}}` of the contact, or a template of WhatsApp.
    pub content: Content,
    /// By what it goes.
    pub via: Via,
    /// What it is for.
    pub purpose: Purpose,
    /// The id that it is to have, where that follows from something.
    pub id: Option<MessageId>,
    /// Who says it: a user's, an API key's or a config's id.
    pub by: String,
}

/// Says something in a conversation. `writes` go into the transaction that accepts it. 409 `recipient_suppressed`; those of
/// a message.
pub async fn reply(
    app: &App,
    org: OrgId,
    conversation: &Conversation,
    reply: Reply,
    writes: impl FnOnce(&Message) -> Result<Vec<TransactWriteItem>>,
) -> Result<Message> {
    let address = conversation.address.as_str();
    if reply.purpose != Purpose::LastWord
        && !suppressions::among(&app.table, org, conversation.channel, &[address]).await?.is_empty()
    {
        return Err(Error::conflict("recipient_suppressed", "They opted out: take them off the list first."));
    }
    let provider_id = match reply.via {
        Via::Auto => None,
        Via::Config(id) => Some(id),
        // A template goes by the config it belongs to.
        Via::Conversation if matches!(reply.content, Content::WhatsApp { .. }) => None,
        Via::Conversation => {
            let config = configs::find(&app.table, org, conversation.provider_id).await?;
            config.filter(|config| config.is_active && config.paused.is_none()).map(|config| config.id)
        }
    };
    let message = accept::accept(
        app,
        org,
        NewMessage {
            given: vec![Given { to: address.to_owned(), variables: std::collections::BTreeMap::new() }],
            provider_id,
            auto: reply.via == Via::Auto,
            purpose: reply.purpose,
            id: reply.id,
            ..NewMessage::of(conversation.channel, reply.content, reply.by)
        },
        writes,
    )
    .await?;
    conversations::said(&app.table, org, conversation.id, message.provider_id, &message.body, app.now()).await?;
    Ok(message)
}
