//! Removing a piece of evidence for good, deleted before or not.

use leptos::prelude::*;
use tyrian_api_types::ErrorCode;
use uuid::Uuid;

use super::queries;
use crate::query::use_mutation;
use crate::ui::{RemovalDialog, use_toasts};

/// What is to go: its id, and its name, which has to be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doomed {
    /// the piece
    pub id: Uuid,
    /// the name of its file
    pub file_name: String,
}

/// Asks for the file's name, then removes it.
#[component]
pub fn PurgeEvidence(
    /// what is to go; taken away when the dialog closes
    target: RwSignal<Option<Doomed>>,
    /// runs when it is gone
    #[prop(into)]
    on_gone: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let name = RwSignal::new(String::new());
    let purge = use_mutation(
        |(id, name): (Uuid, String)| async move {
            queries::purge(id, name.clone()).await?;
            Ok(name)
        },
        move |name: String| {
            open.set(false);
            toasts.info(t!("{name} is gone for good"; name), None);
            on_gone.run(());
        },
    );
    Effect::new(move |_| {
        if let Some(one) = target.get() {
            purge.error.set(None);
            name.set(one.file_name);
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() && target.with_untracked(Option::is_some) {
            target.set(None);
        }
    });
    let error = Signal::derive(move || {
        purge.error.with(|error| {
            error.as_ref().map(|error| {
                if error.is(ErrorCode::NotFound) {
                    t!("It is gone for good already, or you are not in its mission.").to_owned()
                } else {
                    error.text()
                }
            })
        })
    });
    view! {
        <RemovalDialog
            open=open
            name=name
            rule=t!("Type the file’s name exactly as it is written")
            text=t!("The file is removed from the database and the disk. Nobody can bring it back, short of a backup. The audit log keeps who did it and the file’s hash.")
            busy=purge.busy
            error=error
            on_confirm=move |typed| if let Some(one) = target.get_untracked() { purge.run.run((one.id, typed)) }
        />
    }
}
