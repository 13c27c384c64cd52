//! What a search over everything finds: a few of each kind, as far as the caller sees them.

use tyrian_domain::mission::MissionStatus;
use tyrian_domain::test::TestState;
use uuid::Uuid;

use crate::users::UserRef;

/// How many of each kind are answered at most.
pub const SEARCH_HITS: u64 = 5;

crate::wire! {
    /// What was found. A list is empty where nothing was, or where the caller may not see that kind.
    pub struct SearchResults {
        /// Missions, by name, client or description.
        pub missions: Vec<MissionHit>,
        /// Tests of missions, by name, objective, label or ATT&CK id.
        pub tests: Vec<TestHit>,
        /// Test templates, by name, objective, label or ATT&CK id.
        pub test_templates: Vec<TemplateHit>,
        /// Scenario templates, by name, threat actor, label or description.
        pub scenario_templates: Vec<TemplateHit>,
        /// Live techniques and subtechniques, by name or ATT&CK id.
        pub techniques: Vec<TechniqueHit>,
        /// Users, by name or address.
        pub users: Vec<UserRef>,
    }

    /// A mission that was found.
    pub struct MissionHit {
        /// Mission id.
        pub id: Uuid,
        /// What it is called.
        pub name: String,
        /// Whom it is for.
        pub client: String,
        /// Where it stands.
        pub status: MissionStatus,
    }

    /// A mission's test that was found.
    pub struct TestHit {
        /// Test id.
        pub id: Uuid,
        /// What it is called.
        pub name: String,
        /// Where it stands.
        pub state: TestState,
        /// The mission.
        pub mission_id: Uuid,
        /// What the mission is called.
        pub mission_name: String,
    }

    /// A template that was found.
    pub struct TemplateHit {
        /// Template id.
        pub id: Uuid,
        /// What it is called.
        pub name: String,
    }

    /// A technique or subtechnique that was found.
    pub struct TechniqueHit {
        /// Its ATT&CK id, `T1059.001`.
        pub external_id: String,
        /// Its name.
        pub name: String,
        /// `enterprise`, `mobile` or `ics`.
        pub domain: String,
    }
}
