//! The arguments of a command: name, type, default, what it is. As values, as rows of inputs, and the editor of both.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tyrian_api_types::test_templates::Argument;
use tyrian_domain::command::plain;

use crate::form::FormErrors;
use crate::texts::tr;
use crate::ui::{Button, ButtonSize, Icon, IconButton, Select, TextInput};

const KINDS: [(&str, &str); 6] = [
    ("", mark!("Text")),
    ("string", mark!("String")),
    ("path", mark!("Path")),
    ("url", "URL"),
    ("integer", mark!("Integer")),
    ("float", mark!("Float")),
];

/// An argument as it is typed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ArgumentDraft {
    /// what stands in `#{…}`
    pub name: String,
    /// the code of its type
    pub kind: String,
    /// its value where nobody gives one
    pub default: String,
    /// what it is
    pub description: String,
    /// the value that `default` was made of: what nobody touches stays as it came, a number a number
    pub original: Option<Value>,
}

fn filled(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

impl ArgumentDraft {
    fn value(&self) -> Option<Value> {
        if let Some(original) = self.original.as_ref().filter(|original| plain(original) == self.default) {
            return Some(original.clone());
        }
        if self.default.is_empty() {
            return None;
        }
        let number = match self.kind.as_str() {
            "integer" => self.default.trim().parse::<i64>().ok().map(Value::from),
            "float" => self.default.trim().parse::<f64>().ok().map(Value::from),
            _ => None,
        };
        Some(number.unwrap_or_else(|| Value::String(self.default.clone())))
    }
}

/// Arguments as they are typed.
pub fn drafts(arguments: &BTreeMap<String, Argument>) -> Vec<ArgumentDraft> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let draft = |(name, argument): (&String, &Argument)| ArgumentDraft {
        name: name.clone(),
        kind: text(&argument.kind),
        default: argument.default.as_ref().map(plain).unwrap_or_default(),
        description: text(&argument.description),
        original: argument.default.clone(),
    };
    arguments.iter().map(draft).collect()
}

/// Arguments as they are sent.
pub fn map(drafts: &[ArgumentDraft]) -> BTreeMap<String, Argument> {
    let argument =
        |draft: &ArgumentDraft| Argument { description: filled(&draft.description), kind: filled(&draft.kind), default: draft.value() };
    drafts.iter().map(|draft| (draft.name.trim().to_owned(), argument(draft))).collect()
}

/// The first argument whose name is missing or stands twice, and why it cannot be.
pub fn fault(drafts: &[ArgumentDraft]) -> Option<(usize, &'static str)> {
    let mut seen = BTreeSet::new();
    drafts.iter().enumerate().find_map(|(index, argument)| match argument.name.trim() {
        "" => Some((index, t!("Name the argument, or take it out."))),
        name if !seen.insert(name.to_owned()) => Some((index, t!("This name stands twice. Give one of them another."))),
        _ => None,
    })
}

/// Arguments in words, one a line.
pub fn show(arguments: &[ArgumentDraft]) -> String {
    let line = |argument: &ArgumentDraft| {
        let mut text = format!("{} ({})", argument.name, if argument.kind.is_empty() { "text" } else { &argument.kind });
        if !argument.default.is_empty() {
            text += " = ";
            text += &argument.default;
        }
        if !argument.description.is_empty() {
            text += ": ";
            text += &argument.description;
        }
        text
    };
    arguments.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The names in `#{…}` that a command asks for, each once, in their order.
fn placeholders(command: &str) -> Vec<String> {
    let mut found = Vec::<String>::new();
    for part in command.split("#{").skip(1) {
        if let Some((name, _)) = part.split_once('}') {
            let good = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
            if good && !found.iter().any(|known| known == name) {
                found.push(name.to_owned());
            }
        }
    }
    found
}

/// An argument's inputs.
#[derive(Clone, Copy)]
struct ArgumentRow {
    key: u32,
    name: RwSignal<String>,
    kind: RwSignal<String>,
    default: RwSignal<String>,
    description: RwSignal<String>,
    original: StoredValue<Option<Value>>,
}

impl ArgumentRow {
    fn read(&self) -> ArgumentDraft {
        ArgumentDraft {
            name: self.name.get(),
            kind: self.kind.get(),
            default: self.default.get(),
            description: self.description.get(),
            original: self.original.get_value(),
        }
    }

    fn fill(&self, draft: ArgumentDraft) {
        self.name.set(draft.name);
        self.kind.set(draft.kind);
        self.default.set(draft.default);
        self.description.set(draft.description);
        self.original.set_value(draft.original);
    }
}

/// The inputs of all arguments; a copyable handle.
#[derive(Clone, Copy)]
pub struct ArgumentRows {
    rows: RwSignal<Vec<ArgumentRow>>,
    /// rows come and go while the form stays: their signals belong to the form
    owner: StoredValue<Owner>,
    next_key: StoredValue<u32>,
}

impl ArgumentRows {
    /// None yet.
    pub fn new() -> Self {
        Self {
            rows: RwSignal::new(Vec::new()),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
            next_key: StoredValue::new(0),
        }
    }

    fn row(self, draft: ArgumentDraft) -> ArgumentRow {
        self.next_key.update_value(|key| *key += 1);
        self.owner.get_value().with(|| ArgumentRow {
            key: self.next_key.get_value(),
            name: RwSignal::new(draft.name),
            kind: RwSignal::new(draft.kind),
            default: RwSignal::new(draft.default),
            description: RwSignal::new(draft.description),
            original: StoredValue::new(draft.original),
        })
    }

    /// What the inputs hold; tracked.
    pub fn read(self) -> Vec<ArgumentDraft> {
        self.rows.with(|rows| rows.iter().map(ArgumentRow::read).collect())
    }

    /// Fills the inputs. A row of the same name stays the same row: the focus may stand in it.
    pub fn write(self, drafts: Vec<ArgumentDraft>) {
        if untrack(|| self.read()) == drafts {
            return;
        }
        let mut old = self.rows.get_untracked();
        let mut row = |draft: ArgumentDraft| {
            let Some(at) = old.iter().position(|row| row.name.read_untracked().trim() == draft.name.trim()) else { return self.row(draft) };
            let row = old.remove(at);
            row.fill(draft);
            row
        };
        let rows = drafts.into_iter().map(&mut row).collect();
        self.rows.set(rows);
    }
}

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
pub fn Arguments(
    /// the inputs
    rows: ArgumentRows,
    /// what asks for arguments
    #[prop(into)]
    command: Signal<String>,
    /// `/arguments` for all, `/arguments#0` or `/arguments/{name}/…` for one
    errors: FormErrors,
    /// cannot be changed now
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// runs when the reader has changed something
    #[prop(optional, into)]
    on_change: Option<Callback<()>>,
) -> impl IntoView {
    let changed = move || {
        if let Some(callback) = on_change {
            callback.run(());
        }
    };
    let add = move |name: String| {
        let row = rows.row(ArgumentDraft { name, kind: "string".to_owned(), ..Default::default() });
        rows.rows.update(|rows| rows.push(row));
        changed();
        crate::web::focus_soon(".args > li:last-child input");
    };
    let remove = Callback::new(move |key: u32| {
        rows.rows.update(|rows| rows.retain(|other| other.key != key));
        changed();
    });
    let missing = Memo::new(move |_| {
        let known: Vec<String> = rows.rows.with(|rows| rows.iter().map(|row| row.name.get().trim().to_owned()).collect());
        placeholders(&command.read()).into_iter().filter(|name| !known.contains(name)).collect::<Vec<_>>()
    });
    view! {
        <div class="field" role="group" aria-label=t!("Arguments")>
            <span class="field__label" aria-hidden="true">{t!("Arguments")}</span>
            {move || (!rows.rows.read().is_empty()).then(|| view! {
                <div class="args__h hide-sm" aria-hidden="true"><span>{t!("Name")}</span><span>{t!("Type")}</span><span>{t!("Default")}</span><span>{t!("What it is")}</span></div>
            })}
            <ul class="args" on:input=move |_| changed() on:change=move |_| changed()>
                <For each=move || rows.rows.get() key=|row| row.key let:row>
                    <ArgumentFields row=row rows=rows errors=errors disabled=disabled on_remove=remove/>
                </For>
            </ul>
            {move || (!disabled.get()).then(|| view! {
                <div class="row row--wrap">
                    <Button size=ButtonSize::Small icon="plus" on_click=move |_| add(String::new())>{t!("Add an argument")}</Button>
                    {move || missing.get().into_iter().map(|name| {
                        let word = t!("Add {name}"; name);
                        view! { <Button size=ButtonSize::Small icon="plus" title=t!("The command asks for it") on_click=move |_| add(name.clone())>{word}</Button> }
                    }).collect_view()}
                </div>
            })}
            {move || errors.field("/arguments").get().map(|text| view! { <span class="field__error"><Icon name="circle-alert" size=14/>{text}</span> })}
        </div>
    }
}

#[component]
fn ArgumentFields(
    /// the inputs of one
    row: ArgumentRow,
    /// of all
    rows: ArgumentRows,
    /// what is wrong
    errors: FormErrors,
    /// cannot be changed now
    disabled: Signal<bool>,
    /// takes the row with this key out
    on_remove: Callback<u32>,
) -> impl IntoView {
    let place = Memo::new(move |_| rows.rows.read().iter().position(|other| other.key == row.key).map_or(0, |place| place + 1));
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
            <TextInput value=row.name label=label(t!("Name")) placeholder=t!("output_file") mono=true small=true disabled=disabled/>
            <Select value=row.kind options=kind_options label=label(t!("Type")) small=true disabled=disabled/>
            <TextInput value=row.default label=label(t!("Default")) placeholder=t!("Default") mono=true small=true disabled=disabled/>
            <TextInput value=row.description label=label(t!("Description")) placeholder=t!("What it is") small=true disabled=disabled/>
            <IconButton
                icon="x"
                label=Signal::derive(move || t!("Take argument {} out", place.get()))
                disabled=disabled
                on_click=move |_| on_remove.run(row.key)
            />
            {move || fault.get().map(|text| view! { <span class="field__error args__error" role="alert" tabindex="-1"><Icon name="circle-alert" size=14/>{text}</span> })}
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> ArgumentDraft {
        ArgumentDraft {
            name: "n".into(),
            kind: "string".into(),
            default: "80".into(),
            original: Some(Value::from(80)),
            ..Default::default()
        }
    }

    #[test]
    fn an_untouched_default_keeps_its_type() {
        let default = |draft: &ArgumentDraft| map(std::slice::from_ref(draft)).get("n").and_then(|argument| argument.default.clone());
        assert_eq!(default(&draft()), Some(Value::from(80)));
        let mut changed = draft();
        changed.default = "81".into();
        assert_eq!(default(&changed), Some(Value::from("81")));
        changed.kind = "integer".into();
        assert_eq!(default(&changed), Some(Value::from(81)));
    }

    #[test]
    fn what_is_read_and_not_touched_is_sent_as_it_came() {
        let arguments = BTreeMap::from([
            ("n".to_owned(), Argument { description: None, kind: Some("integer".to_owned()), default: Some(Value::from(80)) }),
            ("out".to_owned(), Argument { description: Some("Where to".to_owned()), kind: None, default: None }),
        ]);
        assert_eq!(map(&drafts(&arguments)), arguments);
    }

    #[test]
    fn placeholders_are_found_once_each() {
        assert_eq!(placeholders("a #{x} #{y} #{x} #{} #{no space} #{open"), ["x", "y"]);
    }

    #[test]
    fn an_argument_without_a_name_or_twice_is_a_fault() {
        let mut drafts = vec![draft()];
        assert_eq!(fault(&drafts), None);
        drafts.push(draft());
        assert_eq!(fault(&drafts).map(|fault| fault.0), Some(1));
        drafts[0].name = " ".into();
        assert_eq!(fault(&drafts).map(|fault| fault.0), Some(0));
    }
}
