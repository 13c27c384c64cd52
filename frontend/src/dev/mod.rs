//! `/dev/ui`, in development builds alone: every component of `ui` with its states, light and dark. What is seen here is
//! what the pages are made of; a change of a style is looked at here first.

mod acts;
mod fields;
mod forced;
mod overlays;
mod shown;

use leptos::prelude::*;

use crate::session::{Theme, use_session};
use crate::shell::set_title;
use crate::ui::Seg;

/// The address of the page.
pub const PATH: &str = "/dev/ui";

/// The states that are forced on a component, as `forced` writes them; empty is how it is by itself.
const STATES: [(&str, &str); 4] = [("", "Default"), ("hover", "Hover"), ("focus", "Focus"), ("active", "Active")];

/// The page.
#[component]
pub fn UiPage() -> impl IntoView {
    set_title("Components");
    forced::watch();
    view! {
        <header class="topbar">
            <h1 class="topbar__title grow">"Components"</h1>
            <ThemeChoice/>
        </header>
        <main id="main" class="page" tabindex="-1">
            <nav class="row row--wrap" aria-label="Components">
                {SECTIONS.iter().map(|(name, _)| view! { <a href=format!("#{}", anchor(name))>{*name}</a> }).collect_view()}
            </nav>
            {SECTIONS
                .iter()
                .map(|(name, draw)| view! {
                    <section class="card" id=anchor(name) aria-label=*name>
                        <div class="card__head"><h2>{*name}</h2></div>
                        <div class="card__body stack">{draw()}</div>
                    </section>
                })
                .collect_view()}
        </main>
    }
}

/// What draws a section.
type Draw = fn() -> AnyView;

/// The sections of the page.
const SECTIONS: [(&str, Draw); 15] = [
    ("Buttons", acts::buttons),
    ("Icon buttons and menus", acts::menus),
    ("Pills, chips and segments", acts::choices),
    ("Tabs and steps", acts::ways),
    ("Text fields", fields::texts),
    ("Selects, checkboxes, switches", fields::choices),
    ("Combobox", fields::combobox),
    ("Files and order", fields::lists),
    ("Badges and levels", shown::badges),
    ("People, times and text", shown::texts),
    ("Progress and numbers", shown::numbers),
    ("Cards and tables", shown::cards),
    ("Banners and empty places", overlays::states),
    ("Dialogs", overlays::dialogs),
    ("Toasts", overlays::toasts),
];

fn anchor(name: &str) -> String {
    name.to_lowercase().replace([' ', ','], "-")
}

/// Light, dark, or as the system.
#[component]
fn ThemeChoice() -> impl IntoView {
    const THEMES: [(&str, &str, Theme); 3] =
        [("system", "System", Theme::System), ("light", "Light", Theme::Light), ("dark", "Dark", Theme::Dark)];
    let session = use_session();
    let now = session.theme().get_untracked();
    let value = RwSignal::new(THEMES.iter().find(|theme| theme.2 == now).map_or("system", |theme| theme.0).to_owned());
    view! {
        <Seg
            value=value
            label="Theme"
            options=THEMES.map(|(code, word, _)| (code.to_owned(), word.to_owned())).to_vec()
            on_change=move |code: String| {
                if let Some(theme) = THEMES.iter().find(|theme| theme.0 == code) {
                    session.set_theme(theme.2);
                }
            }
        />
    }
}

/// One component in each of its states, side by side; `more` are those that are its own, such as disabled.
fn in_states(draw: impl Fn() -> AnyView, more: Vec<(&'static str, AnyView)>) -> AnyView {
    let forced = STATES.map(|(state, word)| (state, word, draw()));
    let own = more.into_iter().map(|(word, view)| ("", word, view));
    let cells: Vec<_> = forced
        .into_iter()
        .chain(own)
        .map(|(state, word, view)| view! { <div class="dev__state"><span class="overline">{word}</span><div data-states=state>{view}</div></div> })
        .collect();
    view! { <div class="dev__row">{cells}</div> }.into_any()
}

/// A line of a section: its name, and what it shows.
fn line(name: &'static str, view: AnyView) -> AnyView {
    view! { <div class="stack stack--2"><h3>{name}</h3>{view}</div> }.into_any()
}
