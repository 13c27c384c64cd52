//! What is said to the provider and what it answers.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdTokenFields, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, StandardErrorResponse, StandardTokenResponse, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::Oidc;

/// What a provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes that an answer of it may have.
const LONGEST: usize = 1 << 20;

/// Every claim that the standard does not name: groups are among them.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Others(Map<String, Value>);

impl AdditionalClaims for Others {}

type Answer = StandardTokenResponse<
    IdTokenFields<Others, EmptyExtraTokenFields, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>,
    CoreTokenType,
>;
type Provider = Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Answer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Sends a request as the library wants it sent: no redirects, in time, not without end.
async fn send(request: HttpRequest) -> Result<HttpResponse, std::io::Error> {
    let other = std::io::Error::other::<reqwest::Error>;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE).build().map_err(other)?;
    let mut answer = client.execute(request.try_into().map_err(other)?).await.map_err(other)?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(other)? {
        body.extend_from_slice(&piece);
        if body.len() > LONGEST {
            return Err(std::io::Error::other("the provider's answer has no end"));
        }
    }
    let mut response = HttpResponse::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

async fn provider(oidc: &Oidc, public_url: &str) -> anyhow::Result<Provider> {
    let metadata = CoreProviderMetadata::discover_async(IssuerUrl::new(oidc.issuer.clone())?, &send)
        .await
        .map_err(|e| anyhow::anyhow!("{e:?}"))
        .with_context(|| format!("{} cannot be read", oidc.issuer))?;
    let secret = oidc.client_secret.clone().map(ClientSecret::new);
    let back = RedirectUrl::new(format!("{public_url}/api/v1/auth/oidc/callback"))?;
    Ok(Client::from_provider_metadata(metadata, ClientId::new(oidc.client_id.clone()), secret).set_redirect_uri(back))
}

/// A sign-in that has begun: where the browser goes, and what must come back as it is here.
pub struct Begun {
    /// The provider's page.
    pub url: String,
    /// Comes back with the code.
    pub state: String,
    /// Comes back in the ID token.
    pub nonce: String,
    /// Goes to the provider with the code.
    pub verifier: String,
}

/// Begins a sign-in.
pub async fn begin(oidc: &Oidc, public_url: &str) -> anyhow::Result<Begun> {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let provider = provider(oidc, public_url).await?;
    let (url, state, nonce) = provider
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(oidc.scopes.iter().cloned().map(Scope::new))
        .set_pkce_challenge(challenge)
        .url();
    Ok(Begun { url: url.into(), state: state.into_secret(), nonce: nonce.secret().clone(), verifier: verifier.into_secret() })
}

/// Who the provider says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who vouches.
    pub issuer: String,
    /// Who it is there, for good.
    pub subject: String,
    /// An address that the provider has checked.
    pub email: Option<String>,
    /// The name that others see.
    pub name: Option<String>,
    /// The groups of the claim.
    pub groups: BTreeSet<String>,
}

/// Exchanges the code for an ID token and checks it: signature, issuer, audience, time, nonce.
pub async fn finish(oidc: &Oidc, public_url: &str, code: String, nonce: String, verifier: String) -> anyhow::Result<Person> {
    let provider = provider(oidc, public_url).await?;
    let answer = provider
        .exchange_code(AuthorizationCode::new(code))?
        .set_pkce_verifier(PkceCodeVerifier::new(verifier))
        .request_async(&send)
        .await
        .map_err(|e| anyhow::anyhow!("{e:?}"))
        .context("the code was not taken")?;
    let token = answer.id_token().context("the answer has no ID token")?;
    let claims = token.claims(&provider.id_token_verifier(), &Nonce::new(nonce)).context("the ID token is not good")?;
    ensure!(!claims.subject().as_str().is_empty(), "the ID token names nobody");
    let name = claims.name().and_then(|name| name.get(None)).map(|name| name.as_str().trim().to_owned()).filter(|name| !name.is_empty());
    let email = claims.email().filter(|_| claims.email_verified() == Some(true)).map(|email| email.as_str().to_owned());
    Ok(Person {
        issuer: claims.issuer().as_str().to_owned(),
        subject: claims.subject().as_str().to_owned(),
        email,
        name,
        groups: groups(&claims.additional_claims().0, &oidc.groups_claim),
    })
}

/// The names that a claim lists; one name alone counts too.
fn groups(claims: &Map<String, Value>, claim: &str) -> BTreeSet<String> {
    match claims.get(claim) {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(one)) => BTreeSet::from([one.clone()]),
        _ => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_a_list_or_one_name() {
        let claims = serde_json::json!({"groups": ["soc", 7, "lead"], "one": "soc", "no": {"soc": true}});
        let claims = claims.as_object().unwrap();
        assert_eq!(groups(claims, "groups"), BTreeSet::from(["soc".to_owned(), "lead".to_owned()]));
        assert_eq!(groups(claims, "one"), BTreeSet::from(["soc".to_owned()]));
        assert!(groups(claims, "no").is_empty() && groups(claims, "absent").is_empty());
    }
}
