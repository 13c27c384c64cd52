//! The OpenAPI document: the committed one is the served one, and every operation says what a reader needs.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::db_test;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");

fn document() -> Value {
    serde_json::from_str(&tyrian_server::openapi::document().to_pretty_json().unwrap()).unwrap()
}

/// Every operation with its method and path.
fn operations(document: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if ["get", "post", "put", "patch", "delete"].contains(&method.as_str()) {
                all.push((format!("{} {path}", method.to_uppercase()), operation.clone()));
            }
        }
    }
    all
}

#[test]
fn the_committed_document_is_the_one_of_the_code() {
    let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
    let ours = tyrian_server::openapi::document().to_pretty_json().unwrap();
    if committed.trim_end() == ours {
        return;
    }
    let line = committed.lines().zip(ours.lines()).position(|(a, b)| a != b).unwrap_or(0);
    panic!(
        "the API has changed: run `make openapi`, review the diff of openapi.json and commit it.\nfirst difference in line {}:\n  committed: {}\n  code:      {}",
        line + 1,
        committed.lines().nth(line).unwrap_or("(ends)").trim(),
        ours.lines().nth(line).unwrap_or("(ends)").trim(),
    );
}

#[test]
fn every_operation_says_what_it_does_and_who_may() {
    let document = document();
    let operations = operations(&document);
    assert!(operations.len() > 10);
    let mut faults = Vec::new();
    let mut ids = BTreeSet::new();
    let tags: BTreeSet<&str> = document["tags"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
    for (name, operation) in &operations {
        let text = |field: &str| operation[field].as_str().unwrap_or_default().trim().to_owned();
        if text("summary").is_empty() {
            faults.push(format!("{name}: no summary"));
        }
        if !text("description").lines().any(|line| line.starts_with("**Permissions**: ")) {
            faults.push(format!("{name}: its description has no line **Permissions**: …"));
        }
        if text("operationId").is_empty() || !ids.insert(text("operationId")) {
            faults.push(format!("{name}: operationId {:?} is empty or used twice", text("operationId")));
        }
        match operation["tags"].as_array().map(Vec::as_slice) {
            Some([tag]) if tags.contains(tag.as_str().unwrap()) => {}
            other => faults.push(format!("{name}: one tag of those at the head, not {other:?}")),
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "query" && parameter["description"].as_str().is_none_or(str::is_empty) {
                faults.push(format!("{name}: the parameter {} has no description", parameter["name"]));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_operation_lists_its_refusals_as_problems() {
    let mut faults = Vec::new();
    for (name, operation) in operations(&document()) {
        let responses = operation["responses"].as_object().unwrap();
        if !responses.keys().any(|status| status.starts_with(['2', '3'])) {
            faults.push(format!("{name}: no success"));
        }
        if !operation["security"].as_array().unwrap().is_empty() && !responses.contains_key("401") {
            faults.push(format!("{name}: needs sign-in and lists no 401"));
        }
        if name.contains('{') && !responses.contains_key("404") {
            faults.push(format!("{name}: has an id in its path and lists no 404"));
        }
        for (status, response) in responses {
            if response["description"].as_str().is_none_or(str::is_empty) {
                faults.push(format!("{name}: {status} has no description"));
            }
            let problem = &response["content"]["application/problem+json"]["schema"]["$ref"];
            if status.starts_with(['4', '5']) && problem != "#/components/schemas/Problem" {
                faults.push(format!("{name}: {status} is no Problem: {}", response["content"]));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_schema_that_is_named_exists() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let text = document.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name} is referred to and not there");
    }
}

db_test! {
    async fn the_served_document_is_the_committed_one(app: TestApp) {
        let served = app.anonymous().get("/openapi.json").await.expect(200);
        assert_eq!(served.json, document());
    }
}

/// A word of the document is one that travels: an enumeration of it lists no name of our code.
#[test]
fn enumerations_list_the_words_that_travel() {
    let document: Value = serde_json::from_str(&tyrian_server::openapi::document().to_json().unwrap()).unwrap();
    let (mut seen, mut wrong) = (0, Vec::new());
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for word in schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            seen += 1;
            if word.chars().any(char::is_uppercase) {
                wrong.push(format!("{name}: {word}"));
            }
        }
    }
    assert!(seen > 100, "{seen}");
    assert!(wrong.is_empty(), "{wrong:?}");
}
