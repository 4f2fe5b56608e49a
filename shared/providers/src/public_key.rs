//! Signatures by keys whose private half only the provider has. Verifying compares public values, so its time tells nothing.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    UnparsedPublicKey, VerificationAlgorithm,
};
use x509_parser::{pem::parse_x509_pem, prelude::FromDer, x509::SubjectPublicKeyInfo};

/// Whether `signature` (base64 of ASN.1 DER) is one of `message` by a P-256 key (base64 of a SubjectPublicKeyInfo in DER,
/// with or without the lines of PEM).
pub(crate) fn is_signed_by_p256(key: &str, message: &[u8], signature: &str) -> bool {
    let bare: String = key.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    let (Ok(key), Ok(signature)) = (STANDARD.decode(bare), STANDARD.decode(signature.trim())) else { return false };
    let Ok((_, info)) = SubjectPublicKeyInfo::from_der(&key) else { return false };
    is_signed(&ECDSA_P256_SHA256_ASN1, &info.subject_public_key.data, message, &signature)
}

/// The digest that an RSA signature is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Digest {
    /// Where the provider offers nothing better.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// Whether `signature` (base64) is one of `message` by the RSA key of a certificate (PEM).
pub(crate) fn is_signed_by_certificate(pem: &[u8], digest: Digest, message: &[u8], signature: &str) -> bool {
    let Ok(signature) = STANDARD.decode(signature.trim()) else { return false };
    let Ok((_, pem)) = parse_x509_pem(pem) else { return false };
    let Ok(certificate) = pem.parse_x509() else { return false };
    let algorithm: &'static dyn VerificationAlgorithm = match digest {
        Digest::Sha1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        Digest::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
    };
    is_signed(algorithm, &certificate.public_key().subject_public_key.data, message, &signature)
}

fn is_signed(algorithm: &'static dyn VerificationAlgorithm, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
}
