//! `POST /api/api-keys`: makes an API key. Its secret is in this answer and nowhere else.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use store::api_keys::{self, ApiKey};
use web::{auth::API_KEY_PREFIX, prelude::*};

use super::ApiKeyView;
use crate::text;

/// How much of the secret is kept in clear.
const PREFIX: usize = 7;

/// The row.
pub fn row() -> Row {
    Row::post("api-keys-create", "/api/api-keys", handle)
        .summary("Make an API key")
        .description("`key` is the secret. It is shown once; a repeated request (same `Idempotency-Key`) shows null.")
        .tag("API keys")
        .access(Role::Admin, Scope::ApiKeysWrite)
        .idempotent()
        .grants(&[Grant::Table])
        .errors(&["403 scope_missing", "name_invalid", "scopes_empty", "expires_in_past"])
}

/// What a new key is for.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateApiKey {
    /// What it is for.
    #[schemars(extend("examples" = ["Web shop"]))]
    name: String,
    /// What it may do.
    #[schemars(extend("examples" = [["messages:write", "messages:read"]]))]
    scopes: Vec<Scope>,
    /// When it ends; never if left out.
    expires_at: Option<Timestamp>,
}

/// A new key with its secret.
#[derive(Serialize, JsonSchema)]
struct CreatedApiKey {
    #[serde(flatten)]
    view: ApiKeyView,
    /// The secret, for `Authorization: Bearer`. Null when the answer is repeated.
    #[schemars(extend("examples" = ["dk_9fQ2…"]))]
    key: Option<String>,
}

/// Makes it.
async fn handle(cx: Cx, body: Json<CreateApiKey>) -> Result<Created<CreatedApiKey>> {
    let body = body.read()?;
    let name = text::name(&body.name, "/name")?;
    let mut scopes = body.scopes;
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(Error::invalid("/scopes", "scopes_empty", "A key needs at least one scope."));
    }
    if body.expires_at.is_some_and(|end| end <= cx.now()) {
        return Err(Error::invalid("/expiresAt", "expires_in_past", "Expected a time ahead."));
    }
    // A key must not make a key that may do more than itself.
    if let Some(own) = &cx.principal().scopes
        && let Some(more) = scopes.iter().find(|scope| !own.contains(scope))
    {
        return Err(Error::Forbidden { code: "scope_missing", detail: format!("This key lacks the scope {more}.") });
    }

    let secret = format!("{API_KEY_PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(cx.app.random.bytes::<32>()));
    let (at, bits) = cx.repeatable("api-key");
    let key = ApiKey {
        id: id::ApiKeyId::new(at, bits),
        org_id: cx.org(),
        name,
        scopes,
        hash: store::keys::hash(&secret),
        prefix: secret[..PREFIX].to_owned(),
        created_by: cx.actor(),
        created_at: cx.now(),
        expires_at: body.expires_at,
    };
    let mut writes = api_keys::create(&cx.app.table, &key)?;
    writes.extend(cx.reply_record(201, &CreatedApiKey { view: ApiKeyView::from(&key), key: None })?);
    cx.app.table.transact(writes).await?;
    Ok(Created(CreatedApiKey { view: ApiKeyView::from(&key), key: Some(secret) }))
}
