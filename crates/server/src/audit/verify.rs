//! Is every chain as it was written? Nothing can be changed, taken out or put elsewhere without the key.

use std::collections::{BTreeMap, BTreeSet};

use tyrian_api_types::audit::{AuditFault, AuditVerification};
use tyrian_entity::audit_event;

use super::{hash_of, store};
use crate::error::ApiResult;
use crate::state::AppState;

/// Entries that are read at once.
const BATCH: u64 = 2_000;
/// Faults that are told.
const FAULTS: usize = 100;

/// A chain while it is read.
struct Chain {
    stream: String,
    sequence: i64,
    hash: String,
}

/// Reads every chain from its beginning and compares each entry with its hash, and the end with what was noted of it.
pub async fn verify(state: &AppState) -> ApiResult<AuditVerification> {
    let db = state.db.reader();
    // Read before the entries: what is written meanwhile lies behind these ends.
    let heads: BTreeMap<String, (i64, String)> =
        store::heads(db).await?.into_iter().map(|head| (head.stream, (head.sequence, head.hash))).collect();
    let mut found = Found { broken: BTreeSet::new(), faults: Vec::new(), ended: BTreeSet::new() };
    let (mut events, mut streams, mut unknown) = (0, 0, Vec::new());
    let mut chain = Chain { stream: String::new(), sequence: 0, hash: String::new() };
    let mut place = (String::new(), 0);
    loop {
        let rows = store::after(db, &place.0, place.1, BATCH).await?;
        let Some(last) = rows.last() else { break };
        place = (last.stream.clone(), last.sequence);
        for row in rows {
            events += 1;
            if row.stream != chain.stream {
                streams += 1;
                if !heads.contains_key(&row.stream) {
                    unknown.push(row.stream.clone());
                }
                chain = Chain { stream: row.stream.clone(), sequence: 0, hash: String::new() };
            }
            found.look(state, &mut chain, &row);
            if heads.get(&row.stream).is_some_and(|head| head.0 == row.sequence && head.1 == row.hash) {
                found.ended.insert(row.stream);
            }
        }
        // A long log must not keep the thread.
        tokio::task::yield_now().await;
    }
    // An end that is noted and was not met: the last entries are gone, or the note was changed.
    for (stream, (sequence, _)) in &heads {
        if !found.ended.contains(stream) {
            found.note(stream, *sequence, "unknown_end");
        }
    }
    // A chain whose end was not noted at first: begun meanwhile, or the note was taken out.
    for stream in unknown {
        if store::head(db, &stream).await?.is_none() {
            found.note(&stream, 1, "unknown_end");
        }
    }
    Ok(AuditVerification { ok: found.broken.is_empty(), streams, events, faults: found.faults })
}

struct Found {
    /// Chains with a fault: the first one is told.
    broken: BTreeSet<String>,
    faults: Vec<AuditFault>,
    /// Chains whose noted end was met.
    ended: BTreeSet<String>,
}

impl Found {
    fn note(&mut self, stream: &str, sequence: i64, fault: &str) {
        if self.broken.insert(stream.to_owned()) && self.faults.len() < FAULTS {
            self.faults.push(AuditFault { stream: stream.to_owned(), sequence, fault: fault.to_owned() });
        }
    }

    fn look(&mut self, state: &AppState, chain: &mut Chain, row: &audit_event::Model) {
        let expected = chain.sequence + 1;
        if row.sequence != expected {
            self.note(&row.stream, expected, "missing");
        } else if hash_of(state, row, &chain.hash) != row.hash {
            self.note(&row.stream, row.sequence, "changed");
        }
        (chain.sequence, chain.hash) = (row.sequence, row.hash.clone());
    }
}
