//! How often one may fail to sign in, per network address and per account.
//!
//! An attempt is counted before it is made and taken back if it was good, so many at once do not slip through.

use domain::{Error, Result};
use store::{
    attempts::{self, Limit},
    keys::hash,
};
use web::Cx;

/// Failed attempts against one account.
const ACCOUNT: Limit = Limit { most: 10, window: 15 * 60 };

/// Failed attempts from one address: more, because many people may share one.
const ADDRESS: Limit = Limit { most: 100, window: 15 * 60 };

/// Attempts at registering an e-mail address that is taken, from one address: each tells whether an account exists.
const PROBES: Limit = Limit { most: 10, window: 60 * 60 };

/// Attempts at one thing, counted; [`Attempt::good`] takes them back.
pub struct Attempt(Vec<(String, Limit)>);

impl Attempt {
    /// An attempt at signing in to the account of an e-mail address. 429 if there were too many.
    pub async fn sign_in(cx: &Cx, email: &str) -> Result<Self> {
        // The address of the account is personal, so its hash is the key.
        Self::count(cx, vec![account(email), (format!("ip#{}", cx.source_ip()), ADDRESS)]).await
    }

    /// An attempt at giving the password of the account once more. 429 if there were too many.
    pub async fn password(cx: &Cx, email: &str) -> Result<Self> {
        Self::count(cx, vec![account(email)]).await
    }

    async fn count(cx: &Cx, whats: Vec<(String, Limit)>) -> Result<Self> {
        let mut counted = Self(Vec::with_capacity(whats.len()));
        for (what, limit) in whats {
            let room = attempts::count(&cx.app.table, &what, limit, cx.now()).await?;
            counted.0.push((what, limit));
            if let Err(retry_after) = room {
                return Err(limited(retry_after));
            }
        }
        Ok(counted)
    }

    /// It was a good one.
    pub async fn good(self, cx: &Cx) -> Result<()> {
        for (what, limit) in self.0 {
            attempts::forgive(&cx.app.table, &what, limit, cx.now()).await?;
        }
        Ok(())
    }
}

fn account(email: &str) -> (String, Limit) {
    (format!("account#{}", hash(email)), ACCOUNT)
}

fn limited(retry_after: u64) -> Error {
    Error::Limited { retry_after, detail: "Too many attempts. Try again later.".into() }
}

fn probe(cx: &Cx) -> String {
    format!("register#{}", cx.source_ip())
}

/// Before a registration: 429 if this address has probed too many accounts.
pub async fn may_register(cx: &Cx) -> Result<()> {
    attempts::peek(&cx.app.table, &probe(cx), PROBES, cx.now()).await?.map_err(limited)
}

/// After a registration whose e-mail address was taken.
pub async fn probed(cx: &Cx) -> Result<()> {
    attempts::count(&cx.app.table, &probe(cx), PROBES, cx.now()).await.map(|_| ())
}
