//! Drift: where the templates say something else today than the copy that a mission froze. Nothing changes by itself; this only tells.

mod page;
mod queries;
mod values;

use std::hash::{DefaultHasher, Hash, Hasher};

use leptos::prelude::*;
use tyrian_api_types::retests::Drift;
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::permission::Permission;

use super::Here;
use crate::session::use_session;
use crate::ui::count;
use crate::ui::{Banner, ButtonLink, ButtonSize, IconButton};
use crate::web;

pub use page::DriftPage;

/// May the reader see how a mission differs from the library?
fn may_see_drift() -> Memo<bool> {
    let session = use_session();
    Memo::new(move |_| {
        [Permission::MissionUpdate, Permission::TestTemplateRead, Permission::ScenarioTemplateRead].iter().all(|code| session.can(*code))
    })
}

/// What differs, in a sentence; none where nothing does.
fn in_words(drift: &Drift) -> Option<String> {
    let tests = drift.test_drifts.len() as u64;
    let scenarios = drift.scenario_drifts.len() as u64;
    let one = tests + scenarios == 1;
    let what = match (tests, scenarios) {
        (0, 0) => return None,
        (tests, 0) => count(tests, "test", "tests"),
        (0, scenarios) => count(scenarios, "scenario", "scenarios"),
        (tests, scenarios) => format!("{} and {}", count(tests, "test", "tests"), count(scenarios, "scenario", "scenarios")),
    };
    Some(t!("{} {} from today's templates.", what, if one { "differs" } else { "differ" }))
}

/// Which drift this is: the banner that was put away comes back with another one.
fn mark(drift: &Drift) -> String {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(drift).unwrap_or_default().hash(&mut hasher);
    format!("{:x}", hasher.finish())
}

/// On the Tests tab of a mission that still changes.
#[component]
pub fn DriftBanner(
    /// the mission
    here: Here,
) -> impl IntoView {
    let may = may_see_drift();
    let runs = Memo::new(move |_| {
        here.read(|data| matches!(data.value.head.status, MissionStatus::Draft | MissionStatus::InProgress)).unwrap_or_default()
    });
    move || (may.get() && runs.get()).then(|| view! { <Told here=here/> })
}

#[component]
fn Told(
    /// the mission
    here: Here,
) -> impl IntoView {
    let tests = Memo::new(move |_| here.read(|data| data.value.head.counts.tests).unwrap_or_default());
    let drift = queries::use_drift(here.id, tests);
    let told = Memo::new(move |_| drift.data.with(|drift| drift.as_ref().and_then(|drift| Some((in_words(drift)?, mark(drift))))));
    let key = move || format!("drift:{}", here.id.get());
    let put_away = RwSignal::new(web::stored(&untrack(key)));
    Effect::new(move |_| put_away.set(web::stored(&key())));
    move || {
        let (text, mark) = told.get().filter(|told| put_away.read().as_ref() != Some(&told.1))?;
        let hide = move |_| {
            web::store(&untrack(key), Some(&mark));
            put_away.set(Some(mark.clone()));
        };
        Some(view! {
            <div class="mission-banner drift-note">
                <Banner icon="history">
                    <span>{text}{t!(" The mission keeps its copies; nothing changes by itself.")}</span>
                    <span class="push row">
                        <ButtonLink href=Signal::derive(move || format!("/missions/{}/drift", here.id.get())) size=ButtonSize::Small>{t!("Show differences")}</ButtonLink>
                        <IconButton icon="x" label=t!("Hide until something else differs") on_click=hide/>
                    </span>
                </Banner>
            </div>
        })
    }
}

#[cfg(test)]
mod tests {
    use tyrian_api_types::retests::{ScenarioDrift, TestDrift};
    use uuid::Uuid;

    use super::*;

    fn drift(tests: usize, scenarios: usize) -> Drift {
        let test = TestDrift {
            mission_test_id: Uuid::nil(),
            test_name: "T".to_owned(),
            scenario_name: "S".to_owned(),
            test_template_id: Uuid::nil(),
            template_deleted: false,
            fields: Vec::new(),
        };
        let scenario = ScenarioDrift {
            mission_scenario_id: Uuid::nil(),
            scenario_name: "S".to_owned(),
            scenario_template_id: Uuid::nil(),
            template_deleted: true,
            fields: Vec::new(),
            tests_added: Vec::new(),
            tests_removed: Vec::new(),
        };
        Drift { tests: 9, without_template: 0, unchanged: 0, test_drifts: vec![test; tests], scenario_drifts: vec![scenario; scenarios] }
    }

    #[test]
    fn the_banner_counts_what_differs() {
        assert_eq!(in_words(&drift(0, 0)), None);
        assert_eq!(in_words(&drift(1, 0)).unwrap(), "1 test differs from today's templates.");
        assert_eq!(in_words(&drift(3, 0)).unwrap(), "3 tests differ from today's templates.");
        assert_eq!(in_words(&drift(3, 1)).unwrap(), "3 tests and 1 scenario differ from today's templates.");
        assert_ne!(mark(&drift(1, 0)), mark(&drift(2, 0)));
    }
}
