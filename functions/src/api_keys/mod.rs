//! API keys: how programs sign in. The secret is shown once and stored only as a hash.

use domain::{access::Scope, id::ApiKeyId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::api_keys::ApiKey;

mod create;
mod delete;
mod list;

web::rows! { create, list, delete }

/// An API key, as clients see it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ApiKeyView {
    /// Its id.
    id: ApiKeyId,
    /// What it is for.
    #[schemars(extend("examples" = ["Web shop"]))]
    name: String,
    /// What it may do.
    scopes: Vec<Scope>,
    /// How the secret begins, to tell keys apart.
    #[schemars(extend("examples" = ["dk_9fQ2"]))]
    prefix: String,
    /// Who made it.
    #[schemars(extend("examples" = ["usr_01KAJ7Q4T0M5Z8X2V9C3B6N1R4"]))]
    created_by: String,
    /// When it was made.
    created_at: Timestamp,
    /// When it ends; null for never.
    expires_at: Option<Timestamp>,
}

impl From<&ApiKey> for ApiKeyView {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name.clone(),
            scopes: key.scopes.clone(),
            prefix: key.prefix.clone(),
            created_by: key.created_by.clone(),
            created_at: key.created_at,
            expires_at: key.expires_at,
        }
    }
}
