//! What can be imported where: each format with what it becomes, where its file comes from, and who may.

use tyrian_domain::permission::Permission;

/// Where the dialog is opened; each place has formats of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// the library of tests
    Tests,
    /// the library of scenarios
    Scenarios,
    /// the list of missions
    Missions,
    /// one mission, whose tests a log fills
    Mission,
}

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// its word in the API
    pub name: &'static str,
    /// what it is called
    pub label: &'static str,
    /// what it becomes
    pub what: &'static str,
    /// where the file comes from
    pub from: &'static str,
    /// what the file picker offers
    pub accept: &'static str,
    /// rights that are needed beside import.run
    pub needs: &'static [Permission],
    /// can what is good be taken without what is bad?
    pub parts: bool,
}

const TEST: &[Permission] = &[Permission::TestTemplateCreate];
const SCENARIO: &[Permission] = &[Permission::TestTemplateCreate, Permission::ScenarioTemplateCreate];
const MISSION: &[Permission] = &[Permission::MissionCreate];
const RESULT: &[Permission] = &[Permission::MissionTestExecute];

const YAML: &str = ".yaml,.yml,.zip";
const JSON: &str = ".json,application/json";
const CSV: &str = ".csv,text/csv";

const fn kind(
    name: &'static str,
    label: &'static str,
    what: &'static str,
    from: &'static str,
    accept: &'static str,
    needs: &'static [Permission],
) -> Kind {
    Kind { name, label, what, from, accept, needs, parts: true }
}

const PLAN: Kind = kind(
    "emulation-plan",
    mark!("Emulation plan"),
    mark!("The plan becomes a scenario, each of its procedures a test."),
    mark!("the CTID’s Adversary Emulation Library: a plan’s folder yaml, one .yaml file"),
    ".yaml,.yml",
    SCENARIO,
);

const TESTS: [Kind; 5] = [
    kind(
        "atomic",
        mark!("Atomic Red Team"),
        mark!("Each atomic test becomes a test template."),
        mark!("the repository atomic-red-team, folder atomics: one .yaml file of a technique, or a zip of many"),
        YAML,
        TEST,
    ),
    kind(
        "sigma",
        mark!("Sigma rules"),
        mark!("Each rule becomes a test with the rule as its detection idea."),
        mark!("SigmaHQ or your own rules: one .yml, or a zip of many"),
        YAML,
        TEST,
    ),
    PLAN,
    kind(
        "purpleops",
        mark!("PurpleOps test cases"),
        mark!("Each test case becomes a test template."),
        mark!("PurpleOps: a campaign or test case templates, JSON"),
        JSON,
        TEST,
    ),
    kind(
        "templates",
        mark!("Tyrian test templates"),
        mark!("The tests of another Tyrian, known again by their names."),
        mark!("another Tyrian’s API: /api/v1/test-templates/export, JSON"),
        JSON,
        TEST,
    ),
];

const SCENARIOS: [Kind; 3] = [
    kind(
        "scenario",
        mark!("Tyrian scenarios"),
        mark!("Scenarios with their tests, known again by their names."),
        mark!("a mission’s Export tab → Scenario to share, JSON"),
        JSON,
        SCENARIO,
    ),
    PLAN,
    kind(
        "navigator",
        mark!("ATT&CK Navigator layer"),
        mark!("Each layer becomes a scenario, each technique in it a test."),
        mark!("ATT&CK Navigator → Download layer as JSON"),
        JSON,
        SCENARIO,
    ),
];

const MISSIONS: [Kind; 3] = [
    kind(
        "vectr",
        "VECTR",
        mark!("Each assessment group becomes a completed mission with what red did and blue saw."),
        mark!("VECTR → Reports → Export CSV"),
        CSV,
        MISSION,
    ),
    kind(
        "purpleops",
        mark!("PurpleOps assessment"),
        mark!("The assessment becomes a completed mission with its results."),
        mark!("PurpleOps → assessment → Export, JSON or CSV"),
        ".json,.csv,application/json,text/csv",
        MISSION,
    ),
    Kind {
        name: "mission",
        label: mark!("Tyrian mission"),
        what: mark!("The mission as it was, with results, comments and members that are known here."),
        from: mark!("a mission’s Export tab → JSON, lossless, or Bundle with its evidence"),
        accept: ".json,.zip,application/json,application/zip",
        needs: MISSION,
        parts: false,
    },
];

const RESULTS: [Kind; 2] = [
    kind(
        "attire",
        mark!("ATTiRe log"),
        mark!("Commands, output and times go to the tests with the same GUID. What stands there stays."),
        mark!("Invoke-AtomicRedTeam with -LoggingModule Attire-ExecutionLogger, JSON"),
        JSON,
        RESULT,
    ),
    kind(
        "ghostwriter",
        mark!("Ghostwriter operation log"),
        mark!("Each row goes to the test with its ATT&CK id or name. What stands there stays."),
        mark!("Ghostwriter → operation log → Export, CSV"),
        CSV,
        RESULT,
    ),
];

/// The formats of a place that somebody with these rights may import, the usual one first.
pub fn offered(place: Place, can: impl Fn(Permission) -> bool) -> Vec<Kind> {
    let all: &[Kind] = match place {
        Place::Tests => &TESTS,
        Place::Scenarios => &SCENARIOS,
        Place::Missions => &MISSIONS,
        Place::Mission => &RESULTS,
    };
    if !can(Permission::ImportRun) {
        return Vec::new();
    }
    all.iter().filter(|kind| kind.needs.iter().all(|needed| can(*needed))).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(place: Place, rights: &[Permission]) -> Vec<&'static str> {
        offered(place, |right| rights.contains(&right)).into_iter().map(|kind| kind.name).collect()
    }

    #[test]
    fn only_what_may_be_made_is_offered() {
        use Permission as P;
        assert_eq!(names(Place::Tests, &[P::TestTemplateCreate]), [""; 0], "import.run is needed for all");
        let tests = [P::ImportRun, P::TestTemplateCreate];
        assert_eq!(names(Place::Tests, &tests), ["atomic", "sigma", "purpleops", "templates"]);
        assert_eq!(names(Place::Scenarios, &tests), [""; 0]);
        assert_eq!(names(Place::Scenarios, &[P::ImportRun, P::TestTemplateCreate, P::ScenarioTemplateCreate]).len(), 3);
        assert_eq!(names(Place::Missions, &[P::ImportRun, P::MissionCreate]), ["vectr", "purpleops", "mission"]);
        assert_eq!(names(Place::Mission, &[P::ImportRun, P::MissionTestExecute]), ["attire", "ghostwriter"]);
    }
}
