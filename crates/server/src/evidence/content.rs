//! A file on its way out: whole, in part, or not at all because the caller has it. Always as an attachment that a
//! browser neither guesses at nor runs.

use std::ops::Range;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use futures_util::stream;
use tyrian_api_types::ErrorCode;
use tyrian_entity::evidence_file;

use super::look::TEXT;
use crate::error::{ApiError, ApiResult};
use crate::http::{RequestInfo, etag};
use crate::state::State;

/// Nothing may be loaded, run or framed, and what is opened all the same has no origin.
const CSP: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// Answers with a file, or with its headers alone.
pub async fn respond(state: &State, http: &HttpRequest, file: &evidence_file::Model, headers_only: bool) -> ApiResult<HttpResponse> {
    let tag = format!("\"{}\"", file.sha256);
    if etag::not_modified(http, &tag) {
        return Ok(head(StatusCode::NOT_MODIFIED, file, &tag)?.finish());
    }
    let size = u64::try_from(file.size_bytes).unwrap_or_default();
    let (status, range) = match wanted(http.headers(), &tag, size) {
        Wanted::Whole => (StatusCode::OK, 0..size),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => {
            let refusal = ApiError::new(ErrorCode::RangeNotSatisfiable, format!("The file has {size} bytes."));
            let mut response = refusal.respond(&RequestInfo::of(http).id);
            response.headers_mut().insert(header::CONTENT_RANGE, value(&format!("bytes */{size}"))?);
            return Ok(response);
        }
    };
    let mut response = head(status, file, &tag)?;
    if status == StatusCode::PARTIAL_CONTENT {
        let last = range.end.saturating_sub(1);
        response.insert_header((header::CONTENT_RANGE, format!("bytes {}-{last}/{size}", range.start)));
    }
    let length = range.end - range.start;
    if headers_only || length == 0 {
        let nothing = stream::empty::<Result<Bytes, std::io::Error>>();
        return Ok(response.body(SizedStream::new(length, nothing)));
    }
    let content = state.storage.read(&file.storage_key, Some(range)).await?;
    match content {
        Some(content) if content.size == size => Ok(response.body(SizedStream::new(length, content.bytes))),
        Some(content) => Err(lost(file, &format!("has {} bytes instead of {size}", content.size))),
        None => Err(lost(file, "is not there")),
    }
}

/// The row says that there is a file, and the storage does not have it.
fn lost(file: &evidence_file::Model, how: &str) -> ApiError {
    let mut error = ApiError::internal(anyhow::anyhow!("the file {} of evidence {} {how}", file.storage_key, file.id));
    error.problem.detail = "The storage does not have this file as it came in. `GET /missions/{id}/evidence/verify` tells more.".into();
    error
}

fn value(text: &str) -> ApiResult<HeaderValue> {
    HeaderValue::from_str(text).map_err(ApiError::internal)
}

/// The headers of every answer.
fn head(status: StatusCode, file: &evidence_file::Model, tag: &str) -> ApiResult<HttpResponseBuilder> {
    let mut response = HttpResponse::build(status);
    let kind = if file.content_type == TEXT { "text/plain; charset=utf-8" } else { file.content_type.as_str() };
    response
        .insert_header((header::ETAG, tag))
        .insert_header((header::CONTENT_TYPE, value(kind)?))
        .insert_header((header::CONTENT_DISPOSITION, value(&disposition(&file.file_name))?))
        .insert_header((header::CONTENT_SECURITY_POLICY, CSP))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        // ranges and the length are those of the file: nothing may compress it on the way
        .insert_header((header::CONTENT_ENCODING, "identity"));
    Ok(response)
}

/// What a client wants of a file.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    Part(Range<u64>),
    /// Only what is not there.
    Nothing,
}

/// Reads Range and If-Range (RFC 9110, section 14). What we do not understand, and several ranges at once, we may
/// ignore: then the answer is the whole file.
fn wanted(headers: &HeaderMap, tag: &str, size: u64) -> Wanted {
    let text = |name| headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok()).map(str::trim);
    let Some(range) = text(header::RANGE) else { return Wanted::Whole };
    if text(header::IF_RANGE).is_some_and(|known| known != tag) {
        return Wanted::Whole;
    }
    let Some(("bytes", spec)) = range.split_once('=').map(|(unit, spec)| (unit.trim(), spec.trim())) else { return Wanted::Whole };
    let Some((first, last)) = spec.split_once('-') else { return Wanted::Whole };
    let number = |digits: &str| {
        let digits = digits.trim();
        // more digits than a number has is a place behind every end
        (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().unwrap_or(u64::MAX))
    };
    let (start, end) = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => (first, last.saturating_add(1).min(size)),
        (Some(first), None) if last.trim().is_empty() => (first, size),
        (None, Some(0)) if first.trim().is_empty() => return Wanted::Nothing,
        (None, Some(tail)) if first.trim().is_empty() => (size.saturating_sub(tail), size),
        _ => return Wanted::Whole,
    };
    if start < size { Wanted::Part(start..end) } else { Wanted::Nothing }
}

/// `attachment` with the name twice: in ASCII for old clients, and as it is, encoded (RFC 6266, RFC 8187). What could
/// lead a person or a program astray where the file is saved is an underscore: separators of paths, and characters
/// that turn the direction of reading, so that `exe.png` is not read for `gnp.exe`.
fn disposition(name: &str) -> String {
    let turns = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let safe: String = name.chars().map(|c| if matches!(c, '/' | '\\') || c.is_control() || turns(c) { '_' } else { c }).collect();
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_. ()+,=@".contains(c) { c } else { '_' };
    let ascii: String = safe.chars().map(plain).collect();
    let mut encoded = String::with_capacity(safe.len());
    for byte in safe.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~+$&^`|#".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&hex::encode_upper([byte]));
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_the_standard() {
        let with = |range: &str, if_range: Option<&str>, size| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, HeaderValue::from_str(range).unwrap());
            if let Some(tag) = if_range {
                headers.insert(header::IF_RANGE, HeaderValue::from_str(tag).unwrap());
            }
            wanted(&headers, "\"t\"", size)
        };
        assert_eq!(wanted(&HeaderMap::new(), "\"t\"", 10), Wanted::Whole);
        for (range, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=0-9", 0..10),
            ("bytes=3-", 3..10),
            ("bytes=9-99", 9..10),
            ("bytes=-4", 6..10),
            ("bytes=-40", 0..10),
            ("bytes=0-99999999999999999999999", 0..10),
            ("bytes = 1 - 2", 1..3),
        ] {
            assert_eq!(with(range, None, 10), Wanted::Part(part), "{range}");
        }
        for range in ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(with(range, None, 10), Wanted::Nothing, "{range}");
        }
        for range in ["bytes=2-1", "bytes=a-b", "bytes=", "bytes=-", "lines=1-2", "bytes=0-1,3-4", "bytes=+1-2"] {
            assert_eq!(with(range, None, 10), Wanted::Whole, "{range}");
        }
        assert_eq!(with("bytes=0-", None, 0), Wanted::Nothing);
        assert_eq!(with("bytes=1-2", Some("\"t\""), 10), Wanted::Part(1..3));
        assert_eq!(with("bytes=1-2", Some("\"other\""), 10), Wanted::Whole);
    }

    #[test]
    fn names_cannot_leave_their_header_or_their_folder() {
        for (name, wanted) in [
            ("shot 1.png", "attachment; filename=\"shot 1.png\"; filename*=UTF-8''shot%201.png"),
            ("../../x", "attachment; filename=\".._.._x\"; filename*=UTF-8''.._.._x"),
            ("..\\x", "attachment; filename=\".._x\"; filename*=UTF-8''.._x"),
            ("%2e%2e/x", "attachment; filename=\"_2e_2e_x\"; filename*=UTF-8''%252e%252e_x"),
            ("a\"; filename=\"b", "attachment; filename=\"a__ filename=_b\"; filename*=UTF-8''a%22%3B%20filename%3D%22b"),
            ("a\r\nX: 1", "attachment; filename=\"a__X_ 1\"; filename*=UTF-8''a__X%3A%201"),
            ("ü\u{202e}gnp.exe", "attachment; filename=\"__gnp.exe\"; filename*=UTF-8''%C3%BC_gnp.exe"),
        ] {
            assert_eq!(disposition(name), wanted);
        }
    }
}
