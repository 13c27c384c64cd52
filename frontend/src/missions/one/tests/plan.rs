//! What was copied of a test from its template: how it is done, what blue should see, tags and references. Who keeps the
//! plan may still write it while the test is planned; the template stays as it is.

use leptos::prelude::*;
use tyrian_api_types::test_templates::{MitreTag, TestContent};
use tyrian_domain::command::fill;
use tyrian_domain::execution::TestField;

use super::command::{Command, names, values};
use super::form::{Standing, TestForm};
use super::inputs::{Area, Choice, Line, Tick};
use super::lists::{Lines, PlannedArguments, PlannedRows, Words};
use super::standing::SaveState;
use super::values::Part;
use crate::templates::chips::PLATFORMS;
use crate::templates::words::{executor_options, executor_word, opsec_options};
use crate::ui::{Button, ButtonSize, Chip, Code, CopyButton, Icon, Markdown, OpsecBadge, words};

fn section(label: &'static str, text: Option<String>) -> Option<impl IntoView> {
    let text = text.filter(|text| !text.trim().is_empty())?;
    Some(view! { <div class="stack stack--1"><h3>{label}</h3><Markdown text=text/></div> })
}

/// What was copied from the template, to read or to write.
#[component]
pub fn Plan(
    /// the opened test
    form: TestForm,
) -> impl IntoView {
    // It is drawn anew only when it has changed: the arguments in it are being typed.
    let plan = Memo::new(move |_| form.read(|test| test.content.clone()));
    let unsaved = Memo::new(move |_| !matches!(form.standing(Part::Plan), Standing::Saved(_)));
    let editing = RwSignal::new(unsaved.get_untracked());
    // What is not saved stays in sight.
    let writes = Memo::new(move |_| editing.get() || unsaved.get());
    move || {
        if writes.get() {
            view! { <PlanForm form=form editing=editing/> }.into_any()
        } else {
            let may = Memo::new(move |_| form.refusal(TestField::Procedure).is_none());
            let edit = move || {
                may.get().then(|| view! {
                    <div><Button size=ButtonSize::Small icon="pencil" on_click=move |_| editing.set(true)>{t!("Edit the plan")}</Button></div>
                })
            };
            let edit = ViewFn::from(edit);
            (move || planned(form, plan.get(), edit.clone())).into_any()
        }
    }
}

/// The plan as a form: saved as they are written, like all of a test.
#[component]
fn PlanForm(
    /// the opened test
    form: TestForm,
    /// leaves it
    editing: RwSignal<bool>,
) -> impl IntoView {
    let command = Memo::new(move |_| form.text(TestField::Command));
    let rows = PlannedRows::of(form);
    let done = move || {
        form.save_touched();
        if rows.is_whole() {
            editing.set(false);
        }
    };
    view! {
        <section class="card" aria-label=t!("Plan")>
            <div class="card__head"><h2>{t!("Plan")}</h2><span class="small muted">{t!("of this mission; the template stays as it is")}</span><SaveState form=form part=Part::Plan/></div>
            <div class="card__body stack">
                <Line form=form field=TestField::Name/>
                <Area form=form field=TestField::Objective/>
                <div class="cols cols--2 cols--tight">
                    <Words form=form field=TestField::Platforms offer=PLATFORMS placeholder="Windows"/>
                    <Words form=form field=TestField::Tags placeholder=t!("ransomware, quarterly")/>
                </div>
                <Area form=form field=TestField::Prerequisites/>
                <Area form=form field=TestField::Procedure rows=6/>
                <div class="cols cols--2 cols--tight">
                    <Choice form=form field=TestField::Executor options=executor_options()/>
                    <Choice form=form field=TestField::OpsecLevel options=opsec_options()/>
                </div>
                <Area form=form field=TestField::Command rows=3 code=true/>
                <Tick form=form field=TestField::ElevationRequired/>
                <PlannedArguments form=form rows=rows command=command/>
                <Area form=form field=TestField::Cleanup rows=3 code=true/>
                <Area form=form field=TestField::ExpectedDetection/>
                <Lines form=form field=TestField::References hint=t!("One link a line")/>
                <div><Button size=ButtonSize::Small icon="check" on_click=move |_| done()>{t!("Done")}</Button></div>
            </div>
        </section>
    }
}

/// What it is tagged with, and where to read on: behind the forms, which are what people come for.
#[component]
pub fn PlanMarks(
    /// the opened test
    form: TestForm,
) -> impl IntoView {
    let marks = Memo::new(move |_| form.read(|test| (test.mitre_tags.clone(), test.content.tags.clone(), test.content.references.clone())));
    move || {
        let (mitre, tags, references) = marks.get();
        view! { <Marks mitre=mitre tags=tags references=references/> }
    }
}

fn planned(form: TestForm, content: TestContent, edit: ViewFn) -> impl IntoView + use<> {
    let TestContent {
        objective,
        procedure,
        prerequisites,
        cleanup,
        expected_detection,
        detection_rules,
        opsec_level,
        platforms,
        executor,
        command,
        arguments,
        elevation_required,
        ..
    } = content;
    let mut facts = vec![executor_word(executor).to_owned()];
    facts.extend((!platforms.is_empty()).then(|| platforms.join(", ")));
    facts.extend(elevation_required.then(|| t!("needs administrator rights").to_owned()));
    let command = command.filter(|command| !command.trim().is_empty());
    let asks = command.is_some() || !names(&arguments, &[cleanup.as_deref().unwrap_or_default()]).is_empty();
    let nothing =
        [&objective, &procedure, &prerequisites, &cleanup].iter().all(|text| text.as_ref().is_none_or(|text| text.trim().is_empty()))
            && !asks;
    let expects = expected_detection.as_ref().is_some_and(|text| !text.trim().is_empty()) || !detection_rules.is_empty();
    // Tidying up mostly is a command too, with the same arguments.
    let cleanup = cleanup.filter(|text| !text.trim().is_empty()).map(|text| {
        let filled = Signal::derive(move || fill(&text, &values(&arguments, &form.value(TestField::ArgumentValues))));
        view! {
            <div class="stack stack--1">
                <div class="row row--wrap"><h3>{t!("Afterwards")}</h3><span class="push"><CopyButton text=filled label=t!("Copy clean-up")/></span></div>
                <div class="code"><pre tabindex="0" aria-label=t!("Clean-up with its values")>{filled}</pre></div>
            </div>
        }
    });
    view! {
        <details class="card fold" open>
            <summary>
                <Icon name="chevron-right"/>{t!("Procedure")}
                <span class="small muted fold__note">{facts.join(" · ")}</span>
                <span class="push"><OpsecBadge level=opsec_level.as_str()/></span>
            </summary>
            <div class="card__body stack">
                {nothing.then(|| view! { <p class="muted">{t!("There is no more to it than its name.")}</p> })}
                {section(t!("Objective"), objective)}
                {section(t!("Before"), prerequisites)}
                {section(t!("Procedure"), procedure)}
                {asks.then(|| view! { <Command form=form/> })}
                {cleanup}
                {edit.run()}
            </div>
        </details>
        {expects.then(|| view! {
            <details class="card fold" open>
                <summary><Icon name="chevron-right"/>{t!("What blue should see")}</summary>
                <div class="card__body stack">
                    {expected_detection.filter(|text| !text.trim().is_empty()).map(|text| view! { <Markdown text=text/> })}
                    {detection_rules
                        .into_iter()
                        .map(|rule| view! {
                            <div class="stack stack--1">
                                <h3>{rule.title}<span class="small muted">{format!(" {}", if rule.format == "sigma" { t!("Sigma rule") } else { "rule" })}{rule.level.map(|level| format!(", {level}"))}</span></h3>
                                <Code text=rule.body/>
                            </div>
                        })
                        .collect_view()}
                </div>
            </details>
        })}
    }
}

/// May a reference be a link? Only what is plainly a web address.
fn is_link(reference: &str) -> bool {
    let lower = reference.to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://")) && !reference.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// ATT&CK tags of the day, labels, references.
#[component]
fn Marks(
    /// ATT&CK tags
    mitre: Vec<MitreTag>,
    /// labels
    tags: Vec<String>,
    /// links to read on
    references: Vec<String>,
) -> impl IntoView {
    if mitre.is_empty() && tags.is_empty() && references.is_empty() {
        return ().into_any();
    }
    view! {
        <section class="card" aria-label=t!("Tags and references")>
            <dl class="kv card__body">
                {(!mitre.is_empty()).then(|| view! {
                    <dt>{t!("ATT&CK")}</dt>
                    <dd>
                        <ul class="stack stack--1">
                            {mitre
                                .into_iter()
                                .map(|tag| {
                                    let url = tag.url.filter(|url| is_link(url));
                                    view! {
                                        <li class="row row--wrap">
                                            <Chip code=tag.external_id/>
                                            {match url {
                                                Some(url) => view! { <a href=url target="_blank" rel="noreferrer">{tag.name}<Icon name="external-link" size=12/><span class="sr">{t!(" at MITRE, new tab")}</span></a> }.into_any(),
                                                None => view! { <span>{tag.name}</span> }.into_any(),
                                            }}
                                            <span class="small faint">{words(tag.kind.as_str())}</span>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    </dd>
                })}
                {(!tags.is_empty()).then(|| view! { <dt>{t!("Tags")}</dt><dd class="row row--wrap">{tags.into_iter().map(|tag| view! { <Chip name=tag/> }).collect_view()}</dd> })}
                {(!references.is_empty()).then(|| view! {
                    <dt>{t!("References")}</dt>
                    <dd>
                        <ul class="stack stack--1">
                            {references
                                .into_iter()
                                .map(|reference| {
                                    if is_link(&reference) {
                                        view! { <li class="wrap"><a href=reference.clone() target="_blank" rel="noreferrer">{reference.clone()}<span class="sr">{t!(", new tab")}</span></a></li> }.into_any()
                                    } else {
                                        view! { <li class="wrap">{reference}</li> }.into_any()
                                    }
                                })
                                .collect_view()}
                        </ul>
                    </dd>
                })}
            </dl>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        assert!(is_link("https://attack.mitre.org/techniques/T1059"));
        for text in ["javascript:alert(1)", "data:text/html,x", "ATT&CK in Action, p. 12", "//evil.example", "https://a b"] {
            assert!(!is_link(text), "{text}");
        }
    }
}
