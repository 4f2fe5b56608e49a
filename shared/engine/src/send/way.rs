//! By which provider config a chunk goes in its next round: the message's own, or the one that routing picks.

use std::{collections::HashMap, time::Duration};

use domain::Result;
use store::{
    ledger::{self, Board, Plan},
    messages::Message,
    providers::ProviderConfig,
};

use crate::{
    App, providers,
    routing::{self, Route, Routed},
};

/// The way of a chunk.
pub(super) enum Way {
    /// By this config.
    By(ProviderConfig, Picked),
    /// Not before so long.
    Later(Duration),
    /// By this config, which is paused.
    Paused(ProviderConfig),
}

/// What routing says beside the config; nothing of it where the message named the config.
#[derive(Default)]
pub(super) struct Picked {
    /// Why, in words, by place.
    pub reasons: HashMap<usize, String>,
    /// Countries whose circuit this round tries.
    pub trying: Vec<String>,
}

/// Finds the way, and puts it on the board that is about to be claimed: it holds when the claim is written.
pub(super) async fn way(app: &App, message: &Message, board: &mut Board, plan: &Plan) -> Result<Way> {
    if !message.auto {
        let config = providers::get(&app.table, message.org, message.provider_id).await?;
        return Ok(if config.paused.is_some() { Way::Paused(config) } else { Way::By(config, Picked::default()) });
    }
    Ok(match routing::of_chunk(app, message, board, plan).await? {
        Routed::By(route) => {
            let Route { config, reasons, apart, trying } = *route;
            board.route = Some(ledger::Route { provider: config.id, apart });
            Way::By(config, Picked { reasons, trying })
        }
        Routed::Later(wait) => Way::Later(wait),
        Routed::Paused(config) => Way::Paused(*config),
    })
}
