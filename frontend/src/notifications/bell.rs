//! The bell of the top bar: how many are unread, and the newest.

use leptos::{ev, html, prelude::*};

use super::{queries, row};
use crate::query::use_mutation;
use crate::ui::{Button, ButtonKind, ButtonSize, EmptyState, Icon, SkeletonRows};

/// `no`, `1`, `12`, `99+`.
fn badge(unread: u64) -> Option<String> {
    match unread {
        0 => None,
        1..=99 => Some(unread.to_string()),
        _ => Some("99+".to_owned()),
    }
}

/// The button with its badge, and the list that hangs from it.
#[component]
pub fn Bell() -> impl IntoView {
    let newest = queries::use_newest();
    let unread = Memo::new(move |_| newest.data.with(|page| page.as_ref().map_or(0, |page| page.unread)));
    let open = RwSignal::new(false);
    let root: NodeRef<html::Div> = NodeRef::new();
    let button: NodeRef<html::Button> = NodeRef::new();
    let close = move |focus: bool| {
        open.set(false);
        if let (true, Some(button)) = (focus, button.get_untracked()) {
            let _ = button.focus();
        }
    };
    let outside = window_event_listener(ev::pointerdown, move |event| {
        if open.get_untracked() && !crate::web::is_within(root.get_untracked().as_deref(), event.target()) {
            open.set(false);
        }
    });
    on_cleanup(move || outside.remove());
    Effect::new(move |_| {
        if open.get() {
            request_animation_frame(move || {
                if let Some(root) = root.get_untracked() {
                    crate::web::focus_first(&root, ".bell__list a, .bell__list button, .bell__all");
                }
            });
        }
    });
    let name = move || match unread.get() {
        0 => t!("Notifications").to_owned(),
        n => t!("Notifications, {n} unread"; n),
    };
    let all_read = use_mutation(|()| queries::read(Vec::new()), move |()| ());
    view! {
        <div
            class="dropdown bell"
            node_ref=root
            on:keydown=move |event: ev::KeyboardEvent| if open.get_untracked() {
                match event.key().as_str() {
                    "Escape" => { event.stop_propagation(); close(true); }
                    "ArrowDown" => crate::web::focus_sibling(&event, true),
                    "ArrowUp" => crate::web::focus_sibling(&event, false),
                    _ => {}
                }
            }
            on:focusout=move |event| {
                let to = event.related_target();
                if to.is_some() && !crate::web::is_within(root.get_untracked().as_deref(), to) {
                    open.set(false);
                }
            }
        >
            <button
                node_ref=button
                class="btn btn--ghost btn--icon btn--sm"
                type="button"
                aria-haspopup="dialog"
                aria-expanded=move || if open.get() { "true" } else { "false" }
                aria-label=name
                title=name
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Icon name="bell"/>
                {move || badge(unread.get()).map(|text| view! { <span class="count count--solid bell__badge">{text}</span> })}
            </button>
            <span class="sr" role="status">{move || match unread.get() {
                0 => String::new(),
                1 => t!("1 unread notification").to_owned(),
                n => t!("{n} unread notifications"; n),
            }}</span>
            <Show when=move || open.get()>
                <div class="menu bell__menu" role="dialog" aria-label=t!("Notifications")>
                    <div class="bell__head">
                        <b>{t!("Notifications")}</b>
                        {move || (unread.get() > 0).then(|| view! {
                            <span class="push"><Button kind=ButtonKind::Ghost size=ButtonSize::Small busy=all_read.busy on_click=move |_| all_read.run.run(())>{t!("Mark all read")}</Button></span>
                        })}
                    </div>
                    <div class="bell__list">
                        {move || match (newest.data.get(), newest.error.get()) {
                            (Some(page), _) if page.items.is_empty() => view! { <EmptyState title=t!("Nothing new") text=t!("You are told here when somebody mentions you, or a test waits for you.") tight=true/> }.into_any(),
                            (Some(page), _) => page.items.into_iter().map(|note| row(note, Callback::new(move |()| close(false)))).collect_view().into_any(),
                            (None, Some(error)) => view! { <p class="bell__head muted" role="alert">{error.text()}</p> }.into_any(),
                            (None, None) => view! { <SkeletonRows rows=3/> }.into_any(),
                        }}
                    </div>
                    <a class="menu__item bell__all" href="/notifications" on:click=move |_| close(false)>{t!("All notifications")}</a>
                </div>
            </Show>
        </div>
    }
}

/// The unread ones on the home page; nothing where there are none.
#[component]
pub fn NotificationsCard() -> impl IntoView {
    let newest = queries::use_newest();
    let all_read = use_mutation(|()| queries::read(Vec::new()), move |()| ());
    let unread = Memo::new(move |_| {
        newest.data.with(|page| {
            page.as_ref()
                .map(|page| (page.unread, page.items.iter().filter(|note| note.read_at.is_none()).take(4).cloned().collect::<Vec<_>>()))
        })
    });
    move || {
        let (count, notes) = unread.get()?;
        (!notes.is_empty()).then(|| view! {
            <section class="card" aria-label=t!("Notifications")>
                <div class="card__head">
                    <h2>{t!("Notifications")}</h2><span class="count">{count}</span>
                    <span class="push"><Button kind=ButtonKind::Ghost size=ButtonSize::Small busy=all_read.busy on_click=move |_| all_read.run.run(())>{t!("Mark all read")}</Button></span>
                </div>
                <div class="notes">{notes.into_iter().map(|note| row(note, Callback::new(|()| ()))).collect_view()}</div>
                {(count > 4).then(|| view! { <a class="card__foot small" href="/notifications">{t!("All notifications")}</a> })}
            </section>
        })
    }
}

#[cfg(test)]
mod tests {
    use super::badge;

    #[test]
    fn the_badge_stays_small() {
        assert_eq!(badge(0), None);
        assert_eq!(badge(7).as_deref(), Some("7"));
        assert_eq!(badge(4_000).as_deref(), Some("99+"));
    }
}
