//! Access tokens as Tyrian signs and checks them, and the keys behind them.

use actix_web::HttpRequest;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

/// The keys that are needed here, derived from the root secret.
pub struct Keys {
    decoding: DecodingKey,
    encoding: EncodingKey,
    validation: Validation,
    audit: [u8; 32],
}

/// Who calls, and in which session.
#[derive(Serialize, Deserialize)]
pub struct Claims {
    /// User id.
    pub sub: Uuid,
    /// The session.
    pub fam: Uuid,
    iss: String,
    aud: String,
    exp: i64,
}

impl Keys {
    /// As the server derives them.
    pub fn derive(secret: &str) -> Self {
        let access = hmac(secret.as_bytes(), b"tyrian access token v1");
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&["tyrian"]);
        validation.set_audience(&["tyrian-api"]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        Self {
            decoding: DecodingKey::from_secret(&access),
            encoding: EncodingKey::from_secret(&access),
            validation,
            audit: hmac(secret.as_bytes(), b"tyrian audit chain v1"),
        }
    }

    /// The caller of a request, if its token is good.
    pub fn caller(&self, request: &HttpRequest) -> Option<Claims> {
        let token = request.headers().get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")?;
        jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation).ok().map(|data| data.claims)
    }

    /// A token for a session.
    pub fn sign(&self, user: Uuid, session: Uuid) -> anyhow::Result<String> {
        let exp = chrono::Utc::now().timestamp() + 900;
        let claims = Claims { sub: user, fam: session, iss: "tyrian".into(), aud: "tyrian-api".into(), exp };
        Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)?)
    }

    /// The hash of an entry of the audit log.
    pub fn audit_hash(&self, entry: &str) -> String {
        hex::encode(hmac(&self.audit, entry.as_bytes()))
    }
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(message);
    mac.finalize().into_bytes().into()
}
