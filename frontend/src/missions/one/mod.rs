//! One mission: header, life cycle, tabs.

mod about;
mod activity;
mod acts;
mod add;
mod categories;
mod compare;
mod conflict;
mod drift;
mod edit;
mod evidence;
mod export;
mod fields;
mod members;
mod people;
mod presence;
mod purge;
mod retest;
mod synthesis;
mod talk;
mod tests;
mod timeline;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use tyrian_api_types::ErrorCode;
use tyrian_domain::permission::Permission;
use uuid::Uuid;

use super::queries::{MissionData, use_mission};
use crate::loaded::error_state;
use crate::query::Query;
use crate::session::use_session;
use crate::shell::{Page, crumb, set_title};
use crate::ui::{
    Banner, BannerKind, Button, ButtonLink, ButtonSize, EmptyState, Icon, Skeleton, SkeletonRows, StatusBadge, Tab, Tabs, days,
};
use activity::ActivityTab;
use acts::Acts;
pub use compare::ComparePage;
use drift::DriftBanner;
pub use drift::DriftPage;
pub use evidence::{Doomed, PurgeEvidence};
use export::ExportTab;
use members::MembersTab;
use presence::{HereNow, report_presence};
use retest::RetestOf;
use synthesis::SynthesisTab;
use tests::TestsTab;
use timeline::TimelineTab;

/// What the parts of the page know of their mission; a copyable handle.
#[derive(Clone, Copy)]
pub struct Here {
    /// id as it stands in the URL
    pub id: Memo<String>,
    /// what was read
    pub mission: Query<MissionData>,
    /// may the reader change it, and is it one that can be changed
    pub may_edit: Memo<bool>,
}

impl Here {
    /// Something of the mission, once it is there.
    pub fn read<T>(self, of: impl Fn(&MissionData) -> T) -> Option<T> {
        self.mission.data.with(|mission| mission.as_ref().map(of))
    }

    /// As `read`, without being told of changes.
    pub fn now<T>(self, of: impl Fn(&MissionData) -> T) -> Option<T> {
        untrack(|| self.read(of))
    }

    /// The version to name in an edit.
    pub fn etag(self) -> String {
        self.now(|mission| mission.etag.clone().unwrap_or_else(|| mission.value.head.version.to_string())).unwrap_or_default()
    }

    /// Its name.
    pub fn name(self) -> String {
        self.read(|mission| mission.value.head.name.clone()).unwrap_or_default()
    }
}

/// The tabs: the part of the path and the word in the title.
const TABS: [(&str, &str); 6] = [
    ("tests", "tests"),
    ("timeline", "timeline"),
    ("members", "members"),
    ("synthesis", "synthesis"),
    ("export", "export"),
    ("activity", "activity"),
];

/// The page.
#[component]
pub fn MissionPage() -> impl IntoView {
    let session = use_session();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let tab = Memo::new(move |_| {
        let word = params.with(|params| params.get("tab"));
        word.map_or(Some("tests"), |word| TABS.iter().find(|tab| tab.0 == word).map(|tab| tab.0))
    });
    let mission = use_mission(id);
    let may_edit = Memo::new(move |_| {
        session.can(Permission::MissionUpdate)
            && mission.data.with(|mission| mission.as_ref().is_some_and(|mission| !mission.value.head.status.is_read_only()))
    });
    let here = Here { id, mission, may_edit };
    let title = Signal::derive(move || {
        mission.data.with(|data| data.as_ref().map_or_else(|| t!("Mission").to_owned(), |data| data.value.head.name.clone()))
    });
    let status = Signal::derive(move || here.read(|data| data.value.head.status.as_str().to_owned()).unwrap_or_default());
    let there = Memo::new(move |_| mission.data.with(Option::is_some));
    report_presence(here, there);
    evidence::keep_files();
    view! {
        <Page
            title=title
            crumbs=vec![crumb(t!("Missions"), "/missions")]
            flush=true
            beside=move || view! { {move || there.get().then(|| view! { <span class="topbar__status"><StatusBadge status=status/></span> })} }
            people=move || view! { {move || there.get().then(|| view! { <HereNow here=here/> })} }
            actions=move || view! { {move || there.get().then(|| view! { <Acts here=here/> })} }
        >
            {
                // after Page has named the browser's tab by the title alone
                Effect::new(move |_| {
                    let word = tab.get().unwrap_or("tests");
                    set_title(&format!("{}, {word}", title.get()));
                });
            }
            {move || if there.get() {
                view! { <Body here=here tab=tab/> }.into_any()
            } else {
                view! { <div class="mission-wait">{move || waiting(here)}</div> }.into_any()
            }}
        </Page>
    }
}

/// The mission is on its way, is none, or could not be read.
fn waiting(here: Here) -> AnyView {
    match here.mission.error.get() {
        Some(error) if error.is(ErrorCode::NotFound) || error.is(ErrorCode::BadRequest) || here.id.with(|id| id.parse::<Uuid>().is_err()) => view! {
            <section class="card">
                <EmptyState title=t!("There is no such mission") text=t!("It was deleted, or you are not a member of it. Its lead can make you one.")>
                    <ButtonLink href="/missions" icon="arrow-left">{t!("All missions")}</ButtonLink>
                </EmptyState>
            </section>
        }
        .into_any(),
        Some(error) => view! { <section class="card">{error_state(t!("The mission could not be read"), &error, here.mission.refetch)}</section> }.into_any(),
        None => view! { <div class="stack"><Skeleton lines=1/><section class="card"><SkeletonRows rows=6/></section></div> }.into_any(),
    }
}

#[component]
fn Body(
    /// the mission
    here: Here,
    /// the tab in the URL; none where it is unknown
    tab: Memo<Option<&'static str>>,
) -> impl IntoView {
    let id = here.id;
    let tests = Memo::new(move |_| here.read(|data| data.value.head.counts.tests));
    let members = Memo::new(move |_| here.read(|data| data.value.head.members.len() as u64));
    let client = Memo::new(move |_| here.read(|data| data.value.head.client.clone()));
    let dates = Memo::new(move |_| here.read(|data| days(data.value.head.start_date, data.value.head.end_date)));
    let retest = Memo::new(move |_| here.read(|data| data.value.head.retest_of_id).flatten());
    let archived = Memo::new(move |_| here.read(|data| data.value.head.status.is_read_only()).unwrap_or_default());
    let stale = Memo::new(move |_| here.mission.error.read().is_some());
    let tabs = Signal::derive(move || {
        let base = format!("/missions/{}", id.get());
        vec![
            Tab::new("tests", t!("Tests"), base.clone()).count(tests.get()),
            Tab::new("timeline", t!("Timeline"), format!("{base}/timeline")),
            Tab::new("members", t!("Members"), format!("{base}/members")).count(members.get()),
            Tab::new("synthesis", t!("Synthesis"), format!("{base}/synthesis")),
            Tab::new("export", t!("Export"), format!("{base}/export")),
            Tab::new("activity", t!("Activity"), format!("{base}/activity")),
        ]
    });
    view! {
        <div class="mhead">
            <Tabs label=t!("Mission") tabs=tabs current=Signal::derive(move || tab.get().unwrap_or_default().to_owned())/>
            <div class="mhead__meta">
                <span class="trunc"><Icon name="building-2" size=14/><span class="sr">{t!("Client ")}</span>{move || client.get()}</span>
                <span class="num"><Icon name="calendar" size=14/>{move || dates.get()}</span>
                {move || retest.get().map(|of| view! { <RetestOf of=of/> })}
            </div>
        </div>
        {move || archived.get().then(|| view! {
            <div class="mission-banner"><Banner icon="archive"><span>{t!("This mission is archived and read-only. It can be read, exported and, by who may, deleted.")}</span></Banner></div>
        })}
        {move || stale.get().then(|| view! {
            <div class="mission-banner">
                <Banner kind=BannerKind::Warn>
                    <span>{t!("The mission could not be read again. What you see may be out of date.")}</span>
                    <span class="push"><Button size=ButtonSize::Small busy=here.mission.loading on_click=move |_| here.mission.refetch.run(())>{t!("Try again")}</Button></span>
                </Banner>
            </div>
        })}
        {move || match tab.get() {
            Some("tests") => view! { <DriftBanner here=here/><TestsTab here=here/> }.into_any(),
            Some("timeline") => view! { <div class="mission-tab"><TimelineTab here=here/></div> }.into_any(),
            Some("members") => view! { <div class="mission-tab"><MembersTab here=here/></div> }.into_any(),
            Some("synthesis") => view! { <div class="mission-tab"><SynthesisTab here=here/></div> }.into_any(),
            Some("export") => view! { <div class="mission-tab"><ExportTab here=here/></div> }.into_any(),
            Some("activity") => view! { <div class="mission-tab"><ActivityTab here=here/></div> }.into_any(),
            _ => view! {
                <div class="mission-tab"><section class="card">
                    <EmptyState title=t!("There is no such part of a mission") text=t!("The address may have been cut off.") tight=true>
                        <ButtonLink href=Signal::derive(move || format!("/missions/{}", id.get())) size=ButtonSize::Small>{t!("To its tests")}</ButtonLink>
                    </EmptyState>
                </section></div>
            }
            .into_any(),
        }}
    }
}
