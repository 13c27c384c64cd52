//! The library of tests: filters in the URL, rows, the question before one is deleted.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use tyrian_api_types::test_templates::TestTemplateSummary;
use tyrian_domain::permission::Permission;
use uuid::Uuid;

use super::super::filter::{UrlFilter, use_url_filter};
use super::super::outdated::OutdatedBanner;
use super::super::queries;
use super::super::words::{Changed, TagIds, UnknownIds, executor_word, opsec_options};
use crate::api::query_string;
use crate::attack::queries::use_tactics;
use crate::imports::{Import, ImportButton, Place};
use crate::loaded::Loaded;
use crate::long::LongRows;
use crate::query::use_mutation;
use crate::session::use_session;
use crate::shell::Page;
use crate::ui::{
    Banner, BannerKind, Button, ButtonKind, ButtonLink, ButtonSize, Chip, ConfirmDialog, EmptyState, Icon, LoadMore, Menu, MenuItem,
    MenuLink, SearchInput, Select, Severity, SkeletonRows, Table, use_toasts,
};

const NAMES: &[&str] = &["q", "tactic", "technique", "opsec", "tag", "sort"];

/// What the API is asked for: the page's one `technique` is the API's `subtechnique` where it is one.
fn api_filter(filter: UrlFilter) -> String {
    let value = |name: &'static str| Some(filter.value(name).get());
    let technique = filter.value("technique").get();
    let (technique, subtechnique) = if technique.contains('.') { (None, Some(technique)) } else { (Some(technique), None) };
    query_string([
        ("q", value("q")),
        ("tactic", value("tactic")),
        ("technique", technique),
        ("subtechnique", subtechnique),
        ("opsec", value("opsec")),
        ("tag", value("tag")),
        ("sort", value("sort")),
    ])
}

/// Test templates.
#[component]
pub fn TestsPage() -> impl IntoView {
    let session = use_session();
    let filter = use_url_filter(NAMES);
    let list = queries::use_tests(move || api_filter(filter));
    let set = filter.count(&["sort"]);
    let importing = RwSignal::new(false);
    let deleting = RwSignal::new(None);
    let can_create = move || session.can(Permission::TestTemplateCreate);
    view! {
        <Page
            title=t!("Test templates")
            actions=move || view! {
                <ImportButton place=Place::Tests open=importing/>
                {move || can_create().then(|| view! {
                    <ButtonLink href="/templates/tests/new" kind=ButtonKind::Primary size=ButtonSize::Small icon="plus">{t!("New test")}</ButtonLink>
                })}
            }
        >
            <Import place=Place::Tests open=importing/>
            <OutdatedBanner/>
            <Filters filter=filter set=set/>
            <section class="card">
                <Loaded query=list.first what=t!("The test templates") skeleton=|| view! { <SkeletonRows rows=6/> } let:page>
                    {match (page.items.is_empty(), set.get_untracked() > 0) {
                        (true, true) => view! { <NothingMatches filter=filter set=set/> }.into_any(),
                        (true, false) => view! {
                            <EmptyState title=t!("No test templates yet") text=t!("A test template is one procedure: what red runs, and what blue should see. Scenarios put them in order, missions copy them.")>
                                {can_create().then(|| view! { <ButtonLink href="/templates/tests/new" kind=ButtonKind::Primary icon="plus">{t!("New test")}</ButtonLink> })}
                                <ImportButton place=Place::Tests open=importing size=ButtonSize::Normal/>
                            </EmptyState>
                        }.into_any(),
                        (false, _) => view! {
                            <div data-state=move || list.first.loading.get().then_some("busy")>
                            <Table label=t!("Test templates")>
                                <thead><tr>
                                    <th>{t!("Name")}</th><th class="hide-sm">{t!("ATT&CK")}</th><th>{t!("OPSEC risk")}</th><th class="hide-sm">{t!("Executor")}</th>
                                    <th class="hide-md">{t!("Platforms")}</th><th class="hide-sm">{t!("Changed")}</th><th><span class="sr">{t!("Actions")}</span></th>
                                </tr></thead>
                                <LongRows list=list key=|test: &TestTemplateSummary| (test.id, test.version) let:test>
                                    <Row test=test filter=filter deleting=deleting/>
                                </LongRows>
                            </Table>
                            </div>
                            <LoadMore
                                shown=list.shown
                                total=list.total
                                has_more=list.has_more
                                busy=list.loading_more
                                on_more=list.load_more
                            />
                            {move || list.more_error.get().map(|error| view! { <Banner kind=BannerKind::Error><span>{error.text()}</span></Banner> })}
                        }.into_any(),
                    }}
                </Loaded>
            </section>
            <DeleteTest target=deleting on_gone=|()| ()/>
        </Page>
    }
}

fn sorts() -> Vec<(String, String)> {
    [("", t!("Newest first")), ("-updated_at", t!("Last changed first")), ("name", t!("Name, A to Z")), ("-name", t!("Name, Z to A"))]
        .map(|(code, word)| (code.to_owned(), word.to_owned()))
        .into()
}

#[component]
fn Filters(filter: UrlFilter, set: Memo<usize>) -> impl IntoView {
    let tactics = use_tactics();
    let tactic_options = Signal::derive(move || {
        let mut options = vec![(String::new(), t!("Any tactic").to_owned())];
        tactics.data.with(|list| {
            options.extend(list.iter().flat_map(|list| &list.items).map(|tactic| (tactic.external_id.clone(), tactic.name.clone())));
        });
        // A tactic of the URL that the catalogue does not hold (yet) is still the one in force.
        let now = filter.value("tactic").get();
        if !options.iter().any(|option| option.0 == now) {
            options.push((now.clone(), now));
        }
        options
    });
    let opsec: Vec<_> = std::iter::once((String::new(), t!("Any OPSEC risk").to_owned()))
        .chain(opsec_options().into_iter().map(|(code, word)| (code, t!("{word} OPSEC risk"; word))))
        .collect();
    let technique = filter.text("technique");
    let chip = move |name: &'static str, label: &'static str| {
        move || {
            let value = filter.value(name).get();
            (!value.is_empty()).then(|| view! { <Chip name=format!("{label} {value}") on_remove=move |()| filter.set(&[(name, "")])/> })
        }
    };
    view! {
        <div class="toolbar">
            <SearchInput value=filter.text("q") label=t!("Search test templates") placeholder=t!("Name, objective or ATT&CK id") main=true/>
            <div class="toolbar__item"><Select value=filter.choice("tactic") options=tactic_options label=t!("Tactic")/></div>
            <div class="toolbar__item toolbar__item--id"><crate::ui::TextInput value=technique label=t!("Technique or subtechnique id") placeholder="T1059.001" mono=true/></div>
            <div class="toolbar__item"><Select value=filter.choice("opsec") options=opsec label=t!("OPSEC risk")/></div>
            <div class="toolbar__item push"><Select value=filter.choice("sort") options=sorts() label=t!("Order")/></div>
        </div>
        {move || (set.get() > 0).then(|| view! {
            <div class="row row--wrap" role="group" aria-label=t!("Filters in force")>
                {chip("tactic", t!("Tactic"))}{chip("technique", t!("Technique"))}{chip("opsec", t!("OPSEC risk"))}{chip("tag", t!("Tag"))}
                <button class="linkish" type="button" on:click=move |_| filter.clear()>{t!("Clear filters")}</button>
            </div>
        })}
    }
}

/// A search or a filter that leaves nothing.
#[component]
pub fn NothingMatches(filter: UrlFilter, set: Memo<usize>) -> impl IntoView {
    let q = filter.value("q").get_untracked();
    let title = if q.is_empty() { t!("Nothing matches").to_owned() } else { t!("Nothing matches “{q}”"; q) };
    let text = match set.get_untracked() {
        1 if !q.is_empty() => t!("Try another word, or part of one.").to_owned(),
        1 => t!("One filter is on.").to_owned(),
        n => t!("{n} filters are on."; n),
    };
    view! {
        <EmptyState title=title text=text tight=true>
            <Button size=ButtonSize::Small on_click=move |_| filter.clear()>{t!("Clear filters")}</Button>
        </EmptyState>
    }
}

type Target = (Uuid, String, i64);

#[component]
fn Row(test: TestTemplateSummary, filter: UrlFilter, deleting: RwSignal<Option<Target>>) -> impl IntoView {
    let session = use_session();
    let href = format!("/templates/tests/{}", test.id);
    let target = (test.id, test.name.clone(), test.version);
    let (id, menu_href) = (test.id, StoredValue::new(href.clone()));
    let target = StoredValue::new(target);
    let ids = test.mitre_tags.clone();
    let (unknown, unknown_here) = (test.unresolved_tags.clone(), test.unresolved_tags);
    let none = ids.is_empty() && unknown.is_empty();
    let platforms = if test.platforms.is_empty() { "–".to_owned() } else { test.platforms.join(", ") };
    view! {
        <tr>
            <td class="lib__name">
                <a class="strong plain" href=href>{test.name.clone()}</a>
                {test.objective.map(|text| view! { <div class="small muted trunc" title=text.clone()>{text.clone()}</div> })}
                <div class="only-sm"><TagIds tags=ids/><UnknownIds ids=unknown_here/></div>
                {(!test.tags.is_empty()).then(|| view! {
                    <div class="row row--1 row--wrap lib__tags">
                        {test.tags.into_iter().map(|tag| {
                            let (value, title) = (tag.clone(), t!("Only tests with the tag {tag}"; tag));
                            view! { <button class="chip chip--act" type="button" title=title on:click=move |_| filter.set(&[("tag", &value)])>{tag}</button> }
                        }).collect_view()}
                    </div>
                })}
            </td>
            <td class="hide-sm">{if none { view! { <span class="faint">"–"</span> }.into_any() } else { view! { <TagIds tags=test.mitre_tags/><UnknownIds ids=unknown/> }.into_any() }}</td>
            <td><Severity level=test.opsec_level.as_str()/></td>
            <td class="hide-sm nowrap">{executor_word(test.executor)}</td>
            <td class="hide-md">{platforms}</td>
            <td class="hide-sm lib__who"><Changed at=test.updated_at by=test.created_by/></td>
            <td>
                <Menu label=t!("Actions for {}", test.name) trigger=|| view! { <Icon name="ellipsis"/> }>
                    <MenuLink href=menu_href.get_value() icon="arrow-right">{t!("Open")}</MenuLink>
                    {session.can(Permission::TestTemplateCreate).then(|| view! { <MenuLink href=format!("/templates/tests/new?from={id}") icon="copy">{t!("Make a copy")}</MenuLink> })}
                    {session.can(Permission::TestTemplateDelete).then(|| view! {
                        <MenuItem icon="trash-2" danger=true on_select=move |()| deleting.set(Some(target.get_value()))>{t!("Delete")}</MenuItem>
                    })}
                </Menu>
            </td>
        </tr>
    }
}

/// Asks before a test template is deleted, and does it.
#[component]
pub fn DeleteTest(
    /// id, name and version of what is to go; taken away when the question is answered
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
    // The name stays in the question while the dialog closes.
    let named =
        Memo::new(move |before: Option<&String>| target.get().map(|target| target.1).or_else(|| before.cloned()).unwrap_or_default());
    let delete = use_mutation(
        |(id, name, version): Target| async move { queries::delete_test(id, version).await.map(|()| name) },
        move |name| {
            on_gone.run(());
            open.set(false);
            queries::tests_changed();
            toasts.success(t!("“{name}” is deleted"; name));
            if leave {
                navigate("/templates/tests", leptos_router::NavigateOptions { replace: true, ..Default::default() });
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
            title=Signal::derive(move || t!("Delete the test “{}”?", named.get()))
            text=t!("Scenarios that hold it drop it. Missions keep the copy that they were made with. It cannot be brought back.")
            confirm=t!("Delete test")
            busy=delete.busy
            error=Signal::derive(move || delete.error.get().map(|error| error.text()))
            on_confirm=move |()| if let Some(target) = target.get_untracked() { delete.run.run(target) }
        />
    }
}
