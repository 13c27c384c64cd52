//! The steps of a mission's life as people read them: the act, its icon, what is asked before, why it was refused.

use tyrian_api_types::ErrorCode;
use tyrian_domain::mission::{MissionStatus, RoleHint, question_at_start};

use crate::api::ApiError;
use crate::ui::words;

/// The act that leads to a status.
pub fn act(from: MissionStatus, to: MissionStatus) -> &'static str {
    match to {
        MissionStatus::Draft => t!("Back to draft"),
        MissionStatus::InProgress if from == MissionStatus::Completed => t!("Reopen mission"),
        MissionStatus::InProgress => t!("Start mission"),
        MissionStatus::Completed => t!("Complete mission"),
        MissionStatus::Archived => t!("Archive mission"),
    }
}

/// The icon of that act.
pub fn icon(from: MissionStatus, to: MissionStatus) -> &'static str {
    match to {
        MissionStatus::Draft => "undo-2",
        MissionStatus::InProgress if from == MissionStatus::Completed => "rotate-ccw",
        MissionStatus::InProgress => "circle-play",
        MissionStatus::Completed => "circle-check",
        MissionStatus::Archived => "archive",
    }
}

/// What it means to go there, where it has to be asked: of `open` tests, with members of these roles.
pub fn question(from: MissionStatus, to: MissionStatus, open: u64, roles: &[RoleHint]) -> Option<String> {
    let left = match open {
        0 => String::new(),
        n => t!("{} not assessed yet. ", if n == 1 { t!("1 test is").to_owned() } else { t!("{n} tests are"; n) }),
    };
    match to {
        MissionStatus::InProgress if from == MissionStatus::Draft => question_at_start(roles).map(str::to_owned),
        MissionStatus::InProgress => None,
        MissionStatus::Draft => {
            Some(t!("The exercise pauses before its first test: nothing can be recorded until it is started again.").to_owned())
        }
        MissionStatus::Completed => {
            Some(t!("{left}Tests can no longer be executed or assessed, findings still be edited. It can be reopened."; left))
        }
        MissionStatus::Archived => Some(t!("It becomes read-only for good, with all that is under it. This cannot be undone.").to_owned()),
    }
}

/// What is possible after a refusal, in words.
pub fn refusal(error: &ApiError) -> String {
    let ApiError::Problem(problem) = error else { return error.text() };
    if problem.code != ErrorCode::IllegalTransition {
        return error.text();
    }
    let allowed = problem.allowed.clone().unwrap_or_default().iter().map(|status| words(status).to_lowercase()).collect::<Vec<_>>();
    match allowed.as_slice() {
        [] => t!("The mission has moved on meanwhile, and nothing can follow its status now.").to_owned(),
        allowed => t!("The mission has moved on meanwhile. It can now become {}.", allowed.join(" or ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tyrian_api_types::Problem;

    #[test]
    fn a_refused_step_says_what_is_possible_now() {
        let mut problem = Problem::new(ErrorCode::IllegalTransition, "completed cannot become draft.");
        problem.allowed = Some(vec!["archived".to_owned(), "in_progress".to_owned()]);
        assert_eq!(
            refusal(&ApiError::Problem(Box::new(problem.clone()))),
            "The mission has moved on meanwhile. It can now become archived or in progress."
        );
        problem.allowed = Some(Vec::new());
        assert!(refusal(&ApiError::Problem(Box::new(problem))).contains("nothing can follow"));
    }

    #[test]
    fn completing_names_what_is_left_open() {
        let done = |open| question(MissionStatus::InProgress, MissionStatus::Completed, open, &[]).unwrap();
        assert!(done(0).starts_with("Tests can"));
        assert!(done(1).starts_with("1 test is not assessed yet."));
    }

    #[test]
    fn starting_is_asked_only_where_red_is_missing() {
        use MissionStatus as S;
        assert!(question(S::Draft, S::InProgress, 3, &[]).is_some());
        assert!(question(S::Draft, S::InProgress, 3, &[RoleHint::Blue]).is_some());
        assert!(question(S::Draft, S::InProgress, 3, &[RoleHint::Red]).is_none());
        // who reopens a mission knows who was in it
        assert!(question(S::Completed, S::InProgress, 3, &[]).is_none());
    }
}
