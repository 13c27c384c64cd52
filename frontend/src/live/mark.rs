//! The small mark in the top bar: whether what others do comes in.

use leptos::prelude::*;

use super::Mark;
use crate::ui::Icon;

/// “Live” or “Offline”; the change is spoken.
#[component]
pub fn LiveMark() -> impl IntoView {
    let mark = super::mark();
    view! {
        <span class="live" role="status" data-mark=move || match mark.get() {
            Mark::Starting => "starting",
            Mark::Live => "live",
            Mark::Offline => "offline",
        }>
            {move || match mark.get() {
                Mark::Starting => ().into_any(),
                Mark::Live => view! {
                    <span class="live__dot"></span>
                    <span class="live__word" title=t!("What others do appears here at once")>{t!("Live")}</span>
                }
                .into_any(),
                Mark::Offline => view! {
                    <Icon name="wifi-off" size=14/>
                    <span class="live__word" title=t!("The server is not reached. It is tried again; what you see may be out of date.")>{t!("Offline")}</span>
                }
                .into_any(),
            }}
        </span>
    }
}
