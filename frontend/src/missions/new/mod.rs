//! The wizard: what, which scenarios, who.

mod draft;
mod members;
mod what;

use leptos::prelude::*;
use tyrian_api_types::missions::MissionCreate;
use tyrian_api_types::{ErrorCode, FieldError, Validate};
use tyrian_domain::permission::Permission;

use super::pick::{Covers, Order, ScenarioLibrary, SumLine};
use super::queries;
use super::url::{Url, use_url};
use crate::api::ApiError;
use crate::form::FormErrors;
use crate::query::use_mutation;
use crate::session::use_session;
use crate::shell::{Page, crumb};
use crate::texts::tr;
use crate::ui::{
    Banner, BannerKind, Button, ButtonKind, ButtonSize, Card, CardBody, ConfirmDialog, EmptyState, Icon, KeyValues, Pair, Stepper, count,
    days, use_toasts,
};

pub use draft::parse_date;
use draft::{DraftMember, Form};
use members::MembersStep;
use what::WhatStep;

/// The words of the steps.
const STEPS: [&str; 3] = [mark!("What"), mark!("Scenarios"), mark!("Members")];

/// On which step the field of an error stands.
fn step_of(pointer: &str) -> usize {
    if pointer.starts_with("/scenario_template_ids") {
        1
    } else if pointer.starts_with("/members") {
        2
    } else {
        0
    }
}

/// The number in `/members/3/user_id`.
fn index_of(pointer: &str) -> Option<usize> {
    pointer.split('/').nth(2)?.parse().ok()
}

/// The page.
#[component]
pub fn NewMissionPage() -> impl IntoView {
    let session = use_session();
    view! {
        <Page title=t!("New mission") crumbs=vec![crumb(t!("Missions"), "/missions")]>
            {move || match (session.can(Permission::MissionCreate), untrack(move || session.me())) {
                (true, Some(me)) => {
                    let me = DraftMember { user_id: me.id, email: me.email, display_name: me.display_name, role: tyrian_domain::mission::RoleHint::Red };
                    view! { <Wizard me=me/> }.into_any()
                }
                _ => view! {
                    <section class="card"><EmptyState title=t!("You may not make missions") text=t!("A lead or an administrator can, and can make you a member of one.")/></section>
                }
                .into_any(),
            }}
        </Page>
    }
}

#[component]
fn Wizard(
    /// who makes the mission
    me: DraftMember,
) -> impl IntoView {
    let url = use_url();
    let toasts = use_toasts();
    let form = Form::open(me.clone());
    let errors = FormErrors::new();
    let step = Memo::new(move |_| url.get("step").and_then(|step| step.parse::<usize>().ok()).unwrap_or(1).clamp(1, STEPS.len()) - 1);
    let go = move |to: usize| url.push(&[("step", (to > 0).then(|| (to + 1).to_string()))]);
    // Another step begins at its top.
    Effect::new(move |before: Option<usize>| {
        let now = step.get();
        if before.is_some_and(|before| before != now) {
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
        now
    });
    let create = use_mutation(
        |(request, key): (MissionCreate, String)| queries::create(request, key),
        move |mission| {
            form.forget();
            queries::refresh_all();
            toasts.success(t!("{} is made", mission.head.name));
            url.go(format!("/missions/{}", mission.head.id));
        },
    );
    Effect::new(move |_| {
        let Some(error) = create.error.get() else { return };
        // What was decided stays decided under its key; a lost answer or a busy server may be asked again.
        if let ApiError::Problem(problem) = &error
            && problem.status < 500
            && !matches!(problem.code, ErrorCode::RateLimited | ErrorCode::RequestInProgress)
        {
            form.refused();
        }
        errors.take(&error);
        if let Some(first) = error.fields().iter().map(|fault| step_of(&fault.pointer)).min()
            && first != step.get_untracked()
        {
            go(first);
        }
    });
    // The faults of the request, on one step or on all.
    let check = move |only: Option<usize>| {
        let (request, mut faults) = form.request();
        faults.extend(request.check().err().unwrap_or_default());
        faults.retain(|fault| only.is_none_or(|only| step_of(&fault.pointer) == only));
        errors.clear();
        let first = faults.iter().map(|fault| step_of(&fault.pointer)).min();
        for fault in faults {
            errors.add(&fault.pointer, fault.detail);
        }
        if let Some(first) = first {
            if first != step.get_untracked() {
                go(first);
            }
            crate::web::focus_soon("[aria-invalid=true]");
        }
        first.is_none().then_some(request)
    };
    let next = move || {
        if check(Some(step.get_untracked())).is_some() {
            go(step.get_untracked() + 1);
        }
    };
    let make = move || {
        if let Some(request) = check(None) {
            let key = form.key_of(&request);
            create.run.run((request, key));
        }
    };
    let faulty = Signal::derive(move || errors.all().with(|all| all.iter().map(|fault| step_of(&fault.pointer)).collect::<Vec<_>>()));
    let starting_over = RwSignal::new(false);
    let me = StoredValue::new(me);
    view! {
        <div class="row row--between row--wrap">
            <Stepper steps=STEPS.map(tr).to_vec() current=step on_step=Callback::new(go) faulty=faulty/>
            {move || form.is_begun().then(|| view! {
                <span class="row small faint">
                    <span class="row row--1"><Icon name="check" size=14/>{t!("Kept in this tab, a reload loses nothing")}</span>
                    <Button kind=ButtonKind::Ghost size=ButtonSize::Small on_click=move |_| starting_over.set(true)>{t!("Start over")}</Button>
                </span>
            })}
        </div>
        <Faults errors=errors form=form step=step url=url/>
        <form
            class="wform"
            novalidate
            on:submit=move |event: leptos::ev::SubmitEvent| {
                event.prevent_default();
                if step.get_untracked() == 0 {
                    next();
                }
            }
        >
            {move || match step.get() {
                0 => view! { <div class="cols cols--side"><WhatStep form=form errors=errors/><SoFar form=form/></div> }.into_any(),
                1 => view! { <ScenarioStep form=form errors=errors/> }.into_any(),
                _ => view! { <div class="cols cols--side">
                    <MembersStep form=form errors=errors me=me.get_value()/>
                    <div class="stack">
                        <SoFar form=form/>
                        {move || (!form.scenarios.read().is_empty()).then(|| view! { <Covers chosen=form.scenarios/> })}
                    </div>
                </div> }
                .into_any(),
            }}
            <div class="wfoot">
                {move || match step.get().checked_sub(1) {
                    Some(back) => view! { <Button icon="chevron-left" on_click=move |_| go(back)>{STEPS.get(back).copied().map(tr)}</Button> }.into_any(),
                    None => ().into_any(),
                }}
                <span class="small muted hide-sm trunc">{move || line_of(form)}</span>
                <span class="push">
                    {move || match step.get() {
                        0 => view! { <Button kind=ButtonKind::Primary submit=true>{t!("Scenarios")}<Icon name="chevron-right" size=14/></Button> }.into_any(),
                        1 => view! { <Button kind=ButtonKind::Primary on_click=move |_| next()>{t!("Members")}<Icon name="chevron-right" size=14/></Button> }.into_any(),
                        _ => view! { <Button kind=ButtonKind::Primary icon="check" busy=create.busy on_click=move |_| make()>{t!("Create mission")}</Button> }.into_any(),
                    }}
                </span>
            </div>
        </form>
        <ConfirmDialog
            open=starting_over
            title=t!("Throw this draft away?")
            text=t!("What you have written and chosen in the three steps goes. It cannot be brought back.")
            confirm=t!("Start over")
            on_confirm=move |()| {
                form.start_over(me.get_value());
                form.forget();
                errors.clear();
                starting_over.set(false);
                go(0);
            }
        />
    }
}

/// Name, client and dates on one line.
fn line_of(form: Form) -> String {
    let date = |text: RwSignal<String>| parse_date(&text.read()).ok().flatten();
    let dates = match (date(form.start_date), date(form.end_date)) {
        (None, None) => None,
        (start, end) => Some(days(start, end)),
    };
    let parts = [Some(form.name.get()), Some(form.client.get()), dates];
    parts.into_iter().flatten().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// What a field is called where it is not in sight.
fn field_name(pointer: &str, form: Form) -> String {
    let index = index_of(pointer);
    match pointer.split('/').nth(1).unwrap_or_default() {
        "name" => t!("Name").to_owned(),
        "client" => t!("Client").to_owned(),
        "start_date" => t!("First day").to_owned(),
        "end_date" => t!("Last day").to_owned(),
        "objectives" => t!("Objectives").to_owned(),
        "description" => t!("Description").to_owned(),
        "scope" => t!("Scope").to_owned(),
        "threat_model" => t!("Threat model").to_owned(),
        "scenario_template_ids" => index
            .and_then(|index| form.scenarios.with(|scenarios| scenarios.get(index).map(|one| t!("Scenario {}, {}", index + 1, one.name))))
            .unwrap_or_else(|| t!("Scenarios").to_owned()),
        "members" => index
            .and_then(|index| form.members.with(|members| members.get(index).map(|member| member.display_name.clone())))
            .unwrap_or_else(|| t!("Members").to_owned()),
        _ => t!("The mission").to_owned(),
    }
}

/// What keeps the mission from being made: what concerns no field, and the fields of other steps.
#[component]
fn Faults(
    /// what is wrong
    errors: FormErrors,
    /// the draft
    form: Form,
    /// the step shown
    step: Memo<usize>,
    /// the page's URL
    url: Url,
) -> impl IntoView {
    let elsewhere = move || {
        let here = step.get();
        errors.all().get().into_iter().filter(|fault| step_of(&fault.pointer) != here).collect::<Vec<FieldError>>()
    };
    view! {
        {move || errors.general().get().map(|text| view! { <Banner kind=BannerKind::Error><span>{t!("The mission was not made. ")}{text}</span></Banner> })}
        {move || {
            let elsewhere = elsewhere();
            (!elsewhere.is_empty()).then(|| view! {
                <Banner kind=BannerKind::Error>
                    <ul class="stack stack--1 grow">
                        {elsewhere
                            .into_iter()
                            .map(|fault| {
                                let to = step_of(&fault.pointer);
                                view! {
                                    <li class="row row--wrap">
                                        <span><b>{field_name(&fault.pointer, form)}</b>": "{fault.detail}</span>
                                        <Button size=ButtonSize::Small on_click=move |_| url.push(&[("step", (to > 0).then(|| (to + 1).to_string()))])>
                                            {t!("Go to {}", STEPS.get(to).copied().map_or("", tr))}
                                        </Button>
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                </Banner>
            })
        }}
    }
}

/// The second step: the library left, what was chosen right.
#[component]
fn ScenarioStep(
    /// the draft
    form: Form,
    /// what is wrong
    errors: FormErrors,
) -> impl IntoView {
    let faults = Signal::derive(move || {
        let all = errors.all().get();
        let own = all.into_iter().filter(|fault| step_of(&fault.pointer) == 1);
        own.filter_map(|fault| index_of(&fault.pointer).map(|index| (index, fault.detail))).collect::<Vec<_>>()
    });
    let whole = errors.field("/scenario_template_ids");
    let empty = Memo::new(move |_| form.scenarios.read().is_empty());
    view! {
        <div class="cols cols--2">
            <ScenarioLibrary chosen=form.scenarios/>
            <div class="stack">
                <section class="card" aria-label=t!("Your mission, in this order")>
                    <div class="card__head"><h2>{t!("Your mission, in this order")}</h2><span class="push"><SumLine chosen=form.scenarios/></span></div>
                    {move || whole.get().map(|text| view! { <CardBody><Banner kind=BannerKind::Error><span>{text}</span></Banner></CardBody> })}
                    {move || if empty.get() {
                        view! { <EmptyState title=t!("Nothing chosen yet") text=t!("Tick the scenarios that this mission plays. It freezes a copy of them, so later edits of the library change nothing here.") tight=true/> }.into_any()
                    } else {
                        view! { <div class="orders__box"><Order chosen=form.scenarios faults=faults/></div> }.into_any()
                    }}
                </section>
                {move || (!empty.get()).then(|| view! { <Covers chosen=form.scenarios/> })}
            </div>
        </div>
    }
}

/// What the mission is so far, beside the first and the last step.
#[component]
fn SoFar(
    /// the draft
    form: Form,
) -> impl IntoView {
    let or_dash =
        |text: RwSignal<String>| move || Some(text.get()).filter(|text| !text.trim().is_empty()).unwrap_or_else(|| "–".to_owned());
    let date = |text: RwSignal<String>| parse_date(&text.read()).ok().flatten();
    view! {
        <Card title=t!("So far")>
            <CardBody>
                <KeyValues>
                    <Pair label=t!("Name")>{or_dash(form.name)}</Pair>
                    <Pair label=t!("Client")>{or_dash(form.client)}</Pair>
                    <Pair label=t!("Dates")><span class="num">{move || days(date(form.start_date), date(form.end_date))}</span></Pair>
                    <Pair label=t!("Scenarios")>
                        {move || {
                            let scenarios = form.scenarios.get();
                            if scenarios.is_empty() {
                                t!("None yet").into_any()
                            } else {
                                view! { <ol class="sofar">{scenarios.into_iter().map(|one| view! { <li>{one.name}</li> }).collect_view()}</ol><SumLine chosen=form.scenarios/> }.into_any()
                            }
                        }}
                    </Pair>
                    <Pair label=t!("Members")>{move || count(form.members.read().len() as u64, "person", "people")}</Pair>
                </KeyValues>
            </CardBody>
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use super::{index_of, step_of};

    #[test]
    fn an_error_belongs_to_the_step_of_its_field() {
        assert_eq!((step_of("/name"), step_of("/end_date")), (0, 0));
        assert_eq!(step_of("/scenario_template_ids/4"), 1);
        assert_eq!(step_of("/members/0/user_id"), 2);
        assert_eq!(index_of("/members/3/user_id"), Some(3));
        assert_eq!(index_of("/scenario_template_ids/12"), Some(12));
        assert_eq!(index_of("/name"), None);
    }
}
