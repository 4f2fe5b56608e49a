//! Message authentication codes of webhooks, compared in constant time.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;

macro_rules! hmac {
    ($($(#[$text:meta])* $name:ident = $digest:ty;)*) => {$(
        $(#[$text])*
        pub fn $name(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
            let mut mac = Hmac::<$digest>::new_from_slice(key).expect("HMAC takes keys of any length");
            for part in parts {
                mac.update(part);
            }
            mac.finalize().into_bytes().to_vec()
        }
    )*};
}

hmac! {
    /// HMAC-MD5 (RFC 2104). Only for accounts that are set to nothing better.
    hmac_md5 = Md5;
    /// HMAC-SHA1 (RFC 2104). Only for providers that sign with nothing better.
    hmac_sha1 = Sha1;
    /// HMAC-SHA256 (RFC 2104).
    hmac_sha256 = Sha256;
    /// HMAC-SHA512 (RFC 2104).
    hmac_sha512 = Sha512;
}

/// MD5 of `bytes`. Only for accounts that are set to nothing better.
pub fn md5(bytes: &[u8]) -> Vec<u8> {
    Md5::digest(bytes).to_vec()
}

/// SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// Whether two texts are equal, in a time that does not depend on where they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// Whether `text` is `code` in hexadecimal (either case). A text that is no hexadecimal is not.
pub fn is_hex_of(text: &str, code: &[u8]) -> bool {
    hex::decode(text.trim()).is_ok_and(|bytes| same(&bytes, code))
}

/// Whether `text` is `code` in padded standard base64. A text that is no base64 is not.
pub fn is_base64_of(text: &str, code: &[u8]) -> bool {
    STANDARD.decode(text.trim()).is_ok_and(|bytes| same(&bytes, code))
}

/// Whether a header `sha256=<hex>` (or the hexadecimal alone) is the HMAC-SHA256 of a body.
pub fn signs_body(header: &str, key: &[u8], body: &[u8]) -> bool {
    is_hex_of(header.strip_prefix("sha256=").unwrap_or(header), &hmac_sha256(key, &[body]))
}

/// The bytes of padded standard base64. For what is no secret: it takes longer for some texts.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text.trim()).ok()
}

/// Padded standard base64.
pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2202 (SHA-1) and RFC 4231 (SHA-256), test case 2.
    #[test]
    fn known_answers() {
        let message: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        assert!(is_hex_of("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", &hmac_sha1(b"Jefe", &message)));
        let sha256 = hmac_sha256(b"Jefe", &message);
        assert!(is_hex_of("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", &sha256));
        assert!(is_hex_of("5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843", &sha256));
        assert!(is_base64_of(&base64(&sha256), &sha256));
        assert!(!is_hex_of("not hex", &sha256));
        assert!(!is_base64_of("", &sha256));
        assert!(!is_hex_of(&hex::encode(&sha256[..31]), &sha256));
    }
}
