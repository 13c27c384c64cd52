//! Dialogs: the native element, which traps the focus and closes on Esc. A decision, never a page.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::{Banner, BannerKind, Button, ButtonKind, Icon, IconButton, next_id};

/// A dialog over the page while `open`. Its body is the children, its buttons are `foot`.
///
/// The focus goes to the first field (or the first button) and returns to where it was. The children are made anew at each opening.
#[component]
pub fn Dialog(
    /// shown while true; Esc and the cross set it to false
    open: RwSignal<bool>,
    /// what is decided
    #[prop(into)]
    title: Signal<String>,
    /// 880 px wide: two versions, a preview
    #[prop(optional)]
    wide: bool,
    /// something is about to go: says so to the screen reader at once
    #[prop(optional)]
    alert: bool,
    /// its own class, without head and padding: the title is only read aloud
    #[prop(optional)]
    bare: Option<&'static str>,
    /// an icon before the title
    #[prop(optional)]
    icon: Option<&'static str>,
    /// false: there is no cross, only the buttons lead out
    #[prop(default = true)]
    closable: bool,
    /// while true neither Esc nor the cross closes it
    #[prop(optional, into)]
    locked: Signal<bool>,
    /// the buttons
    #[prop(optional, into)]
    foot: Option<ViewFn>,
    /// runs when it was closed without a decision
    #[prop(optional, into)]
    on_close: Option<Callback<()>>,
    /// the body
    children: ChildrenFn,
) -> impl IntoView {
    let children = StoredValue::new(children);
    let foot = StoredValue::new(foot);
    view! {
        <Show when=move || open.get()>
            {
                let node: NodeRef<html::Dialog> = NodeRef::new();
                let (title_id, body_id) = (StoredValue::new(next_id("dialog")), StoredValue::new(next_id("dialog")));
                let before = crate::web::focused();
                Effect::new(move |_| {
                    if let Some(dialog) = node.get() {
                        request_animation_frame(move || {
                            if dialog.is_connected() && !dialog.open() {
                                let _ = dialog.show_modal();
                                // The browser takes the first button, which is the cross: the first field is what people came for.
                                if !alert {
                                    crate::web::focus_first(&dialog, ":is(.dialog__body, .dialog__bare) :is(input, select, textarea):not([disabled], [type=file])");
                                }
                            }
                        });
                    }
                });
                let before = StoredValue::new_local(before);
                on_cleanup(move || {
                    if let Some(element) = before.try_get_value().flatten() {
                        // Not yet: until the dialog is gone, what lies under it takes no focus.
                        request_animation_frame(move || {
                            let _ = element.focus();
                        });
                    }
                });
                let close = move || {
                    if !locked.get_untracked() {
                        open.set(false);
                        if let Some(callback) = on_close {
                            callback.run(());
                        }
                    }
                };
                view! {
                    <dialog
                        node_ref=node
                        class=match bare {
                            Some(own) => format!("dialog {own}"),
                            None => if wide { "dialog dialog--wide" } else { "dialog" }.to_owned(),
                        }
                        role=alert.then_some("alertdialog")
                        aria-labelledby=bare.is_none().then(|| title_id.get_value())
                        aria-label=move || bare.is_some().then(|| title.get())
                        aria-describedby=alert.then(|| body_id.get_value())
                        on:cancel=move |event: web_sys::Event| {
                            // A dialog, or a file picker in it, bubbles its own cancel.
                            if event.target() == event.current_target() {
                                event.prevent_default();
                                close();
                            }
                        }
                        on:keydown=move |event| {
                            // Keys of the page below stay out of a dialog.
                            if event.key() != "Escape" {
                                event.stop_propagation();
                            }
                        }
                    >
                        {bare.is_none().then(|| view! { <div class="dialog__head">
                            {icon.map(|name| {
                                // Red is for what goes: a plain question asks in the accent.
                                let class = if alert && name != "info" { "dialog__icon" } else { "dialog__icon dialog__icon--info" };
                                view! { <span class=class><Icon name=name/></span> }
                            })}
                            <h2 id=title_id.get_value()>{move || title.get()}</h2>
                            {(closable && !alert).then(|| view! { <span class="push"><IconButton icon="x" label=t!("Close") disabled=locked on_click=move |_| close()/></span> })}
                        </div> })}
                        <div class=if bare.is_some() { "dialog__bare" } else { "dialog__body" } id=body_id.get_value()>{children.with_value(|children| children())}</div>
                        {foot.with_value(|foot| foot.as_ref().map(|foot| view! { <div class="dialog__foot">{foot.run()}</div> }))}
                    </dialog>
                }
            }
        </Show>
    }
}

/// Asks before something goes: names it, says whether it comes back, and what stays if not.
#[component]
pub fn ConfirmDialog(
    /// shown while true
    open: RwSignal<bool>,
    /// “Delete the mission Paper Tiger?”
    #[prop(into)]
    title: Signal<String>,
    /// what goes with it and whether it can be undone
    #[prop(into)]
    text: Signal<String>,
    /// “Delete mission”
    #[prop(into)]
    confirm: Signal<String>,
    /// the way back
    #[prop(default = t!("Keep it").to_owned(), into)]
    keep: String,
    /// nothing is destroyed: a plain question
    #[prop(optional)]
    harmless: bool,
    /// stands under the text: a way to something better
    #[prop(optional, into)]
    more: Option<ViewFn>,
    /// its icon; else the one of deleting, or of a question
    #[prop(optional)]
    icon: Option<&'static str>,
    /// its work is under way
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// why it did not work
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// does it; close the dialog by setting `open` once it worked
    #[prop(into)]
    on_confirm: Callback<()>,
) -> impl IntoView {
    let (keep, more) = (StoredValue::new(keep), StoredValue::new(more));
    let (own, kind) = if harmless { ("info", ButtonKind::Primary) } else { ("trash-2", ButtonKind::Danger) };
    let icon = icon.unwrap_or(own);
    view! {
        <Dialog
            open=open
            title=title
            alert=true
            icon=icon
            locked=busy
            foot=move || view! {
                <Button on_click=move |_| if !busy.get_untracked() { open.set(false) }>{keep.get_value()}</Button>
                <Button kind=kind busy=busy on_click=move |_| on_confirm.run(())>{move || confirm.get()}</Button>
            }
        >
            <div class="stack stack--2">
                <p class="muted">{move || text.get()}</p>
                {more.with_value(|more| more.as_ref().map(ViewFn::run))}
                {move || error.get().map(|text| view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> })}
            </div>
        </Dialog>
    }
}

/// Does any dialog lie over the page? Keys of the page wait while one does.
pub fn dialog_is_open() -> bool {
    document().query_selector("dialog[open]").ok().flatten().is_some_and(|element| element.is_instance_of::<web_sys::HtmlDialogElement>())
}
