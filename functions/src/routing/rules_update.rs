//! `PUT /api/routing/rules/{id}`: changes a rule. What is left out stays as it is; the channel never changes.

use domain::{
    destination::Destination,
    routing::{Rule, Strategy},
};
use store::routing;
use web::prelude::*;

use super::{
    rule_fields,
    view::{ChoiceView, RuleView},
};
use crate::text;

/// The row.
pub fn row() -> Row {
    Row::put("routing-rules-update", "/api/routing/rules/{id}", handle)
        .summary("Change a routing rule")
        .description("What is left out stays; null takes `from` or `until` away. The channel of a rule never changes.")
        .tag("Routing")
        .access(Role::Admin, Scope::RoutingWrite)
        .grants(&[Grant::Table])
        .errors(&[
            "name_invalid",
            "time_invalid",
            "providers_empty",
            "provider_not_found",
            "provider_channel",
            "provider_twice",
        ])
}

/// What changes.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateRule {
    /// For people.
    name: Option<String>,
    /// Its place.
    position: Option<u32>,
    /// Whether it is asked.
    is_active: Option<bool>,
    /// For recipients at one of these (`KE`, `+2547`, `*`); empty: for all.
    destinations: Option<Vec<Destination>>,
    /// From this time of the day on, in the organization's zone.
    #[serde(default)]
    from: Patch<String>,
    /// Before this time, of the next day if it is not later.
    #[serde(default)]
    until: Patch<String>,
    /// How it picks.
    strategy: Option<Strategy>,
    /// Among these.
    providers: Option<Vec<ChoiceView>>,
}

async fn handle(cx: Cx, Path(id): Path<id::RoutingRuleId>, body: Json<UpdateRule>) -> Result<Success<RuleView>> {
    let old = routing::rule(&cx.app.table, cx.org(), id).await?;
    let body = body.read()?;
    let providers = match body.providers {
        Some(given) => rule_fields::choices(&cx, given, old.channel).await?,
        None => old.providers,
    };
    let rule = Rule {
        name: body.name.map_or_else(|| Ok(old.name.clone()), |name| text::name(&name, "/name"))?,
        position: body.position.unwrap_or(old.position),
        is_active: body.is_active.unwrap_or(old.is_active),
        destinations: body.destinations.unwrap_or(old.destinations),
        from_minute: time(body.from, old.from_minute, "/from")?,
        until_minute: time(body.until, old.until_minute, "/until")?,
        strategy: body.strategy.unwrap_or(old.strategy),
        providers,
        id: old.id,
        channel: old.channel,
    };
    routing::put_rule(&cx.app.table, cx.org(), &rule).await?;
    Ok(Success(rule.into()))
}

fn time(patch: Patch<String>, old: Option<u16>, pointer: &str) -> Result<Option<u16>> {
    match patch {
        Patch::Keep => Ok(old),
        Patch::Clear => Ok(None),
        Patch::Set(text) => rule_fields::minute(&text, pointer).map(Some),
    }
}
