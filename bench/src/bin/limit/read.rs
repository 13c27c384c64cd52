//! What only reads.

use std::collections::{BTreeMap, HashMap};

use actix_web::http::header;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, error, get};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::try_join;
use uuid::Uuid;

use crate::State;
use crate::answer::{Detail, Head, List, Member, Person, Scenario, Tag, Test, TestRow, outcome};
use crate::sql;
use crate::store::{Handle, Param};
use crate::token::Claims;

/// What a handler gives.
pub type Answer = Result<HttpResponse, error::Error>;

/// A fault of ours.
pub fn fault(cause: anyhow::Error) -> error::Error {
    eprintln!("limit: {cause:#}");
    error::ErrorInternalServerError("fault")
}

/// The caller of a request.
pub fn caller(state: &State, request: &HttpRequest) -> Result<Claims, error::Error> {
    state.keys.caller(request).ok_or_else(|| error::ErrorUnauthorized("no good token"))
}

fn not_found() -> error::Error {
    error::ErrorNotFound("nothing")
}

/// As little as an answer in JSON behind a token can be.
#[get("/json")]
pub async fn get_bare(state: Data<State>, request: HttpRequest) -> Answer {
    caller(&state, &request)?;
    Ok(HttpResponse::Ok().json(json!({ "message": "Hello, World!" })))
}

/// Does the database answer?
#[get("/api/v1/diag/ready")]
pub async fn get_ready(state: Data<State>) -> Answer {
    let db = state.store.get().await.map_err(fault)?;
    db.all("SELECT 1", &[], |_| ()).await.map_err(fault)?;
    Ok(HttpResponse::Ok().json(json!({ "status": "ready" })))
}

#[get("/api/v1/missions")]
pub async fn get_list(state: Data<State>, request: HttpRequest) -> Answer {
    let who = caller(&state, &request)?;
    let params = [Param::Id(who.sub), Param::Id(who.fam)];
    let db = state.store.get().await.map_err(fault)?;
    let (mut items, total, members) = try_join!(
        db.all(sql::LIST, &params, Head::of),
        db.all(sql::LIST_TOTAL, &params, |row| row.int(0)),
        db.all(sql::LIST_MEMBERS, &params, Member::of)
    )
    .map_err(fault)?;
    let mut of: HashMap<Uuid, Vec<Member>> = HashMap::with_capacity(items.len());
    for member in members {
        of.entry(member.mission).or_default().push(member);
    }
    for item in &mut items {
        item.members = of.remove(&item.id).unwrap_or_default();
    }
    Ok(HttpResponse::Ok().json(List { items, total: total.first().copied().unwrap_or_default() }))
}

/// A mission's head, if the caller sees it.
async fn head(db: &Handle, who: &Claims, mission: Uuid) -> anyhow::Result<Option<Head>> {
    Ok(db.all(sql::HEAD, &[Param::Id(who.sub), Param::Id(who.fam), Param::Id(mission)], Head::of).await?.pop())
}

/// A mission with all that is in it: five statements at once.
pub async fn whole(db: &Handle, who: &Claims, mission: Uuid) -> anyhow::Result<Option<Detail>> {
    let id = [Param::Id(mission)];
    let (head, members, mut scenarios, tests, tags) = try_join!(
        head(db, who, mission),
        db.all(sql::MEMBERS, &id, Member::of),
        db.all(sql::SCENARIOS, &id, Scenario::of),
        db.all(sql::TESTS, &id, TestRow::of),
        db.all(sql::TAGS, &id, Tag::of)
    )?;
    let Some(mut head) = head else { return Ok(None) };
    head.members = members;
    let mut of: HashMap<Uuid, Vec<Tag>> = HashMap::with_capacity(tests.len());
    for tag in tags {
        of.entry(tag.test).or_default().push(tag);
    }
    let place: HashMap<Uuid, usize> = scenarios.iter().enumerate().map(|(i, s)| (s.id, i)).collect();
    for mut test in tests.into_iter().filter(|t| t.disclosed || !head.is_blind()) {
        let Some(scenario) = place.get(&test.mission_scenario_id).and_then(|i| scenarios.get_mut(*i)) else { continue };
        test.mitre_tags = of.remove(&test.id).unwrap_or_default();
        test.position = scenario.tests.len();
        scenario.tests.push(test);
    }
    for (position, scenario) in scenarios.iter_mut().enumerate() {
        scenario.position = position;
    }
    Ok(Some(Detail { description: head.description.take(), head, scenarios }))
}

#[get("/api/v1/missions/{id}")]
pub async fn get_detail(state: Data<State>, request: HttpRequest, id: Path<Uuid>) -> Answer {
    let who = caller(&state, &request)?;
    let db = state.store.get().await.map_err(fault)?;
    if let Some(known) = request.headers().get(header::IF_NONE_MATCH) {
        let head = head(&db, &who, *id).await.map_err(fault)?.ok_or_else(not_found)?;
        if known.to_str().is_ok_and(|tag| tag == head.etag()) {
            return Ok(HttpResponse::NotModified().insert_header((header::ETAG, head.etag())).finish());
        }
    }
    let detail = whole(&db, &who, *id).await.map_err(fault)?.ok_or_else(not_found)?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, detail.head.etag())).json(detail))
}

/// One test: three statements at once.
pub async fn one(db: &Handle, who: &Claims, mission: Uuid, test: Uuid) -> anyhow::Result<Option<Test>> {
    let params = [Param::Id(who.sub), Param::Id(who.fam), Param::Id(mission), Param::Id(test)];
    let id = [Param::Id(test)];
    let (mut found, tags, people) = try_join!(
        db.all(sql::TEST, &params, Test::of),
        db.all(sql::TEST_TAGS, &id, Tag::of),
        db.all(sql::TEST_PEOPLE, &id, |row| Person { id: row.id(0), display_name: row.text(1) })
    )?;
    let Some(mut test) = found.pop() else { return Ok(None) };
    (test.mitre_tags, test.people) = (tags, people);
    Ok(Some(test))
}

#[get("/api/v1/missions/{id}/tests/{test}")]
pub async fn get_test(state: Data<State>, request: HttpRequest, ids: Path<(Uuid, Uuid)>) -> Answer {
    let who = caller(&state, &request)?;
    let db = state.store.get().await.map_err(fault)?;
    let test = one(&db, &who, ids.0, ids.1).await.map_err(fault)?.ok_or_else(not_found)?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, test.etag())).json(test))
}

#[derive(Serialize)]
struct Technique {
    external_id: String,
    name: String,
    tests: u64,
}

/// A mission's tests counted: the rows that a synthesis needs, and its plainest numbers.
#[get("/api/v1/missions/{id}/synthesis")]
pub async fn get_synthesis(state: Data<State>, request: HttpRequest, id: Path<Uuid>) -> Answer {
    let who = caller(&state, &request)?;
    let db = state.store.get().await.map_err(fault)?;
    let params = [Param::Id(*id)];
    let (head, tests, tags) = try_join!(
        head(&db, &who, *id),
        db.all(sql::TOLD_TESTS, &params, |row| {
            let fact = |at| row.text_or(at).unwrap_or_default();
            let state = row.text(0);
            let outcome = outcome(&state, &fact(1), &fact(2), &fact(3));
            (state, outcome, row.text_or(4).unwrap_or_else(|| "unassessed".to_owned()), row.yes(5), row.id(6))
        }),
        db.all(sql::TAGS, &params, Tag::of)
    )
    .map_err(fault)?;
    let head = head.ok_or_else(not_found)?;
    let (mut states, mut outcomes, mut levels): (BTreeMap<String, u64>, BTreeMap<&str, u64>, BTreeMap<String, u64>) = Default::default();
    let mut counted = 0u64;
    let mut hidden = Vec::new();
    for (state, outcome, level, disclosed, id) in tests {
        if head.is_blind() && !disclosed {
            hidden.push(id);
            continue;
        }
        counted += 1;
        *states.entry(state).or_default() += 1;
        *outcomes.entry(outcome).or_default() += 1;
        *levels.entry(level).or_default() += 1;
    }
    let mut techniques: BTreeMap<String, Technique> = BTreeMap::new();
    for tag in tags.into_iter().filter(|t| t.kind != "tactic" && !hidden.contains(&t.test)) {
        let row =
            techniques.entry(tag.external_id).or_insert_with_key(|id| Technique { external_id: id.clone(), name: tag.name, tests: 0 });
        row.tests += 1;
    }
    let techniques: Vec<_> = techniques.into_values().collect();
    Ok(HttpResponse::Ok().json(json!({
        "tests": counted, "by_state": states, "by_outcome": outcomes, "by_detection_level": levels, "by_technique": techniques
    })))
}

#[derive(Deserialize)]
pub struct Words {
    q: String,
}

/// A few of each kind that hold the words; the catalogue apart, six statements at once.
#[get("/api/v1/search")]
pub async fn get_search(state: Data<State>, request: HttpRequest, words: Query<Words>) -> Answer {
    let who = caller(&state, &request)?;
    let literal = words.q.trim().to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let like = [Param::Text(format!("%{literal}%")), Param::Text(format!("{literal}%"))];
    let me = [Param::Id(who.sub), Param::Id(who.fam)];
    let mine: Vec<Param> = me.iter().chain(&like).cloned().collect();
    let named = |row: &dyn crate::store::Cells| json!({ "id": row.id(0), "name": row.text(1) });
    let db = state.store.get().await.map_err(fault)?;
    let (may, missions, tests, test_templates, scenario_templates) = try_join!(
        db.all(sql::SEARCHER, &me, |row| [row.yes(0), row.yes(1), row.yes(2), row.yes(3)]),
        db.all(
            sql::FIND_MISSIONS,
            &mine,
            |row| json!({ "id": row.id(0), "name": row.text(1), "client": row.text(2), "status": row.text(3) })
        ),
        db.all(db.pick(sql::FIND_TESTS, sql::FIND_TESTS_SQLITE), &mine, |row| {
            json!({ "id": row.id(0), "name": row.text(1), "state": row.text(2), "mission_id": row.id(3), "mission_name": row.text(4) })
        }),
        db.all(sql::FIND_TEST_TEMPLATES, &like, named),
        db.all(sql::FIND_SCENARIO_TEMPLATES, &like, named)
    )
    .map_err(fault)?;
    let Some([_, sees_tests, sees_scenarios, _]) = may.first() else { return Err(error::ErrorUnauthorized("no session")) };
    Ok(HttpResponse::Ok().json(json!({
        "missions": missions,
        "tests": tests,
        "test_templates": if *sees_tests { test_templates } else { Vec::new() },
        "scenario_templates": if *sees_scenarios { scenario_templates } else { Vec::new() },
    })))
}
