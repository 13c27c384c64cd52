//! One technique beside the matrix: what it means, and the templates that use it.

use leptos::prelude::*;
use tyrian_api_types::Page;
use tyrian_api_types::catalogue::Technique;
use tyrian_api_types::test_templates::TestTemplateSummary;
use tyrian_domain::permission::Permission;

use super::queries::use_technique;
use crate::api;
use crate::key;
use crate::loaded::Loaded;
use crate::query::use_query;
use crate::session::use_session;
use crate::ui::{ButtonLink, ButtonSize, Card, CardBody, EmptyState, IconButton, Markdown, Skeleton};

/// Characters of a description that are shown before “More”.
const SHORT: usize = 600;

/// A description without the marks of its citations, cut at a paragraph.
fn shortened(text: &str) -> String {
    let mut out = String::new();
    for part in text.split("(Citation:") {
        if out.is_empty() {
            out.push_str(part);
        } else {
            out.push_str(part.split_once(')').map_or("", |(_, rest)| rest));
        }
    }
    match out.char_indices().nth(SHORT) {
        Some((end, _)) => {
            out.get(..end).map(|cut| format!("{} …", cut.rsplit_once(". ").map_or(cut, |(whole, _)| whole))).unwrap_or_default()
        }
        None => out,
    }
}

/// The card of the chosen technique.
#[component]
pub fn TechniqueCard(id: String, #[prop(into)] on_close: Callback<()>) -> impl IntoView {
    let session = use_session();
    let technique = use_technique(id.clone());
    let (tag, param) = (id.clone(), if id.contains('.') { "subtechnique" } else { "technique" });
    let (key_id, path) = (id.clone(), format!("/test-templates?{param}={id}&limit=20"));
    let templates =
        use_query(move || key!["test-templates", "list", "of", key_id], move || api::get::<Page<TestTemplateSummary>>(path.clone()));
    view! {
        <Card title=id head=ViewFn::from(move || view! { <IconButton icon="x" label="Close" on_click=move |_| on_close.run(())/> })>
            <CardBody>
                <Loaded query=technique what="The technique" skeleton=|| view! { <Skeleton lines=3/> } let:found>
                    {match found {
                        None => view! { <EmptyState title="Not in this catalogue" text="The catalogue does not know this id." tight=true/> }.into_any(),
                        Some(technique) => view! { <Text technique=technique/> }.into_any(),
                    }}
                </Loaded>
                {session.can(Permission::TestTemplateRead).then(|| view! {
                    <h3 class="overline">"Test templates"</h3>
                    <Loaded query=templates what="The test templates" skeleton=|| view! { <Skeleton lines=2/> } let:page>
                        {page.items.is_empty().then(|| view! { <p class="small muted">"No template is tagged with it yet."</p> })}
                        <ul class="plain-list">
                            {page.items.into_iter().map(|test| view! { <li><a href=format!("/templates/tests/{}", test.id)>{test.name}</a></li> }).collect_view()}
                        </ul>
                    </Loaded>
                    {session.can(Permission::TestTemplateCreate).then(|| view! {
                        <ButtonLink href=format!("/templates/tests/new?technique={tag}") size=ButtonSize::Small icon="plus">"New test for it"</ButtonLink>
                    })}
                })}
            </CardBody>
        </Card>
    }
}

#[component]
fn Text(technique: Technique) -> impl IntoView {
    view! {
        <div class="stack stack--2">
            <p><b>{technique.name}</b>" "<span class="small muted">{technique.platforms.join(", ")}</span></p>
            {technique.is_revoked.then(|| view! { <p class="small">"Revoked by MITRE"{technique.revoked_by.map(|next| format!(", replaced by {next}"))}</p> })}
            {technique.is_deprecated.then(|| view! { <p class="small">"Deprecated by MITRE"</p> })}
            <Markdown text=shortened(&technique.description)/>
            {technique.url.map(|url| view! { <p class="small"><a href=url rel="external noreferrer" target="_blank">"Read it at MITRE"</a></p> })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_go_and_long_texts_end() {
        assert_eq!(shortened("It runs.(Citation: A B) Then stops."), "It runs. Then stops.");
        let long = "A sentence. ".repeat(200);
        assert!(shortened(&long).chars().count() < 620 && shortened(&long).ends_with('…'));
    }
}
