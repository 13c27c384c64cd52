//! The app's files from the binary: hashed assets cached for good, everything else is the app's page.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::RustEmbed;

use crate::error::ApiError;

#[derive(RustEmbed)]
#[folder = "../../dist"]
#[allow_missing = true]
struct Dist;

const PAGE: &str = "index.html";

/// The policy of the app's page: no script or style of it is inline.
const CSP: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; \
     connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

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
    if name == PAGE && path != PAGE && names_a_file(path) {
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
    let hashed = lies_in_a_hashed_folder(name);
    let mut response = if crate::http::etag::not_modified(&request, &etag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, etag))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::CACHE_CONTROL, if hashed { "public, max-age=31536000, immutable" } else { "no-cache" }))
        .insert_header((header::CONTENT_ENCODING, encoding));
    if name == PAGE {
        response.insert_header((header::CONTENT_SECURITY_POLICY, CSP));
    }
    response.content_type(mime_guess::from_path(name).first_or_octet_stream().to_string());
    Ok(response.body(file.data.into_owned()))
}

/// Does an address end like a file? `T1003.001` is a subtechnique, which has a page.
fn names_a_file(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    last.rsplit_once('.').is_some_and(|(_, ending)| ending.is_empty() || ending.bytes().any(|b| !b.is_ascii_digit()))
}

fn no_app() -> ApiError {
    ApiError::new(tyrian_api_types::ErrorCode::NotFound, "This binary was built without the app: run `make build`, then start it again.")
}

/// `app-0123456789abcdef/…`: the build names the folder after its content, so what lies in it never changes.
fn lies_in_a_hashed_folder(name: &str) -> bool {
    let hash = name.split_once('/').and_then(|(folder, _)| folder.rsplit_once('-')).map(|(_, hash)| hash);
    hash.is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subtechnique_is_no_file() {
        for path in ["app/frontend.js", "favicon.svg", "a/b.c.map", "robots.", ".env"] {
            assert!(names_a_file(path), "{path}");
        }
        for path in ["", "missions", "analytics/techniques/T1003", "analytics/techniques/T1003.001"] {
            assert!(!names_a_file(path), "{path}");
        }
    }

    #[test]
    fn only_what_lies_in_a_hashed_folder_is_kept_for_good() {
        assert!(lies_in_a_hashed_folder("app-0123456789abcdef/frontend.js"));
        for name in ["index.html", "app/frontend.js", "app-0123456789abcdef", "fonts-inter/a.woff2"] {
            assert!(!lies_in_a_hashed_folder(name), "{name}");
        }
    }
}
