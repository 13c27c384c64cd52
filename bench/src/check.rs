//! Before anything is timed: the programs answer the same.

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::client::{Connection, Request};
use crate::work::{Steps, Target, Work, file, mission_path, test_path};

/// What differs between two answers in the fields that both have. Each field of `theirs` must be in `ours`, unless null.
fn differences(at: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for (key, value) in theirs {
                match ours.get(key) {
                    Some(own) => differences(&format!("{at}/{key}"), own, value, found),
                    // a count of nothing need not be named
                    None if value.is_null() || *value == 0 => {}
                    None => found.push(format!("{at}/{key} is in one answer only")),
                }
            }
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            if ours.len() != theirs.len() {
                found.push(format!("{at} has {} and {} items", ours.len(), theirs.len()));
            }
            for (i, (own, value)) in ours.iter().zip(theirs).enumerate() {
                differences(&format!("{at}/{i}"), own, value, found);
            }
        }
        _ if ours == theirs => {}
        _ => found.push(format!("{at}: {ours} and {theirs}")),
    }
}

async fn get(target: &Target, path: String) -> anyhow::Result<Value> {
    let request = Request::get(path).bearer(&target.token);
    let answer = Connection::new(target.address).send(&request).await?;
    ensure!(answer.status == 200, "{} answers {} to {}", target.side.name(), answer.status, request.path);
    answer.json()
}

fn same(what: &str, ours: &Value, theirs: &Value) -> anyhow::Result<()> {
    let mut found = Vec::new();
    differences("", ours, theirs, &mut found);
    ensure!(found.is_empty(), "{what} differs: {}", found.into_iter().take(5).collect::<Vec<_>>().join("; "));
    Ok(())
}

/// Tyrian and the limit program, on the same database.
pub async fn with_limit(ours: &Target, limit: &Target) -> anyhow::Result<usize> {
    let last = ours.missions;
    let mut paths = vec!["/api/v1/missions".to_owned(), "/api/v1/mitre/matrix".to_owned()];
    for mission in [1, 2, last / 2 + 1, last] {
        paths.extend([mission_path(mission), format!("{}/synthesis", mission_path(mission))]);
        paths.extend([(0, 0), (3, 7), (9, 19), (1, 2)].map(|(s, p)| test_path(mission, s, p)));
    }
    paths.extend(
        ["mission%201", "t1017.001", "t1042", "scenario%207", "nothing%20like%20it", "100%25"].map(|q| format!("/api/v1/search?q={q}")),
    );
    for path in &paths {
        let (own, theirs) = (get(ours, path.clone()).await?, get(limit, path.clone()).await?);
        same(path, &own, &theirs)?;
    }
    let made = [create(ours).await?, create(limit).await?];
    same("a created mission", &plain(&made[0]), &plain(&made[1]))?;
    // each reads what the other wrote
    for mission in &made {
        let path = format!("/api/v1/missions/{}", mission["id"].as_str().context("a mission has an id")?);
        same(&path, &get(ours, path.clone()).await?, &get(limit, path.clone()).await?)?;
    }
    for work in [Work::NotModified, Work::Patch, Work::Login] {
        for target in [ours, limit] {
            let mut steps = Steps::new(work, target, 0);
            for _ in 0..2 {
                let request = steps.next();
                let answer = Connection::new(target.address).send(&request).await?;
                ensure!(steps.seen(&answer), "{} answers {} to {} {}", target.side.name(), answer.status, request.method, request.path);
            }
        }
    }
    // what was added comes back as it was
    let mut steps = Steps::new(Work::Download, ours, 0);
    for _ in 0..2 {
        let preparing = steps.is_preparing();
        let answer = Connection::new(ours.address).send(&steps.next()).await?;
        ensure!(steps.seen(&answer), "tyrian answers {} to evidence: {}", answer.status, String::from_utf8_lossy(&answer.body));
        ensure!(preparing || answer.body == file(), "a file of evidence comes back with {} bytes", answer.body.len());
    }
    let path = patched(ours);
    same("a changed test", &get(ours, path.clone()).await?, &get(limit, path).await?)?;
    Ok(paths.len() + 5)
}

fn patched(target: &Target) -> String {
    let mut steps = Steps::new(Work::Patch, target, 0);
    steps.next().path
}

async fn create(target: &Target) -> anyhow::Result<Value> {
    let mut steps = Steps::new(Work::Create, target, 0);
    let answer = Connection::new(target.address).send(&steps.next()).await?;
    ensure!(steps.seen(&answer), "{} answers {} to a create", target.side.name(), answer.status);
    answer.json()
}

/// A created mission without what is each one's own: ids and times.
fn plain(mission: &Value) -> Value {
    match mission {
        Value::Object(fields) => {
            let own = |key: &str| matches!(key, "id" | "mission_scenario_id" | "created_at" | "updated_at");
            fields.iter().filter(|(key, _)| !own(key)).map(|(key, value)| (key.clone(), plain(value))).collect()
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        other => other.clone(),
    }
}

/// Tyrian and the peer, whose schema and words are its own: names, order and numbers of the list and of a mission.
pub async fn with_peer(ours: &Target, peer: &Target) -> anyhow::Result<usize> {
    let names = |list: &Value| -> Vec<Value> {
        list.as_array()
            .into_iter()
            .flatten()
            .map(|m| serde_json::json!([m["name"], m["client"], m["tests"], m["counts"]["tests"]]))
            .collect()
    };
    let (own, theirs) = (get(ours, "/api/v1/missions".into()).await?, get(peer, "/api/v1/missions_denorm".into()).await?);
    let (own, theirs) = (names(&own["items"]), names(&theirs));
    ensure!(own.len() == theirs.len(), "the lists have {} and {} missions", own.len(), theirs.len());
    for (own, theirs) in own.iter().zip(&theirs) {
        ensure!(own[0] == theirs[0] && own[1] == theirs[1] && own[3] == theirs[2], "the lists differ: {own} and {theirs}");
    }
    for mission in [1, peer.missions] {
        let own = get(ours, mission_path(mission)).await?;
        let theirs = get(peer, format!("/api/v1/missions/{mission}")).await?;
        same("a mission of the peer's", &outline(&own, "mitre_tags"), &outline(&theirs, "tags"))?;
    }
    Ok(3)
}

/// What a mission of either has: names in order, and how many tags each test has.
fn outline(mission: &Value, tags: &str) -> Value {
    let tests = |scenario: &Value| -> Value {
        let list = scenario["tests"].as_array().into_iter().flatten();
        list.map(|t| serde_json::json!([t["name"], t[tags].as_array().map(Vec::len)])).collect()
    };
    let scenarios = mission["scenarios"].as_array().into_iter().flatten();
    let scenarios: Value = scenarios.map(|s| serde_json::json!([s["name"], s["description"], tests(s)])).collect();
    serde_json::json!([mission["name"], mission["client"], mission["description"], scenarios])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(ours: &Value, theirs: &Value) -> Vec<String> {
        let mut found = Vec::new();
        differences("", ours, theirs, &mut found);
        found
    }

    #[test]
    fn only_fields_that_both_have_are_compared() {
        assert!(found(&json!({"a": 1, "b": [{"c": 2, "d": 3}]}), &json!({"b": [{"c": 2}]})).is_empty());
        assert_eq!(found(&json!({"b": [{"c": 2}]}), &json!({"b": [{"c": 3}]})).len(), 1);
        assert_eq!(found(&json!({"b": [1, 2]}), &json!({"b": [1]})).len(), 1);
        assert_eq!(found(&json!({}), &json!({"b": 1})).len(), 1);
    }
}
