//! Reading a backup: its manifest, its files against their hashes, its rows.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use sea_orm_migration::MigratorTrait as _;
use sha2::{Digest, Sha256};
use tyrian_migration::Migrator;
use zip::ZipArchive;

use super::table::Column;
use super::{FORMAT, MANIFEST, Manifest, SECRET, evidence_path, table_path};

/// Bytes that a manifest may have: one of a million files has a third of that.
const LONGEST_MANIFEST: u64 = 512 << 20;

/// A backup that is open.
pub struct Backup {
    zip: ZipArchive<BufReader<File>>,
    /// What it holds.
    pub manifest: Manifest,
    /// How many of our migrations its database had.
    pub steps: usize,
    /// Bytes of the file.
    pub bytes: u64,
}

impl Backup {
    /// Opens a backup that this version can read.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| path.display().to_string())?;
        let bytes = file.metadata()?.len();
        let mut zip =
            ZipArchive::new(BufReader::with_capacity(1 << 18, file)).with_context(|| format!("{} is no backup", path.display()))?;
        let entry = zip.by_name(MANIFEST).with_context(|| format!("{} is no backup of Tyrian, or was cut short", path.display()))?;
        let manifest: Manifest = serde_json::from_reader(entry.take(LONGEST_MANIFEST)).context(MANIFEST)?;
        ensure!(manifest.format == FORMAT, "the backup has the format {}, this Tyrian knows {FORMAT}", manifest.format);
        let known = Migrator::migrations().iter().position(|m| m.name() == manifest.revision);
        let Some(at) = known else {
            bail!(
                "the backup was made by Tyrian {}, whose database is newer than what this version knows: use a newer Tyrian",
                manifest.version
            );
        };
        Ok(Self { zip, manifest, steps: at + 1, bytes })
    }

    /// Reads everything once and compares it with the manifest; the first fault is named.
    pub fn verify(&mut self) -> anyhow::Result<()> {
        let tables = self.manifest.tables.iter().map(|t| (table_path(&t.name), t.sha256.clone()));
        let files = self.manifest.evidence.iter().map(|f| (evidence_path(&f.key), f.sha256.clone()));
        let secret = self.manifest.secret_sha256.iter().map(|hash| (SECRET.to_owned(), hash.clone()));
        for (path, expected) in tables.chain(files).chain(secret).collect::<Vec<_>>() {
            let found = self.hash(&path).with_context(|| format!("{path} of the backup is damaged"))?;
            ensure!(found == expected, "{path} of the backup is damaged: its SHA-256 is {found}, not {expected}");
        }
        Ok(())
    }

    fn hash(&mut self, path: &str) -> anyhow::Result<String> {
        let mut hash = Sha256::new();
        std::io::copy(&mut self.zip.by_name(path)?, &mut HashWriter(&mut hash))?;
        Ok(hex::encode(hash.finalize()))
    }

    /// The key that the backup's server kept in its data folder.
    pub fn secret(&mut self) -> anyhow::Result<Option<String>> {
        if self.manifest.secret_sha256.is_none() {
            return Ok(None);
        }
        let mut key = String::new();
        self.zip.by_name(SECRET)?.take(1 << 12).read_to_string(&mut key)?;
        Ok(Some(key))
    }

    /// A table's columns, and its rows one by one.
    pub fn table(&mut self, name: &str) -> anyhow::Result<(Vec<Column>, impl Iterator<Item = anyhow::Result<Vec<serde_json::Value>>>)> {
        let mut lines = BufReader::new(self.zip.by_name(&table_path(name))?).lines();
        let head = lines.next().context("the table has no head")??;
        let rows = lines.map(|line| Ok(serde_json::from_str(&line?)?));
        Ok((serde_json::from_str(&head)?, rows))
    }

    /// A file of evidence.
    pub fn evidence(&mut self, key: &str) -> anyhow::Result<impl Read> {
        Ok(self.zip.by_name(&evidence_path(key))?)
    }
}

struct HashWriter<'a>(&'a mut Sha256);

impl std::io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
