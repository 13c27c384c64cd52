//! Categories on the Synthesis tab: the headings of the report. Made, ordered, coloured, summed up.

use leptos::prelude::*;
use tyrian_api_types::categories::{Category, CategoryCreate, CategoryPatch};
use tyrian_api_types::{ErrorCode, Patch};
use uuid::Uuid;

use super::Here;
use crate::form::FormErrors;
use crate::loaded::Loaded;
use crate::missions::queries::{self, use_categories};
use crate::query::use_mutation;
use crate::texts::tr;
use crate::ui::{
    Button, ButtonSize, ConfirmDialog, EmptyState, Field, FormDialog, IconButton, Markdown, OrderList, OrderRow, Ordering, SkeletonRows,
    TextArea, TextInput, moved, use_toasts,
};

/// Colours offered: told apart in light and dark, none of them a level's or a side's.
const COLOURS: [(&str, &str); 8] = [
    ("#8e4585", mark!("Plum")),
    ("#b5651d", mark!("Ochre")),
    ("#4c7a34", mark!("Moss")),
    ("#1f7a8c", mark!("Teal")),
    ("#5a5fcf", mark!("Indigo")),
    ("#a23b72", mark!("Rose")),
    ("#6b6570", mark!("Slate")),
    ("#9a7d0a", mark!("Brass")),
];

/// What the dialog is open for.
#[derive(Debug, Clone)]
enum Edited {
    New,
    One(Category),
}

/// The card.
#[component]
pub fn CategoriesCard(
    /// the mission
    here: Here,
) -> impl IntoView {
    let categories = use_categories(here.id);
    // A moved one stands in its new place before the server has answered.
    let order = RwSignal::new(Vec::<Category>::new());
    Effect::new(move |_| order.set(categories.data.get().map(|list| list.items).unwrap_or_default()));
    let editing = RwSignal::new(None::<Edited>);
    let deleting = RwSignal::new(None::<Category>);
    let count = Memo::new(move |_| categories.data.with(|list| list.as_ref().map(|list| list.items.len() as u64)));
    let empty = Memo::new(move |_| order.with(Vec::is_empty));
    view! {
        <section class="card cats" aria-label=t!("Categories")>
            <div class="card__head">
                <h2>{t!("Categories")}</h2>
                {move || count.get().filter(|n| *n > 0).map(|n| view! { <span class="count">{n}</span> })}
                <span class="small muted hide-sm">{t!("The headings of the report; a test is put under one on its page")}</span>
                <span class="push">{move || here.may_edit.get().then(|| view! { <Button size=ButtonSize::Small icon="plus" on_click=move |_| editing.set(Some(Edited::New))>{t!("New category")}</Button> })}</span>
            </div>
            <Loaded query=categories.there() what=t!("The categories") skeleton=|| view! { <SkeletonRows rows=2/> } let:_there>
                {move || empty.get().then(|| view! {
                    <EmptyState title=t!("No categories yet") text=t!("A category groups tests in the report and holds what is to be said of them together: Email, Identity, Backup.") tight=true/>
                })}
                <List here=here order=order editing=editing deleting=deleting/>
            </Loaded>
            <EditDialog here=here editing=editing/>
            <DeleteDialog here=here deleting=deleting/>
        </section>
    }
}

/// How many tests stand under each.
fn tests_under(here: Here, id: Uuid) -> usize {
    here.read(|data| data.value.scenarios.iter().flat_map(|one| &one.tests).filter(|test| test.category_id == Some(id)).count())
        .unwrap_or(0)
}

#[component]
fn List(
    /// the mission
    here: Here,
    /// as they stand now
    order: RwSignal<Vec<Category>>,
    /// the one that is edited
    editing: RwSignal<Option<Edited>>,
    /// the one that is to go
    deleting: RwSignal<Option<Category>>,
) -> impl IntoView {
    let toasts = use_toasts();
    let put = use_mutation(
        move |(category, position): (Category, u32)| {
            let mission = here.id.get_untracked();
            let patch = CategoryPatch { position: Patch::Set(position), ..CategoryPatch::default() };
            async move { queries::edit_category(&mission, category.id, category.version, &patch).await }
        },
        move |_| queries::refresh_categories(&here.id.get_untracked()),
    );
    Effect::new(move |_| {
        if let Some(error) = put.error.get() {
            let why = if error.is(ErrorCode::PreconditionFailed) {
                t!("Somebody changed it meanwhile. Here is the order as it is now.").to_owned()
            } else {
                error.text()
            };
            toasts.error(t!("The order was not changed"), Some(why));
            queries::refresh_categories(&here.id.get_untracked());
        }
    });
    let ordering = Ordering::new(Signal::derive(move || order.with(Vec::len)), move |from, to| {
        let one = order.with_untracked(|list| list.get(from).cloned());
        if let (Some(one), Ok(position), false) = (one, u32::try_from(to), put.busy.get_untracked()) {
            order.update(|list| moved(list, from, to));
            put.run.run((one, position));
        }
    });
    view! {
        <OrderList ordering=ordering label=t!("Categories in order")>
            {move || {
                let may = here.may_edit.get();
                order.get().into_iter().enumerate().map(|(place, one)| {
                    let (id, name, summary) = (one.id, one.name.clone(), one.summary.clone());
                    let colour = one.color.clone().unwrap_or_else(|| "transparent".to_owned());
                    let n = Memo::new(move |_| tests_under(here, id));
                    let one = StoredValue::new(one);
                    let acts = move || may.then(|| view! {
                        <IconButton icon="pencil" label=t!("Edit {}", one.with_value(|one| one.name.clone())) on_click=move |_| editing.set(Some(Edited::One(one.get_value())))/>
                        <IconButton icon="trash-2" label=t!("Delete {}", one.with_value(|one| one.name.clone())) on_click=move |_| deleting.set(Some(one.get_value()))/>
                    });
                    view! {
                        <OrderRow ordering=ordering place=place name=name.clone() may=may class="cat" acts=acts>
                            <span class="cat__colour" style:--v=colour></span>
                            <div class="cat__text">
                                <span><b>{name.clone()}</b>" "<span class="small muted num">{move || crate::ui::count(n.get() as u64, "test", "tests")}</span></span>
                                {summary.filter(|text| !text.trim().is_empty()).map(|text| view! { <div class="small muted"><Markdown text=text/></div> })}
                            </div>
                        </OrderRow>
                    }
                }).collect_view()
            }}
        </OrderList>
    }
}

/// Name, colour and summary of a new one (`Some(None)`) or of one that exists.
#[component]
fn EditDialog(
    /// the mission
    here: Here,
    /// what is edited; none: nothing
    editing: RwSignal<Option<Edited>>,
) -> impl IntoView {
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let (name, colour, summary) = (RwSignal::new(String::new()), RwSignal::new(None::<String>), RwSignal::new(String::new()));
    let errors = FormErrors::new();
    let key = StoredValue::new(String::new());
    let base = StoredValue::new(None::<Category>);
    Effect::new(move |_| {
        let what = match editing.get() {
            None => return,
            Some(Edited::New) => None,
            Some(Edited::One(one)) => Some(one),
        };
        name.set(what.as_ref().map(|one| one.name.clone()).unwrap_or_default());
        colour.set(what.as_ref().map_or_else(|| COLOURS.first().map(|one| one.0.to_owned()), |one| one.color.clone()));
        summary.set(what.as_ref().and_then(|one| one.summary.clone()).unwrap_or_default());
        errors.clear();
        key.set_value(crate::api::new_idempotency_key());
        base.set_value(what);
        open.set(true);
    });
    Effect::new(move |_| {
        if !open.get() && editing.with_untracked(Option::is_some) {
            editing.set(None);
        }
    });
    let text_of = move || Some(summary.get_untracked()).filter(|text| !text.trim().is_empty());
    let save = use_mutation(
        move |()| {
            let (mission, key) = (here.id.get_untracked(), key.get_value());
            let (name, color, summary) = (name.get_untracked().trim().to_owned(), colour.get_untracked(), text_of());
            async move {
                match base.get_value() {
                    None => queries::add_category(&mission, &CategoryCreate { name, color, summary }, &key).await,
                    Some(one) => {
                        let set = |value: Option<String>| value.map_or(Patch::Clear, Patch::Set);
                        let patch =
                            CategoryPatch { name: Patch::Set(name), color: set(color), summary: set(summary), ..CategoryPatch::default() };
                        queries::edit_category(&mission, one.id, one.version, &patch).await
                    }
                }
            }
        },
        move |saved: Category| {
            open.set(false);
            toasts.success(t!("{} is saved", saved.name));
            queries::refresh_categories(&here.id.get_untracked());
        },
    );
    Effect::new(move |_| {
        if let Some(error) = save.error.get() {
            errors.take(&error);
        }
    });
    let submit = move || {
        let request = CategoryCreate { name: name.get_untracked().trim().to_owned(), color: colour.get_untracked(), summary: text_of() };
        if errors.check(&request) {
            save.run.run(());
        }
    };
    let title = Signal::derive(move || {
        if base.with_value(Option::is_some) && open.get() { t!("Edit category").to_owned() } else { t!("New category").to_owned() }
    });
    view! {
        <FormDialog open=open title=title act=t!("Save category") busy=save.busy error=errors.general() on_submit=move |()| submit()>
            <Field label=t!("Name") error=errors.field("/name") required=true><TextInput value=name placeholder=t!("Identity")/></Field>
            <fieldset class="swatches">
                <legend class="field__label">{t!("Colour")}</legend>
                {std::iter::once(("", t!("None"))).chain(COLOURS.map(|(code, word)| (code, tr(word)))).map(|(code, word)| view! {
                    <label class="swatch" title=word>
                        <input
                            type="radio"
                            name="category-colour"
                            aria-label=word
                            prop:checked=move || colour.with(|colour| colour.as_deref().unwrap_or("") == code)
                            on:change=move |_| colour.set((!code.is_empty()).then(|| code.to_owned()))
                        />
                        <span style:--v=if code.is_empty() { "transparent" } else { code }></span>
                    </label>
                }).collect_view()}
            </fieldset>
            <Field label=t!("Summary") hint=t!("Markdown: what is to be said of its tests together") error=errors.field("/summary")><TextArea value=summary rows=5/></Field>
        </FormDialog>
    }
}

#[component]
fn DeleteDialog(
    /// the mission
    here: Here,
    /// the one that is to go
    deleting: RwSignal<Option<Category>>,
) -> impl IntoView {
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        if deleting.with(Option::is_some) {
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() && deleting.with_untracked(Option::is_some) {
            deleting.set(None);
        }
    });
    let delete = use_mutation(
        move |one: Category| {
            let mission = here.id.get_untracked();
            async move { queries::delete_category(&mission, one.id, one.version).await }
        },
        move |()| {
            open.set(false);
            toasts.success(t!("Category deleted"));
            queries::refresh_categories(&here.id.get_untracked());
        },
    );
    let name = move || deleting.with(|one| one.as_ref().map(|one| one.name.clone()).unwrap_or_default());
    view! {
        <ConfirmDialog
            open=open
            title=Signal::derive(move || t!("Delete the category {}?", name()))
            text=Signal::derive(move || {
                let n = deleting.with(|one| one.as_ref().map_or(0, |one| tests_under(here, one.id)));
                match n {
                    0 => t!("No test stands under it. Its summary goes with it.").to_owned(),
                    1 => t!("1 test stands under it and stays, without a category. Its summary goes.").to_owned(),
                    n => t!("{n} tests stand under it and stay, without a category. Its summary goes."; n),
                }
            })
            confirm=t!("Delete category")
            busy=delete.busy
            error=Signal::derive(move || delete.error.get().map(|error| error.text()))
            on_confirm=move |()| if let Some(one) = deleting.get_untracked() { delete.run.run(one) }
        />
    }
}
