//! Scenarios: tests in an order. The list, and the builder for new and existing ones.

mod builder;
mod draft;
mod list;

pub use builder::{NewScenarioPage, ScenarioPage};
pub use list::ScenariosPage;
