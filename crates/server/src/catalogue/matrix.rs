//! The matrix as it goes out: built once for each sync, kept as bytes, plain and packed.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use tyrian_api_types::catalogue::{Matrix, MatrixSubtechnique, MatrixTactic, MatrixTechnique};
use tyrian_domain::text;
use uuid::Uuid;

use super::store::MatrixRows;
use crate::error::{ApiError, ApiResult};

/// A matrix in the forms in which it is answered.
#[derive(Clone)]
pub struct Packed {
    /// JSON.
    pub plain: bytes::Bytes,
    /// The same, brotli.
    pub brotli: bytes::Bytes,
}

impl Packed {
    /// Serialised and packed once.
    pub fn new(matrix: &Matrix) -> ApiResult<Self> {
        let plain = serde_json::to_vec(matrix)?;
        let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
        writer.write_all(&plain).map_err(ApiError::internal)?;
        Ok(Self { brotli: writer.into_inner().into(), plain: plain.into() })
    }
}

/// The newest matrix of each domain, by its ETag.
#[derive(Default)]
pub struct MatrixCache(Mutex<HashMap<String, (String, Packed)>>);

impl MatrixCache {
    /// The matrix of this ETag, if it is the one that is kept.
    pub fn get(&self, domain: &str, etag: &str) -> Option<Packed> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(domain).filter(|(kept, _)| kept == etag).map(|(_, packed)| packed.clone())
    }

    /// Keeps it instead of an older one.
    pub fn put(&self, domain: &str, etag: &str, packed: Packed) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(domain.to_owned(), (etag.to_owned(), packed));
    }
}

/// Puts the rows in their columns: techniques by name, subtechniques by id.
pub fn build(domain: &str, version: Option<String>, rows: MatrixRows) -> Matrix {
    let mut subtechniques: HashMap<Uuid, Vec<MatrixSubtechnique>> = HashMap::new();
    for (technique, external_id, name) in rows.subtechniques {
        subtechniques.entry(technique).or_default().push(MatrixSubtechnique { external_id, name });
    }
    let cells: HashMap<Uuid, MatrixTechnique> = rows
        .techniques
        .into_iter()
        .map(|(id, external_id, name)| {
            (id, MatrixTechnique { external_id, name, subtechniques: subtechniques.remove(&id).unwrap_or_default() })
        })
        .collect();
    let mut columns: HashMap<Uuid, Vec<&MatrixTechnique>> = HashMap::new();
    for (technique, tactic) in rows.links {
        if let Some(cell) = cells.get(&technique) {
            columns.entry(tactic).or_default().push(cell);
        }
    }
    let tactics = rows.tactics.into_iter().map(|(id, external_id, short_name, name)| {
        let mut techniques: Vec<MatrixTechnique> = columns.remove(&id).unwrap_or_default().into_iter().cloned().collect();
        techniques.sort_by_cached_key(|t| (text::key(&t.name), t.external_id.clone()));
        MatrixTactic { external_id, short_name, name, techniques }
    });
    Matrix { domain: domain.to_owned(), version, tactics: tactics.collect() }
}
