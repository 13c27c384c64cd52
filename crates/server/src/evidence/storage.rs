//! Where the bytes of evidence are: a folder of this machine, or a bucket. Names are random; what people call their
//! files never reaches a path.

use std::ops::Range;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path as FsPath, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _, TryStreamExt as _, try_unfold};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{
    ClientOptions, Error as StoreError, GetOptions, GetRange, GetResult, GetResultPayload, ObjectMeta, ObjectStore, ObjectStoreExt as _,
    RetryConfig,
};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::incoming::Incoming;
use crate::config::{ConfigError, StorageTarget};
use crate::error::{ApiError, ApiResult};

/// Where files are while they come in, inside the folder: on the same file system, so that a rename puts them in place.
const INCOMING: &str = "incoming";
/// What a read of a local file takes at once.
const READ: usize = 256 << 10;
/// A probe of the storage holds that long, so that whoever asks whether the instance is ready does not wear it out.
const PROBE_HOLDS: Duration = Duration::from_secs(10);
/// The object that a probe writes in a bucket.
const PROBE: &str = "probe";

/// The storage of evidence.
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    /// The folder, where it is one.
    folder: Option<PathBuf>,
    probed: Mutex<Option<Instant>>,
    reading: Semaphore,
}

impl Storage {
    /// Opens it as the settings say; a folder is made if it is not there.
    pub fn open(target: &StorageTarget) -> Result<Self, ConfigError> {
        let wrong = |why: String| ConfigError(format!("storage_url: {why}"));
        let (store, folder): (Arc<dyn ObjectStore>, _) = match target {
            StorageTarget::Folder(folder) => {
                make_folder(&folder.join(INCOMING)).map_err(|e| wrong(format!("{}: {e}", folder.display())))?;
                let folder = folder.canonicalize().map_err(|e| wrong(format!("{}: {e}", folder.display())))?;
                (Arc::new(LocalFileSystem::new_with_prefix(&folder).map_err(|e| wrong(e.to_string()))?), Some(folder))
            }
            StorageTarget::S3 { bucket, prefix } => {
                let prefix = Path::parse(prefix).map_err(|e| wrong(e.to_string()))?;
                // from AWS_*, but that a download may take as long as its bytes keep coming
                let client = ClientOptions::new()
                    .with_timeout_disabled()
                    .with_read_timeout(Duration::from_secs(30))
                    .with_allow_http(std::env::var("AWS_ALLOW_HTTP").is_ok_and(|v| v.eq_ignore_ascii_case("true") || v == "1"));
                let retry = RetryConfig { max_retries: 4, retry_timeout: Duration::from_secs(30), ..RetryConfig::default() };
                let s3 = AmazonS3Builder::from_env().with_bucket_name(bucket).with_client_options(client).with_retry(retry);
                (Arc::new(PrefixStore::new(s3.build().map_err(|e| wrong(e.to_string()))?, prefix)), None)
            }
        };
        Ok(Self { store, folder, probed: Mutex::default(), reading: Semaphore::new(1) })
    }

    /// A place for a new file under a random name.
    pub async fn receive(&self) -> ApiResult<Incoming> {
        let name = hex::encode(rand::random::<[u8; 16]>());
        let (shard, rest) = name.split_at(2);
        let key = format!("{shard}/{rest}");
        match &self.folder {
            Some(folder) => Incoming::local(folder.join(INCOMING).join(&name), folder.join(shard).join(rest), key).await,
            None => Incoming::remote(Arc::clone(&self.store), key),
        }
    }

    /// A file, or a part of it, as its bytes come. None: it is not there.
    pub async fn read(&self, key: &str, range: Option<Range<u64>>) -> ApiResult<Option<Content>> {
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        match self.store.get_opts(&Path::from(key), options).await {
            Ok(found) => Ok(Some(Content { size: found.meta.size, bytes: stream(found) })),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(e) => Err(failed(e)),
        }
    }

    /// Removes a file; one that is not there is removed.
    pub async fn remove(&self, key: &str) -> ApiResult<()> {
        match self.store.delete(&Path::from(key)).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(e) => Err(failed(e)),
        }
    }

    /// A place for a file under the name that it had before: a backup is put back.
    pub fn place(&self, key: &str) -> anyhow::Result<Placing> {
        anyhow::ensure!(is_key(key), "{key} is no name of a file of evidence");
        if let Some((folder, (shard, _))) = self.folder.as_ref().zip(key.split_once('/')) {
            make_folder(&folder.join(shard))?;
        }
        let to = self.folder.as_ref().map(|folder| folder.join(key));
        Ok(Placing { writer: object_store::buffered::BufWriter::new(Arc::clone(&self.store), Path::from(key)), to })
    }

    /// Every file of ours: whatever else is there has other names.
    pub fn files(&self) -> BoxStream<'static, ApiResult<ObjectMeta>> {
        self.store.list(None).map_err(failed).try_filter(|meta| std::future::ready(is_key(meta.location.as_ref()))).boxed()
    }

    /// Removes what uploads left behind that were killed before this time. A bucket does that by a rule of its own.
    pub async fn remove_left_over(&self, before: SystemTime) -> ApiResult<u64> {
        let Some(folder) = self.folder.clone() else { return Ok(0) };
        blocking(move || {
            let mut removed = 0;
            for entry in std::fs::read_dir(folder.join(INCOMING))? {
                let entry = entry?;
                // a file that has just been put in place is not there any more
                let Ok(modified) = entry.metadata().and_then(|m| m.modified()) else { continue };
                if modified < before && std::fs::remove_file(entry.path()).is_ok() {
                    removed += 1;
                }
            }
            Ok(removed)
        })
        .await
        .map_err(ApiError::internal)
    }

    /// Can it be written?
    pub async fn probe(&self) -> ApiResult<()> {
        let recent = |probed: &Option<Instant>| probed.is_some_and(|at| at.elapsed() < PROBE_HOLDS);
        if recent(&self.probed.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(());
        }
        match &self.folder {
            Some(folder) => {
                let folder = folder.join(INCOMING);
                blocking(move || {
                    use std::io::Write as _;
                    tempfile::NamedTempFile::with_prefix_in("probe-", folder)?.write_all(PROBE.as_bytes())
                })
                .await
                .map_err(|e| unavailable(e.into()))?;
            }
            None => {
                self.store.put(&Path::from(PROBE), PROBE.into()).await.map_err(failed)?;
            }
        }
        *self.probed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        Ok(())
    }

    /// One caller at a time reads all files of a mission: it costs the disk what nothing else does.
    pub async fn turn(&self) -> ApiResult<SemaphorePermit<'_>> {
        self.reading.acquire().await.map_err(ApiError::internal)
    }
}

/// A file that is put back under its name; it is there once it is finished.
pub struct Placing {
    writer: object_store::buffered::BufWriter,
    /// Its path, where it is one.
    to: Option<PathBuf>,
}

impl Placing {
    /// Adds bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        Ok(self.writer.put(Bytes::copy_from_slice(bytes)).await?)
    }

    /// Puts it in its place, for the owner only.
    pub async fn finish(mut self) -> anyhow::Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        use tokio::io::AsyncWriteExt as _;
        self.writer.shutdown().await?;
        if let Some(path) = self.to {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        }
        Ok(())
    }
}

/// A file that is being read.
pub struct Content {
    /// Bytes of the whole file.
    pub size: u64,
    /// The bytes that were asked for.
    pub bytes: BoxStream<'static, Result<Bytes, std::io::Error>>,
}

fn stream(found: GetResult) -> BoxStream<'static, Result<Bytes, std::io::Error>> {
    match found.payload {
        GetResultPayload::Stream(bytes) => bytes.map_err(std::io::Error::other).boxed(),
        GetResultPayload::File(file, _) => from_file(file, found.range),
    }
}

/// A local file in large pieces, read away from the threads that serve requests.
fn from_file(file: std::fs::File, range: Range<u64>) -> BoxStream<'static, Result<Bytes, std::io::Error>> {
    use std::os::unix::fs::FileExt as _;
    try_unfold((file, range), async |(file, Range { start, end })| {
        if start >= end {
            return Ok(None);
        }
        let wanted = usize::try_from(end - start).unwrap_or(READ).min(READ);
        let (file, bytes) = blocking(move || {
            let mut bytes = vec![0; wanted];
            // a file that is shorter now ends the answer with an error, not with silence
            file.read_exact_at(&mut bytes, start)?;
            Ok((file, bytes))
        })
        .await?;
        Ok(Some((Bytes::from(bytes), (file, start + wanted as u64..end))))
    })
    .boxed()
}

/// Is it a name that [`Storage::receive`] gives?
fn is_key(name: &str) -> bool {
    name.len() == 33
        && name.split_once('/').is_some_and(|(shard, rest)| shard.len() == 2 && rest.len() == 30)
        && name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b) || b == b'/')
}

/// Makes a folder, and those above it, for their owner only.
pub(super) fn make_folder(folder: &FsPath) -> Result<(), std::io::Error> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Work on files, away from the threads that serve requests.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, std::io::Error> + Send + 'static,
) -> Result<T, std::io::Error> {
    tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other)?
}

/// The storage is away, full or forbidden.
pub(super) fn unavailable(cause: anyhow::Error) -> ApiError {
    let mut error = ApiError::unavailable("The storage of evidence does not answer, or is full. Try again in a moment.", 5);
    error.cause = Some(cause);
    error
}

pub(super) fn failed(cause: StoreError) -> ApiError {
    unavailable(cause.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_we_give_are_ours() {
        assert!(is_key("0a/0123456789abcdef0123456789abcd"));
        for foreign in [
            "",
            PROBE,
            "incoming/0a0123456789abcdef0123456789abcd",
            "0A/0123456789abcdef0123456789abcd",
            "0a/0123456789abcdef0123456789abc/d",
        ] {
            assert!(!is_key(foreign), "{foreign}");
        }
    }
}
