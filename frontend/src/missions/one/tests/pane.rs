//! The opened test: its head with the moves that are legal now, then plan, both sides, report, evidence and talk.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use tyrian_api_types::detections::Detection;
use tyrian_api_types::missions::{MissionTest, MissionTestSummary};
use tyrian_api_types::{ErrorCode, Items};
use tyrian_domain::execution::{Hands, TestField};
use tyrian_domain::template::TagKind;
use tyrian_domain::test::{TestState, Unsaid};
use uuid::Uuid;

use super::BackLink;
use super::assess::{AssessQuestions, unsaid_of};
use super::blue::BlueSide;
use super::form::TestForm;
use super::list::attack_id;
use super::plan::{Plan, PlanMarks};
use super::queries::{use_detections, use_mission_test};
use super::red::RedSide;
use super::report::Report;
use super::standing::Restored;
use super::versions::Versions;
use crate::loaded::error_state;
use crate::missions::one::Here;
use crate::missions::one::evidence::TestEvidence;
use crate::missions::one::presence::TestPresence;
use crate::missions::one::talk::TestComments;
use crate::missions::url::Url;
use crate::query::Query;
use crate::session::use_session;
use crate::ui::{
    Banner, BannerKind, Button, ButtonKind, ButtonSize, EmptyState, Glyph, Icon, IconButton, Skeleton, Switch, next_id, use_toasts, words,
};

/// The word and the icon of a move.
pub fn move_word(from: TestState, to: TestState) -> (&'static str, &'static str) {
    use TestState as S;
    match (from, to) {
        (S::Planned, S::Running) => (t!("Start"), "circle-play"),
        (S::Running, S::Executed) => ("End", "check"),
        (S::Executed, S::Assessed) => (t!("Mark assessed"), "check"),
        (_, S::Skipped) => (t!("Skip"), "skip-forward"),
        (S::Executed, S::Running) => (t!("Back to running"), "undo-2"),
        (S::Assessed, S::Executed) => (t!("Back to executed"), "undo-2"),
        (S::Skipped, S::Planned) => (t!("Plan again"), "undo-2"),
        _ => (t!("Move"), "arrow-right"),
    }
}

/// Is it a step forward, and so the one primary act?
const fn is_forward(from: TestState, to: TestState) -> bool {
    use TestState as S;
    matches!((from, to), (S::Planned, S::Running) | (S::Running, S::Executed) | (S::Executed, S::Assessed))
}

/// The opened test as the page's keys reach it.
#[derive(Clone, Copy)]
pub struct Opened {
    /// what is written of it
    pub form: TestForm,
    /// what the tools did
    pub detections: Query<Items<Detection>>,
    /// what is asked before it is marked assessed
    pub asked: RwSignal<Option<Unsaid>>,
    moving: RwSignal<Option<TestState>>,
    said: RwSignal<String>,
    toasts: crate::ui::Toasts,
}

impl Opened {
    /// Moves the test, or asks what is missing, or says why that cannot be.
    pub fn go(self, to: TestState) {
        if self.moving.get_untracked().is_some() {
            return;
        }
        if let Some(why) = untrack(|| self.form.move_refusal(to)) {
            self.toasts.info(t!("Not {to} now"; to), Some(why));
            return;
        }
        let unsaid = untrack(|| unsaid_of(self.form, self.detections)).filter(|_| to == TestState::Assessed);
        if unsaid.is_some() {
            self.asked.set(unsaid);
        } else {
            self.go_now(to);
        }
    }

    /// Moves the test without a question.
    pub fn go_now(self, to: TestState) {
        let Self { form, moving, said, toasts, .. } = self;
        moving.set(Some(to));
        spawn_local(async move {
            let answer = form.move_to(to).await;
            moving.try_set(None);
            match answer {
                Ok(()) => {
                    said.try_set(t!("The test is {to} now"; to));
                }
                Err(why) => toasts.error(t!("Not moved to {to}"; to), Some(why)),
            }
        });
    }
}

/// The right side of the split view.
#[component]
pub fn TestPane(
    /// the mission
    here: Here,
    /// what the reader may write
    hands: Memo<Hands>,
    /// the page's URL
    url: Url,
    /// the test in the URL
    opened: Memo<Option<String>>,
    /// the tests that the filter leaves, in order
    order: Memo<Vec<Uuid>>,
    /// to the next one, or back
    step: Callback<bool>,
    /// where the opened one puts itself for the keys
    active: RwSignal<Option<Opened>>,
) -> impl IntoView {
    let place = Memo::new(move |_| {
        let id = opened.get().unwrap_or_default();
        order.with(|order| (order.iter().position(|other| other.to_string() == id), order.len()))
    });
    // Everything of a test is made anew for another one: nothing of the last one's fields may stay.
    move || {
        opened.get().map(|id| {
            let test = use_mission_test(here.id, id.clone());
            view! { <OneTest here=here hands=hands url=url id=id test=test place=place step=step active=active/> }
        })
    }
}

#[component]
fn OneTest(
    /// the mission
    here: Here,
    /// what the reader may write
    hands: Memo<Hands>,
    /// the page's URL
    url: Url,
    /// the test
    id: String,
    /// as it is read
    test: Query<MissionTest>,
    /// its place among those that the filter leaves
    place: Memo<(Option<usize>, usize)>,
    /// to the next one, or back
    step: Callback<bool>,
    /// where it puts itself for the keys
    active: RwSignal<Option<Opened>>,
) -> impl IntoView {
    let summary = Memo::new(move |_| {
        here.read(|data| data.value.scenarios.iter().flat_map(|scenario| &scenario.tests).find(|test| test.id.to_string() == id).cloned())
            .flatten()
    });
    let name = Signal::derive(move || summary.read().as_ref().map_or_else(|| t!("Test").to_owned(), |test| test.name.clone()));
    let code = Memo::new(move |_| summary.read().as_ref().and_then(attack_id));
    let gone = Memo::new(move |_| test.error.with(|error| error.as_ref().is_some_and(|error| error.is(ErrorCode::NotFound))));
    let there = Memo::new(move |_| test.data.read().is_some());
    let test_id = Memo::new(move |_| summary.read().as_ref().map(|test| test.id));
    let heading = next_id("test");
    let labelled_by = heading.clone();
    view! {
        <article class="split__detail" aria-labelledby=labelled_by>
            {move || if gone.get() {
                view! {
                    <BackLink here=here url=url/>
                    <EmptyState title=t!("There is no such test") text=t!("It is not part of this mission, or it is not shown to you yet.")/>
                }
                .into_any()
            } else {
                let heading = heading.clone();
                view! {
                    <div class="dhead">
                        <div class="row">
                            <BackLink here=here url=url/>
                            {move || code.get().map(|id| view! { <span class="chip chip--mono hide-sm">{id}</span> })}
                            <h2 class="dhead__name" id=heading title=move || name.get()>{move || name.get()}</h2>
                            <span class="push row row--1 nowrap">
                                {move || test_id.get().map(|test| view! { <TestPresence mission=here.id test=test/> })}
                                {move || match place.get() {
                                    (Some(at), all) => Some(view! { <span class="small faint num hide-sm">{at + 1}{t!(" of ")}{all}</span> }),
                                    (None, _) => None,
                                }}
                                <IconButton icon="chevron-left" label=t!("Previous test, K") disabled=Signal::derive(move || place.get().0 == Some(0)) on_click=move |_| step.run(false)/>
                                <IconButton icon="chevron-right" label=t!("Next test, J") disabled=Signal::derive(move || { let (at, all) = place.get(); at.is_some_and(|at| at + 1 == all) }) on_click=move |_| step.run(true)/>
                            </span>
                        </div>
                        <div class="dhead__row">
                            {move || summary.get().map(|test| tags(&test))}
                            {move || summary.read().as_ref().map(|test| steps(test.state))}
                            {move || there.get().then(|| test.data.get_untracked()).flatten().map(|now| view! { <Content here=here hands=hands now=now test=test active=active head=true/> })}
                        </div>
                    </div>
                    <div class="dbody">
                        {move || match (there.get(), active.get()) {
                            (true, Some(opened)) => view! { <Body opened=opened test=test/> }.into_any(),
                            _ => match test.error.get() {
                                Some(error) => error_state(t!("The test"), &error, test.refetch),
                                None => view! { <section class="card"><div class="card__body"><Skeleton lines=6/></div></section> }.into_any(),
                            },
                        }}
                    </div>
                }
                .into_any()
            }}
        </article>
    }
}

/// Opens the form of the test and draws the acts of its head.
#[component]
fn Content(
    /// the mission
    here: Here,
    /// what the reader may write
    hands: Memo<Hands>,
    /// the test as it was read first
    now: MissionTest,
    /// and as it is read again
    test: Query<MissionTest>,
    /// where it puts itself for the keys
    active: RwSignal<Option<Opened>>,
    /// drawn in the head
    #[prop(optional)]
    head: bool,
) -> impl IntoView {
    let user = untrack(|| use_session().me()).map(|me| me.id).unwrap_or_default();
    let form = TestForm::open(here, hands, user, now);
    let opened = Opened {
        form,
        detections: use_detections(here.id, form.id()),
        asked: RwSignal::new(None),
        moving: RwSignal::new(None),
        said: RwSignal::new(String::new()),
        toasts: use_toasts(),
    };
    active.set(Some(opened));
    on_cleanup(move || active.set(None));
    Effect::new(move |_| {
        if let Some(test) = test.data.get() {
            form.take(test);
        }
    });
    head.then(|| view! { <Acts opened=opened/> })
}

/// Who may see it, and where it can go from here.
#[component]
fn Acts(
    /// the opened test
    opened: Opened,
) -> impl IntoView {
    let Opened { form, moving, said, .. } = opened;
    let state = Memo::new(move |_| form.read(|test| test.state));
    let moves = Memo::new(move |_| form.moves());
    let disclosed = Memo::new(move |_| form.value(TestField::Disclosed).as_bool().unwrap_or_default());
    let locked = Memo::new(move |_| form.refusal(TestField::Disclosed));
    // Where the exercise does not run, that is said instead of showing no way at all.
    let why = Memo::new(move |_| {
        let (side, to) = state.get().next().iter().map(|(to, side)| (*side, *to)).find(|(side, _)| form.hands.get().on(*side))?;
        let _ = side;
        moves.read().is_empty().then(|| form.move_refusal(to)).flatten()
    });
    view! {
        <span class="dhead__acts">
            {move || if locked.read().is_none() {
                view! {
                    <span class="small" title=t!("May blue and observers see this test?")>
                        <Switch checked=disclosed on_change=move |on: bool| form.choose(TestField::Disclosed, Value::Bool(on))>{t!("Shown to blue")}</Switch>
                    </span>
                }
                .into_any()
            } else if disclosed.get() {
                view! { <span class="row row--1 small muted" title=t!("Blue and observers see this test")><Icon name="eye" size=14/>{t!("Shown to blue")}</span> }.into_any()
            } else {
                view! { <span class="row row--1 small muted" title=t!("Blue and observers do not see this test")><Icon name="lock" size=14/>{t!("Hidden from blue")}</span> }.into_any()
            }}
            {move || why.get().map(|text| view! { <span class="small muted row row--1"><Icon name="info" size=14/>{text}</span> })}
            {move || {
                let from = state.get();
                let mut list = moves.get();
                // back and aside first, the way forward last, where the eye ends
                list.sort_by_key(|to| is_forward(from, *to));
                list.into_iter()
                    .map(|to| {
                        let (word, icon) = move_word(from, to);
                        let kind = if is_forward(from, to) { ButtonKind::Primary } else { ButtonKind::Ghost };
                        let busy = Signal::derive(move || moving.get() == Some(to));
                        // The second click of two quick ones was meant for the button that stood here before.
                        view! { <Button kind=kind size=ButtonSize::Small icon=icon busy=busy on_click=move |event: leptos::ev::MouseEvent| if event.detail() < 2 { opened.go(to) }>{word}</Button> }
                    })
                    .collect_view()
            }}
            <span class="sr" role="status">{move || said.get()}</span>
        </span>
        <AssessQuestions opened=opened/>
    }
}

/// What lies under the head.
#[component]
fn Body(
    /// the opened test
    opened: Opened,
    /// as it is read
    test: Query<MissionTest>,
) -> impl IntoView {
    let form = opened.form;
    let stale = Memo::new(move |_| test.error.read().is_some());
    let side = RwSignal::new(if untrack(|| form.hands.get().blue && !form.hands.get().red) { "blue" } else { "red" });
    let choice = |word: &'static str, value: &'static str, icon: &'static str| {
        view! {
            <label>
                <input type="radio" name="side-shown" prop:checked=move || side.get() == value on:change=move |_| side.set(value)/>
                <Icon name=icon size=14/>{word}
            </label>
        }
    };
    view! {
        <div
            class="dbody__in"
            on:keydown=move |event: leptos::ev::KeyboardEvent| {
                if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                    event.prevent_default();
                    form.save();
                }
            }
        >
            {move || stale.get().then(|| view! {
                <Banner kind=BannerKind::Warn icon="wifi-off">
                    <span>{t!("The test could not be read again. What others changed since is not shown; what you write is kept on this device.")}</span>
                    <span class="push"><Button size=ButtonSize::Small busy=test.loading on_click=move |_| test.refetch.run(())>{t!("Try again")}</Button></span>
                </Banner>
            })}
            <Restored form=form/>
            <Plan form=form/>
            <div class="only-sm">
                <div class="seg" role="radiogroup" aria-label=t!("Side")>{choice(t!("Red"), "red", "crosshair")}{choice(t!("Blue"), "blue", "radar")}</div>
            </div>
            <div class="sides" data-show=move || side.get()>
                <RedSide form=form/>
                <BlueSide form=form/>
            </div>
            <Report form=form/>
            <TestEvidence mission=form.here.id test=form.id()/>
            <PlanMarks form=form/>
            // key C goes to the first input of the element with the class "talk"
            <TestComments mission=form.here.id test=form.id()/>
            <Versions form=form/>
        </div>
    }
}

/// Techniques and tactics by name.
fn tags(test: &MissionTestSummary) -> impl IntoView + use<> {
    let names =
        |kinds: &[TagKind]| test.mitre_tags.iter().filter(|tag| kinds.contains(&tag.kind)).map(|tag| tag.name.clone()).collect::<Vec<_>>();
    let mut parts = names(&[TagKind::Technique, TagKind::Subtechnique]);
    parts.extend(names(&[TagKind::Tactic]));
    let parts = if parts.is_empty() { t!("No ATT&CK tag").to_owned() } else { parts.join(" · ") };
    let code = attack_id(test);
    view! { <span class="muted trunc dhead__tags" title=parts.clone()>{code.map(|code| view! { <span class="mono only-sm">{code}" "</span> })}{parts.clone()}</span> }
}

/// The way of a test with where it stands.
fn steps(state: TestState) -> impl IntoView + use<> {
    const WAY: [TestState; 4] = [TestState::Planned, TestState::Running, TestState::Executed, TestState::Assessed];
    let at = WAY.iter().position(|step| *step == state);
    let way: &[TestState] = if at.is_some() { &WAY } else { &[TestState::Planned, TestState::Skipped] };
    let at = at.unwrap_or(1);
    view! {
        <ol class="steps" aria-label=t!("State")>
            {way.iter()
                .enumerate()
                .map(|(index, step)| view! {
                    <li data-done=(index < at).then_some("") aria-current=(index == at).then_some("step")>
                        <Glyph name=format!("ts-{}", step.as_str())/>{words(step.as_str())}
                    </li>
                })
                .collect_view()}
        </ol>
    }
}
