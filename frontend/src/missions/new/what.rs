//! The first step: what the mission is.

use leptos::prelude::*;

use super::draft::Form;
use crate::form::FormErrors;
use crate::missions::queries::use_clients;
use crate::missions::url::after_pause;
use crate::ui::{Card, CardBody, Field, Icon, TextArea, TextInput};

/// Name, client, dates, objectives; what else is known may follow.
#[component]
pub fn WhatStep(
    /// the draft
    form: Form,
    /// what is wrong
    errors: FormErrors,
) -> impl IntoView {
    let clients = use_clients(after_pause(form.client));
    let more = [form.description, form.scope, form.threat_model];
    let open = more.iter().any(|text| !text.read_untracked().trim().is_empty());
    view! {
        <Card title=t!("What is it")>
            <CardBody>
                <div class="stack">
                    <Field label=t!("Name") hint=t!("What people will call it") error=errors.field("/name") required=true>
                        <TextInput value=form.name autocomplete="off" autofocus=true/>
                    </Field>
                    <Field label=t!("Client") hint=t!("Missions of one client are compared with each other: write the name as before") error=errors.field("/client") required=true>
                        <TextInput value=form.client autocomplete="off" list="clients"/>
                    </Field>
                    <datalist id="clients">
                        {move || clients.data.get().unwrap_or_default().into_iter().take(20).map(|client| view! { <option value=client></option> }).collect_view()}
                    </datalist>
                    <div class="pair">
                        <Field label=t!("First day") error=errors.field("/start_date")><TextInput value=form.start_date kind="date"/></Field>
                        <Field label=t!("Last day") error=errors.field("/end_date")><TextInput value=form.end_date kind="date"/></Field>
                    </div>
                    <Field label=t!("Objectives") hint=t!("What it is to find out. Markdown") error=errors.field("/objectives")>
                        <TextArea value=form.objectives rows=5/>
                    </Field>
                    <details class="fold fold--plain" open=open>
                        <summary><Icon name="chevron-right"/>{t!("More about it")}<span class="small muted fold__note">{t!("description, scope, threat model")}</span></summary>
                        <div class="stack fold__body">
                            <Field label=t!("Description") hint=t!("Markdown") error=errors.field("/description")><TextArea value=form.description/></Field>
                            <Field label=t!("Scope") hint=t!("What is in, what is out, what must not be touched. Markdown") error=errors.field("/scope")><TextArea value=form.scope/></Field>
                            <Field label=t!("Threat model") hint=t!("Against whom. Markdown") error=errors.field("/threat_model")><TextArea value=form.threat_model/></Field>
                        </div>
                    </details>
                </div>
            </CardBody>
        </Card>
    }
}
