//! The scale of detection levels. Here: reading it. Not here yet: managing it.

use actix_web::{get, web};
use sea_orm::{EntityTrait, QueryOrder};
use tyrian_api_types::detection_levels::DetectionLevel;
use tyrian_api_types::{Items, Problem};
use tyrian_entity::detection_level as entity;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::error::ApiResult;
use crate::http::Caller;
use crate::state::State;

/// The routes of this feature.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list_detection_levels);
}

/// All detection levels, the best last.
///
/// **Permissions**: signed in.
#[utoipa::path(tag = "detection levels", responses((status = 200, body = Items<DetectionLevel>), (status = 401, body = Problem)))]
#[get("/detection-levels")]
async fn list_detection_levels(state: State, _caller: Caller) -> ApiResult<web::Json<Items<DetectionLevel>>> {
    let rows = entity::Entity::find().order_by_asc(entity::Column::Rank).order_by_asc(entity::Column::Code).all(state.db.reader()).await?;
    let items = rows
        .into_iter()
        .map(|l| DetectionLevel {
            id: l.id,
            code: l.code,
            name: l.name,
            description: l.description,
            color: l.color,
            rank: l.rank,
            is_default: l.is_default,
            is_retired: l.is_retired,
        })
        .collect();
    Ok(web::Json(Items { items }))
}
