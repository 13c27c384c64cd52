//! Two versions of a test, field by field: the reader chooses one of each or writes a third. Nothing is lost until it is saved.

use leptos::prelude::*;
use serde_json::Value;
use tyrian_domain::command::plain;
use tyrian_domain::execution::TestField;
use tyrian_domain::template::Executor;

use super::form::TestForm;
use super::lists::declared;
use super::moment;
use super::values::label;
use crate::missions::one::conflict::parts;
use crate::missions::queries::use_detection_levels;
use crate::templates::arguments;
use crate::templates::words::executor_word;
use crate::ui::{Button, ButtonKind, ButtonSize, CopyButton, Dialog, Icon, clock, next_id, words};

/// Which version of a field is to be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pick {
    Mine,
    Theirs,
    /// one that the reader writes here
    Own,
}

/// A field that both changed, and what is chosen of it.
#[derive(Clone)]
struct Row {
    field: TestField,
    before: Value,
    mine: Value,
    theirs: Value,
    // not of the effect that finds the rows: a choice stays when it looks again
    pick: ArcRwSignal<Pick>,
    own: ArcRwSignal<String>,
}

/// Is it written as a text, so that a third version can be made of both?
fn is_text(field: TestField) -> bool {
    use TestField as F;
    matches!(
        field,
        F::Name
            | F::Objective
            | F::Procedure
            | F::Prerequisites
            | F::Command
            | F::Cleanup
            | F::ExpectedDetection
            | F::CommandRun
            | F::Output
            | F::RedNotes
            | F::BlueNotes
            | F::Recommendation
            | F::SourceHost
            | F::TargetHost
            | F::FindingReference
    )
}

/// A value in people's words; ids are looked up by the page.
fn in_words(field: TestField, value: &Value, name: impl Fn(&str) -> Option<String>) -> String {
    use TestField as F;
    match (field, value) {
        (_, Value::Null) => String::new(),
        (_, Value::Bool(on)) => if *on { t!("Yes") } else { t!("No") }.to_owned(),
        (F::StartedAt | F::EndedAt | F::DetectedAt | F::AlertedAt | F::RespondedAt, Value::String(text)) => {
            text.parse().map_or_else(|_| text.clone(), moment::write)
        }
        (F::Operator | F::Assessor | F::FindingOwner | F::DetectionLevel | F::Category, Value::String(id)) => {
            name(id).unwrap_or_else(|| id.clone())
        }
        (F::Logged | F::Alerted | F::Prevented | F::Severity | F::Priority | F::FindingStatus | F::OpsecLevel, Value::String(word)) => {
            words(word)
        }
        (F::Executor, Value::String(word)) => {
            Executor::parse(word).map_or_else(|| word.clone(), |executor| executor_word(executor).to_owned())
        }
        (F::Platforms | F::Tags, Value::Array(list)) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        (F::References, Value::Array(list)) => list.iter().map(plain).collect::<Vec<_>>().join("\n"),
        (F::Arguments, Value::Object(_)) => arguments::show(&arguments::drafts(&declared(value))),
        (F::ArgumentValues, Value::Object(map)) => {
            map.iter().map(|(name, value)| format!("{name} = {}", plain(value))).collect::<Vec<_>>().join("\n")
        }
        (_, other) => plain(other),
    }
}

/// A text with what was changed in it since the reader began.
fn shown(field: TestField, before: &Value, text: String) -> AnyView {
    if text.is_empty() {
        return view! { <span class="faint">{t!("Empty")}</span> }.into_any();
    }
    let before = plain(before);
    if !is_text(field) || before.is_empty() || before == text {
        return view! { <span class="versus__text">{text}</span> }.into_any();
    }
    let (head, gone, new, tail) = parts(&before, &text);
    let (head, gone, new, tail) = (head.to_owned(), gone.to_owned(), new.to_owned(), tail.to_owned());
    view! {
        <span class="versus__text">
            {head}
            {(!gone.is_empty()).then(|| view! { <del>{gone}</del> })}
            {(!new.is_empty()).then(|| view! { <ins>{new}</ins> })}
            {tail}
        </span>
    }
    .into_any()
}

/// The dialog. It opens by itself where a save found that somebody else had changed the same.
#[component]
pub fn Versions(
    /// the opened test
    form: TestForm,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let comparing = form.comparing();
    let rows = RwSignal::new(Vec::<Row>::new());
    let wants = comparing.clone();
    Effect::new(move |_| {
        if !wants.get() {
            open.set(false);
            return;
        }
        let list: Vec<Row> = form
            .conflicts()
            .into_iter()
            .map(|(field, before, mine, theirs)| {
                // What was chosen or written here before stays, while others go on saving.
                let known = rows.with_untracked(|rows| rows.iter().find(|row| row.field == field).cloned());
                let own = ArcRwSignal::new(plain(&mine));
                let (pick, own) = known.map_or_else(|| (ArcRwSignal::new(Pick::Mine), own), |row| (row.pick, row.own));
                Row { field, before, mine, theirs, pick, own }
            })
            .collect();
        let any = !list.is_empty();
        rows.set(list);
        open.set(any);
        if !any {
            wants.set(false);
        }
    });
    let levels = use_detection_levels();
    let categories = super::queries::use_categories(form.here.id);
    let name = move |id: &str| -> Option<String> {
        let member = form
            .here
            .read(|data| data.value.head.members.iter().find(|one| one.user_id.to_string() == id).map(|one| one.display_name.clone()));
        member
            .flatten()
            .or_else(|| {
                levels.data.with(|list| list.as_ref()?.items.iter().find(|one| one.id.to_string() == id).map(|one| one.name.clone()))
            })
            .or_else(|| {
                categories.data.with(|list| list.as_ref()?.items.iter().find(|one| one.id.to_string() == id).map(|one| one.name.clone()))
            })
    };
    let all = move |pick: Pick| rows.with_untracked(|rows| rows.iter().for_each(|row| row.pick.set(pick)));
    let close = {
        let comparing = comparing.clone();
        move || comparing.set(false)
    };
    let back = StoredValue::new(close);
    let save = move || {
        let chosen = rows.with_untracked(|rows| {
            let value = |row: &Row| match row.pick.get_untracked() {
                Pick::Mine => row.mine.clone(),
                Pick::Theirs => row.theirs.clone(),
                Pick::Own => Value::String(row.own.get_untracked()),
            };
            rows.iter().map(|row| (row.field, value(row))).collect()
        });
        rows.set(Vec::new());
        form.settle(chosen);
    };
    let copy = Signal::derive(move || {
        rows.with(|rows| {
            rows.iter()
                .map(|row| format!("{}\n{}", label(row.field), in_words(row.field, &row.mine, name)))
                .collect::<Vec<_>>()
                .join("\n\n")
        })
    });
    view! {
        <Dialog
            open=open
            title=t!("Somebody saved this test while you wrote")
            wide=true
            icon="git-compare"
            on_close=move |()| back.with_value(|back| back())
            foot=move || view! {
                <span class="dialog__left"><Button kind=ButtonKind::Ghost on_click=move |_| back.with_value(|back| back())>{t!("Back to writing")}</Button></span>
                <CopyButton text=copy label=t!("Copy mine")/>
                <Button kind=ButtonKind::Primary on_click=move |_| save()>{t!("Save the choice")}</Button>
            }
        >
            <div class="stack stack--2">
                <div class="row row--between row--wrap">
                    <p class="muted" role="status">
                        {move || form.read(|test| test.content.name.clone())}{t!(", saved at ")}{move || clock(form.read(|test| test.updated_at))}". "
                        {move || match rows.read().len() {
                            1 => t!("One field differs.").to_owned(),
                            n => t!("{n} fields differ."; n),
                        }}
                        {t!(" Choose one version of each; nothing is lost until you save.")}
                    </p>
                    <span class="row row--1">
                        <Button size=ButtonSize::Small on_click=move |_| all(Pick::Mine)>{t!("All mine")}</Button>
                        <Button size=ButtonSize::Small on_click=move |_| all(Pick::Theirs)>{t!("All theirs")}</Button>
                    </span>
                </div>
                <div class="versus">
                    <div class="versus__h"><span class="sr">{t!("Field")}</span></div>
                    <div class="versus__h row"><Icon name="pencil" size=14/>{t!("Yours, not saved")}</div>
                    <div class="versus__h row"><Icon name="save" size=14/>{t!("Theirs, saved")}</div>
                    <For each=move || rows.get() key=|row| (row.field, plain(&row.theirs), plain(&row.mine)) let:row>
                        <VersionRow mine=in_words(row.field, &row.mine, name) theirs=in_words(row.field, &row.theirs, name) row=row/>
                    </For>
                </div>
            </div>
        </Dialog>
    }
}

#[component]
fn VersionRow(
    /// the field
    row: Row,
    /// the reader's version in words
    mine: String,
    /// what is saved, in words
    theirs: String,
) -> impl IntoView {
    let Row { field, before, pick, own, .. } = row;
    let (pick, own) = (RwSignal::from(pick), RwSignal::from(own));
    let group = next_id("versus");
    let name = label(field);
    let radio = |group: String, to: Pick, spoken: &'static str| {
        view! {
            <input
                type="radio"
                name=group
                aria-label=format!("{name}: {spoken}")
                prop:checked=move || pick.get() == to
                on:change=move |_| pick.set(to)
            />
        }
    };
    view! {
        <div class="versus__f">{name}</div>
        <label data-who="yours">{radio(group.clone(), Pick::Mine, "yours")}{shown(field, &before, mine)}</label>
        <label data-who="theirs">{radio(group.clone(), Pick::Theirs, "theirs")}{shown(field, &before, theirs)}</label>
        {is_text(field).then(|| view! {
            <div class="versus__own" data-on=move || (pick.get() == Pick::Own).then_some("")>
                <label>{radio(group, Pick::Own, t!("written anew"))}{t!("Write it anew from both")}</label>
                {move || (pick.get() == Pick::Own).then(|| view! {
                    <textarea
                        class="textarea"
                        rows="4"
                        aria-label=t!("{name}, written anew"; name)
                        prop:value=move || own.get()
                        on:input:target=move |event| own.set(event.target().value())
                    ></textarea>
                })}
            </div>
        })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_shown_in_words() {
        let name = |id: &str| (id == "7").then(|| "Tactic".to_owned());
        assert_eq!(in_words(TestField::DetectionLevel, &json!("7"), name), "Tactic");
        assert_eq!(in_words(TestField::Logged, &json!("not_applicable"), name), "Not applicable");
        assert_eq!(in_words(TestField::IsDelayed, &json!(true), name), "Yes");
        assert_eq!(in_words(TestField::ArgumentValues, &json!({ "a": "x", "b": 2 }), name), "a = x\nb = 2");
        assert_eq!(in_words(TestField::Output, &Value::Null, name), "");
        assert_eq!(in_words(TestField::Executor, &json!("powershell"), name), "PowerShell");
        assert_eq!(in_words(TestField::OpsecLevel, &json!("high"), name), "High");
        assert_eq!(in_words(TestField::Tags, &json!(["a", "b"]), name), "a, b");
        assert_eq!(in_words(TestField::References, &json!(["https://a", "b"]), name), "https://a\nb");
        let declared = json!({ "host": { "description": "Where", "type": "string", "default": "dc01" } });
        assert_eq!(in_words(TestField::Arguments, &declared, name), "host (string) = dc01: Where");
    }
}
