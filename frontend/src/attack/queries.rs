//! What is asked of the API about ATT&CK.

use leptos::prelude::*;
use tyrian_api_types::Items;
use tyrian_api_types::catalogue::{Matrix, Tactic, Technique, TechniqueUse};

use crate::api::{self, ApiError, query_string};
use crate::key;
use crate::query::{Query, use_query, use_query_keep};

/// How many matches of each kind a search shows.
const MATCHES: usize = 8;

/// The tactics in the order of the matrix.
pub fn use_tactics() -> Query<Items<Tactic>> {
    use_query(|| key!["mitre", "tactics"], || api::get("/mitre/tactics"))
}

/// The matrix.
pub fn use_matrix() -> Query<Matrix> {
    use_query(|| key!["mitre", "matrix"], || api::get("/mitre/matrix"))
}

/// How many test templates are tagged with what.
pub fn use_technique_use() -> Query<TechniqueUse> {
    use_query(|| key!["mitre", "use"], || api::get("/mitre/use"))
}

/// What a search in the catalogue found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matches {
    /// techniques
    pub techniques: Vec<Technique>,
    /// subtechniques
    pub subtechniques: Vec<Technique>,
}

async fn find(path: &'static str, q: &str) -> Result<Vec<Technique>, ApiError> {
    let query = query_string([("q", Some(q.to_owned())), ("limit", Some(MATCHES.to_string()))]);
    Ok(api::get::<Items<Technique>>(format!("{path}{query}")).await?.items)
}

/// Techniques and subtechniques whose id or name holds the text; nothing for an empty one.
pub fn use_matches(text: Signal<String>) -> Query<Matches> {
    use_query_keep(
        move || key!["mitre", "search", text.get()],
        move || {
            let q = text.get_untracked();
            async move {
                if q.is_empty() {
                    return Ok(Matches::default());
                }
                let (techniques, subtechniques) =
                    futures_util::future::join(find("/mitre/techniques", &q), find("/mitre/subtechniques", &q)).await;
                Ok(Matches { techniques: techniques?, subtechniques: subtechniques? })
            }
        },
    )
}

/// One technique or subtechnique by its id, retired ones too; none where the catalogue does not know it.
pub fn use_technique(id: String) -> Query<Option<Technique>> {
    let key = key!["mitre", "technique", id];
    use_query(
        move || key.clone(),
        move || {
            let id = id.clone();
            async move {
                let path = if id.contains('.') { "/mitre/subtechniques" } else { "/mitre/techniques" };
                let query = query_string([
                    ("q", Some(id.clone())),
                    ("include_retired", Some("true".to_owned())),
                    ("limit", Some("200".to_owned())),
                ]);
                let found = api::get::<Items<Technique>>(format!("{path}{query}")).await?;
                Ok(found.items.into_iter().find(|technique| technique.external_id == id))
            }
        },
    )
}
