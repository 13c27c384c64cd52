//! A card to write Markdown in, with its preview behind a tab.

use leptos::{ev, prelude::*};

use crate::ui::{Icon, Markdown, next_id};

/// Markdown with the tabs Write and Preview.
#[component]
pub fn MarkdownCard(
    /// its heading, and the name of the text
    title: &'static str,
    /// the source
    value: RwSignal<String>,
    /// lines shown
    #[prop(default = 8)]
    rows: u32,
    /// an example
    #[prop(optional)]
    placeholder: &'static str,
    /// the rule that is broken and the way out
    #[prop(optional, into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    // Text that is already there is read first.
    let preview = RwSignal::new(!value.read_untracked().trim().is_empty());
    // What has to be corrected must be in sight.
    Effect::new(move |_| {
        if error.read().is_some() {
            preview.set(false);
        }
    });
    let id = next_id("md");
    let (write_id, preview_id, panel_id) = (format!("{id}-w"), format!("{id}-p"), format!("{id}-panel"));
    let (panel_of_write, panel_of_preview) = (panel_id.clone(), panel_id.clone());
    let (focus_write, focus_preview) = (write_id.clone(), preview_id.clone());
    let labelled_by = {
        let (w, p) = (write_id.clone(), preview_id.clone());
        move || if preview.get() { p.clone() } else { w.clone() }
    };
    let arrows = move |event: ev::KeyboardEvent| {
        if matches!(event.key().as_str(), "ArrowLeft" | "ArrowRight") {
            event.prevent_default();
            preview.update(|preview| *preview = !*preview);
            let id = if preview.get_untracked() { &focus_preview } else { &focus_write };
            if let Some(tab) = document().get_element_by_id(id) {
                crate::web::focus_element(&tab);
            }
        }
    };
    let tab = move |id: String, panel: String, word: &'static str, is_preview: bool| {
        view! {
            <button
                class="tab"
                id=id
                type="button"
                role="tab"
                aria-controls=panel
                aria-selected=move || if preview.get() == is_preview { "true" } else { "false" }
                tabindex=move || if preview.get() == is_preview { "0" } else { "-1" }
                on:click=move |_| preview.set(is_preview)
            >{word}</button>
        }
    };
    let error_id = format!("{id}-error");
    let described_by = error_id.clone();
    view! {
        <section class="card" aria-label=title>
            <div class="md__head">
                <h2>{title}</h2>
                <div class="tabs push" role="tablist" aria-label=t!("{title}: write or preview"; title) on:keydown=arrows>
                    {tab(write_id, panel_of_write, t!("Write"), false)}
                    {tab(preview_id, panel_of_preview, t!("Preview"), true)}
                </div>
            </div>
            <div class="card__body" role="tabpanel" id=panel_id aria-labelledby=labelled_by>
                {move || if preview.get() {
                    if value.read().trim().is_empty() {
                        view! { <p class="muted">{t!("Nothing to preview yet")}</p> }.into_any()
                    } else {
                        view! { <Markdown text=value/> }.into_any()
                    }
                } else {
                    let described_by = described_by.clone();
                    view! {
                        <textarea
                            class="textarea"
                            rows=rows.to_string()
                            aria-label=title
                            placeholder=placeholder
                            aria-invalid=move || error.read().is_some().then_some("true")
                            aria-describedby=move || error.read().is_some().then(|| described_by.clone())
                            prop:value=move || value.get()
                            on:input:target=move |event| value.set(event.target().value())
                        ></textarea>
                    }.into_any()
                }}
                {move || match error.get() {
                    Some(text) => view! { <span class="field__error md__note" id=error_id.clone()><Icon name="circle-alert" size=14/>{text}</span> }.into_any(),
                    None => view! { <span class="field__hint md__note">{t!("Markdown")}</span> }.into_any(),
                }}
            </div>
        </section>
    }
}
