//! Inputs of fields that are lists: labels and platforms as chips, references one a line, the arguments of the command.
//!
//! They are those of the library's editors. Such an input holds what is typed in its own shape; what the reader changes goes to
//! the form, and what comes to the form from elsewhere (a save of somebody else, a choice of two versions) comes back.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde_json::Value;
use tyrian_api_types::test_templates::Argument;
use tyrian_domain::execution::TestField;

use super::form::TestForm;
use super::inputs::{Shell, attend};
use super::values::label as name_of;
use crate::form::FormErrors;
use crate::templates::arguments::{self, ArgumentDraft, ArgumentRows, Arguments};
use crate::templates::chips::ChipsField;
use crate::templates::words::lines;

/// The texts of a list.
fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A list of texts as a value.
fn list(texts: &[String]) -> Value {
    Value::Array(texts.iter().cloned().map(Value::String).collect())
}

/// The arguments that a value declares.
pub fn declared(value: &Value) -> BTreeMap<String, Argument> {
    serde_json::from_value(value.clone()).unwrap_or_default()
}

/// Why a field cannot be written, else what helps to fill it in.
fn hint_of(form: TestForm, field: TestField, hint: &'static str) -> Signal<String> {
    Signal::derive(move || form.refusal(field).unwrap_or_else(|| hint.to_owned()))
}

/// Short words as chips.
#[component]
pub fn Words(
    /// the opened test
    form: TestForm,
    /// the field
    field: TestField,
    /// words that are offered while typing
    #[prop(optional)]
    offer: &'static [&'static str],
    /// an example
    #[prop(optional)]
    placeholder: &'static str,
) -> impl IntoView {
    let saved = Memo::new(move |_| texts(&form.value(field)));
    let words = RwSignal::new(saved.get_untracked());
    Effect::new(move |_| {
        let saved = saved.get();
        if *words.read_untracked() != saved {
            words.set(saved);
        }
    });
    view! {
        <ChipsField
            label=name_of(field)
            values=words
            offer=offer
            placeholder=placeholder
            hint=hint_of(form, field, t!("Enter adds one"))
            error=Signal::derive(move || form.fault(field))
            disabled=Signal::derive(move || form.refusal(field).is_some())
            on_change=move |()| form.choose(field, words.with_untracked(|words| list(words)))
        />
    }
}

/// Texts, one a line.
#[component]
pub fn Lines(
    /// the opened test
    form: TestForm,
    /// the field
    field: TestField,
    /// what helps to fill it in
    hint: &'static str,
) -> impl IntoView {
    let saved = Memo::new(move |_| texts(&form.value(field)));
    let text = RwSignal::new(saved.get_untracked().join("\n"));
    Effect::new(move |_| {
        let saved = saved.get();
        // A line that has just been begun is no text yet: it stays where it is typed.
        if text.with_untracked(|text| lines(text)) != saved {
            text.set(saved.join("\n"));
        }
    });
    view! {
        <Shell form=form field=field hint=Some(hint.to_owned()) let:wiring>
            <textarea
                class="textarea"
                id=wiring.id
                rows="3"
                spellcheck="false"
                placeholder=move || wiring.disabled.get().then_some(t!("Nothing written"))
                aria-describedby=move || wiring.described_by.get()
                aria-invalid=move || wiring.invalid.get()
                disabled=move || wiring.disabled.get()
                prop:value=move || text.get()
                on:input:target=move |event| {
                    text.set(event.target().value());
                    form.type_in(field, text.with_untracked(|text| list(&lines(text))));
                }
                on:blur=move |_| attend(form)
            ></textarea>
        </Shell>
    }
}

/// The rows of arguments in a plan that is written; a copyable handle.
#[derive(Clone, Copy)]
pub struct PlannedRows {
    form: TestForm,
    rows: ArgumentRows,
    errors: FormErrors,
}

impl PlannedRows {
    /// Of a test: its arguments, and what comes to them from elsewhere.
    pub fn of(form: TestForm) -> Self {
        let this = Self { form, rows: ArgumentRows::new(), errors: FormErrors::new() };
        let saved = Memo::new(move |_| declared(&form.value(TestField::Arguments)));
        this.rows.write(arguments::drafts(&saved.get_untracked()));
        Effect::new(move |_| {
            let saved = saved.get();
            let own = untrack(|| this.rows.read());
            // What is typed is not what is sent (“1.” is 1.0): it is touched only where it stands for something else.
            let named: Vec<ArgumentDraft> =
                own.iter().enumerate().filter(|(at, _)| is_named(&own, *at)).map(|(_, one)| one.clone()).collect();
            if arguments::map(&named) != saved {
                this.rows.write(joined(own, &saved));
            }
        });
        let fault = Memo::new(move |_| form.fault(TestField::Arguments));
        Effect::new(move |_| {
            let fault = fault.get();
            this.errors.clear();
            if let Some(text) = fault {
                this.errors.add("/arguments", text);
            }
        });
        this
    }

    /// Takes what the reader has changed; held back while an argument has no name of its own, since it could not be kept.
    fn take(self) {
        let drafts = untrack(|| self.rows.read());
        if let Some((at, _)) = arguments::fault(&drafts) {
            // A row that has just been added is no fault yet.
            if drafts.get(at).is_some_and(|draft| !is_blank(draft)) {
                self.check();
            }
            return;
        }
        self.errors.clear();
        if let Ok(value) = serde_json::to_value(arguments::map(&drafts)) {
            self.form.type_in(TestField::Arguments, value);
        }
    }

    /// Says what is in the way of the arguments; true where nothing is.
    fn check(self) -> bool {
        let Some((index, text)) = untrack(|| arguments::fault(&self.rows.read())) else { return true };
        self.errors.clear();
        self.errors.add(&format!("/arguments#{index}"), t!("{text} Until then the arguments are not saved."; text));
        false
    }

    /// True where nothing is in the way of the arguments, or they cannot be written any more; else the reader is led there.
    pub fn is_whole(self) -> bool {
        let whole = untrack(|| self.form.refusal(TestField::Arguments)).is_some() || self.check();
        if !whole {
            crate::web::focus_soon(".args > li[data-invalid] input");
        }
        whole
    }
}

/// Has nothing been written in it?
fn is_blank(draft: &ArgumentDraft) -> bool {
    [&draft.name, &draft.default, &draft.description].into_iter().all(|text| text.trim().is_empty())
}

/// Has the argument at this place a name, and no one before it the same?
fn is_named(drafts: &[ArgumentDraft], at: usize) -> bool {
    let name = |draft: &ArgumentDraft| draft.name.trim().to_owned();
    drafts.get(at).map(name).is_some_and(|own| !own.is_empty() && !drafts.iter().take(at).any(|before| name(before) == own))
}

/// The rows once others have written: in the reader's order, what came behind. What has no name of its own yet stays where it is.
fn joined(own: Vec<ArgumentDraft>, saved: &BTreeMap<String, Argument>) -> Vec<ArgumentDraft> {
    let mut left = arguments::drafts(saved);
    let mut rows = Vec::new();
    for (at, draft) in own.iter().enumerate() {
        if !is_named(&own, at) {
            rows.push(draft.clone());
        } else if let Some(found) = left.iter().position(|other| other.name == draft.name.trim()) {
            rows.push(left.remove(found));
        }
    }
    rows.extend(left);
    rows
}

/// The arguments of the command.
#[component]
pub fn PlannedArguments(
    /// the opened test
    form: TestForm,
    /// its rows
    rows: PlannedRows,
    /// the command as it is written
    command: Memo<String>,
) -> impl IntoView {
    let locked = Memo::new(move |_| form.refusal(TestField::Arguments));
    view! {
        <div
            title=move || locked.get()
            on:focusout=move |_| attend(form)
        >
            <Arguments
                rows=rows.rows
                command=command
                errors=rows.errors
                disabled=Signal::derive(move || locked.read().is_some())
                on_change=move |()| rows.take()
            />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_go_to_their_value_and_back() {
        let value = json!(["https://a", "b"]);
        assert_eq!(list(&texts(&value)), value);
        assert_eq!(texts(&Value::Null), Vec::<String>::new());
        let value = json!({ "host": { "description": null, "type": "string", "default": 445 } });
        assert_eq!(serde_json::to_value(arguments::map(&arguments::drafts(&declared(&value)))).unwrap(), value);
    }

    #[test]
    fn what_others_write_joins_the_rows_in_the_readers_order() {
        let draft = |name: &str| ArgumentDraft { name: name.to_owned(), ..Default::default() };
        let names = |drafts: &[ArgumentDraft]| drafts.iter().map(|draft| draft.name.clone()).collect::<Vec<_>>();
        let own = vec![draft("z"), draft(""), draft(" z "), draft("gone"), draft("b")];
        assert_eq!((0..own.len()).map(|at| is_named(&own, at)).collect::<Vec<_>>(), [true, false, false, true, true]);
        let saved = arguments::map(&[draft("a"), draft("b"), draft("z")]);
        assert_eq!(names(&joined(own, &saved)), ["z", "", " z ", "b", "a"]);
    }
}
