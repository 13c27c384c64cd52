//! The frame of the pages before the app: brand, form, picture.

use leptos::prelude::*;

use super::art::AuthArt;
use crate::ui::Logo;

/// Brand, then the form (the children); the picture on the right.
#[component]
pub fn AuthFrame(
    /// names the tab
    #[prop(into)]
    title: String,
    /// heading and form
    children: Children,
) -> impl IntoView {
    crate::shell::set_title(&title);
    view! {
        <main class="auth" id="main">
            <div class="auth__form">
                <div class="auth__box">
                    <div class="auth__brand"><Logo/>{t!("Tyrian")}</div>
                    {children()}
                </div>
            </div>
            <AuthArt/>
        </main>
    }
}
