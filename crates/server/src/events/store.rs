//! SQL of events. What a caller may see stands in the query; a test that is hidden now takes its older events with it.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Statement, Value};
use tyrian_api_types::events::MissionEvent;
use tyrian_api_types::users::Author;
use tyrian_domain::event::EventKind;
use tyrian_domain::permission::Permission;
use tyrian_domain::visibility::View;
use tyrian_entity::mission_test;
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};
use crate::http::Caller;
use crate::live::LiveEvent;
use crate::missions::MissionScope;

/// Events that are read at once for a stream.
pub const STREAM_PAGE: u64 = 500;

#[derive(FromQueryResult)]
struct Row {
    mission_id: Uuid,
    sequence: i64,
    at: DateTime<Utc>,
    actor_id: Option<Uuid>,
    actor_name: Option<String>,
    kind: String,
    mission_test_id: Option<Uuid>,
    test_name: Option<String>,
    disclosed: bool,
    test_disclosed: Option<bool>,
    payload: serde_json::Value,
}

const COLUMNS: &str = "SELECT e.mission_id, e.sequence, e.at, e.actor_id, u.display_name AS actor_name, e.kind, e.mission_test_id, \
     t.name AS test_name, e.disclosed, t.disclosed AS test_disclosed, e.payload \
     FROM mission_events e LEFT JOIN users u ON u.id = e.actor_id LEFT JOIN mission_tests t ON t.id = e.mission_test_id";

/// What stands behind WHERE for who sees disclosed tests only.
const DISCLOSED: &str = " AND e.disclosed AND (t.id IS NULL OR t.disclosed)";

fn event(row: Row) -> ApiResult<MissionEvent> {
    let kind = EventKind::parse(&row.kind).ok_or_else(|| ApiError::internal(anyhow::anyhow!("event kind {:?}", row.kind)))?;
    Ok(MissionEvent {
        sequence: row.sequence,
        at: row.at,
        actor: row.actor_id.zip(row.actor_name).map(|(id, display_name)| Author { id, display_name }),
        kind,
        mission_id: row.mission_id,
        mission_test_id: row.mission_test_id,
        test_name: row.test_name,
        payload: row.payload,
    })
}

/// An event as streams send it, with who may see it.
fn live(row: Row) -> ApiResult<LiveEvent> {
    let disclosed = row.disclosed && row.test_disclosed.unwrap_or(true);
    let event = event(row)?;
    Ok(LiveEvent {
        mission: event.mission_id,
        sequence: event.sequence,
        at: event.at,
        disclosed,
        changes_members: matches!(event.kind, EventKind::MissionMembersChanged | EventKind::MissionDeleted),
        json: serde_json::to_string(&event)?,
    })
}

/// Which events of a mission are wanted.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// The newest, downwards from this number, or from the end.
    Before(Option<i64>),
    /// The next behind this number, upwards.
    After(i64),
}

/// Events of a mission that the caller may see.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &MissionScope,
    place: Place,
    test: Option<Uuid>,
    limit: u64,
) -> ApiResult<Vec<MissionEvent>> {
    let mut values: Vec<Value> = vec![scope.id().into()];
    let mut sql = format!("{COLUMNS} WHERE e.mission_id = $1");
    let mut bind = |sql: &mut String, text: &str, value: Value| {
        values.push(value);
        sql.push_str(&text.replace('?', &format!("${}", values.len())));
    };
    let order = match place {
        Place::After(after) => {
            bind(&mut sql, " AND e.sequence > ?", after.into());
            "ASC"
        }
        Place::Before(before) => {
            if let Some(before) = before {
                bind(&mut sql, " AND e.sequence < ?", before.into());
            }
            "DESC"
        }
    };
    if let Some(test) = test {
        bind(&mut sql, " AND e.mission_test_id = ?", test.into());
    }
    if scope.view() == View::Disclosed {
        sql.push_str(DISCLOSED);
    }
    bind(&mut sql, &format!(" ORDER BY e.sequence {order} LIMIT ?"), i64::try_from(limit).unwrap_or(i64::MAX).into());
    let rows = Row::find_by_statement(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).all(db).await?;
    rows.into_iter().map(event).collect()
}

/// The next events of a mission behind this number, for whoever listens: each listener leaves out what they may not see.
pub async fn live_after(db: &impl ConnectionTrait, mission: Uuid, after: i64) -> ApiResult<Vec<LiveEvent>> {
    let sql = format!("{COLUMNS} WHERE e.mission_id = $1 AND e.sequence > $2 ORDER BY e.sequence LIMIT {STREAM_PAGE}");
    let rows = Row::find_by_statement(Statement::from_sql_and_values(db.get_database_backend(), sql, [mission.into(), after.into()]))
        .all(db)
        .await?;
    rows.into_iter().map(live).collect()
}

/// Events of all missions that the caller sees since then, as far as they see them, the oldest first; one page at most.
pub async fn recent(db: &impl ConnectionTrait, caller: &Caller, since: DateTime<Utc>) -> ApiResult<Vec<LiveEvent>> {
    let mine = if caller.can(Permission::MissionReadAll) { "TRUE" } else { "m.user_id IS NOT NULL" };
    let sql = format!(
        "{COLUMNS} JOIN missions mi ON mi.id = e.mission_id AND mi.deleted_at IS NULL \
         LEFT JOIN mission_members m ON m.mission_id = e.mission_id AND m.user_id = $1 \
         WHERE e.at > $2 AND {mine} \
         AND ((e.disclosed AND (t.id IS NULL OR t.disclosed)) OR m.role_hint IS NULL OR m.role_hint NOT IN ('blue', 'observer')) \
         ORDER BY e.at, e.id LIMIT {STREAM_PAGE}"
    );
    let rows = Row::find_by_statement(Statement::from_sql_and_values(db.get_database_backend(), sql, [caller.id.into(), since.into()]))
        .all(db)
        .await?;
    rows.into_iter().map(live).collect()
}

/// The tests of a mission that are hidden from who sees disclosed tests only.
pub async fn hidden_tests(db: &impl ConnectionTrait, scope: &MissionScope) -> ApiResult<Vec<Uuid>> {
    Ok(mission_test::Entity::find()
        .select_only()
        .column(mission_test::Column::Id)
        .filter(mission_test::Column::MissionId.eq(scope.id()))
        .filter(mission_test::Column::Disclosed.eq(false))
        .into_tuple()
        .all(db)
        .await?)
}
