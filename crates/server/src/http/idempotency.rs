//! Idempotency-Key on POSTs that create: the same key and request answers the same for 24 hours.
//!
//! The key's row is written in the transaction that creates, so a crash between commit and answer loses nothing,
//! and a parallel twin waits on the row and then replays.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use chrono::Duration;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, SqlErr};
use serde::Serialize;
use tyrian_api_types::ErrorCode;
use tyrian_entity::idempotency_key as entity;
use uuid::Uuid;

use super::Caller;
use crate::error::{ApiError, ApiResult};
use crate::live::Wake;
use crate::state::State;

/// The key of a request, if it has one.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(pub Option<String>);

impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match request.headers().get("idempotency-key").map(|v| v.to_str().unwrap_or_default()) {
            None => Ok(Self(None)),
            Some(key) if (1..=200).contains(&key.len()) => Ok(Self(Some(key.to_owned()))),
            Some(_) => Err(ApiError::new(ErrorCode::BadRequest, "Idempotency-Key: 1 to 200 visible ASCII characters.")),
        })
    }
}

/// What a create made.
pub struct Created<T> {
    /// The object.
    pub value: T,
    /// Where it is.
    pub location: String,
    /// Its version.
    pub etag: Option<String>,
    /// What is told once it is committed.
    pub wake: Wake,
}

/// Runs a create in a transaction of its own, once for each key: `request` is what makes two requests the same
/// (path and hash of the body). Call it after authorization.
pub async fn create<T, F>(state: &State, caller: &Caller, key: IdempotencyKey, request: String, work: F) -> ApiResult<HttpResponse>
where
    T: Serialize,
    F: AsyncFnOnce(&DatabaseTransaction) -> ApiResult<Created<T>>,
{
    let Some(key) = key.0 else {
        let txn = state.db.begin().await?;
        let created = work(&txn).await?;
        let body = serde_json::to_string(&created.value)?;
        txn.commit().await?;
        state.live.publish(created.wake);
        return Ok(answer(body, &created.location, created.etag.as_deref()));
    };
    // with a key of the server, since a plain hash of a body with a password in it could be tried out
    let request_hash = hex::encode(crate::keys::hmac(&state.keys.idempotency, request.as_bytes()));
    if let Some(response) = replay(state, caller, &key, &request_hash).await? {
        return Ok(response);
    }
    let now = crate::now();
    let txn = state.db.begin().await?;
    entity::Entity::delete_many().filter(entity::Column::UserId.eq(caller.id)).filter(entity::Column::ExpiresAt.lt(now)).exec(&txn).await?;
    let id = Uuid::now_v7();
    let claim = entity::Entity::insert(entity::ActiveModel {
        id: Set(id),
        user_id: Set(caller.id),
        key: Set(key.clone()),
        request_hash: Set(request_hash.clone()),
        status: Set(None),
        body: Set(None),
        location: Set(None),
        etag: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
        expires_at: Set(now + Duration::hours(24)),
    })
    .exec_without_returning(&txn)
    .await;
    if let Err(e) = claim {
        drop(txn);
        // a twin was quicker: on PostgreSQL the insert waited for its commit
        if matches!(e.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
            return replay(state, caller, &key, &request_hash)
                .await?
                .ok_or_else(|| ApiError::new(ErrorCode::RequestInProgress, "The same request is being worked on. Try again in a moment."));
        }
        return Err(e.into());
    }
    let created = work(&txn).await?;
    let body = serde_json::to_string(&created.value)?;
    entity::Entity::update(entity::ActiveModel {
        id: Set(id),
        status: Set(Some(201)),
        body: Set(Some(body.clone())),
        location: Set(Some(created.location.clone())),
        etag: Set(created.etag.clone()),
        updated_at: Set(crate::now()),
        ..Default::default()
    })
    .exec(&txn)
    .await?;
    txn.commit().await?;
    state.live.publish(created.wake);
    Ok(answer(body, &created.location, created.etag.as_deref()))
}

async fn replay(state: &State, caller: &Caller, key: &str, request_hash: &str) -> ApiResult<Option<HttpResponse>> {
    let row = entity::Entity::find()
        .filter(entity::Column::UserId.eq(caller.id))
        .filter(entity::Column::Key.eq(key))
        .filter(entity::Column::ExpiresAt.gt(crate::now()))
        .one(state.db.reader())
        .await?;
    match row {
        None => Ok(None),
        Some(row) if row.request_hash != request_hash => {
            Err(ApiError::new(ErrorCode::IdempotencyKeyReused, "This Idempotency-Key belongs to another request. Use a new one."))
        }
        Some(row) => Ok(row.body.map(|body| answer(body, row.location.as_deref().unwrap_or_default(), row.etag.as_deref()))),
    }
}

fn answer(body: String, location: &str, etag: Option<&str>) -> HttpResponse {
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, location));
    if let Some(etag) = etag {
        response.insert_header((header::ETAG, etag));
    }
    response.content_type("application/json").body(body)
}
