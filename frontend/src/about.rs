//! About: version, licences, what is there and what is to come.

use leptos::prelude::*;

use crate::shell::Page;
use crate::status::{use_catalogue_status, use_health};
use crate::texts::tr;
use crate::ui::{Badge, Card, CardBody, KeyValues, Pair, Tone};

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Done,
    Next,
    Later,
}

/// What a reader can expect, and when. Labels, not dates.
const ROADMAP: [(Stage, &str, &str); 19] = [
    (Stage::Done, mark!("Missions from frozen scenarios"), mark!("wizard, members, life cycle, a board by state")),
    (
        Stage::Done,
        mark!("Library of tests and scenarios"),
        mark!("tagged with ATT&CK, ordered by drag or keyboard; tags remapped when ATT&CK moves on"),
    ),
    (Stage::Done, mark!("ATT&CK catalogue"), mark!("sync from the pinned source or an upload, hash checked, with a preview")),
    (
        Stage::Done,
        mark!("Execution"),
        mark!(
            "the whole plan edited in its mission; red and blue forms, detections per defence tool, evidence, comments, live on all screens"
        ),
    ),
    (
        Stage::Done,
        mark!("Synthesis and exports"),
        mark!("heat map, funnel, times, gaps; PDF, DOCX, HTML, XLSX, Navigator layer, a bundle with evidence"),
    ),
    (
        Stage::Done,
        mark!("Imports"),
        mark!("Atomic Red Team, Navigator layers, emulation plans, VECTR, PurpleOps, ATTiRe, Ghostwriter, Sigma; checked first"),
    ),
    (
        Stage::Done,
        mark!("Retest and analytics"),
        mark!("the same mission again, two missions side by side, trend and history of a technique"),
    ),
    (Stage::Done, mark!("People"), mark!("invitations, groups, permissions by code")),
    (
        Stage::Done,
        mark!("Ways in"),
        mark!("single sign-on by OpenID Connect, two-step sign-in, links for a forgotten password, API tokens with scopes"),
    ),
    (Stage::Done, mark!("Command palette"), mark!("to anything by a few keys")),
    (Stage::Done, mark!("Audit log"), mark!("who did what, as a chain of hashes that can be verified")),
    (Stage::Done, mark!("Removal for good"), mark!("missions and evidence, from the database and the disk; a hash stays")),
    (Stage::Done, mark!("Backup and restore"), mark!("one command each way, online, to the other database engine too; automatic backups")),
    (Stage::Done, mark!("Several instances"), mark!("behind a proxy on one PostgreSQL, live over all of them, evidence in a bucket")),
    (Stage::Done, mark!("Metrics"), mark!("for Prometheus, on an address of their own")),
    (Stage::Next, mark!("More of the imports"), mark!("detections of VECTR’s tools, the whole archive of PurpleOps")),
    (Stage::Next, mark!("Your logo in reports"), mark!("on the first page")),
    (Stage::Next, mark!("Other languages"), mark!("every text stands in one catalogue already; a language is one more file beside it")),
    (
        Stage::Later,
        mark!("Chinese, Japanese and Korean in the PDF"),
        mark!("the faces that are built in have no such characters; the HTML report shows them"),
    ),
];

/// The page.
#[component]
pub fn AboutPage() -> impl IntoView {
    let health = use_health();
    let catalogue = use_catalogue_status();
    view! {
        <Page title=t!("About Tyrian")>
            <div class="cols cols--side">
                <div class="stack">
                    <Card title=t!("Roadmap")>
                        <CardBody>
                            <ul class="stack stack--2">
                                {ROADMAP
                                    .into_iter()
                                    .map(|(stage, title, text)| {
                                        let badge = match stage {
                                            Stage::Done => view! { <Badge tone=Tone::Ok icon="check">{t!("Done")}</Badge> }.into_any(),
                                            Stage::Next => view! { <Badge tone=Tone::Accent icon="arrow-right">{t!("Next")}</Badge> }.into_any(),
                                            Stage::Later => view! { <Badge icon="clock">{t!("Later")}</Badge> }.into_any(),
                                        };
                                        view! { <li class="roadmap"><span>{badge}</span><span><b class="strong">{tr(title)}</b>" "<span class="muted">{tr(text)}</span></span></li> }
                                    })
                                    .collect_view()}
                            </ul>
                        </CardBody>
                    </Card>
                    <Card title=t!("Licences")>
                        <CardBody>
                            <div class="prose">
                                <p>{t!("Tyrian is free software under the Apache License 2.0.")}</p>
                                <p>{t!("ATT&CK names, ids and texts: © The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation.")}</p>
                                <p>{t!("MITRE ATT&CK and ATT&CK are registered trademarks of The MITRE Corporation.")}</p>
                                <p>{t!("Icons: Lucide (ISC License, © Lucide Icons and Contributors). Faces: Inter and JetBrains Mono (SIL Open Font License 1.1).")}</p>
                                <p>{t!("Built with Rust, Leptos, actix-web, SeaORM, utoipa and many others, each under its own free licence.")}</p>
                            </div>
                        </CardBody>
                    </Card>
                </div>
                <Card title=t!("This instance")>
                    <CardBody>
                        <KeyValues>
                            <Pair label=t!("App")>{env!("CARGO_PKG_VERSION")}</Pair>
                            <Pair label=t!("Server")>{move || health.data.get().map_or_else(|| t!("not reached").to_owned(), |health| health.version)}</Pair>
                            <Pair label=t!("Commit")><span class="mono">{move || health.data.get().map(|health| health.commit).filter(|commit| !commit.is_empty()).unwrap_or_else(|| "unknown".to_owned())}</span></Pair>
                            <Pair label=t!("ATT&CK")>{move || catalogue.data.get().and_then(|status| status.version).map_or_else(|| t!("not synced yet").to_owned(), |version| t!("Enterprise v{version}"; version))}</Pair>
                            <Pair label=t!("API")><a href="/api/docs" rel="external">{t!("Docs")}</a>", "<a href="/api/v1/openapi.json" rel="external">{t!("OpenAPI document")}</a></Pair>
                        </KeyValues>
                    </CardBody>
                </Card>
            </div>
        </Page>
    }
}
