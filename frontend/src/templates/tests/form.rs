//! What the form of a test template holds, as plain values that can be kept and compared, and as signals that inputs write to.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use tyrian_api_types::Patch;
use tyrian_api_types::test_templates::{DetectionRule, MitreTag, MitreTagInput, TestTemplate, TestTemplateCreate, TestTemplatePatch};
use tyrian_domain::template::{Executor, OpsecLevel};

use super::super::arguments::{self, ArgumentDraft, ArgumentRows};
use super::super::conflict::FieldOf;
use super::super::words::{executor_word, lines};
use crate::ui::words;

/// A detection rule as it is typed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RuleDraft {
    pub format: String,
    pub title: String,
    pub level: String,
    pub body: String,
}

/// The whole form.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TestDraft {
    pub name: String,
    pub objective: String,
    pub procedure: String,
    pub prerequisites: String,
    pub command: String,
    pub executor: String,
    pub elevation: bool,
    pub arguments: Vec<ArgumentDraft>,
    pub cleanup: String,
    pub expected_detection: String,
    pub rules: Vec<RuleDraft>,
    pub opsec: String,
    pub platforms: Vec<String>,
    pub tags: Vec<String>,
    /// one a line
    pub references: String,
    pub mitre_tags: Vec<MitreTag>,
}

fn filled(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

fn inputs(tags: &[MitreTag]) -> Vec<MitreTagInput> {
    tags.iter().map(|tag| MitreTagInput { kind: tag.kind, external_id: tag.external_id.clone() }).collect()
}

impl TestDraft {
    /// An empty form.
    pub fn new() -> Self {
        Self { executor: Executor::Manual.as_str().to_owned(), opsec: OpsecLevel::Medium.as_str().to_owned(), ..Self::default() }
    }

    /// The form of a template.
    pub fn of(template: &TestTemplate) -> Self {
        let content = &template.content;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Self {
            name: content.name.clone(),
            objective: text(&content.objective),
            procedure: text(&content.procedure),
            prerequisites: text(&content.prerequisites),
            command: text(&content.command),
            executor: content.executor.as_str().to_owned(),
            elevation: content.elevation_required,
            arguments: arguments::drafts(&content.arguments),
            cleanup: text(&content.cleanup),
            expected_detection: text(&content.expected_detection),
            rules: content
                .detection_rules
                .iter()
                .map(|rule| RuleDraft {
                    format: rule.format.clone(),
                    title: rule.title.clone(),
                    level: text(&rule.level),
                    body: rule.body.clone(),
                })
                .collect(),
            opsec: content.opsec_level.as_str().to_owned(),
            platforms: content.platforms.clone(),
            tags: content.tags.clone(),
            references: content.references.join("\n"),
            mitre_tags: template.mitre_tags.clone(),
        }
    }

    fn rules(&self) -> Vec<DetectionRule> {
        self.rules
            .iter()
            .map(|rule| DetectionRule {
                format: rule.format.clone(),
                title: rule.title.trim().to_owned(),
                level: filled(&rule.level),
                body: rule.body.clone(),
            })
            .collect()
    }

    /// The request that makes it.
    pub fn create(&self) -> TestTemplateCreate {
        TestTemplateCreate {
            name: self.name.trim().to_owned(),
            objective: filled(&self.objective),
            procedure: filled(&self.procedure),
            prerequisites: filled(&self.prerequisites),
            cleanup: filled(&self.cleanup),
            expected_detection: filled(&self.expected_detection),
            detection_rules: self.rules(),
            opsec_level: OpsecLevel::parse(&self.opsec),
            platforms: self.platforms.clone(),
            tags: self.tags.clone(),
            executor: Executor::parse(&self.executor),
            command: filled(&self.command),
            arguments: arguments::map(&self.arguments),
            elevation_required: self.elevation,
            references: lines(&self.references),
            mitre_tags: inputs(&self.mitre_tags),
        }
    }

    /// The request that makes this of `base`: what did not change is left out.
    pub fn patch(&self, base: &Self) -> TestTemplatePatch {
        fn text(old: &str, new: &str) -> Patch<String> {
            if old == new { Patch::Keep } else { filled(new).map_or(Patch::Clear, Patch::Set) }
        }
        fn value<T: PartialEq, V>(old: &T, new: &T, value: impl FnOnce() -> Option<V>) -> Patch<V> {
            if old == new { Patch::Keep } else { value().map_or(Patch::Keep, Patch::Set) }
        }
        TestTemplatePatch {
            name: value(&base.name, &self.name, || Some(self.name.trim().to_owned())),
            objective: text(&base.objective, &self.objective),
            procedure: text(&base.procedure, &self.procedure),
            prerequisites: text(&base.prerequisites, &self.prerequisites),
            cleanup: text(&base.cleanup, &self.cleanup),
            expected_detection: text(&base.expected_detection, &self.expected_detection),
            detection_rules: value(&base.rules, &self.rules, || Some(self.rules())),
            opsec_level: value(&base.opsec, &self.opsec, || OpsecLevel::parse(&self.opsec)),
            platforms: value(&base.platforms, &self.platforms, || Some(self.platforms.clone())),
            tags: value(&base.tags, &self.tags, || Some(self.tags.clone())),
            executor: value(&base.executor, &self.executor, || Executor::parse(&self.executor)),
            command: text(&base.command, &self.command),
            arguments: value(&base.arguments, &self.arguments, || Some(arguments::map(&self.arguments))),
            elevation_required: value(&base.elevation, &self.elevation, || Some(self.elevation)),
            references: value(&base.references, &self.references, || Some(lines(&self.references))),
            mitre_tags: value(&base.mitre_tags, &self.mitre_tags, || Some(inputs(&self.mitre_tags))),
        }
    }
}

macro_rules! field {
    ($label:expr, $field:ident, $show:expr) => {
        FieldOf { label: $label, show: |draft: &TestDraft| ($show)(&draft.$field), copy: |from, to| to.$field = from.$field.clone() }
    };
}

fn show_tags(tags: &[MitreTag]) -> String {
    tags.iter().map(|tag| format!("{} {}", tag.external_id, tag.name)).collect::<Vec<_>>().join("\n")
}

fn show_rules(rules: &[RuleDraft]) -> String {
    rules.iter().map(|rule| format!("{} ({} {})\n{}", rule.title, rule.format, rule.level, rule.body)).collect::<Vec<_>>().join("\n\n")
}

/// Every field, for the comparison of two versions.
pub const FIELDS: &[FieldOf<TestDraft>] = &[
    field!(mark!("Name"), name, |v: &String| v.clone()),
    field!(mark!("Objective"), objective, |v: &String| v.clone()),
    field!("ATT&CK", mitre_tags, show_tags),
    field!(mark!("OPSEC risk"), opsec, |v: &String| words(v)),
    field!(mark!("Platforms"), platforms, |v: &Vec<String>| v.join(", ")),
    field!(mark!("Tags"), tags, |v: &Vec<String>| v.join(", ")),
    field!(mark!("Procedure"), procedure, |v: &String| v.clone()),
    field!(mark!("Prerequisites"), prerequisites, |v: &String| v.clone()),
    field!(mark!("Executor"), executor, |v: &String| Executor::parse(v).map_or_else(String::new, |e| executor_word(e).to_owned())),
    field!(mark!("Elevation"), elevation, |v: &bool| if *v { mark!("Needed").to_owned() } else { mark!("Not needed").to_owned() }),
    field!(mark!("Command"), command, |v: &String| v.clone()),
    field!(mark!("Arguments"), arguments, arguments::show),
    field!(mark!("Clean-up"), cleanup, |v: &String| v.clone()),
    field!(mark!("Expected detection"), expected_detection, |v: &String| v.clone()),
    field!(mark!("Detection rules"), rules, show_rules),
    field!(mark!("References"), references, |v: &String| v.clone()),
];

/// A detection rule's inputs.
#[derive(Clone, Copy)]
pub struct RuleRow {
    pub key: u32,
    pub format: RwSignal<String>,
    pub title: RwSignal<String>,
    pub level: RwSignal<String>,
    pub body: RwSignal<String>,
}

/// The form's inputs; a copyable handle.
#[derive(Clone, Copy)]
pub struct TestForm {
    pub name: RwSignal<String>,
    pub objective: RwSignal<String>,
    pub procedure: RwSignal<String>,
    pub prerequisites: RwSignal<String>,
    pub command: RwSignal<String>,
    pub executor: RwSignal<String>,
    pub elevation: RwSignal<bool>,
    pub arguments: ArgumentRows,
    pub cleanup: RwSignal<String>,
    pub expected_detection: RwSignal<String>,
    pub rules: RwSignal<Vec<RuleRow>>,
    pub opsec: RwSignal<String>,
    pub platforms: RwSignal<Vec<String>>,
    pub tags: RwSignal<Vec<String>>,
    pub references: RwSignal<String>,
    pub mitre_tags: RwSignal<Vec<MitreTag>>,
    /// rows come and go while the form stays: their signals belong to the form
    owner: StoredValue<Owner>,
    next_key: StoredValue<u32>,
}

impl TestForm {
    /// Empty inputs.
    pub fn new() -> Self {
        let text = || RwSignal::new(String::new());
        Self {
            name: text(),
            objective: text(),
            procedure: text(),
            prerequisites: text(),
            command: text(),
            executor: text(),
            elevation: RwSignal::new(false),
            arguments: ArgumentRows::new(),
            cleanup: text(),
            expected_detection: text(),
            rules: RwSignal::new(Vec::new()),
            opsec: text(),
            platforms: RwSignal::new(Vec::new()),
            tags: RwSignal::new(Vec::new()),
            references: text(),
            mitre_tags: RwSignal::new(Vec::new()),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
            next_key: StoredValue::new(0),
        }
    }

    fn key(self) -> u32 {
        self.next_key.update_value(|key| *key += 1);
        self.next_key.get_value()
    }

    /// Inputs for a detection rule.
    pub fn rule_row(self, draft: RuleDraft) -> RuleRow {
        self.owner.get_value().with(|| RuleRow {
            key: self.key(),
            format: RwSignal::new(draft.format),
            title: RwSignal::new(draft.title),
            level: RwSignal::new(draft.level),
            body: RwSignal::new(draft.body),
        })
    }

    /// Fills the inputs.
    pub fn write(self, draft: TestDraft) {
        self.name.set(draft.name);
        self.objective.set(draft.objective);
        self.procedure.set(draft.procedure);
        self.prerequisites.set(draft.prerequisites);
        self.command.set(draft.command);
        self.executor.set(draft.executor);
        self.elevation.set(draft.elevation);
        self.arguments.write(draft.arguments);
        self.cleanup.set(draft.cleanup);
        self.expected_detection.set(draft.expected_detection);
        // Rows are made anew only where they differ: the focus may stand in one.
        if self.read_rules() != draft.rules {
            self.rules.set(draft.rules.into_iter().map(|rule| self.rule_row(rule)).collect());
        }
        self.opsec.set(draft.opsec);
        self.platforms.set(draft.platforms);
        self.tags.set(draft.tags);
        self.references.set(draft.references);
        self.mitre_tags.set(draft.mitre_tags);
    }

    fn read_rules(self) -> Vec<RuleDraft> {
        let read =
            |row: &RuleRow| RuleDraft { format: row.format.get(), title: row.title.get(), level: row.level.get(), body: row.body.get() };
        self.rules.with(|rows| rows.iter().map(read).collect())
    }

    /// What the inputs hold; tracked.
    pub fn read(self) -> TestDraft {
        TestDraft {
            name: self.name.get(),
            objective: self.objective.get(),
            procedure: self.procedure.get(),
            prerequisites: self.prerequisites.get(),
            command: self.command.get(),
            executor: self.executor.get(),
            elevation: self.elevation.get(),
            arguments: self.arguments.read(),
            cleanup: self.cleanup.get(),
            expected_detection: self.expected_detection.get(),
            rules: self.read_rules(),
            opsec: self.opsec.get(),
            platforms: self.platforms.get(),
            tags: self.tags.get(),
            references: self.references.get(),
            mitre_tags: self.mitre_tags.get(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> TestDraft {
        TestDraft {
            name: "Dump LSASS".into(),
            command: "x #{output_file}".into(),
            arguments: vec![ArgumentDraft { name: "n".into(), kind: "string".into(), default: "80".into(), ..Default::default() }],
            ..TestDraft::new()
        }
    }

    #[test]
    fn what_did_not_change_is_left_out_of_a_patch() {
        let base = draft();
        assert_eq!(serde_json::to_string(&base.patch(&base)).unwrap(), "{}");
        let mine = TestDraft { name: "Dump".into(), command: String::new(), ..draft() };
        assert_eq!(serde_json::to_string(&mine.patch(&base)).unwrap(), r#"{"name":"Dump","command":null}"#);
    }
}
