//! What findings ask the API.

use leptos::prelude::*;
use tyrian_api_types::Page;
use tyrian_api_types::findings::Finding;

use crate::api::{self, query_string};
use crate::grown::{Grown, use_grown};
use crate::key;

/// What the list is filtered by, as in the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// statuses, with commas between them
    pub status: Option<String>,
    /// `me`, `none` or a person's id
    pub owner: Option<String>,
    /// whole name of a client
    pub client: Option<String>,
    /// words of the test or the mission
    pub q: Option<String>,
}

/// The findings that fit, those that changed last first.
pub fn use_findings(filter: Memo<Filter>) -> Grown<Finding> {
    use_grown(
        50,
        move || key!["findings", "list", format!("{:?}", filter.get())],
        move |cursor, limit| {
            let filter = filter.get_untracked();
            let query = [
                ("status", filter.status),
                ("owner", filter.owner),
                ("client", filter.client),
                ("q", filter.q),
                ("sort", Some("-updated_at".to_owned())),
                ("limit", Some(limit.to_string())),
                ("cursor", cursor),
            ];
            api::get::<Page<Finding>>(format!("/findings{}", query_string(query)))
        },
    )
}
