//! What people write to us: opting out and in, help, and conversations with replies.
//!
//! Invariant: what a provider tells twice starts nothing twice. A marker by the provider's id is written first; what
//! follows can be repeated until the marker says that it is done, and is never repeated after that: a `STOP` that comes
//! again after a `START` stops nobody.

use ::providers::Inbound as Told;
use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Error, Result,
    id::{ConversationId, InboundId, MessageId, OrgId, SuppressionId},
    keywords::{Keyword, keyword},
    message::RecipientType,
    suppression::{self, RemovalReason, StopScope, SuppressedChannel, SuppressionReason, SuppressionSource},
    text::{MAX_BODY, cut},
};
use jiff::SignedDuration;
use store::{
    conversations::{self, Conversation, Inbound},
    ledger::Given,
    messages::{Audience, Message},
    organizations::{self, Organization},
    providers::{self as configs, ProviderConfig},
    suppressions::{self, Removed, Suppression},
};

use crate::{
    App,
    accept::{self, Content, NewMessage},
    notify,
};

/// At most so often does a conversation get the answer to `HELP` by itself: two machines that answer each other would
/// never end.
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
    let inbound = Inbound {
        id: marker.id,
        provider_id: config.id,
        provider_message_id: told.provider_message_id,
        to: told.to,
        text: cut(told.text.trim(), MAX_BODY).to_owned(),
        keyword: told.keyword.or_else(|| keyword(&told.text, &organization.inbound.words)),
        at: marker.id.time(),
    };
    match inbound.keyword {
        Some(Keyword::Stop) => stop(app, organization, config, &address, &inbound).await?,
        Some(Keyword::Start) => start(app, config, &address).await?,
        Some(Keyword::Help) | None => {}
    }
    // An opt-out by a button or at the provider is no message.
    if !inbound.text.is_empty() || inbound.keyword.is_none() {
        let new = ConversationId::new(now, app.random.bits());
        let conversation = conversations::receive(table, org, config.channel, &address, &inbound, new).await?;
        notify::received(app, org, conversation.id, inbound.id).await?;
        let answered = told.keyword.is_some();
        if let (Some(Keyword::Help), false, Some(help)) =
            (inbound.keyword, answered, organization.inbound.help_reply.as_deref())
        {
            help_out(app, org, &conversation, &inbound, help).await?;
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

async fn stop(
    app: &App,
    organization: &Organization,
    config: &ProviderConfig,
    address: &str,
    inbound: &Inbound,
) -> Result<()> {
    let channel = match organization.inbound.stop_scope {
        StopScope::Channel => config.channel.into(),
        StopScope::All => SuppressedChannel::All,
    };
    let new = Suppression {
        id: SuppressionId::new(inbound.at, app.random.bits()),
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
    Ok(())
}

/// Lifts what an opt-out on this channel put on the list. What people of the organization decided, bounces and complaints
/// stay; so does an opt-out from all channels that was not written to us.
async fn start(app: &App, config: &ProviderConfig, address: &str) -> Result<()> {
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
            Ok(()) => notify::opted_in(app, config.org, removed.suppression.id).await?,
            // Somebody was quicker.
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn help_out(app: &App, org: OrgId, conversation: &Conversation, inbound: &Inbound, help: &str) -> Result<()> {
    if !conversations::may_help(&app.table, org, conversation.id, app.now(), HELP_PAUSE).await? {
        return Ok(());
    }
    let id = MessageId::generate(inbound.at, inbound.id.bits() << 32);
    let by = conversation.provider_id.to_string();
    match reply(app, org, conversation, help, Some(id), by, |_| Ok(Vec::new())).await {
        Ok(_) => Ok(()),
        // A provider that cannot send now, or a person who opted out: nothing that the provider could repeat.
        Err(Error::Unavailable(cause)) => Err(Error::Unavailable(cause)),
        Err(error) => {
            tracing::warn!(%org, inbound = %inbound.id, %error, "help was not sent");
            Ok(())
        }
    }
}

/// Sends a text in a conversation: by the config that the last message came by, if it still can. `writes` go into the
/// transaction that accepts it. 409 `recipient_suppressed`, `window_closed`; those of a message.
pub async fn reply(
    app: &App,
    org: OrgId,
    conversation: &Conversation,
    text: &str,
    id: Option<MessageId>,
    by: String,
    writes: impl FnOnce(&Message) -> Result<Vec<TransactWriteItem>>,
) -> Result<Message> {
    let address = conversation.address.as_str();
    if !suppressions::among(&app.table, org, conversation.channel, &[address]).await?.is_empty() {
        return Err(Error::conflict("recipient_suppressed", "They opted out: take them off the list first."));
    }
    if !conversation.is_open(app.now()) {
        return Err(Error::conflict(
            "window_closed",
            "WhatsApp takes free text within 24 hours of their last message only: send a template, or write by SMS.",
        ));
    }
    let config = configs::find(&app.table, org, conversation.provider_id).await?;
    let message = accept::accept(
        app,
        org,
        NewMessage {
            channel: conversation.channel,
            title: None,
            subject: None,
            content: Content::Body(text.to_owned()),
            variables: std::collections::BTreeMap::new(),
            recipient_type: RecipientType::Address,
            recipient_id: None,
            audience: Audience::Addresses,
            given: vec![Given { to: address.to_owned(), variables: std::collections::BTreeMap::new() }],
            expected: None,
            provider_id: config.filter(|config| config.is_active && config.paused.is_none()).map(|config| config.id),
            auto: false,
            provider_kind: None,
            scheduled_at: None,
            draft: false,
            late_after: None,
            by,
            id,
        },
        writes,
    )
    .await?;
    conversations::said(&app.table, org, conversation.id, message.provider_id, &message.body, app.now()).await?;
    Ok(message)
}
