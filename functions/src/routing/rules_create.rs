//! `POST /api/routing/rules`: makes a rule.

use domain::{
    destination::Destination,
    message::Channel,
    routing::{Rule, Strategy},
};
use store::{
    keys,
    routing::{self, MOST_RULES},
};
use web::prelude::*;

use super::{
    rule_fields,
    view::{ChoiceView, RuleView},
};
use crate::text;

/// The row.
pub fn row() -> Row {
    Row::post("routing-rules-create", "/api/routing/rules", handle)
        .summary("Make a routing rule")
        .description(
            "Messages with `\"providerId\": \"auto\"` ask the rules from the lowest `position` on. At most 100.",
        )
        .tag("Routing")
        .access(Role::Admin, Scope::RoutingWrite)
        .idempotent()
        .grants(&[Grant::Table])
        .errors(&[
            "409 routing_rules_full",
            "name_invalid",
            "time_invalid",
            "providers_empty",
            "provider_not_found",
            "provider_channel",
            "provider_twice",
        ])
}

/// A new rule.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateRule {
    /// For people.
    #[schemars(extend("examples" = ["Kenya by night"]))]
    name: String,
    /// Its place; behind all others if left out.
    position: Option<u32>,
    /// Whether it is asked; true if left out.
    is_active: Option<bool>,
    /// The channel; SMS if left out.
    channel: Option<Channel>,
    /// For recipients at one of these (`KE`, `+2547`, `*`); left out or empty: for all.
    #[serde(default)]
    destinations: Vec<Destination>,
    /// From this time of the day on, in the organization's zone.
    #[schemars(extend("examples" = ["22:00"]))]
    from: Option<String>,
    /// Before this time, of the next day if it is not later.
    #[schemars(extend("examples" = ["06:00"]))]
    until: Option<String>,
    /// How it picks; `PRIORITY` if left out.
    strategy: Option<Strategy>,
    /// Among these.
    providers: Vec<ChoiceView>,
}

async fn handle(cx: Cx, body: Json<CreateRule>) -> Result<Created<RuleView>> {
    let body = body.read()?;
    let name = text::name(&body.name, "/name")?;
    let time = |text: Option<String>, pointer| text.map(|text| rule_fields::minute(&text, pointer)).transpose();
    let (from_minute, until_minute) = (time(body.from, "/from")?, time(body.until, "/until")?);
    let channel = body.channel.unwrap_or(Channel::Sms);
    let providers = rule_fields::choices(&cx, body.providers, channel).await?;
    let others = routing::rules(&cx.app.table, cx.org()).await?;
    if others.len() >= MOST_RULES {
        let detail = format!("An organization has at most {MOST_RULES} rules.");
        return Err(Error::conflict("routing_rules_full", detail));
    }
    let last = others.last().map_or(0, |rule| rule.position);
    let (at, bits) = cx.repeatable("routing-rule");
    let rule = Rule {
        id: id::RoutingRuleId::new(at, bits),
        name,
        position: body.position.unwrap_or(last.saturating_add(10)),
        is_active: body.is_active.unwrap_or(true),
        channel,
        destinations: body.destinations,
        from_minute,
        until_minute,
        strategy: body.strategy.unwrap_or(Strategy::Priority),
        providers,
    };
    let mut writes = vec![cx.app.table.tx_put_new(&keys::routing_rule(cx.org(), rule.id), &rule)?];
    let view = RuleView::from(rule);
    writes.extend(cx.reply_record(201, &view)?);
    cx.app.table.transact(writes).await?;
    Ok(Created(view))
}
