//! What writes: each in one transaction with its event and its audit entry.

use actix_web::http::header;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, error, patch, post};
use argon2::password_hash::PasswordVerifier as _;
use argon2::{Algorithm, Argon2, Params, PasswordHash, Version};
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::json;
use tokio::try_join;
use uuid::Uuid;

use crate::State;
use crate::read::{Answer, caller, fault, one, whole};
use crate::sql;
use crate::store::{Handle, Param};

/// Now, as precisely as both engines keep it.
fn now() -> DateTime<Utc> {
    let now = Utc::now();
    now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
}

/// What is written into the audit log.
struct Entry<'a> {
    mission: Uuid,
    actor: Uuid,
    action: &'a str,
    object_kind: &'a str,
    object: Uuid,
    detail: String,
    at: DateTime<Utc>,
}

/// The second half of an audit entry: its head is taken. Both statements at once.
async fn record(state: &State, db: &Handle, entry: Entry<'_>, head: (i64, String)) -> anyhow::Result<()> {
    let (stream, (sequence, before)) = (entry.mission.to_string(), head);
    let canonical = json!([
        stream,
        sequence,
        entry.at.timestamp_micros(),
        entry.actor,
        entry.action,
        entry.object_kind,
        entry.object,
        entry.detail,
        before
    ]);
    let hash = state.keys.audit_hash(&canonical.to_string());
    let row = [
        Param::Id(Uuid::now_v7()),
        Param::Text(stream.clone()),
        Param::Int(sequence),
        Param::Time(entry.at),
        Param::Id(entry.actor),
        Param::Text(entry.action.to_owned()),
        Param::Text(entry.object_kind.to_owned()),
        Param::Text(entry.object.to_string()),
        Param::Text(entry.detail),
        Param::Text(hash.clone()),
    ];
    let update = [Param::Text(stream), Param::Text(hash)];
    try_join!(db.run(sql::AUDIT_EVENT, &row), db.run(sql::AUDIT_HASH, &update))?;
    Ok(())
}

async fn take_head(db: &Handle, mission: Uuid) -> anyhow::Result<(i64, String)> {
    let heads = db.all(sql::AUDIT_HEAD, &[Param::Text(mission.to_string())], |row| (row.int(0), row.text(1))).await?;
    heads.into_iter().next().ok_or_else(|| anyhow::anyhow!("no audit head"))
}

/// Begins; who drops the work half-way must call [`back`].
async fn begin(db: &Handle) -> anyhow::Result<()> {
    db.simple("BEGIN", "BEGIN IMMEDIATE").await
}

async fn back<T>(db: &Handle, result: anyhow::Result<T>) -> anyhow::Result<T> {
    if result.is_err() {
        db.simple("ROLLBACK", "ROLLBACK").await?;
    }
    result
}

#[derive(Deserialize)]
pub struct Create {
    name: String,
    client: String,
    scenario_template_ids: Vec<Uuid>,
}

#[post("/api/v1/missions")]
pub async fn post_mission(state: Data<State>, request: HttpRequest, body: Json<Create>) -> Answer {
    let who = caller(&state, &request)?;
    let db = state.store.get().await.map_err(fault)?;
    let work = async {
        let (id, at) = (Uuid::now_v7(), now());
        let tests = body.scenario_template_ids.len() * 20;
        let counters = json!({
            "tests": tests,
            "by_state": {"planned": tests, "running": 0, "executed": 0, "assessed": 0, "skipped": 0},
            "by_outcome": {"prevented": 0, "alerted": 0, "logged": 0, "missed": 0, "not_assessed": tests},
            "by_detection": {"unassessed": tests}
        });
        let (name, client) = (body.name.to_lowercase(), body.client.to_lowercase());
        let text = |t: &str| Param::Text(t.to_owned());
        let mission = [
            Param::Id(who.sub),
            Param::Id(who.fam),
            Param::Id(id),
            Param::Time(at),
            text(&body.name),
            text(&name),
            text(&body.client),
            text(&client),
            Param::Text(format!("{name} {client} ")),
            Param::Text(counters.to_string()),
        ];
        let dated = [Param::Id(id), Param::Time(at)];
        let scenarios = [Param::Id(id), Param::Time(at), Param::Ids(body.scenario_template_ids.clone())];
        let event = event(id, Uuid::nil(), &who.sub, at, "mission.created", json!({ "name": body.name }).to_string());
        let scenarios_sql = db.pick(sql::NEW_SCENARIOS, sql::NEW_SCENARIOS_SQLITE);
        let tags_sql = db.pick(sql::NEW_TAGS, sql::NEW_TAGS_SQLITE);
        let member = [Param::Id(id), Param::Id(who.sub), Param::Time(at)];
        db.prepare(&[sql::NEW_MISSION, sql::NEW_MEMBER, scenarios_sql, sql::NEW_TESTS, tags_sql, sql::EVENT, sql::AUDIT_HEAD]).await?;
        let (.., head) = try_join!(
            begin(&db),
            db.run(sql::NEW_MISSION, &mission),
            db.run(sql::NEW_MEMBER, &member),
            db.run(scenarios_sql, &scenarios),
            db.run(sql::NEW_TESTS, &dated),
            db.run(tags_sql, &dated[..1]),
            db.run(sql::EVENT, &event),
            take_head(&db, id)
        )?;
        let detail = json!({ "name": body.name, "client": body.client, "tests": tests }).to_string();
        let entry = Entry { mission: id, actor: who.sub, action: "mission.create", object_kind: "mission", object: id, detail, at };
        let ((), made) = try_join!(record(&state, &db, entry, head), whole(&db, &who, id))?;
        db.simple("COMMIT", "COMMIT").await?;
        made.ok_or_else(|| anyhow::anyhow!("the new mission is not there"))
    };
    let made = back(&db, work.await).await.map_err(fault)?;
    Ok(HttpResponse::Created().insert_header((header::ETAG, made.head.etag())).json(made))
}

fn event(mission: Uuid, test: Uuid, actor: &Uuid, at: DateTime<Utc>, kind: &str, payload: String) -> [Param; 7] {
    [
        Param::Id(mission),
        Param::Id(test),
        Param::Id(*actor),
        Param::Time(at),
        Param::Text(kind.to_owned()),
        Param::Text(payload),
        Param::Id(Uuid::now_v7()),
    ]
}

#[derive(Deserialize)]
pub struct Change {
    source_host: String,
}

#[patch("/api/v1/missions/{id}/tests/{test}")]
pub async fn patch_test(state: Data<State>, request: HttpRequest, ids: Path<(Uuid, Uuid)>, body: Json<Change>) -> Answer {
    let who = caller(&state, &request)?;
    let (mission, test) = *ids;
    let known = request.headers().get(header::IF_MATCH).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let version: i64 = known.trim_matches('"').split('.').next().and_then(|v| v.parse().ok()).unwrap_or_default();
    let db = state.store.get().await.map_err(fault)?;
    let work = async {
        let at = now();
        let touch_mission = [Param::Id(who.sub), Param::Id(who.fam), Param::Id(mission)];
        let touch_test = [Param::Id(test), Param::Id(mission), Param::Text(body.source_host.clone()), Param::Time(at), Param::Int(version)];
        let payload = json!({
            "fields": ["source_host"], "changes": [{ "field": "source_host", "to": body.source_host }], "version": version + 1
        });
        let event = event(mission, test, &who.sub, at, "test.updated", payload.to_string());
        db.prepare(&[sql::TOUCH_MISSION, sql::TOUCH_TEST, sql::EVENT, sql::AUDIT_HEAD]).await?;
        let ((), missions, tests, _, head) = try_join!(
            begin(&db),
            db.run(sql::TOUCH_MISSION, &touch_mission),
            db.run(sql::TOUCH_TEST, &touch_test),
            db.run(sql::EVENT, &event),
            take_head(&db, mission)
        )?;
        anyhow::ensure!(missions == 1 && tests == 1, "refused");
        let detail = json!({ "fields": ["source_host"], "from": null, "to": null, "version": version + 1 }).to_string();
        let entry = Entry { mission, actor: who.sub, action: "mission_test.update", object_kind: "mission_test", object: test, detail, at };
        let ((), changed) = try_join!(record(&state, &db, entry, head), one(&db, &who, mission, test))?;
        db.simple("COMMIT", "COMMIT").await?;
        changed.ok_or_else(|| anyhow::anyhow!("the test is gone"))
    };
    match back(&db, work.await).await {
        Ok(test) => Ok(HttpResponse::Ok().insert_header((header::ETAG, test.etag())).json(test)),
        Err(e) if e.to_string() == "refused" => Err(error::ErrorPreconditionFailed("stale or not allowed")),
        Err(e) => Err(fault(e)),
    }
}

#[derive(Deserialize)]
pub struct Login {
    email: String,
    password: String,
}

#[post("/api/v1/auth/login")]
pub async fn post_login(state: Data<State>, body: Json<Login>) -> Answer {
    let Login { email, password } = body.into_inner();
    let db = state.store.get().await.map_err(fault)?;
    let found = db.all(sql::USER, &[Param::Text(email)], |row| (row.id(0), row.text_or(1))).await.map_err(fault)?;
    drop(db);
    let refused = || error::ErrorUnauthorized("wrong");
    let (user, hash) = found.into_iter().next().ok_or_else(refused)?;
    let permit = std::sync::Arc::clone(&state.hashing).acquire_owned().await.map_err(|e| fault(e.into()))?;
    let fits = actix_web::web::block(move || {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19 * 1024, 2, 1, None).unwrap_or_default());
        let hash = hash.unwrap_or_default();
        let fits = PasswordHash::new(&hash).is_ok_and(|parsed| argon2.verify_password(password.as_bytes(), &parsed).is_ok());
        drop(permit);
        fits
    })
    .await?;
    if !fits {
        return Err(refused());
    }
    let token = state.keys.sign(user, Uuid::now_v7()).map_err(fault)?;
    Ok(HttpResponse::Ok().json(json!({ "access_token": token, "token_type": "Bearer" })))
}
