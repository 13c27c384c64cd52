//! A defence tool that the list lacks, added where it is missed.

use leptos::prelude::*;
use tyrian_api_types::defence_tools::DefenceToolCreate;

use super::queries;
use crate::form::FormErrors;
use crate::query::use_mutation;
use crate::ui::{Banner, BannerKind, Button, ButtonKind, ButtonSize, Field, TextInput};

/// A tool that is not in the list yet.
#[component]
pub fn AddTool(
    /// are its fields shown
    adding: RwSignal<bool>,
    /// takes the new one
    tool: RwSignal<String>,
) -> impl IntoView {
    let (name, kind) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let errors = FormErrors::new();
    let add = use_mutation(
        |request: DefenceToolCreate| async move { queries::add_defence_tool(&request).await },
        move |made| {
            adding.set(false);
            name.set(String::new());
            tool.set(made.id.to_string());
        },
    );
    Effect::new(move |_| {
        if let Some(error) = add.error.get() {
            errors.take(&error);
        }
    });
    move || {
        if adding.get() {
            view! {
                <div class="stack stack--2 addtool">
                    {move || errors.general().get().map(|text| view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> })}
                    <div class="pair">
                        <Field label=t!("Name of the tool") error=errors.field("/name") required=true><TextInput value=name autocomplete="off"/></Field>
                        <Field label=t!("What it is") error=errors.field("/kind") required=true><TextInput value=kind placeholder=t!("EDR, SIEM, proxy") autocomplete="off"/></Field>
                    </div>
                    <div class="row">
                        <Button size=ButtonSize::Small busy=add.busy on_click=move |_| {
                            let request = DefenceToolCreate { name: name.get_untracked().trim().to_owned(), vendor: None, kind: kind.get_untracked().trim().to_owned() };
                            if errors.check(&request) { add.run.run(request) }
                        }>{t!("Add this tool")}</Button>
                        <Button kind=ButtonKind::Ghost size=ButtonSize::Small on_click=move |_| adding.set(false)>{t!("Never mind")}</Button>
                    </div>
                </div>
            }
            .into_any()
        } else {
            view! { <div><Button kind=ButtonKind::Ghost size=ButtonSize::Small icon="plus" on_click=move |_| adding.set(true)>{t!("A tool that is not in the list")}</Button></div> }.into_any()
        }
    }
}
