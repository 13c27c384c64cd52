//! What the mission is about: its long texts.

use leptos::prelude::*;

use super::Here;
use super::fields::Field;
use crate::ui::{EmptyState, KeyValues, Markdown, Pair, Time, TimeFormat};

/// The texts that there are, and who made the mission.
#[component]
pub fn About(
    /// the mission
    here: Here,
) -> impl IntoView {
    const TEXTS: [Field; 5] = [Field::ExecutiveSummary, Field::Objectives, Field::Description, Field::Scope, Field::ThreatModel];
    let texts = Memo::new(move |_| {
        here.read(|data| {
            TEXTS
                .into_iter()
                .map(|field| (field.label(), field.of(&data.value)))
                .filter(|text| !text.1.trim().is_empty())
                .collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    let made = Memo::new(move |_| {
        here.read(|data| {
            (
                data.value.head.created_by.as_ref().map(|by| by.display_name.clone()),
                data.value.head.created_at,
                data.value.head.updated_at,
                data.value.head.attack_version.clone(),
            )
        })
    });
    view! {
        <section class="card" aria-label=t!("About this mission")>
            <div class="card__head"><h2>{t!("About this mission")}</h2></div>
            {move || {
                let texts = texts.get();
                if texts.is_empty() {
                    let text = if here.may_edit.get() { t!("Say what it is to find out and what is in scope: Edit details, in the menu above.") } else { t!("Its objectives and scope have not been written down.") };
                    view! { <EmptyState title=t!("Nothing written yet") text=text tight=true/> }.into_any()
                } else {
                    view! {
                        <div class="card__body stack">
                            {texts.into_iter().map(|(label, text)| view! { <div class="stack stack--1"><h3>{label}</h3><Markdown text=text/></div> }).collect_view()}
                        </div>
                    }
                    .into_any()
                }
            }}
            {move || made.get().map(|(by, at, changed, attack)| view! {
                <div class="card__foot about__foot">
                    <KeyValues>
                        <Pair label=t!("Made")>{by.map(|by| format!("{by}, "))}<Time at=at format=TimeFormat::Full/></Pair>
                        <Pair label=t!("Changed")><Time at=changed/></Pair>
                        <Pair label=t!("ATT&CK")>{attack.map_or_else(|| t!("There was no catalogue when it was made").to_owned(), |version| t!("Enterprise v{version}, as when it was made"; version))}</Pair>
                    </KeyValues>
                </div>
            })}
        </section>
    }
}
