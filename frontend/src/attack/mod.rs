//! The ATT&CK matrix to browse, one technique beside it, and the sync.

pub mod matrix;
pub mod queries;
mod sync;
mod technique;

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use tyrian_domain::permission::Permission;

use self::matrix::{MatrixView, Picked, count_hits};
use self::sync::SyncDialog;
use self::technique::TechniqueCard;
use crate::loaded::Loaded;
use crate::session::use_session;
use crate::shell::Page;
use crate::status::use_catalogue_status;
use crate::ui::{Button, ButtonKind, ButtonSize, Checkbox, EmptyState, SearchInput, SkeletonRows, Time};

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
        navigate(&to, NavigateOptions { replace: true, scroll: false, ..Default::default() });
    });
    let pick = Callback::new(move |picked: Picked| {
        choose.run(if picked.external_id == chosen.get_untracked() { String::new() } else { picked.external_id })
    });
    let on = Signal::derive(move || chosen.with(|id| if id.is_empty() { BTreeSet::new() } else { BTreeSet::from([id.clone()]) }));
    let counts = Signal::derive(move || uses.data.with(|uses| uses.as_ref().map(|uses| uses.test_templates.clone()).unwrap_or_default()));
    let may_sync = move || session.can(Permission::MitreSync);
    let found = Memo::new(move |_| matrix.data.with(|matrix| matrix.as_ref().map_or(0, |matrix| count_hits(matrix, &text.read()))));
    view! {
        <Page
            title="ATT&CK"
            actions=move || view! {
                {move || may_sync().then(|| view! { <Button size=ButtonSize::Small icon="refresh-cw" on_click=move |_| syncing.set(true)>"Sync"</Button> })}
            }
        >
            {move || status.data.get().filter(|status| status.last_sync.is_some()).map(|status| view! {
                <div class="row row--wrap attack__badge">
                    <span class="chip">"Enterprise "{status.version.clone().map_or_else(|| "of unknown version".to_owned(), |version| format!("v{version}"))}</span>
                    <span class="small muted">{status.counts.techniques}" techniques, "{status.counts.subtechniques}" subtechniques"</span>
                    {status.last_sync.map(|at| view! { <span class="small muted">"synced "<Time at=at/></span> })}
                    <span class="small muted">{if status.verified { "hash verified" } else { "hash not verified" }}</span>
                </div>
            })}
            <Loaded query=matrix what="The matrix" skeleton=|| view! { <section class="card"><SkeletonRows rows=8/></section> } let:shown>
                {if shown.tactics.is_empty() {
                    view! {
                        <section class="card"><EmptyState title="No ATT&CK catalogue yet" text="Tests are tagged with techniques of MITRE ATT&CK. Sync it once from MITRE, or upload a bundle where this server has no way out.">
                            {may_sync().then(|| view! { <Button kind=ButtonKind::Primary icon="refresh-cw" on_click=move |_| syncing.set(true)>"Sync ATT&CK"</Button> })}
                        </EmptyState></section>
                    }.into_any()
                } else {
                    view! {
                        <div class="toolbar">
                            <SearchInput value=text label="Search techniques" placeholder="T1059 or PowerShell" main=true/>
                            <Checkbox checked=unfold on_change=Callback::new(move |on| unfold.set(on))>"Show subtechniques"</Checkbox>
                            {move || (!text.read().trim().is_empty()).then(|| view! { <span class="small muted" role="status">{found.get()}" match"</span> })}
                        </div>
                        {move || (!chosen.read().is_empty()).then(|| view! { <TechniqueCard id=chosen.get() on_close=move |()| choose.run(String::new())/> })}
                        <div class="attack__matrix"><MatrixView matrix=shown query=text unfold_all=unfold on=on uses=counts on_pick=pick/></div>
                    }.into_any()
                }}
            </Loaded>
            <p class="small faint attack__notice">"© The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation."</p>
            <SyncDialog open=syncing/>
        </Page>
    }
}
