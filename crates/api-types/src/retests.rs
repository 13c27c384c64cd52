//! Playing a mission again, and how far its frozen tests have drifted from the templates.

use chrono::NaiveDate;
use serde_json::Value;
use tyrian_domain::text;
use uuid::Uuid;

use crate::missions::{MemberInput, check_dates, check_members};
use crate::{Faults, Validate};

crate::wire! {
    /// A new mission on the same frozen tests. What is left out comes from the mission that is repeated.
    #[serde(deny_unknown_fields)]
    pub struct MissionRetest {
        /// What it is called; the old name with "(retest)" behind it if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// First day; none if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub start_date: Option<NaiveDate>,
        /// Last day; none if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub end_date: Option<NaiveDate>,
        /// Who is in it; the members of the mission that is repeated if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub members: Option<Vec<MemberInput>>,
    }

    /// How far a mission's snapshot is from today's templates. What is as it was is counted only.
    pub struct Drift {
        /// Tests that were looked at.
        pub tests: u64,
        /// Those without a template: made in the mission, or of a template that is gone for good.
        pub without_template: u64,
        /// Those whose template says the same.
        pub unchanged: u64,
        /// Those whose template says something else, or was deleted, in the mission's order.
        pub test_drifts: Vec<TestDrift>,
        /// Scenarios whose template says something else, or was deleted, in the mission's order.
        pub scenario_drifts: Vec<ScenarioDrift>,
    }

    /// A frozen test against its template.
    pub struct TestDrift {
        /// The frozen test.
        pub mission_test_id: Uuid,
        /// What the frozen test is called.
        pub test_name: String,
        /// The scenario that it stands in.
        pub scenario_name: String,
        /// Its template.
        pub test_template_id: Uuid,
        /// Was the template deleted? Then there are no fields to compare.
        pub template_deleted: bool,
        /// What differs.
        pub fields: Vec<FieldDrift>,
    }

    /// A frozen scenario against its template.
    pub struct ScenarioDrift {
        /// The frozen scenario.
        pub mission_scenario_id: Uuid,
        /// What the frozen scenario is called.
        pub scenario_name: String,
        /// Its template.
        pub scenario_template_id: Uuid,
        /// Was the template deleted? Then there is nothing to compare.
        pub template_deleted: bool,
        /// What differs of its own texts.
        pub fields: Vec<FieldDrift>,
        /// Test templates that are in the scenario today, and were not copied.
        pub tests_added: Vec<TemplateName>,
        /// Test templates that were copied, and are not in the scenario any more.
        pub tests_removed: Vec<TemplateName>,
    }

    /// A field that differs.
    pub struct FieldDrift {
        /// The field's name, as in a test template.
        pub field: String,
        /// What the mission holds.
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        pub mission: Value,
        /// What the template says today.
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        pub template: Value,
    }

    /// A template and what it is called.
    #[derive(Eq, PartialOrd, Ord)]
    pub struct TemplateName {
        /// Its name.
        pub name: String,
        /// Its id.
        pub id: Uuid,
    }
}

impl Validate for MissionRetest {
    fn validate(&self, f: &mut Faults) {
        if let Some(name) = &self.name {
            f.line("/name", name, text::NAME);
        }
        check_dates(f, self.start_date, self.end_date);
        check_members(f, self.members.as_deref().unwrap_or_default());
    }
}
