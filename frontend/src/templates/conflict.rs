//! Two versions of one thing, field by field: what the reader wrote and what somebody else saved meanwhile.

use leptos::prelude::*;

use super::draft::Content;
use crate::texts::tr;
use crate::ui::{Button, ButtonKind, ButtonSize, Dialog, Icon, next_id, use_toasts};

/// One field of a form, as the comparison needs it.
pub struct FieldOf<T> {
    /// its name on the page
    pub label: &'static str,
    /// its value as text
    pub show: fn(&T) -> String,
    /// takes it from the first into the second
    pub copy: fn(&T, &mut T),
}

/// What has to be decided: the version that is there now, and what both started from.
#[derive(Clone)]
pub struct Conflict<T> {
    /// the version that is there now
    pub version: i64,
    /// what it holds
    pub theirs: T,
    /// what the reader's form started from
    pub base: T,
    /// what the reader's form holds
    pub mine: T,
}

/// A field that differs: its place in the table of fields, and whether the reader's value is chosen.
#[derive(Clone, Copy)]
struct Choice {
    field: usize,
    mine: RwSignal<bool>,
}

/// Shows both versions while there is a conflict; the reader chooses one of each field, then saves the choice.
#[component]
pub fn ConflictDialog<T: Content>(
    /// what has to be decided; taken away when the dialog closes
    conflict: RwSignal<Option<Conflict<T>>>,
    /// “test template”
    #[prop(into)]
    what: String,
    /// all fields
    fields: &'static [FieldOf<T>],
    /// saves the choice as a change of that version
    #[prop(into)]
    on_save: Callback<(Conflict<T>, T)>,
) -> impl IntoView {
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let choices = RwSignal::new(Vec::<Choice>::new());
    Effect::new(move |_| {
        let list = conflict.with(|conflict| {
            let Some(conflict) = conflict else { return Vec::new() };
            fields
                .iter()
                .enumerate()
                .filter(|(_, field)| (field.show)(&conflict.mine) != (field.show)(&conflict.theirs))
                // What only the other one changed is theirs until the reader says otherwise.
                .map(|(index, field)| Choice {
                    field: index,
                    mine: RwSignal::new((field.show)(&conflict.mine) != (field.show)(&conflict.base)),
                })
                .collect()
        });
        choices.set(list);
        open.set(conflict.with(Option::is_some));
    });
    let all = move |mine: bool| choices.with_untracked(|list| list.iter().for_each(|choice| choice.mine.set(mine)));
    let close = move || {
        open.set(false);
        conflict.set(None);
    };
    let save = move |_| {
        let Some(decided) = conflict.get_untracked() else { return };
        let mut merged = decided.theirs.clone();
        choices.with_untracked(|list| {
            for choice in list.iter().filter(|choice| choice.mine.get_untracked()) {
                if let Some(field) = fields.get(choice.field) {
                    (field.copy)(&decided.mine, &mut merged);
                }
            }
        });
        close();
        on_save.run((decided, merged));
    };
    let copy_mine = move |_| {
        let text = conflict.with_untracked(|conflict| {
            let Some(conflict) = conflict else { return String::new() };
            let of =
                |choice: &Choice| fields.get(choice.field).map(|field| format!("{}\n{}\n", tr(field.label), (field.show)(&conflict.mine)));
            choices.with_untracked(|list| list.iter().filter_map(of).collect::<Vec<_>>().join("\n"))
        });
        leptos::task::spawn_local(async move {
            if crate::web::copy_text(&text).await {
                toasts.success(t!("Your version is copied"));
            } else {
                toasts.error(t!("Not copied"), Some(t!("The browser did not allow it.").to_owned()));
            }
        });
    };
    let title = t!("Somebody saved this {what} while you wrote"; what);
    view! {
        <Dialog
            open=open
            title=title
            wide=true
            icon="git-compare"
            on_close=move |()| conflict.set(None)
            foot=move || view! {
                <Button kind=ButtonKind::Ghost on_click=move |_| close()>{t!("Back to writing")}</Button>
                <Button icon="copy" on_click=copy_mine>{t!("Copy mine")}</Button>
                <Button kind=ButtonKind::Primary on_click=save>{t!("Save the choice")}</Button>
            }
        >
            <div class="stack stack--2">
                <div class="row row--between row--wrap">
                    <p class="muted">{move || {
                        let n = choices.read().len() as u64;
                        t!("{} Choose one version of each; nothing is lost until you save.", if n == 1 { t!("One field differs.").to_owned() } else { t!("{n} fields differ."; n) })
                    }}</p>
                    <span class="row row--1">
                        <Button size=ButtonSize::Small on_click=move |_| all(true)>{t!("All mine")}</Button>
                        <Button size=ButtonSize::Small on_click=move |_| all(false)>{t!("All theirs")}</Button>
                    </span>
                </div>
                <div class="versus">
                    <div class="versus__h"></div>
                    <div class="versus__h row"><Icon name="pencil" size=14/>{t!("Yours, not saved")}</div>
                    <div class="versus__h row"><Icon name="save" size=14/>{t!("Theirs, saved")}</div>
                    {move || {
                        let Some(now) = conflict.get() else { return ().into_any() };
                        choices.get().into_iter().filter_map(|choice| {
                            let field = fields.get(choice.field)?;
                            Some(view! { <FieldChoice label=tr(field.label) mine=(field.show)(&now.mine) theirs=(field.show)(&now.theirs) chosen=choice.mine/> })
                        }).collect_view().into_any()
                    }}
                </div>
                <p class="small muted">{move || {
                    let same = fields.len() - choices.read().len();
                    t!("{same} fields are the same"; same)
                }}</p>
            </div>
        </Dialog>
    }
}

#[component]
fn FieldChoice(label: &'static str, mine: String, theirs: String, chosen: RwSignal<bool>) -> impl IntoView {
    let name = next_id("versus");
    let side = |text: String, is_mine: bool, spoken: &'static str| {
        let empty = text.trim().is_empty();
        view! {
            <label>
                <input
                    type="radio"
                    name=name.clone()
                    aria-label=format!("{label}, {spoken}: {text}")
                    prop:checked=move || chosen.get() == is_mine
                    on:change=move |_| chosen.set(is_mine)
                />
                {if empty { view! { <span class="faint">{t!("Empty")}</span> }.into_any() } else { view! { <span class="versus__text">{text}</span> }.into_any() }}
            </label>
        }
    };
    view! {
        <div class="versus__f">{label}</div>
        {side(mine, true, "yours")}
        {side(theirs, false, "theirs")}
    }
}
