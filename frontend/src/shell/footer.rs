//! The footer: version, commit, API docs, catalogue version, the reader's zone.

use leptos::prelude::*;

use crate::status::{use_catalogue_status, use_health};

/// The last line of every page.
#[component]
pub fn Footer() -> impl IntoView {
    let health = use_health();
    let catalogue = use_catalogue_status();
    view! {
        <footer class="foot">
            {move || match health.data.get() {
                Some(health) => view! {
                    <span>{t!("Tyrian ")}{health.version}</span>
                    {(!health.commit.is_empty()).then(|| view! { <span class="mono">{health.commit}</span> })}
                }.into_any(),
                None => view! { <span>{t!("Tyrian ")}{env!("CARGO_PKG_VERSION")}</span> }.into_any(),
            }}
            <a href="/api/docs" rel="external">{t!("API docs")}</a>
            <a href="/about">{t!("About")}</a>
            <span>{move || match catalogue.data.get() {
                Some(status) => match status.version {
                    Some(version) => t!("ATT&CK Enterprise v{version}"; version),
                    None => t!("ATT&CK not synced yet").to_owned(),
                },
                None => "ATT&CK".to_owned(),
            }}</span>
            {crate::web::time_zone().map(|zone| view! { <span class="push">{t!("Times in ")}{zone}</span> })}
        </footer>
    }
}
