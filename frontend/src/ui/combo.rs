//! A search input with a list of matches under it: choose by arrow keys and Enter, or by pointer.

use leptos::{ev, html, prelude::*};

use super::{Icon, next_id};

/// One match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComboItem {
    /// what `on_pick` gets
    pub value: String,
    /// an id in mono before the name
    pub code: Option<String>,
    /// its name
    pub label: String,
    /// a word on the right
    pub note: Option<String>,
    /// heading under which it stands; items of one group stand together
    pub group: Option<&'static str>,
}

/// Types into `query`; the page fetches `items` for it and takes what is picked. The query is emptied after a pick.
#[component]
pub fn Combobox(
    /// what is typed
    query: RwSignal<String>,
    /// what matches, best first
    #[prop(into)]
    items: Signal<Vec<ComboItem>>,
    /// what is searched
    #[prop(into)]
    label: String,
    /// what may be typed
    #[prop(optional, into)]
    placeholder: MaybeProp<String>,
    /// matches are on their way
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// said where something is typed and nothing matches
    #[prop(default = t!("Nothing matches").to_owned(), into)]
    nothing: String,
    /// stays open after a pick, for choosing several
    #[prop(optional)]
    multiple: bool,
    /// shows matches although nothing is typed
    #[prop(optional)]
    eager: bool,
    /// what was picked before, as chips in the same box; the magnifier makes room for them
    #[prop(optional, into)]
    chips: Option<ViewFn>,
    /// Backspace in the empty input: takes the last chip out
    #[prop(optional, into)]
    on_back: Option<Callback<()>>,
    /// stands under the matches: keys, another way to choose
    #[prop(optional, into)]
    foot: Option<ViewFn>,
    /// takes what was picked
    #[prop(into)]
    on_pick: Callback<ComboItem>,
) -> impl IntoView {
    let (has_chips, has_foot) = (chips.is_some(), foot.is_some());
    let foot = StoredValue::new(foot);
    let list_id = next_id("combo");
    let open = RwSignal::new(false);
    let active = RwSignal::new(0_usize);
    let root: NodeRef<html::Div> = NodeRef::new();
    let shown = Memo::new(move |_| open.get() && (eager || !query.read().trim().is_empty()));
    Effect::new(move |_| {
        items.track();
        active.set(0);
    });
    let outside = window_event_listener(ev::pointerdown, move |event| {
        if open.get_untracked() && !crate::web::is_within(root.get_untracked().as_deref(), event.target()) {
            open.set(false);
        }
    });
    on_cleanup(move || outside.remove());
    let pick = move |item: ComboItem| {
        on_pick.run(item);
        query.set(String::new());
        if !multiple {
            open.set(false);
        }
    };
    let keydown = move |event: ev::KeyboardEvent| {
        let count = items.read_untracked().len();
        match event.key().as_str() {
            "ArrowDown" if count > 0 => {
                event.prevent_default();
                open.set(true);
                active.update(|index| *index = (*index + 1) % count);
            }
            "ArrowUp" if count > 0 => {
                event.prevent_default();
                active.update(|index| *index = (*index + count - 1) % count);
            }
            "Enter" if shown.get_untracked() => {
                event.prevent_default();
                let item = items.read_untracked().get(active.get_untracked()).cloned();
                if let Some(item) = item {
                    pick(item);
                }
            }
            "Escape" if open.get_untracked() => {
                event.stop_propagation();
                event.prevent_default();
                open.set(false);
            }
            "Backspace" if query.read_untracked().is_empty() => {
                if let Some(callback) = on_back {
                    callback.run(());
                }
            }
            // What stands under the matches has buttons of its own.
            "Tab" if !has_foot => open.set(false),
            _ => {}
        }
    };
    let option_id = {
        let list_id = list_id.clone();
        move |index: usize| format!("{list_id}-{index}")
    };
    let (own_id, active_id) = (list_id.clone(), option_id.clone());
    view! {
        <div
            class="combo grow"
            node_ref=root
            on:focusout=move |event| {
                let to = event.related_target();
                if to.is_some() && !crate::web::is_within(root.get_untracked().as_deref(), to) {
                    open.set(false);
                }
            }
        >
            <div class=if has_chips { "chips-in" } else { "affix" }>
                {match chips {
                    Some(chips) => chips.run(),
                    None => view! { <Icon name="search"/> }.into_any(),
                }}
                <input
                    class=(!has_chips).then_some("input")
                    type="text"
                    role="combobox"
                    autocomplete="off"
                    spellcheck="false"
                    aria-label=label.clone()
                    aria-expanded=move || if shown.get() { "true" } else { "false" }
                    aria-controls=own_id
                    aria-activedescendant=move || (shown.get() && !items.read().is_empty()).then(|| active_id(active.get()))
                    placeholder=move || placeholder.get()
                    prop:value=move || query.get()
                    on:focus=move |_| open.set(true)
                    on:input:target=move |event| { query.set(event.target().value()); open.set(true); }
                    on:keydown=keydown
                />
            </div>
            <Show when=move || shown.get()>
                {
                    let (list_id, option_id, nothing) = (list_id.clone(), option_id.clone(), nothing.clone());
                    view! {
                        <div class="menu">
                            <div id=list_id role="listbox" aria-label=label.clone() aria-busy=move || busy.get().then_some("true")>
                                {move || {
                                    let mut group = None;
                                    items
                                        .get()
                                        .into_iter()
                                        .enumerate()
                                        .map(|(index, item)| {
                                            let heading = (item.group != group).then_some(item.group).flatten();
                                            group = item.group;
                                            let picked = item.clone();
                                            view! {
                                                {heading.map(|word| view! { <div class="menu__group overline" role="presentation">{word}</div> })}
                                                <div
                                                    id=option_id(index)
                                                    class="menu__item"
                                                    role="option"
                                                    aria-selected=move || if active.get() == index { "true" } else { "false" }
                                                    on:pointermove=move |_| active.set(index)
                                                    on:mousedown=move |event| event.prevent_default()
                                                    on:click=move |_| pick(picked.clone())
                                                >
                                                    {item.code.map(|code| view! { <span class="mono menu__code">{code}</span> })}
                                                    <span class="trunc grow">{marked(&item.label, query.read_untracked().trim())}</span>
                                                    {item.note.map(|note| view! { <span class="small faint">{note}</span> })}
                                                </div>
                                            }
                                        })
                                        .collect_view()
                                }}
                            </div>
                            {
                                let nothing = nothing.clone();
                                move || items.read().is_empty().then(|| {
                                    let text = if busy.get() { t!("Searching").to_owned() } else { nothing.clone() };
                                    view! { <div class="menu__item muted" role="status">{text}</div> }
                                })
                            }
                            {foot.with_value(|foot| foot.as_ref().map(|foot| view! { <div class="menu__foot">{foot.run()}</div> }))}
                        </div>
                    }
                }
            </Show>
        </div>
    }
}

/// A label with the part that was typed set off.
pub fn marked(label: &str, query: &str) -> AnyView {
    // Lower case may be longer than what it came from; then nothing is set off rather than something wrong.
    let (lower, wanted) = (label.to_lowercase(), query.to_lowercase());
    let found = (!wanted.is_empty() && lower.len() == label.len()).then(|| lower.find(&wanted)).flatten();
    let parts = found.and_then(|at| Some((label.get(..at)?, label.get(at..at + wanted.len())?, label.get(at + wanted.len()..)?)));
    match parts {
        Some((before, hit, after)) => view! { {before.to_owned()}<mark>{hit.to_owned()}</mark>{after.to_owned()} }.into_any(),
        None => label.to_owned().into_any(),
    }
}
