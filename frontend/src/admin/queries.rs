//! What the administration asks the API: users, groups, invitations.

use std::cell::RefCell;

use gloo_net::http::Method;
use leptos::prelude::*;
use tyrian_api_types::auth::PasswordResetLink;
use tyrian_api_types::groups::{Group, GroupCreate, GroupMembers, GroupPatch, GroupPermissions};
use tyrian_api_types::invitations::{Invitation, InvitationCreate, InvitationCreated};
use tyrian_api_types::users::{User, UserCreate, UserGroups, UserPatch, UserRef};
use tyrian_api_types::{ErrorCode, Items, Page};
use tyrian_domain::permission::SEEDED_GROUPS;
use uuid::Uuid;

use crate::api::{self, ApiError, Request, query_string};
use crate::query::{Paged, Query, invalidate, use_paged, use_query, use_query_keep};
use crate::session::Session;
use crate::{key, profile};

/// The key of a create: the same for a retry after a lost answer, another one once the server has answered.
#[derive(Clone, Copy)]
pub struct CreateKey(StoredValue<RefCell<String>, LocalStorage>);

impl CreateKey {
    /// A fresh one; make it with the form.
    pub fn new() -> Self {
        Self(StoredValue::new_local(RefCell::new(api::new_idempotency_key())))
    }

    async fn post<T: serde::de::DeserializeOwned>(self, path: &str, body: &impl serde::Serialize) -> Result<T, ApiError> {
        let key = self.0.try_with_value(|key| key.borrow().clone()).unwrap_or_else(api::new_idempotency_key);
        let answer = Request::new(Method::POST, path).json(body).idempotency_key(&key).send().await;
        if matches!(answer, Err(ApiError::Problem(_))) {
            self.0.try_with_value(|key| key.replace(api::new_idempotency_key()));
        }
        answer
    }
}

/// After a change of people or groups: what shows them is read again, the reader's own rights too.
pub fn people_changed(session: Session) {
    for key in [key!["users"], key!["groups"], key!["roster"]] {
        invalidate(&key);
    }
    leptos::task::spawn_local(profile::refresh(session));
}

/// Users that match `q`, in the order of `sort`.
pub fn use_users(q: Memo<String>, sort: Memo<String>) -> Paged<User> {
    use_paged(
        move || key!["users", q.get(), sort.get()],
        move |cursor| {
            let parts = [("q", Some(q.get_untracked())), ("sort", Some(sort.get_untracked())), ("cursor", cursor)];
            api::get::<Page<User>>(format!("/users{}", query_string(parts)))
        },
    )
}

/// A user as they are now.
pub async fn user(id: Uuid) -> Result<User, ApiError> {
    api::get(format!("/users/{id}")).await
}

/// Makes a user.
pub async fn create_user(key: CreateKey, request: UserCreate) -> Result<User, ApiError> {
    key.post("/users", &request).await
}

/// Changes a user of this version.
pub async fn update_user(id: Uuid, version: i64, patch: UserPatch) -> Result<User, ApiError> {
    api::patch(format!("/users/{id}"), version, &patch).await
}

/// Deletes a user of this version.
pub async fn delete_user(id: Uuid, version: i64) -> Result<(), ApiError> {
    api::delete(format!("/users/{id}"), version).await
}

/// Makes a link by which a user sets a new password.
pub async fn make_reset_link(id: Uuid) -> Result<PasswordResetLink, ApiError> {
    Request::new(Method::POST, format!("/users/{id}/password-reset")).send().await
}

/// Takes a user's second factor away.
pub async fn remove_totp(id: Uuid) -> Result<(), ApiError> {
    api::delete_unversioned(format!("/users/{id}/totp")).await
}

/// Says which groups a user is in.
pub async fn set_user_groups(id: Uuid, version: i64, group_ids: Vec<Uuid>) -> Result<(), ApiError> {
    let request = Request::new(Method::PUT, format!("/users/{id}/groups")).if_match(version).json(&UserGroups { group_ids });
    request.send::<serde::de::IgnoredAny>().await.map(|_| ())
}

/// People to choose from, by name or address.
pub fn use_roster(q: Signal<String>) -> Query<Items<UserRef>> {
    use_query_keep(
        move || key!["roster", q.get()],
        move || api::get(format!("/users/roster{}", query_string([("q", Some(q.get_untracked()))]))),
    )
}

/// All groups with their rights and members: the permission grid needs them together.
pub fn use_groups() -> Query<Vec<Group>> {
    use_query(|| key!["groups"], all_groups)
}

async fn all_groups() -> Result<Vec<Group>, ApiError> {
    let mut groups = Vec::new();
    let mut cursor = None;
    loop {
        let parts = [("limit", Some("200".to_owned())), ("cursor", cursor)];
        let page: Page<Group> = api::get(format!("/groups{}", query_string(parts))).await?;
        groups.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            groups.sort_by_key(place);
            return Ok(groups);
        }
    }
}

/// The built-in groups first, from the one that may most; then the others as they came, by name.
fn place(group: &Group) -> usize {
    SEEDED_GROUPS.iter().position(|seeded| group.is_system && seeded.name == group.name).unwrap_or(SEEDED_GROUPS.len())
}

/// A group as it is now.
pub async fn group(id: Uuid) -> Result<Group, ApiError> {
    api::get(format!("/groups/{id}")).await
}

/// Makes a group.
pub async fn create_group(key: CreateKey, request: GroupCreate) -> Result<Group, ApiError> {
    key.post("/groups", &request).await
}

/// Changes name and description.
pub async fn update_group(id: Uuid, version: i64, patch: GroupPatch) -> Result<Group, ApiError> {
    api::patch(format!("/groups/{id}"), version, &patch).await
}

/// Deletes a group of this version.
pub async fn delete_group(id: Uuid, version: i64) -> Result<(), ApiError> {
    api::delete(format!("/groups/{id}"), version).await
}

/// Says what a group gives.
pub async fn set_permissions(id: Uuid, version: i64, request: GroupPermissions) -> Result<(), ApiError> {
    let request = Request::new(Method::PUT, format!("/groups/{id}/permissions")).if_match(version).json(&request);
    request.send::<serde::de::IgnoredAny>().await.map(|_| ())
}

/// Says who is in a group. The version guards the list: of two people who change it at once, the second is told.
pub async fn set_members(id: Uuid, version: i64, user_ids: Vec<Uuid>) -> Result<Group, ApiError> {
    Request::new(Method::PUT, format!("/groups/{id}/members")).if_match(version).json(&GroupMembers { user_ids }).send().await
}

/// Invitations, newest first.
pub fn use_invitations() -> Paged<Invitation> {
    use_paged(|| key!["invitations"], |cursor| api::get::<Page<Invitation>>(format!("/invitations{}", query_string([("cursor", cursor)]))))
}

/// Invites; the answer holds the link, this once. Sent without a key: a link must not be stored to be answered again.
pub async fn invite(request: InvitationCreate) -> Result<InvitationCreated, ApiError> {
    api::post("/invitations", &request).await
}

/// Takes an invitation back. One that is gone already is taken back too.
pub async fn revoke(id: Uuid) -> Result<(), ApiError> {
    match api::delete_unversioned(format!("/invitations/{id}")).await {
        Err(error) if error.is(ErrorCode::NotFound) => Ok(()),
        answer => answer,
    }
}
