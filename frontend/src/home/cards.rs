//! The cards of the instance: catalogue, and the database for administrators.

use leptos::prelude::*;
use tyrian_domain::permission::Permission;

use crate::api::ApiError;
use crate::session::use_session;
use crate::status::{use_catalogue_status, use_database_status};
use crate::ui::{Badge, Button, ButtonLink, ButtonSize, Card, CardBody, KeyValues, Pair, Skeleton, Time, Tone};

/// Engine, revision, tables; says so when the database cannot be reached.
#[component]
pub fn DatabaseCard() -> impl IntoView {
    let status = use_database_status();
    let failed = Memo::new(move |_| status.error.read().is_some());
    let badge = move || {
        view! {
            {move || match (failed.get(), status.data.read().is_some()) {
                (true, _) => view! { <Badge tone=Tone::Error icon="circle-alert">{t!("Not reachable")}</Badge> }.into_any(),
                (false, true) => view! { <Badge tone=Tone::Ok icon="circle-check">{t!("Reachable")}</Badge> }.into_any(),
                (false, false) => ().into_any(),
            }}
        }
    };
    view! {
        <Card title=t!("Database") head=badge>
            <CardBody>
                {move || match (status.error.get(), status.data.get()) {
                    (Some(error), _) => {
                        let text = match &error {
                            ApiError::Problem(problem) if problem.reachable == Some(false) => t!("The database cannot be reached. Reading and saving wait until it answers again."),
                            ApiError::Network(_) => t!("The server did not answer, so its database cannot be asked."),
                            _ => t!("The database’s state could not be read."),
                        };
                        view! {
                            <div class="stack stack--2">
                                <p class="muted">{text}</p>
                                <div><Button size=ButtonSize::Small icon="refresh-cw" busy=status.loading on_click=move |_| status.refetch.run(())>{t!("Try again")}</Button></div>
                            </div>
                        }
                        .into_any()
                    }
                    (None, Some(status)) => view! {
                        <div class="small muted">
                            <KeyValues>
                                <Pair label=t!("Engine")>{status.engine}</Pair>
                                <Pair label=t!("Revision")><span class="mono">{status.revision}</span></Pair>
                                <Pair label=t!("Tables")><span class="num">{status.table_count}</span></Pair>
                            </KeyValues>
                        </div>
                    }
                    .into_any(),
                    (None, None) => view! { <Skeleton/> }.into_any(),
                }}
            </CardBody>
        </Card>
    }
}

/// Version and age of the ATT&CK catalogue.
#[component]
pub fn CatalogueCard() -> impl IntoView {
    let session = use_session();
    let status = use_catalogue_status();
    view! {
        <Card title=t!("ATT&CK catalogue") head=|| view! { <a class="small" href="/attack">{t!("Open")}</a> }>
            <CardBody>
                <crate::loaded::Loaded query=status what=t!("The catalogue") let:status>
                    {match status.last_sync {
                        Some(at) => {
                            let version = status.version.map_or_else(|| t!("Unknown version").to_owned(), |version| t!("Enterprise v{version}"; version));
                            view! {
                                <KeyValues>
                                    <Pair label=t!("Version")>{version}", "<span class="num">{status.counts.techniques}</span>{t!(" techniques")}</Pair>
                                    <Pair label=t!("Synced")><Time at=at/>{if status.verified { t!(", hash verified") } else { t!(", hash not verified") }}</Pair>
                                </KeyValues>
                            }
                            .into_any()
                        }
                        None => view! {
                            <div class="stack stack--2">
                                <p class="muted">{t!("The catalogue is empty. Tests are tagged with it, so sync it first.")}</p>
                                {move || session.can(Permission::MitreSync).then(|| view! {
                                    <div><ButtonLink href="/attack" size=ButtonSize::Small icon="refresh-cw">{t!("Sync ATT&CK")}</ButtonLink></div>
                                })}
                            </div>
                        }
                        .into_any(),
                    }}
                </crate::loaded::Loaded>
            </CardBody>
        </Card>
    }
}
