//! Small bundles, made object by object.

use serde_json::{Value, json};
use tyrian_attack::stix::{self, Catalogue, StixError, Subtechnique, Technique};

/// `attack-pattern--T1003.001` and the like: ids that a person can follow.
pub fn pattern_id(external_id: &str) -> String {
    format!("attack-pattern--{external_id}")
}

pub fn matrix(domain: &str, tactics: &[&str]) -> Value {
    let refs: Vec<_> = tactics.iter().map(|id| format!("x-mitre-tactic--{id}")).collect();
    json!({
        "type": "x-mitre-matrix", "id": format!("x-mitre-matrix--{domain}"), "name": format!("Matrix of {domain}"),
        "external_references": [{"source_name": "mitre-attack", "external_id": domain, "url": "https://attack.mitre.org/matrices/x"}],
        "tactic_refs": refs,
    })
}

pub fn tactic(external_id: &str, short_name: &str) -> Value {
    json!({
        "type": "x-mitre-tactic", "id": format!("x-mitre-tactic--{external_id}"), "name": short_name.to_uppercase(),
        "description": "Why.", "x_mitre_shortname": short_name,
        "external_references": [
            {"source_name": "mitre-attack", "external_id": external_id, "url": format!("https://attack.mitre.org/tactics/{external_id}")},
        ],
    })
}

pub fn pattern(external_id: &str, phases: &[&str]) -> Value {
    pattern_in("mitre-attack", external_id, phases)
}

pub fn pattern_in(chain: &str, external_id: &str, phases: &[&str]) -> Value {
    let phases: Vec<_> = phases.iter().map(|phase| json!({"kill_chain_name": chain, "phase_name": phase})).collect();
    json!({
        "type": "attack-pattern", "id": pattern_id(external_id), "name": format!("Name of {external_id}"),
        "description": "How. (Citation: X)", "kill_chain_phases": phases, "x_mitre_platforms": ["Windows", "Linux"],
        "external_references": [
            {"source_name": chain, "external_id": external_id, "url": format!("https://attack.mitre.org/techniques/{external_id}")},
            {"source_name": "X", "description": "X, 2020.", "url": "https://example.org"},
        ],
    })
}

pub fn subtechnique(external_id: &str) -> Value {
    with(pattern(external_id, &["execution"]), "x_mitre_is_subtechnique", json!(true))
}

pub fn relation(kind: &str, source: &str, target: &str) -> Value {
    json!({
        "type": "relationship", "id": format!("relationship--{kind}-{source}-{target}"), "relationship_type": kind,
        "source_ref": pattern_id(source), "target_ref": pattern_id(target),
    })
}

/// The object with one field set.
pub fn with(mut object: Value, field: &str, value: Value) -> Value {
    object[field] = value;
    object
}

/// The object without one field.
pub fn without(mut object: Value, field: &str) -> Value {
    object.as_object_mut().unwrap().remove(field);
    object
}

pub fn bundle(objects: &[Value]) -> String {
    json!({"type": "bundle", "id": "bundle--1", "objects": objects}).to_string()
}

/// A matrix of two tactics and a technique, and what is added to them.
pub fn small_with(more: &[Value]) -> String {
    let mut objects = vec![
        matrix("enterprise-attack", &["TA0002", "TA0005"]),
        tactic("TA0002", "execution"),
        tactic("TA0005", "stealth"),
        pattern("T1003", &["execution"]),
    ];
    objects.extend_from_slice(more);
    bundle(&objects)
}

/// Parses both ways, which must agree.
pub fn parse(text: &str) -> Result<Catalogue, StixError> {
    let whole = stix::parse_slice(text.as_bytes());
    let streamed = stix::parse(text.as_bytes());
    match (&whole, &streamed) {
        (Ok(whole), Ok(streamed)) => assert_eq!(whole, streamed),
        (whole, streamed) => assert_eq!(whole.as_ref().unwrap_err().to_string(), streamed.as_ref().unwrap_err().to_string()),
    }
    whole
}

pub fn refusal(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

pub fn technique<'a>(catalogue: &'a Catalogue, external_id: &str) -> &'a Technique {
    catalogue.techniques.iter().find(|technique| technique.external_id == external_id).unwrap()
}

pub fn sub<'a>(catalogue: &'a Catalogue, external_id: &str) -> &'a Subtechnique {
    catalogue.subtechniques.iter().find(|subtechnique| subtechnique.external_id == external_id).unwrap()
}

pub fn short_names(catalogue: &Catalogue) -> Vec<&str> {
    catalogue.tactics.iter().map(|tactic| tactic.short_name.as_str()).collect()
}
