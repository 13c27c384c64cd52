//! Set-up, sign-in, renewal and sign-out: each in one transaction with its audit entry.

use chrono::{DateTime, Duration, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel};
use serde_json::json;
use tyrian_api_types::auth::{LoginRequest, Me, MePatch, PasswordChange, Session, SetupRequest, SetupStatus};
use tyrian_api_types::groups::GroupRef;
use tyrian_api_types::users::UserRef;
use tyrian_api_types::{ErrorCode, Patch};
use tyrian_domain::text;
use tyrian_entity::user;
use uuid::Uuid;

use super::{preferences, second_factor, store, tokens};
use crate::audit::{self, Entry, SYSTEM};
use crate::error::{ApiError, ApiResult};
use crate::http::{Caller, IfMatch, RequestInfo, etag, valid};
use crate::keys::sha256_hex;
use crate::state::{AppState, State};

/// A refresh token ends after this long without use …
const IDLE: Duration = Duration::hours(24);
/// … and a session after this long in any case.
const LONGEST: Duration = Duration::days(7);
/// For so long after its use a refresh token gives the same successor again: two tabs that refresh at once.
const GRACE: Duration = Duration::seconds(10);
/// A number that two set-ups at once on PostgreSQL agree on.
const SETUP_LOCK: &str = "SELECT pg_advisory_xact_lock(7479727330)";

/// A session as it is handed out.
pub struct Issued {
    /// For the Authorization header.
    pub access_token: String,
    /// For the next renewal.
    pub refresh_token: String,
    /// When the refresh token ends.
    pub expires_at: DateTime<Utc>,
    /// Who it is.
    pub user: Me,
}

/// Something that concerns a user, for the log.
pub(super) fn entry(actor: Option<Uuid>, action: &'static str, user: Option<Uuid>, detail: serde_json::Value) -> Entry {
    Entry { stream: SYSTEM.to_owned(), actor_id: actor, action, object_kind: "user", object_id: user, detail }
}

/// Is set-up still to be done?
pub async fn setup_status(state: &State) -> ApiResult<SetupStatus> {
    let needed = store::count_users(state.db.reader()).await? == 0;
    Ok(SetupStatus {
        needed,
        code_required: needed && state.setup_code.is_some(),
        mail: state.mailer.is_on(),
        sso: state.settings.oidc.as_ref().map(|oidc| oidc.name.clone()),
    })
}

/// A user row of these values.
pub fn new_user(email: &str, display_name: &str, password_hash: Option<String>, is_admin: bool) -> user::ActiveModel {
    let now = crate::now();
    let email = text::normalise_email(email);
    user::ActiveModel {
        id: Set(Uuid::now_v7()),
        search_text: Set(user_search_text(&email, display_name)),
        email: Set(email),
        display_name: Set(display_name.to_owned()),
        name_key: Set(text::key(display_name)),
        password_hash: Set(password_hash),
        is_active: Set(true),
        is_admin: Set(is_admin),
        last_login_at: Set(None),
        totp_secret_enc: Set(None),
        totp_last_step: Set(None),
        preferences: Set(json!({})),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        deleted_at: Set(None),
    }
}

/// What a user is found by.
pub fn user_search_text(email: &str, display_name: &str) -> String {
    text::key(&format!("{display_name} {email}"))
}

/// Makes the first admin. Two at once make one.
pub async fn set_up(state: &State, request: &RequestInfo, body: SetupRequest) -> ApiResult<UserRef> {
    let done = || ApiError::new(ErrorCode::SetupDone, "Set-up is done. Sign in, or ask an administrator for an invitation.");
    if store::count_users(state.db.reader()).await? > 0 {
        return Err(done());
    }
    if let Some(code) = &state.setup_code {
        use subtle::ConstantTimeEq;
        let given = body.code.as_deref().unwrap_or_default();
        if !bool::from(given.as_bytes().ct_eq(code.as_bytes())) {
            return Err(ApiError::new(ErrorCode::SetupCodeRequired, "Give the one-time code that the server printed at its start."));
        }
    }
    valid(&body)?;
    let hash = state.passwords.hash("/password", body.password, &body.email, &body.display_name).await?;
    let txn = state.db.begin().await?;
    if state.db.is_postgres() {
        txn.execute_unprepared(SETUP_LOCK).await?;
    }
    if store::count_users(&txn).await? > 0 {
        return Err(done());
    }
    let made = new_user(&body.email, &body.display_name, Some(hash), true).insert(&txn).await?;
    audit::record(state, &txn, request, entry(Some(made.id), "setup", Some(made.id), json!({ "email": made.email }))).await?;
    txn.commit().await?;
    Ok(UserRef { id: made.id, email: made.email, display_name: made.display_name })
}

/// The code that a sign-in with a second factor needs.
fn totp_code(sent: Option<&str>) -> ApiResult<&str> {
    let code = sent.map(str::trim).filter(|code| !code.is_empty());
    code.ok_or_else(|| ApiError::new(ErrorCode::TotpRequired, "Send the code of your authenticator, or a recovery code, as totp_code."))
}

/// Refuses whoever got a password wrong too often, for a while.
fn not_throttled(state: &AppState, request: &RequestInfo, email: &str) -> ApiResult<()> {
    let Some(seconds) = state.throttle.wait(request.ip, email) else { return Ok(()) };
    Err(ApiError::too_many(format!("Too many wrong passwords. Wait {seconds} s."), seconds))
}

async fn failed(
    state: &State,
    txn: &DatabaseTransaction,
    request: &RequestInfo,
    user: Option<Uuid>,
    detail: serde_json::Value,
) -> ApiResult<()> {
    audit::record(state, txn, request, entry(None, "login.failed", user, detail)).await
}

/// Signs in. Unknown address, wrong password and a user who may not sign in answer alike, after as much work.
pub async fn login(state: &State, request: &RequestInfo, user_agent: Option<String>, body: LoginRequest) -> ApiResult<Issued> {
    valid(&body)?;
    let email = text::normalise_email(&body.email);
    not_throttled(state, request, &email)?;
    let user = store::find_by_email(state.db.reader(), &email).await?;
    let fits = state.passwords.verify(body.password, user.as_ref().and_then(|u| u.password_hash.clone())).await?;
    let Some(user) = user.filter(|_| fits) else {
        state.throttle.failed(request.ip, &email);
        let txn = state.db.begin().await?;
        failed(state, &txn, request, None, json!({ "email": email.chars().take(254).collect::<String>() })).await?;
        txn.commit().await?;
        return Err(ApiError::new(ErrorCode::InvalidCredentials, "Check the address and the password."));
    };
    let code = if user.totp_secret_enc.is_some() { Some(totp_code(body.totp_code.as_deref())?) } else { None };
    let me = me(state.db.reader(), user.clone()).await?;
    let txn = state.db.begin().await?;
    let mut detail = json!({});
    if let Some(code) = code {
        let Some(proof) = second_factor::spend(state, &txn, &user, code).await? else {
            state.throttle.failed(request.ip, &email);
            failed(state, &txn, request, Some(user.id), json!({ "factor": "totp" })).await?;
            txn.commit().await?;
            return Err(ApiError::new(ErrorCode::TotpInvalid, "The code is wrong or was used already. Wait for the next one."));
        };
        detail = json!({ "recovery_code": proof == second_factor::Proof::RecoveryCode });
    }
    state.throttle.succeeded(request.ip, &email);
    store::note_login(&txn, me.id).await?;
    let issued = issue(state, &txn, request, user_agent, me).await?;
    audit::record(state, &txn, request, entry(Some(issued.user.id), "login", Some(issued.user.id), detail)).await?;
    txn.commit().await?;
    Ok(issued)
}

/// Begins a session.
pub async fn issue(
    state: &State,
    txn: &DatabaseTransaction,
    request: &RequestInfo,
    user_agent: Option<String>,
    user: Me,
) -> ApiResult<Issued> {
    let (family, refresh_token, expires_at) = (Uuid::now_v7(), crate::keys::random_token(), crate::now() + IDLE);
    store::insert_token(
        txn,
        store::NewToken {
            user_id: user.id,
            family_id: family,
            token_hash: sha256_hex(&refresh_token),
            generation: 0,
            expires_at,
            user_agent: user_agent.map(|a| a.chars().take(300).collect()),
            ip: request.ip.map(|ip| ip.to_string()),
        },
    )
    .await?;
    Ok(Issued { access_token: tokens::make_access(&state.keys, user.id, family)?, refresh_token, expires_at, user })
}

/// When a session began: its family's id holds the time.
fn began(family: Uuid) -> DateTime<Utc> {
    family
        .get_timestamp()
        .and_then(|t| {
            let (s, n) = t.to_unix();
            DateTime::from_timestamp(i64::try_from(s).ok()?, n)
        })
        .unwrap_or_default()
}

/// Exchanges a refresh token for the next one. A token that was exchanged before ends the whole session,
/// unless that was a moment ago: then the same successor is given again.
pub async fn refresh(state: &State, request: &RequestInfo, user_agent: Option<String>, token: &str) -> ApiResult<Issued> {
    let refused = || ApiError::new(ErrorCode::Unauthenticated, "The session has ended. Sign in again.");
    let now = crate::now();
    let txn = state.db.begin().await?;
    let row = store::lock_token(&txn, &sha256_hex(token)).await?.ok_or_else(refused)?;
    if row.revoked_at.is_some() || row.expires_at <= now {
        return Err(refused());
    }
    let next = tokens::successor(&state.keys, token);
    let expires_at = (now + IDLE).min(began(row.family_id) + LONGEST);
    match row.used_at {
        Some(used) if now - used > GRACE => {
            store::end_session(&txn, row.user_id, row.family_id).await?;
            audit::record(
                state,
                &txn,
                request,
                entry(Some(row.user_id), "session.reuse_detected", Some(row.user_id), json!({ "family": row.family_id })),
            )
            .await?;
            txn.commit().await?;
            state.live.rights_changed(Some(row.user_id));
            return Err(refused());
        }
        Some(_) => {}
        None => {
            store::mark_used(&txn, row.id).await?;
            store::insert_token(
                &txn,
                store::NewToken {
                    user_id: row.user_id,
                    family_id: row.family_id,
                    token_hash: sha256_hex(&next),
                    generation: row.generation + 1,
                    expires_at,
                    user_agent: user_agent.map(|a| a.chars().take(300).collect()),
                    ip: request.ip.map(|ip| ip.to_string()),
                },
            )
            .await?;
        }
    }
    let user = store::find_user(&txn, row.user_id).await?.ok_or_else(refused)?;
    let me = me(&txn, user).await?;
    txn.commit().await?;
    Ok(Issued { access_token: tokens::make_access(&state.keys, me.id, row.family_id)?, refresh_token: next, expires_at, user: me })
}

/// Ends the session that a refresh token belongs to, if it is one.
pub async fn logout(state: &State, request: &RequestInfo, token: &str) -> ApiResult<()> {
    let txn = state.db.begin().await?;
    let Some(row) = store::lock_token(&txn, &sha256_hex(token)).await? else { return Ok(()) };
    if store::end_session(&txn, row.user_id, row.family_id).await? {
        audit::record(state, &txn, request, entry(Some(row.user_id), "logout", Some(row.user_id), json!({}))).await?;
    }
    txn.commit().await?;
    state.live.rights_changed(Some(row.user_id));
    Ok(())
}

/// Ends one of the caller's sessions.
pub async fn end_session(state: &State, caller: &Caller, family: Uuid) -> ApiResult<()> {
    caller.session()?;
    let txn = state.db.begin().await?;
    if !store::end_session(&txn, caller.id, family).await? {
        return Err(ApiError::not_found());
    }
    audit::record(state, &txn, &caller.request, entry(Some(caller.id), "session.end", Some(caller.id), json!({ "family": family })))
        .await?;
    txn.commit().await?;
    state.live.rights_changed(Some(caller.id));
    Ok(())
}

/// A user's own profile.
pub async fn me(db: &impl ConnectionTrait, user: user::Model) -> ApiResult<Me> {
    let groups = store::groups_of(db, user.id).await?;
    let permissions = store::permissions_of(db, &user).await?;
    let (has_password, totp) = (user.password_hash.is_some(), user.totp_secret_enc.is_some());
    let left = if totp { second_factor::codes_left(db, user.id).await? } else { 0 };
    Ok(Me {
        id: user.id,
        email: user.email,
        display_name: user.display_name,
        is_admin: user.is_admin,
        permissions: permissions.into_iter().collect(),
        groups: groups.into_iter().map(|g| GroupRef { id: g.id, name: g.name }).collect(),
        preferences: preferences::read(&user.preferences),
        has_password,
        totp,
        recovery_codes_left: u32::try_from(left).unwrap_or(u32::MAX),
        version: user.version,
    })
}

/// The caller's own profile, with what they may do as they came: a token may do less than its owner.
pub async fn get_me(state: &State, caller: &Caller) -> ApiResult<Me> {
    let user = store::find_user(state.db.reader(), caller.id).await?.ok_or_else(ApiError::unauthenticated)?;
    let me = me(state.db.reader(), user).await?;
    Ok(Me { is_admin: caller.is_admin, permissions: caller.permissions.iter().copied().collect(), ..me })
}

/// Changes the caller's own profile.
pub async fn update_me(state: &State, caller: &Caller, if_match: &IfMatch, patch: MePatch) -> ApiResult<Me> {
    caller.session()?;
    let txn = state.db.begin().await?;
    let user = store::lock_user(&txn, caller.id).await?.ok_or_else(ApiError::unauthenticated)?;
    valid(&patch)?;
    if_match.require(user.version, &etag::etag(user.version))?;
    let (email, version, preferred) = (user.email.clone(), user.version, preferences::read(&user.preferences));
    let mut row = user.into_active_model();
    if let Patch::Set(name) = patch.display_name {
        row.name_key = Set(text::key(&name));
        row.search_text = Set(user_search_text(&email, &name));
        row.display_name = Set(name);
    }
    match patch.preferences {
        Patch::Set(change) => row.preferences = Set(serde_json::to_value(preferences::changed(preferred, change))?),
        Patch::Clear => row.preferences = Set(json!({})),
        Patch::Keep => {}
    }
    row.version = Set(version + 1);
    row.updated_at = Set(crate::now());
    let user = user::Entity::update(row).exec(&txn).await?;
    let me = me(&txn, user).await?;
    audit::record(state, &txn, &caller.request, entry(Some(caller.id), "profile.update", Some(caller.id), json!({}))).await?;
    txn.commit().await?;
    Ok(me)
}

/// Refuses unless this is the caller's present password: a session that was left open is not enough for what follows.
pub async fn prove(state: &AppState, caller: &Caller, password: String) -> ApiResult<user::Model> {
    caller.session()?;
    let user = store::find_user(state.db.reader(), caller.id).await?.ok_or_else(ApiError::unauthenticated)?;
    not_throttled(state, &caller.request, &user.email)?;
    if !state.passwords.verify(password, user.password_hash.clone()).await? {
        state.throttle.failed(caller.request.ip, &user.email);
        return Err(ApiError::field("/current_password", "wrong", "This is not the present password."));
    }
    Ok(user)
}

/// Changes the caller's password; every other session of theirs ends.
pub async fn change_password(state: &State, caller: &Caller, body: PasswordChange) -> ApiResult<()> {
    let family = caller.session()?;
    valid(&body)?;
    let user = prove(state, caller, body.current_password).await?;
    let hash = state.passwords.hash("/new_password", body.new_password, &user.email, &user.display_name).await?;
    let txn = state.db.begin().await?;
    let user = store::lock_user(&txn, caller.id).await?.ok_or_else(ApiError::unauthenticated)?;
    let version = user.version;
    let mut row = user.into_active_model();
    row.password_hash = Set(Some(hash));
    row.version = Set(version + 1);
    row.updated_at = Set(crate::now());
    user::Entity::update(row).exec(&txn).await?;
    store::end_sessions(&txn, caller.id, Some(family)).await?;
    audit::record(state, &txn, &caller.request, entry(Some(caller.id), "password.change", Some(caller.id), json!({}))).await?;
    txn.commit().await?;
    state.live.rights_changed(Some(caller.id));
    Ok(())
}

/// The caller's sessions that still hold.
pub async fn list_sessions(state: &State, caller: &Caller) -> ApiResult<Vec<Session>> {
    let family = caller.session()?;
    let rows = store::live_tokens(state.db.reader(), caller.id).await?;
    Ok(rows
        .into_iter()
        .map(|row| Session {
            family: row.family_id,
            user_agent: row.user_agent,
            ip: row.ip,
            created_at: began(row.family_id),
            last_used_at: row.created_at,
            current: row.family_id == family,
        })
        .collect())
}
