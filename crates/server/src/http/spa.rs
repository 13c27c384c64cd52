//! The app's files from the binary: hashed assets cached for good, everything else is the app's page.

use std::sync::LazyLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::error::ApiError;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../dist"]
#[allow_missing = true]
struct Dist;

const PAGE: &str = "index.html";

/// The policy of the app's page. The loader that trunk writes inline is allowed by its hash.
static CSP: LazyLock<String> = LazyLock::new(|| {
    let page = Dist::get(PAGE).map(|f| String::from_utf8_lossy(&f.data).into_owned()).unwrap_or_default();
    let hashes = inline_scripts(&page).fold(String::new(), |all, script| {
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(script.as_bytes()));
        all + " 'sha256-" + &hash + "'"
    });
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; \
         connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
});

/// The texts of the `<script>` elements without a `src`.
fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (text, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=") && !text.is_empty()).then_some(text)
    })
}

/// Serves a file of the app, or its page for every other address.
pub async fn serve(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let path = request.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return Err(ApiError::not_found());
    }
    if !matches!(*request.method(), actix_web::http::Method::GET | actix_web::http::Method::HEAD) {
        return Err(ApiError::new(tyrian_api_types::ErrorCode::MethodNotAllowed, "The app is read with GET."));
    }
    let name = if path.is_empty() || Dist::get(path).is_none() { PAGE } else { path };
    if name == PAGE && path.rsplit('/').next().is_some_and(|last| last.contains('.') && last != PAGE) {
        return Err(ApiError::not_found()); // a missing file is missing, not the app's page
    }
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let stored = [("br", "br"), ("gzip", "gz")].into_iter().find_map(|(encoding, ending)| {
        let offered = accepted.split(',').any(|e| e.split(';').next().is_some_and(|e| e.trim() == encoding));
        if offered { Dist::get(&format!("{name}.{ending}")).map(|f| (encoding, f)) } else { None }
    });
    let (encoding, file) = match stored {
        Some((encoding, file)) => (encoding, file),
        None => ("identity", Dist::get(name).ok_or_else(no_app)?),
    };
    let etag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash()));
    // trunk puts a hash into every name but the page's, so those never change
    let hashed =
        name.rsplit_once('-').is_some_and(|(_, end)| end.len() > 12 && end.split(['.', '_']).next().is_some_and(|h| h.len() >= 12));
    let mut response = if crate::http::etag::not_modified(&request, &etag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, etag))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::CACHE_CONTROL, if hashed { "public, max-age=31536000, immutable" } else { "no-cache" }))
        .insert_header((header::CONTENT_ENCODING, encoding));
    if name == PAGE
        && let Ok(csp) = HeaderValue::from_str(&CSP)
    {
        response.insert_header((header::CONTENT_SECURITY_POLICY, csp));
    }
    response.content_type(mime_guess::from_path(name).first_or_octet_stream().to_string());
    Ok(response.body(file.data.into_owned()))
}

fn no_app() -> ApiError {
    ApiError::new(tyrian_api_types::ErrorCode::NotFound, "This binary was built without the app: run `make build`, then start it again.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scripts_without_a_source_are_hashed() {
        let page = r#"<script src="/a.js"></script><script type="module">let a = 1;</script>"#;
        assert_eq!(inline_scripts(page).collect::<Vec<_>>(), ["let a = 1;"]);
    }
}
