//! Buttons, and links that look like them.

use leptos::{ev::MouseEvent, prelude::*};

use super::Icon;

/// What a button is for; one `Primary` a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonKind {
    /// An act among others
    #[default]
    Plain,
    /// The one next act
    Primary,
    /// An act that should not draw the eye
    Ghost,
    /// The act that destroys, in a dialog that asked
    Danger,
    /// The way to such a dialog
    DangerQuiet,
}

/// How high a button is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonSize {
    /// 26 px: top bar, rows, cards
    Small,
    /// 32 px
    #[default]
    Normal,
    /// 40 px: sign-in
    Large,
}

fn class(kind: ButtonKind, size: ButtonSize, block: bool, icon_only: bool) -> String {
    let mut class = String::from("btn");
    class.push_str(match kind {
        ButtonKind::Plain => "",
        ButtonKind::Primary => " btn--primary",
        ButtonKind::Ghost => " btn--ghost",
        ButtonKind::Danger => " btn--danger",
        ButtonKind::DangerQuiet => " btn--danger-quiet",
    });
    class.push_str(match size {
        ButtonSize::Small => " btn--sm",
        ButtonSize::Normal => "",
        ButtonSize::Large => " btn--lg",
    });
    if block {
        class.push_str(" btn--block");
    }
    if icon_only {
        class.push_str(" btn--icon");
    }
    class
}

fn icon_size(size: ButtonSize) -> u8 {
    if size == ButtonSize::Small { 14 } else { 16 }
}

/// A button with a word. While `busy` it keeps the focus and answers to nothing.
#[component]
pub fn Button(
    /// what it is for
    #[prop(optional)]
    kind: ButtonKind,
    /// how high it is
    #[prop(optional)]
    size: ButtonSize,
    /// an icon before the word
    #[prop(optional)]
    icon: Option<&'static str>,
    /// over the whole width
    #[prop(optional)]
    block: bool,
    /// sends the form it stands in
    #[prop(optional)]
    submit: bool,
    /// its work is under way
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// cannot be used now, and everybody sees why; else give the reason in `why_not`
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// why it cannot be used now: it stays in reach of the keyboard, and says so beside it when it is pressed
    #[prop(optional, into)]
    why_not: MaybeProp<String>,
    /// more about it on hover: what it will do
    #[prop(optional, into)]
    title: MaybeProp<String>,
    /// what it does
    #[prop(optional, into)]
    on_click: Option<Callback<MouseEvent>>,
    /// its word
    children: Children,
) -> impl IntoView {
    let asked = RwSignal::new(false);
    let why = Memo::new(move |_| why_not.get());
    let click = move |event: MouseEvent| {
        let held = why.with_untracked(Option::is_some);
        asked.set(held);
        if held || busy.get_untracked() {
            event.prevent_default();
        } else if let Some(callback) = on_click {
            callback.run(event);
        }
    };
    view! {
        {move || why.get().filter(|_| asked.get()).map(|why| view! { <span class="btn__why small" role="status">{why}</span> })}
        <button
            class=class(kind, size, block, false)
            type=if submit { "submit" } else { "button" }
            data-state=move || busy.get().then_some("busy")
            aria-busy=move || busy.get().then_some("true")
            disabled=move || disabled.get()
            aria-disabled=move || why.read().is_some().then_some("true")
            title=move || why.get().or_else(|| title.get())
            on:click=click
        >
            {move || icon.filter(|_| !busy.get()).map(|name| view! { <Icon name=name size=icon_size(size)/> })}
            {children()}
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub fn ButtonLink(
    /// where it goes
    #[prop(into)]
    href: Signal<String>,
    /// what it is for
    #[prop(optional)]
    kind: ButtonKind,
    /// how high it is
    #[prop(optional)]
    size: ButtonSize,
    /// an icon before the word
    #[prop(optional)]
    icon: Option<&'static str>,
    /// over the whole width
    #[prop(optional)]
    block: bool,
    /// no page of the app: the browser itself goes there
    #[prop(optional)]
    external: bool,
    /// its word
    children: Children,
) -> impl IntoView {
    view! {
        <a class=class(kind, size, block, false) href=move || href.get() rel=external.then_some("external")>
            {icon.map(|name| view! { <Icon name=name size=icon_size(size)/> })}
            {children()}
        </a>
    }
}

/// A button with an icon only; its name is spoken and shown on hover.
#[component]
pub fn IconButton(
    /// the icon
    #[prop(into)]
    icon: Signal<&'static str>,
    /// its name: the act and, in a list, the thing
    #[prop(into)]
    label: Signal<String>,
    /// what it is for
    #[prop(default = ButtonKind::Ghost)]
    kind: ButtonKind,
    /// how high it is
    #[prop(default = ButtonSize::Small)]
    size: ButtonSize,
    /// cannot be used now
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// what it does
    #[prop(optional, into)]
    on_click: Option<Callback<MouseEvent>>,
) -> impl IntoView {
    view! {
        <button
            class=class(kind, size, false, true)
            type="button"
            aria-label=move || label.get()
            title=move || label.get()
            disabled=move || disabled.get()
            on:click=move |event| {
                if let Some(callback) = on_click {
                    callback.run(event);
                }
            }
        >
            <Icon name=icon size=icon_size(size)/>
        </button>
    }
}
