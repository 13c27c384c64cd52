//! Missions that are being moved on the board: what is dragged, what is asked, what is shown until the lists are read again.

use leptos::prelude::*;
use tyrian_api_types::missions::MissionSummary;
use tyrian_domain::mission::MissionStatus;
use uuid::Uuid;

use crate::missions::queries;
use crate::missions::steps::{question, refusal};
use crate::ui::{Toasts, words};

/// How far a move is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// the server was asked
    Sent,
    /// the server did it, the lists do not know yet
    Done,
    /// the lists are being read
    Reading,
}

/// A mission as it is after its move.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    mission: MissionSummary,
    stage: Stage,
}

/// Whether a column takes the mission that is dragged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// it comes from here
    Home,
    /// it may be dropped
    Yes,
    /// it may not
    No,
}

/// Does the column of `status` take this mission?
pub fn takes(mission: &MissionSummary, status: MissionStatus) -> Takes {
    if mission.status == status {
        Takes::Home
    } else if mission.allowed_transitions.contains(&status) {
        Takes::Yes
    } else {
        Takes::No
    }
}

/// What is to be asked before this mission goes there. The archive is for good; a start without red is asked about
/// everywhere. From all else a toast leads back.
fn asks(mission: &MissionSummary, to: MissionStatus) -> Option<String> {
    if !matches!(to, MissionStatus::Archived | MissionStatus::InProgress) {
        return None;
    }
    let roles: Vec<_> = mission.members.iter().map(|member| member.role_hint).collect();
    question(mission.status, to, 0, &roles)
}

/// The missions of the column of `status`: what was moved away is gone, what was moved here stands on top.
pub fn placed(listed: Vec<MissionSummary>, moves: &[Move], status: MissionStatus) -> Vec<MissionSummary> {
    let here = moves.iter().filter(|one| one.mission.status == status).map(|one| one.mission.clone());
    let rest = listed.into_iter().filter(|mission| moves.iter().all(|one| one.mission.id != mission.id));
    here.chain(rest).collect()
}

/// The moves of one board; a copyable handle.
#[derive(Clone, Copy)]
pub struct Moves {
    /// what is under way
    pub under_way: RwSignal<Vec<Move>>,
    /// what is dragged
    pub held: RwSignal<Option<MissionSummary>>,
    /// over which column
    pub over: RwSignal<Option<MissionStatus>>,
    /// what is asked: which mission, and where it is to go
    pub asked: RwSignal<Option<(MissionSummary, MissionStatus)>>,
    /// is it being asked?
    pub asking: RwSignal<bool>,
    /// the card that keeps the focus on its way
    focus: RwSignal<Option<Uuid>>,
    toasts: Toasts,
}

impl Moves {
    /// Of a board that was just opened.
    pub fn new(toasts: Toasts) -> Self {
        Self {
            under_way: RwSignal::new(Vec::new()),
            held: RwSignal::new(None),
            over: RwSignal::new(None),
            asked: RwSignal::new(None),
            asking: RwSignal::new(false),
            focus: RwSignal::new(None),
            toasts,
        }
    }

    /// Moves a mission, or asks before. `by_menu`: the focus goes with it.
    pub fn choose(self, mission: MissionSummary, to: MissionStatus, by_menu: bool) {
        self.focus.set(by_menu.then_some(mission.id));
        if asks(&mission, to).is_some() {
            self.asked.set(Some((mission, to)));
            self.asking.set(true);
        } else {
            self.go(mission, to, false);
        }
    }

    /// The question that is asked.
    pub fn question(self) -> Option<String> {
        self.asked.with(|asked| asked.as_ref().and_then(|(mission, to)| asks(mission, *to)))
    }

    /// It was answered with yes.
    pub fn confirmed(self) {
        self.asking.set(false);
        if let Some((mission, to)) = self.asked.get_untracked() {
            self.go(mission, to, false);
        }
    }

    /// The drag ends, however.
    pub fn let_go(self) -> Option<MissionSummary> {
        self.over.set(None);
        let held = self.held.get_untracked();
        self.held.set(None);
        held
    }

    /// Shows the mission where it is to be, then asks the server; what is refused goes back.
    fn go(self, mission: MissionSummary, to: MissionStatus, back: bool) {
        let moved = MissionSummary { status: to, allowed_transitions: Vec::new(), ..mission.clone() };
        self.show(moved, Stage::Sent);
        leptos::task::spawn_local(async move {
            // what is seen is what is moved: one that somebody changed meanwhile is refused
            match queries::transition(&mission.id.to_string(), Some(mission.version), to).await {
                Ok(answer) => {
                    let now = answer.value.head;
                    self.show(now.clone(), Stage::Done);
                    self.tell(now, mission.status, back);
                }
                Err(error) => {
                    self.under_way.try_update(|moves| moves.retain(|one| one.mission.id != mission.id));
                    let title = t!("{} stays {}", mission.name, mission.status.label());
                    self.toasts.error(title, Some(refusal(&error)));
                    self.keep_focus();
                }
            }
            queries::refresh_all();
        });
    }

    fn show(self, mission: MissionSummary, stage: Stage) {
        self.under_way.try_update(|moves| {
            moves.retain(|one| one.mission.id != mission.id);
            moves.insert(0, Move { mission, stage });
        });
        self.keep_focus();
    }

    /// Says where it is now. The way back is offered where there is one, once.
    fn tell(self, mission: MissionSummary, from: MissionStatus, back: bool) {
        let title = t!("{} is {}{}", mission.name, words(mission.status.as_str()).to_lowercase(), if back { t!(" again") } else { "" });
        if back || !mission.allowed_transitions.contains(&from) {
            self.toasts.success(title);
        } else {
            self.toasts.with_act(title, t!("Undo"), move || self.go(mission.clone(), from, true));
        }
    }

    /// The lists are read (`reading`), or were: what they know by now is no move any more.
    pub fn lists_are(self, reading: bool) {
        let of_interest = |moves: &Vec<Move>| moves.iter().any(|one| one.stage == if reading { Stage::Done } else { Stage::Reading });
        if !self.under_way.with_untracked(of_interest) {
            return;
        }
        self.under_way.update(|moves| {
            if reading {
                for one in moves.iter_mut().filter(|one| one.stage == Stage::Done) {
                    one.stage = Stage::Reading;
                }
            } else {
                moves.retain(|one| one.stage != Stage::Reading);
            }
        });
        self.keep_focus();
    }

    /// A card that is drawn anew has lost the focus: it gets it again, unless the reader took it elsewhere.
    fn keep_focus(self) {
        if let Some(id) = self.focus.try_get_untracked().flatten() {
            crate::web::focus_if_lost(format!("[data-mission=\"{id}\"] a"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use MissionStatus as S;

    fn mission(id: u128, status: S, next: &[S]) -> MissionSummary {
        serde_json::from_value(serde_json::json!({
            "id": Uuid::from_u128(id), "name": format!("Mission {id}"), "client": "ACME", "status": status, "allowed_transitions": next,
            "start_date": null, "end_date": null, "retest_of_id": null, "attack_version": null, "members": [],
            "counts": tyrian_domain::counters::Counters::default(), "created_by": null, "version": 1,
            "created_at": "2026-03-09T10:00:00Z", "updated_at": "2026-03-09T10:00:00Z",
        }))
        .unwrap()
    }

    fn ids(missions: &[MissionSummary]) -> Vec<u128> {
        missions.iter().map(|mission| mission.id.as_u128()).collect()
    }

    #[test]
    fn a_column_takes_what_may_become_its_status() {
        let running = mission(1, S::InProgress, &[S::Completed, S::Draft]);
        assert_eq!(
            S::ALL.iter().map(|status| takes(&running, *status)).collect::<Vec<_>>(),
            [Takes::Yes, Takes::Home, Takes::Yes, Takes::No]
        );
    }

    #[test]
    fn what_moves_stands_on_top_of_its_new_column_and_nowhere_else() {
        let moves = [Move { mission: mission(2, S::InProgress, &[]), stage: Stage::Sent }];
        let drafts = placed(vec![mission(1, S::Draft, &[]), mission(2, S::Draft, &[])], &moves, S::Draft);
        assert_eq!(ids(&drafts), [1]);
        let running = placed(vec![mission(3, S::InProgress, &[])], &moves, S::InProgress);
        assert_eq!(ids(&running), [2, 3]);
        // the list may know it before the answer is here
        let running = placed(vec![mission(3, S::InProgress, &[]), mission(2, S::InProgress, &[])], &moves, S::InProgress);
        assert_eq!(ids(&running), [2, 3]);
    }

    #[test]
    fn only_the_archive_and_a_start_without_red_are_asked_about() {
        let draft = mission(1, S::Draft, &[S::InProgress]);
        assert!(asks(&draft, S::InProgress).is_some());
        let running = mission(1, S::InProgress, &[S::Completed, S::Draft]);
        assert_eq!((asks(&running, S::Completed), asks(&running, S::Draft)), (None, None));
        let over = mission(1, S::Completed, &[S::Archived, S::InProgress]);
        assert!(asks(&over, S::Archived).is_some_and(|text| text.contains("cannot be undone")));
        assert_eq!(asks(&over, S::InProgress), None);
    }
}
