//! The ATT&CK matrix to browse, one technique beside it, and the sync.

pub mod matrix;
pub mod queries;
mod sync;
mod technique;

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use tyrian_api_types::catalogue::CatalogueStatus;
use tyrian_domain::permission::Permission;

use self::matrix::{MatrixView, Picked};
use self::sync::SyncDialog;
use self::technique::{TechniqueCard, subtechniques};
use crate::loaded::Loaded;
use crate::matrix::count_hits;
use crate::session::use_session;
use crate::shell::Page;
use crate::status::use_catalogue_status;
use crate::templates::OutdatedLink;
use crate::ui::{Button, ButtonKind, ButtonSize, Checkbox, EmptyState, Icon, SearchInput, SkeletonRows, Time};

/// ATT&CK.
#[component]
pub fn AttackPage() -> impl IntoView {
    let session = use_session();
    let (matrix, uses, status) = (queries::use_matrix(), queries::use_technique_use(), use_catalogue_status());
    let (text, unfold, syncing) = (RwSignal::new(String::new()), RwSignal::new(false), RwSignal::new(false));
    let map = use_query_map();
    let chosen = Memo::new(move |_| map.with(|map| map.get("technique").unwrap_or_default()));
    let navigate = use_navigate();
    let choose = Callback::new(move |id: String| {
        let to = if id.is_empty() { "/attack".to_owned() } else { format!("/attack?technique={id}") };
        navigate(&to, NavigateOptions { scroll: false, ..Default::default() });
    });
    let pick = Callback::new(move |picked: Picked| {
        choose.run(if picked.external_id == chosen.get_untracked() { String::new() } else { picked.external_id });
    });
    let on = Signal::derive(move || chosen.with(|id| if id.is_empty() { BTreeSet::new() } else { BTreeSet::from([id.clone()]) }));
    let counts = Signal::derive(move || uses.data.with(|uses| uses.as_ref().map(|uses| uses.test_templates.clone()).unwrap_or_default()));
    let may_sync = move || session.can(Permission::MitreSync);
    let cells = Memo::new(move |_| matrix.data.with(|matrix| matrix.as_ref().map(|matrix| matrix::columns(matrix, &BTreeMap::new()))));
    let found = Memo::new(move |_| cells.with(|cells| cells.as_ref().map_or(0, |cells| count_hits(cells, &text.read()))));
    view! {
        <Page
            title=t!("ATT&CK")
            actions=move || view! {
                {move || may_sync().then(|| view! { <Button size=ButtonSize::Small icon="refresh-cw" on_click=move |_| syncing.set(true)>{t!("Sync")}</Button> })}
            }
        >
            <Loaded query=matrix what=t!("The matrix") skeleton=|| view! { <section class="card"><SkeletonRows rows=8/></section> } let:shown>
                {if shown.tactics.is_empty() {
                    view! {
                        <section class="card"><EmptyState title=t!("No ATT&CK catalogue yet") text=t!("Tests are tagged with techniques of MITRE ATT&CK. Sync it once from MITRE, or upload a bundle where this server has no way out.")>
                            {may_sync().then(|| view! { <Button kind=ButtonKind::Primary icon="refresh-cw" on_click=move |_| syncing.set(true)>{t!("Sync ATT&CK")}</Button> })}
                        </EmptyState></section>
                    }.into_any()
                } else {
                    let around = shown.clone();
                    view! {
                        <div class="toolbar">
                            <SearchInput value=text label=t!("Search techniques") placeholder=t!("Technique id or name") main=true/>
                            <Checkbox checked=unfold on_change=Callback::new(move |on| unfold.set(on))>{t!("Show subtechniques")}</Checkbox>
                            <span class="push">{move || status.data.get().map(|status| view! { <CatalogueBadge status=status/> })}</span>
                        </div>
                        <div class="row row--between row--wrap">
                            <div class="legend" role="group" aria-label=t!("What the colours mean")>
                                <span class="legend__item"><span class="bkey" data-n="2"></span>{t!("several templates")}</span>
                                <span class="legend__item"><span class="bkey" data-n="1"></span>{t!("one template")}</span>
                                <span class="legend__item"><span class="bkey"></span>{t!("none")}</span>
                            </div>
                            <span class="small muted num" role="status">{move || (!text.read().trim().is_empty()).then(|| match found.get() {
                                0 => t!("Nothing matches").to_owned(),
                                1 => "1 match".to_owned(),
                                n => t!("{n} matches"; n),
                            })}</span>
                        </div>
                        <div class="cols" class:cols--side=move || !chosen.read().is_empty()>
                            <section class="card attack__matrix" aria-label=t!("Matrix")><MatrixView matrix=shown query=text unfold_all=unfold on=on uses=counts on_pick=pick/></section>
                            {move || Some(chosen.get()).filter(|id| !id.is_empty()).map(|id| {
                                let (under, was) = (subtechniques(&around, &id), id.clone());
                                let close = move |()| {
                                    choose.run(String::new());
                                    crate::web::focus_soon(format!(".cell[data-key$=\"/{was}\"]"));
                                };
                                view! { <TechniqueCard id=id under=under uses=counts on_choose=choose on_close=close/> }
                            })}
                        </div>
                    }.into_any()
                }}
            </Loaded>
            <p class="attack__notice">{t!("© The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation.")}</p>
            <SyncDialog open=syncing/>
        </Page>
    }
}

/// Which catalogue it is, how old, and whether its hash is a known one.
#[component]
fn CatalogueBadge(status: CatalogueStatus) -> impl IntoView {
    let version = status.version.map_or_else(|| t!("of unknown version").to_owned(), |version| format!("v{version}"));
    view! {
        <div class="attack__badge" title=t!("{} techniques, {} subtechniques", status.counts.techniques, status.counts.subtechniques)>
            <Icon name=if status.verified { "badge-check" } else { "circle-alert" } size=14/>
            <span>{t!("Enterprise ")}<b>{version}</b></span>
            {status.last_sync.map(|at| view! { <span class="muted">{t!("synced ")}<Time at=at/></span> })}
            <span class="muted">{if status.verified { t!("hash verified") } else { t!("hash not verified") }}</span>
            <OutdatedLink/>
        </div>
    }
}
