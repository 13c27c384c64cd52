//! Missions: frozen copies of scenarios that red and blue run together.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use tyrian_domain::counters::Counters;
use tyrian_domain::mission::{MissionStatus, RoleHint};
use tyrian_domain::template::{Executor, OpsecLevel};
use tyrian_domain::test::{Fact, FindingStatus, Grade, Outcome, TestState};
use tyrian_domain::text;
use uuid::Uuid;

use crate::test_templates::{MitreTag, TestContent};
use crate::users::Author;
use crate::{Faults, Patch, Validate};

crate::wire! {
    /// A member of a mission.
    pub struct Member {
        /// User id.
        pub user_id: Uuid,
        /// Email address.
        pub email: String,
        /// The name others see.
        pub display_name: String,
        /// The side that they take here.
        pub role_hint: RoleHint,
    }

    /// A member as they are given.
    #[serde(deny_unknown_fields)]
    pub struct MemberInput {
        /// User id.
        pub user_id: Uuid,
        /// The side that they take here.
        pub role_hint: RoleHint,
    }

    /// What a mission is, without its scenarios: the head of the detail and a row of the list.
    pub struct MissionSummary {
        /// Mission id.
        pub id: Uuid,
        /// What it is called.
        pub name: String,
        /// Whom it is for.
        pub client: String,
        /// Where it stands.
        pub status: MissionStatus,
        /// Where the caller may move it.
        pub allowed_transitions: Vec<MissionStatus>,
        /// First day.
        pub start_date: Option<NaiveDate>,
        /// Last day.
        pub end_date: Option<NaiveDate>,
        /// The mission that this one repeats.
        pub retest_of_id: Option<Uuid>,
        /// The ATT&CK version of its day.
        pub attack_version: Option<String>,
        /// Who is in it.
        pub members: Vec<Member>,
        /// Its tests counted, as far as the caller sees them.
        pub counts: Counters,
        /// Who made it.
        pub created_by: Option<Author>,
        /// For If-Match.
        pub version: i64,
        /// When it was made.
        pub created_at: DateTime<Utc>,
        /// When its own fields last changed.
        pub updated_at: DateTime<Utc>,
    }

    /// A mission with all that is in it.
    pub struct Mission {
        /// The head.
        #[serde(flatten)]
        pub head: MissionSummary,
        /// What it is about, Markdown.
        pub description: Option<String>,
        /// What it is to find out, Markdown.
        pub objectives: Option<String>,
        /// What is in and what is out, Markdown.
        pub scope: Option<String>,
        /// Against whom, Markdown.
        pub threat_model: Option<String>,
        /// What management reads first, Markdown.
        pub executive_summary: Option<String>,
        /// The frozen scenarios in order.
        pub scenarios: Vec<MissionScenario>,
    }

    /// A frozen scenario.
    pub struct MissionScenario {
        /// Id of the copy.
        pub id: Uuid,
        /// The template that it was copied from.
        pub source_scenario_template_id: Option<Uuid>,
        /// What it is called.
        pub name: String,
        /// What it plays, Markdown.
        pub description: Option<String>,
        /// Whom it imitates.
        pub threat_actor: Option<String>,
        /// Place in the mission, from 0.
        pub position: u32,
        /// Its tests in order.
        pub tests: Vec<MissionTestSummary>,
    }

    /// A frozen test in the mission's detail.
    pub struct MissionTestSummary {
        /// Id of the copy.
        pub id: Uuid,
        /// The frozen scenario.
        pub mission_scenario_id: Uuid,
        /// The template that it was copied from.
        pub source_test_template_id: Option<Uuid>,
        /// What it is called.
        pub name: String,
        /// Place in the scenario, from 0.
        pub position: u32,
        /// Where it stands.
        pub state: TestState,
        /// What is shown for its facts.
        pub outcome: Outcome,
        /// May blue see it?
        pub disclosed: bool,
        /// How loud or risky it is.
        pub opsec_level: OpsecLevel,
        /// What runs its command.
        pub executor: Executor,
        /// The heading it stands under.
        pub category_id: Option<Uuid>,
        /// Who executes it.
        pub operator_id: Option<Uuid>,
        /// When red began.
        pub started_at: Option<DateTime<Utc>>,
        /// When red ended.
        pub ended_at: Option<DateTime<Utc>>,
        /// Who assesses it.
        pub assessor_id: Option<Uuid>,
        /// Was it logged?
        pub logged: Fact,
        /// Did anything alert?
        pub alerted: Fact,
        /// Was it prevented?
        pub prevented: Fact,
        /// How good the detection was.
        pub detection_level_id: Option<Uuid>,
        /// When it was detected.
        pub detected_at: Option<DateTime<Utc>>,
        /// When the alert came.
        pub alerted_at: Option<DateTime<Utc>>,
        /// When somebody responded.
        pub responded_at: Option<DateTime<Utc>>,
        /// Where the work on its finding stands; null: there is none.
        pub finding_status: Option<FindingStatus>,
        /// For If-Match.
        pub version: i64,
        /// ATT&CK tags with the names of the day of the copy.
        pub mitre_tags: Vec<MitreTag>,
    }

    /// A frozen test with everything that was copied and recorded.
    pub struct MissionTest {
        /// Id of the copy.
        pub id: Uuid,
        /// The mission.
        pub mission_id: Uuid,
        /// The frozen scenario.
        pub mission_scenario_id: Uuid,
        /// The template that it was copied from.
        pub source_test_template_id: Option<Uuid>,
        /// Place in the scenario, from 0.
        pub position: u32,
        /// The content that was copied.
        #[serde(flatten)]
        pub content: TestContent,
        /// ATT&CK tags with the names of the day of the copy.
        pub mitre_tags: Vec<MitreTag>,
        /// Where it stands.
        pub state: TestState,
        /// What is shown for its facts.
        pub outcome: Outcome,
        /// May blue see it?
        pub disclosed: bool,
        /// Who executes it.
        pub operator_id: Option<Uuid>,
        /// From where.
        pub source_host: Option<String>,
        /// Against what.
        pub target_host: Option<String>,
        /// When red began.
        pub started_at: Option<DateTime<Utc>>,
        /// When red ended.
        pub ended_at: Option<DateTime<Utc>>,
        /// The arguments' values of this run.
        pub argument_values: BTreeMap<String, Value>,
        /// What was really run.
        pub command_run: Option<String>,
        /// What it printed.
        pub output: Option<String>,
        /// Red's notes, Markdown.
        pub red_notes: Option<String>,
        /// Who assesses it.
        pub assessor_id: Option<Uuid>,
        /// Was it logged?
        pub logged: Fact,
        /// Did anything alert?
        pub alerted: Fact,
        /// Was it prevented?
        pub prevented: Fact,
        /// How good the detection was.
        pub detection_level_id: Option<Uuid>,
        /// Came the detection late?
        pub is_delayed: bool,
        /// Did it need a change of the tools' configuration?
        pub needed_config_change: bool,
        /// When it was detected.
        pub detected_at: Option<DateTime<Utc>>,
        /// When the alert came.
        pub alerted_at: Option<DateTime<Utc>>,
        /// When somebody responded.
        pub responded_at: Option<DateTime<Utc>>,
        /// Blue's notes, Markdown.
        pub blue_notes: Option<String>,
        /// What to do better, Markdown.
        pub recommendation: Option<String>,
        /// How grave a gap is.
        pub severity: Grade,
        /// How urgent it is to close.
        pub priority: Grade,
        /// The heading it stands under.
        pub category_id: Option<Uuid>,
        /// Where the work on the finding stands; null: there is none.
        pub finding_status: Option<FindingStatus>,
        /// Whose finding it is.
        pub finding_owner_id: Option<Uuid>,
        /// Until when.
        pub finding_due: Option<NaiveDate>,
        /// Its ticket elsewhere.
        pub finding_reference: Option<String>,
        /// Those whom it names, members or not: operator, assessor, owner of the finding.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub people: Vec<Author>,
        /// For If-Match.
        pub version: i64,
        /// When it was copied.
        pub created_at: DateTime<Utc>,
        /// When it last changed.
        pub updated_at: DateTime<Utc>,
    }

    /// A new mission. The chosen scenarios are copied.
    #[serde(deny_unknown_fields)]
    pub struct MissionCreate {
        /// What it is called.
        pub name: String,
        /// Whom it is for.
        pub client: String,
        /// What it is about, Markdown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub description: Option<String>,
        /// What it is to find out, Markdown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub objectives: Option<String>,
        /// What is in and what is out, Markdown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub scope: Option<String>,
        /// Against whom, Markdown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub threat_model: Option<String>,
        /// First day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub start_date: Option<NaiveDate>,
        /// Last day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub end_date: Option<NaiveDate>,
        /// The scenarios to copy, in order; one may be named several times.
        #[serde(default)]
        pub scenario_template_ids: Vec<Uuid>,
        /// Who is in it. A non-admin creator who is not listed joins as red.
        #[serde(default)]
        pub members: Vec<MemberInput>,
    }

    /// Copies further scenarios into a mission, after the last one.
    #[serde(deny_unknown_fields)]
    pub struct AddScenarios {
        /// The scenarios to copy, in order.
        pub scenario_template_ids: Vec<Uuid>,
    }

    /// The members that a mission has from now on.
    #[serde(deny_unknown_fields)]
    pub struct MissionMembers {
        /// All of them.
        pub members: Vec<MemberInput>,
    }

    /// Moves a mission to another status.
    #[serde(deny_unknown_fields)]
    pub struct Transition {
        /// The status wanted.
        pub to: MissionStatus,
    }
}

crate::patch_wire! {
    /// Changes a mission's own fields.
    pub struct MissionPatch {
        /// What it is called.
        name: String,
        /// Whom it is for.
        client: String,
        /// What it is about, Markdown.
        description: String,
        /// What it is to find out, Markdown.
        objectives: String,
        /// What is in and what is out, Markdown.
        scope: String,
        /// Against whom, Markdown.
        threat_model: String,
        /// What management reads first, Markdown.
        executive_summary: String,
        /// First day.
        start_date: NaiveDate,
        /// Last day.
        end_date: NaiveDate,
    }
}

pub(crate) fn check_dates(f: &mut Faults, start: Option<NaiveDate>, end: Option<NaiveDate>) {
    if let (Some(start), Some(end)) = (start, end)
        && end < start
    {
        f.add("/end_date", "before_start", "The last day lies before the first. Correct one of them.");
    }
}

fn check_scenarios(f: &mut Faults, ids: &[Uuid]) {
    if ids.len() > text::MISSION_SCENARIOS {
        f.add("/scenario_template_ids", "too_many", format!("At most {} at once.", text::MISSION_SCENARIOS));
    }
}

pub(crate) fn check_members(f: &mut Faults, members: &[MemberInput]) {
    if members.len() > text::MEMBERS {
        f.add("/members", "too_many", format!("At most {}.", text::MEMBERS));
    }
    let mut seen = std::collections::BTreeSet::new();
    for (i, member) in members.iter().enumerate() {
        if !seen.insert(member.user_id) {
            f.add(format!("/members/{i}/user_id"), "duplicate", "Named twice: a member has one role.");
        }
    }
}

impl Validate for MissionCreate {
    fn validate(&self, f: &mut Faults) {
        f.line("/name", &self.name, text::NAME);
        f.line("/client", &self.client, text::LINE);
        for (pointer, value) in [
            ("/description", &self.description),
            ("/objectives", &self.objectives),
            ("/scope", &self.scope),
            ("/threat_model", &self.threat_model),
        ] {
            f.text(pointer, value.as_deref());
        }
        check_dates(f, self.start_date, self.end_date);
        check_scenarios(f, &self.scenario_template_ids);
        check_members(f, &self.members);
    }
}

impl Validate for MissionPatch {
    fn validate(&self, f: &mut Faults) {
        f.patch_line("/name", &self.name, text::NAME);
        f.patch_line("/client", &self.client, text::LINE);
        for (pointer, value) in [
            ("/description", &self.description),
            ("/objectives", &self.objectives),
            ("/scope", &self.scope),
            ("/threat_model", &self.threat_model),
            ("/executive_summary", &self.executive_summary),
        ] {
            f.text(pointer, value.value().map(String::as_str));
        }
        // with one date only, the server compares it to the other one's present value
        check_dates(f, self.start_date.value().copied(), self.end_date.value().copied());
    }
}

impl Validate for AddScenarios {
    fn validate(&self, f: &mut Faults) {
        if self.scenario_template_ids.is_empty() {
            f.add("/scenario_template_ids", "required", "At least one.");
        }
        check_scenarios(f, &self.scenario_template_ids);
    }
}

impl Validate for MissionMembers {
    fn validate(&self, f: &mut Faults) {
        check_members(f, &self.members);
    }
}

impl Validate for Transition {
    fn validate(&self, _: &mut Faults) {}
}
