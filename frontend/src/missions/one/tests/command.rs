//! The command of a test filled with this run's values: pure parts and the card.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use serde_json::{Map, Value};
use tyrian_api_types::test_templates::Argument;
use tyrian_domain::command::{self, Piece, fill, pieces, plain};
use tyrian_domain::execution::TestField;

use super::form::TestForm;
use super::inputs::{NOTHING, Shell, attend};
use crate::ui::{Button, ButtonSize, CopyButton, Icon};

/// What each argument stands for in this run.
pub fn values(arguments: &BTreeMap<String, Argument>, own: &Value) -> BTreeMap<String, String> {
    command::values(arguments.iter().map(|(name, argument)| (name, argument.default.as_ref())), own.as_object().into_iter().flatten())
}

/// The arguments that a test asks for: those declared, and those that its texts name.
pub fn names(arguments: &BTreeMap<String, Argument>, texts: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = arguments.keys().cloned().collect();
    let mut known: BTreeSet<String> = names.iter().cloned().collect();
    for text in texts {
        for piece in pieces(text) {
            if let Piece::Argument(name) = piece
                && known.insert(name.to_owned())
            {
                names.push(name.to_owned());
            }
        }
    }
    names
}

/// The values with one argument set, or given back to its default.
fn with(own: &Value, name: &str, text: &str) -> Value {
    let mut map = own.as_object().cloned().unwrap_or_else(Map::new);
    if text.is_empty() {
        map.remove(name);
    } else {
        map.insert(name.to_owned(), Value::String(text.to_owned()));
    }
    Value::Object(map)
}

/// The command as it is to be run, with what is still missing set off.
fn marked(command: &str, values: &BTreeMap<String, String>) -> impl IntoView + use<> {
    pieces(command)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned().into_any(),
            Piece::Argument(name) => match values.get(name) {
                Some(value) => view! { <mark class="cmd__value" title=name.to_owned()>{value.clone()}</mark> }.into_any(),
                None => view! { <mark class="cmd__missing" title=t!("No value yet")>{format!("#{{{name}}}")}</mark> }.into_any(),
            },
        })
        .collect_view()
}

/// Arguments, and the command filled with them, ready to copy.
#[component]
pub fn Command(
    /// the opened test
    form: TestForm,
) -> impl IntoView {
    let content = form.plan();
    let command = StoredValue::new(content.command.clone().unwrap_or_default());
    let texts = [content.command.as_deref().unwrap_or_default(), content.cleanup.as_deref().unwrap_or_default()];
    let names = names(&content.arguments, &texts);
    let arguments = StoredValue::new(content.arguments.clone());
    let filled_values = Memo::new(move |_| arguments.with_value(|arguments| values(arguments, &form.value(TestField::ArgumentValues))));
    let filled = Signal::derive(move || command.with_value(|command| fill(command, &filled_values.read())));
    let missing = {
        let names = names.clone();
        Signal::derive(move || names.iter().filter(|name| !filled_values.read().contains_key(*name)).count())
    };
    let has_command = !content.command.as_deref().unwrap_or_default().trim().is_empty();
    let may_note = Memo::new(move |_| form.refusal(TestField::CommandRun).is_none());
    view! {
        {(!names.is_empty()).then(|| view! {
            <div class="stack stack--1">
                <h3>{t!("Arguments")}</h3>
                <div class="cmd__args">
                    {names.into_iter().map(|name| view! { <ArgumentInput form=form name=name arguments=arguments/> }).collect_view()}
                </div>
            </div>
        })}
        {has_command.then(|| view! {
            <div class="stack stack--1">
                <div class="row row--wrap">
                    <h3>{t!("Command")}</h3>
                    {move || (missing.get() > 0).then(|| view! {
                        <span class="small cmd__note"><Icon name="triangle-alert" size=14/>{missing.get()}{if missing.get() == 1 { t!(" value is missing") } else { t!(" values are missing") }}</span>
                    })}
                    <span class="push row row--1">
                        {move || may_note.get().then(|| view! {
                            <Button
                                size=ButtonSize::Small
                                icon="arrow-down"
                                title=t!("Copies it into “Command run” below")
                                on_click=move |_| {
                                    form.set(TestField::CommandRun, Value::String(filled.get_untracked()));
                                    form.save();
                                }
                            >{t!("Ran as is")}</Button>
                        })}
                        <CopyButton text=filled label=t!("Copy command")/>
                    </span>
                </div>
                <div class="code"><pre tabindex="0" aria-label=t!("Command with its values")>{move || command.with_value(|command| marked(command, &filled_values.read()))}</pre></div>
            </div>
        })}
    }
}

#[component]
fn ArgumentInput(
    /// the opened test
    form: TestForm,
    /// its name
    name: String,
    /// the declared ones
    arguments: StoredValue<BTreeMap<String, Argument>>,
) -> impl IntoView {
    let declared = arguments.with_value(|arguments| arguments.get(&name).cloned());
    let default = declared.as_ref().and_then(|argument| argument.default.as_ref()).map(plain).unwrap_or_default();
    let hint = declared.as_ref().map(|argument| {
        let what = argument.description.clone().unwrap_or_default();
        match argument.kind.as_deref().filter(|kind| !kind.is_empty() && *kind != "string") {
            Some(kind) if what.is_empty() => kind.to_owned(),
            Some(kind) => format!("{what} ({kind})"),
            None => what,
        }
    });
    let hint = hint.filter(|hint| !hint.is_empty());
    let (read, write) = (name.clone(), name.clone());
    let value = move || form.value(TestField::ArgumentValues).get(&read).map(plain).unwrap_or_default();
    view! {
        <Shell form=form field=TestField::ArgumentValues label=name hint=hint let:wiring>
            <input
                class="input input--sm input--mono"
                id=wiring.id
                type="text"
                autocomplete="off"
                spellcheck="false"
                placeholder=move || if wiring.disabled.get() { NOTHING.to_owned() } else { default.clone() }
                aria-describedby=wiring.described_by
                disabled=move || wiring.disabled.get()
                prop:value=value
                on:input:target=move |event| {
                    let now = untrack(|| form.value(TestField::ArgumentValues));
                    form.type_in(TestField::ArgumentValues, with(&now, &write, &event.target().value()));
                }
                on:blur=move |_| attend(form)
            />
        </Shell>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn argument(default: Option<Value>) -> Argument {
        Argument { description: None, kind: None, default }
    }

    #[test]
    fn a_command_takes_this_runs_values_then_the_defaults() {
        let arguments = BTreeMap::from([
            ("host".to_owned(), argument(Some("dc01".into()))),
            ("port".to_owned(), argument(Some(445.into()))),
            ("user".to_owned(), argument(None)),
        ]);
        let values = values(&arguments, &json!({ "host": "ws-7", "port": "", "other": 3 }));
        assert_eq!(fill("x #{host}:#{port} #{user} #{other}", &values), "x ws-7:445 #{user} 3");
    }

    #[test]
    fn an_argument_that_only_the_command_names_is_asked_for_too() {
        let arguments = BTreeMap::from([("host".to_owned(), argument(None))]);
        assert_eq!(names(&arguments, &["a #{host} #{out file}", "rm #{out file} #{tmp}"]), ["host", "out file", "tmp"]);
    }

    #[test]
    fn an_emptied_value_gives_way_to_the_default() {
        assert_eq!(with(&json!({ "a": 1 }), "b", "x"), json!({ "a": 1, "b": "x" }));
        assert_eq!(with(&json!({ "a": 1 }), "a", ""), json!({}));
        assert_eq!(with(&Value::Null, "a", "x"), json!({ "a": "x" }));
    }
}
