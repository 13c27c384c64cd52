//! What the drift asks the API.

use leptos::prelude::*;
use tyrian_api_types::retests::Drift;

use crate::api;
use crate::key;
use crate::missions::queries::mission_path;
use crate::query::{Query, use_query};

/// How far a mission is from today's templates. It costs the texts of all tests, so it stands beside the mission's own key:
/// an edit of a result does not ask again, another number of tests does.
pub fn use_drift(id: Memo<String>, tests: Memo<u64>) -> Query<Drift> {
    use_query(move || key!["drift", id.get(), tests.get()], move || api::get(format!("{}/drift", mission_path(&id.get_untracked()))))
}
