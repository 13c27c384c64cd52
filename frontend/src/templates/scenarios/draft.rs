//! What the builder holds of a scenario, and how it becomes a request.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use tyrian_api_types::Patch;
use tyrian_api_types::scenario_templates::{ScenarioTemplate, ScenarioTemplateCreate, ScenarioTemplatePatch, ScenarioTests};
use tyrian_api_types::test_templates::TestTemplateSummary;
use uuid::Uuid;

use super::super::conflict::FieldOf;

/// A test in the order, with what its row shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// the template
    pub id: Uuid,
    /// its name
    pub name: String,
    /// its ATT&CK ids
    pub external_ids: Vec<String>,
}

impl From<&TestTemplateSummary> for Chosen {
    fn from(test: &TestTemplateSummary) -> Self {
        Self {
            id: test.id,
            name: test.name.clone(),
            external_ids: test.mitre_tags.iter().map(|tag| &tag.external_id).chain(&test.unresolved_tags).cloned().collect(),
        }
    }
}

/// What the builder holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ScenarioDraft {
    /// what it is called
    pub name: String,
    /// what it plays, Markdown
    pub description: String,
    /// whom it imitates
    pub threat_actor: String,
    /// labels
    pub tags: Vec<String>,
    /// its tests in order
    pub tests: Vec<Chosen>,
}

fn filled(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

impl ScenarioDraft {
    /// What a scenario holds now.
    pub fn of(scenario: &ScenarioTemplate) -> Self {
        Self {
            name: scenario.name.clone(),
            description: scenario.description.clone().unwrap_or_default(),
            threat_actor: scenario.threat_actor.clone().unwrap_or_default(),
            tags: scenario.tags.clone(),
            tests: scenario.tests.iter().map(|place| Chosen::from(&place.test_template)).collect(),
        }
    }

    fn ids(&self) -> Vec<Uuid> {
        self.tests.iter().map(|test| test.id).collect()
    }

    /// The request that makes it.
    pub fn create(&self) -> ScenarioTemplateCreate {
        ScenarioTemplateCreate {
            name: self.name.trim().to_owned(),
            description: filled(&self.description),
            threat_actor: filled(&self.threat_actor),
            tags: self.tags.clone(),
            test_template_ids: self.ids(),
        }
    }

    /// What changed of its own fields since `base`; none where nothing did.
    pub fn patch(&self, base: &Self) -> Option<ScenarioTemplatePatch> {
        let patch = ScenarioTemplatePatch {
            name: if self.name == base.name { Patch::Keep } else { Patch::Set(self.name.trim().to_owned()) },
            description: Patch::diff(&filled(&base.description), filled(&self.description)),
            threat_actor: Patch::diff(&filled(&base.threat_actor), filled(&self.threat_actor)),
            tags: if self.tags == base.tags { Patch::Keep } else { Patch::Set(self.tags.clone()) },
        };
        (patch != ScenarioTemplatePatch::default()).then_some(patch)
    }

    /// The whole order, where it changed since `base`.
    pub fn order(&self, base: &Self) -> Option<ScenarioTests> {
        (self.ids() != base.ids()).then(|| ScenarioTests { test_template_ids: self.ids() })
    }

    /// The techniques and subtechniques of its tests, each once.
    pub fn techniques(&self) -> Vec<String> {
        let mut ids: Vec<String> =
            self.tests.iter().flat_map(|test| &test.external_ids).filter(|id| !id.starts_with("TA")).cloned().collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// The fields as the comparison of two versions shows them.
pub const FIELDS: &[FieldOf<ScenarioDraft>] = &[
    FieldOf { label: mark!("Name"), show: |d| d.name.clone(), copy: |from, to| to.name.clone_from(&from.name) },
    FieldOf {
        label: mark!("Threat actor"),
        show: |d| d.threat_actor.clone(),
        copy: |from, to| to.threat_actor.clone_from(&from.threat_actor),
    },
    FieldOf { label: mark!("Description"), show: |d| d.description.clone(), copy: |from, to| to.description.clone_from(&from.description) },
    FieldOf { label: mark!("Tags"), show: |d| d.tags.join(", "), copy: |from, to| to.tags.clone_from(&from.tags) },
    FieldOf {
        label: mark!("Tests"),
        show: |d| d.tests.iter().zip(1..).map(|(test, place)| format!("{place}. {}", test.name)).collect::<Vec<_>>().join("\n"),
        copy: |from, to| to.tests.clone_from(&from.tests),
    },
];

/// The form's signals.
#[derive(Clone, Copy)]
pub struct ScenarioForm {
    /// what it is called
    pub name: RwSignal<String>,
    /// what it plays
    pub description: RwSignal<String>,
    /// whom it imitates
    pub threat_actor: RwSignal<String>,
    /// labels
    pub tags: RwSignal<Vec<String>>,
    /// its tests in order
    pub tests: RwSignal<Vec<Chosen>>,
}

impl ScenarioForm {
    /// An empty form.
    pub fn new() -> Self {
        Self {
            name: RwSignal::default(),
            description: RwSignal::default(),
            threat_actor: RwSignal::default(),
            tags: RwSignal::default(),
            tests: RwSignal::default(),
        }
    }

    /// What it holds.
    pub fn read(self) -> ScenarioDraft {
        ScenarioDraft {
            name: self.name.get(),
            description: self.description.get(),
            threat_actor: self.threat_actor.get(),
            tags: self.tags.get(),
            tests: self.tests.get(),
        }
    }

    /// Fills it.
    pub fn write(self, draft: ScenarioDraft) {
        self.name.set(draft.name);
        self.description.set(draft.description);
        self.threat_actor.set(draft.threat_actor);
        self.tags.set(draft.tags);
        self.tests.set(draft.tests);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_names_only_what_changed() {
        let base = ScenarioDraft { name: "a".into(), description: "d".into(), ..ScenarioDraft::default() };
        assert_eq!(base.patch(&base), None);
        let mine = ScenarioDraft { description: String::new(), ..base.clone() };
        let patch = mine.patch(&base).unwrap();
        assert_eq!((patch.name, patch.description), (Patch::Keep, Patch::Clear));
        assert_eq!(mine.order(&base), None);
    }

    #[test]
    fn techniques_are_counted_once_and_tactics_are_none() {
        let test =
            |ids: &[&str]| Chosen { id: Uuid::nil(), name: "t".into(), external_ids: ids.iter().map(|id| (*id).to_owned()).collect() };
        let draft = ScenarioDraft { tests: vec![test(&["T1059", "TA0002"]), test(&["T1059", "T1003.001"])], ..ScenarioDraft::default() };
        assert_eq!(draft.techniques(), ["T1003.001", "T1059"]);
    }
}
