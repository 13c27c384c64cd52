//! The ends of the chains, for keeping elsewhere: whoever has the key and the database could write a whole new log, but
//! not one that ends as the kept one did.

use super::{store, verify};
use crate::error::{ApiError, ApiResult};
use crate::state::AppState;

/// A line for each chain: its stream, the number of its last entry, and that entry's hash. Refused while a chain is broken.
pub async fn anchor(state: &AppState) -> ApiResult<Vec<String>> {
    let found = verify::verify(state).await?;
    if let Some(fault) = found.faults.first() {
        return Err(ApiError::internal(anyhow::anyhow!("the log is not whole: {} {} {}", fault.stream, fault.sequence, fault.fault)));
    }
    let heads = store::heads(state.db.reader()).await?;
    Ok(heads.into_iter().map(|head| format!("{} {} {}", head.stream, head.sequence, head.hash)).collect())
}

/// What of the log does not agree with lines that were printed before, and what is not whole in it now.
pub async fn check(state: &AppState, lines: &str) -> ApiResult<Vec<String>> {
    let found = verify::verify(state).await?;
    let mut faults: Vec<String> = found.faults.iter().map(|f| format!("{} {}: {}", f.stream, f.sequence, f.fault)).collect();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut words = line.split_whitespace();
        let (Some(stream), Some(Ok(sequence)), Some(hash)) = (words.next(), words.next().map(str::parse::<i64>), words.next()) else {
            faults.push(format!("no line of an anchor: {line}"));
            continue;
        };
        match store::hash_at(state.db.reader(), stream, sequence).await? {
            None => faults.push(format!("{stream} {sequence}: missing, it was there when the anchor was made")),
            Some(now) if now != hash => faults.push(format!("{stream} {sequence}: another entry than when the anchor was made")),
            Some(_) => {}
        }
    }
    Ok(faults)
}
