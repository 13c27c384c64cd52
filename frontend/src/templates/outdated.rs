//! Test templates whose ATT&CK tags a sync has retired, and moving these to their successors.

use std::sync::Arc;

use leptos::prelude::*;
use tyrian_api_types::catalogue::{RemapAnswer, RemapRequest, RetiredTag, TemplateRemap};
use tyrian_domain::permission::Permission;
use uuid::Uuid;

use super::queries;
use crate::loaded::Loaded;
use crate::query::use_mutation;
use crate::session::use_session;
use crate::shell::{Page, crumb};
use crate::ui::{
    Banner, BannerKind, Button, ButtonKind, ButtonLink, ButtonSize, Card, CardBody, Dialog, EmptyState, Icon, Skeleton, SkeletonRows,
    count, use_toasts,
};

const HREF: &str = "/templates/outdated";
/// How many rows are drawn before somebody asks for more.
const STEP: usize = 200;

/// How many test templates have such tags; 0 while it is not known. Only for who may read them.
fn use_count() -> Memo<usize> {
    let list = queries::use_outdated();
    Memo::new(move |_| list.data.with(|list| list.as_ref().map_or(0, |list| list.items.len())))
}

/// A banner over the library that leads to these templates; nothing where there are none.
#[component]
pub fn OutdatedBanner() -> impl IntoView {
    let outdated = use_count();
    move || {
        let n = outdated.get();
        (n > 0).then(|| {
            let (are, their) = if n == 1 { ("is", "its") } else { ("are", "their") };
            view! {
                <Banner kind=BannerKind::Warn>
                    <span>{t!("{} {} tagged with what ATT&CK has revoked or deprecated.", count(n as u64, "test template", "test templates"), are)}</span>
                    <span class="push"><ButtonLink href=HREF size=ButtonSize::Small>{t!("Update {their} tags"; their)}</ButtonLink></span>
                </Banner>
            }
        })
    }
}

/// A link to these templates with their number; nothing where there are none, or for who may not read them.
#[component]
pub fn OutdatedLink() -> impl IntoView {
    let session = use_session();
    move || {
        session.can(Permission::TestTemplateRead).then(|| {
            let outdated = use_count();
            view! {
                {move || (outdated.get() > 0).then(|| view! {
                    <a class="outdated__link" href=HREF><Icon name="triangle-alert" size=14/>{count(outdated.get() as u64, "outdated template", "outdated templates")}</a>
                })}
            }
        })
    }
}

/// Can any of its tags be moved?
fn can_move(template: &TemplateRemap) -> bool {
    template.tags.iter().any(|tag| tag.successor.is_some())
}

/// The page.
#[component]
pub fn OutdatedPage() -> impl IntoView {
    let session = use_session();
    let list = queries::use_outdated();
    let may = Memo::new(move |_| session.can(Permission::TestTemplateUpdate));
    // which templates a preview is open for; none: for all
    let (open, only) = (RwSignal::new(false), RwSignal::new(None::<Uuid>));
    let ask = Callback::new(move |template: Option<Uuid>| {
        only.set(template);
        open.set(true);
    });
    let movable =
        Memo::new(move |_| list.data.with(|list| list.as_ref().map_or(0, |list| list.items.iter().filter(|one| can_move(one)).count())));
    view! {
        <Page
            title=t!("Outdated tags")
            crumbs=vec![crumb(t!("Test templates"), "/templates/tests")]
            actions=move || view! {
                {move || (may.get() && movable.get() > 0).then(|| view! {
                    <Button kind=ButtonKind::Primary size=ButtonSize::Small icon="refresh-cw" on_click=move |_| ask.run(None)>{t!("Remap all")}</Button>
                })}
            }
        >
            <p class="muted outdated__lead">
                {t!("A sync of ATT&CK has revoked or deprecated what these test templates are tagged with. A remap moves such tags to what took their place. Missions are untouched: they keep the tags that they were frozen with.")}
            </p>
            <Loaded query=list what=t!("The outdated templates") skeleton=|| view! { <section class="card"><SkeletonRows rows=4/></section> } let:found>
                {
                    let (moved, by_hand): (Vec<_>, Vec<_>) = found.items.into_iter().partition(can_move);
                    if moved.is_empty() && by_hand.is_empty() {
                        view! {
                            <section class="card">
                                <EmptyState title=t!("Every tag is up to date") text=t!("No test template is tagged with what ATT&CK has revoked or deprecated. After the next sync, look here again.") tight=true>
                                    <ButtonLink href="/templates/tests" size=ButtonSize::Small>{t!("To the test templates")}</ButtonLink>
                                </EmptyState>
                            </section>
                        }.into_any()
                    } else {
                        view! {
                            {(!moved.is_empty()).then(|| view! { <Templates title=t!("With a successor") templates=moved ask=may.get_untracked().then_some(ask)/> })}
                            {(!by_hand.is_empty()).then(|| view! {
                                <Templates title=t!("Without a successor") hint=t!("ATT&CK names nothing in their place. Open each, and choose its tags by hand.") templates=by_hand ask=None/>
                            })}
                        }.into_any()
                    }
                }
            </Loaded>
            <RemapDialog open=open only=only/>
        </Page>
    }
}

/// Templates with what becomes of each of their tags.
#[component]
fn Templates(
    /// what they have in common
    title: &'static str,
    /// what to do about them
    #[prop(optional)]
    hint: Option<&'static str>,
    /// the templates
    templates: Vec<TemplateRemap>,
    /// opens the preview of one of them, where the reader may remap it
    ask: Option<Callback<Option<Uuid>>>,
) -> impl IntoView {
    let count = Signal::stored(Some(templates.len() as u64));
    view! {
        <Card title=title count=count>
            {hint.map(|hint| view! { <CardBody><p class="small muted">{hint}</p></CardBody> })}
            <Rows templates=Arc::new(templates) ask=ask/>
        </Card>
    }
}

/// The rows, as many as can be drawn at once.
#[component]
fn Rows(
    /// the templates
    templates: Arc<Vec<TemplateRemap>>,
    /// opens the preview of one of them
    ask: Option<Callback<Option<Uuid>>>,
) -> impl IntoView {
    let all = templates.len();
    let templates = StoredValue::new(templates);
    let shown = RwSignal::new(STEP);
    view! {
        <ul class="outdated">
            <For each=move || 0..all.min(shown.get()) key=|at| *at let:at>
                {templates.with_value(|list| list.get(at).cloned()).map(|template| {
                    let (id, name) = (template.id, template.name.clone());
                    view! {
                        <li class="outdated__row">
                            <a class="strong plain outdated__name" href=format!("/templates/tests/{id}")>{template.name}</a>
                            <span class="outdated__tags">{template.tags.into_iter().map(|tag| view! { <Move tag=tag/> }).collect_view()}</span>
                            {ask.map(|ask| view! {
                                <Button size=ButtonSize::Small on_click=move |_| ask.run(Some(id))>{t!("Remap")}<span class="sr">" "{name}</span></Button>
                            })}
                        </li>
                    }
                })}
            </For>
        </ul>
        {move || (all > shown.get()).then(|| view! {
            <div class="table-more num">
                <span>{t!("{} of {}", shown.get(), all)}</span>
                <Button size=ButtonSize::Small on_click=move |_| shown.update(|n| *n += STEP)>{t!("Show more")}</Button>
            </div>
        })}
    }
}

/// From one tag to the other.
#[component]
fn Move(
    /// the retired tag
    tag: RetiredTag,
) -> impl IntoView {
    let state = if tag.is_revoked { "revoked" } else { "deprecated" };
    view! {
        <span class="outdated__move">
            <span><span class="chip chip--mono">{tag.external_id}</span>" "{tag.name}" "<span class="small muted">{state}</span></span>
            {match tag.successor {
                Some(next) => view! {
                    <span><Icon name="arrow-right" size=14/><span class="sr">{t!(" becomes ")}</span><span class="chip chip--mono">{next.external_id}</span>" "{next.name}</span>
                }.into_any(),
                None => view! { <span class="small muted">{t!("no successor: stays")}</span> }.into_any(),
            }}
        </span>
    }
}

/// What the remap would do, then the remap.
#[component]
fn RemapDialog(
    /// shown while true
    open: RwSignal<bool>,
    /// only this template; none: all
    only: RwSignal<Option<Uuid>>,
) -> impl IntoView {
    let toasts = use_toasts();
    let found = RwSignal::new(None::<Arc<RemapAnswer>>);
    let request = move |dry_run| RemapRequest { template_ids: only.get_untracked().map(|id| vec![id]), dry_run };
    let look = use_mutation(move |()| queries::remap(request(true)), move |answer| found.set(Some(Arc::new(answer))));
    let remap = use_mutation(
        move |()| queries::remap(request(false)),
        move |answer: RemapAnswer| {
            open.set(false);
            queries::remapped();
            toasts.success(t!("{} remapped", count(answer.remapped.len() as u64, "template", "templates")));
        },
    );
    Effect::new(move |_| {
        if open.get() {
            found.set(None);
            remap.error.set(None);
            look.run.run(());
        }
    });
    let n = Memo::new(move |_| found.with(|found| found.as_ref().map_or(0, |found| found.remapped.len() as u64)));
    view! {
        <Dialog
            open=open
            title=t!("Remap tags")
            wide=true
            locked=remap.busy
            foot=move || view! {
                <Button on_click=move |_| if !remap.busy.get_untracked() { open.set(false) }>{t!("Close")}</Button>
                <Button kind=ButtonKind::Primary busy=remap.busy disabled=Signal::derive(move || n.get() == 0) on_click=move |_| remap.run.run(())>
                    {move || if n.get() == 0 { t!("Remap").to_owned() } else { t!("Remap {}", count(n.get(), "template", "templates")) }}
                </Button>
            }
        >
            <div class="stack">
                {move || look.error.get().or_else(|| remap.error.get()).map(|error| view! { <Banner kind=BannerKind::Error><span>{error.text()}</span></Banner> })}
                {move || match found.get() {
                    Some(answer) => view! { <Preview answer=answer/> }.into_any(),
                    None if look.busy.get() => view! { <Skeleton lines=4/> }.into_any(),
                    None => ().into_any(),
                }}
            </div>
        </Dialog>
    }
}

/// What would move.
#[component]
fn Preview(
    /// what the server would do
    answer: Arc<RemapAnswer>,
) -> impl IntoView {
    let left = answer.left.len() as u64;
    let n = answer.remapped.len() as u64;
    let text = if n == 0 {
        t!("Nothing is left to move: somebody was quicker.").to_owned()
    } else {
        t!("Nothing is written yet. With the remap the tags of {} move.", count(n, "template", "templates"))
    };
    view! {
        <Banner kind=BannerKind::Info><span>{text}</span></Banner>
        {(n > 0).then(|| view! { <div class="box" tabindex="0" role="region" aria-label=t!("What would move")><Rows templates=Arc::new(answer.remapped.clone()) ask=None/></div> })}
        {(left > 0).then(|| view! { <p class="small muted">{t!("Left as they are, without any successor: {}.", count(left, "template", "templates"))}</p> })}
        <p class="small muted">{t!("Missions are untouched: they keep the tags that they were frozen with.")}</p>
    }
}
