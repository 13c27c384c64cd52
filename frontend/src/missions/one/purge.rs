//! Removing a mission for good: its name typed again, so that no slip of a hand does it.

use leptos::prelude::*;

use super::Here;
use crate::missions::queries;
use crate::missions::url::use_url;
use crate::query::use_mutation;
use crate::ui::{Banner, BannerKind, Button, ButtonKind, Dialog, Field, TextInput, count, use_toasts};

/// Asks for the name, then removes.
#[component]
pub fn PurgeDialog(
    /// the mission
    here: Here,
    /// shown while true
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = use_toasts();
    let url = use_url();
    let typed = RwSignal::new(String::new());
    let name = Signal::derive(move || here.name());
    let purge = use_mutation(
        move |()| {
            let (id, name) = (here.id.get_untracked(), typed.get_untracked());
            async move { queries::purge(&id, name).await }
        },
        move |gone: tyrian_api_types::purge::Tombstone| {
            let name = typed.get_untracked();
            open.set(false);
            let what = t!("{} and {} went with it.", count(gone.tests, "test", "tests"), count(gone.files, "file", "files"));
            toasts.info(t!("{name} is gone for good"; name), Some(what));
            // the page goes first: nothing on it may ask for what is gone
            url.go("/missions");
            queries::refresh_all();
        },
    );
    Effect::new(move |_| {
        if open.get() {
            typed.set(String::new());
            purge.error.set(None);
        }
    });
    let why_not =
        Signal::derive(move || (*typed.read() != name.get()).then(|| t!("Type the mission’s name exactly as it is written").to_owned()));
    view! {
        <Dialog
            open=open
            title=Signal::derive(move || t!("Remove {} for good?", name.get()))
            icon="trash-2"
            locked=purge.busy
            foot=move || view! {
                <Button on_click=move |_| open.set(false)>{t!("Keep it")}</Button>
                <Button kind=ButtonKind::Danger busy=purge.busy why_not=why_not on_click=move |_| purge.run.run(())>{t!("Remove for good")}</Button>
            }
        >
            <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); if why_not.get_untracked().is_none() { purge.run.run(()); } }>
                {move || purge.error.get().map(|error| view! { <Banner kind=BannerKind::Error><span>{error.text()}</span></Banner> })}
                <p class="muted">{t!("The mission, its tests, comments, timeline and evidence are removed from the database and the disk. Nobody can bring them back, short of a backup. The audit log keeps who did it and a hash of what was there.")}</p>
                <Field label=Signal::derive(move || t!("Type {} to confirm", name.get()))>
                    <TextInput value=typed autocomplete="off"/>
                </Field>
            </form>
        </Dialog>
    }
}
