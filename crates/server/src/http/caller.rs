//! Who calls: the access token checked, then the user, their permissions and their session, in one statement, which can read
//! what they ask for too; with an API token one more, which finds it.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{Condition, ConnectionTrait, FromQueryResult, JoinType, QueryResult};
use tyrian_api_types::ErrorCode;
use tyrian_domain::permission::{self, Permission, Permissions};
use tyrian_entity::{refresh_token, user};
use uuid::Uuid;

use super::RequestInfo;
use crate::api_tokens;
use crate::auth::tokens;
use crate::error::{ApiError, ApiResult};
use crate::state::State;

/// By what a caller is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A session: its family of refresh tokens.
    Session(Uuid),
    /// An API token: its id.
    ApiToken(Uuid),
}

impl Credential {
    /// The id of the session or the token.
    pub fn id(self) -> Uuid {
        match self {
            Self::Session(id) | Self::ApiToken(id) => id,
        }
    }
}

/// The signed-in caller of a request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// User id.
    pub id: Uuid,
    /// The name others see.
    pub display_name: String,
    /// Admins have every permission. A token is never one: it has its scopes.
    pub is_admin: bool,
    /// All permissions, of all groups together; with a token those of them that it was made for.
    pub permissions: Permissions,
    /// The session or the token.
    pub credential: Credential,
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
        if self.can(permission) { Ok(()) } else { Err(self.lacks(permission)) }
    }

    /// Refuses with 403 unless the caller holds one of these permissions.
    pub fn needs_any(&self, permissions: &[Permission]) -> ApiResult<()> {
        match permissions {
            [first, ..] if !permissions.iter().any(|p| self.can(*p)) => Err(self.lacks(*first)),
            _ => Ok(()),
        }
    }

    fn lacks(&self, permission: Permission) -> ApiError {
        match self.credential {
            Credential::Session(_) => ApiError::lacks(permission),
            Credential::ApiToken(_) => ApiError::lacks_scope(permission),
        }
    }

    /// The caller's session; refuses a token where only a person may act: passwords, factors, sessions, tokens.
    pub fn session(&self) -> ApiResult<Uuid> {
        match self.credential {
            Credential::Session(family) => Ok(family),
            Credential::ApiToken(_) => {
                Err(ApiError::new(ErrorCode::SessionRequired, "An API token cannot do this. Sign in with your password."))
            }
        }
    }

    /// The user of a session or a token, as a download ticket names them: with the rights of now.
    pub async fn of_ticket(db: &impl ConnectionTrait, id: Uuid, credential: Uuid, request: RequestInfo) -> ApiResult<Self> {
        match load(db, id, Credential::Session(credential), request.clone()).await {
            Err(e) if e.code() == ErrorCode::Unauthenticated => load(db, id, Credential::ApiToken(credential), request).await,
            found => found,
        }
    }

    /// The same caller as a transaction sees them: what they may do can have changed since the request came in.
    pub async fn again(&self, db: &impl ConnectionTrait) -> ApiResult<Self> {
        load(db, self.id, self.credential, self.request.clone()).await
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
            let caller = match Claim::of(state, &request)? {
                Claim::Session { user, family } => {
                    load(state.db.reader(), user, Credential::Session(family), RequestInfo::of(&request)).await?
                }
                Claim::ApiToken(token) => api_tokens::caller(state, token, RequestInfo::of(&request)).await?,
            };
            request.extensions_mut().insert(SignedIn(caller.id));
            Ok(caller)
        })
    }
}

/// What the token of a request says before the database is asked.
enum Claim<'a> {
    /// A session's, and its signature holds.
    Session { user: Uuid, family: Uuid },
    /// An API token.
    ApiToken(&'a str),
}

impl<'a> Claim<'a> {
    fn of(state: &State, request: &'a HttpRequest) -> ApiResult<Self> {
        let token = bearer(request).ok_or_else(ApiError::unauthenticated)?;
        if api_tokens::looks_like_one(token) {
            return Ok(Self::ApiToken(token));
        }
        let claims = tokens::read_access(&state.keys, token).ok_or_else(ApiError::unauthenticated)?;
        state.rate_limit.admit(claims.sub)?;
        Ok(Self::Session { user: claims.sub, family: claims.fam })
    }
}

/// The caller of a request together with the one row that they ask for: of a session in one statement, where there is such a
/// row. `query` finds it for the user with this id.
pub async fn with_row<T: FromQueryResult>(
    state: &State,
    request: &HttpRequest,
    query: impl Fn(Uuid) -> SelectStatement,
) -> ApiResult<(Caller, Option<T>)> {
    let db = state.db.reader();
    let found = match Claim::of(state, request)? {
        Claim::Session { user, family } => {
            let mut both = query(user);
            both.join_as(JoinType::InnerJoin, user::Entity, USER, is_active(user).add(has_session(user, family)));
            if let Some(row) = db.query_one(columns(&mut both)).await? {
                let caller = of_row(user, &row, Credential::Session(family), RequestInfo::of(request))?;
                (caller, Some(T::from_query_result(&row, "")?))
            } else {
                (load(db, user, Credential::Session(family), RequestInfo::of(request)).await?, None)
            }
        }
        Claim::ApiToken(token) => {
            let caller = api_tokens::caller(state, token, RequestInfo::of(request)).await?;
            let row = db.query_one(&query(caller.id)).await?;
            (caller, row.map(|row| T::from_query_result(&row, "")).transpose()?)
        }
    };
    request.extensions_mut().insert(SignedIn(found.0.id));
    Ok(found)
}

/// The caller as a table of a query.
const USER: &str = "caller";

/// The codes of all that a user's groups give them.
const CODES: &str = "(SELECT string_agg(g.codes, ' ') FROM user_groups ug JOIN groups g ON g.id = ug.group_id AND g.deleted_at IS NULL \
     WHERE ug.user_id = caller.id)";

/// Is this user [`USER`], and not shut out?
fn is_active(id: Uuid) -> Condition {
    Condition::all()
        .add(Expr::col((USER, user::Column::Id)).eq(id))
        .add(Expr::col((USER, user::Column::DeletedAt)).is_null())
        .add(Expr::col((USER, user::Column::IsActive)).eq(true))
}

/// Has this user this session still?
fn has_session(id: Uuid, family: Uuid) -> Expr {
    let session = Query::select()
        .expr(Expr::val(1))
        .from(refresh_token::Entity)
        .and_where(Expr::col((refresh_token::Entity, refresh_token::Column::FamilyId)).eq(family))
        .and_where(Expr::col((refresh_token::Entity, refresh_token::Column::UserId)).eq(id))
        .and_where(Expr::col((refresh_token::Entity, refresh_token::Column::RevokedAt)).is_null())
        .to_owned();
    Expr::exists(session)
}

/// Adds what [`of_row`] reads to a query that has [`USER`] in it.
fn columns(query: &mut SelectStatement) -> &mut SelectStatement {
    query
        .expr_as(Expr::col((USER, user::Column::DisplayName)), "caller_name")
        .expr_as(Expr::col((USER, user::Column::IsAdmin)), "caller_is_admin")
        .expr_as(Expr::cust(CODES), "caller_codes")
}

/// The caller as the database knows them now: a sign-out or a change of rights takes effect within one request.
async fn load(db: &impl ConnectionTrait, id: Uuid, credential: Credential, request: RequestInfo) -> ApiResult<Caller> {
    match credential {
        Credential::Session(family) => {
            let row = user_row(db, is_active(id).add(has_session(id, family))).await?;
            of_row(id, &row, credential, request)
        }
        Credential::ApiToken(token) => {
            let scopes = api_tokens::live_scopes(db, id, token).await?.ok_or_else(ApiError::unauthenticated)?;
            of_token(db, id, token, &scopes, request).await
        }
    }
}

/// The caller behind a token that is known to hold: what its owner may do now, as far as its scopes go.
pub async fn of_token(db: &impl ConnectionTrait, id: Uuid, token: Uuid, scopes: &Permissions, request: RequestInfo) -> ApiResult<Caller> {
    let row = user_row(db, is_active(id)).await?;
    let mut caller = of_row(id, &row, Credential::ApiToken(token), request)?;
    caller.is_admin = false;
    caller.permissions.retain(|held| scopes.contains(held));
    Ok(caller)
}

async fn user_row(db: &impl ConnectionTrait, who: Condition) -> ApiResult<QueryResult> {
    let mut query = Query::select();
    columns(query.from_as(user::Entity, USER).cond_where(who));
    db.query_one(&query).await?.ok_or_else(ApiError::unauthenticated)
}

fn of_row(id: Uuid, row: &QueryResult, credential: Credential, request: RequestInfo) -> ApiResult<Caller> {
    let is_admin: bool = row.try_get("", "caller_is_admin")?;
    let display_name = row.try_get("", "caller_name")?;
    let permissions = if is_admin {
        permission::all()
    } else {
        let codes: Option<String> = row.try_get("", "caller_codes")?;
        permission::parse_all(&codes.unwrap_or_default())
    };
    Ok(Caller { id, display_name, is_admin, permissions, credential, request })
}
