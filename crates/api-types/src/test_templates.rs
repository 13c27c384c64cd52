//! Test templates: the library that missions copy from.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use tyrian_domain::template::{Executor, OpsecLevel, TagKind};
use tyrian_domain::text;
use uuid::Uuid;

use crate::users::Author;
use crate::{Faults, Patch, Validate};

/// What a file of exported test templates calls itself.
pub const EXPORT_FORMAT: &str = "tyrian-test-templates";
/// The version of that format that this build writes.
pub const EXPORT_FORMAT_VERSION: u32 = 1;
/// Characters of an objective in a list: a scenario of 10,000 tests would else be a gigabyte.
pub const SUMMARY_OBJECTIVE: u32 = 1000;

crate::wire! {
    /// An ATT&CK tag as it is given.
    #[derive(Eq, PartialOrd, Ord)]
    #[serde(deny_unknown_fields)]
    pub struct MitreTagInput {
        /// Tactic, technique or subtechnique.
        pub kind: TagKind,
        /// Its ATT&CK id, `T1059.001`.
        pub external_id: String,
    }

    /// An ATT&CK tag as it is shown.
    pub struct MitreTag {
        /// Tactic, technique or subtechnique.
        pub kind: TagKind,
        /// Its ATT&CK id.
        pub external_id: String,
        /// Its name.
        pub name: String,
        /// Its page at MITRE.
        pub url: Option<String>,
    }

    /// A detection idea kept with a test: a Sigma rule or plain text.
    #[serde(deny_unknown_fields)]
    pub struct DetectionRule {
        /// `sigma` or `text`.
        pub format: String,
        /// What it finds.
        pub title: String,
        /// Sigma's level, informational to critical.
        #[serde(default)]
        pub level: Option<String>,
        /// The rule itself.
        pub body: String,
    }

    /// An argument of the command, `#{name}` in it.
    #[serde(deny_unknown_fields)]
    pub struct Argument {
        /// What it is.
        #[serde(default)]
        pub description: Option<String>,
        /// `string`, `path`, `url`, `integer`, `float`.
        #[serde(default, rename = "type")]
        pub kind: Option<String>,
        /// Its value where nobody gives one: a text or a number.
        #[serde(default)]
        pub default: Option<Value>,
    }

    /// The content of a test that a mission copies: a template's and a mission test's alike.
    pub struct TestContent {
        /// What it is called.
        pub name: String,
        /// What it is to show.
        pub objective: Option<String>,
        /// How it is done, Markdown.
        pub procedure: Option<String>,
        /// What must be there before, Markdown.
        pub prerequisites: Option<String>,
        /// How to tidy up.
        pub cleanup: Option<String>,
        /// What the defenders should see.
        pub expected_detection: Option<String>,
        /// Detection ideas.
        pub detection_rules: Vec<DetectionRule>,
        /// How loud or risky it is.
        pub opsec_level: OpsecLevel,
        /// Where it works.
        pub platforms: Vec<String>,
        /// Free labels.
        pub tags: Vec<String>,
        /// What runs the command.
        pub executor: Executor,
        /// The command, with `#{argument}` in it.
        pub command: Option<String>,
        /// The command's arguments by name.
        pub arguments: BTreeMap<String, Argument>,
        /// Does it need an administrator's rights?
        pub elevation_required: bool,
        /// Links to read on.
        pub references: Vec<String>,
    }

    /// A test template.
    pub struct TestTemplate {
        /// Template id.
        pub id: Uuid,
        /// The content that missions copy.
        #[serde(flatten)]
        pub content: TestContent,
        /// ATT&CK tags.
        pub mitre_tags: Vec<MitreTag>,
        /// ATT&CK ids that an import named and the catalogue lacks; a later sync turns them into tags.
        #[serde(default)]
        pub unresolved_tags: Vec<String>,
        /// Where it was imported from: `atomic`, …
        pub source_kind: Option<String>,
        /// Its key there.
        pub source_id: Option<String>,
        /// Who made it.
        pub created_by: Option<Author>,
        /// For If-Match.
        pub version: i64,
        /// When it was made.
        pub created_at: DateTime<Utc>,
        /// When it last changed.
        pub updated_at: DateTime<Utc>,
    }

    /// A test template in a list.
    pub struct TestTemplateSummary {
        /// Template id.
        pub id: Uuid,
        /// What it is called.
        pub name: String,
        /// What it is to show: the first [`SUMMARY_OBJECTIVE`] characters at most.
        pub objective: Option<String>,
        /// How loud or risky it is.
        pub opsec_level: OpsecLevel,
        /// What runs its command.
        pub executor: Executor,
        /// Where it works.
        pub platforms: Vec<String>,
        /// Free labels.
        pub tags: Vec<String>,
        /// ATT&CK tags.
        pub mitre_tags: Vec<MitreTag>,
        /// ATT&CK ids that an import named and the catalogue lacks.
        #[serde(default)]
        pub unresolved_tags: Vec<String>,
        /// Who made it.
        pub created_by: Option<Author>,
        /// For If-Match.
        pub version: i64,
        /// When it was made.
        pub created_at: DateTime<Utc>,
        /// When it last changed.
        pub updated_at: DateTime<Utc>,
    }

    /// A new test template.
    #[serde(deny_unknown_fields)]
    pub struct TestTemplateCreate {
        /// What it is called.
        pub name: String,
        /// What it is to show.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub objective: Option<String>,
        /// How it is done, Markdown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub procedure: Option<String>,
        /// What must be there before, Markdown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub prerequisites: Option<String>,
        /// How to tidy up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cleanup: Option<String>,
        /// What the defenders should see.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub expected_detection: Option<String>,
        /// Detection ideas.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub detection_rules: Vec<DetectionRule>,
        /// How loud or risky it is; medium if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub opsec_level: Option<OpsecLevel>,
        /// Where it works.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub platforms: Vec<String>,
        /// Free labels.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub tags: Vec<String>,
        /// What runs the command; manual if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub executor: Option<Executor>,
        /// The command, with `#{argument}` in it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub command: Option<String>,
        /// The command's arguments by name.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        pub arguments: BTreeMap<String, Argument>,
        /// Does it need an administrator's rights?
        #[serde(default)]
        pub elevation_required: bool,
        /// Links to read on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub references: Vec<String>,
        /// ATT&CK tags; each must be in the catalogue.
        #[serde(default)]
        pub mitre_tags: Vec<MitreTagInput>,
    }

    /// Test templates as a file: what one instance gives to another.
    #[serde(deny_unknown_fields)]
    pub struct TestTemplateExport {
        /// `tyrian-test-templates`.
        pub format: String,
        /// 1.
        pub format_version: u32,
        /// When it was written.
        pub exported_at: DateTime<Utc>,
        /// The templates, oldest first, as they are created.
        pub items: Vec<TestTemplateCreate>,
    }
}

crate::patch_wire! {
    /// Changes a test template. A list replaces the list.
    pub struct TestTemplatePatch {
        /// What it is called.
        name: String,
        /// What it is to show.
        objective: String,
        /// How it is done, Markdown.
        procedure: String,
        /// What must be there before, Markdown.
        prerequisites: String,
        /// How to tidy up.
        cleanup: String,
        /// What the defenders should see.
        expected_detection: String,
        /// Detection ideas.
        detection_rules: Vec<DetectionRule>,
        /// How loud or risky it is.
        opsec_level: OpsecLevel,
        /// Where it works.
        platforms: Vec<String>,
        /// Free labels.
        tags: Vec<String>,
        /// What runs the command.
        executor: Executor,
        /// The command, with `#{argument}` in it.
        command: String,
        /// The command's arguments by name.
        arguments: BTreeMap<String, Argument>,
        /// Does it need an administrator's rights?
        elevation_required: bool,
        /// Links to read on.
        references: Vec<String>,
        /// ATT&CK tags; each must be in the catalogue.
        mitre_tags: Vec<MitreTagInput>,
    }
}

impl Validate for TestTemplateCreate {
    fn validate(&self, f: &mut Faults) {
        f.line("/name", &self.name, text::NAME);
        for (pointer, value) in [
            ("/objective", &self.objective),
            ("/procedure", &self.procedure),
            ("/prerequisites", &self.prerequisites),
            ("/cleanup", &self.cleanup),
            ("/expected_detection", &self.expected_detection),
            ("/command", &self.command),
        ] {
            f.text(pointer, value.as_deref());
        }
        f.labels("/platforms", &self.platforms);
        f.labels("/tags", &self.tags);
        check_references(f, &self.references);
        check_rules(f, &self.detection_rules);
        check_arguments(f, &self.arguments);
        check_tags(f, &self.mitre_tags);
    }
}

impl Validate for TestTemplatePatch {
    fn validate(&self, f: &mut Faults) {
        f.patch_line("/name", &self.name, text::NAME);
        for (pointer, value) in [
            ("/objective", &self.objective),
            ("/procedure", &self.procedure),
            ("/prerequisites", &self.prerequisites),
            ("/cleanup", &self.cleanup),
            ("/expected_detection", &self.expected_detection),
            ("/command", &self.command),
        ] {
            f.text(pointer, value.value().map(String::as_str));
        }
        f.needed("/opsec_level", &self.opsec_level);
        f.needed("/executor", &self.executor);
        f.needed("/elevation_required", &self.elevation_required);
        if let Some(v) = self.platforms.value() {
            f.labels("/platforms", v);
        }
        if let Some(v) = self.tags.value() {
            f.labels("/tags", v);
        }
        if let Some(v) = self.references.value() {
            check_references(f, v);
        }
        if let Some(v) = self.detection_rules.value() {
            check_rules(f, v);
        }
        if let Some(v) = self.arguments.value() {
            check_arguments(f, v);
        }
        if let Some(v) = self.mitre_tags.value() {
            check_tags(f, v);
        }
    }
}

fn check_references(f: &mut Faults, references: &[String]) {
    if references.len() > text::LABELS {
        f.add("/references", "too_many", format!("At most {}.", text::LABELS));
    }
    for (i, reference) in references.iter().enumerate().take(text::LABELS) {
        f.line(&format!("/references/{i}"), reference, 2000);
    }
}

fn check_rules(f: &mut Faults, rules: &[DetectionRule]) {
    if rules.len() > text::LABELS {
        f.add("/detection_rules", "too_many", format!("At most {}.", text::LABELS));
    }
    for (i, rule) in rules.iter().enumerate().take(text::LABELS) {
        if !["sigma", "text"].contains(&rule.format.as_str()) {
            f.add(format!("/detection_rules/{i}/format"), "unknown", "sigma or text.");
        }
        f.line(&format!("/detection_rules/{i}/title"), &rule.title, text::NAME);
        f.optional_line(&format!("/detection_rules/{i}/level"), rule.level.as_deref(), text::LABEL);
        f.text(&format!("/detection_rules/{i}/body"), Some(&rule.body));
    }
}

fn check_arguments(f: &mut Faults, arguments: &BTreeMap<String, Argument>) {
    if arguments.len() > text::LABELS {
        f.add("/arguments", "too_many", format!("At most {}.", text::LABELS));
    }
    for (name, argument) in arguments.iter().take(text::LABELS) {
        // `~` and `/` have to be escaped in a JSON pointer
        let pointer = format!("/arguments/{}", name.replace('~', "~0").replace('/', "~1"));
        f.line(&pointer, name, text::LABEL);
        f.text(&format!("{pointer}/description"), argument.description.as_deref());
        f.optional_line(&format!("{pointer}/type"), argument.kind.as_deref(), text::LABEL);
        match &argument.default {
            None | Some(Value::Null | Value::Number(_) | Value::Bool(_)) => {}
            Some(Value::String(value)) => f.text(&format!("{pointer}/default"), Some(value)),
            Some(_) => f.add(format!("{pointer}/default"), "type", "A text or a number."),
        }
    }
}

fn check_tags(f: &mut Faults, tags: &[MitreTagInput]) {
    if tags.len() > text::MITRE_TAGS {
        f.add("/mitre_tags", "too_many", format!("At most {}.", text::MITRE_TAGS));
    }
    for (i, tag) in tags.iter().enumerate().take(text::MITRE_TAGS) {
        f.line(&format!("/mitre_tags/{i}/external_id"), &tag.external_id, 20);
    }
}
