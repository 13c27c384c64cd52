//! Putting a backup back, onto the same or the other engine.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use sea_orm::sea_query::{Alias, Expr, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement};
use sea_orm_migration::MigratorTrait as _;
use tyrian_migration::Migrator;

use super::read::Backup;
use super::table::Column;
use super::{Summary, key_id};
use crate::config::{Settings, keep_secret};
use crate::db::Db;
use crate::evidence::Storage;

/// Values of one INSERT: below what both engines allow.
const VALUES: usize = 20_000;
/// Bytes of a file that are held at once.
const PIECE: usize = 1 << 20;

/// What becomes of the secret key.
enum Secret {
    /// It is the same already.
    Same,
    /// The backup's takes the place of the one in the data folder.
    Taken(String),
}

/// Puts a backup into the instance that the settings name. Everything of it is checked before anything is written; the
/// instance must be empty, unless `force` says that what it holds may go.
pub async fn restore(settings: &Settings, path: &Path, force: bool) -> anyhow::Result<Summary> {
    let mut backup = Backup::open(path)?;
    backup.verify()?;
    let secret = secret(settings, &mut backup)?;
    let db = Db::connect(settings).await?;
    db.migrate().await?;
    if !force && !is_empty(&db).await? {
        bail!("the database is not empty: restore into a new one, or use --force to replace everything that is in it");
    }
    let storage = Storage::open(&settings.storage)?;
    let old_files = keys(db.writer()).await?;
    let is_older = backup.steps < Migrator::migrations().len();
    if is_older {
        // the rows are of an older schema: they go into it, and then the newer steps run over them
        Migrator::down(db.writer(), None).await?;
        Migrator::up(db.writer(), Some(u32::try_from(backup.steps)?)).await?;
    }
    let files = put_evidence(&storage, &mut backup).await?;
    let txn = db.begin().await?;
    let rows = put_tables(&txn, &mut backup).await?;
    txn.commit().await?;
    db.migrate().await?;
    let now = keys(db.writer()).await?;
    for key in old_files.iter().filter(|key| !now.contains(*key)) {
        storage.remove(key).await.map_err(|e| anyhow::anyhow!("{e}"))?;
    }
    if let Secret::Taken(key) = secret {
        keep_secret(&settings.data_dir, &key)?;
    }
    Ok(Summary { rows, files, missing: backup.manifest.missing, bytes: backup.bytes })
}

/// The log's chain and the second factors hang on the key, so a restored instance must have the one of the backup.
fn secret(settings: &Settings, backup: &mut Backup) -> anyhow::Result<Secret> {
    if key_id(&settings.secret_key) == backup.manifest.key_id {
        return Ok(Secret::Same);
    }
    let kept = backup.secret()?;
    match kept {
        Some(key) if settings.secret_is_kept => Ok(Secret::Taken(key)),
        Some(_) => bail!(
            "the backup was made with another secret key, on which the audit log and second factors depend: set TYRIAN_SECRET_KEY to the \
             text of secret.key in the backup (it is a zip file)"
        ),
        None => bail!(
            "the backup was made with another secret key, on which the audit log and second factors depend: set TYRIAN_SECRET_KEY to the \
             one of the server that made it"
        ),
    }
}

async fn count(db: &impl ConnectionTrait, table: &str) -> anyhow::Result<i64> {
    let statement = Statement::from_string(db.get_database_backend(), format!("SELECT count(*) FROM {table}"));
    let row = db.query_one_raw(statement).await?.context("no answer")?;
    Ok(row.try_get_by_index(0)?)
}

/// Is there nothing that anybody made?
async fn is_empty(db: &Db) -> anyhow::Result<bool> {
    for table in ["users", "missions", "test_templates", "scenario_templates", "mitre_techniques"] {
        if count(db.writer(), table).await? > 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn keys(db: &impl ConnectionTrait) -> anyhow::Result<std::collections::BTreeSet<String>> {
    let statement = Statement::from_string(db.get_database_backend(), "SELECT storage_key FROM evidence_files");
    let rows = db.query_all_raw(statement).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
}

async fn put_evidence(storage: &Storage, backup: &mut Backup) -> anyhow::Result<usize> {
    let files: Vec<(String, u64)> = backup.manifest.evidence.iter().map(|f| (f.key.clone(), f.size)).collect();
    for (key, size) in &files {
        let mut from = backup.evidence(key)?;
        let mut to = storage.place(key)?;
        let (mut piece, mut done) = (vec![0; PIECE], 0);
        loop {
            let n = from.read(&mut piece)?;
            if n == 0 {
                break;
            }
            to.write(piece.get(..n).unwrap_or_default()).await.with_context(|| key.clone())?;
            done += n as u64;
        }
        ensure!(done == *size, "{key} of the backup has {done} bytes, not {size}");
        to.finish().await.with_context(|| key.clone())?;
    }
    Ok(files.len())
}

async fn put_tables(txn: &DatabaseTransaction, backup: &mut Backup) -> anyhow::Result<u64> {
    let names: Vec<(String, u64)> = backup.manifest.tables.iter().map(|t| (t.name.clone(), t.rows)).collect();
    ensure!(
        names.iter().all(|(name, _)| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')),
        "the backup names a table as none is named"
    );
    // what a migration put in, and what `--force` gives up
    for (name, _) in names.iter().rev() {
        txn.execute_unprepared(&format!("DELETE FROM {name}")).await.with_context(|| name.clone())?;
    }
    let mut total = 0;
    for (name, expected) in &names {
        let (columns, rows) = backup.table(name)?;
        let written = put_rows(txn, name, &columns, rows).await.with_context(|| name.clone())?;
        ensure!(written == *expected, "{name} of the backup has {written} rows, not {expected}");
        total += written;
    }
    Ok(total)
}

async fn put_rows(
    txn: &DatabaseTransaction,
    name: &str,
    columns: &[Column],
    rows: impl Iterator<Item = anyhow::Result<Vec<serde_json::Value>>>,
) -> anyhow::Result<u64> {
    let at_once = (VALUES / columns.len().max(1)).clamp(1, 1000);
    let (mut batch, mut written) = (Vec::new(), 0u64);
    for row in rows {
        batch.push(values(columns, row?)?);
        written += 1;
        if batch.len() == at_once {
            insert(txn, name, columns, std::mem::take(&mut batch)).await?;
        }
    }
    insert(txn, name, columns, batch).await?;
    Ok(written)
}

fn values(columns: &[Column], row: Vec<serde_json::Value>) -> anyhow::Result<Vec<SimpleExpr>> {
    ensure!(row.len() == columns.len(), "a row has {} values for {} columns", row.len(), columns.len());
    let value = |(column, value): (&Column, serde_json::Value)| {
        let value = column.kind.write(value).with_context(|| format!("{} does not hold what its kind says", column.name))?;
        Ok(Expr::value(value))
    };
    columns.iter().zip(row).map(value).collect()
}

async fn insert(txn: &DatabaseTransaction, name: &str, columns: &[Column], batch: Vec<Vec<SimpleExpr>>) -> anyhow::Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let mut insert = Query::insert();
    insert.into_table(Alias::new(name)).columns(columns.iter().map(|c| Alias::new(&c.name)));
    for row in batch {
        insert.values(row)?;
    }
    txn.execute(&insert).await?;
    Ok(())
}
