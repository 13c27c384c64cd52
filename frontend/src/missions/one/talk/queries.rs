//! What comments ask the API.

use gloo_net::http::Method;
use leptos::prelude::*;
use tyrian_api_types::comments::{Comment, CommentCreate, CommentPatch};
use tyrian_api_types::{Page, Patch};
use uuid::Uuid;

use crate::api::{self, ApiError, Request, query_string};
use crate::grown::{Grown, use_grown};
use crate::key;
use crate::missions::queries::mission_path;
use crate::query::{self, Key};

fn comments_key(mission: &str, test: Option<Uuid>) -> Key {
    match test {
        Some(test) => key!["missions", mission, "tests", test, "comments"],
        None => key!["missions", mission, "comments"],
    }
}

/// What was said of a test, or in the whole mission; the newest first.
pub fn use_comments(mission: Memo<String>, test: Option<Uuid>) -> Grown<Comment> {
    use_grown(
        30,
        move || comments_key(&mission.get(), test),
        move |cursor, limit| {
            let query = [
                ("test", test.map(|test| test.to_string())),
                ("sort", Some("-created_at".to_owned())),
                ("limit", Some(limit.to_string())),
                ("cursor", cursor),
            ];
            api::get::<Page<Comment>>(format!("{}/comments{}", mission_path(&mission.get_untracked()), query_string(query)))
        },
    )
}

/// Has what was said read again.
pub fn refresh(mission: &str, test: Option<Uuid>) {
    query::invalidate(&comments_key(mission, test));
    query::invalidate(&comments_key(mission, None));
}

/// Says something. The same key with the same text says it once.
pub async fn add(mission: &str, test: Option<Uuid>, body: String, key: &str) -> Result<Comment, ApiError> {
    let request = CommentCreate { mission_test_id: test, body };
    Request::new(Method::POST, format!("{}/comments", mission_path(mission))).json(&request).idempotency_key(key).send().await
}

/// Changes what one has said.
pub async fn edit(mission: &str, comment: Uuid, version: i64, body: String) -> Result<Comment, ApiError> {
    let patch = CommentPatch { body: Patch::Set(body) };
    api::patch(format!("{}/comments/{comment}", mission_path(mission)), version, &patch).await
}

/// Takes back what was said.
pub async fn delete(mission: &str, comment: Uuid, version: i64) -> Result<(), ApiError> {
    api::delete(format!("{}/comments/{comment}", mission_path(mission)), version).await
}
