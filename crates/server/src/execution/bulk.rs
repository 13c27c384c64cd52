//! Many tests at once: each is changed as if it had been asked for alone, and answered for itself.

use tyrian_api_types::execution::{BULK, BulkAnswer, BulkItem, BulkOutcome};
use tyrian_api_types::{ErrorCode, FieldError};

use super::service::{self, Edit};
use crate::error::{ApiError, ApiResult};
use crate::http::{Caller, IfMatch};
use crate::missions::MissionScope;
use crate::state::State;

/// Changes them one after another, each in a transaction of its own: what one is refused for does not stop the others.
pub async fn change(state: &State, caller: &Caller, scope: &MissionScope, items: Vec<BulkItem>) -> ApiResult<BulkAnswer> {
    if items.is_empty() || items.len() > BULK {
        let detail = format!("From 1 to {BULK} tests.");
        return Err(ApiError::invalid(vec![FieldError { pointer: String::new(), code: "out_of_range".into(), detail }]));
    }
    let mut answers = Vec::with_capacity(items.len());
    for item in items {
        let patch = Some(Box::new(item.patch)).filter(|patch| !patch.fields().is_empty());
        let edit = Edit { patch, to: item.state };
        let outcome = match Box::pin(service::edit(state, caller, scope, item.id, &IfMatch::Versions(vec![item.version]), edit)).await {
            Ok((test, _)) => BulkOutcome { id: item.id, status: 200, test: Some(test), problem: None },
            // the server is at fault, not the item
            Err(e) if matches!(e.code(), ErrorCode::Internal | ErrorCode::Unavailable) => return Err(e),
            Err(e) => {
                let mut problem = *e.problem;
                problem.request_id.clone_from(&caller.request.id);
                BulkOutcome { id: item.id, status: problem.status, test: None, problem: Some(problem) }
            }
        };
        answers.push(outcome);
    }
    Ok(BulkAnswer { items: answers })
}
