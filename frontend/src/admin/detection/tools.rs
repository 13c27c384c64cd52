//! The products of the defenders that detections name.

use leptos::prelude::*;
use tyrian_api_types::defence_tools::{DefenceTool, DefenceToolCreate, DefenceToolPatch};
use tyrian_api_types::{ErrorCode, Items, Patch};

use super::{Asked, Delete, changed};
use crate::admin::frame::{Refused, opened};
use crate::api::{self, Request};
use crate::form::FormErrors;
use crate::loaded::Loaded;
use crate::missions::use_defence_tools;
use crate::query::use_mutation;
use crate::ui::{
    Badge, Button, ButtonSize, Card, EmptyState, Field, FormDialog, IconButton, SkeletonRows, Switch, Table, TextInput, use_toasts,
};

/// The card.
#[component]
pub fn Tools() -> impl IntoView {
    let tools = use_defence_tools();
    let asked = RwSignal::new(None::<Asked<DefenceTool>>);
    let close = Callback::new(move |()| asked.set(None));
    view! {
        <Card
            title=t!("Defence tools")
            head=move || view! {
                <span class="small muted">{t!("What blue watches with: one row of a detection names one")}</span>
                <span class="push"><Button size=ButtonSize::Small icon="plus" on_click=move |_| asked.set(Some(Asked::New))>{t!("New tool")}</Button></span>
            }
        >
            <Loaded query=tools what=t!("The defence tools") skeleton=|| view! { <SkeletonRows rows=4/> } let:list>
                <ToolTable list=list asked=asked/>
            </Loaded>
        </Card>
        {move || asked.get().map(|what| match what {
            Asked::New => view! { <ToolForm tool=None on_close=close/> }.into_any(),
            Asked::Edit(tool) => view! { <ToolForm tool=Some(tool) on_close=close/> }.into_any(),
            Asked::Delete(tool) => view! {
                <Delete
                    what=t!("defence tool")
                    name=tool.name
                    path=format!("/defence-tools/{}", tool.id)
                    text=t!("It cannot be undone. A tool that detections name is not deleted: take it out of the offer instead.")
                    in_use=t!("Detections name it. Edit it and take it out of the offer instead.")
                    list="defence-tools"
                    on_close=close
                />
            }
            .into_any(),
        })}
    }
}

#[component]
fn ToolTable(
    /// all of them
    list: Items<DefenceTool>,
    /// opens a dialog
    asked: RwSignal<Option<Asked<DefenceTool>>>,
) -> impl IntoView {
    if list.items.is_empty() {
        return view! {
            <EmptyState tight=true title=t!("No defence tools yet") text=t!("Add the EDR, the SIEM, the proxy: then blue says for each what it logged, alerted and prevented.")/>
        }
        .into_any();
    }
    let row = move |tool: DefenceTool| {
        let (edit, delete) = (tool.clone(), tool.clone());
        let (edit_word, delete_word) = (t!("Edit {}", tool.name), t!("Delete {}", tool.name));
        view! {
            <tr>
                <th scope="row">{tool.name}</th>
                <td>{tool.kind}</td>
                <td class="muted">{tool.vendor}</td>
                <td>{(!tool.is_active).then(|| view! { <Badge>{t!("Not offered")}</Badge> })}</td>
                <td class="nowrap num">
                    <IconButton icon="pencil" label=edit_word on_click=move |_| asked.set(Some(Asked::Edit(edit.clone())))/>
                    <IconButton icon="trash-2" label=delete_word on_click=move |_| asked.set(Some(Asked::Delete(delete.clone())))/>
                </td>
            </tr>
        }
    };
    view! {
        <Table label=t!("Defence tools by name")>
            <thead><tr><th scope="col">{t!("Tool")}</th><th scope="col">{t!("Kind")}</th><th scope="col">{t!("Vendor")}</th><th scope="col"><span class="sr">{t!("Standing")}</span></th><th scope="col"><span class="sr">{t!("Acts")}</span></th></tr></thead>
            <tbody>{list.items.into_iter().map(row).collect_view()}</tbody>
        </Table>
    }
    .into_any()
}

#[component]
fn ToolForm(
    /// what is edited; none: a new one
    tool: Option<DefenceTool>,
    /// takes the dialog out
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let open = opened(on_close);
    let was = StoredValue::new(tool.clone());
    let is_new = tool.is_none();
    let of = |get: fn(&DefenceTool) -> String| RwSignal::new(tool.as_ref().map(get).unwrap_or_default());
    let (name, kind) = (of(|tool| tool.name.clone()), of(|tool| tool.kind.clone()));
    let vendor = of(|tool| tool.vendor.clone().unwrap_or_default());
    let is_active = RwSignal::new(tool.as_ref().is_none_or(|tool| tool.is_active));
    let errors = FormErrors::new();
    let who = Signal::derive(move || name.get());
    let request = move || DefenceToolCreate {
        name: name.get_untracked().trim().to_owned(),
        vendor: Some(vendor.get_untracked().trim().to_owned()).filter(|text| !text.is_empty()),
        kind: kind.get_untracked().trim().to_owned(),
    };
    let save = use_mutation(
        move |()| {
            let new = request();
            async move {
                match was.get_value() {
                    None => api::post::<DefenceTool>("/defence-tools", &new).await,
                    Some(was) => {
                        let patch = DefenceToolPatch {
                            name: Patch::diff(&Some(was.name), Some(new.name)),
                            vendor: Patch::diff(&was.vendor, new.vendor),
                            kind: Patch::diff(&Some(was.kind), Some(new.kind)),
                            is_active: Patch::diff(&Some(was.is_active), Some(is_active.get_untracked())),
                        };
                        Request::new(gloo_net::http::Method::PATCH, format!("/defence-tools/{}", was.id)).json(&patch).send().await
                    }
                }
            }
        },
        move |saved: DefenceTool| {
            open.set(false);
            changed("defence-tools");
            toasts.success(t!("{} is saved", saved.name));
        },
    );
    Effect::new(move |_| {
        if let Some(error) = save.error.get() {
            errors.take(&error);
            if error.is(ErrorCode::AlreadyExists) && error.fields().is_empty() {
                errors.add("/name", t!("Another tool has this name."));
            }
        }
    });
    let submit = move || {
        if errors.check(&request()) {
            save.run.run(());
        }
    };
    let title = if is_new { t!("New defence tool") } else { t!("Edit defence tool") };
    view! {
        <FormDialog open=open title=title act=t!("Save tool") busy=save.busy on_submit=move |()| submit()>
            <Refused error=save.error who=who/>
            <Field label=t!("Name") error=errors.field("/name") required=true><TextInput value=name/></Field>
            <Field label=t!("Kind") hint=t!("EDR, SIEM, proxy, …") error=errors.field("/kind") required=true><TextInput value=kind/></Field>
            <Field label=t!("Vendor") error=errors.field("/vendor")><TextInput value=vendor/></Field>
            {(!is_new).then(|| view! { <Switch checked=is_active on_change=move |on| is_active.set(on)>{t!("Offered for new detections")}</Switch> })}
        </FormDialog>
    }
}
