//! What a caller sees across missions, as a condition of a query: for lists and searches that no one mission's scope can guard.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use tyrian_domain::mission::RoleHint;
use tyrian_domain::permission::Permission;
use tyrian_domain::visibility::View;
use tyrian_entity::{mission, mission_member, mission_test};

use super::scope;
use crate::http::Caller;

/// The sides that see disclosed tests only, as [`View::of`] says, in the words of the database.
pub fn disclosed_sides() -> impl Iterator<Item = &'static str> {
    RoleHint::ALL.iter().filter(|side| View::of(Some(**side)) == View::Disclosed).map(|side| side.as_str())
}

/// The missions that the caller sees.
pub fn missions(caller: &Caller) -> Condition {
    let all = Condition::all().add(mission::Column::DeletedAt.is_null());
    match scope::visible(caller) {
        Some(mine) => all.add(mission::Column::Id.in_subquery(mine)),
        None => all,
    }
}

/// The tests that the caller sees, in a query that joins their missions: those of visible missions, and of a mission in
/// which they are blue or observer only the disclosed ones.
pub fn tests(caller: &Caller) -> Condition {
    let sees_disclosed_only = mission_member::Entity::find()
        .select_only()
        .column(mission_member::Column::MissionId)
        .filter(mission_member::Column::UserId.eq(caller.id))
        .filter(mission_member::Column::RoleHint.is_in(disclosed_sides()))
        .into_query();
    missions(caller).add(mission_test::Column::DeletedAt.is_null()).add(
        Condition::any()
            .add(mission_test::Column::Disclosed.eq(true))
            .add(Expr::col((mission_test::Entity, mission_test::Column::MissionId)).not_in_subquery(sees_disclosed_only)),
    )
}

/// Refuses who sees no missions at all.
pub fn needs_missions(caller: &Caller) -> crate::error::ApiResult<()> {
    caller.needs_any(&[Permission::MissionRead, Permission::MissionReadAll])
}
