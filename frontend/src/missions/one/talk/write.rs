//! Where a comment is written: Markdown with a preview, names completed behind an `@`, Ctrl and Enter to send.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

use super::at::{byte_of, complete, fits, typed, units_of};
use super::{Person, marks};
use crate::ui::{Avatar, Button, ButtonKind, ButtonSize, Icon, Markdown, next_id};

/// How many names are offered.
const MOST: usize = 6;

/// The field with its buttons.
#[component]
pub fn Writer(
    /// what is written
    text: RwSignal<String>,
    /// its name: “Comment on Dump LSASS”
    #[prop(into)]
    label: String,
    /// the word of the button
    send: &'static str,
    /// who can be mentioned
    people: Memo<Vec<Person>>,
    /// it is on its way
    #[prop(into)]
    busy: Signal<bool>,
    /// why it was refused
    #[prop(into)]
    error: Signal<Option<String>>,
    /// the field takes the focus when it appears
    #[prop(optional)]
    autofocus: bool,
    /// sends it
    #[prop(into)]
    on_send: Callback<()>,
    /// the way back, where there is one
    #[prop(optional, into)]
    on_cancel: Option<Callback<()>>,
) -> impl IntoView {
    let node: NodeRef<html::Textarea> = NodeRef::new();
    let preview = RwSignal::new(false);
    let caret = RwSignal::new(0_usize);
    let dismissed = RwSignal::new(None::<usize>);
    let active = RwSignal::new(0_usize);
    let list_id = StoredValue::new(next_id("at"));
    let offered = Memo::new(move |_| {
        let (text, caret) = (text.read(), caret.get());
        let Some((at, name)) = typed(&text, caret).filter(|(at, _)| dismissed.get() != Some(*at)) else { return Vec::new() };
        let name = name.to_owned();
        people
            .with(|people| people.iter().filter(|one| fits(&one.name, &one.email, &name)).take(MOST).map(|one| (at, one.clone())).collect())
    });
    // A whole name that was typed to its end needs no help.
    let offered = Memo::new(move |_| {
        offered.with(|list| match list.as_slice() {
            [(at, one)] if text.read().get(at + 1..caret.get()) == Some(one.name.as_str()) => Vec::new(),
            _ => list.clone(),
        })
    });
    Effect::new(move |_| {
        offered.track();
        active.set(0);
    });
    let place_caret = move || {
        if let Some(node) = node.get_untracked() {
            let units = node.selection_start().ok().flatten().unwrap_or(0);
            caret.set(byte_of(&text.read_untracked(), units));
        }
    };
    let pick = move |at: usize, name: &str| {
        let (now, place) = complete(&text.read_untracked(), at, caret.get_untracked(), name);
        let units = units_of(&now, place);
        text.set(now);
        dismissed.set(Some(at));
        request_animation_frame(move || {
            if let Some(node) = node.get_untracked() {
                let _ = node.focus();
                let _ = node.set_selection_range(units, units);
                caret.set(place);
            }
        });
    };
    let pick_active = move || {
        let one = offered.with_untracked(|list| list.get(active.get_untracked()).cloned());
        if let Some((at, one)) = one {
            pick(at, &one.name);
        }
    };
    let submit = move || {
        if !text.read_untracked().trim().is_empty() && !busy.get_untracked() {
            preview.set(false);
            on_send.run(());
        }
    };
    let keydown = move |event: ev::KeyboardEvent| {
        let count = offered.with_untracked(Vec::len);
        match event.key().as_str() {
            "Enter" if event.ctrl_key() || event.meta_key() => {
                event.prevent_default();
                // the test's own form saves by the same keys
                event.stop_propagation();
                submit();
            }
            "Enter" | "Tab" if count > 0 && !event.shift_key() => {
                event.prevent_default();
                pick_active();
            }
            "ArrowDown" if count > 0 => {
                event.prevent_default();
                active.update(|n| *n = (*n + 1) % count);
            }
            "ArrowUp" if count > 0 => {
                event.prevent_default();
                active.update(|n| *n = (*n + count - 1) % count);
            }
            "Escape" if count > 0 => {
                event.stop_propagation();
                dismissed.set(offered.with_untracked(|list| list.first().map(|one| one.0)));
            }
            "Escape" => {
                if let Some(cancel) = on_cancel {
                    event.stop_propagation();
                    cancel.run(());
                }
            }
            _ => {}
        }
    };
    if autofocus {
        Effect::new(move |_| {
            if let Some(node) = node.get() {
                request_animation_frame(move || {
                    let end = node.value().encode_utf16().count().try_into().unwrap_or(0);
                    let _ = node.focus();
                    let _ = node.set_selection_range(end, end);
                });
            }
        });
    }
    let empty = Memo::new(move |_| text.read().trim().is_empty());
    view! {
        <div class="writer">
            <Show
                when=move || !preview.get()
                fallback=move || view! { <div class="writer__preview" tabindex="0" role="region" aria-label=t!("Preview")><Markdown text=text marks=marks(people)/></div> }
            >
                <textarea
                    node_ref=node
                    class="textarea writer__text"
                    rows="2"
                    aria-label=label.clone()
                    placeholder=t!("Comment, @ to mention")
                    aria-autocomplete="list"
                    aria-controls=move || (!offered.with(Vec::is_empty)).then(|| list_id.get_value())
                    aria-activedescendant=move || (!offered.with(Vec::is_empty)).then(|| format!("{}-{}", list_id.get_value(), active.get()))
                    aria-invalid=move || error.read().is_some().then_some("true")
                    prop:value=move || text.get()
                    on:input:target=move |event| {
                        text.set(event.target().value());
                        dismissed.set(None);
                        place_caret();
                    }
                    on:keyup=move |event: ev::KeyboardEvent| if event.key().starts_with("Arrow") || event.key() == "Home" || event.key() == "End" { place_caret() }
                    on:click=move |_| place_caret()
                    on:blur=move |event| {
                        let to = event.related_target().and_then(|to| to.dyn_into::<web_sys::Element>().ok());
                        if to.is_none_or(|to| to.closest(".writer").ok().flatten().is_none()) {
                            // a field that is taken away with the focus in it is left after its signals
                            if let Some(first) = offered.try_with_untracked(|list| list.first().map(|one| one.0)) {
                                dismissed.try_set(first);
                            }
                        }
                    }
                    on:keydown=keydown
                ></textarea>
            </Show>
            {move || {
                let list = offered.get();
                (!list.is_empty() && !preview.get()).then(|| view! {
                    <div class="menu writer__names" id=list_id.get_value() role="listbox" aria-label=t!("People")>
                        {list.into_iter().enumerate().map(|(index, (at, one))| {
                            let name = one.name.clone();
                            view! {
                                <div
                                    class="menu__item"
                                    id=format!("{}-{index}", list_id.get_value())
                                    role="option"
                                    aria-selected=move || if active.get() == index { "true" } else { "false" }
                                    on:pointermove=move |_| active.set(index)
                                    on:mousedown=move |event| event.prevent_default()
                                    on:click=move |_| pick(at, &name)
                                >
                                    <Avatar name=one.name.clone() side=one.side.clone() small=true/>
                                    <span class="grow trunc">{one.name.clone()}</span>
                                    <span class="small faint">{one.side.clone()}</span>
                                </div>
                            }
                        }).collect_view()}
                    </div>
                })
            }}
            <span class="sr" role="status">{move || match offered.with(Vec::len) {
                0 => String::new(),
                1 => t!("1 person, Enter takes them").to_owned(),
                n => t!("{n} people, arrow keys choose"; n),
            }}</span>
            {move || error.get().map(|text| view! { <span class="field__error" role="alert"><Icon name="circle-alert" size=14/>{text}</span> })}
            <div class="writer__acts">
                <span class="small faint hide-sm">{t!("Markdown · Ctrl Enter sends")}</span>
                <span class="push"></span>
                {on_cancel.map(|cancel| view! { <Button kind=ButtonKind::Ghost size=ButtonSize::Small on_click=move |_| cancel.run(())>{t!("Cancel")}</Button> })}
                {move || (!empty.get()).then(|| view! {
                    <Button kind=ButtonKind::Ghost size=ButtonSize::Small icon="eye" on_click=move |_| preview.update(|on| *on = !*on)>{move || if preview.get() { t!("Write") } else { t!("Preview") }}</Button>
                })}
                <Button size=ButtonSize::Small busy=busy why_not=Signal::derive(move || empty.get().then(|| t!("Write something first").to_owned())) on_click=move |_| submit()>{send}</Button>
            </div>
        </div>
    }
}
