//! Temporary files: written away from the threads that serve requests, sent piece by piece, gone when they are dropped.

use std::fs::File;
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;

use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _, try_unfold};

use crate::config::Settings;
use crate::error::{ApiError, ApiResult};

/// What is read at once.
const PIECE: u64 = 256 << 10;

/// A file that is whole. It has no name and is gone when this is dropped.
pub struct Made {
    pub file: File,
    pub size: u64,
}

/// An empty file, in the data folder (a system's own temporary folder may be memory), or else where the system has it.
pub fn temporary(settings: &Settings) -> Result<File, std::io::Error> {
    let folder = settings.data_dir.join("tmp");
    std::fs::create_dir_all(&folder).and_then(|()| tempfile::tempfile_in(&folder)).or_else(|_| tempfile::tempfile())
}

/// Work on files, away from the threads that serve requests.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> ApiResult<T> + Send + 'static) -> ApiResult<T> {
    tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)?
}

/// Writes a file.
pub fn write(settings: &Settings, with: impl FnOnce(&mut BufWriter<File>) -> Result<(), tyrian_report::Error>) -> ApiResult<Made> {
    let mut to = BufWriter::with_capacity(1 << 18, temporary(settings).map_err(ApiError::internal)?);
    with(&mut to).map_err(ApiError::internal)?;
    to.flush().map_err(ApiError::internal)?;
    whole(to.into_inner().map_err(|e| ApiError::internal(e.into_error()))?)
}

/// A file whose bytes are all there.
pub fn whole(mut file: File) -> ApiResult<Made> {
    let size = file.seek(SeekFrom::End(0)).map_err(ApiError::internal)?;
    Ok(Made { file, size })
}

impl Made {
    /// Its bytes, in pieces.
    pub fn bytes(self) -> BoxStream<'static, Result<Bytes, std::io::Error>> {
        let Self { file, size } = self;
        try_unfold((file, 0), move |(file, at)| async move {
            if at >= size {
                return Ok(None);
            }
            let length = PIECE.min(size - at);
            let read = tokio::task::spawn_blocking(move || {
                let mut piece = vec![0; usize::try_from(length).unwrap_or_default()];
                file.read_exact_at(&mut piece, at)?;
                Ok::<_, std::io::Error>((file, piece))
            });
            let (file, piece) = read.await.map_err(std::io::Error::other)??;
            Ok(Some((Bytes::from(piece), (file, at + length))))
        })
        .boxed()
    }
}

/// The policy of an exported file where a browser shows it: it has no origin, runs and loads nothing; a report's styles
/// are its own.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox";

fn head(content_type: &str, disposition: String, framed_by: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, format!("{POLICY}; frame-ancestors {framed_by}")));
    response
}

/// The head of an answer that a browser saves and neither shows nor guesses at.
pub fn attachment(file_name: &str, content_type: &str) -> HttpResponseBuilder {
    head(content_type, format!("attachment; filename=\"{file_name}\""), "'none'")
}

/// The head of a report that the app shows in a frame of its own page, and nobody else in theirs.
pub fn shown(content_type: &str) -> HttpResponseBuilder {
    head(content_type, "inline".to_owned(), "'self'")
}

/// Sends bytes of a known number.
pub fn send(mut head: HttpResponseBuilder, size: u64, bytes: BoxStream<'static, Result<Bytes, std::io::Error>>) -> HttpResponse {
    head.body(SizedStream::new(size, bytes))
}
