//! A menu that hangs from its button: a few acts, by arrow keys too.

use leptos::{ev, html, prelude::*};

use super::Icon;

/// Where the menu hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MenuPlace {
    /// below, right edges together
    #[default]
    End,
    /// above, left edges together
    Up,
}

/// The menu that an item stands in: is it open, and the button that opened it.
#[derive(Clone, Copy)]
struct MenuContext(RwSignal<bool>, NodeRef<html::Button>);

impl MenuContext {
    /// Closes the menu. The focus goes back to its button, where a dialog that the act opens will return it to.
    fn close(self) {
        self.0.set(false);
        if let Some(button) = self.1.get_untracked() {
            let _ = button.focus();
        }
    }
}

/// A button (`trigger` is what it shows) and its menu (the children: `MenuItem`s, `MenuLink`s, `MenuSeparator`s).
#[component]
pub fn Menu(
    /// the name of the button: “More actions”
    #[prop(into)]
    label: String,
    /// what the button shows
    #[prop(into)]
    trigger: ViewFn,
    /// the button's classes
    #[prop(default = "btn btn--ghost btn--icon btn--sm")]
    class: &'static str,
    /// where it hangs
    #[prop(optional)]
    place: MenuPlace,
    /// the items
    children: ChildrenFn,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let root: NodeRef<html::Div> = NodeRef::new();
    let button: NodeRef<html::Button> = NodeRef::new();
    let children = StoredValue::new(children);
    // Only while it is open: a long list has a menu in each row.
    let outside = StoredValue::new_local(None::<WindowListenerHandle>);
    let hear = move |on: bool| {
        let listener = on.then(|| {
            window_event_listener(ev::pointerdown, move |event| {
                if !crate::web::is_within(root.get_untracked().as_deref(), event.target()) {
                    open.set(false);
                }
            })
        });
        if let Some(before) = outside.try_update_value(|outside| std::mem::replace(outside, listener)).flatten() {
            before.remove();
        }
    };
    on_cleanup(move || hear(false));
    // Opening by keyboard or pointer puts the focus on the first item.
    Effect::new(move |_| {
        let open = open.get();
        hear(open);
        if open {
            request_animation_frame(move || {
                if let Some(root) = root.get_untracked() {
                    crate::web::focus_first(&root, "[role^=menuitem]");
                }
            });
        }
    });
    let keydown = move |event: ev::KeyboardEvent| {
        if !open.get_untracked() {
            return;
        }
        match event.key().as_str() {
            "Escape" => {
                event.stop_propagation();
                open.set(false);
                if let Some(button) = button.get_untracked() {
                    let _ = button.focus();
                }
            }
            "ArrowDown" => crate::web::focus_sibling(&event, true),
            "ArrowUp" => crate::web::focus_sibling(&event, false),
            "Tab" => open.set(false),
            _ => {}
        }
    };
    let place = match place {
        MenuPlace::End => "dropdown",
        MenuPlace::Up => "dropdown dropdown--up",
    };
    view! {
        <div class=place node_ref=root on:keydown=keydown>
            <button
                node_ref=button
                class=class
                type="button"
                aria-haspopup="menu"
                aria-expanded=move || if open.get() { "true" } else { "false" }
                aria-label=label.clone()
                title=label.clone()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {trigger.run()}
            </button>
            <Show when=move || open.get()>
                <div class="menu" role="menu" aria-label=label.clone()>
                    <leptos::context::Provider value=MenuContext(open, button)>{children.with_value(|children| children())}</leptos::context::Provider>
                </div>
            </Show>
        </div>
    }
}

/// An act in a menu.
#[component]
pub fn MenuItem(
    /// an icon before the word
    #[prop(optional)]
    icon: Option<&'static str>,
    /// it destroys something; a dialog asks first
    #[prop(optional)]
    danger: bool,
    /// is it the one in force; makes it a choice among others
    #[prop(optional, into)]
    checked: Option<Signal<bool>>,
    /// what it does
    #[prop(into)]
    on_select: Callback<()>,
    /// its word
    children: Children,
) -> impl IntoView {
    let menu = use_context::<MenuContext>();
    view! {
        <button
            class=if danger { "menu__item menu__item--danger" } else { "menu__item" }
            type="button"
            role=if checked.is_some() { "menuitemradio" } else { "menuitem" }
            aria-checked=move || checked.map(|checked| if checked.get() { "true" } else { "false" })
            on:click=move |_| {
                if let Some(menu) = menu {
                    menu.close();
                }
                on_select.run(());
            }
        >
            {icon.map(|name| view! { <Icon name=name/> })}
            <span class="grow">{children()}</span>
            {move || checked.filter(Signal::get).map(|_| view! { <Icon name="check" size=14/> })}
        </button>
    }
}

/// A link in a menu.
#[component]
pub fn MenuLink(
    /// where it goes
    #[prop(into)]
    href: String,
    /// an icon before the word
    #[prop(optional)]
    icon: Option<&'static str>,
    /// its word
    children: Children,
) -> impl IntoView {
    let menu = use_context::<MenuContext>();
    view! {
        <a
            class="menu__item"
            role="menuitem"
            href=href
            on:click=move |_| {
                if let Some(menu) = menu {
                    menu.0.set(false);
                }
            }
        >
            {icon.map(|name| view! { <Icon name=name/> })}
            <span class="grow">{children()}</span>
        </a>
    }
}

/// A heading between items.
#[component]
pub fn MenuGroup(
    /// its words
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! { <div class="menu__group overline" role="presentation">{label}</div> }
}

/// A line between items.
#[component]
pub fn MenuSeparator() -> impl IntoView {
    view! { <div class="menu__sep" role="separator"></div> }
}
