//! The list of scenarios.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use tyrian_api_types::scenario_templates::ScenarioTemplateSummary;
use tyrian_domain::permission::Permission;
use uuid::Uuid;

use super::super::filter::{UrlFilter, use_url_filter};
use super::super::queries;
use super::super::tests::NothingMatches;
use super::super::words::Changed;
use crate::api::query_string;
use crate::imports::{Import, ImportButton, Place};
use crate::loaded::Loaded;
use crate::long::LongRows;
use crate::query::use_mutation;
use crate::session::use_session;
use crate::shell::Page;
use crate::ui::{
    Banner, BannerKind, ButtonKind, ButtonLink, ButtonSize, Chip, ConfirmDialog, EmptyState, Icon, LoadMore, Menu, MenuItem, MenuLink,
    SearchInput, Select, SkeletonRows, Table, use_toasts,
};

const NAMES: &[&str] = &["q", "tag", "sort"];

/// id, name and version of what is to go
pub type Target = (Uuid, String, i64);

fn sorts() -> Vec<(String, String)> {
    [("", t!("Newest first")), ("-updated_at", t!("Last changed first")), ("name", t!("Name, A to Z")), ("-name", t!("Name, Z to A"))]
        .map(|(code, word)| (code.to_owned(), word.to_owned()))
        .into()
}

/// Scenarios.
#[component]
pub fn ScenariosPage() -> impl IntoView {
    let session = use_session();
    let filter = use_url_filter(NAMES);
    let list = queries::use_scenarios(move || {
        let value = |name: &'static str| Some(filter.value(name).get()).filter(|text| !text.is_empty());
        query_string(NAMES.iter().map(|name| (*name, value(name))))
    });
    let set = filter.count(&["sort"]);
    let importing = RwSignal::new(false);
    let deleting = RwSignal::new(None::<Target>);
    let can_create = move || session.can(Permission::ScenarioTemplateCreate);
    let tag = filter.value("tag");
    view! {
        <Page
            title=t!("Scenarios")
            actions=move || view! {
                <ImportButton place=Place::Scenarios open=importing/>
                {move || can_create().then(|| view! {
                    <ButtonLink href="/templates/scenarios/new" kind=ButtonKind::Primary size=ButtonSize::Small icon="plus">{t!("New scenario")}</ButtonLink>
                })}
            }
        >
            <Import place=Place::Scenarios open=importing/>
            <div class="toolbar">
                <SearchInput value=filter.text("q") label=t!("Search scenarios") placeholder=t!("Name, threat actor or tag") main=true/>
                <div class="toolbar__item push"><Select value=filter.choice("sort") options=sorts() label=t!("Order")/></div>
            </div>
            {move || (!tag.read().is_empty()).then(|| view! {
                <div class="row row--wrap" role="group" aria-label=t!("Filters in force")>
                    <Chip name=t!("Tag {}", tag.get()) on_remove=move |()| filter.set(&[("tag", "")])/>
                </div>
            })}
            <section class="card">
                <Loaded query=list.first what=t!("The scenarios") skeleton=|| view! { <SkeletonRows rows=5/> } let:page>
                    {match (page.items.is_empty(), set.get_untracked() > 0) {
                        (true, true) => view! { <NothingMatches filter=filter set=set/> }.into_any(),
                        (true, false) => view! {
                            <EmptyState title=t!("No scenarios yet") text=t!("A scenario puts tests in an order, as an adversary would run them. Missions copy whole scenarios.")>
                                {can_create().then(|| view! { <ButtonLink href="/templates/scenarios/new" kind=ButtonKind::Primary icon="plus">{t!("New scenario")}</ButtonLink> })}
                                <ImportButton place=Place::Scenarios open=importing size=ButtonSize::Normal/>
                            </EmptyState>
                        }.into_any(),
                        (false, _) => view! {
                            <Table label=t!("Scenarios")>
                                <thead><tr>
                                    <th>{t!("Name")}</th><th class="hide-sm">{t!("Threat actor")}</th><th>{t!("Tests")}</th><th class="hide-md">{t!("Techniques")}</th>
                                    <th class="hide-sm">{t!("Changed")}</th><th><span class="sr">{t!("Actions")}</span></th>
                                </tr></thead>
                                <LongRows list=list key=|s: &ScenarioTemplateSummary| (s.id, s.version, s.test_count) let:scenario>
                                    <Row scenario=scenario filter=filter deleting=deleting/>
                                </LongRows>
                            </Table>
                            <LoadMore shown=list.shown total=list.total has_more=list.has_more busy=list.loading_more on_more=list.load_more/>
                            {move || list.more_error.get().map(|error| view! { <Banner kind=BannerKind::Error><span>{error.text()}</span></Banner> })}
                        }.into_any(),
                    }}
                </Loaded>
            </section>
            <DeleteScenario target=deleting on_gone=|()| ()/>
        </Page>
    }
}

#[component]
fn Row(scenario: ScenarioTemplateSummary, filter: UrlFilter, deleting: RwSignal<Option<Target>>) -> impl IntoView {
    let session = use_session();
    let href = format!("/templates/scenarios/{}", scenario.id);
    let menu_href = StoredValue::new(href.clone());
    let target = StoredValue::new((scenario.id, scenario.name.clone(), scenario.version));
    let shown = scenario.techniques.iter().take(4).cloned().collect::<Vec<_>>();
    let rest = scenario.techniques.iter().skip(4).cloned().collect::<Vec<_>>();
    view! {
        <tr>
            <td class="lib__name">
                <a class="strong plain" href=href>{scenario.name.clone()}</a>
                {scenario.description.map(|text| view! { <div class="small muted trunc" title=text.clone()>{text.clone()}</div> })}
                {(!scenario.tags.is_empty()).then(|| view! {
                    <div class="row row--1 row--wrap lib__tags">
                        {scenario.tags.into_iter().map(|tag| {
                            let (value, title) = (tag.clone(), t!("Only scenarios with the tag {tag}"; tag));
                            view! { <button class="chip chip--act" type="button" title=title on:click=move |_| filter.set(&[("tag", &value)])>{tag}</button> }
                        }).collect_view()}
                    </div>
                })}
            </td>
            <td class="hide-sm">{scenario.threat_actor.unwrap_or_else(|| "–".to_owned())}</td>
            <td class="num nowrap">{crate::ui::count(scenario.test_count, "test", "tests")}</td>
            <td class="hide-md">
                <span class="row row--1 row--wrap">
                    {shown.into_iter().map(|id| view! { <span class="chip chip--mono">{id}</span> }).collect_view()}
                    {(!rest.is_empty()).then(|| view! { <span class="small faint num" title=rest.join(", ")>"+"{rest.len()}<span class="sr">{t!(" more")}</span></span> })}
                </span>
            </td>
            <td class="hide-sm lib__who"><Changed at=scenario.updated_at by=scenario.created_by/></td>
            <td>
                <Menu label=t!("Actions for {}", scenario.name) trigger=|| view! { <Icon name="ellipsis"/> }>
                    <MenuLink href=menu_href.get_value() icon="arrow-right">{t!("Open")}</MenuLink>
                    {session.can(Permission::ScenarioTemplateDelete).then(|| view! {
                        <MenuItem icon="trash-2" danger=true on_select=move |()| deleting.set(Some(target.get_value()))>{t!("Delete")}</MenuItem>
                    })}
                </Menu>
            </td>
        </tr>
    }
}

/// Asks before a scenario is deleted, and does it.
#[component]
pub fn DeleteScenario(
    /// what is to go; taken away when the question is answered
    target: RwSignal<Option<Target>>,
    /// goes to the list afterwards
    #[prop(optional)]
    leave: bool,
    /// runs before the page is left
    #[prop(into)]
    on_gone: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let navigate = use_navigate();
    let open = RwSignal::new(false);
    // the name stays in the question while the dialog closes
    let named =
        Memo::new(move |before: Option<&String>| target.get().map(|target| target.1).or_else(|| before.cloned()).unwrap_or_default());
    let delete = use_mutation(
        |(id, name, version): Target| async move { queries::delete_scenario(id, version).await.map(|()| name) },
        move |name| {
            on_gone.run(());
            open.set(false);
            queries::scenarios_changed();
            toasts.success(t!("“{name}” is deleted"; name));
            if leave {
                navigate("/templates/scenarios", NavigateOptions { replace: true, ..Default::default() });
            }
        },
    );
    Effect::new(move |_| {
        if target.read().is_some() {
            delete.error.set(None);
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() {
            target.set(None);
        }
    });
    view! {
        <ConfirmDialog
            open=open
            title=Signal::derive(move || t!("Delete the scenario “{}”?", named.get()))
            text=t!("Its tests stay in the library. Missions keep the copy that they were made with. The scenario cannot be brought back.")
            confirm=t!("Delete scenario")
            busy=delete.busy
            error=Signal::derive(move || delete.error.get().map(|error| error.text()))
            on_confirm=move |()| if let Some(target) = target.get_untracked() { delete.run.run(target) }
        />
    }
}
