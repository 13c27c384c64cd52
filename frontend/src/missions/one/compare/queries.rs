//! What the comparison asks the API.

use leptos::prelude::*;
use tyrian_api_types::Page;
use tyrian_api_types::missions::MissionSummary;
use tyrian_api_types::synthesis::Comparison;

use crate::api::{self, query_string};
use crate::key;
use crate::missions::queries::mission_path;
use crate::query::{Query, use_query, use_query_keep};

/// Missions offered at once; one that is not among them is found by more of its name.
const OFFERED: u32 = 30;

/// A mission against another one.
pub fn use_comparison(id: String, other: String) -> Query<Comparison> {
    let path = format!("{}/compare/{}", mission_path(&id), crate::web::encoded(&other));
    use_query(move || key!["missions", id, "compare", other], move || api::get(path.clone()))
}

/// Missions of a client, the newest first; none before the client is known.
pub fn use_of_client(client: Memo<String>, q: Signal<String>) -> Query<Page<MissionSummary>> {
    use_query_keep(
        move || key!["missions", "list", "of", client.get(), q.get()],
        move || {
            let (client, q) = (client.get_untracked(), q.get_untracked());
            async move {
                if client.is_empty() {
                    return Ok(Page { items: Vec::new(), next_cursor: None, total: None });
                }
                let query = [("client", Some(client)), ("q", Some(q)), ("limit", Some(OFFERED.to_string()))];
                api::get(format!("/missions{}", query_string(query))).await
            }
        },
    )
}
