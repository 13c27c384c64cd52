//! Choosing scenarios for a mission: search, order, what they cover. The wizard and the dialog of a mission share it.

mod brought;
mod covers;
mod library;
mod order;

use serde::{Deserialize, Serialize};
use tyrian_api_types::scenario_templates::ScenarioTemplateSummary;
use uuid::Uuid;

pub use brought::TestTags;
pub use covers::{Covers, SumLine};
pub use library::ScenarioLibrary;
pub use order::Order;

/// A scenario that was chosen, with what is shown of it without asking again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// id of the scenario template
    pub id: Uuid,
    /// its name
    pub name: String,
    /// how many tests it brings
    pub tests: u64,
    /// the ATT&CK ids of its tests
    pub techniques: Vec<String>,
}

impl From<&ScenarioTemplateSummary> for Chosen {
    fn from(scenario: &ScenarioTemplateSummary) -> Self {
        Self { id: scenario.id, name: scenario.name.clone(), tests: scenario.test_count, techniques: scenario.techniques.clone() }
    }
}
