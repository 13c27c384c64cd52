//! Access tokens (signed, 15 minutes) and refresh tokens (random, derived from one another, stored as hashes).

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};
use crate::keys::{Keys, base64url, hmac};

/// Seconds that an access token lives.
pub const ACCESS_SECONDS: u64 = 15 * 60;
const ISSUER: &str = "tyrian";
const AUDIENCE: &str = "tyrian-api";

/// What an access token says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    /// User id.
    pub sub: Uuid,
    /// The session: its family of refresh tokens.
    pub fam: Uuid,
    /// Issuer.
    pub iss: String,
    /// Audience.
    pub aud: String,
    /// Issued at, seconds.
    pub iat: i64,
    /// Ends at, seconds.
    pub exp: i64,
}

/// Signs an access token.
pub fn make_access(keys: &Keys, user: Uuid, family: Uuid) -> ApiResult<String> {
    let iat = crate::now().timestamp();
    let exp = iat.saturating_add_unsigned(ACCESS_SECONDS);
    let claims = Claims { sub: user, fam: family, iss: ISSUER.into(), aud: AUDIENCE.into(), iat, exp };
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(&keys.access)).map_err(ApiError::internal)
}

/// The claims of a good access token: signature by our key and our algorithm, issuer, audience and time as they should be.
pub fn read_access(keys: &Keys, token: &str) -> Option<Claims> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.leeway = 5;
    jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(&keys.access), &validation).ok().map(|data| data.claims)
}

/// The refresh token after this one: the same each time it is asked for, so that two tabs that refresh at once
/// get one successor.
pub fn successor(keys: &Keys, token: &str) -> String {
    base64url(&hmac(&keys.refresh, token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forge(claims: &serde_json::Value, algorithm: Algorithm, key: &[u8]) -> String {
        jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(key)).unwrap()
    }

    #[test]
    fn only_our_own_fresh_tokens_are_read() {
        let keys = Keys::derive(&"s".repeat(32));
        let (user, family) = (Uuid::now_v7(), Uuid::now_v7());
        let good = make_access(&keys, user, family).unwrap();
        assert_eq!(read_access(&keys, &good).unwrap().sub, user);
        let now = crate::now().timestamp();
        let claims = |iss: &str, aud: &str, exp: i64| serde_json::json!({"sub": user, "fam": family, "iss": iss, "aud": aud, "iat": now, "exp": exp});
        for (why, token) in [
            ("expired", forge(&claims(ISSUER, AUDIENCE, now - 60), Algorithm::HS256, &keys.access)),
            ("foreign issuer", forge(&claims("x", AUDIENCE, now + 60), Algorithm::HS256, &keys.access)),
            ("foreign audience", forge(&claims(ISSUER, "x", now + 60), Algorithm::HS256, &keys.access)),
            ("other key", forge(&claims(ISSUER, AUDIENCE, now + 60), Algorithm::HS256, &keys.refresh)),
            ("other algorithm", forge(&claims(ISSUER, AUDIENCE, now + 60), Algorithm::HS512, &keys.access)),
            ("no algorithm", format!("eyJhbGciOiJub25lIn0.{}.", good.split('.').nth(1).unwrap())),
            ("a refresh token", crate::keys::random_token()),
        ] {
            assert!(read_access(&keys, &token).is_none(), "{why}");
        }
    }
}
