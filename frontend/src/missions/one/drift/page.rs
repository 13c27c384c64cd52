//! Every difference between a mission and its templates, field by field.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use tyrian_api_types::retests::{Drift, FieldDrift, ScenarioDrift, TemplateName, TestDrift};

use super::queries::use_drift;
use super::values::{Cut, is_code, label, text_of};
use super::{in_words, may_see_drift};
use crate::loaded::Loaded;
use crate::missions::queries::use_mission;
use crate::rights::Forbidden;
use crate::shell::{Crumb, Page, crumb, set_title};
use crate::ui::count;
use crate::ui::{Badge, Banner, Button, ButtonLink, ButtonSize, EmptyState, SkeletonRows, Tone};

/// Tests drawn before somebody asks for more, and each time more.
const STEP: usize = 50;

/// The page.
#[component]
pub fn DriftPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let mission = use_mission(id);
    let name = Memo::new(move |_| mission.data.with(|data| data.as_ref().map(|data| data.value.head.name.clone())).unwrap_or_default());
    let tests = Memo::new(move |_| mission.data.with(|data| data.as_ref().map(|data| data.value.head.counts.tests)).unwrap_or_default());
    let may = may_see_drift();
    let crumbs = Signal::derive(move || -> Vec<Crumb> {
        let here = Some(name.get()).filter(|name| !name.is_empty()).map(|name| crumb(name, format!("/missions/{}", id.get())));
        [Some(crumb(t!("Missions"), "/missions")), here].into_iter().flatten().collect()
    });
    view! {
        <Page title=t!("Differences from the templates") crumbs=crumbs>
            {
                // after Page has named the browser's tab by the title alone
                Effect::new(move |_| {
                    if !name.read().is_empty() {
                        set_title(&t!("{}, differences from the templates", name.get()));
                    }
                });
            }
            <Loaded query=mission.there() what=t!("The mission") skeleton=|| view! { <section class="card"><SkeletonRows rows=6/></section> } let:_there>
                {move || if may.get() {
                    let drift = use_drift(id, tests);
                    view! {
                        <Loaded query=drift what=t!("The differences") skeleton=|| view! { <section class="card"><SkeletonRows rows=6/></section> } let:drift>
                            <Told id=id drift=drift/>
                        </Loaded>
                    }
                    .into_any()
                } else {
                    view! { <Forbidden what=t!("The differences from the templates")/> }.into_any()
                }}
            </Loaded>
        </Page>
    }
}

#[component]
fn Told(
    /// the mission
    id: Memo<String>,
    /// what differs
    drift: Drift,
) -> impl IntoView {
    let sentence = in_words(&drift);
    let Drift { tests, without_template, unchanged, test_drifts, scenario_drifts } = drift;
    let made_here = match without_template {
        0 => String::new(),
        n => {
            t!(" {} made in the mission or {} lost its template.", count(n, "test was", "tests were"), if n == 1 { "has" } else { "have" })
        }
    };
    let looked_at = t!("{} looked at, {} as the template says.{}", count(tests, "test", "tests"), unchanged, made_here);
    let total = test_drifts.len();
    let most = RwSignal::new(STEP);
    let test_drifts = StoredValue::new(test_drifts);
    let Some(sentence) = sentence else {
        return view! {
            <section class="card">
                <EmptyState title=t!("The templates say the same") text=looked_at>
                    <ButtonLink href=Signal::derive(move || format!("/missions/{}", id.get())) icon="arrow-left">{t!("Back to the mission")}</ButtonLink>
                </EmptyState>
            </section>
        }
        .into_any();
    };
    view! {
        <Banner icon="history">
            <span><b>{sentence}</b>" "{looked_at}{t!(" The mission keeps the copies that were made when its scenarios were added: nothing changes by itself, and what you see here changes nothing.")}</span>
        </Banner>
        {scenario_drifts.into_iter().map(|one| scenario_card(id, one)).collect_view()}
        {move || test_drifts.with_value(|all| all.iter().take(most.get()).cloned().map(|one| test_card(id, one)).collect_view())}
        {move || (most.get() < total).then(|| view! {
            <div class="row"><Button on_click=move |_| most.update(|most| *most += STEP)>{t!("Show {} more", (total - most.get()).min(STEP))}</Button></div>
        })}
    }
    .into_any()
}

/// The head of a card: what it is, the way to it, the way to its template.
fn head(name: AnyView, under: AnyView, template: Option<String>) -> impl IntoView {
    view! {
        <div class="card__head">
            <h2 class="drift__name">{name}</h2>
            {under}
            <span class="push">{match template {
                Some(href) => view! { <a class="small" href=href>{t!("Open the template")}</a> }.into_any(),
                None => view! { <Badge tone=Tone::Warn icon="trash-2">{t!("Template deleted")}</Badge> }.into_any(),
            }}</span>
        </div>
    }
}

fn test_card(mission: Memo<String>, one: TestDrift) -> impl IntoView {
    let href = format!("/missions/{}?test={}", mission.get_untracked(), one.mission_test_id);
    let template = (!one.template_deleted).then(|| format!("/templates/tests/{}", one.test_template_id));
    let name = view! { <a class="plain ink" href=href>{one.test_name.clone()}</a> }.into_any();
    view! {
        <section class="card" aria-label=one.test_name>
            {head(name, view! { <span class="small muted trunc">{one.scenario_name}</span> }.into_any(), template)}
            {if one.template_deleted {
                view! { <p class="card__body muted">{t!("Its template is not in the library any more. The copy of this mission is whole.")}</p> }.into_any()
            } else {
                view! { <Fields fields=one.fields/> }.into_any()
            }}
        </section>
    }
}

fn scenario_card(mission: Memo<String>, one: ScenarioDrift) -> impl IntoView {
    let template = (!one.template_deleted).then(|| format!("/templates/scenarios/{}", one.scenario_template_id));
    let name =
        view! { <a class="plain ink" href=format!("/missions/{}", mission.get_untracked())>{one.scenario_name.clone()}</a> }.into_any();
    view! {
        <section class="card" aria-label=t!("Scenario {}", one.scenario_name)>
            {head(name, view! { <Badge>{t!("Scenario")}</Badge> }.into_any(), template)}
            {one.template_deleted.then(|| view! { <p class="card__body muted">{t!("Its template is not in the library any more. The copy of this mission is whole.")}</p> })}
            {(!one.fields.is_empty()).then(|| view! { <Fields fields=one.fields/> })}
            {listed(t!("In the template today, not in this mission"), one.tests_added)}
            {listed(t!("In this mission, not in the template any more"), one.tests_removed)}
        </section>
    }
}

/// Test templates that only one of the two has.
fn listed(title: &'static str, templates: Vec<TemplateName>) -> Option<impl IntoView> {
    (!templates.is_empty()).then(|| {
        view! {
            <div class="card__body stack stack--1">
                <h3>{title}</h3>
                <ul class="drift__list">
                    {templates.into_iter().map(|one| view! { <li><a href=format!("/templates/tests/{}", one.id)>{one.name}</a></li> }).collect_view()}
                </ul>
            </div>
        }
    })
}

/// The fields that differ, the mission left, the template right.
#[component]
fn Fields(
    /// the fields
    fields: Vec<FieldDrift>,
) -> impl IntoView {
    view! {
        <table class="drift">
            <thead><tr><th scope="col">{t!("Field")}</th><th scope="col">{t!("In this mission")}</th><th scope="col">{t!("In the template today")}</th></tr></thead>
            <tbody>{fields.into_iter().map(|field| view! { <Field field=field/> }).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn Field(
    /// the field
    field: FieldDrift,
) -> impl IntoView {
    let cut = Cut::of(&text_of(&field.field, &field.mission), &text_of(&field.field, &field.template));
    let folded = cut.folded();
    let can_fold = folded.is_some();
    let whole = RwSignal::new(!can_fold);
    let code = is_code(&field.field);
    let both = StoredValue::new((folded.unwrap_or_else(|| cut.clone()), cut));
    let side = move |template: bool| {
        move || {
            both.with_value(|(folded, cut)| {
                let cut = if whole.get() { cut } else { folded };
                let own = if template { cut.new.clone() } else { cut.gone.clone() };
                if cut.head.is_empty() && own.is_empty() && cut.tail.is_empty() {
                    return view! { <span class="faint">{t!("Empty")}</span> }.into_any();
                }
                // space before what differs is not marked, unless it is the difference
                let at = if own.trim().is_empty() { 0 } else { own.len() - own.trim_start().len() };
                let (space, own) = own.split_at(at);
                let (space, own) = (space.to_owned(), own.to_owned());
                let own = (!own.is_empty())
                    .then(|| if template { view! { <ins>{own}</ins> }.into_any() } else { view! { <del>{own}</del> }.into_any() });
                view! { <div class="drift__text" class:mono=code>{cut.head.clone()}{space}{own}{cut.tail.clone()}</div> }.into_any()
            })
        }
    };
    view! {
        <tr>
            <th scope="row">
                {label(&field.field)}
                {can_fold.then(|| view! {
                    <Button size=ButtonSize::Small on_click=move |_| whole.update(|whole| *whole = !*whole)>
                        {move || if whole.get() { t!("Only what differs") } else { t!("Whole text") }}
                    </Button>
                })}
            </th>
            <td data-side-word=t!("In this mission")>{side(false)}</td>
            <td data-side-word=t!("In the template today")>{side(true)}</td>
        </tr>
    }
}
