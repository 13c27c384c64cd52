//! Who took the place of a revoked technique.

use serde_json::{Value, json};

use crate::helpers::*;

fn revoked(external_id: &str) -> Value {
    with(pattern(external_id, &[]), "revoked", json!(true))
}

fn successor(objects: &[Value], of: &str) -> Option<String> {
    technique(&parse(&small_with(objects)).unwrap(), of).revoked_by_external_id.clone()
}

#[test]
fn a_chain_is_followed_to_its_end() {
    let objects = [
        revoked("T1150"),
        with(subtechnique("T1547.011"), "revoked", json!(true)),
        pattern("T1647", &[]),
        relation("revoked-by", "T1150", "T1547.011"),
        relation("revoked-by", "T1547.011", "T1647"),
    ];
    let catalogue = parse(&small_with(&objects)).unwrap();
    assert_eq!(technique(&catalogue, "T1150").revoked_by_external_id.as_deref(), Some("T1647"));
    assert_eq!(sub(&catalogue, "T1547.011").revoked_by_external_id.as_deref(), Some("T1647"));
    assert_eq!(technique(&catalogue, "T1647").revoked_by_external_id, None);
}

#[test]
fn a_circle_ends_without_a_successor_and_is_said() {
    let objects = [
        revoked("T1"),
        revoked("T2"),
        relation("revoked-by", "T1", "T2"),
        relation("revoked-by", "T2", "T1"),
        revoked("T3"),
        relation("revoked-by", "T3", "T3"),
    ];
    let catalogue = parse(&small_with(&objects)).unwrap();
    for id in ["T1", "T2", "T3"] {
        assert_eq!(technique(&catalogue, id).revoked_by_external_id, None);
    }
    assert_eq!(catalogue.warnings.len(), 3);
    assert_eq!(catalogue.warnings[0], "The revocations of T1 run in a circle: its successor is unknown.");
}

#[test]
fn a_chain_may_end_at_a_deprecated_technique() {
    let end = with(pattern("T2", &[]), "x_mitre_deprecated", json!(true));
    assert_eq!(successor(&[revoked("T1"), end, relation("revoked-by", "T1", "T2")], "T1").as_deref(), Some("T2"));
}

#[test]
fn a_revoked_technique_may_have_no_successor() {
    assert_eq!(successor(&[revoked("T1")], "T1"), None);
    assert_eq!(successor(&[revoked("T1"), relation("revoked-by", "T1", "T-elsewhere")], "T1"), None);
}

#[test]
fn what_is_not_revoked_has_no_successor_whatever_a_relationship_says() {
    assert_eq!(successor(&[pattern("T1", &[]), relation("revoked-by", "T1", "T1003")], "T1"), None);
}

#[test]
fn a_relationship_that_is_itself_revoked_does_not_count() {
    let dead = with(relation("revoked-by", "T1", "T1003"), "revoked", json!(true));
    assert_eq!(successor(&[revoked("T1"), dead], "T1"), None);
}

#[test]
fn groups_revoked_by_groups_are_no_matter() {
    let group = json!({
        "type": "relationship", "id": "relationship--g", "relationship_type": "revoked-by",
        "source_ref": "intrusion-set--1", "target_ref": "intrusion-set--2",
    });
    assert!(parse(&small_with(&[group])).unwrap().warnings.is_empty());
}

#[test]
fn a_chain_of_many_thousand_links_does_not_take_forever() {
    let mut objects: Vec<Value> = (0..5_000).map(|i| revoked(&format!("T{i}x"))).collect();
    objects.extend((0..4_999).map(|i| relation("revoked-by", &format!("T{i}x"), &format!("T{}x", i + 1))));
    let catalogue = parse(&small_with(&objects)).unwrap();
    assert_eq!(catalogue.warnings.len(), 101);
    assert!(catalogue.warnings[100].starts_with("And "));
}
