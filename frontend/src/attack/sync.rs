//! The sync: choose a release, an address or a file; see what it would change; confirm.

use gloo_net::http::Method;
use leptos::prelude::*;
use tyrian_api_types::catalogue::{CatalogueChange, Release, SyncAnswer, SyncPreview, SyncRequest};
use tyrian_api_types::jobs::JobAccepted;
use tyrian_api_types::{ErrorCode, Items};
use web_sys::File;

use crate::api::{self, ApiError, Request};
use crate::key;
use crate::query::{self, use_mutation, use_query};
use crate::ui::{
    Banner, BannerKind, Button, ButtonKind, ButtonSize, Checkbox, Dialog, Field, FileDrop, Seg, Select, TaskProgress, TextInput,
    bytes_in_words, count, use_toasts,
};
use crate::upload::{follow, upload};

/// What a preview lists before it only counts.
const LISTED: usize = 8;

/// The dialog; `open` shows it.
#[component]
pub fn SyncDialog(open: RwSignal<bool>) -> impl IntoView {
    let toasts = use_toasts();
    let (way, version) = (RwSignal::new("release".to_owned()), RwSignal::new(String::new()));
    let (source, hash, confirmed) = (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(false));
    let file = RwSignal::new_local(None::<File>);
    let preview = RwSignal::new(None::<SyncPreview>);
    let (done, total, doing) = (RwSignal::new(0u64), RwSignal::new(0u64), RwSignal::new(String::new()));
    let releases = use_query(|| key!["mitre", "releases"], || api::get::<Items<Release>>("/mitre/releases"));
    let options = Signal::derive(move || {
        let list = releases.data.with(|list| list.as_ref().map(|list| list.items.clone()).unwrap_or_default());
        let word = |r: &Release| t!("Enterprise v{}{}", r.version, if r.is_default { t!(", the newest") } else { "" });
        list.iter()
            .filter(|r| r.domain == "enterprise")
            .map(|r| (if r.is_default { String::new() } else { r.version.clone() }, word(r)))
            .collect::<Vec<_>>()
    });
    // what is previewed is what is synced: any other choice asks for a new preview
    Effect::new(move |_| {
        for choice in [way, version, source, hash] {
            choice.track();
        }
        file.track();
        preview.set(None);
        confirmed.set(false);
    });
    let request = move |unverified: bool| {
        let text = |signal: RwSignal<String>| Some(signal.get_untracked().trim().to_owned()).filter(|text| !text.is_empty());
        let mut request =
            SyncRequest { expected_sha256: text(hash), allow_unverified: unverified.then_some(true), ..SyncRequest::default() };
        match way.get_untracked().as_str() {
            "address" => request.source = text(source),
            "release" => {
                request.version = text(version);
                request.expected_sha256 = None;
            }
            _ => {}
        }
        request
    };
    let send = move |path: &'static str, unverified: bool| {
        let request = request(unverified);
        let chosen = file.get_untracked().filter(|_| way.get_untracked() == "file");
        async move {
            done.set(0);
            total.set(0);
            doing.set("Asking".to_owned());
            match chosen {
                Some(file) => {
                    doing.set("Uploading".to_owned());
                    let mut fields = Vec::new();
                    if let Some(hash) = request.expected_sha256 {
                        fields.push(("expected_sha256", hash));
                    }
                    if request.allow_unverified == Some(true) {
                        fields.push(("allow_unverified", "true".to_owned()));
                    }
                    upload::<JobAccepted>(path, &fields, &file, true, move |at, of| {
                        done.try_set(at);
                        total.try_set(of);
                    })
                    .await
                }
                None => Request::new(Method::POST, path).json(&request).respond_async().send::<JobAccepted>().await,
            }
        }
    };
    let watch = move |job: &tyrian_api_types::jobs::Job| {
        done.try_set(job.progress);
        total.try_set(job.total.unwrap_or(0));
        doing.try_set(job.message.clone().unwrap_or_else(|| t!("Working").to_owned()));
    };
    let look = use_mutation(
        move |()| async move { follow::<SyncPreview>(send("/mitre/sync/preview", false).await?, watch).await },
        move |found: SyncPreview| preview.set(Some(found)),
    );
    let sync = use_mutation(
        move |unverified: bool| async move { follow::<SyncAnswer>(send("/mitre/sync", unverified).await?, watch).await },
        move |answer: SyncAnswer| {
            open.set(false);
            preview.set(None);
            query::invalidate(&key!["mitre"]);
            query::invalidate(&key!["test-templates"]);
            toasts.success(t!(
                "ATT&CK {} is here: {}, {}",
                answer.version.unwrap_or_default(),
                count(answer.counts.techniques, "technique", "techniques"),
                count(answer.counts.subtechniques, "subtechnique", "subtechniques")
            ));
        },
    );
    let busy = Signal::derive(move || look.busy.get() || sync.busy.get());
    let error = Signal::derive(move || look.error.get().or_else(|| sync.error.get()));
    let missing = move || match way.get().as_str() {
        "file" if file.read().is_none() => Some(t!("Choose a file first").to_owned()),
        "address" if source.read().trim().is_empty() => Some(t!("Give the address first").to_owned()),
        _ => None,
    };
    // Where the server does not get to the source, a person brings the file.
    let by_hand = Memo::new(move |_| {
        let source_failed = |error: &ApiError| error.is(ErrorCode::SourceUnreachable) || error.is(ErrorCode::SourceRefused);
        way.get() != "file" && error.with(|error| error.as_ref().is_some_and(source_failed))
    });
    let may_sync = move || preview.with(|preview| preview.as_ref().is_some_and(|found| found.verified || confirmed.get()));
    view! {
        <Dialog
            open=open
            title=t!("Sync ATT&CK")
            wide=true
            foot=ViewFn::from(move || view! {
                <Button on_click=move |_| open.set(false)>{t!("Close")}</Button>
                {move || if preview.read().is_some() {
                    view! {
                        <Button kind=ButtonKind::Primary busy=sync.busy
                            why_not=Signal::derive(move || (!may_sync()).then(|| t!("Confirm the hash first").to_owned()))
                            on_click=move |_| sync.run.run(preview.with_untracked(|p| p.as_ref().is_some_and(|p| !p.verified)))>{t!("Sync")}</Button>
                    }.into_any()
                } else {
                    view! { <Button kind=ButtonKind::Primary busy=look.busy why_not=Signal::derive(missing) on_click=move |_| look.run.run(())>{t!("Preview")}</Button> }.into_any()
                }}
            })
        >
            <div class="stack">
                <Seg value=way label=t!("Where from") options=vec![("release".to_owned(), t!("A release").to_owned()), ("file".to_owned(), t!("A file").to_owned()), ("address".to_owned(), t!("An address").to_owned())]/>
                {move || match way.get().as_str() {
                    "file" => view! {
                        <FileDrop label=t!("Drop a STIX bundle here, or choose a file") accept=".json,application/json".to_owned() disabled=busy on_file=move |chosen: File| file.set(Some(chosen))/>
                        {move || file.get().map(|file| view! { <p class="small muted">{file.name()}" · "{file_size(&file)}</p> })}
                        <Field label=t!("Expected SHA-256") hint=t!("Where you know it; a published release is recognised without")><TextInput value=hash mono=true/></Field>
                    }.into_any(),
                    "address" => view! {
                        <Field label=t!("Address") hint=t!("https, of a host that the server may read")><TextInput value=source kind="url"/></Field>
                        <Field label=t!("Expected SHA-256")><TextInput value=hash mono=true/></Field>
                    }.into_any(),
                    _ => view! { <Field label=t!("Release") hint=t!("Fetched from MITRE and checked against its published hash")><Select value=version options=options/></Field> }.into_any(),
                }}
                {move || error.get().map(|error: ApiError| view! {
                    <Banner kind=BannerKind::Error>
                        <span>{error.text()}</span>
                        {move || by_hand.get().then(|| view! {
                            <span class="push"><Button size=ButtonSize::Small icon="upload" on_click=move |_| way.set("file".to_owned())>{t!("Upload a file")}</Button></span>
                        })}
                    </Banner>
                })}
                {move || busy.get().then(|| view! {
                    <div class="stack stack--1">
                        <p class="row row--between small muted" role="status">
                            <span>{move || doing.get()}</span>
                            <span class="num">{move || done.get().saturating_mul(100).checked_div(total.get()).map(|percent| format!("{percent} %"))}</span>
                        </p>
                        <TaskProgress label=t!("Progress") done=done total=total/>
                    </div>
                })}
                {move || preview.get().map(|found| view! { <Preview found=found confirmed=confirmed/> })}
            </div>
        </Dialog>
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a file's size is whole and positive")]
fn file_size(file: &File) -> String {
    bytes_in_words(file.size() as u64)
}

#[component]
fn Preview(found: SyncPreview, confirmed: RwSignal<bool>) -> impl IntoView {
    let list = |title: &'static str, changes: Vec<CatalogueChange>| {
        let rest = changes.len().saturating_sub(LISTED);
        (!changes.is_empty()).then(|| {
            view! {
                <h3 class="overline">{title}" · "{changes.len()}</h3>
                <ul class="sync__list">
                    {changes.into_iter().take(LISTED).map(|c| view! {
                        <li class="sync__change"><span class="chip chip--mono">{c.external_id}</span><span>{c.name}</span><span class="small muted">{c.detail}</span></li>
                    }).collect_view()}
                    {(rest > 0).then(|| view! { <li class="sync__change small muted">{t!("and ")}{rest}{t!(" more")}</li> })}
                </ul>
            }
        })
    };
    let nothing = found.created.is_empty() && found.changed.is_empty() && found.retired.is_empty() && found.updated == 0;
    let hash = found.sha256.clone();
    // What MITRE has revoked or deprecated comes along, so that old ids are still known: it is counted for itself.
    let (new, past): (Vec<CatalogueChange>, Vec<CatalogueChange>) = found.created.into_iter().partition(|change| change.in_force);
    view! {
        <section class="stack stack--2" aria-label=t!("What would change")>
            <p>
                <b>{format!("ATT&CK {} {}", found.domain, found.version.clone().unwrap_or_default())}</b>
                ": "{count(found.counts.tactics, "tactic", "tactics")}", "
                {count(found.counts.techniques, "technique", "techniques")}", "
                {count(found.counts.subtechniques, "subtechnique", "subtechniques")}{t!(" in force")}
            </p>
            <p class="small muted">{t!("SHA-256 ")}<code class="sync__hash mono">{found.sha256.clone()}</code></p>
            // Before the lists, which may be long: this is what is decided.
            {if found.verified {
                view! { <Banner kind=BannerKind::Ok><span>{t!("The hash is the one that was published or expected.")}</span></Banner> }.into_any()
            } else {
                view! {
                    <Banner kind=BannerKind::Warn><span>{t!("This hash is no published release's. Compare it with its source before you go on.")}</span></Banner>
                    <Checkbox checked=confirmed on_change=Callback::new(move |on| confirmed.set(on))>{t!("I checked that the bundle's hash is {}…", hash.get(..12).unwrap_or_default())}</Checkbox>
                }.into_any()
            }}
            {nothing.then(|| view! { <p>{t!("The catalogue is the same already.")}</p> })}
            {list(t!("Renamed or moved"), found.changed)}
            {list(t!("Revoked, deprecated or gone"), found.retired)}
            {list(t!("New"), new)}
            {(!past.is_empty()).then(|| view! {
                <p class="small muted">{t!("Besides, {} come along that MITRE has revoked or deprecated already. They are in no matrix, and kept so that old ids are known.", past.len())}</p>
            })}
            {(found.updated > 0).then(|| view! { <p class="small muted">{found.updated}{t!(" only get another text")}</p> })}
            {(!found.affected_templates.is_empty()).then(|| view! {
                <h3 class="overline">{t!("Test templates tagged with what goes")}</h3>
                <ul class="sync__list">
                    {found.affected_templates.into_iter().map(|t| view! { <li class="sync__change"><span>{t.name}</span><span class="small muted">{t.external_ids.join(", ")}</span></li> }).collect_view()}
                </ul>
            })}
            <p class="small muted">{t!("Missions keep their copies: a sync never changes them.")}</p>
        </section>
    }
}
