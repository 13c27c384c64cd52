//! The sync: from a request to a catalogue that is the bundle's, whole or not at all; and the preview of one.

use std::time::Instant;

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio::sync::OwnedMutexGuard;
use tyrian_api_types::catalogue::{CatalogueChange, CatalogueCounts, SyncAnswer, SyncPreview, SyncRequest};
use tyrian_api_types::{ErrorCode, FieldError};
use tyrian_attack::releases::{self, Release};
use tyrian_attack::stix::{Catalogue, Domain};
use url::Url;
use uuid::Uuid;

use super::diff::{self, Diff};
use super::download;
use super::spool::Bundle;
use super::store::{self, LastSync};
use super::sync_store::{self, Record};
use crate::audit::{self, Entry};
use crate::error::{ApiError, ApiResult};
use crate::http::{Caller, RequestInfo, valid};
use crate::jobs::Progress;
use crate::state::State;

/// Changes of one kind that a preview spells out.
const LISTED: usize = 1_000;

/// Who asks for a sync: a caller, or the command line.
#[derive(Debug, Clone)]
pub struct Actor {
    /// None: the command line.
    pub id: Option<Uuid>,
    /// For the audit log.
    pub request: RequestInfo,
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        Self { id: Some(caller.id), request: caller.request.clone() }
    }
}

/// The right to run a sync or a preview in this process: one at a time.
pub type Turn = OwnedMutexGuard<()>;

/// Takes the turn, or refuses with 409.
pub fn begin(state: &State) -> ApiResult<Turn> {
    state.sync_lock.clone().try_lock_owned().map_err(|_| in_progress())
}

fn in_progress() -> ApiError {
    ApiError::new(ErrorCode::SyncInProgress, "A sync or a preview is running. Wait for its end.")
}

/// What was asked for, its values checked.
struct Wanted {
    /// Where to read; none: the bundle came along.
    url: Option<Url>,
    /// For the record.
    source: String,
    /// The release that the bundle must be.
    release: Option<&'static Release>,
    /// The domain that the bundle must be of.
    domain: Option<Domain>,
    expected: Option<String>,
    allow_unverified: bool,
}

impl Wanted {
    fn of(state: &State, request: &SyncRequest, uploaded: bool) -> ApiResult<Self> {
        valid(request)?;
        let domain = request.domain.as_deref().and_then(Domain::from_name);
        let text = |value: &Option<String>| value.clone().filter(|v| !v.is_empty());
        let (version, source) = (text(&request.version), text(&request.source));
        let release = match version {
            Some(version) => Some(releases::find(domain.unwrap_or(Domain::Enterprise), &version).ok_or_else(|| {
                let hint = "This server does not know the hash of that release. Give its address and its hash instead.";
                ApiError::field("/version", "unknown", hint)
            })?),
            None if uploaded || source.is_some() => None,
            None => Some(newest(domain)),
        };
        let url = match (&source, release) {
            (Some(source), _) => Some(download::check(&state.settings, source)?),
            (None, Some(release)) if !uploaded => Some(download::check(&state.settings, &release.url())?),
            _ => None,
        };
        Ok(Self {
            source: url.as_ref().map_or_else(|| "upload".to_owned(), Url::to_string),
            url,
            release,
            domain,
            expected: request.expected_sha256.as_ref().map(|hash| hash.to_ascii_lowercase()),
            allow_unverified: request.allow_unverified.unwrap_or(false),
        })
    }

    /// Is the hash one that was given, or that of a published release? An error where it is another than it must be.
    fn verify(&self, sha256: &str) -> ApiResult<bool> {
        let must_be = [self.expected.as_deref(), self.release.map(|release| release.sha256)];
        for expected in must_be.into_iter().flatten() {
            if expected != sha256 {
                let detail = format!("The bundle's SHA-256 is {sha256}, but {expected} was expected.");
                return Err(hash_problem(ErrorCode::HashMismatch, detail, sha256));
            }
        }
        Ok(self.expected.is_some() || self.release.is_some() || releases::by_sha256(sha256).is_some())
    }
}

/// The release that a sync takes where nothing is said but perhaps a domain.
fn newest(domain: Option<Domain>) -> &'static Release {
    let newest = domain.and_then(|domain| releases::releases().iter().rfind(|release| release.domain == domain));
    newest.unwrap_or_else(releases::default_pin)
}

fn hash_problem(code: ErrorCode, detail: String, sha256: &str) -> ApiError {
    let mut error = ApiError::new(code, detail.clone());
    error.problem.errors = vec![FieldError { pointer: "/expected_sha256".into(), code: code.as_str().into(), detail }];
    error.problem.sha256 = Some(sha256.to_owned());
    error
}

/// The bundle, from where it was asked for or as it came along.
async fn bring(state: &State, wanted: &Wanted, upload: Option<Bundle>, progress: &Progress) -> ApiResult<Bundle> {
    match (upload, &wanted.url) {
        (Some(bundle), _) => Ok(bundle),
        (None, Some(url)) => download::fetch(&state.settings, url.clone(), progress).await,
        (None, None) => Err(ApiError::internal(anyhow::anyhow!("a sync without a bundle and without an address"))),
    }
}

/// The last sync, if it was of this very bundle, read by this version of the server. A newer one may read more of it.
async fn same_as_last(state: &State, wanted: &Wanted, sha256: &str) -> ApiResult<Option<LastSync>> {
    for domain in Domain::ALL.into_iter().filter(|d| wanted.domain.is_none_or(|wanted| wanted == *d)) {
        let last = store::last_sync(state.db.reader(), domain.as_str()).await?;
        if let Some(last) = last.filter(|last| {
            last.sha256.as_deref() == Some(sha256) && last.counts.get("reader").is_some_and(|reader| reader == crate::VERSION)
        }) {
            return Ok(Some(last));
        }
    }
    Ok(None)
}

async fn parse(wanted: &Wanted, bundle: Bundle) -> ApiResult<Catalogue> {
    let catalogue = bundle.parse().await?;
    match wanted.domain {
        Some(domain) if domain != catalogue.domain => {
            Err(ApiError::field("/domain", "other_domain", format!("The bundle is of the domain {}.", catalogue.domain)))
        }
        _ => Ok(catalogue),
    }
}

/// Syncs. A failure leaves the catalogue as it was, and a record of why.
pub async fn sync(
    state: &State,
    actor: &Actor,
    request: SyncRequest,
    upload: Option<Bundle>,
    progress: &Progress,
    turn: Turn,
) -> ApiResult<SyncAnswer> {
    let started_at = crate::now();
    let uploaded = upload.is_some();
    let result = run(state, actor, &request, upload, progress).await;
    if let Err(error) = &result
        && matches!(
            error.code(),
            ErrorCode::HashRequired
                | ErrorCode::HashMismatch
                | ErrorCode::InvalidBundle
                | ErrorCode::SourceRefused
                | ErrorCode::SourceUnreachable
        )
    {
        let domain = request.domain.as_deref().and_then(Domain::from_name).unwrap_or(Domain::Enterprise);
        let record = Record {
            id: Uuid::now_v7(),
            domain: domain.as_str().to_owned(),
            source: if uploaded { "upload".to_owned() } else { download::showable(request.source.as_deref().unwrap_or_default()) },
            sha256: error.problem.sha256.clone(),
            version: request.version.clone(),
            started_at,
            counts: json!({}),
            verified: false,
            error: Some(error.to_string()),
            created_by_id: actor.id,
        };
        if let Err(e) = sync_store::insert_record(state.db.writer(), record).await {
            tracing::error!(cause = %e, "a failed sync could not be recorded");
        }
    }
    drop(turn);
    result
}

async fn run(state: &State, actor: &Actor, request: &SyncRequest, upload: Option<Bundle>, progress: &Progress) -> ApiResult<SyncAnswer> {
    let (started_at, begun) = (crate::now(), Instant::now());
    let wanted = Wanted::of(state, request, upload.is_some())?;
    let bundle = bring(state, &wanted, upload, progress).await?;
    let (sha256, size) = (bundle.sha256.clone(), bundle.size);
    let verified = wanted.verify(&sha256)?;
    if !verified && !wanted.allow_unverified {
        let detail = format!(
            "The bundle's SHA-256 is {sha256}, which is no published release's. Compare it with its source, then give it as expected_sha256."
        );
        return Err(hash_problem(ErrorCode::HashRequired, detail, &sha256));
    }
    let mut record = Record {
        id: Uuid::now_v7(),
        domain: String::new(),
        source: wanted.source.clone(),
        sha256: Some(sha256.clone()),
        version: None,
        started_at,
        counts: Value::Null,
        verified,
        error: None,
        created_by_id: actor.id,
    };
    let elapsed = |begun: Instant| u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);

    if let Some(last) = same_as_last(state, &wanted, &sha256).await? {
        let objects = last.objects();
        let mut answer = SyncAnswer {
            domain: last.domain.clone(),
            version: last.version.clone(),
            sha256,
            // the catalogue is what an earlier sync brought: if its hash was confirmed then, it is now
            verified: verified || last.verified,
            counts: last.live_counts(),
            created: 0,
            updated: 0,
            retired: 0,
            unchanged: objects,
            duration_ms: 0,
            warnings: Vec::new(),
        };
        record.verified = answer.verified;
        let txn = state.db.begin().await?;
        lock(&txn).await?;
        finish(state, &txn, actor, record, &answer, objects).await?;
        txn.commit().await?;
        answer.duration_ms = elapsed(begun);
        return Ok(answer);
    }

    progress.step("Reading the bundle", size, Some(size)).await?;
    let catalogue = parse(&wanted, bundle).await?;
    progress.step("Writing the catalogue", size, Some(size)).await?;

    let (domain, version) = (catalogue.domain.as_str(), catalogue.version.clone());
    let txn = state.db.begin().await?;
    lock(&txn).await?;
    let (diff, warnings) = compare(&txn, catalogue, true).await?;
    let mut answer = SyncAnswer {
        domain: domain.to_owned(),
        version,
        sha256,
        verified,
        counts: diff.counts.into(),
        created: diff.created_list.len() as u64,
        updated: diff.updated(),
        retired: diff.retired_list.len() as u64,
        unchanged: diff.unchanged,
        duration_ms: 0,
        warnings,
    };
    let objects = diff.objects();
    sync_store::write(&txn, domain, diff).await?;
    crate::test_templates::resolve_unresolved(&txn, crate::now()).await?;
    finish(state, &txn, actor, record, &answer, objects).await?;
    txn.commit().await?;
    answer.duration_ms = elapsed(begun);
    Ok(answer)
}

async fn lock(txn: &sea_orm::DatabaseTransaction) -> ApiResult<()> {
    if sync_store::lock(txn).await? { Ok(()) } else { Err(in_progress()) }
}

/// What a bundle would change. With `for_writing`, what is about to go can no longer be tagged.
async fn compare(db: &impl ConnectionTrait, catalogue: Catalogue, for_writing: bool) -> ApiResult<(Diff, Vec<String>)> {
    let held = sync_store::held(db, catalogue.domain.as_str()).await?;
    let (rows, warnings) = diff::rows_of(catalogue, &held);
    let tagged = sync_store::tagged(db, &held.gone(&rows), for_writing).await?;
    Ok((diff::compare(&held, rows, &tagged), warnings))
}

/// The record of a sync that went well, and its audit entry, which comes last.
async fn finish(
    state: &State,
    txn: &sea_orm::DatabaseTransaction,
    actor: &Actor,
    record: Record,
    answer: &SyncAnswer,
    objects: u64,
) -> ApiResult<()> {
    let (id, source) = (record.id, record.source.clone());
    let counts = json!({
        "tactics": answer.counts.tactics,
        "techniques": answer.counts.techniques,
        "subtechniques": answer.counts.subtechniques,
        "objects": objects,
        "created": answer.created,
        "updated": answer.updated,
        "retired": answer.retired,
        "unchanged": answer.unchanged,
        "reader": crate::VERSION,
    });
    let record = Record { domain: answer.domain.clone(), version: answer.version.clone(), counts, ..record };
    sync_store::insert_record(txn, record).await?;
    let entry = Entry {
        stream: audit::SYSTEM.to_owned(),
        actor_id: actor.id,
        action: "mitre.sync",
        object_kind: "catalogue",
        object_id: Some(id),
        detail: json!({
            "domain": answer.domain,
            "version": answer.version,
            "sha256": answer.sha256,
            "verified": answer.verified,
            "source": source,
            "created": answer.created,
            "updated": answer.updated,
            "retired": answer.retired,
        }),
    };
    audit::record(state, txn, &actor.request, entry).await
}

/// What a sync would do. Needs no hash: finding out which one it is, is what a preview is for.
pub async fn preview(
    state: &State,
    request: SyncRequest,
    upload: Option<Bundle>,
    progress: &Progress,
    turn: Turn,
) -> ApiResult<SyncPreview> {
    let wanted = Wanted::of(state, &request, upload.is_some())?;
    let bundle = bring(state, &wanted, upload, progress).await?;
    let (sha256, size) = (bundle.sha256.clone(), bundle.size);
    let verified = wanted.verify(&sha256)?;
    if let Some(last) = same_as_last(state, &wanted, &sha256).await? {
        return Ok(SyncPreview {
            domain: last.domain.clone(),
            version: last.version.clone(),
            sha256,
            verified,
            counts: last.live_counts(),
            created: vec![],
            changed: vec![],
            retired: vec![],
            updated: 0,
            unchanged: last.objects(),
            affected_templates: vec![],
            warnings: vec![],
        });
    }
    progress.step("Reading the bundle", size, Some(size)).await?;
    let catalogue = parse(&wanted, bundle).await?;
    let (domain, version) = (catalogue.domain.as_str().to_owned(), catalogue.version.clone());
    let (diff, mut warnings) = compare(state.db.reader(), catalogue, false).await?;
    let affected_templates = sync_store::affected(state.db.reader(), &diff.retired).await?;
    drop(turn);
    let counts: CatalogueCounts = diff.counts.into();
    let mut listed = |what: &str, mut list: Vec<CatalogueChange>| {
        if list.len() > LISTED {
            warnings.push(format!("Only the first {LISTED} of {} {what} objects are listed.", list.len()));
            list.truncate(LISTED);
        }
        list
    };
    Ok(SyncPreview {
        created: listed("new", diff.created_list),
        changed: listed("changed", diff.changed_list),
        retired: listed("retired", diff.retired_list),
        domain,
        version,
        sha256,
        verified,
        counts,
        updated: diff.text_only,
        unchanged: diff.unchanged,
        affected_templates,
        warnings,
    })
}
