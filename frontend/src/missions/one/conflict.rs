//! Two versions of the mission's fields side by side: the reader chooses one of each.

use leptos::prelude::*;
use tyrian_api_types::missions::Mission;

use super::fields::{Field, Inputs};
use crate::missions::queries::MissionData;
use crate::ui::{Banner, BannerKind, Button, ButtonKind, ButtonSize, CopyButton, Dialog, day, next_id};

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Difference {
    field: Field,
    before: String,
    mine: String,
    theirs: String,
}

/// The fields in which the reader's words and the saved version differ.
fn differences(base: &Mission, mine: impl Fn(Field) -> String, theirs: &Mission) -> Vec<Difference> {
    let all = Field::ALL.into_iter().map(|field| Difference { field, before: field.of(base), mine: mine(field), theirs: field.of(theirs) });
    all.filter(|difference| difference.mine != difference.theirs).collect()
}

impl Difference {
    /// Did the reader change it? Then theirs is the one to lose without asking.
    fn is_mine(&self) -> bool {
        self.mine != self.before
    }
}

/// Cuts what two texts begin and end with alike, at words: what stays is what was taken out and put in.
pub fn parts<'a>(before: &'a str, after: &'a str) -> (&'a str, &'a str, &'a str, &'a str) {
    let is_edge = |text: &str, at: usize| {
        at == 0 || at == text.len() || text[..at].ends_with(char::is_whitespace) || text[at..].starts_with(char::is_whitespace)
    };
    let mut head =
        before.char_indices().zip(after.chars()).take_while(|((_, a), b)| a == b).last().map_or(0, |((at, a), _)| at + a.len_utf8());
    while !is_edge(before, head) || !is_edge(after, head) {
        head -= before[..head].chars().next_back().map_or(head, char::len_utf8);
    }
    let (old, new) = (&before[head..], &after[head..]);
    let mut tail = old.chars().rev().zip(new.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum::<usize>();
    while !is_edge(old, old.len() - tail) || !is_edge(new, new.len() - tail) {
        tail -= old[old.len() - tail..].chars().next().map_or(tail, char::len_utf8);
    }
    let (old_end, new_end) = (old.len() - tail, new.len() - tail);
    (&before[..head], &old[..old_end], &new[..new_end], &old[old_end..])
}

/// A value with what was changed in it since the reader began.
fn shown(field: Field, before: &str, value: &str) -> AnyView {
    if value.is_empty() {
        return view! { <span class="faint">{t!("Empty")}</span> }.into_any();
    }
    if matches!(field, Field::StartDate | Field::EndDate) {
        let text = value.parse().map_or_else(|_| value.to_owned(), day);
        return view! { <span class="num">{text}</span> }.into_any();
    }
    if before == value || before.is_empty() {
        return view! { <span class="versus__text">{value.to_owned()}</span> }.into_any();
    }
    let (head, gone, new, tail) = parts(before, value);
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

/// The dialog. What is chosen is written into `inputs` before `on_save` runs.
#[component]
pub fn ConflictDialog(
    /// shown while true
    open: RwSignal<bool>,
    /// what the reader began with
    base: MissionData,
    /// what is saved now
    theirs: MissionData,
    /// what the reader has written
    inputs: Inputs,
    /// the choice is being saved
    #[prop(into)]
    busy: Signal<bool>,
    /// why it was not saved
    #[prop(into)]
    error: Signal<Option<String>>,
    /// goes back to writing
    #[prop(into)]
    on_back: Callback<()>,
    /// saves the choice
    #[prop(into)]
    on_save: Callback<()>,
) -> impl IntoView {
    let list = differences(&base.value, |field| inputs.now(field), &theirs.value);
    // what is mine is what I changed; all else was changed by the others, and theirs is the newer word
    let choices: Vec<RwSignal<bool>> = list.iter().map(|difference| RwSignal::new(difference.is_mine())).collect();
    let same = Field::ALL.len() - list.len();
    let title = match list.len() {
        0 => t!("Somebody saved the same as you").to_owned(),
        _ => t!("Somebody saved this mission while you wrote").to_owned(),
    };
    let text = match list.len() {
        0 => t!("The saved version has what you wrote.").to_owned(),
        1 => t!("One field differs. Choose a version; nothing is lost until you save.").to_owned(),
        n => t!("{n} fields differ. Choose one version of each; nothing is lost until you save."; n),
    };
    let copy = list
        .iter()
        .filter(|difference| difference.is_mine())
        .map(|difference| format!("{}\n{}", difference.field.label(), difference.mine))
        .collect::<Vec<_>>()
        .join("\n\n");
    let list = StoredValue::new(list);
    let choices = StoredValue::new(choices);
    let all = move |mine: bool| choices.with_value(|choices| choices.iter().for_each(|choice| choice.set(mine)));
    let save = move || {
        list.with_value(|list| {
            choices.with_value(|choices| {
                for (difference, choice) in list.iter().zip(choices) {
                    let value = if choice.get_untracked() { &difference.mine } else { &difference.theirs };
                    inputs.of(difference.field).set(value.clone());
                }
            });
        });
        on_save.run(());
    };
    let (text, copy) = (StoredValue::new(text), StoredValue::new(copy));
    view! {
        <Dialog
            open=open
            title=title
            wide=true
            icon="git-compare"
            locked=busy
            on_close=move |()| on_back.run(())
            foot=move || view! {
                <span class="dialog__left"><Button kind=ButtonKind::Ghost on_click=move |_| on_back.run(())>{t!("Back to writing")}</Button></span>
                {(!copy.read_value().is_empty()).then(|| view! { <CopyButton text=copy.get_value() label=t!("Copy mine")/> })}
                <Button kind=ButtonKind::Primary busy=busy on_click=move |_| save()>{t!("Save the choice")}</Button>
            }
        >
            <div class="stack stack--2">
                <div class="row row--between row--wrap">
                    <p class="muted">{text.get_value()}</p>
                    <span class="row row--1">
                        <Button size=ButtonSize::Small on_click=move |_| all(true)>{t!("All mine")}</Button>
                        <Button size=ButtonSize::Small on_click=move |_| all(false)>{t!("All theirs")}</Button>
                    </span>
                </div>
                {move || error.get().map(|text| view! { <Banner kind=BannerKind::Error><span>{t!("Not saved. ")}{text}</span></Banner> })}
                <div class="versus">
                    <div class="versus__h"></div>
                    <div class="versus__h">{t!("Yours, not saved")}</div>
                    <div class="versus__h">{t!("Theirs, saved")}</div>
                    {list.with_value(|list| choices.with_value(|choices| list.iter().zip(choices).map(|(difference, choice)| row(difference, *choice)).collect_view()))}
                </div>
                {(same > 0).then(|| view! { <p class="small muted num">{same}{t!(" fields are the same")}</p> })}
            </div>
        </Dialog>
    }
}

fn row(difference: &Difference, mine: RwSignal<bool>) -> impl IntoView + use<> {
    let name = next_id("versus");
    let label = difference.field.label();
    view! {
        <div class="versus__f">{label}</div>
        <label>
            <input type="radio" name=name.clone() aria-label=t!("{label}: yours"; label) prop:checked=move || mine.get() on:change=move |_| mine.set(true)/>
            {shown(difference.field, &difference.before, &difference.mine)}
        </label>
        <label>
            <input type="radio" name=name aria-label=t!("{label}: theirs"; label) prop:checked=move || !mine.get() on:change=move |_| mine.set(false)/>
            {shown(difference.field, &difference.before, &difference.theirs)}
        </label>
    }
}

#[cfg(test)]
mod tests {
    use super::super::fields::tests::mission;
    use super::*;

    #[test]
    fn what_only_the_others_changed_is_theirs_and_what_i_changed_is_mine() {
        let (base, theirs) = (mission("Quiet Ledger", Some("Find gaps")), mission("Loud Ledger", Some("Find all gaps")));
        let mine = |field: Field| if field == Field::Objectives { "Find gaps fast".to_owned() } else { field.of(&base) };
        let list = differences(&base, mine, &theirs);
        let told: Vec<_> = list.iter().map(|difference| (difference.field, difference.is_mine())).collect();
        assert_eq!(told, [(Field::Name, false), (Field::Objectives, true)]);
    }

    #[test]
    fn only_the_words_that_changed_are_marked() {
        assert_eq!(
            parts("Turn on LSA protection everywhere; now", "Turn on LSA protection; now"),
            ("Turn on LSA ", "protection everywhere;", "protection;", " now")
        );
        assert_eq!(parts("a b c", "a x c"), ("a ", "b", "x", " c"));
        assert_eq!(parts("a b", "a b c"), ("a b", "", " c", ""));
        assert_eq!(parts("éa ü", "éa ö"), ("éa ", "ü", "ö", ""));
        assert_eq!(parts("", "x"), ("", "", "x", ""));
        assert_eq!(parts("x", ""), ("", "x", "", ""));
    }
}
