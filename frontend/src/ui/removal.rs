//! Removing for good what nobody can bring back: its name typed again, so that no slip of a hand does it.

use leptos::prelude::*;

use super::{Banner, BannerKind, Button, ButtonKind, Dialog, Field, TextInput};

/// Asks for the name of what is to go, then removes it.
#[component]
pub fn RemovalDialog(
    /// shown while true
    open: RwSignal<bool>,
    /// the name, exactly as it has to be typed
    #[prop(into)]
    name: Signal<String>,
    /// “Type the mission’s name exactly as it is written”
    rule: &'static str,
    /// what goes with it, and what stays
    text: &'static str,
    /// its work is under way
    #[prop(into)]
    busy: Signal<bool>,
    /// why it did not work
    #[prop(into)]
    error: Signal<Option<String>>,
    /// does it, with the name as it was typed; close the dialog by setting `open` once it worked
    #[prop(into)]
    on_confirm: Callback<String>,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    Effect::new(move |_| {
        if open.get() {
            typed.set(String::new());
        }
    });
    let why_not = Signal::derive(move || (*typed.read() != *name.read()).then(|| rule.to_owned()));
    let remove = move || {
        if why_not.get_untracked().is_none() && !busy.get_untracked() {
            on_confirm.run(typed.get_untracked());
        }
    };
    view! {
        <Dialog
            open=open
            title=Signal::derive(move || t!("Remove {} for good?", name.get()))
            icon="trash-2"
            locked=busy
            foot=move || view! {
                <Button on_click=move |_| open.set(false)>{t!("Keep it")}</Button>
                <Button kind=ButtonKind::Danger busy=busy why_not=why_not on_click=move |_| remove()>{t!("Remove for good")}</Button>
            }
        >
            <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); remove(); }>
                {move || error.get().map(|text| view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> })}
                <p class="muted">{text}</p>
                <Field label=Signal::derive(move || t!("Type {} to confirm", name.get()))>
                    <TextInput value=typed autocomplete="off"/>
                </Field>
            </form>
        </Dialog>
    }
}
