//! The pages of one test template: new, edit, read.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};
use tyrian_api_types::ErrorCode;
use tyrian_api_types::catalogue::Technique;
use tyrian_api_types::test_templates::{MitreTag, TestTemplate};
use tyrian_domain::permission::Permission;
use tyrian_domain::template::TagKind;

use super::super::arguments;
use super::super::conflict::{Conflict, ConflictDialog};
use super::super::draft::{LeaveGuard, use_editing, use_save_key};
use super::super::queries::{self, CreateKey};
use super::fields::TestFields;
use super::form::{FIELDS, TestDraft, TestForm};
use super::list::DeleteTest;
use super::view::{SourceCard, TestView};
use crate::attack::queries::use_technique;
use crate::form::FormErrors;
use crate::loaded::Loaded;
use crate::query::{self, Query, use_mutation};
use crate::session::use_session;
use crate::shell::{Crumb, Page, crumb};
use crate::ui::{
    Banner, BannerKind, Button, ButtonKind, ButtonLink, ButtonSize, EmptyState, Icon, Kbd, Menu, MenuItem, MenuLink, Skeleton, use_toasts,
};

fn crumbs() -> Vec<Crumb> {
    vec![crumb(t!("Test templates"), "/templates/tests")]
}

/// A new test template. `?technique=T1059` tags it from the start, `?from={id}` begins with a copy.
#[component]
pub fn NewTestPage() -> impl IntoView {
    let session = use_session();
    let query = use_query_map();
    let from = query.with_untracked(|query| query.get("from"));
    let technique = query.with_untracked(|query| query.get("technique"));
    move || {
        if !session.can(Permission::TestTemplateCreate) {
            return view! {
                <Page title=t!("New test template") crumbs=crumbs()>
                    <section class="card"><EmptyState title=t!("You cannot write test templates") text=t!("Ask an administrator for the right to create them. You can read the library.")>
                        <ButtonLink href="/templates/tests">{t!("Open the library")}</ButtonLink>
                    </EmptyState></section>
                </Page>
            }
            .into_any();
        }
        match (&from, &technique) {
            (Some(id), _) => {
                let source = queries::use_test(id.clone());
                view! { <Started query=source what=t!("The template to copy") start=copy_of/> }.into_any()
            }
            (None, Some(id)) => {
                let found = use_technique(id.clone());
                view! { <Started query=found what=t!("The technique") start=tagged/> }.into_any()
            }
            (None, None) => view! { <Editor template=None start=TestDraft::new()/> }.into_any(),
        }
    }
}

fn tagged(technique: Option<Technique>) -> TestDraft {
    let tag = technique.map(|t| MitreTag { kind: TagKind::of_id(&t.external_id), external_id: t.external_id, name: t.name, url: t.url });
    TestDraft { mitre_tags: tag.into_iter().collect(), ..TestDraft::new() }
}

fn copy_of(template: TestTemplate) -> TestDraft {
    let mut draft = TestDraft::of(&template);
    draft.name = t!("{} (copy)", draft.name).chars().take(tyrian_domain::text::NAME).collect();
    draft
}

/// A new template that begins with something that has to be read first.
#[component]
fn Started<T: Clone + PartialEq + Send + Sync + 'static>(query: Query<T>, what: &'static str, start: fn(T) -> TestDraft) -> impl IntoView {
    let first = Memo::new(move |before: Option<&Option<T>>| before.cloned().flatten().or_else(|| query.data.get()));
    move || match first.get() {
        Some(value) => view! { <Editor template=None start=start(value)/> }.into_any(),
        None => view! { <Page title=t!("New test template") crumbs=crumbs()><Loaded query=query what=what let:_value>""</Loaded></Page> }
            .into_any(),
    }
}

/// One test template: its editor, or its text for who may only read it.
#[component]
pub fn TestPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    move || view! { <OneTest id=id.get()/> }
}

#[component]
fn OneTest(id: String) -> impl IntoView {
    let session = use_session();
    let template = queries::use_test(id);
    // The editor copies what it edits: it is made once and follows later answers by itself.
    let first = Memo::new(move |before: Option<&Option<TestTemplate>>| before.cloned().flatten().or_else(|| template.data.get()));
    move || {
        let Some(start) = first.get() else {
            return view! {
                <Page title=t!("Test template") crumbs=crumbs()>
                    <Loaded query=template what=t!("The test template") skeleton=|| view! { <section class="card card__body"><Skeleton lines=8/></section> } let:_template>""</Loaded>
                </Page>
            }
            .into_any();
        };
        if session.can(Permission::TestTemplateUpdate) {
            let draft = TestDraft::of(&start);
            view! { <Editor template=Some((start, template)) start=draft/> }.into_any()
        } else {
            view! { <ReadPage query=template/> }.into_any()
        }
    }
}

#[component]
fn ReadPage(query: Query<TestTemplate>) -> impl IntoView {
    let title = Signal::derive(move || {
        query.data.with(|data| data.as_ref().map_or_else(|| t!("Test template").to_owned(), |t| t.content.name.clone()))
    });
    view! {
        <Page title=title crumbs=crumbs()>
            <Loaded query=query what=t!("The test template") let:template><TestView template=template/></Loaded>
        </Page>
    }
}

/// The editor of a new template (`None`) or of one that exists.
#[component]
fn Editor(template: Option<(TestTemplate, Query<TestTemplate>)>, start: TestDraft) -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let navigate = use_navigate();
    let form = TestForm::new();
    let errors = FormErrors::new();
    let id = template.as_ref().map(|(template, _)| template.id);
    let name = id.map_or_else(|| "test-template.new".to_owned(), |id| format!("test-template.{id}"));
    let version = template.as_ref().map_or(0, |(template, _)| template.version);
    // A new template that begins with a copy or a technique has something to save from the start.
    let base = if id.is_some() { start.clone() } else { TestDraft::new() };
    let editing = use_editing(&name, version, base, move || form.read(), move |draft| form.write(draft));
    if id.is_none() && start != TestDraft::new() && !editing.dirty.get_untracked() {
        editing.fill(start);
    }
    let dirty = editing.dirty;
    let conflict = RwSignal::new(None::<Conflict<TestDraft>>);
    let deleting = RwSignal::new(None);
    let current = RwSignal::new(template.as_ref().map(|(template, _)| template.clone()));
    if let Some((_, query)) = &template {
        let query = *query;
        Effect::new(move |_| {
            if let Some(latest) = query.data.get() {
                editing.follow(latest.version, TestDraft::of(&latest));
                current.set(Some(latest));
            }
        });
    }

    let key = StoredValue::new(CreateKey::default());
    let save = use_mutation(
        move |mine: TestDraft| async move {
            match id {
                None => {
                    let request = mine.create();
                    let key = key.try_update_value(|key| key.of(&request)).unwrap_or_default();
                    queries::create_test(request, key).await
                }
                Some(id) => {
                    let (version, base) = editing.base();
                    queries::update_test(id, version, mine.patch(&base)).await
                }
            }
        },
        move |saved: TestTemplate| {
            editing.saved(saved.version, TestDraft::of(&saved));
            query::put(&queries::test_key(&saved.id.to_string()), saved.clone());
            queries::tests_changed();
            match id {
                None => {
                    toasts.success(t!("“{}” is in the library", saved.content.name));
                    navigate(&format!("/templates/tests/{}", saved.id), NavigateOptions { replace: true, ..Default::default() });
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
            match queries::test(id).await {
                Ok(theirs) => {
                    let decide =
                        Conflict { version: theirs.version, theirs: TestDraft::of(&theirs), base: editing.base().1, mine: editing.now() };
                    conflict.try_set(Some(decide));
                }
                Err(error) => errors.take(&error),
            }
        });
    });
    let submit = move || {
        // A new one that is still empty is checked: what it needs shows at its fields.
        if id.is_some() && !dirty.get_untracked() {
            return;
        }
        let mine = editing.now();
        if let Some((index, fault)) = arguments::fault(&mine.arguments) {
            errors.clear();
            errors.add(&format!("/arguments#{index}"), fault);
            crate::web::focus_soon(".args > li[data-invalid] input");
            return;
        }
        if errors.check(&mine.create()) {
            save.run.run(mine);
        }
    };
    let decided = move |(conflict, merged): (Conflict<TestDraft>, TestDraft)| {
        editing.rebase(conflict.version, conflict.theirs.clone());
        editing.fill(merged.clone());
        if merged == conflict.theirs {
            toasts.info(t!("Nothing left to save"), Some(t!("You kept what was saved meanwhile.").to_owned()));
            query::invalidate(&crate::key!["test-templates", "one"]);
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

    let title = Memo::new(move |_| {
        current.with(|current| current.as_ref().map_or_else(|| t!("New test template").to_owned(), |t| t.content.name.clone()))
    });
    let may_delete = move || id.is_some() && session.can(Permission::TestTemplateDelete);
    let may_create = move || id.is_some() && session.can(Permission::TestTemplateCreate);
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
                {move || (may_delete() || may_create()).then(|| view! {
                    <Menu label=t!("More actions") trigger=|| view! { <Icon name="ellipsis"/> }>
                        {may_create().then(|| view! { <MenuLink href=format!("/templates/tests/new?from={}", id.map(|id| id.to_string()).unwrap_or_default()) icon="copy">{t!("Make a copy")}</MenuLink> })}
                        {may_delete().then(|| view! { <MenuItem icon="trash-2" danger=true on_select=move |()| deleting.set(current.get_untracked().map(|t| (t.id, t.content.name, t.version)))>{t!("Delete")}</MenuItem> })}
                    </Menu>
                })}
            }
        >
            {move || errors.general().get().map(|text| view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> })}
            {move || editing.restored.get().then(|| view! {
                <Banner kind=BannerKind::Info icon="history">
                    <span>{t!("What you wrote here before is back. It is not saved yet.")}</span>
                    <span class="push"><Button size=ButtonSize::Small on_click=move |_| discard()>{t!("Discard it")}</Button></span>
                </Banner>
            })}
            {move || editing.newer.get().then(|| view! {
                <Banner kind=BannerKind::Warn><span>{t!("Somebody saved a newer version meanwhile. Your changes stay; saving them shows both.")}</span></Banner>
            })}
            {id.is_some().then(|| view! {
                <Banner kind=BannerKind::Plain><span>{t!("Scenarios follow what you change here. Missions that exist keep their own copy and do not change.")}</span></Banner>
            })}
            <form class="stack" novalidate aria-label=t!("Test template") on:submit=move |event| { event.prevent_default(); submit(); }>
                <TestFields form=form errors=errors unknown=Signal::derive(move || current.with(|current| current.as_ref().map(|template| template.unresolved_tags.clone()).unwrap_or_default()))/>
                {move || current.get().map(|template| view! { <SourceCard template=template/> })}
                // Enter in a line saves, as in every form; the button to see stands in the top bar.
                <button class="sr" type="submit" tabindex="-1" aria-hidden="true">{t!("Save")}</button>
                <p class="small faint hide-sm"><Kbd key="Ctrl"/>" "<Kbd key="S"/>{t!(" saves from anywhere on this page")}</p>
            </form>
            <LeaveGuard dirty=dirty what=Signal::derive(move || format!("“{}”", title.get())) on_discard=move |()| { editing.discard(); }/>
            <ConflictDialog conflict=conflict what=t!("test template") fields=FIELDS on_save=decided/>
            <DeleteTest target=deleting leave=true on_gone=move |()| { editing.discard(); }/>
        </Page>
    }
}
