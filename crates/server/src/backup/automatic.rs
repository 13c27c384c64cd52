//! Backups by themselves: one now and then into a folder, the oldest of which go.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;

use super::write::backup;
use crate::config::Settings;

const PREFIX: &str = "tyrian-";
const SUFFIX: &str = ".backup.zip";
/// Between two looks at the folder.
const PAUSE: Duration = Duration::from_mins(5);

/// Makes backups as the settings say, in a thread of its own, so that no request waits for one.
pub fn start(settings: &Settings) {
    let Some(folder) = settings.backup_dir.clone() else { return };
    let settings = settings.clone();
    let every = Duration::from_secs(u64::from(settings.backup_every_hours) * 3600);
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            loop {
                if is_due(&folder, every, SystemTime::now()) {
                    match Box::pin(once(&settings, &folder)).await {
                        Ok(path) => tracing::info!(path = %path.display(), "a backup was made"),
                        Err(error) => tracing::error!(error = format!("{error:#}"), "the automatic backup failed"),
                    }
                }
                tokio::time::sleep(PAUSE).await;
            }
        });
    });
}

/// The backups of a folder, the oldest first: their names hold the time.
fn backups(folder: &Path) -> Vec<PathBuf> {
    let ours = |path: &PathBuf| path.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with(PREFIX) && n.ends_with(SUFFIX));
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).filter(ours).collect();
    found.sort();
    found
}

fn is_due(folder: &Path, every: Duration, now: SystemTime) -> bool {
    let newest = backups(folder).pop().and_then(|path| path.metadata().and_then(|m| m.modified()).ok());
    newest.is_none_or(|at| now.duration_since(at).unwrap_or_default() >= every)
}

/// Makes one and removes those beyond the number that is kept.
async fn once(settings: &Settings, folder: &Path) -> anyhow::Result<PathBuf> {
    crate::config::make_data_dir(folder)?;
    let path = folder.join(format!("{PREFIX}{}{SUFFIX}", crate::now().format("%Y%m%dT%H%M%SZ")));
    let made = Box::pin(backup(settings, &path)).await?;
    for missing in &made.missing {
        tracing::warn!(missing, "a file of evidence is not in the backup");
    }
    let all = backups(folder);
    let surplus = all.len().saturating_sub(usize::try_from(settings.backup_keep).unwrap_or(usize::MAX));
    for old in all.iter().take(surplus) {
        std::fs::remove_file(old).with_context(|| old.display().to_string())?;
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_due_when_the_newest_is_old() {
        let folder = tempfile::tempdir().unwrap();
        let (hour, now) = (Duration::from_hours(1), SystemTime::now());
        assert!(is_due(folder.path(), hour, now) && is_due(&folder.path().join("not there"), hour, now));
        std::fs::write(folder.path().join("tyrian-20261127T000000Z.backup.zip"), "").unwrap();
        std::fs::write(folder.path().join("notes.txt"), "").unwrap();
        assert!(!is_due(folder.path(), hour, now));
        assert!(is_due(folder.path(), hour, now + 2 * hour));
        assert_eq!(backups(folder.path()).len(), 1);
    }
}
