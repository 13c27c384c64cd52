//! About: version, licences, what is there and what is to come.

use leptos::prelude::*;

use crate::shell::Page;
use crate::status::{use_catalogue_status, use_health};
use crate::ui::{Badge, Card, CardBody, KeyValues, Pair, Tone};

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Done,
    Next,
    Later,
}

/// What a reader can expect, and when. Labels, not dates.
const ROADMAP: [(Stage, &str, &str); 19] = [
    (Stage::Done, "Missions from frozen scenarios", "wizard, members, life cycle, a board by state"),
    (Stage::Done, "Library of tests and scenarios", "tagged with ATT&CK, ordered by drag or keyboard; tags remapped when ATT&CK moves on"),
    (Stage::Done, "ATT&CK catalogue", "sync from the pinned source or an upload, hash checked, with a preview"),
    (
        Stage::Done,
        "Execution",
        "the whole plan edited in its mission; red and blue forms, detections per defence tool, evidence, comments, live on all screens",
    ),
    (Stage::Done, "Synthesis and exports", "heat map, funnel, times, gaps; PDF, DOCX, HTML, XLSX, Navigator layer, a bundle with evidence"),
    (
        Stage::Done,
        "Imports",
        "Atomic Red Team, Navigator layers, emulation plans, VECTR, PurpleOps, ATTiRe, Ghostwriter, Sigma; checked first",
    ),
    (Stage::Done, "Retest and analytics", "the same mission again, two missions side by side, trend and history of a technique"),
    (Stage::Done, "People", "invitations, groups, permissions by code"),
    (Stage::Done, "Ways in", "single sign-on by OpenID Connect, two-step sign-in, links for a forgotten password, API tokens with scopes"),
    (Stage::Done, "Command palette", "to anything by a few keys"),
    (Stage::Done, "Audit log", "who did what, as a chain of hashes that can be verified"),
    (Stage::Done, "Removal for good", "missions and evidence, from the database and the disk; a hash stays"),
    (Stage::Done, "Backup and restore", "one command each way, online, to the other database engine too; automatic backups"),
    (Stage::Done, "Several instances", "behind a proxy on one PostgreSQL, live over all of them, evidence in a bucket"),
    (Stage::Done, "Metrics", "for Prometheus, on an address of their own"),
    (Stage::Next, "More of the imports", "detections of VECTR’s tools, the whole archive of PurpleOps"),
    (Stage::Next, "Your logo in reports", "on the first page"),
    (Stage::Next, "Texts in one catalogue", "the way to other languages"),
    (
        Stage::Later,
        "Chinese, Japanese and Korean in the PDF",
        "the faces that are built in have no such characters; the HTML report shows them",
    ),
];

/// The page.
#[component]
pub fn AboutPage() -> impl IntoView {
    let health = use_health();
    let catalogue = use_catalogue_status();
    view! {
        <Page title="About Tyrian">
            <div class="cols cols--side">
                <div class="stack">
                    <Card title="Roadmap">
                        <CardBody>
                            <ul class="stack stack--2">
                                {ROADMAP
                                    .into_iter()
                                    .map(|(stage, title, text)| {
                                        let badge = match stage {
                                            Stage::Done => view! { <Badge tone=Tone::Ok icon="check">"Done"</Badge> }.into_any(),
                                            Stage::Next => view! { <Badge tone=Tone::Accent icon="arrow-right">"Next"</Badge> }.into_any(),
                                            Stage::Later => view! { <Badge icon="clock">"Later"</Badge> }.into_any(),
                                        };
                                        view! { <li class="roadmap"><span>{badge}</span><span><b class="strong">{title}</b>" "<span class="muted">{text}</span></span></li> }
                                    })
                                    .collect_view()}
                            </ul>
                        </CardBody>
                    </Card>
                    <Card title="Licences">
                        <CardBody>
                            <div class="prose">
                                <p>"Tyrian is free software under the Apache License 2.0."</p>
                                <p>"ATT&CK names, ids and texts: © The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation."</p>
                                <p>"MITRE ATT&CK and ATT&CK are registered trademarks of The MITRE Corporation."</p>
                                <p>"Icons: Lucide (ISC License, © Lucide Icons and Contributors). Faces: Inter and JetBrains Mono (SIL Open Font License 1.1)."</p>
                                <p>"Built with Rust, Leptos, actix-web, SeaORM, utoipa and many others, each under its own free licence."</p>
                            </div>
                        </CardBody>
                    </Card>
                </div>
                <Card title="This instance">
                    <CardBody>
                        <KeyValues>
                            <Pair label="App">{env!("CARGO_PKG_VERSION")}</Pair>
                            <Pair label="Server">{move || health.data.get().map_or_else(|| "not reached".to_owned(), |health| health.version)}</Pair>
                            <Pair label="Commit"><span class="mono">{move || health.data.get().map(|health| health.commit).filter(|commit| !commit.is_empty()).unwrap_or_else(|| "unknown".to_owned())}</span></Pair>
                            <Pair label="ATT&CK">{move || catalogue.data.get().and_then(|status| status.version).map_or_else(|| "not synced yet".to_owned(), |version| format!("Enterprise v{version}"))}</Pair>
                            <Pair label="API"><a href="/api/docs" rel="external">"Docs"</a>", "<a href="/api/v1/openapi.json" rel="external">"OpenAPI document"</a></Pair>
                        </KeyValues>
                    </CardBody>
                </Card>
            </div>
        </Page>
    }
}
