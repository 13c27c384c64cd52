//! Writing a backup, while the server works: all tables as of one moment, then the files that their rows name.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;
use futures_util::TryStreamExt as _;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, EntityTrait, IsolationLevel, QueryOrder, SqliteTransactionMode, StreamTrait,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait as _;
use sha2::{Digest, Sha256};
use tyrian_entity::evidence_file;
use tyrian_migration::Migrator;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::table::{self, Table};
use super::{FORMAT, FileEntry, MANIFEST, Manifest, SECRET, Summary, TableEntry, evidence_path, key_id, table_path};
use crate::config::Settings;
use crate::db::Db;
use crate::evidence::Storage;

/// A file of the backup that is being written, with what was written so far.
struct Entry<'a> {
    zip: &'a mut ZipWriter<BufWriter<File>>,
    hash: Sha256,
    bytes: u64,
}

impl<'a> Entry<'a> {
    fn begin(zip: &'a mut ZipWriter<BufWriter<File>>, path: &str, packed: bool) -> anyhow::Result<Self> {
        let method = if packed { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
        zip.start_file(path, SimpleFileOptions::default().compression_method(method).large_file(true).unix_permissions(0o600))?;
        Ok(Self { zip, hash: Sha256::new(), bytes: 0 })
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.zip.write_all(bytes)
    }

    fn sha256(self) -> String {
        hex::encode(self.hash.finalize())
    }
}

/// Writes a backup of the instance that the settings name to a new file, which only its owner may read.
pub async fn backup(settings: &Settings, path: &Path) -> anyhow::Result<Summary> {
    anyhow::ensure!(!path.exists(), "{} exists already", path.display());
    let db = Db::connect(settings).await?;
    let storage = Storage::open(&settings.storage)?;
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // beside its place, so that a backup that was cut short never has the name of a whole one
    let file = tempfile::NamedTempFile::with_prefix_in(".tyrian-backup-", folder).with_context(|| folder.display().to_string())?;
    let mut zip = ZipWriter::new(BufWriter::with_capacity(1 << 18, file.reopen()?));
    let mut manifest = manifest(settings, &db).await?;
    let snapshot = snapshot(&db).await?;
    for table in table::all()? {
        let entry = write_table(&mut zip, &snapshot, &table).await.with_context(|| table.name.clone())?;
        manifest.tables.push(entry);
    }
    let files = evidence_file::Entity::find().order_by_asc(evidence_file::Column::Id).all(&snapshot).await?;
    snapshot.commit().await?;
    for row in &files {
        match write_evidence(&mut zip, &storage, row).await? {
            Ok(entry) => manifest.evidence.push(entry),
            Err(why) => manifest.missing.push(format!("{} ({}): {why}", row.id, row.file_name)),
        }
    }
    if settings.secret_is_kept {
        let mut entry = Entry::begin(&mut zip, SECRET, false)?;
        entry.write(settings.secret_key.as_bytes())?;
        manifest.secret_sha256 = Some(entry.sha256());
    }
    let mut entry = Entry::begin(&mut zip, MANIFEST, true)?;
    entry.write(&serde_json::to_vec_pretty(&manifest)?)?;
    let written = zip.finish()?.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    written.sync_all()?;
    let bytes = written.metadata()?.len();
    file.persist_noclobber(path).with_context(|| path.display().to_string())?;
    let rows = manifest.tables.iter().map(|table| table.rows).sum();
    Ok(Summary { rows, files: manifest.evidence.len(), missing: manifest.missing, bytes })
}

async fn manifest(settings: &Settings, db: &Db) -> anyhow::Result<Manifest> {
    db.refuse_newer().await?;
    let pending = Migrator::get_pending_migrations(db.writer()).await?;
    anyhow::ensure!(pending.is_empty(), "the database is older than this Tyrian: run `tyrian migrate up` first");
    Ok(Manifest {
        format: FORMAT,
        version: crate::VERSION.to_owned(),
        revision: Migrator::migrations().last().map(|m| m.name().to_owned()).unwrap_or_default(),
        made_at: crate::now().to_rfc3339(),
        key_id: key_id(&settings.secret_key),
        tables: Vec::new(),
        evidence: Vec::new(),
        missing: Vec::new(),
        secret_sha256: None,
    })
}

/// A transaction that sees the database as of one moment, whatever others write.
async fn snapshot(db: &Db) -> Result<DatabaseTransaction, sea_orm::DbErr> {
    let postgres = db.is_postgres();
    db.reader()
        .begin_with_options(TransactionOptions {
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: postgres.then_some(AccessMode::ReadOnly),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
        })
        .await
}

async fn write_table(zip: &mut ZipWriter<BufWriter<File>>, snapshot: &DatabaseTransaction, table: &Table) -> anyhow::Result<TableEntry> {
    let mut entry = Entry::begin(zip, &table_path(&table.name), true)?;
    let mut line = serde_json::to_vec(&table.columns)?;
    line.push(b'\n');
    entry.write(&line)?;
    let statement = ConnectionTrait::get_database_backend(snapshot).build(&table.select());
    let mut rows = snapshot.stream_raw(statement).await?;
    let mut count = 0;
    while let Some(row) = rows.try_next().await? {
        line.clear();
        serde_json::to_writer(&mut line, &table.read(&row)?)?;
        line.push(b'\n');
        entry.write(&line)?;
        count += 1;
    }
    Ok(TableEntry { name: table.name.clone(), rows: count, sha256: entry.sha256() })
}

/// One file; or why it cannot be taken along: one damaged file must not cost the rest.
async fn write_evidence(
    zip: &mut ZipWriter<BufWriter<File>>,
    storage: &Storage,
    row: &evidence_file::Model,
) -> anyhow::Result<Result<FileEntry, String>> {
    let Some(content) = storage.read(&row.storage_key, None).await.map_err(|e| anyhow::anyhow!("{e}: {:?}", e.cause))? else {
        return Ok(Err("it is not in the storage".into()));
    };
    let mut entry = Entry::begin(zip, &evidence_path(&row.storage_key), false)?;
    let mut bytes = content.bytes;
    while let Some(piece) = bytes.try_next().await? {
        entry.write(&piece)?;
    }
    let (size, sha256) = (entry.bytes, entry.sha256());
    if sha256 != row.sha256 {
        zip.abort_file()?;
        return Ok(Err(format!("its SHA-256 is {sha256}, not {}", row.sha256)));
    }
    Ok(Ok(FileEntry { key: row.storage_key.clone(), size, sha256 }))
}
