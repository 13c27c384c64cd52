//! The permission to touch one mission, as a value: every function of the store that reads or writes a mission takes
//! it, and only asking for the mission as a caller makes it.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Path;
use actix_web::{FromRequest, HttpRequest};
use sea_orm::sea_query::{Expr, ExprTrait, LockType, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait};
use serde::Deserialize;
use tyrian_api_types::ErrorCode;
use tyrian_api_types::users::Author;
use tyrian_domain::counters::Counters;
use tyrian_domain::execution::Hands;
use tyrian_domain::mission::{MissionStatus, RoleHint, allowed_transitions};
use tyrian_domain::permission::Permission;
use tyrian_domain::visibility::{View, Viewer};
use tyrian_entity::{mission, mission_member};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};
use crate::http::{Caller, caller};
use crate::state::State;

/// A mission that the caller may see, as it was when they asked, and how they stand to it.
pub struct MissionScope {
    mission: mission::Model,
    viewer: Viewer,
    creator_name: Option<String>,
    /// The versions of the people who are named in the answer, added: it grows with each change of one of them, and who is
    /// named changes with the mission's own version only.
    people_version: i64,
}

/// A mission's row with the name of who made it.
#[derive(FromQueryResult)]
pub(crate) struct MissionRow {
    #[sea_orm(nested)]
    pub mission: mission::Model,
    pub creator_name: Option<String>,
}

#[derive(FromQueryResult)]
struct ScopeRow {
    #[sea_orm(nested)]
    row: MissionRow,
    role_hint: Option<String>,
    people_version: i64,
}

/// The name of who made a mission, as a column of a query on missions.
pub(super) const CREATOR_NAME: &str = "(SELECT u.display_name FROM users u WHERE u.id = missions.created_by_id)";

/// The versions of a mission's members and of who made it, added up; who made it and is a member counts twice.
const PEOPLE_VERSION: &str = "(SELECT CAST(COALESCE(SUM(u.version), 0) AS BIGINT) FROM mission_members m JOIN users u ON u.id = m.user_id \
     WHERE m.mission_id = missions.id) + COALESCE((SELECT u.version FROM users u WHERE u.id = missions.created_by_id), 0)";

impl MissionScope {
    /// Who may not know that the mission exists gets 404, who lacks `needed` 403. One statement. A request whose path names
    /// the mission is a [`Visit`].
    pub async fn authorize(state: &State, caller: &Caller, id: Uuid, needed: Permission) -> ApiResult<Self> {
        let scope = Self::find(state.db.reader(), caller, id).await?;
        caller.needs(needed)?;
        Ok(scope)
    }

    /// For reading: who sees the mission reads it. One statement.
    pub async fn read(state: &State, caller: &Caller, id: Uuid) -> ApiResult<Self> {
        Self::find(state.db.reader(), caller, id).await
    }

    async fn find(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> ApiResult<Self> {
        let row = db.query_one(&Self::query(caller.id, id)).await?;
        Self::of_row(caller, row.map(|row| ScopeRow::from_query_result(&row, "")).transpose()?)
    }

    fn query(user: Uuid, id: Uuid) -> SelectStatement {
        let role = Query::select()
            .column(mission_member::Column::RoleHint)
            .from(mission_member::Entity)
            .and_where(
                Expr::col((mission_member::Entity, mission_member::Column::MissionId)).equals((mission::Entity, mission::Column::Id)),
            )
            .and_where(mission_member::Column::UserId.eq(user))
            .to_owned();
        mission::Entity::find_by_id(id)
            .filter(mission::Column::DeletedAt.is_null())
            .column_as(Expr::cust(CREATOR_NAME), "creator_name")
            .column_as(Expr::SubQuery(None, Box::new(role.into())), "role_hint")
            .column_as(Expr::cust(PEOPLE_VERSION), "people_version")
            .into_query()
    }

    fn of_row(caller: &Caller, row: Option<ScopeRow>) -> ApiResult<Self> {
        let row = row.ok_or_else(ApiError::not_found)?;
        let viewer = Viewer { role: row.role_hint.as_deref().and_then(RoleHint::parse), permissions: caller.permissions.clone() };
        if !viewer.sees_mission() {
            return Err(ApiError::not_found());
        }
        Ok(Self { mission: row.row.mission, viewer, creator_name: row.row.creator_name, people_version: row.people_version })
    }

    /// The same mission as it is now in this transaction, its row locked until the end: for read-then-write.
    pub async fn lock(&self, txn: &DatabaseTransaction) -> ApiResult<mission::Model> {
        // as `lock_row` does, in the statement that reads; on SQLite the transaction holds the only write lock already
        mission::Entity::find_by_id(self.id())
            .filter(mission::Column::DeletedAt.is_null())
            .lock(LockType::NoKeyUpdate)
            .one(txn)
            .await?
            .ok_or_else(ApiError::not_found)
    }

    /// The scope again after a change, for the answer to who made it.
    pub async fn reread(&self, txn: &DatabaseTransaction, caller: &Caller) -> ApiResult<Self> {
        match Self::find(txn, caller, self.id()).await {
            // who just left the mission still gets the answer to their own request
            Err(e) if e.code() == ErrorCode::NotFound => {
                let mission = mission::Entity::find_by_id(self.id()).one(txn).await?.ok_or_else(ApiError::not_found)?;
                Ok(Self {
                    mission,
                    viewer: self.viewer.clone(),
                    creator_name: self.creator_name.clone(),
                    people_version: self.people_version,
                })
            }
            other => other,
        }
    }

    /// A mission that was made in this transaction, for the answer to who made it.
    pub(super) async fn of_new(txn: &DatabaseTransaction, caller: &Caller, id: Uuid) -> ApiResult<Self> {
        match Self::find(txn, caller, id).await {
            Err(e) if e.code() == ErrorCode::NotFound => {
                let mission = mission::Entity::find_by_id(id).one(txn).await?.ok_or_else(ApiError::not_found)?;
                let viewer = Viewer { role: None, permissions: caller.permissions.clone() };
                Ok(Self { mission, viewer, creator_name: Some(caller.display_name.clone()), people_version: 0 })
            }
            other => other,
        }
    }

    /// The mission's id.
    pub fn id(&self) -> Uuid {
        self.mission.id
    }

    /// The mission's row.
    pub fn mission(&self) -> &mission::Model {
        &self.mission
    }

    /// How the caller stands to it.
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// What the caller may write in it.
    pub fn hands(&self) -> Hands {
        self.viewer.hands()
    }

    /// Which tests the caller sees.
    pub fn view(&self) -> View {
        self.viewer.view()
    }

    /// Who made the mission.
    pub fn creator(&self) -> Option<Author> {
        Some(Author { id: self.mission.created_by_id?, display_name: self.creator_name.clone()? })
    }

    /// Where the caller may move the mission.
    pub fn transitions(&self) -> ApiResult<Vec<MissionStatus>> {
        Ok(allowed_transitions(status_of(&self.mission)?, counters_of(&self.mission, View::All)?.any_executed(), &self.viewer.permissions))
    }

    /// The mission's ETag: own version, content version, and all that makes the answer differ by caller or by the
    /// names of people. If-Match compares the first part only.
    pub fn etag(&self) -> ApiResult<String> {
        let transitions: String = self.transitions()?.iter().filter_map(|s| s.as_str().chars().next()).collect();
        Ok(format!("\"{}.{}.{}-{transitions}-{:x}\"", self.mission.version, self.mission.content_version, self.view(), self.people_version))
    }
}

/// The caller of a request under `/missions/{id}`, and that mission: of a session found together, in one statement.
pub struct Visit {
    caller: Caller,
    /// Told when it is asked for: after the body is read.
    scope: ApiResult<MissionScope>,
}

/// The parameter of the path that names the mission.
#[derive(Deserialize)]
struct Place {
    id: Uuid,
}

impl FromRequest for Visit {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, actix_web::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let place = Path::<Place>::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let id = place.await?.id;
            let state = request.app_data::<State>().ok_or_else(|| ApiError::internal(anyhow::anyhow!("no state")))?;
            let (caller, row) = caller::with_row(state, &request, |user| MissionScope::query(user, id)).await?;
            let scope = MissionScope::of_row(&caller, row);
            Ok(Self { caller, scope })
        })
    }
}

impl Visit {
    /// For reading: who sees the mission reads it, for everybody else it is not there.
    pub fn read(self) -> ApiResult<(Caller, MissionScope)> {
        Ok((self.caller, self.scope?))
    }

    /// Who may not know that the mission exists gets 404, who lacks `needed` 403.
    pub fn authorize(self, needed: Permission) -> ApiResult<(Caller, MissionScope)> {
        let (caller, scope) = self.read()?;
        caller.needs(needed)?;
        Ok((caller, scope))
    }
}

/// Restricts a query on missions to those that the caller may see.
pub fn visible(caller: &Caller) -> Option<SelectStatement> {
    (!caller.can(Permission::MissionReadAll)).then(|| {
        mission_member::Entity::find()
            .select_only()
            .column(mission_member::Column::MissionId)
            .filter(mission_member::Column::UserId.eq(caller.id))
            .into_query()
    })
}

/// The status of a row.
pub fn status_of(mission: &mission::Model) -> ApiResult<MissionStatus> {
    MissionStatus::parse(&mission.status)
        .ok_or_else(|| ApiError::internal(anyhow::anyhow!("status {:?} of mission {}", mission.status, mission.id)))
}

/// The counters of a row, as far as that view goes.
pub fn counters_of(mission: &mission::Model, view: View) -> ApiResult<Counters> {
    let json = match view {
        View::All => &mission.counters_all,
        View::Disclosed => &mission.counters_disclosed,
    };
    Ok(serde::Deserialize::deserialize(json)?)
}

/// Refuses where the mission is read-only.
pub fn writable(mission: &mission::Model) -> ApiResult<()> {
    if status_of(mission)?.is_read_only() {
        return Err(ApiError::new(ErrorCode::MissionArchived, "An archived mission is read-only."));
    }
    Ok(())
}
