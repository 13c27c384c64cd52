//! What a file is, from its bytes as they pass: size, hash, kind. What a client says of it is not believed.

use bytes::Bytes;
use infer::MatcherType;
use sha2::{Digest as _, Sha256};

/// How much of a file's beginning is kept until its end: the header of a JPEG stands behind its thumbnail and profiles.
const HEAD: usize = 256 << 10;
/// The longest side of an image that a browser is asked to show.
const MAX_SIDE: usize = 32_767;
/// Its largest area: four bytes each are 256 MiB once it is unpacked.
const MAX_AREA: usize = 64 << 20;
/// The largest text that a browser is asked to show.
pub const MAX_TEXT: u64 = 1 << 20;

/// The kind of every text that UTF-8 can read, of web pages and scripts too: nothing that a browser would run has a
/// kind that makes it do so.
pub const TEXT: &str = "text/plain";
/// Bytes of no kind that we know.
const BYTES: &str = "application/octet-stream";
/// Images that may be shown. A file is of such a kind only if its header says a sane size.
const IMAGES: &[&str] = &["image/png", "image/jpeg", "image/gif", "image/webp"];

/// May the app show it in the page?
pub fn preview(content_type: &str, size: u64) -> bool {
    IMAGES.contains(&content_type) || (content_type == TEXT && size <= MAX_TEXT)
}

/// A look at bytes as they pass.
#[derive(Default)]
pub struct Look {
    hasher: Sha256,
    size: u64,
    head: Vec<u8>,
    text: Utf8,
}

/// What was seen.
#[derive(Debug, PartialEq, Eq)]
pub struct Seen {
    /// Bytes.
    pub size: u64,
    /// Of all bytes, in lower-case hex.
    pub sha256: String,
    /// What they are.
    pub content_type: &'static str,
}

impl Look {
    /// The next bytes.
    pub fn at(&mut self, bytes: &Bytes) {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        let room = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(bytes.get(..room).unwrap_or_default());
        self.text.at(bytes);
    }

    /// There are no more.
    pub fn end(self) -> Seen {
        let content_type = kind(&self.head, self.text.holds());
        Seen { size: self.size, sha256: hex::encode(self.hasher.finalize()), content_type }
    }
}

/// The kind of a file that begins so and is a text throughout, or not.
fn kind(head: &[u8], is_text: bool) -> &'static str {
    let found = infer::get(head).filter(|t| t.matcher_type() != MatcherType::Text).map(|t| t.mime_type());
    match found {
        // these begin like a text, and may be one throughout
        Some(mime @ ("application/pdf" | "application/postscript" | "text/rtf" | "application/rtf")) => mime,
        // two letters make some formats: what can be read is a text before it is a bitmap
        _ if is_text => TEXT,
        Some(mime) if IMAGES.contains(&mime) && !is_sane_image(head) => BYTES,
        Some(mime) if mime.starts_with("text/") => BYTES,
        Some(mime) => mime,
        None => BYTES,
    }
}

fn is_sane_image(head: &[u8]) -> bool {
    let sane = |side: usize| (1..=MAX_SIDE).contains(&side);
    imagesize::blob_size(head).is_ok_and(|size| sane(size.width) && sane(size.height) && size.width * size.height <= MAX_AREA)
}

/// Are all bytes UTF-8 without NUL? Pieces may cut a character.
#[derive(Default)]
struct Utf8 {
    broken: bool,
    /// The beginning of a character whose rest is in the next piece: three bytes at most.
    begun: Vec<u8>,
}

impl Utf8 {
    fn at(&mut self, mut bytes: &[u8]) {
        if self.broken {
            return;
        }
        while !self.begun.is_empty() && !self.broken {
            let Some((first, rest)) = bytes.split_first() else { return };
            self.begun.push(*first);
            bytes = rest;
            match std::str::from_utf8(&self.begun) {
                Ok(_) => self.begun.clear(),
                Err(e) => self.broken = e.error_len().is_some(),
            }
        }
        if bytes.contains(&0) {
            self.broken = true;
        } else if let Err(e) = std::str::from_utf8(bytes) {
            self.broken |= e.error_len().is_some();
            self.begun.extend_from_slice(bytes.get(e.valid_up_to()..).unwrap_or_default());
        }
        if self.broken {
            self.begun = Vec::new();
        }
    }

    fn holds(&self) -> bool {
        !self.broken && self.begun.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG's first bytes with this size.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend(b"\x08\x06\0\0\0\0\0\0\0");
        bytes
    }

    fn seen(bytes: &[u8]) -> Seen {
        let mut look = Look::default();
        look.at(&Bytes::copy_from_slice(bytes));
        look.end()
    }

    #[test]
    fn kinds_come_from_the_bytes() {
        let gif = b"GIF89a\x10\0\x10\0\x80\0\0\xff\xff\xff\0\0\0".to_vec();
        let mut webp = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\x0f\xc0\x03\0".to_vec();
        webp.extend([0; 16]);
        let mut jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xe1\xf0\0".to_vec();
        jpeg.extend(vec![0x11; 0xf000 - 2]);
        jpeg.extend(b"\xff\xc0\0\x11\x08\0\x20\0\x40\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9");
        for (bytes, kind) in [
            (png(64, 32), "image/png"),
            (gif, "image/gif"),
            (webp, "image/webp"),
            (jpeg, "image/jpeg"),
            (b"%PDF-1.4\n1 0 obj".to_vec(), "application/pdf"),
            (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3".to_vec(), "application/pdf"),
            (b"PK\x03\x04\x14\0\0\0\x08\0".to_vec(), "application/zip"),
            (b"plain \xc3\xbc\xf0\x9f\xa6\x91".to_vec(), TEXT),
            (b"\xef\xbb\xbfwith a mark".to_vec(), TEXT),
            (b"BMW, MZ, BZh: letters that begin other formats".to_vec(), TEXT),
            (b"MZ is also a text".to_vec(), TEXT),
            (Vec::new(), TEXT),
            (b"<!DOCTYPE html><script>alert(1)</script>".to_vec(), TEXT),
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), TEXT),
            (b"<?xml version='1.0'?><a/>".to_vec(), TEXT),
            (b"#!/bin/sh\nrm -rf /".to_vec(), TEXT),
            (b"<html>\xff in Latin-1".to_vec(), BYTES),
            (b"<?xml version='1.0'?>\0<a/>".to_vec(), BYTES),
            (b"a text\0with NUL".to_vec(), BYTES),
            (b"U\0T\0F\0".to_vec(), BYTES),
            (b"cut in a character \xf0\x9f\xa6".to_vec(), BYTES),
        ] {
            assert_eq!(seen(&bytes).content_type, kind, "{:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(40)]));
        }
    }

    #[test]
    fn an_image_without_a_sane_size_is_none() {
        for bytes in [png(0, 10), png(10, 0), png(40_000, 10), png(30_000, 30_000), b"\x89PNG\r\n\x1a\nnoise".to_vec()] {
            assert_eq!(seen(&bytes).content_type, BYTES);
        }
        assert!(preview(seen(&png(1920, 1080)).content_type, u64::MAX), "an image of any length");
        // a page behind an image is still nothing but an image
        let polyglot = [png(8, 8), b"<html><script>alert(1)</script>".to_vec()].concat();
        assert_eq!(seen(&polyglot).content_type, "image/png");
    }

    #[test]
    fn texts_are_shown_up_to_a_size_and_nothing_else_is() {
        assert!(preview(TEXT, MAX_TEXT) && !preview(TEXT, MAX_TEXT + 1));
        for kind in [BYTES, "application/pdf", "image/svg+xml", "text/html", "image/bmp", "video/mp4"] {
            assert!(!preview(kind, 1), "{kind}");
        }
    }

    #[test]
    fn the_size_of_pieces_does_not_matter() {
        let text = "ä🦑z".repeat(40).into_bytes();
        let cut = &text[..text.len() - 2];
        for bytes in [&text[..], cut, &[b"ok ".as_slice(), b"\x80 broken"].concat()[..], &png(3, 3)[..]] {
            for step in 1..9 {
                let mut look = Look::default();
                for piece in bytes.chunks(step) {
                    look.at(&Bytes::copy_from_slice(piece));
                }
                assert_eq!(look.end(), seen(bytes), "in pieces of {step}");
            }
        }
        assert_eq!(seen(b"abc").sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
