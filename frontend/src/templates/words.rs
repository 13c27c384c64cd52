//! Words and marks of the library that more than one of its pages needs.

use leptos::prelude::*;
use tyrian_api_types::test_templates::MitreTag;
use tyrian_api_types::users::Author;
use tyrian_domain::template::{Executor, OpsecLevel};

use crate::ui::{Time, words};

/// What runs a command, for people.
pub fn executor_word(executor: Executor) -> &'static str {
    match executor {
        Executor::Manual => t!("By hand"),
        Executor::Sh => "sh",
        Executor::Bash => "Bash",
        Executor::Powershell => "PowerShell",
        Executor::Cmd => t!("Command prompt"),
        Executor::Python => "Python",
        Executor::Other => t!("Another executor"),
    }
}

/// The executors as choices.
pub fn executor_options() -> Vec<(String, String)> {
    Executor::ALL.iter().map(|executor| (executor.as_str().to_owned(), executor_word(*executor).to_owned())).collect()
}

/// The OPSEC levels as choices.
pub fn opsec_options() -> Vec<(String, String)> {
    OpsecLevel::ALL.iter().map(|level| (level.as_str().to_owned(), words(level.as_str()))).collect()
}

/// The lines of a text as a list: references are written one a line.
pub fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Where imported templates come from, for people.
pub fn source_word(kind: &str) -> String {
    match kind {
        "atomic" => t!("Atomic Red Team").to_owned(),
        "purpleops" => "PurpleOps".to_owned(),
        "vectr" => "VECTR".to_owned(),
        "sigma" => "Sigma".to_owned(),
        "attire" => "ATTiRe".to_owned(),
        other => words(other),
    }
}

/// ATT&CK ids as small marks; more than `most` end in a number. The names show on hover and are spoken.
#[component]
pub fn TagIds(
    /// the tags
    tags: Vec<MitreTag>,
    /// how many are drawn
    #[prop(default = 3)]
    most: usize,
) -> impl IntoView {
    let rest: Vec<String> = tags.iter().skip(most).map(|tag| format!("{} {}", tag.external_id, tag.name)).collect();
    view! {
        <span class="row row--1 row--wrap">
            {tags
                .into_iter()
                .take(most)
                .map(|tag| {
                    let spoken = format!(" {}", tag.name);
                    view! { <span class="chip chip--mono" title=tag.name>{tag.external_id}<span class="sr">{spoken}</span></span> }
                })
                .collect_view()}
            {(!rest.is_empty()).then(|| view! { <span class="small faint num" title=rest.join(", ")>"+"{rest.len()}<span class="sr">{t!(" more")}</span></span> })}
        </span>
    }
}

/// ATT&CK ids that an import named and the catalogue does not have.
#[component]
pub fn UnknownIds(
    /// the ids
    ids: Vec<String>,
) -> impl IntoView {
    let why = t!("Not in the catalogue: missions take no tag from it. It becomes one when a sync brings it.");
    (!ids.is_empty()).then(|| {
        view! {
            <span class="row row--1 row--wrap">
                {ids.into_iter().map(|id| view! { <span class="chip chip--mono chip--unknown" title=why>{id}<span class="sr">{t!(", not in the catalogue")}</span></span> }).collect_view()}
            </span>
        }
    })
}

/// When it last changed, and who made it.
#[component]
pub fn Changed(
    /// when it last changed
    at: chrono::DateTime<chrono::Utc>,
    /// who made it
    by: Option<Author>,
) -> impl IntoView {
    view! {
        <div class="nowrap"><Time at=at/></div>
        {by.map(|by| view! { <div class="small faint trunc" title=by.display_name.clone()>{t!("by ")}{by.display_name.clone()}</div> })}
    }
}
