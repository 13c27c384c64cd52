//! Bytes on their way into a temporary file, counted and hashed as they pass: memory stays flat whatever their number.

use std::fs::File;
use std::io::{Error, Read, Seek, SeekFrom, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use tyrian_api_types::ErrorCode;
use tyrian_attack::stix::{self, Catalogue, StixError};

use crate::config::Settings;
use crate::error::{ApiError, ApiResult};

/// Bytes that a bundle may have; the largest real one has 34 million.
pub const MAX_BUNDLE: u64 = 128 << 20;
/// Up to this size a bundle is parsed from memory, which is twice as quick; above it as a stream.
const IN_MEMORY: u64 = 64 << 20;
const BUFFER: usize = 1 << 20;

/// A bundle that came in whole. Its file has no name and is gone when this is dropped.
pub struct Bundle {
    file: File,
    /// Of its bytes, in lower-case hex.
    pub sha256: String,
    /// Its bytes.
    pub size: u64,
}

/// Why bytes could not be taken in.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// More than [`MAX_BUNDLE`].
    #[error("a bundle has at most {} MiB", MAX_BUNDLE >> 20)]
    TooLarge,
    /// The file failed.
    #[error(transparent)]
    Io(#[from] Error),
}

impl From<SpoolError> for ApiError {
    fn from(error: SpoolError) -> Self {
        match error {
            SpoolError::TooLarge => {
                Self::new(ErrorCode::InvalidBundle, format!("The bundle is too large: at most {} MiB are read.", MAX_BUNDLE >> 20))
            }
            SpoolError::Io(e) => Self::internal(e),
        }
    }
}

/// A bundle that is coming in.
pub struct Spool {
    /// None only while a write runs, or after one failed.
    open: Option<(File, Sha256)>,
    buffer: Vec<u8>,
    size: u64,
}

impl Spool {
    /// An empty one, in the data folder (a system's own temporary folder may be memory), or else where the system has it.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let folder = settings.data_dir.join("tmp");
        let file = std::fs::create_dir_all(&folder).and_then(|()| tempfile::tempfile_in(&folder)).or_else(|_| tempfile::tempfile())?;
        Ok(Self { open: Some((file, Sha256::new())), buffer: Vec::with_capacity(BUFFER), size: 0 })
    }

    /// How many bytes came so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes the next bytes.
    pub async fn push(&mut self, bytes: &[u8]) -> Result<(), SpoolError> {
        self.size = self.size.saturating_add(bytes.len() as u64);
        if self.size > MAX_BUNDLE {
            return Err(SpoolError::TooLarge);
        }
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER { Ok(self.flush().await?) } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), Error> {
        let (mut file, mut hasher) = self.open.take().ok_or_else(|| Error::other("an earlier write failed"))?;
        let mut buffer = std::mem::take(&mut self.buffer);
        let (open, buffer) = blocking(move || {
            hasher.update(&buffer);
            file.write_all(&buffer)?;
            buffer.clear();
            Ok(((file, hasher), buffer))
        })
        .await?;
        (self.open, self.buffer) = (Some(open), buffer);
        Ok(())
    }

    /// All bytes are there.
    pub async fn finish(mut self) -> Result<Bundle, Error> {
        self.flush().await?;
        let (file, hasher) = self.open.take().ok_or_else(|| Error::other("an earlier write failed"))?;
        Ok(Bundle { file, sha256: hex::encode(hasher.finalize()), size: self.size })
    }
}

impl Bundle {
    /// A file that is there already, read once for its hash.
    pub async fn open(path: &Path) -> Result<Self, SpoolError> {
        let mut file = File::open(path)?;
        let (file, hasher, size) = blocking(move || {
            let (mut hasher, mut buffer, mut size) = (Sha256::new(), vec![0; BUFFER], 0);
            loop {
                let n = file.read(&mut buffer)?;
                let Some(read) = buffer.get(..n).filter(|read| !read.is_empty()) else { break };
                size += n as u64;
                if size > MAX_BUNDLE {
                    break;
                }
                hasher.update(read);
            }
            Ok((file, hasher, size))
        })
        .await?;
        if size > MAX_BUNDLE {
            return Err(SpoolError::TooLarge);
        }
        Ok(Self { file, sha256: hex::encode(hasher.finalize()), size })
    }

    /// Reads it, away from the threads that serve requests.
    pub async fn parse(self) -> ApiResult<Catalogue> {
        let sha256 = self.sha256.clone();
        let parsed = tokio::task::spawn_blocking(move || self.parse_here()).await.map_err(ApiError::internal)?;
        parsed.map_err(|e| match e {
            StixError::Io(e) => ApiError::internal(e),
            refused => {
                let mut error = ApiError::new(ErrorCode::InvalidBundle, refused.to_string());
                error.problem.sha256 = Some(sha256);
                error
            }
        })
    }

    fn parse_here(mut self) -> Result<Catalogue, StixError> {
        self.file.seek(SeekFrom::Start(0))?;
        if self.size > IN_MEMORY {
            return stix::parse(self.file);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(self.size).unwrap_or_default());
        self.file.read_to_end(&mut bytes)?;
        stix::parse_slice(&bytes)
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(Error::other)?
}
