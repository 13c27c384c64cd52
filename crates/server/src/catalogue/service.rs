//! Reads of the catalogue.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use actix_web::HttpRequest;
use sea_orm::{QuerySelect, QueryTrait};
use tyrian_api_types::catalogue::{CatalogueStatus, Release, Tactic, Technique, TechniqueUse};
use tyrian_api_types::{ErrorCode, Page};
use tyrian_attack::releases;
use tyrian_attack::stix::Domain;
use tyrian_domain::permission::Permission;
use tyrian_entity::catalogue_sync;

use super::convert;
use super::matrix::{self, Packed};
use super::store::{self, Filter, LastSync};
use crate::error::{ApiError, ApiResult};
use crate::http::paging::{Key, PageRequest, page};
use crate::http::{Caller, caller};
use crate::state::State;

/// The domain that a query names, `enterprise` if none.
pub fn domain(name: Option<&str>) -> ApiResult<&'static str> {
    match name.filter(|n| !n.is_empty()) {
        None => Ok(Domain::Enterprise.as_str()),
        Some(name) => Domain::ALL
            .into_iter()
            .map(Domain::as_str)
            .find(|known| *known == name)
            .ok_or_else(|| ApiError::new(ErrorCode::InvalidQuery, "domain: enterprise, mobile or ics.")),
    }
}

/// The catalogue as it stands: its last sync, and the ETag of all that is read from it.
pub struct Edition {
    last: Option<LastSync>,
    /// Differs whenever an answer could.
    pub etag: String,
}

impl Edition {
    fn of(last: Option<LastSync>) -> Self {
        // another version of the server may write the same rows in another way
        let sync = last.as_ref().map_or_else(|| "none".to_owned(), |s| s.id.simple().to_string());
        Self { etag: format!("\"{sync}.{}\"", crate::VERSION), last }
    }
}

/// One statement, before any body is built.
pub async fn edition(state: &State, domain: &str) -> ApiResult<Edition> {
    Ok(Edition::of(store::last_sync(state.db.reader(), domain).await?))
}

/// The same for a request that needs nothing but a caller, who is found in the same statement.
pub async fn edition_for_caller(state: &State, http: &HttpRequest, domain: &str) -> ApiResult<Edition> {
    let newest = |_| store::last_syncs(domain).limit(1).into_query();
    let (_, last) = caller::with_row::<catalogue_sync::Model>(state, http, newest).await?;
    Ok(Edition::of(last.map(LastSync::from)))
}

/// The live tactics in the matrix's order.
pub async fn tactics(state: &State, domain: &str) -> ApiResult<Vec<Tactic>> {
    Ok(store::tactics(state.db.reader(), domain).await?.into_iter().map(convert::tactic).collect())
}

/// A page of techniques.
pub async fn techniques(state: &State, filter: &Filter, request: &PageRequest) -> ApiResult<Page<Technique>> {
    let db = state.db.reader();
    let (rows, total) = store::techniques(db, filter, request).await?;
    let (rows, next) = request.cut(rows, |t| (Key::Text(sort_key(request, &t.search_text, &t.external_id)), t.id));
    let mut tactics = store::tactics_of(db, rows.iter().map(|t| t.id).collect()).await?;
    let items = rows.into_iter().map(|t| {
        let tactics = tactics.remove(&t.id).unwrap_or_default();
        convert::technique(t, tactics)
    });
    Ok(page(items.collect(), next, total))
}

/// A page of subtechniques.
pub async fn subtechniques(state: &State, filter: &Filter, request: &PageRequest) -> ApiResult<Page<Technique>> {
    let db = state.db.reader();
    let (rows, total) = store::subtechniques(db, filter, request).await?;
    let (rows, next) = request.cut(rows, |t| (Key::Text(sort_key(request, &t.search_text, &t.external_id)), t.id));
    let mut parents: Vec<_> = rows.iter().map(|t| t.technique_id).collect();
    parents.sort_unstable();
    parents.dedup();
    let external_ids = store::external_ids(db, parents.clone()).await?;
    let tactics = store::tactics_of(db, parents).await?;
    let items = rows.into_iter().map(|t| {
        let (parent, tactics) = (external_ids.get(&t.technique_id).cloned(), tactics.get(&t.technique_id).cloned());
        convert::subtechnique(t, parent, tactics.unwrap_or_default())
    });
    Ok(page(items.collect(), next, total))
}

fn sort_key(request: &PageRequest, search_text: &str, external_id: &str) -> String {
    if request.field == "name" { search_text.to_owned() } else { external_id.to_owned() }
}

/// The matrix of an edition, from the cache where it is there.
pub async fn matrix(state: &State, domain: &str, edition: &Edition) -> ApiResult<Packed> {
    if let Some(packed) = state.matrix.get(domain, &edition.etag) {
        return Ok(packed);
    }
    let rows = store::matrix(state.db.reader(), domain).await?;
    let version = edition.last.as_ref().and_then(|s| s.version.clone());
    let packed = Packed::new(&matrix::build(domain, version, rows))?;
    // a sync may have ended in between: what was read could be newer than the edition it would be kept under
    if self::edition(state, domain).await?.etag == edition.etag {
        state.matrix.put(domain, &edition.etag, packed.clone());
    }
    Ok(packed)
}

/// The catalogue at a glance.
pub async fn status(state: &State, domain: &str) -> ApiResult<CatalogueStatus> {
    let db = state.db.reader();
    let last = store::last_sync(db, domain).await?;
    let counts = store::counts(db, domain).await?;
    let pin = releases::default_pin();
    Ok(CatalogueStatus {
        last_sync: last.as_ref().map(|s| s.finished_at),
        version: last.as_ref().and_then(|s| s.version.clone()),
        sha256: last.as_ref().and_then(|s| s.sha256.clone()),
        verified: last.as_ref().is_some_and(|s| s.verified),
        source_url: last.map(|s| s.source),
        default_url: pin.url(),
        default_version: pin.version.to_owned(),
        default_sha256: pin.sha256.to_owned(),
        counts,
    })
}

/// The releases whose hashes this server knows, the newest first.
pub fn list_releases(domain: Option<&str>) -> Vec<Release> {
    let pin = releases::default_pin();
    let number = |version: &str| version.split('.').map(|part| part.parse::<u32>().unwrap_or_default()).collect::<Vec<_>>();
    let mut known: Vec<_> = releases::releases().iter().filter(|r| domain.is_none_or(|d| r.domain.as_str() == d)).collect();
    known.sort_by_cached_key(|r| (Reverse(number(r.version)), r.domain));
    known
        .into_iter()
        .map(|r| Release {
            domain: r.domain.as_str().to_owned(),
            version: r.version.to_owned(),
            sha256: r.sha256.to_owned(),
            url: r.url(),
            is_default: r.sha256 == pin.sha256,
        })
        .collect()
}

/// Which ATT&CK ids templates use: of the templates that the caller may see, so none without `test_template.read`.
pub async fn technique_use(state: &State, caller: &Caller, domain: &str) -> ApiResult<TechniqueUse> {
    let test_templates =
        if caller.can(Permission::TestTemplateRead) { store::technique_use(state.db.reader(), domain).await? } else { BTreeMap::new() };
    Ok(TechniqueUse { test_templates })
}
