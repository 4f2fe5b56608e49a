//! Tokens that stand for a text: in the links of mails. A token shows nothing of its text, cannot be made without the root key,
//! and is the same each time for the same text, so a mail that is sent again is the same mail.

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::app::RootKey;

const NONCE: usize = 12;

/// The keys of one purpose: those of another open nothing of it.
pub(crate) struct Keys {
    encryption: Zeroizing<[u8; 32]>,
    nonces: Zeroizing<[u8; 32]>,
}

impl Keys {
    /// The keys of a purpose (`unsubscribe`).
    pub(crate) fn of(root: &RootKey, purpose: &str) -> Self {
        let derive = |what: &str| Zeroizing::new(hmac(root.as_slice(), format!("{purpose}: {what}").as_bytes()));
        Self { encryption: derive("encryption"), nonces: derive("nonces") }
    }

    /// The token of a text. AES-256-GCM.
    pub(crate) fn seal(&self, plain: &str) -> String {
        // A nonce that follows from the text never serves two texts (as in RFC 5297).
        let nonce: [u8; NONCE] = *hmac(self.nonces.as_slice(), plain.as_bytes()).first_chunk().expect("32 bytes");
        let sealed = Aes256Gcm::new((&*self.encryption).into())
            .encrypt(&Nonce::from(nonce), Payload { msg: plain.as_bytes(), aad: b"" })
            .expect("an address is short");
        BASE64_URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat())
    }

    /// The text of a token that was made with these keys.
    pub(crate) fn open(&self, token: &str) -> Option<String> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        let plain = Aes256Gcm::new((&*self.encryption).into())
            .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: b"" })
            .ok()?;
        String::from_utf8(plain).ok()
    }
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(byte: u8, purpose: &str) -> Keys {
        Keys::of(&std::sync::Arc::new(Zeroizing::new([byte; 32])), purpose)
    }

    #[test]
    fn a_token_leads_back_and_shows_nothing() {
        let token = keys(1, "a").seal("ann@x.example");
        assert_eq!(keys(1, "a").open(&token).as_deref(), Some("ann@x.example"));
        assert_eq!(token, keys(1, "a").seal("ann@x.example"), "the same token each time");
        assert_ne!(token, keys(1, "a").seal("bob@x.example"));
        let decoded = BASE64_URL_SAFE_NO_PAD.decode(&token).unwrap();
        assert!(!String::from_utf8_lossy(&decoded).contains("x.example"));
    }

    #[test]
    fn a_token_that_was_not_made_here_opens_nothing() {
        let token = keys(1, "a").seal("ann@x.example");
        assert_eq!(keys(2, "a").open(&token), None, "another root key");
        assert_eq!(keys(1, "b").open(&token), None, "another purpose");
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(keys(1, "a").open(std::str::from_utf8(&changed).unwrap()), None, "{place}");
        }
        for token in ["", "AAAA", &token[..20], &format!("{token}AA"), "%2e%2e", "é"] {
            assert_eq!(keys(1, "a").open(token), None, "{token}");
        }
    }
}
