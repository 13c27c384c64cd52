//! Copying to the clipboard, keys, code.

use leptos::prelude::*;

use super::{Button, ButtonSize, use_toasts};

/// Copies a text and says so.
#[component]
pub fn CopyButton(
    /// what is copied
    #[prop(into)]
    text: Signal<String>,
    /// its word
    #[prop(default = t!("Copy").to_owned(), into)]
    label: String,
) -> impl IntoView {
    let toasts = use_toasts();
    let done = RwSignal::new(false);
    let copy = move |_| {
        leptos::task::spawn_local(async move {
            if crate::web::copy_text(&text.get_untracked()).await {
                done.set(true);
                gloo_timers::future::TimeoutFuture::new(1_500).await;
                done.try_set(false);
            } else {
                toasts.error(t!("Not copied"), Some(t!("The browser did not allow it. Select the text and copy it by hand.").to_owned()));
            }
        });
    };
    view! {
        <Button size=ButtonSize::Small icon="copy" on_click=copy>
            {move || if done.get() { t!("Copied").to_owned() } else { label.clone() }}
        </Button>
    }
}

/// A command or an output with a copy button.
#[component]
pub fn Code(
    /// the text as it is
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <div class="code"><pre tabindex="0">{text.clone()}</pre><CopyButton text=text/></div> }
}

/// A key of the keyboard.
#[component]
pub fn Kbd(
    /// what stands on it
    #[prop(into)]
    key: String,
) -> impl IntoView {
    view! { <kbd>{key}</kbd> }
}
