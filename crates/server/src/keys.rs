//! Keys derived from the root secret, random tokens and their hashes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
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
    /// Seals what is stored and must be read again: secrets of authenticators.
    pub seal: [u8; 32],
    /// Hashes recovery codes, which are too short for a plain hash.
    pub recovery: [u8; 32],
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
            seal: key("tyrian sealed secrets v1"),
            recovery: key("tyrian recovery codes v1"),
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

/// Bytes in a nonce: so many that random ones never meet.
const NONCE: usize = 24;

/// Encrypts and authenticates; `context` must be the same when it is opened, so that one sealed text never passes for another.
pub fn seal(key: &[u8; 32], plain: &[u8], context: &str) -> anyhow::Result<String> {
    let nonce: [u8; NONCE] = rand::random();
    let sealed = XChaCha20Poly1305::new(&(*key).into()).encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: context.as_bytes() });
    let sealed = sealed.map_err(|_| anyhow::anyhow!("a secret could not be sealed"))?;
    Ok(base64url(&[&nonce[..], &sealed].concat()))
}

/// What was sealed with this key in this context; none if anything of it differs.
pub fn open(key: &[u8; 32], text: &str, context: &str) -> Option<Vec<u8>> {
    let bytes = from_base64url(text)?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
    XChaCha20Poly1305::new(&(*key).into()).decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: context.as_bytes() }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_as_it_was() {
        let (key, other) = (Keys::derive(&"s".repeat(32)).seal, Keys::derive(&"t".repeat(32)).seal);
        let sealed = seal(&key, b"secret", "a user").unwrap();
        assert_eq!(open(&key, &sealed, "a user").unwrap(), b"secret");
        assert_ne!(sealed, seal(&key, b"secret", "a user").unwrap(), "each time anew");
        assert!(open(&other, &sealed, "a user").is_none() && open(&key, &sealed, "another").is_none());
        assert!(open(&key, &sealed[1..], "a user").is_none() && open(&key, "", "a user").is_none());
    }
}
