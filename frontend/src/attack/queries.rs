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

/// The one of that id. MITRE gives an id anew now and then: what is in force counts before what is retired.
fn of_id(found: Vec<Technique>, id: &str) -> Option<Technique> {
    found.into_iter().filter(|one| one.external_id == id).min_by_key(|one| one.is_revoked || one.is_deprecated)
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
                Ok(of_id(found.items, &id))
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn technique(id: &str, name: &str, is_deprecated: bool, is_revoked: bool) -> Technique {
        let text = format!(
            r#"{{"id":"00000000-0000-0000-0000-000000000000","domain":"enterprise","external_id":"{id}","name":"{name}","description":"","url":null,"platforms":[],"tactics":[],"is_deprecated":{is_deprecated},"is_revoked":{is_revoked},"revoked_by":null}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn what_is_in_force_counts_before_what_is_retired() {
        let list = vec![
            technique("T1059", "Old", true, false),
            technique("T1059", "Older", false, true),
            technique("T1059", "Now", false, false),
            technique("T1059.001", "Under it", false, false),
        ];
        assert_eq!(of_id(list.clone(), "T1059").map(|one| one.name).as_deref(), Some("Now"));
        assert_eq!(of_id(list[..2].to_vec(), "T1059").map(|one| one.name).as_deref(), Some("Old"));
        assert!(of_id(list, "T1060").is_none());
    }
}
