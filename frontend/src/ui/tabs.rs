//! Tabs that are links (they stand in the URL), and the steps of a wizard.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::Icon;

/// One tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// what `current` compares with
    pub key: &'static str,
    /// its word
    pub label: &'static str,
    /// where it goes
    pub href: String,
    /// a number after the word
    pub count: Option<u64>,
}

impl Tab {
    /// A tab without a number.
    pub fn new(key: &'static str, label: &'static str, href: impl Into<String>) -> Self {
        Self { key, label, href: href.into(), count: None }
    }

    /// With a number after the word.
    #[must_use]
    pub fn count(mut self, count: impl Into<Option<u64>>) -> Self {
        self.count = count.into();
        self
    }
}

/// A row of tabs; each is a link, so back and reload keep it. Left and right move between them.
#[component]
pub fn Tabs(
    /// what the tabs divide: “Mission”
    #[prop(into)]
    label: String,
    /// the tabs in order
    #[prop(into)]
    tabs: Signal<Vec<Tab>>,
    /// key of the one shown
    #[prop(into)]
    current: Signal<String>,
) -> impl IntoView {
    let row: NodeRef<html::Nav> = NodeRef::new();
    // On a phone the row is wider than the screen: the tab that is shown is brought to where it is seen.
    Effect::new(move |_| {
        current.track();
        tabs.track();
        request_animation_frame(move || {
            let Some(row) = row.try_get_untracked().flatten() else { return };
            let Ok(Some(tab)) = row.query_selector("[aria-current=page]") else { return };
            if let Ok(tab) = tab.dyn_into::<web_sys::HtmlElement>() {
                row.set_scroll_left(tab.offset_left() - (row.client_width() - tab.offset_width()) / 2);
            }
        });
    });
    let move_focus = |event: leptos::ev::KeyboardEvent| {
        let forward = match event.key().as_str() {
            "ArrowRight" => true,
            "ArrowLeft" => false,
            _ => return,
        };
        crate::web::focus_sibling(&event, forward);
    };
    view! {
        <nav class="tabs" aria-label=label on:keydown=move_focus node_ref=row>
            {move || {
                tabs.get()
                    .into_iter()
                    .map(|tab| {
                        let key = tab.key;
                        view! {
                            <a class="tab" href=tab.href aria-current=move || (*current.read() == key).then_some("page")>
                                {tab.label}
                                {tab.count.map(|n| view! { <span class="count">{n}</span> })}
                            </a>
                        }
                    })
                    .collect_view()
            }}
        </nav>
    }
}

/// The steps of a wizard: done, current, to come. `current` counts from 0.
#[component]
pub fn Stepper(
    /// the words of the steps
    steps: Vec<&'static str>,
    /// the step shown
    #[prop(into)]
    current: Signal<usize>,
    /// goes back to a step that is done
    #[prop(optional, into)]
    on_step: Option<Callback<usize>>,
    /// steps with fields that need attention
    #[prop(optional, into)]
    faulty: Signal<Vec<usize>>,
) -> impl IntoView {
    view! {
        <ol class="wsteps" aria-label=t!("Steps")>
            {steps
                .into_iter()
                .enumerate()
                .map(|(index, word)| {
                    let wrong = move || faulty.read().contains(&index);
                    let done = move || index < current.get() && !wrong();
                    view! {
                        <li data-done=move || done().then_some("") data-error=move || wrong().then_some("") aria-current=move || (index == current.get()).then_some("step")>
                            <b>{move || match (done(), wrong()) {
                                (true, _) => view! { <Icon name="check" size=12/> }.into_any(),
                                (_, true) => "!".into_any(),
                                _ => (index + 1).into_any(),
                            }}</b>
                            {move || match on_step.filter(|_| index < current.get()) {
                                Some(callback) => view! { <button class="wsteps__back" type="button" on:click=move |_| callback.run(index)>{word}</button> }.into_any(),
                                None => view! { <span>{word}</span> }.into_any(),
                            }}
                            {move || wrong().then(|| view! { <span class="sr">{t!(", needs attention")}</span> })}
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
}
