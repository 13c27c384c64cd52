//! The arguments of the command: name, type, default, what it is.

use leptos::prelude::*;

use super::form::{ArgumentDraft, ArgumentRow, TestForm, placeholders};
use crate::form::FormErrors;
use crate::texts::tr;
use crate::ui::{Button, ButtonSize, Icon, IconButton, Select, TextInput};

const KINDS: [(&str, &str); 6] =
    [("", mark!("Text")), ("string", mark!("String")), ("path", mark!("Path")), ("url", "URL"), ("integer", mark!("Integer")), ("float", mark!("Float"))];

/// The words of the types; one that an import brought and that is not among them stays a choice.
fn kinds(now: &str) -> Vec<(String, String)> {
    let mut kinds: Vec<(String, String)> = KINDS.iter().map(|(code, word)| ((*code).to_owned(), tr(word).to_owned())).collect();
    if !KINDS.iter().any(|kind| kind.0 == now) {
        kinds.push((now.to_owned(), now.to_owned()));
    }
    kinds
}

/// The rows, and what the command asks for but has no row yet.
#[component]
pub fn Arguments(form: TestForm, errors: FormErrors) -> impl IntoView {
    let add = move |name: String| {
        let row = form.argument_row(ArgumentDraft { name, kind: "string".to_owned(), ..Default::default() });
        form.arguments.update(|rows| rows.push(row));
        crate::web::focus_soon(".args > li:last-child input");
    };
    let missing = Memo::new(move |_| {
        let known: Vec<String> = form.arguments.with(|rows| rows.iter().map(|row| row.name.get().trim().to_owned()).collect());
        placeholders(&form.command.read()).into_iter().filter(|name| !known.contains(name)).collect::<Vec<_>>()
    });
    view! {
        <div class="field">
            <span class="field__label">{t!("Arguments")}</span>
            {move || (!form.arguments.read().is_empty()).then(|| view! {
                <div class="args__h hide-sm" aria-hidden="true"><span>{t!("Name")}</span><span>{t!("Type")}</span><span>{t!("Default")}</span><span>{t!("What it is")}</span></div>
            })}
            <ul class="args">
                <For each=move || form.arguments.get() key=|row| row.key let:row>
                    <ArgumentFields row=row form=form errors=errors/>
                </For>
            </ul>
            <div class="row row--wrap">
                <Button size=ButtonSize::Small icon="plus" on_click=move |_| add(String::new())>{t!("Add an argument")}</Button>
                {move || missing.get().into_iter().map(|name| {
                    let word = t!("Add {name}"; name);
                    view! { <Button size=ButtonSize::Small icon="plus" title=t!("The command asks for it") on_click=move |_| add(name.clone())>{word}</Button> }
                }).collect_view()}
            </div>
            {move || errors.field("/arguments").get().map(|text| view! { <span class="field__error"><Icon name="circle-alert" size=14/>{text}</span> })}
        </div>
    }
}

#[component]
fn ArgumentFields(row: ArgumentRow, form: TestForm, errors: FormErrors) -> impl IntoView {
    let place = Memo::new(move |_| form.arguments.read().iter().position(|other| other.key == row.key).map_or(0, |place| place + 1));
    let label = move |what: &'static str| Signal::derive(move || Some(t!("{} of argument {}", what, place.get())));
    let pointer = move |rest: &str| format!("/arguments/{}{rest}", row.name.get().trim().replace('~', "~0").replace('/', "~1"));
    let faults = [
        errors.at(move || format!("/arguments#{}", place.get().saturating_sub(1))),
        errors.at(move || pointer("")),
        errors.at(move || pointer("/type")),
        errors.at(move || pointer("/default")),
        errors.at(move || pointer("/description")),
    ];
    let fault = Signal::derive(move || faults.iter().find_map(Signal::get));
    let kind_options = Signal::derive(move || kinds(&row.kind.read()));
    view! {
        <li data-invalid=move || fault.get().map(|_| "")>
            <TextInput value=row.name label=label(t!("Name")) placeholder=t!("output_file") mono=true small=true/>
            <Select value=row.kind options=kind_options label=label(t!("Type")) small=true/>
            <TextInput value=row.default label=label(t!("Default")) placeholder=t!("Default") mono=true small=true/>
            <TextInput value=row.description label=label(t!("Description")) placeholder=t!("What it is") small=true/>
            <IconButton
                icon="x"
                label=Signal::derive(move || t!("Take argument {} out", place.get()))
                on_click=move |_| form.arguments.update(|rows| rows.retain(|other| other.key != row.key))
            />
            {move || fault.get().map(|text| view! { <span class="field__error args__error" role="alert" tabindex="-1"><Icon name="circle-alert" size=14/>{text}</span> })}
        </li>
    }
}
