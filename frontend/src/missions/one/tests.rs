//! The Tests tab: the list of scenarios and tests left, the opened one right. What is opened stands in the URL.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use leptos::{ev, prelude::*};
use tyrian_api_types::detection_levels::DetectionLevel;
use tyrian_api_types::missions::{Mission, MissionTestSummary};
use tyrian_domain::template::TagKind;
use tyrian_domain::test::{Outcome, TestState};
use uuid::Uuid;

use super::Here;
use super::about::About;
use super::detail::TestPane;
use crate::missions::queries::use_detection_levels;
use crate::missions::url::{Url, use_url};
use crate::ui::{Button, ButtonSize, EmptyState, Icon, LevelDot, SearchInput, StateCoin, dialog_is_open};

/// What `?test=` says for the mission's own texts.
const ABOUT: &str = "about";

/// With more tests than this, scenarios begin folded but for the one that is opened.
const FOLD_FROM: usize = 400;

/// A test as a row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Row {
    id: Uuid,
    name: String,
    code: Option<String>,
    state: TestState,
    outcome: Outcome,
    level: Option<String>,
    disclosed: bool,
}

/// A scenario with those of its tests that the filter leaves.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Group {
    id: Uuid,
    name: String,
    done: usize,
    all: usize,
    rows: Vec<Row>,
}

/// The seeded code nearest to a level: an administrator's own level takes its colour and glyph.
pub fn code_of(level: &DetectionLevel) -> String {
    const RAMP: [&str; 6] = ["none", "telemetry", "general", "tactic", "technique", "prevented"];
    if RAMP.contains(&level.code.as_str()) {
        return level.code.clone();
    }
    usize::try_from(level.rank)
        .ok()
        .and_then(|rank| RAMP.get(rank))
        .or(if level.rank < 0 { RAMP.first() } else { RAMP.last() })
        .copied()
        .unwrap_or("none")
        .to_owned()
}

/// The id by which a test is known: its most exact tag.
pub fn attack_id(test: &MissionTestSummary) -> Option<String> {
    let of = |kind: TagKind| test.mitre_tags.iter().find(|tag| tag.kind == kind).map(|tag| tag.external_id.clone());
    of(TagKind::Subtechnique).or_else(|| of(TagKind::Technique)).or_else(|| of(TagKind::Tactic))
}

fn groups(mission: &Mission, levels: &BTreeMap<Uuid, String>, needle: &str, waiting: bool) -> Vec<Group> {
    let needle = tyrian_domain::text::key(needle.trim());
    let fits = |test: &MissionTestSummary| {
        (!waiting || test.state == TestState::Executed)
            && (needle.is_empty()
                || tyrian_domain::text::key(&test.name).contains(&needle)
                || test.mitre_tags.iter().any(|tag| {
                    tyrian_domain::text::key(&tag.external_id).starts_with(&needle) || tyrian_domain::text::key(&tag.name).contains(&needle)
                }))
    };
    let row = |test: &MissionTestSummary| Row {
        id: test.id,
        name: test.name.clone(),
        code: attack_id(test),
        state: test.state,
        outcome: test.outcome,
        level: test.detection_level_id.and_then(|id| levels.get(&id).cloned()),
        disclosed: test.disclosed,
    };
    let filtered = waiting || !needle.is_empty();
    let group = |scenario: &tyrian_api_types::missions::MissionScenario| Group {
        id: scenario.id,
        name: scenario.name.clone(),
        done: scenario.tests.iter().filter(|test| test.state == TestState::Assessed).count(),
        all: scenario.tests.len(),
        rows: scenario.tests.iter().filter(|test| fits(test)).map(row).collect(),
    };
    mission.scenarios.iter().map(group).filter(|group| !filtered || !group.rows.is_empty()).collect()
}

fn hash_of(group: &Group) -> u64 {
    let mut hasher = DefaultHasher::new();
    group.hash(&mut hasher);
    hasher.finish()
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
    let waiting = Memo::new(move |_| url.get("state").as_deref() == Some(TestState::Executed.as_str()));
    let levels = use_detection_levels();
    let level_codes = Memo::new(move |_| {
        levels.data.with(|levels| {
            levels
                .as_ref()
                .map(|levels| levels.items.iter().map(|level| (level.id, code_of(level))).collect::<BTreeMap<_, _>>())
                .unwrap_or_default()
        })
    });
    let list = Memo::new(move |_| {
        let needle = needle.get().unwrap_or_default();
        here.read(|data| groups(&data.value, &level_codes.read(), &needle, waiting.get())).unwrap_or_default()
    });
    let order = Memo::new(move |_| list.with(|list| list.iter().flat_map(|group| group.rows.iter().map(|row| row.id)).collect::<Vec<_>>()));
    // J and K go through what the filter leaves.
    let step = Callback::new(move |forward: bool| {
        let order = order.get_untracked();
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
                if let Some(link) = document()
                    .get_element_by_id(&id)
                    .and_then(|element| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(element).ok())
                {
                    let _ = link.focus();
                }
            });
        }
    });
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || crate::web::is_typing(event.target()) || dialog_is_open() {
            return;
        }
        match event.key().as_str() {
            "j" | "J" => step.run(true),
            "k" | "K" => step.run(false),
            _ => {}
        }
    });
    on_cleanup(move || listener.remove());
    // Another test begins at its head; back on a phone, the list stands where it was left.
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
    let empty = Memo::new(move |_| here.read(|data| data.value.scenarios.is_empty()).unwrap_or_default());
    let about = Memo::new(move |_| opened.with(|opened| opened.as_deref().is_none_or(|opened| opened == ABOUT)));
    view! {
        <div class="split" data-open=move || opened.read().is_some().then_some("")>
            <nav class="split__list" aria-label="Tests">
                {move || (!empty.get()).then(|| view! { <Tools here=here url=url waiting=waiting/> })}
                <a
                    class="titem titem--about"
                    href=move || format!("/missions/{}?test={ABOUT}", here.id.get())
                    data-noscroll
                    aria-current=move || about.get().then_some("true")
                    on:click=move |event| plain_click(&event, || url.push(&[("test", Some(ABOUT.to_owned()))]))
                >
                    <Icon name="file-text"/>
                    <span class="titem__name trunc">"About this mission"</span>
                </a>
                <Show when=move || !empty.get() fallback=move || nothing_planned(here)>
                    <Groups here=here list=list opened=opened url=url/>
                </Show>
            </nav>
            {move || if about.get() {
                view! { <div class="split__detail"><BackLink here=here url=url/><div class="dbody"><About here=here/></div></div> }.into_any()
            } else {
                view! { <TestPane here=here url=url opened=opened order=order step=step levels=levels/> }.into_any()
            }}
        </div>
    }
}

fn nothing_planned(here: Here) -> AnyView {
    let text = if here.may_edit.get_untracked() {
        "Add scenarios from the library, in the menu above: the mission freezes a copy of them."
    } else {
        "Nothing that you may see is planned in this mission yet."
    };
    view! { <EmptyState title="No tests yet" text=text tight=true/> }.into_any()
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
pub fn BackLink(
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
            <Icon name="chevron-left" size=14/>"All tests"
        </a>
    }
}

#[component]
fn Tools(
    /// the mission
    here: Here,
    /// the page's URL
    url: Url,
    /// only what waits for blue
    waiting: Memo<bool>,
) -> impl IntoView {
    let text = url.typed("find");
    let executed =
        Memo::new(move |_| here.read(|data| data.value.head.counts.by_state.get(&TestState::Executed).copied().unwrap_or(0)).unwrap_or(0));
    view! {
        <div class="tlist__tools">
            <SearchInput value=text label="Filter tests" placeholder="Filter tests" small=true main=true/>
            {move || (executed.get() > 0 || waiting.get()).then(|| view! {
                <button
                    class="btn btn--sm tlist__wait"
                    type="button"
                    aria-pressed=move || if waiting.get() { "true" } else { "false" }
                    on:click=move |_| url.push(&[("state", (!waiting.get_untracked()).then(|| TestState::Executed.as_str().to_owned()))])
                >
                    <Icon name="filter" size=14/>{move || executed.get()}" wait for blue"
                </button>
            })}
        </div>
    }
}

#[component]
fn Groups(
    /// the mission
    here: Here,
    /// what the filter leaves
    list: Memo<Vec<Group>>,
    /// the test in the URL
    opened: Memo<Option<String>>,
    /// the page's URL
    url: Url,
) -> impl IntoView {
    let folded = RwSignal::new(HashSet::<Uuid>::new());
    let all = list.with_untracked(|list| list.iter().map(|group| group.rows.len()).sum::<usize>());
    if all > FOLD_FROM {
        let now = opened.get_untracked();
        let is_open = |group: &Group| now.as_ref().is_some_and(|now| group.rows.iter().any(|row| row.id.to_string() == *now));
        folded.set(list.with_untracked(|list| list.iter().filter(|group| !is_open(group)).map(|group| group.id).collect()));
    }
    let current = Selector::new(move || opened.get().unwrap_or_default());
    let none = Memo::new(move |_| list.read().is_empty());
    view! {
        {move || none.get().then(|| view! {
            <EmptyState title="No test fits" text="The filter leaves nothing of this mission." tight=true>
                <Button size=ButtonSize::Small on_click=move |_| url.push(&[("find", None), ("state", None)])>"Clear the filter"</Button>
            </EmptyState>
        })}
        <For each=move || list.get() key=hash_of let:group>
            {
                let id = group.id;
                let is_folded = Memo::new(move |_| folded.with(|folded| folded.contains(&id)));
                let rows = StoredValue::new(group.rows);
                let current = current.clone();
                view! {
                    <button
                        class="tlist__group"
                        type="button"
                        aria-expanded=move || if is_folded.get() { "false" } else { "true" }
                        on:click=move |_| folded.update(|folded| if !folded.remove(&id) { folded.insert(id); })
                    >
                        {move || view! { <Icon name=if is_folded.get() { "chevron-right" } else { "chevron-down" } size=12/> }}
                        <span class="trunc" title=group.name.clone()>{group.name.clone()}</span>
                        <span class="count">{group.done}"/"{group.all}<span class="sr">" assessed"</span></span>
                    </button>
                    {move || (!is_folded.get()).then(|| {
                        let current = current.clone();
                        view! { <ul>{rows.get_value().into_iter().map(|row| item(here, url, row, current.clone())).collect_view()}</ul> }
                    })}
                }
            }
        </For>
    }
}

/// What stands right in a row: the level, whose turn it is, or nothing.
fn result(row: &Row) -> AnyView {
    match (row.state, &row.level) {
        (TestState::Running, _) => view! { <span class="small turn" data-side="red">"Running"</span> }.into_any(),
        (TestState::Executed, _) => view! { <span class="small turn" data-side="blue">"Blue’s turn"</span> }.into_any(),
        (_, Some(code)) => view! { <LevelDot code=code.clone()/> }.into_any(),
        _ => ().into_any(),
    }
}

fn item(here: Here, url: Url, row: Row, current: Selector<String>) -> impl IntoView + use<> {
    let id = row.id.to_string();
    let note = match (row.state, row.outcome) {
        (TestState::Assessed, Outcome::Missed) => Some(view! { <span class="missed">"missed"</span> }.into_any()),
        (TestState::Assessed, Outcome::Prevented) => Some("stopped".into_any()),
        (TestState::Assessed, Outcome::Alerted) if row.level.is_none() => Some("alerted".into_any()),
        (TestState::Assessed, Outcome::Logged) if row.level.is_none() => Some("logged".into_any()),
        _ if !row.disclosed => Some("hidden from blue".into_any()),
        _ => None,
    };
    let (href, selected, to) = (format!("/missions/{}?test={id}", here.id.get_untracked()), id.clone(), id);
    view! {
        <li>
            <a
                id=element_id(row.id)
                class="titem"
                href=href
                data-noscroll
                data-state=row.state.as_str()
                aria-current=move || current.selected(&selected).then_some("true")
                on:click=move |event| plain_click(&event, || url.push(&[("test", Some(to.clone()))]))
            >
                <StateCoin state=row.state.as_str().to_owned()/>
                <span class="titem__name trunc" title=row.name.clone()>{row.name.clone()}</span>
                <span class="titem__meta">
                    {row.code.clone().map(|code| view! { <span class="mono">{code}</span> })}
                    {(row.code.is_some() && note.is_some()).then(|| view! { <span class="faint">"·"</span> })}
                    {note.map(|note| view! { <span>{note}</span> })}
                </span>
                <span class="titem__out">{result(&row)}</span>
            </a>
        </li>
    }
}
