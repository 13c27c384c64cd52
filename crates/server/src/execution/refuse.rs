//! Refusals of `domain::execution` as errors: rights before the mission's status before the test's state.

use tyrian_api_types::{ErrorCode, FieldError};
use tyrian_domain::execution::TestField;
use tyrian_domain::execution::{Hands, Refusal, may_write, moves};
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::permission::Permission;
use tyrian_domain::test::TestState;

use crate::error::{ApiError, ApiResult};

/// A refusal that concerns no field.
pub fn error(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::Side(_) => ApiError::new(ErrorCode::FieldForbidden, refusal.reason()),
        Refusal::Needs(permission) => ApiError::lacks(permission),
        Refusal::Archived => ApiError::new(ErrorCode::MissionArchived, "An archived mission is read-only."),
        Refusal::NotInProgress(status) => {
            ApiError::new(ErrorCode::MissionNotInProgress, format!("{} This mission is {}.", refusal.reason(), status.label()))
        }
        Refusal::State(_) => ApiError::new(ErrorCode::TestLocked, refusal.reason()),
    }
}

/// Ranks refusals by the order in which a client is told.
fn rank(refusal: Refusal) -> u8 {
    match refusal {
        Refusal::Side(_) | Refusal::Needs(_) => 0,
        Refusal::Archived => 1,
        Refusal::NotInProgress(_) => 2,
        Refusal::State(_) => 3,
    }
}

/// Refuses unless each of these fields may be written; the error names those that may not.
pub fn fields(fields: &[&str], hands: Hands, mission: MissionStatus, test: TestState) -> ApiResult<()> {
    let refused: Vec<(&str, Refusal)> = fields
        .iter()
        .filter_map(|name| TestField::parse(name).and_then(|field| may_write(field, hands, mission, test).err()).map(|r| (*name, r)))
        .collect();
    let Some(worst) = refused.iter().map(|(_, r)| *r).min_by_key(|r| rank(*r)) else { return Ok(()) };
    let named: Vec<_> = refused.into_iter().filter(|(_, r)| rank(*r) == rank(worst)).collect();
    let names: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
    let code = match worst {
        Refusal::Side(_) | Refusal::Needs(_) => ErrorCode::FieldForbidden,
        Refusal::Archived => ErrorCode::MissionArchived,
        Refusal::NotInProgress(_) => ErrorCode::MissionNotInProgress,
        Refusal::State(_) => ErrorCode::TestLocked,
    };
    let mut error = ApiError::new(code, format!("{}: {}", names.join(", "), worst.reason()));
    error.problem.errors = named
        .iter()
        .map(|(name, refusal)| FieldError { pointer: format!("/{name}"), code: code.as_str().to_owned(), detail: refusal.reason() })
        .collect();
    if let Refusal::Needs(permission) = worst {
        error.problem.permission = Some(permission.to_string());
    }
    Err(error)
}

/// Why a test cannot move there; where there is no such way, the legal ones are listed.
pub fn illegal_move(from: TestState, to: TestState, hands: Hands, mission: MissionStatus, refusal: Refusal) -> ApiError {
    if !matches!(refusal, Refusal::State(_)) {
        return error(refusal);
    }
    let legal: Vec<String> = moves(from, hands, mission).iter().map(ToString::to_string).collect();
    let list = if legal.is_empty() { "nothing by you".to_owned() } else { legal.join(" or ") };
    let mut error = ApiError::new(ErrorCode::IllegalTransition, format!("A test that is {from} cannot become {to}; it can become {list}."));
    error.problem.allowed = Some(legal);
    error
}

/// Refuses who does not keep the plan, and a mission whose plan is closed.
pub fn planning(hands: Hands, mission: MissionStatus) -> ApiResult<()> {
    if !hands.plan {
        return Err(ApiError::lacks(Permission::MissionUpdate));
    }
    match mission {
        MissionStatus::Draft | MissionStatus::InProgress => Ok(()),
        MissionStatus::Completed => Err(self::error(Refusal::NotInProgress(mission))),
        MissionStatus::Archived => Err(self::error(Refusal::Archived)),
    }
}
