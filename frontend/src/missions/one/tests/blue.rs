//! What blue saw: the facts, how good the detection was, when, and what to do better. A form for blue, text for everybody else.

use leptos::prelude::*;
use serde_json::Value;
use tyrian_api_types::Items;
use tyrian_api_types::detection_levels::DetectionLevel;
use tyrian_api_types::detections::Detection;
use tyrian_domain::execution::TestField;
use tyrian_domain::mission::RoleHint;
use tyrian_domain::test::{DetectionKind, Fact, Grade, Side, suggested};

use super::code_of;
use super::detections::Detections;
use super::form::TestForm;
use super::inputs::{Area, Choice, Moment, Shell, Tick};
use super::queries::use_detections;
use super::read;
use super::red::{TakeIt, people};
use super::standing::SideHead;
use crate::missions::queries::use_detection_levels;
use crate::query::Query;
use crate::ui::{Button, ButtonSize, Glyph, Icon, words};

/// A fact as it stands on its control.
fn fact_word(fact: Fact) -> &'static str {
    match fact {
        Fact::Yes => t!("Yes"),
        Fact::Partial => t!("Partial"),
        Fact::No => t!("No"),
        Fact::NotApplicable => "N/A",
        Fact::Unknown => "?",
    }
}

/// A fact as it is spoken.
fn fact_spoken(fact: Fact) -> &'static str {
    match fact {
        Fact::NotApplicable => t!("Cannot apply here"),
        Fact::Unknown => t!("Not known yet"),
        other => fact_word(other),
    }
}

/// The card.
#[component]
pub fn BlueSide(
    /// the opened test
    form: TestForm,
) -> impl IntoView {
    let writes = Memo::new(move |_| form.hands.get().on(Side::Blue));
    let detections = use_detections(form.here.id, form.id());
    view! {
        <section class="side" data-side="blue" aria-label=t!("Blue side")>
            <SideHead form=form side=Side::Blue/>
            <div class="side__body">
                {move || if writes.get() {
                    view! { <BlueForm form=form detections=detections/> }.into_any()
                } else {
                    view! { {read::blue(form)}<div class="side__sep"></div><Detections form=form detections=detections/> }.into_any()
                }}
            </div>
        </section>
    }
}

#[component]
fn BlueForm(
    /// the opened test
    form: TestForm,
    /// what the tools did
    detections: Query<Items<Detection>>,
) -> impl IntoView {
    let grades = |none: &'static str| {
        let words = Grade::ALL
            .iter()
            .map(|grade| (grade.as_str().to_owned(), if *grade == Grade::None { none.to_owned() } else { words(grade.as_str()) }));
        Signal::stored(words.collect::<Vec<_>>())
    };
    view! {
        <div class="with-me">
            <Choice form=form field=TestField::Assessor options=people(form.here, RoleHint::Blue, form, TestField::Assessor) inline=true/>
            <TakeIt form=form field=TestField::Assessor/>
        </div>
        <Detections form=form detections=detections/>
        <div class="side__sep"></div>
        <FactChoice form=form field=TestField::Logged kind=DetectionKind::Logged detections=detections/>
        <FactChoice form=form field=TestField::Alerted kind=DetectionKind::Alerted detections=detections/>
        <FactChoice form=form field=TestField::Prevented kind=DetectionKind::Prevented detections=detections/>
        <Levels form=form/>
        <Moment form=form field=TestField::DetectedAt gap=true/>
        <Moment form=form field=TestField::AlertedAt gap=true/>
        <Moment form=form field=TestField::RespondedAt gap=true/>
        <div class="row row--wrap row--4"><Tick form=form field=TestField::IsDelayed/><Tick form=form field=TestField::NeededConfigChange/></div>
        <Area form=form field=TestField::BlueNotes label=t!("Notes") rows=3/>
        <div class="side__sep"></div>
        <Choice form=form field=TestField::Severity options=grades(t!("Not a gap")) inline=true/>
        <Choice form=form field=TestField::Priority options=grades(t!("Not urgent")) inline=true/>
        <Area form=form field=TestField::Recommendation rows=3/>
    }
}

/// One fact: five choices in sight. What the rows of the tools suggest is offered beside it, and taken only by a click.
#[component]
fn FactChoice(
    /// the opened test
    form: TestForm,
    /// logged, alerted or prevented
    field: TestField,
    /// the rows that tell of it
    kind: DetectionKind,
    /// what the tools did
    detections: Query<Items<Detection>>,
) -> impl IntoView {
    let value = Memo::new(move |_| Fact::parse(&form.text(field)).unwrap_or(Fact::Unknown));
    let proposed = Memo::new(move |_| {
        let best = detections.data.with(|rows| {
            suggested(rows.as_ref().into_iter().flat_map(|rows| &rows.items).filter(|row| row.kind == kind).map(|row| row.result))
        })?;
        (best != value.get() && form.refusal(field).is_none()).then_some(best)
    });
    let name = super::values::label(field);
    let group = crate::ui::next_id("fact");
    let choose = move |fact: Fact| form.choose(field, Value::String(fact.as_str().to_owned()));
    view! {
        <Shell form=form field=field inline=true group=true let:wiring>
            <div class="moment">
                <div class="seg seg--fact" data-side="blue" role="radiogroup" aria-label=name aria-describedby=move || wiring.described_by.get()>
                    {Fact::ALL
                        .iter()
                        .map(|fact| {
                            let fact = *fact;
                            view! {
                                <label title=fact_spoken(fact)>
                                    <input
                                        type="radio"
                                        name=group.clone()
                                        aria-label=fact_spoken(fact)
                                        prop:checked=move || value.get() == fact
                                        disabled=move || wiring.disabled.get()
                                        on:change=move |_| choose(fact)
                                    />
                                    {fact_word(fact)}
                                </label>
                            }
                        })
                        .collect_view()}
                </div>
                {move || proposed.get().map(|fact| view! {
                    <span class="row row--1 small muted proposal">
                        {t!("The rows say ")}<b>{fact_word(fact)}</b>
                        <Button size=ButtonSize::Small on_click=move |_| choose(fact)>{t!("Take it")}<span class="sr">{t!(" for {}", name.to_lowercase())}</span></Button>
                    </span>
                })}
            </div>
        </Shell>
    }
}

/// How good the detection was: the ramp itself is the control.
#[component]
fn Levels(
    /// the opened test
    form: TestForm,
) -> impl IntoView {
    const FIELD: TestField = TestField::DetectionLevel;
    let levels = use_detection_levels();
    let value = Memo::new(move |_| form.text(FIELD));
    let shown = Memo::new(move |_| {
        let now = value.get();
        let mut shown: Vec<DetectionLevel> = levels.data.with(|levels| {
            let offered = |level: &&DetectionLevel| !level.is_retired || level.id.to_string() == now;
            levels.as_ref().map(|levels| levels.items.iter().filter(offered).cloned().collect()).unwrap_or_default()
        });
        shown.sort_by_key(|level| level.rank);
        shown
    });
    let group = StoredValue::new(crate::ui::next_id("level"));
    view! {
        <Shell form=form field=FIELD group=true let:wiring>
            <div class="levels" role="radiogroup" aria-label=t!("Detection level") aria-describedby=move || wiring.described_by.get()>
                {move || {
                    shown
                        .get()
                        .into_iter()
                        .map(|level| {
                            let (code, id) = (code_of(&level), level.id.to_string());
                            let chosen = { let id = id.clone(); move || *value.read() == id };
                            view! {
                                <label data-lv=code.clone() title=level.description>
                                    <input
                                        type="radio"
                                        name=group.get_value()
                                        aria-label=level.name.clone()
                                        prop:checked=chosen
                                        disabled=move || wiring.disabled.get()
                                        on:change=move |_| form.choose(FIELD, Value::String(id.clone()))
                                    />
                                    <Glyph name=format!("lv-{code}")/>
                                    <span class="trunc">{level.name}</span>
                                </label>
                            }
                        })
                        .collect_view()
                }}
            </div>
            {move || (!value.read().is_empty() && form.refusal(FIELD).is_none()).then(|| view! {
                <button class="linkish small levels__none" type="button" on:click=move |_| form.choose(FIELD, Value::Null)><Icon name="x" size=12/>{t!("Clear level")}</button>
            })}
        </Shell>
    }
}
