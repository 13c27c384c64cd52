//! A bundle by address: only from where the settings allow, only from public addresses, bounded in size and time.

use std::error::Error as StdError;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header;
use tyrian_api_types::{ErrorCode, FieldError};
use url::{Host, Url};

use super::public_address::is_public;
use super::spool::{Bundle, MAX_BUNDLE, Spool};
use crate::config::Settings;
use crate::error::{ApiError, ApiResult};
use crate::jobs::Progress;

const TIME: Duration = Duration::from_mins(1);
const TIME_TO_CONNECT: Duration = Duration::from_secs(10);
const REDIRECTS: usize = 3;
/// How often somebody who watches is told how far it is.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// Checks an address before anything is connected to. Also what a redirect leads to.
pub fn check(settings: &Settings, source: &str) -> ApiResult<Url> {
    let url = Url::parse(source.trim()).map_err(|e| refused(format!("This is no address: {e}.")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("An address with a name or password in it would be shown to everybody: leave them out."));
    }
    let host = url.host().ok_or_else(|| refused("The address has no host."))?.to_owned();
    if settings.outbound_allow_private {
        return if matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(refused("Only http and https are read.")) };
    }
    if url.scheme() != "https" {
        return Err(refused("Only https is read."));
    }
    // the parser has turned every spelling of an IPv4 address (decimal, octal, hexadecimal) into the address itself
    let literal = match host {
        Host::Ipv4(v4) => Some(v4.into()),
        Host::Ipv6(v6) => Some(v6.into()),
        Host::Domain(_) => None,
    };
    if literal.is_some_and(|address| !is_public(address)) {
        return Err(not_public());
    }
    if !url.host_str().is_some_and(|host| settings.outbound_hosts.iter().any(|allowed| allowed == host)) {
        return Err(refused(format!(
            "Only these hosts are read: {}. The server's settings can name others.",
            settings.outbound_hosts.join(", ")
        )));
    }
    Ok(url)
}

/// An address as it may be kept and shown: without the name and password that a refused one may hold.
pub fn showable(source: &str) -> String {
    match Url::parse(source.trim()) {
        Ok(mut url) if !url.username().is_empty() || url.password().is_some() => {
            let cleared = url.set_username("").and_then(|()| url.set_password(None));
            if cleared.is_ok() { url.to_string() } else { String::new() }
        }
        Ok(url) => url.to_string(),
        Err(_) => source.to_owned(),
    }
}

/// Reads the bundle at an address that [`check`] passed.
pub async fn fetch(settings: &Settings, url: Url, progress: &Progress) -> ApiResult<Bundle> {
    let host = url.host_str().unwrap_or("the source").to_owned();
    tokio::time::timeout(TIME, fetch_in_time(settings, url, progress))
        .await
        .unwrap_or_else(|_| Err(unreachable(format!("{host} took longer than {} seconds.", TIME.as_secs()))))
}

async fn fetch_in_time(settings: &Settings, mut url: Url, progress: &Progress) -> ApiResult<Bundle> {
    let client = client(settings)?;
    for _ in 0..=REDIRECTS {
        let response = client.get(url.clone()).header(header::ACCEPT_ENCODING, "identity").send().await.map_err(explain)?;
        let status = response.status();
        if status.is_redirection() {
            let target = response.headers().get(header::LOCATION).and_then(|v| v.to_str().ok());
            let target = target.ok_or_else(|| unreachable("The source redirects, but does not say where to."))?;
            let target = url.join(target).map_err(|_| unreachable("The source redirects to what is no address."))?;
            url = check(settings, target.as_str())?;
            continue;
        }
        if !status.is_success() {
            return Err(unreachable(format!("The source answered {}.", status.as_u16())));
        }
        return read(settings, response, progress).await;
    }
    Err(unreachable(format!("The source redirects more than {REDIRECTS} times.")))
}

async fn read(settings: &Settings, response: reqwest::Response, progress: &Progress) -> ApiResult<Bundle> {
    let total = response.content_length();
    if total.is_some_and(|total| total > MAX_BUNDLE) {
        return Err(super::spool::SpoolError::TooLarge.into());
    }
    let mut spool = Spool::new(settings).map_err(ApiError::internal)?;
    let (mut chunks, mut told) = (response.bytes_stream(), Instant::now());
    progress.step("Downloading", 0, total).await?;
    while let Some(chunk) = chunks.next().await {
        spool.push(&chunk.map_err(explain)?).await?;
        if told.elapsed() >= TELL_EVERY {
            progress.step("Downloading", spool.size(), total).await?;
            told = Instant::now();
        }
    }
    spool.finish().await.map_err(ApiError::internal)
}

/// No proxy of the environment, no redirects but those that are checked here, no answers unpacked.
fn client(settings: &Settings) -> ApiResult<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(TIME_TO_CONNECT)
        .timeout(TIME)
        .user_agent(concat!("tyrian/", env!("CARGO_PKG_VERSION")));
    if !settings.outbound_allow_private {
        builder = builder.https_only(true).dns_resolver(PublicOnly);
    }
    builder.build().map_err(|e| {
        let mut error = unreachable("The server cannot make TLS connections: are the system's CA certificates installed?");
        error.cause = Some(e.into());
        error
    })
}

/// Resolves names to public addresses, and what it gives is what is connected to: nothing is resolved twice.
struct PublicOnly;

#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that is not public")]
struct NotPublic;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().any(|address| !is_public(address.ip())) {
                return Err(NotPublic.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn explain(error: reqwest::Error) -> ApiError {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(&error);
    while let Some(e) = cause {
        if e.is::<NotPublic>() {
            return not_public();
        }
        cause = e.source();
    }
    let host = error.url().and_then(Url::host_str).unwrap_or("the source").to_owned();
    let mut api = unreachable(if error.is_timeout() {
        format!("No answer from {host} in time.")
    } else if error.is_connect() {
        format!("No connection to {host}. Without one, the bundle can be uploaded as a file.")
    } else if error.is_body() || error.is_decode() {
        format!("The answer of {host} ended before it was complete.")
    } else {
        format!("{host} gave no answer that could be read.")
    });
    api.cause = Some(error.without_url().into());
    api
}

fn not_public() -> ApiError {
    refused("The address is not a public one: private networks and this machine are not read.")
}

fn refused(detail: impl Into<String>) -> ApiError {
    at_source(ErrorCode::SourceRefused, detail)
}

fn unreachable(detail: impl Into<String>) -> ApiError {
    at_source(ErrorCode::SourceUnreachable, detail)
}

fn at_source(code: ErrorCode, detail: impl Into<String>) -> ApiError {
    let mut error = ApiError::new(code, detail);
    error.problem.errors = vec![FieldError { pointer: "/source".into(), code: code.as_str().into(), detail: error.problem.detail.clone() }];
    error
}
