//! Who calls: the access token checked, then the user, their permissions and their session, in one statement.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use sea_orm::{ConnectionTrait, Statement};
use tyrian_domain::permission::{self, Permission, Permissions};
use uuid::Uuid;

use super::RequestInfo;
use crate::auth::tokens;
use crate::error::{ApiError, ApiResult};
use crate::state::State;

/// The signed-in caller of a request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// User id.
    pub id: Uuid,
    /// The name others see.
    pub display_name: String,
    /// Admins have every permission.
    pub is_admin: bool,
    /// All permissions, of all groups together.
    pub permissions: Permissions,
    /// The session's family of refresh tokens.
    pub family: Uuid,
    /// The request's id and address, for the audit log.
    pub request: RequestInfo,
}

/// Noted on a request once its caller is known, for the layers around the handler.
#[derive(Debug, Clone, Copy)]
pub struct SignedIn(pub Uuid);

impl Caller {
    /// Does the caller hold this permission?
    pub fn can(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Refuses with 403 unless the caller holds this permission.
    pub fn needs(&self, permission: Permission) -> ApiResult<()> {
        if self.can(permission) { Ok(()) } else { Err(ApiError::lacks(permission)) }
    }

    /// Refuses with 403 unless the caller holds one of these permissions.
    pub fn needs_any(&self, permissions: &[Permission]) -> ApiResult<()> {
        match permissions {
            [first, ..] if !permissions.iter().any(|p| self.can(*p)) => Err(ApiError::lacks(*first)),
            _ => Ok(()),
        }
    }

    /// The user of a session, as a download ticket names them: the rights of now, as with a token.
    pub async fn of_session(db: &impl ConnectionTrait, id: Uuid, family: Uuid, request: RequestInfo) -> ApiResult<Self> {
        load(db, id, family, request).await
    }

    /// The same caller as a transaction sees them: what they may do can have changed since the request came in.
    pub async fn again(&self, db: &impl ConnectionTrait) -> ApiResult<Self> {
        load(db, self.id, self.family, self.request.clone()).await
    }
}

/// The bearer token of a request.
pub fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let state = request.app_data::<State>().ok_or_else(|| ApiError::internal(anyhow::anyhow!("no state")))?;
            let claims =
                bearer(&request).and_then(|token| tokens::read_access(&state.keys, token)).ok_or_else(ApiError::unauthenticated)?;
            state.rate_limit.admit(claims.sub)?;
            let caller = load(state.db.reader(), claims.sub, claims.fam, RequestInfo::of(&request)).await?;
            request.extensions_mut().insert(SignedIn(caller.id));
            Ok(caller)
        })
    }
}

const LOAD: &str = "SELECT u.display_name, u.is_admin, p.code FROM users u \
    LEFT JOIN user_groups ug ON ug.user_id = u.id \
    LEFT JOIN groups g ON g.id = ug.group_id AND g.deleted_at IS NULL \
    LEFT JOIN group_permissions gp ON gp.group_id = g.id \
    LEFT JOIN permissions p ON p.id = gp.permission_id \
    WHERE u.id = $1 AND u.deleted_at IS NULL AND u.is_active \
    AND EXISTS (SELECT 1 FROM refresh_tokens r WHERE r.family_id = $2 AND r.user_id = u.id AND r.revoked_at IS NULL)";

/// The caller as the database knows them now: a sign-out or a change of rights takes effect within one request.
async fn load(db: &impl ConnectionTrait, id: Uuid, family: Uuid, request: RequestInfo) -> ApiResult<Caller> {
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), LOAD, [id.into(), family.into()])).await?;
    let first = rows.first().ok_or_else(ApiError::unauthenticated)?;
    let is_admin: bool = first.try_get("", "is_admin")?;
    let display_name = first.try_get("", "display_name")?;
    let permissions = if is_admin {
        permission::all()
    } else {
        let mut held = Permissions::new();
        for row in &rows {
            if let Some(code) = row.try_get::<Option<String>>("", "code")? {
                held.extend(Permission::parse(&code));
            }
        }
        held
    };
    Ok(Caller { id, display_name, is_admin, permissions, family, request })
}
