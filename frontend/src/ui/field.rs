//! Labelled inputs. `Field` gives label, hint and error; the input inside finds its id and its description by context.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::{context::Provider, ev, html, prelude::*};

use super::Icon;

static NEXT_ID: AtomicU32 = AtomicU32::new(1);

/// An id that no other element of this page has.
pub fn next_id(prefix: &str) -> String {
    format!("{prefix}-{}", NEXT_ID.fetch_add(1, Ordering::Relaxed))
}

/// What an input learns from the field around it.
#[derive(Clone)]
struct FieldContext {
    id: String,
    has_hint: Signal<bool>,
    error: Signal<Option<String>>,
    required: bool,
}

struct Wiring {
    id: Option<String>,
    described_by: Signal<Option<String>>,
    invalid: Signal<Option<&'static str>>,
    required: bool,
}

fn wiring() -> Wiring {
    match use_context::<FieldContext>() {
        Some(field) => {
            let (id, has_hint, error) = (field.id.clone(), field.has_hint, field.error);
            Wiring {
                described_by: Signal::derive(move || match (error.read().is_some(), has_hint.get()) {
                    (true, _) => Some(format!("{id}-error")),
                    (false, true) => Some(format!("{id}-hint")),
                    (false, false) => None,
                }),
                invalid: Signal::derive(move || error.read().is_some().then_some("true")),
                id: Some(field.id),
                required: field.required,
            }
        }
        None => Wiring { id: None, described_by: Signal::stored(None), invalid: Signal::stored(None), required: false },
    }
}

/// Label, input, hint and error. The error takes the hint's place.
#[component]
pub fn Field(
    /// names the value; no colon, no full stop
    #[prop(into)]
    label: Signal<String>,
    /// what helps to fill it in
    #[prop(optional, into)]
    hint: MaybeProp<String>,
    /// the rule that is broken and the way out
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// must be filled in
    #[prop(optional)]
    required: bool,
    /// label left of the input
    #[prop(optional)]
    inline: bool,
    /// the input
    children: Children,
) -> impl IntoView {
    let id = next_id("f");
    let has_hint = Signal::derive(move || hint.get().is_some());
    let context = FieldContext { id: id.clone(), has_hint, error, required };
    let (label_for, hint_id, error_id) = (id.clone(), format!("{id}-hint"), format!("{id}-error"));
    view! {
        <div class=if inline { "field field--inline" } else { "field" }>
            {
                let name = view! { <label class="field__label" for=label_for>{move || label.get()}</label> };
                // Spoken by the input itself, as aria-required.
                if required {
                    view! { <span class="field__top">{name}<span class="field__need" aria-hidden="true">{t!("required")}</span></span> }.into_any()
                } else {
                    name.into_any()
                }
            }
            <Provider value=context>{children()}</Provider>
            {move || match error.get() {
                Some(text) => view! { <span class="field__error" id=error_id.clone()><Icon name="circle-alert" size=14/>{text}</span> }.into_any(),
                None => hint.get().map(|text| view! { <span class="field__hint" id=hint_id.clone()>{text}</span> }).into_any(),
            }}
        </div>
    }
}

/// The example in an empty field; none where it cannot be written, since it would read as a value there.
fn example(placeholder: MaybeProp<String>, disabled: Signal<bool>) -> Option<String> {
    placeholder.get().filter(|_| !disabled.get())
}

/// A line of text.
#[component]
pub fn TextInput(
    /// what is typed
    value: RwSignal<String>,
    /// `text`, `email`, `password`, `date`, `number`, `url`
    #[prop(default = "text")]
    kind: &'static str,
    /// an example of a value; never the label
    #[prop(optional, into)]
    placeholder: MaybeProp<String>,
    /// what the browser may fill in
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// its name where no `Field` gives one
    #[prop(optional, into)]
    label: MaybeProp<String>,
    /// cannot be changed now
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// 30 px high
    #[prop(optional)]
    small: bool,
    /// set in the mono face
    #[prop(optional)]
    mono: bool,
    /// takes the focus when it appears
    #[prop(optional)]
    autofocus: bool,
    /// most characters
    #[prop(optional)]
    maxlength: Option<u32>,
    /// id of a `<datalist>` with values to choose from
    #[prop(optional, into)]
    list: Option<String>,
    /// runs when the value is left or Enter is pressed
    #[prop(optional, into)]
    on_change: Option<Callback<String>>,
    /// the element, for the page that wants to focus it
    #[prop(optional)]
    node_ref: NodeRef<html::Input>,
) -> impl IntoView {
    let Wiring { id, described_by, invalid, required } = wiring();
    if autofocus {
        focus_on_mount(node_ref);
    }
    let mut class = String::from("input");
    if small {
        class.push_str(" input--sm");
    }
    if mono {
        class.push_str(" input--mono");
    }
    view! {
        <input
            node_ref=node_ref
            class=class
            id=id
            type=kind
            autocomplete=autocomplete
            placeholder=move || example(placeholder, disabled)
            aria-label=move || label.get()
            aria-describedby=move || described_by.get()
            aria-invalid=move || invalid.get()
            aria-required=required.then_some("true")
            disabled=move || disabled.get()
            maxlength=maxlength.map(|n| n.to_string())
            list=list
            prop:value=move || value.get()
            on:input:target=move |event| value.set(event.target().value())
            on:change:target=move |event| {
                if let Some(callback) = on_change {
                    callback.run(event.target().value());
                }
            }
        />
    }
}

/// Gives an input the focus once it stands in the page.
pub fn focus_on_mount(node_ref: NodeRef<html::Input>) {
    Effect::new(move |_| {
        if let Some(input) = node_ref.get() {
            request_animation_frame(move || {
                let _ = input.focus();
            });
        }
    });
}

/// A text of several lines.
#[component]
pub fn TextArea(
    /// what is typed
    value: RwSignal<String>,
    /// lines shown
    #[prop(default = 3)]
    rows: u32,
    /// an example of a value
    #[prop(optional, into)]
    placeholder: MaybeProp<String>,
    /// its name where no `Field` gives one
    #[prop(optional, into)]
    label: MaybeProp<String>,
    /// commands and output: mono, no spell check
    #[prop(optional)]
    code: bool,
    /// cannot be changed now
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let Wiring { id, described_by, invalid, required } = wiring();
    view! {
        <textarea
            class=if code { "textarea textarea--code" } else { "textarea" }
            id=id
            rows=rows.to_string()
            placeholder=move || example(placeholder, disabled)
            aria-label=move || label.get()
            aria-describedby=move || described_by.get()
            aria-invalid=move || invalid.get()
            aria-required=required.then_some("true")
            spellcheck=code.then_some("false")
            disabled=move || disabled.get()
            prop:value=move || value.get()
            on:input:target=move |event| value.set(event.target().value())
        ></textarea>
    }
}

/// One of a few or many, by its word. `options` are value and word.
#[component]
pub fn Select(
    /// the value chosen
    value: RwSignal<String>,
    /// value and word, in order
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// its name where no `Field` gives one
    #[prop(optional, into)]
    label: MaybeProp<String>,
    /// 30 px high
    #[prop(optional)]
    small: bool,
    /// cannot be changed now
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// runs when another one is chosen
    #[prop(optional, into)]
    on_change: Option<Callback<String>>,
) -> impl IntoView {
    let Wiring { id, described_by, invalid, required } = wiring();
    view! {
        <select
            class=if small { "select select--sm" } else { "select" }
            id=id
            aria-label=move || label.get()
            aria-describedby=move || described_by.get()
            aria-invalid=move || invalid.get()
            aria-required=required.then_some("true")
            disabled=move || disabled.get()
            on:change:target=move |event| {
                let chosen = event.target().value();
                value.set(chosen.clone());
                if let Some(callback) = on_change {
                    callback.run(chosen);
                }
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
    }
}

/// A tick with its word.
#[component]
pub fn Checkbox(
    /// is it ticked
    #[prop(into)]
    checked: Signal<bool>,
    /// what it says; leave the children out and it is only spoken
    #[prop(optional, into)]
    label: MaybeProp<String>,
    /// cannot be changed now
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// runs with the new state
    #[prop(optional, into)]
    on_change: Option<Callback<bool>>,
    /// the word beside it
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                aria-label=move || label.get()
                prop:checked=move || checked.get()
                disabled=move || disabled.get()
                on:change:target=move |event| {
                    if let Some(callback) = on_change {
                        callback.run(event.target().checked());
                    }
                }
            />
            {children.map(|children| children())}
        </label>
    }
}

/// On or off, at once.
#[component]
pub fn Switch(
    /// is it on
    #[prop(into)]
    checked: Signal<bool>,
    /// cannot be changed now
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// runs with the new state
    #[prop(optional, into)]
    on_change: Option<Callback<bool>>,
    /// the word beside it
    children: Children,
) -> impl IntoView {
    view! {
        <label class="switch">
            <input
                type="checkbox"
                role="switch"
                prop:checked=move || checked.get()
                disabled=move || disabled.get()
                on:change:target=move |event| {
                    if let Some(callback) = on_change {
                        callback.run(event.target().checked());
                    }
                }
            />
            {children()}
        </label>
    }
}

/// The search of a page or of a list. With `main` the key `/` goes to it, and the key is shown.
#[component]
pub fn SearchInput(
    /// what is typed
    value: RwSignal<String>,
    /// what is searched: “Search missions”
    #[prop(into)]
    label: String,
    /// what may be typed: “Name, client or technique id”
    #[prop(optional, into)]
    placeholder: MaybeProp<String>,
    /// the page's own search
    #[prop(optional)]
    main: bool,
    /// 30 px high
    #[prop(optional)]
    small: bool,
    /// runs on the arrow keys, Enter and Esc, for lists that hang from it
    #[prop(optional, into)]
    on_keydown: Option<Callback<ev::KeyboardEvent>>,
) -> impl IntoView {
    view! {
        <div class="affix grow">
            <Icon name="search" size=if small { 14 } else { 16 }/>
            <input
                class=if small { "input input--sm" } else { "input" }
                type="search"
                aria-label=label
                data-search=main.then_some("main")
                aria-keyshortcuts=main.then_some("/")
                placeholder=move || placeholder.get()
                prop:value=move || value.get()
                on:input:target=move |event| value.set(event.target().value())
                on:keydown=move |event| {
                    if let Some(callback) = on_keydown {
                        callback.run(event);
                    }
                }
            />
            {main.then(|| view! { <kbd class="hide-sm" aria-hidden="true">"/"</kbd> })}
        </div>
    }
}
