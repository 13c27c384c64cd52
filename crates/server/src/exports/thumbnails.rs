//! Small pictures of evidence for the reports: bounded in number, in bytes, and in what decoding one may take.

use std::io::Cursor;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageReader, Limits, Rgb, RgbImage};
use tyrian_entity::evidence_file;
use tyrian_report::model::Thumbnail;

use crate::error::{ApiError, ApiResult};
use crate::state::State;

/// Pictures in a report.
pub const PICTURES: usize = 300;
/// A larger file has no picture.
const FILE: i64 = 16 << 20;
/// What decoding one picture may take.
const DECODED: u64 = 64 << 20;
/// Pixels across and down.
const SIZE: (u32, u32) = (640, 480);
/// Of all pictures together.
pub const TOTAL: usize = 24 << 20;

/// A small picture of a file; none where it is no image, is too large, or cannot be read.
pub async fn of(state: &State, file: &evidence_file::Model) -> ApiResult<Option<Thumbnail>> {
    if !file.content_type.starts_with("image/") || file.size_bytes > FILE {
        return Ok(None);
    }
    let Some(content) = state.storage.read(&file.storage_key, None).await? else { return Ok(None) };
    let mut bytes = Vec::new();
    let mut pieces = content.bytes;
    while let Some(piece) = pieces.try_next().await.map_err(ApiError::internal)? {
        if bytes.len() + piece.len() > usize::try_from(FILE).unwrap_or_default() {
            return Ok(None);
        }
        bytes.extend_from_slice(&piece);
    }
    tokio::task::spawn_blocking(move || small(bytes)).await.map_err(ApiError::internal)
}

fn small(bytes: Vec<u8>) -> Option<Thumbnail> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(12_000);
    limits.max_image_height = Some(12_000);
    limits.max_alloc = Some(DECODED);
    reader.limits(limits);
    let image = reader.decode().ok()?;
    let image = if image.width() > SIZE.0 || image.height() > SIZE.1 { image.thumbnail(SIZE.0, SIZE.1) } else { image };
    let image = on_white(&image);
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 78).encode_image(&image).ok()?;
    Some(Thumbnail { jpeg: Arc::from(jpeg), width: image.width(), height: image.height() })
}

/// Without transparency, as paper is white.
fn on_white(image: &DynamicImage) -> RgbImage {
    let image = image.to_rgba8();
    let mut out = RgbImage::new(image.width(), image.height());
    for (to, from) in out.pixels_mut().zip(image.pixels()) {
        let [r, g, b, a] = from.0;
        let over = |c: u8| u8::try_from((u16::from(c) * u16::from(a) + 255 * (255 - u16::from(a))) / 255).unwrap_or(255);
        *to = Rgb([over(r), over(g), over(b)]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_small_opaque_and_never_a_bomb() {
        let mut png = Vec::new();
        let clear = image::RgbaImage::from_pixel(2000, 1000, image::Rgba([0, 0, 0, 0]));
        clear.write_to(&mut Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
        let found = small(png).unwrap();
        assert_eq!((found.width, found.height), (640, 320));
        let back = image::load_from_memory(&found.jpeg).unwrap().to_rgb8();
        assert!(back.get_pixel(10, 10).0.iter().all(|c| *c > 250), "what is clear is white");
        assert!(small(b"\x89PNG\r\n\x1a\nnoise".to_vec()).is_none());
        let mut bomb = Vec::new();
        image::GrayImage::new(11_000, 11_000).write_to(&mut Cursor::new(&mut bomb), image::ImageFormat::Png).unwrap();
        assert!(small(bomb).is_none(), "121 MB decoded");
    }
}
