//! Scenario templates: test templates in an order.

use chrono::{DateTime, Utc};
use tyrian_domain::text;
use uuid::Uuid;

use crate::test_templates::{TestTemplateCreate, TestTemplateSummary};
use crate::users::Author;
use crate::{Faults, Patch, Validate};

/// What a file of exported scenario templates calls itself.
pub const EXPORT_FORMAT: &str = "tyrian-scenario-templates";
/// The version of that format that this build writes.
pub const EXPORT_FORMAT_VERSION: u32 = 1;

crate::wire! {
    /// A scenario template with its tests.
    pub struct ScenarioTemplate {
        /// Scenario id.
        pub id: Uuid,
        /// What it is called.
        pub name: String,
        /// What it plays, Markdown.
        pub description: Option<String>,
        /// Whom it imitates.
        pub threat_actor: Option<String>,
        /// Free labels.
        pub tags: Vec<String>,
        /// Its tests in order; the same test may stand at several places.
        pub tests: Vec<ScenarioTest>,
        /// Where it was imported from.
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

    /// A test's place in a scenario.
    pub struct ScenarioTest {
        /// Id of the place.
        pub id: Uuid,
        /// Place in the order, from 0, without gaps.
        pub position: u32,
        /// The test that stands there.
        pub test_template: TestTemplateSummary,
    }

    /// A scenario template in a list.
    pub struct ScenarioTemplateSummary {
        /// Scenario id.
        pub id: Uuid,
        /// What it is called.
        pub name: String,
        /// What it plays, Markdown.
        pub description: Option<String>,
        /// Whom it imitates.
        pub threat_actor: Option<String>,
        /// Free labels.
        pub tags: Vec<String>,
        /// How many tests it brings.
        pub test_count: u64,
        /// The ATT&CK ids of the techniques and subtechniques that its tests are tagged with, each once.
        pub techniques: Vec<String>,
        /// Who made it.
        pub created_by: Option<Author>,
        /// For If-Match.
        pub version: i64,
        /// When it was made.
        pub created_at: DateTime<Utc>,
        /// When it last changed.
        pub updated_at: DateTime<Utc>,
    }

    /// A new scenario template.
    #[serde(deny_unknown_fields)]
    pub struct ScenarioTemplateCreate {
        /// What it is called.
        pub name: String,
        /// What it plays, Markdown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub description: Option<String>,
        /// Whom it imitates.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub threat_actor: Option<String>,
        /// Free labels.
        #[serde(default)]
        pub tags: Vec<String>,
        /// Its tests in order; the same test may be named several times.
        #[serde(default)]
        pub test_template_ids: Vec<Uuid>,
    }

    /// Scenario templates as a file, with the content of their tests: what one instance gives to another.
    #[serde(deny_unknown_fields)]
    pub struct ScenarioTemplateExport {
        /// `tyrian-scenario-templates`.
        pub format: String,
        /// 1.
        pub format_version: u32,
        /// When it was written.
        pub exported_at: DateTime<Utc>,
        /// The tests that the scenarios name, each once, as they are created.
        pub test_templates: Vec<TestTemplateCreate>,
        /// The scenarios, oldest first.
        pub items: Vec<ExportedScenario>,
    }

    /// A scenario template in such a file.
    #[serde(deny_unknown_fields)]
    pub struct ExportedScenario {
        /// What it is called.
        pub name: String,
        /// What it plays, Markdown.
        pub description: Option<String>,
        /// Whom it imitates.
        pub threat_actor: Option<String>,
        /// Free labels.
        pub tags: Vec<String>,
        /// Its tests in order: places in the file's `test_templates`, from 0; the same one may stand several times.
        pub tests: Vec<u32>,
    }

    /// Changes a scenario template; its tests have their own PUT.
    #[derive(Default)]
    #[serde(deny_unknown_fields, default)]
    pub struct ScenarioTemplatePatch {
        /// What it is called.
        #[serde(skip_serializing_if = "Patch::is_keep")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
        pub name: Patch<String>,
        /// What it plays, Markdown.
        #[serde(skip_serializing_if = "Patch::is_keep")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
        pub description: Patch<String>,
        /// Whom it imitates.
        #[serde(skip_serializing_if = "Patch::is_keep")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
        pub threat_actor: Patch<String>,
        /// Free labels.
        #[serde(skip_serializing_if = "Patch::is_keep")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
        pub tags: Patch<Vec<String>>,
    }

    /// The tests that a scenario has from now on, in order.
    #[serde(deny_unknown_fields)]
    pub struct ScenarioTests {
        /// All of them.
        pub test_template_ids: Vec<Uuid>,
    }
}

fn check_tests(f: &mut Faults, ids: &[Uuid]) {
    if ids.len() > text::SCENARIO_TESTS {
        f.add("/test_template_ids", "too_many", format!("At most {}.", text::SCENARIO_TESTS));
    }
}

impl Validate for ScenarioTemplateCreate {
    fn validate(&self, f: &mut Faults) {
        f.line("/name", &self.name, text::NAME);
        f.text("/description", self.description.as_deref());
        f.optional_line("/threat_actor", self.threat_actor.as_deref(), text::LINE);
        f.labels("/tags", &self.tags);
        check_tests(f, &self.test_template_ids);
    }
}

impl Validate for ScenarioTemplatePatch {
    fn validate(&self, f: &mut Faults) {
        f.patch_line("/name", &self.name, text::NAME);
        f.text("/description", self.description.value().map(String::as_str));
        f.optional_line("/threat_actor", self.threat_actor.value().map(String::as_str), text::LINE);
        if let Some(tags) = self.tags.value() {
            f.labels("/tags", tags);
        }
    }
}

impl Validate for ScenarioTests {
    fn validate(&self, f: &mut Faults) {
        check_tests(f, &self.test_template_ids);
    }
}
