//! A file on its way into the storage. Dropped before it is whole, it leaves nothing behind.

use std::fs::File;
use std::io::{Error, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _};

use super::storage::{blocking, failed, make_folder, unavailable};
use crate::error::{ApiError, ApiResult};

/// What goes to a disk at once.
const LOCAL_PART: usize = 1 << 20;
/// What goes to a bucket at once: buckets take no smaller parts than 5 MiB, and no more than 10,000 of them.
const REMOTE_PART: usize = 8 << 20;

/// A file that is coming in.
pub struct Incoming {
    key: String,
    way: Way,
}

enum Way {
    /// Into a file beside the others, which a rename puts in place.
    Local { file: Option<File>, staged: PathBuf, target: PathBuf },
    /// In parts, which the bucket puts together; a file of one part goes as it is.
    Remote { store: Arc<dyn ObjectStore>, path: Path, upload: Option<Box<dyn MultipartUpload>>, first: Option<Bytes> },
}

impl Incoming {
    /// Into `target`, by way of `staged`.
    pub(super) async fn local(staged: PathBuf, target: PathBuf, key: String) -> ApiResult<Self> {
        let path = staged.clone();
        let open = move || File::options().write(true).create_new(true).mode(0o600).open(path);
        let file = blocking(open).await.map_err(|e| unavailable(e.into()))?;
        Ok(Self { key, way: Way::Local { file: Some(file), staged, target } })
    }

    /// Into a bucket. Nothing is asked of it before there are bytes.
    pub(super) fn remote(store: Arc<dyn ObjectStore>, key: String) -> ApiResult<Self> {
        let path = Path::parse(&key).map_err(ApiError::internal)?;
        Ok(Self { key, way: Way::Remote { store, path, upload: None, first: None } })
    }

    /// How many bytes it wants at once; only the last part may be smaller.
    pub fn part(&self) -> usize {
        match self.way {
            Way::Local { .. } => LOCAL_PART,
            Way::Remote { .. } => REMOTE_PART,
        }
    }

    /// The next part.
    pub async fn write(&mut self, part: Bytes) -> ApiResult<()> {
        match &mut self.way {
            Way::Local { file, .. } => {
                let mut open = file.take().ok_or_else(|| unavailable(Error::other("an earlier write failed").into()))?;
                let written = blocking(move || open.write_all(&part).map(|()| open)).await;
                *file = Some(written.map_err(|e| unavailable(e.into()))?);
            }
            Way::Remote { store, path, upload, first } => {
                let upload = match (upload, first.take()) {
                    (Some(upload), _) => upload,
                    (none, None) if none.is_none() => {
                        *first = Some(part);
                        return Ok(());
                    }
                    (none, earlier) => {
                        let upload = none.insert(store.put_multipart(path).await.map_err(failed)?);
                        if let Some(earlier) = earlier {
                            upload.put_part(earlier.into()).await.map_err(failed)?;
                        }
                        upload
                    }
                };
                upload.put_part(part.into()).await.map_err(failed)?;
            }
        }
        Ok(())
    }

    /// All parts are there: puts the file in place, safe from a power cut. Its key.
    pub async fn finish(mut self) -> ApiResult<String> {
        match &mut self.way {
            Way::Local { file, staged, target } => {
                let file = file.take().ok_or_else(|| unavailable(Error::other("an earlier write failed").into()))?;
                let (from, to) = (staged.clone(), target.clone());
                blocking(move || {
                    file.sync_all()?;
                    let shard = to.parent().ok_or_else(|| Error::other("a file without a folder"))?;
                    make_folder(shard)?;
                    std::fs::rename(&from, &to)?;
                    File::open(shard)?.sync_all()?;
                    shard.parent().map_or(Ok(()), |root| File::open(root)?.sync_all())
                })
                .await
                .map_err(|e| unavailable(e.into()))?;
            }
            Way::Remote { store, path, upload, first } => match upload {
                Some(open) => {
                    open.complete().await.map_err(failed)?;
                    *upload = None;
                }
                None => {
                    store.put(path, first.take().unwrap_or_default().into()).await.map_err(failed)?;
                }
            },
        }
        Ok(std::mem::take(&mut self.key))
    }
}

impl Drop for Incoming {
    /// After [`Incoming::finish`] there is nothing left to tidy up.
    fn drop(&mut self) {
        match &mut self.way {
            Way::Local { staged, .. } => {
                let _ = std::fs::remove_file(staged);
            }
            Way::Remote { upload, .. } => {
                if let (Some(mut open), Ok(runtime)) = (upload.take(), tokio::runtime::Handle::try_current()) {
                    runtime.spawn(async move {
                        if let Err(e) = open.abort().await {
                            tracing::warn!(cause = %e, "an unfinished upload stays in the bucket");
                        }
                    });
                }
            }
        }
    }
}
