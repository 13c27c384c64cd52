//! The palette as it is shown.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use tyrian_api_types::search::SearchResults;
use tyrian_domain::permission::Permission;
use wasm_bindgen::JsCast;

use super::Shown;
use super::entries::{self, Act, Entry, Mark};
use crate::api;
use crate::key;
use crate::missions::after_pause;
use crate::query::use_query_keep;
use crate::session::use_session;
use crate::shell::keys;
use crate::ui::{Button, ButtonSize, Dialog, Glyph, Icon, Kbd, marked};

/// The dialog; fetched as a part of its own.
#[component]
pub fn PaletteDialog() -> impl IntoView {
    let Shown(open) = expect_context();
    view! { <Dialog open=open title=t!("Search or go to") bare="palette"><Body open=open/></Dialog> }
}

const LIST: &str = "palette-list";

fn option_id(index: usize) -> String {
    format!("{LIST}-{index}")
}

#[component]
fn Body(
    /// closes it
    open: RwSignal<bool>,
) -> impl IntoView {
    let session = use_session();
    let navigate = use_navigate();
    let text = RwSignal::new(String::new());
    let asked = after_pause(text);
    let results = use_query_keep(
        move || key!["search", asked.get()],
        move || {
            let asked = asked.get_untracked();
            let may = session.can(Permission::MissionRead);
            async move {
                // Nothing is asked of the server until something is typed.
                if asked.is_empty() || !may {
                    return Ok(None);
                }
                let asked: String = asked.chars().take(200).collect();
                api::get::<SearchResults>(&format!("/search?q={}", crate::web::encoded(&asked))).await.map(Some)
            }
        },
    );
    let waiting = Memo::new(move |_| results.loading.get() || text.read().trim() != asked.read().as_str());
    let shown = Memo::new(move |_| {
        let typed = text.get();
        let mut all = entries::matching(entries::pages(session), &typed);
        if !typed.trim().is_empty() {
            let users = session.can(Permission::UserRead);
            all.extend(
                results
                    .data
                    .with(|found| found.as_ref().and_then(Option::as_ref).map(|found| entries::found(found, &typed, users)))
                    .unwrap_or_default(),
            );
        }
        all.extend(entries::matching(entries::acts(session), &typed));
        all
    });
    let active = RwSignal::new(0_usize);
    Effect::new(move |_| {
        shown.track();
        active.set(0);
    });
    Effect::new(move |_| {
        let of = |id: &str| document().get_element_by_id(id).and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok());
        if let (Some(line), Some(list)) = (of(&option_id(active.get())), of(LIST)) {
            let (top, foot) = (line.offset_top(), line.offset_top() + line.offset_height());
            if top < list.scroll_top() {
                list.set_scroll_top(top);
            } else if foot > list.scroll_top() + list.client_height() {
                list.set_scroll_top(foot - list.client_height());
            }
        }
    });
    let run = Callback::new(move |(act, apart): (Act, bool)| {
        open.set(false);
        match act {
            Act::Go(to) if apart => drop(window().open_with_url_and_target(&to, "_blank")),
            Act::Go(to) => navigate(&to, leptos_router::NavigateOptions::default()),
            Act::Theme(theme) => session.set_theme(theme),
            Act::Keys => keys::show(),
            Act::SignOut => leptos::task::spawn_local(session.sign_out()),
        }
    });
    let keydown = move |event: leptos::ev::KeyboardEvent| {
        let count = shown.read_untracked().len();
        let step = |by: usize| active.update(|at| *at = (*at + by) % count);
        match event.key().as_str() {
            "ArrowDown" if count > 0 => step(1),
            "ArrowUp" if count > 0 => step(count - 1),
            "Home" if count > 0 && text.read_untracked().is_empty() => active.set(0),
            "End" if count > 0 && text.read_untracked().is_empty() => active.set(count - 1),
            "Enter" => {
                if let Some(entry) = shown.read_untracked().get(active.get_untracked()).cloned() {
                    run.run((entry.act, event.ctrl_key() || event.meta_key()));
                }
            }
            "k" | "K" if event.ctrl_key() || event.meta_key() => open.set(false),
            _ => return,
        }
        event.prevent_default();
    };
    let said = move || {
        let count = shown.read().len();
        if waiting.get() { String::new() } else { crate::texts::count(u64::try_from(count).unwrap_or_default(), "result", "results") }
    };
    view! {
        <div class="palette__in">
            <Icon name="search"/>
            <input
                type="text"
                role="combobox"
                aria-label=t!("Search or go to")
                aria-expanded="true"
                aria-controls=LIST
                aria-activedescendant=move || (!shown.read().is_empty()).then(|| option_id(active.get()))
                autocomplete="off"
                spellcheck="false"
                placeholder=t!("Missions, tests, templates, techniques, people, commands")
                prop:value=move || text.get()
                on:input:target=move |event| text.set(event.target().value())
                on:keydown=keydown
            />
            <Kbd key="Esc"/>
        </div>
        <span class="sr" role="status">{said}</span>
        <div class="palette__list" id=LIST role="listbox" aria-label=t!("Results") aria-busy=move || waiting.get().then_some("true")>
            {move || lines(shown.get(), text.read_untracked().trim(), active, run)}
        </div>
        {move || (!waiting.get() && results.error.read().is_some()).then(|| view! {
            <p class="palette__none muted" role="status"><Icon name="wifi-off"/>{t!("The search did not answer. ")}<Button size=ButtonSize::Small on_click=move |_| results.refetch.run(())>{t!("Try again")}</Button></p>
        })}
        {move || shown.read().is_empty().then(|| view! {
            <p class="palette__none muted" role="status">{move || if waiting.get() { t!("Searching") } else { t!("Nothing matches. An ATT&CK id, a client or a part of a name finds most things.") }}</p>
        })}
        <div class="palette__foot hide-sm" aria-hidden="true">
            <span><Kbd key="↑"/><Kbd key="↓"/>{t!("move")}</span>
            <span><Kbd key="⏎"/>{t!("open")}</span>
            <span><Kbd key="Ctrl"/><Kbd key="⏎"/>{t!("in a new tab")}</span>
        </div>
    }
}

/// The list, a heading wherever the kind changes.
fn lines(shown: Vec<Entry>, typed: &str, active: RwSignal<usize>, run: Callback<(Act, bool)>) -> impl IntoView + use<> {
    let mut group = "";
    let line = |(index, entry): (usize, Entry)| {
        let heading = (entry.group != group).then_some(entry.group);
        group = entry.group;
        let Entry { mark, code, label, note, act, .. } = entry;
        view! {
            {heading.map(|word| view! { <div class="palette__group overline" role="presentation">{word}</div> })}
            <div
                id=option_id(index)
                class="palette__item"
                role="option"
                aria-selected=move || if active.get() == index { "true" } else { "false" }
                on:pointermove=move |_| if active.get_untracked() != index { active.set(index) }
                on:mousedown=move |event| event.prevent_default()
                on:click=move |event| run.run((act.clone(), event.ctrl_key() || event.meta_key()))
            >
                {match mark {
                    Mark::Icon(name) => view! { <Icon name=name/> }.into_any(),
                    Mark::Glyph(name) => view! { <Glyph name=name size=16/> }.into_any(),
                }}
                <span class="trunc grow">{code.map(|code| view! { <span class="mono">{code}" "</span> })}{marked(&label, typed)}</span>
                {note.map(|note| view! { <span class="small muted trunc palette__note">{note}</span> })}
            </div>
        }
    };
    shown.into_iter().enumerate().map(line).collect_view()
}
