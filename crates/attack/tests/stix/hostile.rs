//! Bad input: each ends in a sentence that says what is wrong.

use serde_json::json;
use tyrian_attack::stix::{self, StixError, limits};

use crate::helpers::*;

#[test]
fn what_is_no_bundle_is_told_apart() {
    for (text, expected) in [
        ("", "The file is empty."),
        ("{", "The file ends in the middle: it was cut short."),
        ("hello", "The file is not valid JSON (line 1, column 1)."),
        ("{}\n]", "The file is JSON but not a STIX bundle"),
        ("[]", "The file is JSON but not a STIX bundle"),
        ("null", "The file is JSON but not a STIX bundle"),
        ("42", "The file is JSON but not a STIX bundle"),
        (r#"{"type":"bundle"}"#, "The file is JSON but not a STIX bundle"),
        (r#"{"objects":[]}"#, "The file is JSON but not a STIX bundle"),
        (r#"{"type":"bundle","objects":{}}"#, "The file is JSON but not a STIX bundle"),
        (r#"{"type":"bundle","objects":[],"objects":[]}"#, "The file is JSON but not a STIX bundle"),
        (r#"{"type":7,"objects":[]}"#, "The file is JSON but not a STIX bundle"),
        (r#"{"name":"layer","domain":"enterprise-attack","techniques":[]}"#, "The file is JSON but not a STIX bundle"),
        ("PK\u{3}\u{4}rest", "The file is a zip archive: unpack it and give the JSON file inside."),
    ] {
        let refusal = refusal(text);
        assert!(refusal.starts_with(expected), "{text:?}: {refusal}");
    }
    let gzip = stix::parse_slice(&[0x1F, 0x8B, 8, 0]).unwrap_err();
    assert!(matches!(gzip, StixError::Packed { kind: "gzip" }));
}

#[test]
fn what_follows_the_bundle_is_refused() {
    assert!(matches!(parse(&format!("{}{{}}", small_with(&[]))).unwrap_err(), StixError::NotJson { .. }));
}

#[test]
fn a_bundle_without_attack_is_refused_by_what_it_lacks() {
    let [m, ta, t] = [matrix("enterprise-attack", &["TA1"]), tactic("TA1", "impact"), pattern("T1", &[])];
    let dead = with(m.clone(), "revoked", json!(true));
    for (objects, missing) in [
        (vec![], "matrix in force"),
        (vec![json!({"type": "identity", "id": "identity--1", "name": "MITRE"})], "matrix in force"),
        (vec![ta.clone(), t.clone()], "matrix in force"),
        (vec![dead, ta.clone(), t.clone()], "matrix in force"),
        (vec![m.clone(), t], "tactic"),
        (vec![m, ta], "technique"),
    ] {
        let expected = format!("The file is a STIX bundle but not an ATT&CK one: it holds no {missing}.");
        assert_eq!(refusal(&bundle(&objects)), expected);
    }
}

#[test]
fn a_matrix_of_another_kind_and_two_domains_in_one_are_refused() {
    let atlas = bundle(&[matrix("atlas", &[]), tactic("TA1", "impact"), pattern("T1", &[])]);
    assert!(refusal(&atlas).starts_with("The matrix x-mitre-matrix--atlas is of \"atlas\""));
    let mixed = small_with(&[matrix("ics-attack", &[])]);
    assert_eq!(refusal(&mixed), "The bundle mixes enterprise-attack and ics-attack: give one domain at a time.");
}

#[test]
fn a_null_flag_is_an_error_that_names_the_object() {
    for field in ["revoked", "x_mitre_deprecated", "x_mitre_is_subtechnique"] {
        let refusal = refusal(&small_with(&[with(pattern("T1", &[]), field, json!(null))]));
        assert_eq!(refusal, format!("attack-pattern--T1: \"{field}\" should be true or false but is null."));
    }
}

#[test]
fn every_wrong_type_is_an_error_that_names_the_object_and_the_field() {
    let wrong = [json!(null), json!(1), json!(-1), json!(1.5), json!(true), json!("x"), json!([1]), json!([[]]), json!({"a": [1]})];
    let texts = ["id", "name", "description"];
    let lists = ["kill_chain_phases", "x_mitre_platforms", "external_references"];
    for value in &wrong {
        for field in texts.iter().filter(|_| !value.is_string()).chain(&lists) {
            let refusal = refusal(&small_with(&[with(pattern("T1", &[]), field, value.clone())]));
            assert!(refusal.contains(&format!("\"{field}\" should be")), "{field} = {value}: {refusal}");
            assert!(refusal.starts_with("attack-pattern--T1") || *field == "id", "{field} = {value}: {refusal}");
        }
    }
    for (object, field) in [
        (with(tactic("TA9", "x"), "x_mitre_shortname", json!(1)), "x_mitre_shortname"),
        (with(matrix("ics-attack", &[]), "tactic_refs", json!("TA1")), "tactic_refs"),
        (with(relation("revoked-by", "T1", "T2"), "target_ref", json!([])), "target_ref"),
        (with(relation("revoked-by", "T1", "T2"), "relationship_type", json!(1)), "relationship_type"),
        (with(pattern("T1", &[]), "type", json!(1)), "type"),
        (json!({"type": "x-mitre-collection", "id": "x-mitre-collection--1", "x_mitre_version": 18.1}), "x_mitre_version"),
    ] {
        assert!(refusal(&small_with(&[object])).contains(&format!("\"{field}\" should be")), "{field}");
    }
    assert_eq!(refusal(&small_with(&[json!(3)])), "Object 5 of the bundle: \"objects\" should be a list of objects but is a number.");
}

#[test]
fn what_an_object_cannot_do_without_is_named() {
    for (object, field) in [
        (without(pattern("T1", &[]), "id"), "id"),
        (without(pattern("T1", &[]), "name"), "name"),
        (with(pattern("T1", &[]), "name", json!("  ")), "name"),
        (without(pattern("T1", &[]), "type"), "type"),
        (without(pattern("T1", &[]), "external_references"), "external_references: external_id of mitre-attack"),
        (with(pattern("T1", &[]), "external_references", json!([])), "external_references: external_id of mitre-attack"),
        (without(tactic("TA9", "x"), "x_mitre_shortname"), "x_mitre_shortname"),
        (without(relation("revoked-by", "T1", "T2"), "source_ref"), "source_ref"),
    ] {
        let refusal = refusal(&small_with(&[object]));
        assert!(refusal.ends_with(&format!(": \"{field}\" is missing or empty.")), "{field}: {refusal}");
    }
}

#[test]
fn one_stix_id_twice_is_refused() {
    assert_eq!(refusal(&small_with(&[pattern("T1003", &[])])), "attack-pattern--T1003 stands in the bundle twice.");
}

#[test]
fn one_attack_id_on_two_live_objects_is_said() {
    let second = with(pattern("T1003", &[]), "id", json!("attack-pattern--other"));
    let catalogue = parse(&small_with(&[second])).unwrap();
    assert_eq!(catalogue.warnings, ["T1003 is the ATT&CK id of two live objects, one of them attack-pattern--other."]);
}

#[test]
fn lengths_are_bounded() {
    let name = |n: usize| small_with(&[with(pattern("T1", &[]), "name", json!("ä".repeat(n)))]);
    assert!(parse(&name(limits::NAME_CHARS)).is_ok());
    assert_eq!(refusal(&name(limits::NAME_CHARS + 1)), "attack-pattern--T1: \"name\" is too long (at most 1000 characters).");
    assert!(refusal(&name(1_000_000)).contains("too long"));
    for escape in ["x", "\n"] {
        let description = |n: usize| small_with(&[with(pattern("T1", &[]), "description", json!(escape.repeat(n)))]);
        assert!(parse(&description(limits::DESCRIPTION_BYTES)).is_ok());
        assert!(refusal(&description(limits::DESCRIPTION_BYTES + 1)).contains("at most 200000 bytes"));
    }
    let platforms = small_with(&[with(pattern("T1", &[]), "x_mitre_platforms", json!(vec!["x"; limits::LIST + 1]))]);
    assert!(refusal(&platforms).contains("at most 10000 entries"));
    let id = small_with(&[with(pattern("T1", &[]), "id", json!("x".repeat(300)))]);
    assert_eq!(refusal(&id), "Object 5 of the bundle: \"id\" is too long (at most 200 bytes).");
}

#[test]
fn nul_and_blanks_have_no_place_in_ids_nor_nul_in_texts() {
    for (field, value) in [("id", "attack-pattern--\0"), ("id", "attack pattern"), ("name", "a\0b"), ("description", "a\0b")] {
        let refusal = refusal(&small_with(&[with(pattern("T1", &[]), field, json!(value))]));
        assert!(refusal.contains(&format!("\"{field}\" holds a character that is not allowed there.")), "{field}: {refusal}");
    }
}

#[test]
fn the_number_of_objects_is_bounded() {
    let objects = "{\"type\":\"x\"},".repeat(limits::OBJECTS);
    let text = format!(r#"{{"type":"bundle","objects":[{objects}{{"type":"x"}}]}}"#);
    assert_eq!(stix::parse_slice(text.as_bytes()).unwrap_err().to_string(), "The bundle holds more than 500000 objects.");
}

#[test]
fn depth_is_bounded_wherever_it_stands() {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    for value in [deep("[", "]"), deep("{\"a\":", "}"), "[".repeat(1_000_000)] {
        for text in [
            format!(r#"{{"type":"bundle","extra":{value},"objects":[]}}"#),
            format!(r#"{{"type":"bundle","objects":[{value}]}}"#),
            format!(r#"{{"type":{value},"objects":[]}}"#),
            format!(r#"{{"type":"bundle","objects":[{{"type":"malware","x":{value}}}]}}"#),
            format!(r#"{{"type":"bundle","objects":[{{"x":{value}}}]}}"#),
            format!(r#"{{"type":"bundle","objects":[{{"name":{value}}}]}}"#),
            format!(r#"{{"type":"bundle","objects":[{{"revoked":{value}}}]}}"#),
            format!(r#"{{"type":"bundle","objects":[{{"external_references":[{{"url":{value}}}]}}]}}"#),
            format!(r#"{{"type":"bundle","objects":[{{"kill_chain_phases":[{value}]}}]}}"#),
        ] {
            assert!(matches!(parse(&text).unwrap_err(), StixError::TooDeep { .. }), "{}", &text[..60]);
        }
    }
}

#[test]
fn bytes_that_are_no_utf8_and_half_characters_are_not_json() {
    let mut bytes = small_with(&[]).into_bytes();
    let place = bytes.windows(4).position(|four| four == b"How.").unwrap();
    bytes[place] = 0xFF;
    assert!(matches!(stix::parse_slice(&bytes).unwrap_err(), StixError::NotJson { .. }));
    assert!(matches!(stix::parse(&*bytes).unwrap_err(), StixError::NotJson { .. }));
    let text = small_with(&[]).replace("How.", r"\ud800");
    assert!(matches!(parse(&text).unwrap_err(), StixError::NotJson { .. }));
}

#[test]
fn a_reader_that_fails_is_an_io_error() {
    struct Failing(usize);
    impl std::io::Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let text = br#"{"type":"bundle","#;
            if self.0 >= text.len() {
                return Err(std::io::Error::other("the disk is gone"));
            }
            buffer[0] = text[self.0];
            self.0 += 1;
            Ok(1)
        }
    }
    assert_eq!(stix::parse(Failing(0)).unwrap_err().to_string(), "The bundle could not be read: the disk is gone");
}
