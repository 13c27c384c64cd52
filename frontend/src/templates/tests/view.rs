//! A test template as text, for who may read but not change it.

use leptos::prelude::*;
use tyrian_api_types::test_templates::TestTemplate;

use super::super::words::{UnknownIds, executor_word, source_word};
use super::form::TestDraft;
use crate::ui::{Badge, Card, CardBody, Chip, Code, EmptyState, Icon, KeyValues, Markdown, Pair, Severity, Time, TimeFormat};

/// Is this an address that may become a link?
fn is_link(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// Where it came from and when it changed.
#[component]
pub fn SourceCard(template: TestTemplate) -> impl IntoView {
    view! {
        <Card title=t!("Source")>
            <CardBody>
                <KeyValues>
                    {template.source_kind.map(|kind| view! { <Pair label=t!("Imported")>{source_word(&kind)}</Pair> })}
                    {template.source_id.map(|id| view! { <Pair label=t!("Key there")><span class="mono">{id}</span></Pair> })}
                    <Pair label=t!("Made")>{template.created_by.map(|by| t!("by {}, ", by.display_name))}<Time at=template.created_at format=TimeFormat::Full/></Pair>
                    <Pair label=t!("Changed")><Time at=template.updated_at format=TimeFormat::Full/></Pair>
                    <Pair label=t!("Version")><span class="num">{template.version}</span></Pair>
                </KeyValues>
            </CardBody>
        </Card>
    }
}

fn markdown_card(title: &'static str, text: Option<String>) -> Option<AnyView> {
    let text = text.filter(|text| !text.trim().is_empty())?;
    Some(view! { <Card title=title><CardBody><Markdown text=text/></CardBody></Card> }.into_any())
}

/// The template.
#[component]
pub fn TestView(template: TestTemplate) -> impl IntoView {
    let draft = TestDraft::of(&template);
    let (content, tags, source) = (template.content.clone(), template.mitre_tags.clone(), template);
    let unknown = source.unresolved_tags.clone();
    let no_unknown = unknown.is_empty();
    let nothing_to_run = content.procedure.is_none() && content.command.is_none();
    view! {
        <div class="cols cols--2">
            <div class="stack">
                <section class="card" aria-label=t!("The test")>
                    <CardBody>
                        <div class="stack">
                            {content.objective.map(|text| view! { <p class="pre">{text}</p> })}
                            <KeyValues>
                                <Pair label=t!("ATT&CK")>
                                    <UnknownIds ids=unknown/>
                                    {if tags.is_empty() && no_unknown { view! { <span class="faint">{t!("No tags")}</span> }.into_any() } else {
                                        view! {
                                            <span class="row row--1 row--wrap">
                                                {tags.iter().cloned().map(|tag| (format!("/attack?technique={}", tag.external_id), tag)).map(|(href, tag)| view! { <a class="plain" href=href><Chip code=tag.external_id name=tag.name/></a> }).collect_view()}
                                            </span>
                                        }.into_any()
                                    }}
                                </Pair>
                                <Pair label=t!("OPSEC risk")><Severity level=content.opsec_level.as_str()/></Pair>
                                <Pair label=t!("Executor")>{executor_word(content.executor)}</Pair>
                                <Pair label=t!("Elevation")>{if content.elevation_required { t!("Needs an administrator’s rights") } else { t!("Not needed") }}</Pair>
                                <Pair label=t!("Platforms")>{if content.platforms.is_empty() { t!("Not said").to_owned() } else { content.platforms.join(", ") }}</Pair>
                                {(!content.tags.is_empty()).then(|| view! {
                                    <Pair label=t!("Tags")><span class="row row--1 row--wrap">{content.tags.iter().cloned().map(|tag| view! { <Chip name=tag/> }).collect_view()}</span></Pair>
                                })}
                            </KeyValues>
                        </div>
                    </CardBody>
                </section>
                {content.command.clone().map(|command| view! {
                    <Card title=t!("Command")>
                        <CardBody>
                            <div class="stack">
                                <Code text=command/>
                                {(!draft.arguments.is_empty()).then(|| view! {
                                    <crate::ui::Table label=t!("Arguments") tight=true>
                                        <thead><tr><th>{t!("Argument")}</th><th>{t!("Type")}</th><th>{t!("Default")}</th><th>{t!("What it is")}</th></tr></thead>
                                        <tbody>
                                            {draft.arguments.iter().cloned().map(|argument| view! {
                                                <tr><td class="mono">{argument.name}</td><td>{argument.kind}</td><td class="mono">{argument.default}</td><td>{argument.description}</td></tr>
                                            }).collect_view()}
                                        </tbody>
                                    </crate::ui::Table>
                                })}
                            </div>
                        </CardBody>
                    </Card>
                })}
                {content.cleanup.map(|text| view! { <Card title=t!("Clean-up")><CardBody><Code text=text/></CardBody></Card> })}
            </div>
            <div class="stack">
                {markdown_card(t!("Procedure"), content.procedure)}
                {nothing_to_run.then(|| view! { <section class="card"><EmptyState title=t!("No procedure yet") text=t!("Nobody has written down how this test is run.") tight=true/></section> })}
                {markdown_card(t!("Prerequisites"), content.prerequisites)}
                {(content.expected_detection.is_some() || !content.detection_rules.is_empty()).then(|| view! {
                    <Card title=t!("Detection")>
                        <CardBody>
                            <div class="stack">
                                {content.expected_detection.map(|text| view! { <p class="pre">{text}</p> })}
                                {content.detection_rules.into_iter().map(|rule| view! {
                                    <div class="stack stack--1">
                                        <div class="row"><h3 class="trunc">{rule.title}</h3><Badge>{crate::ui::words(&rule.format)}</Badge>{rule.level.map(|level| view! { <Badge>{crate::ui::words(&level)}</Badge> })}</div>
                                        <Code text=rule.body/>
                                    </div>
                                }).collect_view()}
                            </div>
                        </CardBody>
                    </Card>
                })}
                {(!content.references.is_empty()).then(|| view! {
                    <Card title=t!("References")>
                        <CardBody>
                            <ul class="stack stack--1">
                                {content.references.into_iter().map(|link| view! {
                                    <li class="trunc">{if is_link(&link) {
                                        view! { <a href=link.clone() rel="external noopener noreferrer" target="_blank">{link.clone()}" "<Icon name="external-link" size=12/></a> }.into_any()
                                    } else { link.into_any() }}</li>
                                }).collect_view()}
                            </ul>
                        </CardBody>
                    </Card>
                })}
                <SourceCard template=source/>
            </div>
        </div>
    }
}
