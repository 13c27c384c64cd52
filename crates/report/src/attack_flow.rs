//! Attack Flow 2.0: a STIX 2.1 bundle in which each scenario is a chain of actions. Nothing of blue's is in it.
//!
//! Source: the Center for Threat-Informed Defense's specification and its published extension definition.

use std::collections::BTreeMap;
use std::io::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use tyrian_domain::template::TagKind;
use uuid::Uuid;

use crate::Result;
use crate::model::{Report, Test};

const EXTENSION: &str = "extension-definition--fb9c968a-745b-4ade-9b25-c324172197f4";
const CREATOR: &str = "identity--fb9c968a-745b-4ade-9b25-c324172197f4";

/// Writes the bundle. The same mission always gives the same ids.
pub fn write(report: &Report, to: impl Write) -> Result<()> {
    let m = &report.mission;
    let (created, modified) = (stix_time(m.created_at), stix_time(report.generated_at));
    let author = id("identity", m.id, "author");
    let object = |kind: &str, id: &str| {
        json!({
            "type": kind, "spec_version": "2.1", "id": id, "created": created, "modified": modified, "created_by_ref": author,
            "extensions": {EXTENSION: {"extension_type": "new-sdo"}},
        })
    };
    let mut objects = vec![
        extension(),
        json!({"type": "identity", "spec_version": "2.1", "id": CREATOR, "created": "2022-08-02T19:34:35.143Z", "modified": "2022-08-02T19:34:35.143Z",
            "created_by_ref": CREATOR, "name": "MITRE Center for Threat-Informed Defense", "identity_class": "organization"}),
        json!({"type": "identity", "spec_version": "2.1", "id": author, "created": created, "modified": modified,
            "name": report.company.as_deref().unwrap_or("Tyrian"), "identity_class": "organization"}),
    ];
    let mut assets: BTreeMap<&str, String> = BTreeMap::new();
    for host in report.tests.iter().filter_map(|t| t.red.target_host.as_deref()) {
        assets.entry(host).or_insert_with(|| id("attack-asset", m.id, host));
    }
    let mut chains: Vec<Vec<&Test>> = vec![Vec::new(); report.scenarios.len()];
    for test in &report.tests {
        if let Some(chain) = chains.get_mut(test.scenario) {
            chain.push(test);
        }
    }
    chains.retain(|chain| !chain.is_empty());
    let mut flow = object("attack-flow", &id("attack-flow", m.id, "flow"));
    let starts: Vec<_> = chains.iter().filter_map(|chain| chain.first()).map(|t| action_id(t)).collect();
    set(&mut flow, [("name", json!(m.name)), ("scope", json!("other")), ("start_refs", json!(starts))]);
    if let Some(description) = &m.description {
        set(&mut flow, [("description", json!(description))]);
    }
    objects.push(flow);
    for chain in &chains {
        for (place, test) in chain.iter().enumerate() {
            let mut action = object("attack-action", &action_id(test));
            set(&mut action, [("name", json!(test.plan.name))]);
            describe(&mut action, test);
            if let Some(asset) = test.red.target_host.as_deref().and_then(|host| assets.get(host)) {
                set(&mut action, [("asset_refs", json!([asset]))]);
            }
            if let Some(next) = chain.get(place + 1) {
                set(&mut action, [("effect_refs", json!([action_id(next)]))]);
            }
            objects.push(action);
        }
    }
    for (host, asset_id) in &assets {
        let mut asset = object("attack-asset", asset_id);
        set(&mut asset, [("name", json!(host))]);
        objects.push(asset);
    }
    let bundle = json!({"type": "bundle", "id": id("bundle", m.id, "bundle"), "spec_version": "2.1", "created": created, "modified": modified, "objects": objects});
    serde_json::to_writer_pretty(to, &bundle)?;
    Ok(())
}

/// The extension's definition, as its makers publish it.
fn extension() -> Value {
    json!({
        "type": "extension-definition", "spec_version": "2.1", "id": EXTENSION,
        "created": "2022-08-02T19:34:35.143Z", "modified": "2022-08-02T19:34:35.143Z", "created_by_ref": CREATOR,
        "name": "Attack Flow", "description": "Extends STIX 2.1 with features to create Attack Flows.",
        "schema": "https://center-for-threat-informed-defense.github.io/attack-flow/stix/attack-flow-schema-2.0.0.json",
        "version": "2.0.0", "extension_types": ["new-sdo"],
    })
}

fn describe(action: &mut Value, test: &Test) {
    if let Some(text) = test.plan.objective.as_ref().or(test.plan.procedure.as_ref()) {
        set(action, [("description", json!(text))]);
    }
    let mut tags = test.plan.mitre.iter();
    // the most precise one
    let technique = tags.clone().find(|t| t.kind == TagKind::Subtechnique).or_else(|| tags.clone().find(|t| t.kind == TagKind::Technique));
    let tactic = tags.find(|t| t.kind == TagKind::Tactic).map(|t| &t.external_id);
    if let Some(id) = tactic.or_else(|| technique.and_then(|t| t.tactics.first()).map(|t| &t.external_id)) {
        set(action, [("tactic_id", json!(id))]);
    }
    if let Some(t) = technique {
        let mut reference = json!({"source_name": "mitre-attack", "external_id": t.external_id});
        if let Some(url) = &t.url {
            set(&mut reference, [("url", json!(url))]);
        }
        set(action, [("technique_id", json!(t.external_id)), ("external_references", json!([reference]))]);
    }
    for (name, at) in [("execution_start", test.red.started_at), ("execution_end", test.red.ended_at)] {
        if let Some(at) = at {
            set(action, [(name, json!(stix_time(at)))]);
        }
    }
}

fn set<const N: usize>(object: &mut Value, fields: [(&str, Value); N]) {
    if let Some(object) = object.as_object_mut() {
        object.extend(fields.map(|(name, value)| (name.to_owned(), value)));
    }
}

fn action_id(test: &Test) -> String {
    format!("attack-action--{}", test.id)
}

/// An id that is always the same for the same thing of the same mission: from a hash, marked as such (UUID version 8).
fn id(kind: &str, mission: Uuid, of: &str) -> String {
    use sha2::{Digest, Sha256};
    let hash = Sha256::new().chain_update(mission.as_bytes()).chain_update(kind).chain_update([0]).chain_update(of).finalize();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    format!("{kind}--{}", uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

fn stix_time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
