//! By which provider config a chunk goes in its next round: the message's own, or the one that routing picks.

use std::time::Duration;

use domain::Result;
use store::{
    ledger::{self, Board, Plan},
    messages::Message,
    providers::ProviderConfig,
};

use crate::{
    App, providers,
    routing::{self, Routed},
};

/// The way of a chunk.
pub(super) enum Way {
    /// By this config; these countries' circuits are tried.
    By(ProviderConfig, Vec<String>),
    /// Not before so long.
    Later(Duration),
    /// By this config, which is paused.
    Paused(ProviderConfig),
}

/// Finds the way, and puts it on the board that is about to be claimed: it holds when the claim is written.
pub(super) async fn way(app: &App, message: &Message, board: &mut Board, plan: &Plan) -> Result<Way> {
    if !message.auto {
        let config = providers::get(&app.table, message.org, message.provider_id).await?;
        return Ok(if config.paused.is_some() { Way::Paused(config) } else { Way::By(config, Vec::new()) });
    }
    Ok(match routing::of_chunk(app, message, board, plan).await? {
        Routed::By(route) => {
            board.route = Some(ledger::Route { provider: route.config.id, reason: route.reason, apart: route.apart });
            Way::By(route.config, route.trying)
        }
        Routed::Later(wait) => Way::Later(wait),
        Routed::Paused(config) => Way::Paused(*config),
    })
}
