//! The Tests tab: the list of scenarios and tests left, the opened one right. What is opened and filtered stands in the URL.
//!
//! Pure parts: `list` (rows and filter), `values` (differences, two people at one test), `drafts`, `command`, `moment`. `form` is
//! the opened test while it is written, `saving` its way to the server. `pane` draws it out of `plan`, `command`, `red`, `blue`,
//! `detections` and `report`, where each input is one of `inputs` or `lists`. `versions` shows a conflict. `bulk`, `reorder` and `adhoc`
//! change the list.

mod adhoc;
mod assess;
mod blue;
mod bulk;
mod command;
mod detection_edit;
mod detections;
mod drafts;
mod form;
mod inputs;
pub mod list;
mod lists;
mod moment;
mod pane;
mod plan;
pub mod queries;
mod read;
mod red;
mod reorder;
mod report;
mod rows;
mod saving;
mod standing;
mod tool;
mod values;
mod versions;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use leptos::{ev, prelude::*};
use tyrian_domain::execution::Hands;
use tyrian_domain::mission::MissionStatus;
use tyrian_domain::permission::{self, Permissions};
use tyrian_domain::test::TestState;
use tyrian_domain::visibility::Viewer;
use uuid::Uuid;

use super::Here;
use super::about::About;
use crate::missions::queries::use_detection_levels;
use crate::missions::url::{Url, use_url};
use crate::query::use_mutation;
use crate::session::use_session;
use crate::shell::use_page_keys;
use crate::ui::{EmptyState, Icon, dialog_is_open, use_toasts};
use adhoc::AddTest;
use bulk::BulkBar;
use list::{Around, Filter, code_of, first_name, groups, stepped};
use pane::{Opened, TestPane};
use reorder::OrderDialog;
use rows::{Groups, Tools, toggle};

/// What `?test=` says for the mission's own texts.
const ABOUT: &str = "about";

/// The keys of this tab, for the help.
const KEYS: [(&[&str], &str); 9] = [
    (&["J"], mark!("Next test")),
    (&["K"], mark!("Previous test")),
    (&["S"], mark!("Start the opened test")),
    (&["E"], mark!("End it")),
    (&["A"], mark!("Mark it assessed")),
    (&["C"], mark!("Write a comment")),
    (&["X"], mark!("Select it, for changing several at once")),
    (&["Ctrl", "⏎"], mark!("Save what you are writing now")),
    (&["Alt", "↑ ↓"], mark!("Move the test in focus within its scenario")),
];

/// What the parts of the tab share; a copyable handle.
#[derive(Clone, Copy)]
pub struct Desk {
    /// the mission
    pub here: Here,
    /// the page's URL
    pub url: Url,
    /// what the reader may put their hands on
    pub hands: Memo<Hands>,
    /// the test in the URL
    pub opened: Memo<Option<String>>,
    /// the state that is filtered by
    pub state: Memo<Option<TestState>>,
    /// the tests that the filter leaves, in order
    pub shown: Memo<Vec<Uuid>>,
    /// can tests be selected
    pub selecting: RwSignal<bool>,
    /// those that are
    pub selected: RwSignal<BTreeSet<Uuid>>,
    /// the scenario whose order is being changed
    pub order: RwSignal<Option<Uuid>>,
    /// a test is being added
    pub add_to: RwSignal<Option<AddTo>>,
    /// moves a test one place up or down in its scenario
    pub shift: Callback<(Uuid, bool)>,
}

/// Where a test is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddTo {
    /// to this scenario
    Scenario(Uuid),
    /// the reader has yet to say
    Any,
}

impl Desk {
    fn open_mission(self) -> bool {
        self.here.read(|data| matches!(data.value.head.status, MissionStatus::Draft | MissionStatus::InProgress)).unwrap_or_default()
    }

    /// May the reader change what is planned, and is the mission one that still can be?
    pub fn plans(self) -> bool {
        self.hands.get().plan && self.open_mission()
    }

    /// Is there anything that they may do to several tests?
    pub fn acts(self) -> bool {
        let hands = self.hands.get();
        (hands.red || hands.plan) && self.here.read(|data| !data.value.head.status.is_read_only()).unwrap_or_default()
    }
}

/// What the reader may put their hands on in this mission.
pub fn hands_in(here: Here) -> Memo<Hands> {
    let session = use_session();
    Memo::new(move |_| {
        let Some(me) = session.me() else { return Hands::default() };
        let role = here
            .read(|data| data.value.head.members.iter().find(|member| member.user_id == me.id).map(|member| member.role_hint))
            .flatten();
        let permissions: Permissions = if me.is_admin { permission::all() } else { me.permissions.iter().copied().collect() };
        Viewer { role, permissions }.hands()
    })
}

/// What the list knows beside the mission: levels, names, who else has what open.
fn around(here: Here) -> Memo<Around> {
    let levels = use_detection_levels();
    let presence = queries::use_presence(here.id);
    let session = use_session();
    Memo::new(move |_| {
        let me = session.me().map(|me| me.id);
        let levels = levels.data.with(|levels| {
            levels.iter().flat_map(|levels| &levels.items).map(|level| (level.id, code_of(level))).collect::<BTreeMap<_, _>>()
        });
        let names = here
            .read(|data| {
                data.value.head.members.iter().map(|member| (member.user_id, member.display_name.clone())).collect::<HashMap<_, _>>()
            })
            .unwrap_or_default();
        let mut open = HashMap::<Uuid, Vec<String>>::new();
        presence.data.with(|list| {
            for one in list.iter().flat_map(|list| &list.items).filter(|one| Some(one.user.id) != me) {
                if let Some(test) = one.mission_test_id {
                    open.entry(test).or_default().push(first_name(&one.user.display_name));
                }
            }
        });
        Around { levels, names, open }
    })
}

/// Saves a test's new place; the whole order of its scenario travels.
fn shifting(here: Here) -> Callback<(Uuid, bool)> {
    let toasts = use_toasts();
    let run = use_mutation(
        move |(scenario, ids): (Uuid, Vec<Uuid>)| async move { queries::order(&here.id.get_untracked(), scenario, ids).await },
        move |()| queries::refresh_mission(&here.id.get_untracked()),
    );
    Effect::new(move |_| {
        if let Some(error) = run.error.get() {
            toasts.error(t!("Not moved"), Some(error.text()));
        }
    });
    Callback::new(move |(id, down): (Uuid, bool)| {
        let found = here.now(|data| {
            let scenario = data.value.scenarios.iter().find(|scenario| scenario.tests.iter().any(|test| test.id == id))?;
            let ids: Vec<Uuid> = scenario.tests.iter().map(|test| test.id).collect();
            Some((scenario.id, stepped(&ids, id, down)?))
        });
        if let Some(order) = found.flatten() {
            run.run.run(order);
        }
    })
}

/// The tab.
#[component]
pub fn TestsTab(
    /// the mission
    here: Here,
) -> impl IntoView {
    let url = use_url();
    let opened = url.param("test");
    let needle = url.param("find");
    let state_param = url.param("state");
    let state = Memo::new(move |_| state_param.with(|word| word.as_deref().and_then(TestState::parse)));
    let around = around(here);
    let hands = hands_in(here);
    let list = Memo::new(move |_| {
        let filter = Filter { text: needle.get().unwrap_or_default(), state: state.get() };
        here.read(|data| groups(&data.value, &around.read(), &filter)).unwrap_or_default()
    });
    let shown = Memo::new(move |_| list.with(|list| list.iter().flat_map(|group| group.rows.iter().map(|row| row.id)).collect::<Vec<_>>()));
    let shift = shifting(here);
    let desk = Desk {
        here,
        url,
        hands,
        opened,
        state,
        shown,
        selecting: RwSignal::new(false),
        selected: RwSignal::new(BTreeSet::new()),
        order: RwSignal::new(None),
        add_to: RwSignal::new(None),
        shift: Callback::new(move |(id, down): (Uuid, bool)| {
            // Between tests that are not shown nobody knows where it goes.
            if hands.get_untracked().plan && state.get_untracked().is_none() && needle.get_untracked().is_none() {
                shift.run((id, down));
            }
        }),
    };
    let active = RwSignal::new(None::<Opened>);
    let step = stepping(desk);
    listen(desk, step, active);
    use_page_keys(t!("In the tests of a mission"), &KEYS);
    scroll_with(opened);
    let empty = Memo::new(move |_| here.read(|data| data.value.scenarios.is_empty()).unwrap_or_default());
    let about = Memo::new(move |_| opened.with(|opened| opened.as_deref().is_none_or(|opened| opened == ABOUT)));
    view! {
        <div class="split" data-open=move || opened.read().is_some().then_some("")>
            <nav class="split__list" aria-label=t!("Tests")>
                {move || (!empty.get() || desk.plans()).then(|| view! { <Tools desk=desk/> })}
                <a
                    class="titem titem--about"
                    href=move || format!("/missions/{}?test={ABOUT}", here.id.get())
                    data-noscroll
                    aria-current=move || about.get().then_some("true")
                    on:click=move |event| plain_click(&event, || url.push(&[("test", Some(ABOUT.to_owned()))]))
                >
                    <Icon name="file-text"/>
                    <span class="titem__name trunc">{t!("About this mission")}</span>
                </a>
                <Show when=move || !empty.get() fallback=move || nothing_planned(here)>
                    <Groups desk=desk list=list/>
                </Show>
                <BulkBar desk=desk/>
            </nav>
            {move || if about.get() {
                view! { <div class="split__detail"><BackLink here=here url=url/><div class="dbody"><About here=here/></div></div> }.into_any()
            } else {
                view! { <TestPane here=here hands=hands url=url opened=opened order=shown step=step active=active/> }.into_any()
            }}
        </div>
        <OrderDialog desk=desk/>
        <AddTest desk=desk/>
    }
}

/// To the next test that the filter leaves, or back to the one before.
fn stepping(desk: Desk) -> Callback<bool> {
    let Desk { url, opened, shown, .. } = desk;
    Callback::new(move |forward: bool| {
        let order = shown.get_untracked();
        let now = opened.get_untracked().and_then(|id| order.iter().position(|other| other.to_string() == id));
        let next = match (now, forward) {
            (None, true) => order.first(),
            (None, false) => order.last(),
            (Some(at), true) => order.get(at + 1),
            (Some(at), false) => at.checked_sub(1).and_then(|at| order.get(at)),
        };
        if let Some(id) = next {
            url.replace(&[("test", Some(id.to_string()))]);
            let id = element_id(*id);
            request_animation_frame(move || {
                if let Some(link) = document().get_element_by_id(&id) {
                    crate::web::focus_element(&link);
                }
            });
        }
    })
}

/// The keys of the tab. Single keys belong to a field while one types in it.
fn listen(desk: Desk, step: Callback<bool>, active: RwSignal<Option<Opened>>) {
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || crate::web::is_typing(event.target()) || dialog_is_open() {
            return;
        }
        let go = |to: TestState| {
            if let Some(opened) = active.get_untracked() {
                opened.go(to);
            }
        };
        match event.key().to_lowercase().as_str() {
            "j" => step.run(true),
            "k" => step.run(false),
            "s" => go(TestState::Running),
            "e" => go(TestState::Executed),
            "a" => go(TestState::Assessed),
            "c" if desk.opened.get_untracked().is_some() => {
                event.prevent_default();
                crate::web::focus_soon(".talk__new :is(textarea, input):not([disabled])");
            }
            "x" if untrack(|| desk.acts()) => {
                let focused = crate::web::focused().and_then(|element| element.id().strip_prefix("test-").map(str::to_owned));
                let id = focused.or_else(|| desk.opened.get_untracked()).and_then(|id| id.parse::<Uuid>().ok());
                if let Some(id) = id {
                    desk.selecting.set(true);
                    toggle(desk.selected, id);
                }
            }
            _ => {}
        }
    });
    on_cleanup(move || listener.remove());
}

/// Another test begins at its head; back on a phone, the list stands where it was left.
fn scroll_with(opened: Memo<Option<String>>) {
    let left_at = StoredValue::new(0.0);
    Effect::new(move |before: Option<Option<String>>| {
        let now = opened.get();
        if let Some(before) = before
            && before != now
        {
            let y = window().scroll_y().unwrap_or_default();
            if before.is_none() {
                left_at.set_value(y);
            }
            let to = if now.is_none() && crate::web::is_small() { left_at.get_value() } else { 0.0 };
            request_animation_frame(move || window().scroll_to_with_x_and_y(0.0, to));
        }
        now
    });
}

fn nothing_planned(here: Here) -> AnyView {
    let text = if here.may_edit.get_untracked() {
        t!("Add scenarios from the library in the menu above, or a single test here: the mission freezes a copy of them.")
    } else {
        t!("Nothing that you may see is planned in this mission yet.")
    };
    view! { <EmptyState title=t!("No tests yet") text=text tight=true/> }.into_any()
}

/// Follows a plain click inside of the page; a click for a new tab stays the browser's.
fn plain_click(event: &ev::MouseEvent, go: impl FnOnce()) {
    if !event.ctrl_key() && !event.meta_key() && !event.shift_key() && !event.alt_key() && event.button() == 0 {
        event.prevent_default();
        go();
    }
}

fn element_id(test: Uuid) -> String {
    format!("test-{test}")
}

/// On a phone: the way from what is opened back to the list.
#[component]
fn BackLink(
    /// the mission
    here: Here,
    /// the page's URL
    url: Url,
) -> impl IntoView {
    view! {
        <a
            class="btn btn--ghost btn--sm only-sm split__back"
            href=move || format!("/missions/{}", here.id.get())
            data-noscroll
            on:click=move |event| plain_click(&event, || url.push(&[("test", None)]))
        >
            <Icon name="chevron-left" size=14/>{t!("All tests")}
        </a>
    }
}
