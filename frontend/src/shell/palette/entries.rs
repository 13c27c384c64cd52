//! What the palette lists: pages, what was found, acts.

use std::collections::BTreeSet;

use tyrian_api_types::search::SearchResults;
use tyrian_domain::permission::Permission;

use crate::session::{Session, Theme};
use crate::shell::nav;

/// What stands before an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// an icon
    Icon(&'static str),
    /// one of our own glyphs: the state of what was found
    Glyph(String),
}

/// What choosing an entry does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// opens an address of the app
    Go(String),
    /// light, dark, as the system
    Theme(Theme),
    /// shows the keys
    Keys,
    /// ends the session
    SignOut,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// the heading under which it stands
    pub group: &'static str,
    /// before it
    pub mark: Mark,
    /// an ATT&CK id before its name
    pub code: Option<String>,
    /// its name
    pub label: String,
    /// a word on the right
    pub note: Option<String>,
    /// what it does
    pub act: Act,
}

fn entry(group: &'static str, icon: &'static str, label: &str, act: Act) -> Entry {
    Entry { group, mark: Mark::Icon(icon), code: None, label: label.to_owned(), note: None, act }
}

/// The pages that the reader may open. Tracks the session.
pub fn pages(session: Session) -> Vec<Entry> {
    nav::pages(session).into_iter().map(|(href, icon, label)| entry(t!("Go to"), icon, label, Act::Go(href.to_owned()))).collect()
}

/// What the reader may do from anywhere. Tracks the session.
pub fn acts(session: Session) -> Vec<Entry> {
    let made = [
        (Permission::MissionCreate, t!("New mission"), "/missions/new"),
        (Permission::TestTemplateCreate, t!("New test template"), "/templates/tests/new"),
        (Permission::ScenarioTemplateCreate, t!("New scenario"), "/templates/scenarios/new"),
    ];
    let made = made
        .into_iter()
        .filter(|act| session.can(act.0))
        .map(|(_, label, href)| entry(t!("Commands"), "plus", label, Act::Go(href.to_owned())));
    let always = [
        ("sun", t!("Light theme"), Act::Theme(Theme::Light)),
        ("moon", t!("Dark theme"), Act::Theme(Theme::Dark)),
        ("monitor", t!("Theme as the system"), Act::Theme(Theme::System)),
        ("keyboard", t!("Show the keys"), Act::Keys),
        ("log-out", t!("Sign out"), Act::SignOut),
    ];
    made.chain(always.into_iter().map(|(icon, label, act)| entry(t!("Commands"), icon, label, act))).collect()
}

/// Those whose name holds every word that is typed.
pub fn matching(entries: Vec<Entry>, query: &str) -> Vec<Entry> {
    let query = query.to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    entries
        .into_iter()
        .filter(|entry| {
            let label = entry.label.to_lowercase();
            words.iter().all(|word| label.contains(word))
        })
        .collect()
}

/// What the server found for `q`: kinds first of which something has a word that begins so, then in the order in which people
/// look for it. `users`: may the reader open the list of users?
pub fn found(results: &SearchResults, q: &str, users: bool) -> Vec<Entry> {
    let mut entries = Vec::new();
    entries.extend(results.missions.iter().map(|hit| Entry {
        mark: Mark::Glyph(format!("st-{}", hit.status.as_str())),
        note: Some(hit.client.clone()),
        ..entry(t!("Missions"), "target", &hit.name, Act::Go(format!("/missions/{}", hit.id)))
    }));
    entries.extend(results.tests.iter().map(|hit| Entry {
        mark: Mark::Glyph(format!("ts-{}", hit.state.as_str())),
        note: Some(hit.mission_name.clone()),
        ..entry(t!("Tests"), "crosshair", &hit.name, Act::Go(format!("/missions/{}?test={}", hit.mission_id, hit.id)))
    }));
    entries.extend(
        results
            .test_templates
            .iter()
            .map(|hit| entry(t!("Test templates"), "flask-conical", &hit.name, Act::Go(format!("/templates/tests/{}", hit.id)))),
    );
    entries.extend(
        results
            .scenario_templates
            .iter()
            .map(|hit| entry(t!("Scenarios"), "route", &hit.name, Act::Go(format!("/templates/scenarios/{}", hit.id)))),
    );
    entries.extend(results.techniques.iter().map(|hit| Entry {
        code: Some(hit.external_id.clone()),
        ..entry(t!("Techniques"), "grid-3x3", &hit.name, Act::Go(format!("/attack?technique={}", hit.external_id)))
    }));
    if users {
        entries.extend(results.users.iter().map(|hit| Entry {
            note: Some(hit.email.clone()),
            ..entry(t!("People"), "user", &hit.display_name, Act::Go(format!("/admin/users?q={}", crate::web::encoded(&hit.email))))
        }));
    }
    meant_first(entries, q)
}

fn meant_first(mut entries: Vec<Entry>, q: &str) -> Vec<Entry> {
    let q = q.trim().to_lowercase();
    let begins = |entry: &Entry| {
        let label = entry.label.to_lowercase();
        label.starts_with(&q) || label.split(|c: char| !c.is_alphanumeric()).any(|word| word.starts_with(&q))
    };
    let meant: BTreeSet<&'static str> = entries.iter().filter(|entry| begins(entry)).map(|entry| entry.group).collect();
    entries.sort_by_key(|entry| !meant.contains(entry.group));
    entries
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_word_has_to_be_in_the_name() {
        let all = vec![entry("Go to", "target", "Missions", Act::Keys), entry("Commands", "plus", "New mission", Act::Keys)];
        let labels = |query: &str| matching(all.clone(), query).into_iter().map(|entry| entry.label).collect::<Vec<_>>();
        assert_eq!(labels(""), ["Missions", "New mission"]);
        assert_eq!(labels("MISS new"), ["New mission"]);
        assert!(labels("missing").is_empty());
    }

    #[test]
    fn a_word_that_begins_so_stands_before_what_holds_it_somewhere() {
        let all = [("Test templates", "Integrity level"), ("Test templates", "Kerberoast"), ("People", "Red Rita")];
        let order = |q: &str| {
            let entries = all.iter().map(|(group, label)| entry(group, "user", label, Act::Keys)).collect();
            meant_first(entries, q).into_iter().map(|entry| entry.label).collect::<Vec<_>>()
        };
        assert_eq!(order(" RIT "), ["Red Rita", "Integrity level", "Kerberoast"]);
        assert_eq!(order("ker"), ["Integrity level", "Kerberoast", "Red Rita"], "a kind stays together");
    }

    #[test]
    fn what_is_found_leads_to_its_page() {
        let id = "00000000-0000-0000-0000-000000000007";
        let results: SearchResults = serde_json::from_value(json!({
            "missions": [{"id": id, "name": "M", "client": "C", "status": "draft"}],
            "tests": [{"id": id, "name": "T", "state": "running", "mission_id": id, "mission_name": "M"}],
            "test_templates": [{"id": id, "name": "P"}], "scenario_templates": [{"id": id, "name": "S"}],
            "techniques": [{"external_id": "T1059.001", "name": "PowerShell", "domain": "enterprise"}],
            "users": [{"id": id, "email": "a+b@example.test", "display_name": "A"}]}))
        .unwrap();
        let to: Vec<Act> = found(&results, "", false).into_iter().map(|entry| entry.act).collect();
        let paths = [
            format!("/missions/{id}"),
            format!("/missions/{id}?test={id}"),
            format!("/templates/tests/{id}"),
            format!("/templates/scenarios/{id}"),
            "/attack?technique=T1059.001".to_owned(),
        ];
        assert_eq!(to, paths.map(Act::Go));
        let groups: Vec<&str> = found(&results, "x", false).iter().map(|entry| entry.group).collect();
        assert_eq!(groups, ["Missions", "Tests", "Test templates", "Scenarios", "Techniques"]);
    }
}
