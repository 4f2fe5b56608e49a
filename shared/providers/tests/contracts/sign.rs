//! Signing as the providers do, apart from the product's own code.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// HMAC-SHA256 in hexadecimal.
pub fn sha256_hex(key: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// HMAC-SHA1 in base64.
pub fn sha1_base64(key: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// SHA-256 in hexadecimal.
pub fn digest_hex(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

static P256: LazyLock<EcdsaKeyPair> = LazyLock::new(|| {
    let (algorithm, random) = (&ECDSA_P256_SHA256_ASN1_SIGNING, SystemRandom::new());
    let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).unwrap()
});

/// The public half of a P-256 key of this process: base64 of a SubjectPublicKeyInfo (RFC 5480 §2).
pub fn p256_key() -> String {
    let head = hex::decode("3059301306072a8648ce3d020106082a8648ce3d030107034200").unwrap();
    STANDARD.encode([head.as_slice(), P256.public_key().as_ref()].concat())
}

/// ECDSA with that key and SHA-256, in base64.
pub fn p256_base64(text: &str) -> String {
    STANDARD.encode(P256.sign(&SystemRandom::new(), text.as_bytes()).unwrap())
}

/// RSA with SHA-256 (PKCS #1), by a key in DER, in base64.
pub fn rsa_base64(key: &[u8], text: &str) -> String {
    let key = RsaKeyPair::from_pkcs8(key).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    STANDARD.encode(signature)
}
