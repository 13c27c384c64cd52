//! The scale of detection levels: named, coloured, ordered by rank, retired where tests name them.

use leptos::prelude::*;
use tyrian_api_types::detection_levels::{DetectionLevel, DetectionLevelCreate, DetectionLevelPatch};
use tyrian_api_types::{ErrorCode, Items, Patch};
use tyrian_domain::permission::Permission;

use super::{Asked, Delete, changed};
use crate::admin::frame::{Refused, opened};
use crate::api::{self, Request};
use crate::form::FormErrors;
use crate::loaded::Loaded;
use crate::missions::use_detection_levels;
use crate::query::use_mutation;
use crate::session::use_session;
use crate::ui::{
    Badge, Button, ButtonSize, Card, Field, FormDialog, IconButton, SkeletonRows, Switch, Table, TextArea, TextInput, use_toasts,
};

/// The card.
#[component]
pub fn Levels() -> impl IntoView {
    let session = use_session();
    let levels = use_detection_levels();
    let asked = RwSignal::new(None::<Asked<DetectionLevel>>);
    let may = Memo::new(move |_| session.can(Permission::DetectionLevelManage));
    let close = Callback::new(move |()| asked.set(None));
    view! {
        <Card
            title=t!("Detection levels")
            head=move || view! {
                <span class="small muted">{t!("How good a detection was, the best first")}</span>
                {move || may.get().then(|| view! { <span class="push"><Button size=ButtonSize::Small icon="plus" on_click=move |_| asked.set(Some(Asked::New))>{t!("New level")}</Button></span> })}
            }
        >
            <Loaded query=levels what=t!("The detection levels") skeleton=|| view! { <SkeletonRows rows=6/> } let:list>
                <LevelTable list=list may=may asked=asked/>
            </Loaded>
        </Card>
        {move || asked.get().map(|what| match what {
            Asked::New => view! { <LevelForm level=None on_close=close/> }.into_any(),
            Asked::Edit(level) => view! { <LevelForm level=Some(level) on_close=close/> }.into_any(),
            Asked::Delete(level) => view! {
                <Delete
                    what=t!("detection level")
                    name=level.name
                    path=format!("/detection-levels/{}", level.id)
                    text=t!("It cannot be undone. A level that tests name is not deleted: retire it instead.")
                    in_use=t!("Tests name it. Edit it and retire it instead.")
                    list="detection-levels"
                    on_close=close
                />
            }
            .into_any(),
        })}
    }
}

#[component]
fn LevelTable(
    /// the scale
    list: Items<DetectionLevel>,
    /// may the reader change it?
    may: Memo<bool>,
    /// opens a dialog
    asked: RwSignal<Option<Asked<DetectionLevel>>>,
) -> impl IntoView {
    let mut levels = list.items;
    levels.sort_by_key(|level| (level.is_retired, std::cmp::Reverse(level.rank)));
    let row = move |level: DetectionLevel| {
        let (edit, delete) = (level.clone(), level.clone());
        let (edit_word, delete_word) = (t!("Edit {}", level.name), t!("Delete {}", level.name));
        view! {
            <tr>
                <th scope="row"><span class="row row--1"><span class="swatch__dot" style:--v=level.color></span>{level.name}</span></th>
                <td class="mono small hide-sm">{level.code}</td>
                <td class="num">{level.rank}</td>
                <td class="muted hide-sm">{level.description}</td>
                <td>
                    {level.is_default.then(|| view! { <Badge>{t!("Proposed first")}</Badge> })}
                    {level.is_retired.then(|| view! { <Badge>{t!("Retired")}</Badge> })}
                </td>
                <td class="nowrap">{move || may.get().then(|| {
                    let (edit, delete) = (edit.clone(), delete.clone());
                    view! {
                        <IconButton icon="pencil" label=edit_word.clone() on_click=move |_| asked.set(Some(Asked::Edit(edit.clone())))/>
                        <IconButton icon="trash-2" label=delete_word.clone() on_click=move |_| asked.set(Some(Asked::Delete(delete.clone())))/>
                    }
                })}</td>
            </tr>
        }
    };
    view! {
        <Table label=t!("Detection levels, the best first")>
            <thead><tr><th scope="col">{t!("Level")}</th><th scope="col" class="hide-sm">{t!("Code")}</th><th scope="col">{t!("Rank")}</th><th scope="col" class="hide-sm">{t!("Meaning")}</th><th scope="col"><span class="sr">{t!("Standing")}</span></th><th scope="col"><span class="sr">{t!("Acts")}</span></th></tr></thead>
            <tbody>{levels.into_iter().map(row).collect_view()}</tbody>
        </Table>
    }
}

#[component]
fn LevelForm(
    /// what is edited; none: a new one
    level: Option<DetectionLevel>,
    /// takes the dialog out
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let open = opened(on_close);
    let was = StoredValue::new(level.clone());
    let is_new = level.is_none();
    let of = |get: fn(&DetectionLevel) -> String, else_: &str| RwSignal::new(level.as_ref().map_or_else(|| else_.to_owned(), get));
    let (code, name) = (of(|level| level.code.clone(), ""), of(|level| level.name.clone(), ""));
    let (description, color) = (of(|level| level.description.clone().unwrap_or_default(), ""), of(|level| level.color.clone(), "#6b6570"));
    let rank = of(|level| level.rank.to_string(), "50");
    let is_default = RwSignal::new(level.as_ref().is_some_and(|level| level.is_default));
    let is_retired = RwSignal::new(level.as_ref().is_some_and(|level| level.is_retired));
    let errors = FormErrors::new();
    let who = Signal::derive(move || name.get());
    let request = move || DetectionLevelCreate {
        code: code.get_untracked().trim().to_owned(),
        name: name.get_untracked().trim().to_owned(),
        description: Some(description.get_untracked()).filter(|text| !text.trim().is_empty()),
        color: color.get_untracked(),
        rank: rank.get_untracked().trim().parse().unwrap_or(-1),
        is_default: is_default.get_untracked(),
    };
    let save = use_mutation(
        move |()| {
            let new = request();
            async move {
                match was.get_value() {
                    None => api::post::<DetectionLevel>("/detection-levels", &new).await,
                    Some(was) => {
                        let patch = DetectionLevelPatch {
                            name: Patch::diff(&Some(was.name), Some(new.name)),
                            description: Patch::diff(&was.description, new.description),
                            color: Patch::diff(&Some(was.color), Some(new.color)),
                            rank: Patch::diff(&Some(was.rank), Some(new.rank)),
                            is_default: Patch::diff(&Some(was.is_default), Some(new.is_default)),
                            is_retired: Patch::diff(&Some(was.is_retired), Some(is_retired.get_untracked())),
                        };
                        Request::new(gloo_net::http::Method::PATCH, format!("/detection-levels/{}", was.id)).json(&patch).send().await
                    }
                }
            }
        },
        move |saved: DetectionLevel| {
            open.set(false);
            changed("detection-levels");
            toasts.success(t!("{} is saved", saved.name));
        },
    );
    Effect::new(move |_| {
        if let Some(error) = save.error.get() {
            errors.take(&error);
            if error.is(ErrorCode::AlreadyExists) && error.fields().is_empty() {
                errors.add("/code", t!("Another level has this code."));
            }
        }
    });
    let submit = move || {
        if errors.check(&request()) {
            save.run.run(());
        }
    };
    let title = if is_new { t!("New detection level") } else { t!("Edit detection level") };
    view! {
        <FormDialog open=open title=title act=t!("Save level") busy=save.busy on_submit=move |()| submit()>
            <Refused error=save.error who=who/>
            <Field label=t!("Name") error=errors.field("/name") required=true><TextInput value=name/></Field>
            {is_new.then(|| view! { <Field label=t!("Code") hint=t!("Lower-case letters, digits and _; it stays for good") error=errors.field("/code") required=true><TextInput value=code autocomplete="off"/></Field> })}
            <Field label=t!("Meaning") error=errors.field("/description")><TextArea value=description rows=2/></Field>
            <div class="cols cols--2 cols--tight">
                <Field label=t!("Rank") hint=t!("0 to 1000, higher is better") error=errors.field("/rank")><TextInput value=rank kind="number"/></Field>
                <Field label=t!("Colour") error=errors.field("/color")><TextInput value=color kind="color"/></Field>
            </div>
            <Switch checked=is_default on_change=move |on| is_default.set(on)>{t!("Proposed first")}</Switch>
            {(!is_new).then(|| view! {
                <div class="stack stack--1">
                    <Switch checked=is_retired on_change=move |on| is_retired.set(on)>{t!("Retired")}</Switch>
                    <span class="small muted">{t!("No longer offered. Where it was chosen it stays and counts.")}</span>
                </div>
            })}
        </FormDialog>
    }
}
