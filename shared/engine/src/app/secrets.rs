//! The two secrets: `root` (the key that encrypts organizations' data keys, needed where provider credentials are
//! opened) and `signing` (the private key of access tokens, needed by the auth functions only). Read once an instance.

use std::sync::Arc;

use aws_sdk_secretsmanager::Client;
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{Error, Result};
use serde::Deserialize;
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use super::Settings;

/// The 256-bit root key.
pub type RootKey = Arc<Zeroizing<[u8; 32]>>;

/// The secrets. Cheap to clone.
#[derive(Clone)]
pub struct Secrets {
    client: Client,
    prefix: String,
    root: Arc<OnceCell<RootKey>>,
    signing: Arc<OnceCell<Arc<Zeroizing<String>>>>,
}

/// `{"key": "<base64 of 32 bytes>"}`.
#[derive(Deserialize)]
struct Root {
    key: Zeroizing<String>,
}

impl Secrets {
    pub(super) fn new(client: Client, settings: &Settings) -> Self {
        Self { client, prefix: settings.secrets.clone(), root: Arc::default(), signing: Arc::default() }
    }

    /// The root key.
    pub async fn root(&self) -> Result<RootKey> {
        self.root
            .get_or_try_init(|| async {
                let text = self.read("root").await?;
                let root: Root = serde_json::from_str(&text)
                    .map_err(|_| Error::internal("the secret `root` is not JSON with `key`"))?;
                let bytes = Zeroizing::new(BASE64_STANDARD.decode(root.key.as_bytes()).unwrap_or_default());
                let key: [u8; 32] =
                    bytes.as_slice().try_into().map_err(|_| Error::internal("the secret `root` is not 32 bytes"))?;
                Ok(Arc::new(Zeroizing::new(key)))
            })
            .await
            .cloned()
    }

    /// The secret `signing`, as it is stored (JSON).
    pub async fn signing(&self) -> Result<Arc<Zeroizing<String>>> {
        self.signing.get_or_try_init(|| async { self.read("signing").await.map(Arc::new) }).await.cloned()
    }

    async fn read(&self, name: &str) -> Result<Zeroizing<String>> {
        let answer = self
            .client
            .get_secret_value()
            .secret_id(format!("{}{name}", self.prefix))
            .send()
            .await
            .map_err(|_| Error::Unavailable(format!("the secret `{name}` could not be read")))?;
        answer.secret_string.map(Zeroizing::new).ok_or_else(|| Error::internal(format!("the secret `{name}` is empty")))
    }
}
