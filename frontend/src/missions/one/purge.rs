//! Removing a mission for good.

use leptos::prelude::*;

use super::Here;
use crate::missions::queries;
use crate::missions::url::use_url;
use crate::query::use_mutation;
use crate::ui::{RemovalDialog, count, use_toasts};

/// Asks for the mission's name, then removes it.
#[component]
pub fn PurgeDialog(
    /// the mission
    here: Here,
    /// shown while true
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = use_toasts();
    let url = use_url();
    let purge = use_mutation(
        move |name: String| {
            let id = here.id.get_untracked();
            async move { Ok((queries::purge(&id, name.clone()).await?, name)) }
        },
        move |(gone, name): (tyrian_api_types::purge::Tombstone, String)| {
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
            purge.error.set(None);
        }
    });
    view! {
        <RemovalDialog
            open=open
            name=Signal::derive(move || here.name())
            rule=t!("Type the mission’s name exactly as it is written")
            text=t!("The mission, its tests, comments, timeline and evidence are removed from the database and the disk. Nobody can bring them back, short of a backup. The audit log keeps who did it and a hash of what was there.")
            busy=purge.busy
            error=Signal::derive(move || purge.error.get().map(|error| error.text()))
            on_confirm=move |name| purge.run.run(name)
        />
    }
}
