//! Inputs that write a field of the opened test: each says why it cannot be written, or what is wrong with it.

use leptos::prelude::*;
use serde_json::Value;
use tyrian_domain::execution::TestField;
use tyrian_domain::synthesis::seconds_between;
use tyrian_domain::test::TestState;

use super::form::TestForm;
use super::moment;
use super::values::label as name_of;
use crate::ui::{Button, ButtonSize, Icon, duration, next_id};

/// What an input learns from the field around it.
#[derive(Clone)]
pub struct Wiring {
    /// its id, which the label names
    pub id: String,
    /// the element that says more about it
    pub described_by: Signal<Option<String>>,
    /// cannot be written now
    pub disabled: Signal<bool>,
    /// is wrong as it is
    pub invalid: Signal<Option<&'static str>>,
}

/// Stands in an empty field that cannot be written: an example would read as a value there.
pub const NOTHING: &str = "–";

/// Leaving a field saves what was written in it.
pub fn attend(form: TestForm) {
    form.save_touched();
}

/// Label, input, and under it what is wrong, why it is locked, or a hint.
#[component]
pub fn Shell<F, V>(
    /// the opened test
    form: TestForm,
    /// the field
    field: TestField,
    /// its name; the field's own if left out
    #[prop(optional, into)]
    label: Option<String>,
    /// what helps to fill it in
    #[prop(optional_no_strip)]
    hint: Option<String>,
    /// label left of the input
    #[prop(optional)]
    inline: bool,
    /// the parts are named, not the whole: a group of choices
    #[prop(optional)]
    group: bool,
    /// the input
    children: F,
) -> impl IntoView
where
    F: FnOnce(Wiring) -> V,
    V: IntoView,
{
    let id = next_id("t");
    let why = Memo::new(move |_| form.refusal(field));
    let fault = Memo::new(move |_| form.fault(field));
    let note_id = format!("{id}-note");
    let has_hint = hint.is_some();
    let described_by = {
        let note_id = note_id.clone();
        Signal::derive(move || (has_hint || why.read().is_some() || fault.read().is_some()).then(|| note_id.clone()))
    };
    let wiring = Wiring {
        id: id.clone(),
        described_by,
        disabled: Signal::derive(move || why.read().is_some()),
        invalid: Signal::derive(move || fault.read().is_some().then_some("true")),
    };
    let label = label.unwrap_or_else(|| name_of(field).to_owned());
    let name = if group {
        view! { <span class="field__label">{label}</span> }.into_any()
    } else {
        view! { <label class="field__label" for=id>{label}</label> }.into_any()
    };
    view! {
        <div class=if inline { "field field--inline" } else { "field" } title=move || why.get()>
            {name}
            {children(wiring)}
            {move || match (fault.get(), why.get()) {
                (Some(text), _) => view! { <span class="field__error" id=note_id.clone()><Icon name="circle-alert" size=14/>{text}</span> }.into_any(),
                (None, Some(text)) => view! { <span class="sr" id=note_id.clone()>{text}</span> }.into_any(),
                (None, None) => hint.clone().map(|text| view! { <span class="field__hint" id=note_id.clone()>{text}</span> }).into_any(),
            }}
        </div>
    }
}

/// A line of text.
#[component]
pub fn Line(
    /// the opened test
    form: TestForm,
    /// the field
    field: TestField,
    /// its name; the field's own if left out
    #[prop(optional, into)]
    label: Option<String>,
    /// an example of a value
    #[prop(default = "")]
    placeholder: &'static str,
    /// `text` or `date`
    #[prop(default = "text")]
    kind: &'static str,
    /// set in the mono face
    #[prop(optional)]
    mono: bool,
    /// label left of the input
    #[prop(optional)]
    inline: bool,
) -> impl IntoView {
    let value = Memo::new(move |_| form.text(field));
    let label = label.unwrap_or_else(|| name_of(field).to_owned());
    view! {
        <Shell form=form field=field label=label inline=inline let:wiring>
            <input
                class=if mono { "input input--sm input--mono" } else { "input input--sm" }
                id=wiring.id
                type=kind
                autocomplete="off"
                placeholder=move || if wiring.disabled.get() { NOTHING } else { placeholder }
                aria-describedby=move || wiring.described_by.get()
                aria-invalid=move || wiring.invalid.get()
                disabled=move || wiring.disabled.get()
                prop:value=move || value.get()
                on:input:target=move |event| form.type_in(field, Value::String(event.target().value()))
                on:blur=move |_| attend(form)
            />
        </Shell>
    }
}

/// A text of several lines.
#[component]
pub fn Area(
    /// the opened test
    form: TestForm,
    /// the field
    field: TestField,
    /// its name; the field's own if left out
    #[prop(optional, into)]
    label: Option<String>,
    /// lines shown
    #[prop(default = 2)]
    rows: u32,
    /// commands and output: mono, no spell check
    #[prop(optional)]
    code: bool,
) -> impl IntoView {
    let value = Memo::new(move |_| form.text(field));
    let label = label.unwrap_or_else(|| name_of(field).to_owned());
    view! {
        <Shell form=form field=field label=label let:wiring>
            <textarea
                class=if code { "textarea textarea--code" } else { "textarea" }
                id=wiring.id
                rows=rows.to_string()
                placeholder=move || wiring.disabled.get().then_some(t!("Nothing written"))
                spellcheck=code.then_some("false")
                aria-describedby=move || wiring.described_by.get()
                aria-invalid=move || wiring.invalid.get()
                disabled=move || wiring.disabled.get()
                prop:value=move || value.get()
                on:input:target=move |event| form.type_in(field, Value::String(event.target().value()))
                on:blur=move |_| attend(form)
            ></textarea>
        </Shell>
    }
}

/// One of a few or many. The empty value stands for none.
#[component]
pub fn Choice(
    /// the opened test
    form: TestForm,
    /// the field
    field: TestField,
    /// value and word, in order
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// its name; the field's own if left out
    #[prop(optional, into)]
    label: Option<String>,
    /// label left of the input
    #[prop(optional)]
    inline: bool,
) -> impl IntoView {
    let value = Memo::new(move |_| form.text(field));
    let label = label.unwrap_or_else(|| name_of(field).to_owned());
    view! {
        <Shell form=form field=field label=label inline=inline let:wiring>
            <select
                class="select select--sm"
                id=wiring.id
                aria-describedby=move || wiring.described_by.get()
                aria-invalid=move || wiring.invalid.get()
                disabled=move || wiring.disabled.get()
                on:change:target=move |event| {
                    let chosen = event.target().value();
                    form.choose(field, if chosen.is_empty() { Value::Null } else { Value::String(chosen) });
                }
            >
                {move || {
                    options
                        .get()
                        .into_iter()
                        .map(|(code, word)| {
                            let selected = { let code = code.clone(); move || *value.read() == code };
                            view! { <option value=code prop:selected=selected>{word}</option> }
                        })
                        .collect_view()
                }}
            </select>
        </Shell>
    }
}

/// Yes or no.
#[component]
pub fn Tick(
    /// the opened test
    form: TestForm,
    /// the field
    field: TestField,
) -> impl IntoView {
    let on = Memo::new(move |_| form.value(field).as_bool().unwrap_or_default());
    let why = Memo::new(move |_| form.refusal(field));
    let id = next_id("tick");
    let note = id.clone();
    view! {
        <label class="check" title=move || why.get()>
            <input
                type="checkbox"
                aria-describedby=move || why.read().is_some().then(|| id.clone())
                prop:checked=move || on.get()
                disabled=move || why.read().is_some()
                on:change:target=move |event| form.choose(field, Value::Bool(event.target().checked()))
            />
            {name_of(field)}
            {move || why.get().map(|text| view! { <span class="sr" id=note.clone()>{text}</span> })}
        </label>
    }
}

/// A moment: typed in the reader's zone, UTC beside it, a button for now, and the gap from the start where one is shown.
#[component]
pub fn Moment(
    /// the opened test
    form: TestForm,
    /// the field
    field: TestField,
    /// shows how long after the start it was
    #[prop(optional)]
    gap: bool,
) -> impl IntoView {
    let at = Memo::new(move |_| form.moment(field));
    let text = RwSignal::new(String::new());
    let wrong = RwSignal::new(false);
    Effect::new(move |_| {
        text.set(at.get().map(moment::write).unwrap_or_default());
        wrong.set(false);
    });
    let put = move |at: Option<chrono::DateTime<chrono::Utc>>| {
        let value = at.map_or(Value::Null, |at| Value::String(at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)));
        form.choose(field, value);
    };
    // A time is taken when it is left: half of one is none.
    let leave = move || {
        let typed = text.get_untracked();
        if at.get_untracked().map(moment::write).unwrap_or_default() == typed.trim() {
            wrong.set(false);
            attend(form);
            return;
        }
        let near = at.get_untracked().or_else(|| untrack(|| form.moment(TestField::StartedAt))).unwrap_or_else(moment::now);
        match moment::resolve(&typed, near) {
            Ok(at) => {
                wrong.set(false);
                put(at);
            }
            Err(()) => wrong.set(true),
        }
    };
    let after = Memo::new(move |_| {
        let (start, at) = (form.moment(TestField::StartedAt)?, at.get()?);
        (gap && at >= start).then(|| seconds_between(start, at))
    });
    // taken all the same: it may be the clock of this device that is wrong
    let is_ahead = Memo::new(move |_| at.get().is_some_and(|at| at > moment::now() + chrono::TimeDelta::minutes(1)));
    // A planned test begins by Start, which writes the time: a button beside it that writes the time alone would look like it.
    let begins = matches!(field, TestField::StartedAt | TestField::EndedAt);
    let offers_now = Memo::new(move |_| at.read().is_none() && !(begins && form.read(|test| test.state) == TestState::Planned));
    let zone = crate::web::time_zone().unwrap_or_else(|| t!("this device’s zone").to_owned());
    let name = name_of(field);
    view! {
        <Shell form=form field=field inline=true let:wiring>
            <div class="moment">
                <div class="moment__row">
                    <input
                        class="input input--sm input--mono"
                        id=wiring.id
                        type="text"
                        autocomplete="off"
                        spellcheck="false"
                        placeholder=move || if wiring.disabled.get() { NOTHING } else { t!("hh:mm:ss") }
                        title=move || at.get().map_or_else(|| t!("A time in {zone}"; zone), moment::utc)
                        aria-describedby=move || wiring.described_by.get()
                        aria-invalid=move || if wrong.get() { Some("true") } else { wiring.invalid.get() }
                        disabled=move || wiring.disabled.get()
                        prop:value=move || text.get()
                        on:input:target=move |event| text.set(event.target().value())
                        on:blur=move |_| leave()
                        on:keydown=move |event| if event.key() == "Enter" { leave() }
                    />
                    {move || after.get().map(|seconds| view! {
                        <span class="gap" title=t!("From the start of the test")><Icon name="clock" size=12/>{duration(seconds)}<span class="sr">{t!(" after the start")}</span></span>
                    })}
                    {move || (offers_now.get() && !wiring.disabled.get()).then(|| view! {
                        <Button size=ButtonSize::Small title=t!("{name}: now"; name) on_click=move |_| put(Some(moment::now()))>{t!("Now")}<span class="sr">{format!(", {}", name.to_lowercase())}</span></Button>
                    })}
                </div>
                // Where the reader lives by UTC, it stands in the input already.
                {move || at.get().filter(|at| !moment::utc(*at).starts_with(&moment::write(*at))).map(|at| view! { <span class="field__hint num">{moment::utc(at)}</span> })}
                <span class="field__hint field__hint--odd" aria-live="polite">
                    {move || is_ahead.get().then(|| view! { <Icon name="circle-alert" size=14/>{t!("Later than now: is it the right day?")} })}
                </span>
                {move || wrong.get().then(|| view! {
                    <span class="field__error"><Icon name="circle-alert" size=14/>{t!("A time like 14:02:11, or with its day 2026-03-12 14:02:11.")}</span>
                })}
            </div>
        </Shell>
    }
}
