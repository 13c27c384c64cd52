//! Keys derived from the root secret, random tokens and their hashes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// One key for each use, so that a token of one kind never passes for another.
#[derive(Clone)]
pub struct Keys {
    /// Signs access tokens.
    pub access: [u8; 32],
    /// Derives a refresh token from the one before.
    pub refresh: [u8; 32],
    /// Tells requests apart under an Idempotency-Key; their bodies may hold passwords.
    pub idempotency: [u8; 32],
    /// Chains the audit log.
    pub audit: [u8; 32],
}

impl Keys {
    /// Derives all keys from the root secret.
    pub fn derive(secret: &str) -> Self {
        let key = |purpose: &str| hmac(secret.as_bytes(), purpose.as_bytes());
        Self {
            access: key("tyrian access token v1"),
            refresh: key("tyrian refresh token v1"),
            idempotency: key("tyrian idempotency v1"),
            audit: key("tyrian audit chain v1"),
        }
    }
}

/// HMAC-SHA-256.
pub fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    // HMAC takes a key of any length, so this cannot fail
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// SHA-256 as 64 hex digits: how tokens are stored.
pub fn sha256_hex(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(bytes.as_ref()))
}

/// 256 random bits, safe in a URL and a cookie.
pub fn random_token() -> String {
    let bytes: [u8; 32] = rand::random();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Bytes, safe in a URL.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes behind [`base64url`].
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
