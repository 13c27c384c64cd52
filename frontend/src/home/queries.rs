//! What the home page asks the API.

use tyrian_api_types::Page;
use tyrian_api_types::missions::MissionSummary;
use tyrian_domain::mission::MissionStatus;

use crate::query::{Query, use_query};
use crate::{api, key};

/// Missions that home shows.
const SHOWN: usize = 5;

/// The reader's missions, as many as home shows: those in progress, then drafts, then what is over; of each the newest.
pub fn use_my_missions() -> Query<Page<MissionSummary>> {
    use_query(
        || key!["missions", "home"],
        || async {
            let of = |status: &'static str| api::get::<Page<MissionSummary>>(format!("/missions?limit={SHOWN}{status}"));
            let (running, newest) = futures_util::future::join(of("&status=in_progress"), of("")).await;
            Ok(going_on_first(running?.items, newest?))
        },
    )
}

/// Puts what is going on before the newest of all.
fn going_on_first(running: Vec<MissionSummary>, newest: Page<MissionSummary>) -> Page<MissionSummary> {
    let mut items = running;
    let mut others: Vec<MissionSummary> = newest.items.into_iter().filter(|one| one.status != MissionStatus::InProgress).collect();
    others.sort_by_key(|one| one.status != MissionStatus::Draft);
    items.extend(others);
    items.truncate(SHOWN);
    Page { items, ..newest }
}

/// How many there are of something: the total of its list.
pub fn use_total(part: &'static str, path: &'static str) -> Query<Page<serde_json::Value>> {
    use_query(move || key![part, "total"], move || api::get(format!("{path}?limit=1")))
}
