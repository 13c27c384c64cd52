//! Detection ideas of a test: Sigma rules and plain text.

use leptos::prelude::*;

use super::form::{RuleDraft, RuleRow, TestForm};
use crate::form::FormErrors;
use crate::ui::{Button, ButtonSize, Field, IconButton, Seg, Select, TextArea, TextInput};

const LEVELS: [&str; 5] = ["informational", "low", "medium", "high", "critical"];

fn levels(now: &str) -> Vec<(String, String)> {
    let mut levels = vec![(String::new(), t!("No level").to_owned())];
    levels.extend(LEVELS.iter().map(|level| ((*level).to_owned(), crate::ui::words(level))));
    if !now.is_empty() && !LEVELS.contains(&now) {
        levels.push((now.to_owned(), now.to_owned()));
    }
    levels
}

/// The rules one under the other.
#[component]
pub fn Rules(form: TestForm, errors: FormErrors) -> impl IntoView {
    let add = move |_| {
        let row = form.rule_row(RuleDraft { format: "sigma".to_owned(), ..Default::default() });
        form.rules.update(|rows| rows.push(row));
        crate::web::focus_soon(".rules > li:last-child input[type=text]");
    };
    view! {
        <div class="field">
            <span class="field__label">{t!("Detection rules")}</span>
            <ul class="rules">
                <For each=move || form.rules.get() key=|row| row.key let:row>
                    <RuleFields row=row form=form errors=errors/>
                </For>
            </ul>
            <div><Button size=ButtonSize::Small icon="plus" on_click=add>{t!("Add a rule")}</Button></div>
        </div>
    }
}

#[component]
fn RuleFields(row: RuleRow, form: TestForm, errors: FormErrors) -> impl IntoView {
    let place = Memo::new(move |_| form.rules.read().iter().position(|other| other.key == row.key).unwrap_or(0));
    let error = move |field: &'static str| errors.at(move || format!("/detection_rules/{}/{field}", place.get()));
    let formats = vec![("sigma".to_owned(), t!("Sigma").to_owned()), ("text".to_owned(), t!("Text").to_owned())];
    let placeholder = Signal::derive(move || (*row.format.read() == "sigma").then(|| "title: …\nlogsource: …\ndetection: …".to_owned()));
    view! {
        <li class="rule stack stack--2">
            <div class="row">
                <Seg value=row.format options=formats label=t!("Format of the rule")/>
                <span class="push"><IconButton
                    icon="x"
                    label=Signal::derive(move || t!("Take rule {} out", place.get() + 1))
                    on_click=move |_| form.rules.update(|rows| rows.retain(|other| other.key != row.key))
                /></span>
            </div>
            <div class="rule__head">
                <Field label=t!("Title") error=error("title")><TextInput value=row.title/></Field>
                <Field label=t!("Level") error=error("level")><Select value=row.level options=Signal::derive(move || levels(&row.level.read()))/></Field>
            </div>
            <Field label=t!("Rule") error=error("body")><TextArea value=row.body rows=4 code=true placeholder=placeholder/></Field>
        </li>
    }
}
