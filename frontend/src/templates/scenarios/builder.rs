//! The builder: the library on the left, the scenario's tests in order on the right.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use tyrian_api_types::ErrorCode;
use tyrian_api_types::scenario_templates::ScenarioTemplate;
use tyrian_domain::permission::Permission;

use super::super::chips::ChipsField;
use super::super::conflict::{Conflict, ConflictDialog};
use super::super::draft::{LeaveGuard, use_editing, use_save_key};
use super::super::picker::use_paused;
use super::super::queries::{self, CreateKey};
use super::super::words::TagIds;
use super::draft::{Chosen, FIELDS, ScenarioDraft, ScenarioForm};
use super::list::DeleteScenario;
use crate::api::query_string;
use crate::form::FormErrors;
use crate::loaded::Loaded;
use crate::query::{self, Query, use_mutation};
use crate::session::use_session;
use crate::shell::{Crumb, Page, crumb};
use crate::ui::{
    Banner, BannerKind, Button, ButtonKind, ButtonLink, ButtonSize, Card, CardBody, EmptyState, Field, Icon, IconButton, LoadMore, Menu,
    MenuItem, OrderList, OrderRow, Ordering, SearchInput, Skeleton, SkeletonRows, TextArea, TextInput, moved, use_toasts,
};

fn crumbs() -> Vec<Crumb> {
    vec![crumb(t!("Scenarios"), "/templates/scenarios")]
}

/// A new scenario.
#[component]
pub fn NewScenarioPage() -> impl IntoView {
    let session = use_session();
    move || {
        if session.can(Permission::ScenarioTemplateCreate) {
            view! { <Builder scenario=None/> }.into_any()
        } else {
            view! {
                <Page title=t!("New scenario") crumbs=crumbs()>
                    <section class="card"><EmptyState title=t!("You cannot write scenarios") text=t!("Ask an administrator for the right to create them. You can read the library.")>
                        <ButtonLink href="/templates/scenarios">{t!("Open the scenarios")}</ButtonLink>
                    </EmptyState></section>
                </Page>
            }
            .into_any()
        }
    }
}

/// One scenario: its builder, or its text for who may only read it.
#[component]
pub fn ScenarioPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    move || view! { <OneScenario id=id.get()/> }
}

#[component]
fn OneScenario(id: String) -> impl IntoView {
    let session = use_session();
    let scenario = queries::use_scenario(id);
    // the builder copies what it edits: it is made once and follows later answers by itself
    let first = Memo::new(move |before: Option<&Option<ScenarioTemplate>>| before.cloned().flatten().or_else(|| scenario.data.get()));
    move || {
        match first.get() {
        None => view! {
            <Page title=t!("Scenario") crumbs=crumbs()>
                <Loaded query=scenario what=t!("The scenario") skeleton=|| view! { <section class="card card__body"><Skeleton lines=8/></section> } let:_scenario>""</Loaded>
            </Page>
        }
        .into_any(),
        Some(start) if session.can(Permission::ScenarioTemplateUpdate) => view! { <Builder scenario=Some((start, scenario))/> }.into_any(),
        Some(_) => view! { <ReadPage query=scenario/> }.into_any(),
    }
    }
}

#[component]
fn ReadPage(query: Query<ScenarioTemplate>) -> impl IntoView {
    let title = Signal::derive(move || query.data.with(|data| data.as_ref().map_or_else(|| t!("Scenario").to_owned(), |s| s.name.clone())));
    view! {
        <Page title=title crumbs=crumbs()>
            <Loaded query=query what=t!("The scenario") let:scenario>
                <Card title=t!("About")><CardBody>
                    <div class="stack">
                        {scenario.threat_actor.clone().map(|actor| view! { <p>{t!("Imitates ")}<b>{actor}</b></p> })}
                        {scenario.description.clone().map(|text| view! { <crate::ui::Markdown text=text/> })}
                    </div>
                </CardBody></Card>
                <Card title=t!("Tests in order")><CardBody>
                    <ol class="stack stack--2">
                        {scenario.tests.iter().map(|place| view! {
                            <li><a class="plain" href=format!("/templates/tests/{}", place.test_template.id)>{place.test_template.name.clone()}</a>" "<TagIds tags=place.test_template.mitre_tags.clone()/></li>
                        }).collect_view()}
                    </ol>
                </CardBody></Card>
            </Loaded>
        </Page>
    }
}

/// The builder of a new scenario (`None`) or of one that exists.
#[component]
fn Builder(scenario: Option<(ScenarioTemplate, Query<ScenarioTemplate>)>) -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let navigate = use_navigate();
    let form = ScenarioForm::new();
    let errors = FormErrors::new();
    let id = scenario.as_ref().map(|(scenario, _)| scenario.id);
    let name = id.map_or_else(|| "scenario.new".to_owned(), |id| format!("scenario.{id}"));
    let version = scenario.as_ref().map_or(0, |(scenario, _)| scenario.version);
    let start = scenario.as_ref().map_or_else(ScenarioDraft::default, |(scenario, _)| ScenarioDraft::of(scenario));
    let editing = use_editing(&name, version, start, move || form.read(), move |draft| form.write(draft));
    let dirty = editing.dirty;
    let conflict = RwSignal::new(None::<Conflict<ScenarioDraft>>);
    let deleting = RwSignal::new(None);
    let current = RwSignal::new(scenario.as_ref().map(|(scenario, _)| scenario.clone()));
    if let Some((_, query)) = &scenario {
        let query = *query;
        Effect::new(move |_| {
            if let Some(latest) = query.data.get() {
                editing.follow(latest.version, ScenarioDraft::of(&latest));
                current.set(Some(latest));
            }
        });
    }

    let key = StoredValue::new(CreateKey::default());
    let save = use_mutation(
        move |mine: ScenarioDraft| async move {
            let Some(id) = id else {
                let request = mine.create();
                let key = key.try_update_value(|key| key.of(&request)).unwrap_or_default();
                return queries::create_scenario(request, key).await;
            };
            // its own fields and its order have an address each: the second goes with the version that the first made
            let (mut version, base) = editing.base();
            let mut saved = None;
            if let Some(patch) = mine.patch(&base) {
                let answer = queries::update_scenario(id, version, patch).await?;
                version = answer.version;
                saved = Some(answer);
            }
            if let Some(order) = mine.order(&base) {
                saved = Some(queries::replace_tests(id, version, order).await?);
            }
            match saved {
                Some(saved) => Ok(saved),
                None => queries::scenario(id).await,
            }
        },
        move |saved: ScenarioTemplate| {
            editing.saved(saved.version, ScenarioDraft::of(&saved));
            query::put(&queries::scenario_key(&saved.id.to_string()), saved.clone());
            queries::scenarios_changed();
            match id {
                None => {
                    toasts.success(t!("“{}” is in the library", saved.name));
                    navigate(&format!("/templates/scenarios/{}", saved.id), NavigateOptions { replace: true, ..Default::default() });
                }
                Some(_) => toasts.success(t!("Saved")),
            }
        },
    );
    Effect::new(move |_| {
        let Some(error) = save.error.get() else { return };
        let Some(id) = id.filter(|_| error.is(ErrorCode::PreconditionFailed)) else {
            errors.take(&error);
            return;
        };
        leptos::task::spawn_local(async move {
            match queries::scenario(id).await {
                Ok(theirs) => {
                    let decide = Conflict {
                        version: theirs.version,
                        theirs: ScenarioDraft::of(&theirs),
                        base: editing.base().1,
                        mine: editing.now(),
                    };
                    conflict.try_set(Some(decide));
                }
                Err(error) => errors.take(&error),
            }
        });
    });
    let submit = move || {
        // A new one that is still empty is checked: what it needs shows at its fields.
        if (id.is_none() || dirty.get_untracked()) && errors.check(&editing.now().create()) {
            save.run.run(editing.now());
        }
    };
    let decided = move |(conflict, merged): (Conflict<ScenarioDraft>, ScenarioDraft)| {
        editing.rebase(conflict.version, conflict.theirs.clone());
        editing.fill(merged.clone());
        if merged == conflict.theirs {
            toasts.info(t!("Nothing left to save"), Some(t!("You kept what was saved meanwhile.").to_owned()));
        } else {
            submit();
        }
    };
    let discard = move || {
        let mine = editing.discard();
        errors.clear();
        toasts.with_act(t!("Changes discarded"), t!("Undo"), move || editing.fill(mine.clone()));
    };
    use_save_key(submit);

    let title =
        Memo::new(move |_| current.with(|current| current.as_ref().map_or_else(|| t!("New scenario").to_owned(), |s| s.name.clone())));
    let may_delete = move || id.is_some() && session.can(Permission::ScenarioTemplateDelete);
    view! {
        <Page
            title=title
            crumbs=crumbs()
            actions=move || view! {
                {move || dirty.get().then(|| view! {
                    <span class="small muted hide-sm" role="status">{t!("Unsaved changes")}</span>
                    <Button size=ButtonSize::Small on_click=move |_| discard()>{t!("Discard")}</Button>
                })}
                <Button
                    kind=ButtonKind::Primary
                    size=ButtonSize::Small
                    busy=save.busy
                    why_not=Signal::derive(move || (id.is_some() && !dirty.get()).then(|| t!("Nothing has changed yet").to_owned()))
                    on_click=move |_| submit()
                >{t!("Save")}</Button>
                {move || may_delete().then(|| view! {
                    <Menu label=t!("More actions") trigger=|| view! { <Icon name="ellipsis"/> }>
                        <MenuItem icon="trash-2" danger=true on_select=move |()| deleting.set(current.get_untracked().map(|s| (s.id, s.name, s.version)))>{t!("Delete")}</MenuItem>
                    </Menu>
                })}
            }
        >
            {move || errors.general().get().map(|text| view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> })}
            {move || errors.under("/test_template_ids").get().map(|text| view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> })}
            {move || editing.restored.get().then(|| view! {
                <Banner kind=BannerKind::Info icon="history">
                    <span>{t!("What you put together here before is back. It is not saved yet.")}</span>
                    <span class="push"><Button size=ButtonSize::Small on_click=move |_| discard()>{t!("Discard it")}</Button></span>
                </Banner>
            })}
            {move || editing.newer.get().then(|| view! {
                <Banner kind=BannerKind::Warn><span>{t!("Somebody saved a newer version meanwhile. Your changes stay; saving them shows both.")}</span></Banner>
            })}
            <form class="stack" novalidate aria-label=t!("Scenario") on:submit=move |event| { event.prevent_default(); submit(); }>
                <section class="card" aria-label=t!("The scenario")><CardBody>
                    <div class="stack">
                        <div class="cols cols--2 cols--tight">
                            <Field label=t!("Name") error=errors.field("/name") required=true><TextInput value=form.name/></Field>
                            <Field label=t!("Threat actor") error=errors.field("/threat_actor")><TextInput value=form.threat_actor placeholder=t!("Ransomware affiliate")/></Field>
                        </div>
                        <Field label=t!("Description") error=errors.field("/description")><TextArea value=form.description rows=2/></Field>
                        <ChipsField label=t!("Tags") values=form.tags placeholder=t!("baseline") error=errors.under("/tags")/>
                    </div>
                </CardBody></section>
                <button class="sr" type="submit" tabindex="-1" aria-hidden="true">{t!("Save")}</button>
            </form>
            <div class="cols cols--2">
                <Library form=form/>
                <Order form=form/>
            </div>
            <LeaveGuard dirty=dirty what=Signal::derive(move || format!("“{}”", title.get())) on_discard=move |()| { editing.discard(); }/>
            <ConflictDialog conflict=conflict what=t!("scenario") fields=FIELDS on_save=decided/>
            <DeleteScenario target=deleting leave=true on_gone=move |()| { editing.discard(); }/>
        </Page>
    }
}

/// The library, searched; each test can be added, again and again.
#[component]
fn Library(form: ScenarioForm) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let q = use_paused(text);
    let list =
        queries::use_tests(move || query_string([("q", Some(q.get()).filter(|q| !q.is_empty())), ("sort", Some("name".to_owned()))]));
    view! {
        <Card title=t!("Library")>
            <CardBody>
                <SearchInput value=text label=t!("Search the library") placeholder=t!("Name or ATT&CK id") main=true/>
            </CardBody>
            <Loaded query=list.first what=t!("The library") skeleton=|| view! { <SkeletonRows rows=5/> } let:page>
                {if page.items.is_empty() {
                    view! { <EmptyState title=t!("No tests here") text=t!("Try another word, or write the test first.") tight=true><ButtonLink href="/templates/tests/new" size=ButtonSize::Small>{t!("New test")}</ButtonLink></EmptyState> }.into_any()
                } else {
                    view! {
                        <ul class="find__list" aria-label=t!("Tests of the library")>
                            <For each=move || list.items.get() key=|test| (test.id, test.version) let:test>
                                {
                                    let chosen = Chosen::from(&test);
                                    let label = t!("Add {}", test.name);
                                    view! {
                                        <li class="find">
                                            <span class="trunc" title=test.name.clone()>{test.name.clone()}</span>
                                            <span class="row">
                                                <TagIds tags=test.mitre_tags most=2/>
                                                <IconButton icon="plus" label=label on_click=move |_| form.tests.update(|tests| tests.push(chosen.clone()))/>
                                            </span>
                                        </li>
                                    }
                                }
                            </For>
                        </ul>
                        <LoadMore shown=list.shown total=list.total has_more=list.has_more busy=list.loading_more on_more=list.load_more/>
                    }.into_any()
                }}
            </Loaded>
        </Card>
    }
}

/// The tests in order: dragged, moved by buttons, or with Alt and the arrow keys.
#[component]
fn Order(form: ScenarioForm) -> impl IntoView {
    let ordering =
        Ordering::new(Signal::derive(move || form.tests.with(Vec::len)), move |from, to| form.tests.update(|tests| moved(tests, from, to)));
    let techniques = Memo::new(move |_| form.read().techniques().len() as u64);
    view! {
        <Card title=t!("Tests in order")>
            <CardBody>
                <p class="small muted">
                    {move || crate::ui::count(form.tests.read().len() as u64, "test", "tests")}" · "{move || crate::ui::count(techniques.get(), "technique", "techniques")}
                    {t!(" · drag, or Alt with the arrow keys")}
                </p>
            </CardBody>
            {move || {
                let tests = form.tests.get();
                if tests.is_empty() {
                    return view! { <EmptyState title=t!("Nothing chosen yet") text=t!("Add tests from the library, with the plus beside each. The same one may stand several times.") tight=true/> }.into_any();
                }
                view! {
                    <OrderList ordering=ordering label=t!("Tests in order") class="orders__box">
                        {tests.into_iter().enumerate().map(|(place, test)| {
                            let name = StoredValue::new(test.name.clone());
                            view! {
                                <OrderRow
                                    ordering=ordering
                                    place=place
                                    name=test.name.clone()
                                    acts=move || view! { <IconButton icon="x" label=t!("Take {} out", name.get_value()) on_click=move |_| form.tests.update(|tests| { if place < tests.len() { tests.remove(place); } })/> }
                                >
                                    <span class="num faint">{place + 1}</span>
                                    <span class="row" title=test.external_ids.join(", ")>
                                        <span class="trunc">{test.name.clone()}</span>
                                        {test.external_ids.first().cloned().map(|id| view! { <span class="chip chip--mono push hide-sm">{id}</span> })}
                                    </span>
                                </OrderRow>
                            }
                        }).collect_view()}
                    </OrderList>
                }.into_any()
            }}
        </Card>
    }
}
