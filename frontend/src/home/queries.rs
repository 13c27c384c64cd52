//! What the home page asks the API.

use tyrian_api_types::Page;
use tyrian_api_types::missions::MissionSummary;

use crate::query::{Query, use_query};
use crate::{api, key};

/// The reader's newest missions.
pub fn use_my_missions() -> Query<Page<MissionSummary>> {
    use_query(|| key!["missions", "home"], || api::get("/missions?limit=5"))
}

/// How many there are of something: the total of its list.
pub fn use_total(part: &'static str, path: &'static str) -> Query<Page<serde_json::Value>> {
    use_query(move || key![part, "total"], move || api::get(format!("{path}?limit=1")))
}
