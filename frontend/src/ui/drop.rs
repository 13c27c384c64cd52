//! A place to drop or choose a file.

use leptos::{html, prelude::*};
use web_sys::File;

use super::Icon;
use crate::texts::tenths;

/// Takes a file, or several: dropped, or chosen after a click. It does not send them.
#[component]
pub fn FileDrop(
    /// “Drop a STIX bundle here, or choose a file”
    #[prop(into)]
    label: String,
    /// what the file picker offers: `.json,application/json`
    #[prop(optional, into)]
    accept: Option<String>,
    /// cannot take one now
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// takes several at once
    #[prop(optional)]
    multiple: bool,
    /// runs with each file; keep it in a signal made with `RwSignal::new_local`
    #[prop(into)]
    on_file: Callback<File>,
) -> impl IntoView {
    let input: NodeRef<html::Input> = NodeRef::new();
    let over = RwSignal::new(false);
    let take = move |files: Option<web_sys::FileList>| {
        let Some(files) = files else { return };
        let most = if multiple { files.length() } else { files.length().min(1) };
        for file in (0..most).filter_map(|index| files.get(index)) {
            on_file.run(file);
        }
    };
    view! {
        <input
            node_ref=input
            class="sr"
            type="file"
            tabindex="-1"
            aria-hidden="true"
            multiple=multiple
            accept=accept
            on:change:target=move |event| {
                take(event.target().files());
                event.target().set_value("");
            }
        />
        <button
            class="drop"
            type="button"
            disabled=move || disabled.get()
            data-state=move || over.get().then_some("over")
            on:click=move |_| if let Some(input) = input.get_untracked() { input.click() }
            on:dragover=move |event| { event.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false)
            on:drop=move |event| {
                event.prevent_default();
                over.set(false);
                if !disabled.get_untracked() {
                    take(event.data_transfer().and_then(|data| data.files()));
                }
            }
        >
            <Icon name="upload" size=14/>
            {label}
        </button>
    }
}

/// Bytes in words: `41 MB`, `812 kB`.
pub fn bytes_in_words(bytes: u64) -> String {
    match bytes {
        0..1_000 => t!("{bytes} B"; bytes),
        1_000..1_000_000 => t!("{} kB", bytes / 1_000),
        1_000_000..10_000_000 => t!("{} MB", tenths(bytes / 100_000)),
        10_000_000..1_000_000_000 => t!("{} MB", bytes / 1_000_000),
        _ => t!("{} GB", tenths(bytes / 100_000_000)),
    }
}
