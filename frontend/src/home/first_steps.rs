//! What a new instance needs before its first exercise, for who may do it.

use leptos::prelude::*;
use tyrian_api_types::Page;
use tyrian_domain::permission::Permission;

use super::queries::use_total;
use crate::query::Query;
use crate::session::use_session;
use crate::status::use_catalogue_status;
use crate::ui::{ButtonLink, ButtonSize, Card, Icon};

/// What is known of the first steps; a copyable handle.
#[derive(Clone, Copy)]
pub struct FirstSteps {
    /// the catalogue, tests, scenarios, people, missions: are they there?
    done: [Memo<bool>; 5],
    /// every answer is there, or did not come
    settled: Memo<bool>,
    /// something is left to do
    open: Memo<bool>,
}

impl FirstSteps {
    /// Is it known whether they are shown?
    pub fn are_settled(self) -> bool {
        self.settled.get()
    }
}

/// Asks how far a new instance is; for administrators.
pub fn use_first_steps() -> FirstSteps {
    let catalogue = use_catalogue_status();
    let counted = [
        use_total("test-templates", "/test-templates"),
        use_total("scenario-templates", "/scenario-templates"),
        use_total("users", "/users"),
        use_total("missions", "/missions"),
    ];
    let any = |query: Query<Page<serde_json::Value>>, more_than: u64| {
        Memo::new(move |_| query.data.with(|page| page.as_ref().and_then(|page| page.total).is_some_and(|total| total > more_than)))
    };
    let synced = Memo::new(move |_| catalogue.data.with(|status| status.as_ref().is_some_and(|status| status.last_sync.is_some())));
    let [tests, scenarios, users, missions] = counted;
    let done = [synced, any(tests, 0), any(scenarios, 0), any(users, 1), any(missions, 0)];
    let known = Memo::new(move |_| catalogue.data.read().is_some() && counted.iter().all(|query| query.data.read().is_some()));
    let failed = Memo::new(move |_| catalogue.error.read().is_some() || counted.iter().any(|query| query.error.read().is_some()));
    FirstSteps {
        done,
        settled: Memo::new(move |_| known.get() || failed.get()),
        // Nothing is said before all answers are there: a list that is done must not flash up.
        open: Memo::new(move |_| known.get() && !done.iter().all(|step| step.get())),
    }
}

/// The steps with what is done; gone once all are.
#[component]
pub fn FirstStepsCard(
    /// what is known of them
    steps: FirstSteps,
) -> impl IntoView {
    let session = use_session();
    let [synced, has_tests, has_scenarios, has_people, has_missions] = steps.done;
    let open = steps.open;
    let done = move || steps.done.iter().filter(|step| step.get()).count();
    move || {
        open.get().then(|| view! {
            <Card
                title=Signal::derive(move || t!("Welcome, {}", session.name().split_whitespace().next().unwrap_or_default()))
                head=move || view! { <span class="small muted num">{move || t!("{} of 5 done", done())}</span> }
            >
                <Step done=synced title=t!("Sync ATT&CK") text=t!("Tests are tagged with tactics and techniques of the catalogue") href="/attack" act=t!("Sync") may=Permission::MitreSync/>
                <Step done=has_tests title=t!("Write test templates") text=t!("One procedure each: what red runs, and what blue should see") href="/templates/tests/new" act=t!("Write one") may=Permission::TestTemplateCreate/>
                <Step done=has_scenarios title=t!("Order them into a scenario") text=t!("A chain of tests that imitates one adversary") href="/templates/scenarios/new" act=t!("Make one") may=Permission::ScenarioTemplateCreate/>
                <Step done=has_people title=t!("Invite people") text=t!("Red, blue and leads, each in the group of what they may do") href="/admin/invitations" act=t!("Invite") may=Permission::InvitationCreate/>
                <Step done=has_missions title=t!("Start the first mission") text=t!("It freezes a copy of the scenarios for one client") href="/missions/new" act=t!("Start") may=Permission::MissionCreate/>
            </Card>
        })
    }
}

#[component]
fn Step(
    /// is it done
    done: Memo<bool>,
    /// what to do
    title: &'static str,
    /// what for
    text: &'static str,
    /// where
    href: &'static str,
    /// word of the button
    act: &'static str,
    /// what it needs
    may: Permission,
) -> impl IntoView {
    let session = use_session();
    view! {
        <div class="todo" data-done=move || done.get().then_some("")>
            {move || view! { <Icon name=if done.get() { "circle-check" } else { "arrow-right" }/> }}
            <div>
                <div class="strong">{title}<span class="sr">{move || if done.get() { t!(", done") } else { "" }}</span></div>
                <div class="small muted">{text}</div>
            </div>
            {move || (!done.get() && session.can(may)).then(|| view! { <ButtonLink href=href size=ButtonSize::Small>{act}</ButtonLink> })}
        </div>
    }
}
