//! Inviting, taking back, accepting. An invitation gives what its inviter may give at the moment it is accepted.

use std::collections::BTreeSet;

use chrono::Duration;
use sea_orm::ConnectionTrait;
use serde_json::json;
use tyrian_api_types::ErrorCode;
use tyrian_api_types::groups::GroupRef;
use tyrian_api_types::invitations::{
    Invitation, InvitationAccept, InvitationCreate, InvitationCreated, InvitationPreview, InvitationStatus,
};
use tyrian_api_types::users::{Author, UserRef};
use tyrian_domain::permission::{self, Permission};
use tyrian_domain::text;
use tyrian_entity::{invitation, user};
use uuid::Uuid;

use super::{convert, store};
use crate::audit::{self, Entry, SYSTEM};
use crate::auth::{self, grants};
use crate::error::{ApiError, ApiResult};
use crate::http::{Caller, RequestInfo, valid};
use crate::keys::sha256_hex;
use crate::mail::Letter;
use crate::state::State;
use crate::{groups, users};

/// For so long an invitation can be accepted.
const VALID_FOR: Duration = Duration::days(7);

/// Rows with their groups and inviters.
pub async fn complete(db: &impl ConnectionTrait, rows: Vec<invitation::Model>) -> ApiResult<Vec<Invitation>> {
    let mut groups = store::groups_of(db, rows.iter().map(|row| row.id)).await?;
    let authors = store::authors(db, rows.iter().filter_map(|row| row.invited_by_id)).await?;
    let convert = |row: invitation::Model| {
        let groups = groups.remove(&row.id).unwrap_or_default();
        let invited_by = row.invited_by_id.and_then(|id| authors.get(&id).cloned());
        convert::invitation(row, groups, invited_by)
    };
    Ok(rows.into_iter().map(convert).collect())
}

/// Invites a person. `origin` is the address that the link begins with.
pub async fn create(state: &State, caller: &Caller, origin: &str, body: InvitationCreate) -> ApiResult<InvitationCreated> {
    let (txn, caller) = grants::begin(state, caller, Permission::InvitationCreate).await?;
    let wanted: BTreeSet<Uuid> = body.group_ids.iter().copied().take(1000).collect();
    let codes = groups::store::codes_of(&txn, wanted.iter().copied()).await?;
    grants::holds_all(&caller, &codes.into_values().flatten().collect())?;
    valid(&body)?;
    let email = text::normalise_email(&body.email);
    let now = crate::now();
    if users::store::find_by_email(&txn, &email).await?.is_some() {
        return Err(users::address_taken(&email));
    }
    if store::is_invited(&txn, &email, now).await? {
        return Err(ApiError::new(
            ErrorCode::AlreadyExists,
            format!("An invitation for {email} is open already. Revoke it to send a new one."),
        ));
    }
    users::known_groups(&body.group_ids, &groups::store::existing(&txn, &wanted).await?)?;
    let token = crate::keys::random_token();
    let row = store::insert(&txn, email, sha256_hex(&token), caller.id, now + VALID_FOR, &wanted).await?;
    let groups = store::groups_of(&txn, [row.id]).await?.remove(&row.id).unwrap_or_default();
    let detail = json!({ "email": row.email, "groups": wanted });
    audit::record(state, &txn, &caller.request, Entry::system(&caller, "invitation.create", "invitation", row.id, detail)).await?;
    txn.commit().await?;
    let url = format!("{origin}/invite/{token}");
    let mailed = state.mailer.is_on();
    if mailed {
        send(state, &row, &caller.display_name, &url);
    }
    let author = Author { id: caller.id, display_name: caller.display_name };
    Ok(InvitationCreated { mailed, invitation: convert::invitation(row, groups, Some(author)), url, token })
}

/// Sends the link; the answer does not wait for it, and shows the link in any case.
fn send(state: &State, row: &invitation::Model, inviter: &str, url: &str) {
    let letter = Letter {
        to: row.email.clone(),
        name: row.email.clone(),
        subject: "You are invited to Tyrian".into(),
        body: format!("{inviter} invites you to plan and run purple-team exercises.\n\nMake your account here within seven days:\n{url}\n"),
    };
    let state = state.clone();
    actix_web::rt::spawn(async move {
        if let Err(error) = state.mailer.send(letter).await {
            tracing::error!(%error, "an invitation was not sent");
        }
    });
}

/// Takes an invitation back; once more changes nothing.
pub async fn revoke(state: &State, caller: &Caller, id: Uuid) -> ApiResult<()> {
    let (txn, caller) = grants::begin(state, caller, Permission::InvitationRevoke).await?;
    let row = store::find(&txn, id).await?.ok_or_else(ApiError::not_found)?;
    match convert::status(&row, crate::now()) {
        InvitationStatus::Revoked => return Ok(()),
        InvitationStatus::Accepted => {
            return Err(ApiError::new(ErrorCode::IllegalTransition, "It was accepted already. Deactivate or delete the user instead."));
        }
        InvitationStatus::Pending | InvitationStatus::Expired => {}
    }
    store::close(&txn, id, invitation::Column::RevokedAt).await?;
    let entry = Entry::system(&caller, "invitation.revoke", "invitation", id, json!({ "email": row.email }));
    audit::record(state, &txn, &caller.request, entry).await?;
    txn.commit().await?;
    Ok(())
}

/// An invitation that can be accepted now.
struct Open {
    row: invitation::Model,
    inviter: user::Model,
    groups: Vec<GroupRef>,
}

/// The invitation behind a token. Unknown, used, revoked, too old, or given by somebody who could not give it now:
/// all are the same 404.
async fn open(db: &impl ConnectionTrait, token: &str) -> ApiResult<Open> {
    let row = store::find_open(db, &sha256_hex(token), crate::now()).await?.ok_or_else(ApiError::not_found)?;
    let inviter = match row.invited_by_id {
        Some(id) => users::store::find(db, id).await?.filter(|user| user.is_active),
        None => None,
    };
    let inviter = inviter.ok_or_else(ApiError::not_found)?;
    let held = auth::permissions_of(db, &inviter).await?;
    let groups = store::groups_of(db, [row.id]).await?.remove(&row.id).unwrap_or_default();
    let codes = groups::store::codes_of(db, groups.iter().map(|group| group.id)).await?;
    let given = codes.into_values().flatten().chain([Permission::InvitationCreate]);
    if !permission::lacking(&held, given).is_empty() {
        return Err(ApiError::not_found());
    }
    Ok(Open { row, inviter, groups })
}

/// What the invited person sees before accepting.
pub async fn preview(state: &State, token: &str) -> ApiResult<InvitationPreview> {
    let found = open(state.db.reader(), token).await?;
    Ok(InvitationPreview {
        email: found.row.email,
        invited_by: Some(found.inviter.display_name),
        groups: found.groups.into_iter().map(|group| group.name).collect(),
        expires_at: found.row.expires_at,
    })
}

async fn address_is_free(db: &impl ConnectionTrait, email: &str) -> ApiResult<()> {
    if users::store::find_by_email(db, email).await?.is_some() {
        return Err(ApiError::new(ErrorCode::AlreadyExists, "There is an account with this address already. Sign in instead."));
    }
    Ok(())
}

/// Makes the account of the invited person. Two at once make one.
pub async fn accept(state: &State, request: &RequestInfo, token: &str, body: InvitationAccept) -> ApiResult<UserRef> {
    let found = open(state.db.reader(), token).await?;
    address_is_free(state.db.reader(), &found.row.email).await?;
    valid(&body)?;
    let hash = state.passwords.hash("/password", body.password, &found.row.email, &body.display_name).await?;
    let txn = state.db.begin().await?;
    grants::lock(&txn).await?;
    let found = open(&txn, token).await?;
    address_is_free(&txn, &found.row.email).await?;
    let made = users::store::insert(&txn, auth::new_user(&found.row.email, &body.display_name, Some(hash), false)).await?;
    users::store::join(&txn, found.groups.iter().map(|group| (made.id, group.id))).await?;
    groups::store::touch(&txn, found.groups.iter().map(|group| group.id)).await?;
    store::close(&txn, found.row.id, invitation::Column::AcceptedAt).await?;
    let groups: Vec<Uuid> = found.groups.iter().map(|group| group.id).collect();
    let entry = Entry {
        stream: SYSTEM.to_owned(),
        actor_id: Some(made.id),
        action: "invitation.accept",
        object_kind: "invitation",
        object_id: Some(found.row.id),
        detail: json!({ "user": made.id, "email": made.email, "groups": groups, "invited_by": found.inviter.id }),
    };
    audit::record(state, &txn, request, entry).await?;
    txn.commit().await?;
    Ok(users::user_ref(made))
}
