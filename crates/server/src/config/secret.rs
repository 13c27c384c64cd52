//! The data folder, and the secret that is made and kept in it.

use std::path::Path;

use super::{ConfigError, wrong};

/// Makes the data folder, which nobody but its owner may look into.
pub fn make_data_dir(data_dir: &Path) -> Result<(), ConfigError> {
    use std::os::unix::fs::DirBuilderExt;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data_dir);
    made.map_err(|e| wrong("data_dir", format!("{}: {e}", data_dir.display())))
}

/// The secret kept in the data folder, made on the first start. Only its owner may read it.
pub(super) fn kept_secret(data_dir: &Path) -> Result<String, ConfigError> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let path = data_dir.join("secret.key");
    let problem = |e: std::io::Error| wrong("data_dir", format!("{}: {e}", path.display()));
    make_data_dir(data_dir)?;
    match std::fs::read_to_string(&path) {
        Ok(key) if key.trim().len() >= 32 => return Ok(key.trim().to_owned()),
        Ok(_) => return Err(wrong("data_dir", format!("{} holds no key of 32 characters", path.display()))),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(e) => return Err(problem(e)),
    }
    let key = crate::keys::random_token();
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(problem)?;
    file.write_all(key.as_bytes()).and_then(|()| file.sync_all()).map_err(problem)?;
    Ok(key)
}

/// Puts this secret into the data folder, in the place of the one that is there.
pub fn keep_secret(data_dir: &Path, key: &str) -> Result<(), ConfigError> {
    use std::io::Write;
    let path = data_dir.join("secret.key");
    let problem = |e: std::io::Error| wrong("data_dir", format!("{}: {e}", path.display()));
    // a temporary file is readable by its owner only
    let mut file = tempfile::NamedTempFile::new_in(data_dir).map_err(problem)?;
    file.write_all(key.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(problem)?;
    file.persist(&path).map_err(|e| problem(e.error))?;
    Ok(())
}
