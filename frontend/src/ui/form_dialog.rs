//! Dialogs with a form in them, and what a form has made that is shown this once.

use leptos::{ev, prelude::*};

use super::{Banner, BannerKind, Button, ButtonKind, Code, Dialog};

/// A form over the page: its fields are the children, “Cancel” and the act stand in its foot. Enter in a line sends it, and so
/// does Ctrl or ⌘ with Enter anywhere in it.
#[component]
pub fn FormDialog(
    /// shown while true
    open: RwSignal<bool>,
    /// what is written
    #[prop(into)]
    title: Signal<String>,
    /// what sends it: “Save tool”
    #[prop(into)]
    act: Signal<String>,
    /// 880 px wide
    #[prop(optional)]
    wide: bool,
    /// its work is under way: nothing closes it
    #[prop(into)]
    busy: Signal<bool>,
    /// why it was not taken, where no field says so
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// sends it; close the dialog by setting `open` once it worked
    #[prop(into)]
    on_submit: Callback<()>,
    /// runs when “Cancel” has closed it
    #[prop(optional, into)]
    on_cancel: Option<Callback<()>>,
    /// has it made what is shown this once? Then that takes the form's place, and only one button leads out, no slip of a key
    #[prop(optional, into)]
    made: Signal<bool>,
    /// shows it
    #[prop(optional, into)]
    once: ViewFn,
    /// leads out of it
    #[prop(default = t!("Done"))]
    done: &'static str,
    /// the fields
    children: ChildrenFn,
) -> impl IntoView {
    let (children, once) = (StoredValue::new(children), StoredValue::new(once));
    let cancel = move || {
        if !busy.get_untracked() {
            open.set(false);
            if let Some(callback) = on_cancel {
                callback.run(());
            }
        }
    };
    let send = move || {
        if !busy.get_untracked() {
            on_submit.run(());
        }
    };
    let chord = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            send();
        }
    };
    view! {
        <Dialog
            open=open
            title=title
            wide=wide
            locked=Signal::derive(move || made.get() || busy.get())
            foot=move || view! {
                {move || if made.get() {
                    view! { <Button kind=ButtonKind::Primary on_click=move |_| open.set(false)>{done}</Button> }.into_any()
                } else {
                    view! {
                        <Button on_click=move |_| cancel()>{t!("Cancel")}</Button>
                        <Button kind=ButtonKind::Primary busy=busy on_click=move |_| send()>{move || act.get()}</Button>
                    }
                    .into_any()
                }}
            }
        >
            {move || if made.get() {
                once.with_value(ViewFn::run)
            } else {
                view! {
                    <form
                        class="stack"
                        novalidate
                        on:submit=move |event| { event.prevent_default(); send(); }
                        on:keydown=chord
                    >
                        {move || error.get().map(|text| view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> })}
                        {children.with_value(|children| children())}
                        // Enter in a line needs a submit button in the form; the one to see stands in the foot.
                        <button class="sr" type="submit" tabindex="-1" aria-hidden="true">{move || act.get()}</button>
                    </form>
                }
                .into_any()
            }}
        </Dialog>
    }
}

/// What is shown this once: a warning, the secret with a button that copies it, and under it what else is to be known.
#[component]
pub fn ShownOnce(
    /// what it is: a key, a link
    #[prop(default = "key")]
    icon: &'static str,
    /// that it is not shown again, and what who has it can do
    #[prop(into)]
    warning: String,
    /// the texts to copy, each with its name
    secrets: Vec<(&'static str, String)>,
    /// what else is to be known
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="stack">
            <Banner kind=BannerKind::Warn icon=icon><span>{warning}</span></Banner>
            {secrets
                .into_iter()
                .map(|(name, text)| view! { <div class="stack stack--1"><span class="field__label">{name}</span><Code text=text/></div> })
                .collect_view()}
            {children.map(|children| children())}
        </div>
    }
}
