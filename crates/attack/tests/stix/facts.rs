//! What real bundles do, each on a bundle small enough to read.

use serde_json::json;
use tyrian_attack::stix::Domain;

use crate::helpers::*;

#[test]
fn a_stix_21_bundle_gives_its_release_and_its_name() {
    let collection = json!({
        "type": "x-mitre-collection", "id": "x-mitre-collection--1", "spec_version": "2.1", "name": "Enterprise ATT&CK",
        "x_mitre_version": "18.1", "x_mitre_contents": [{"object_ref": "x", "object_modified": "2025-01-01T00:00:00Z"}],
    });
    let catalogue = parse(&small_with(&[collection])).unwrap();
    assert_eq!(catalogue.version.as_deref(), Some("18.1"));
    assert_eq!(catalogue.name, "Enterprise ATT&CK");
    assert_eq!(catalogue.domain, Domain::Enterprise);
    assert_eq!(catalogue.warnings, Vec::<String>::new());
}

#[test]
fn a_stix_20_bundle_has_sorted_keys_and_no_collection() {
    // serde_json's own map sorts the keys: `type` comes last in every object, as in the published files.
    let text = json!({"id": "bundle--1", "spec_version": "2.0", "type": "bundle", "objects": [
        matrix("enterprise-attack", &["TA0002"]), tactic("TA0002", "execution"), pattern("T1059", &["execution"]),
    ]});
    let catalogue = parse(&text.to_string()).unwrap();
    assert_eq!(catalogue.version, None);
    assert_eq!(catalogue.name, "Matrix of enterprise-attack");
    assert_eq!(technique(&catalogue, "T1059").tactics, ["execution"]);
}

#[test]
fn keys_in_any_order_give_the_same() {
    let first = r#"{"type":"attack-pattern","id":"attack-pattern--a","name":"A","description":"D","external_references":[{"source_name":"mitre-attack","external_id":"T1"}]}"#;
    let last = r#"{"external_references":[{"external_id":"T1","source_name":"mitre-attack"}],"description":"D","name":"A","id":"attack-pattern--a","type":"attack-pattern"}"#;
    let frame = |object: &str| {
        let [matrix, tactic] = [matrix("enterprise-attack", &["TA0002"]), tactic("TA0002", "execution")];
        format!(r#"{{"objects":[{matrix},{tactic},{object}],"type":"bundle"}}"#)
    };
    assert_eq!(parse(&frame(first)).unwrap(), parse(&frame(last)).unwrap());
}

#[test]
fn absent_flags_mean_false() {
    let catalogue = parse(&small_with(&[])).unwrap();
    let technique = technique(&catalogue, "T1003");
    assert!(technique.is_live() && !technique.is_revoked && !technique.is_deprecated);
    assert!(catalogue.subtechniques.is_empty());
}

#[test]
fn flags_that_are_there_are_taken() {
    let deprecated = with(pattern("T1001", &[]), "x_mitre_deprecated", json!(true));
    let not = with(with(pattern("T1002", &[]), "revoked", json!(false)), "x_mitre_is_subtechnique", json!(false));
    let catalogue = parse(&small_with(&[deprecated, not])).unwrap();
    assert!(technique(&catalogue, "T1001").is_deprecated);
    assert!(technique(&catalogue, "T1002").is_live());
}

#[test]
fn an_absent_description_is_empty() {
    let catalogue = parse(&small_with(&[without(pattern("T1001", &[]), "description")])).unwrap();
    assert_eq!(technique(&catalogue, "T1001").description, "");
}

#[test]
fn every_field_of_a_technique_is_kept() {
    let catalogue = parse(&small_with(&[])).unwrap();
    let technique = technique(&catalogue, "T1003");
    assert_eq!(technique.stix_id, "attack-pattern--T1003");
    assert_eq!(technique.name, "Name of T1003");
    assert_eq!(technique.description, "How. (Citation: X)");
    assert_eq!(technique.url, "https://attack.mitre.org/techniques/T1003");
    assert_eq!(technique.platforms, ["Windows", "Linux"]);
    assert_eq!(technique.revoked_by_external_id, None);
}

#[test]
fn the_attack_id_is_found_by_its_source_wherever_it_stands() {
    let references = json!([
        {"source_name": "capec", "external_id": "CAPEC-1", "url": "https://capec.mitre.org"},
        {"source_name": "mitre-attack", "external_id": "T1001", "url": "https://attack.mitre.org/techniques/T1001"},
    ]);
    let catalogue = parse(&small_with(&[with(pattern("T9", &[]), "external_references", references)])).unwrap();
    assert_eq!(technique(&catalogue, "T1001").stix_id, "attack-pattern--T9");
}

#[test]
fn a_link_that_is_no_web_address_gives_way_to_attacks_own_site() {
    let references = json!([{"source_name": "mitre-attack", "external_id": "T1001.002", "url": "javascript:alert(1)"}]);
    let bad = with(subtechnique("T1001.002"), "external_references", references);
    let catalogue = parse(&small_with(&[pattern("T1001", &[]), bad])).unwrap();
    assert_eq!(sub(&catalogue, "T1001.002").url, "https://attack.mitre.org/techniques/T1001/002");
}

#[test]
fn the_order_of_the_tactics_is_the_matrix_s_and_the_others_follow_by_id() {
    let text = bundle(&[
        tactic("TA0099", "outside-b"),
        tactic("TA0001", "third"),
        tactic("TA0098", "outside-a"),
        tactic("TA0002", "first"),
        tactic("TA0003", "second"),
        pattern("T1", &["third", "outside-a", "first", "first"]),
        matrix("enterprise-attack", &["TA0002", "TA0003", "TA0001"]),
    ]);
    let catalogue = parse(&text).unwrap();
    assert_eq!(short_names(&catalogue), ["first", "second", "third", "outside-a", "outside-b"]);
    assert_eq!(catalogue.tactics.iter().map(|tactic| tactic.position).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert_eq!(catalogue.tactics.iter().filter(|tactic| tactic.in_matrix).count(), 3);
    assert_eq!(technique(&catalogue, "T1").tactics, ["first", "third", "outside-a"]);
}

#[test]
fn of_two_matrices_with_one_external_id_the_deprecated_one_is_passed_over() {
    let old = with(matrix("mobile-attack", &["TA0038"]), "id", json!("x-mitre-matrix--old"));
    let text = bundle(&[
        with(with(old, "x_mitre_deprecated", json!(true)), "name", json!("Network-Based Effects")),
        with(tactic("TA0038", "network-effects"), "x_mitre_deprecated", json!(true)),
        tactic("TA0027", "initial-access"),
        matrix("mobile-attack", &["TA0027"]),
        pattern_in("mitre-mobile-attack", "T1456", &["initial-access"]),
    ]);
    let catalogue = parse(&text).unwrap();
    assert_eq!(catalogue.domain, Domain::Mobile);
    assert_eq!(catalogue.name, "Matrix of mobile-attack");
    assert_eq!(short_names(&catalogue), ["initial-access", "network-effects"]);
    assert!(catalogue.tactics[1].is_deprecated && !catalogue.tactics[1].in_matrix);
}

#[test]
fn a_renamed_tactic_is_the_same_object_and_a_new_one_stands_where_the_matrix_says() {
    let before = bundle(&[
        matrix("enterprise-attack", &["TA0005", "TA0006"]),
        with(tactic("TA0005", "defense-evasion"), "name", json!("Defense Evasion")),
        tactic("TA0006", "credential-access"),
        pattern("T1562", &["defense-evasion"]),
    ]);
    let after = bundle(&[
        matrix("enterprise-attack", &["TA0005", "TA0112", "TA0006"]),
        with(tactic("TA0005", "stealth"), "name", json!("Stealth")),
        tactic("TA0006", "credential-access"),
        tactic("TA0112", "defense-impairment"),
        pattern("T1685", &["defense-impairment", "stealth"]),
    ]);
    let (before, after) = (parse(&before).unwrap(), parse(&after).unwrap());
    assert_eq!(before.tactics[0].stix_id, after.tactics[0].stix_id);
    assert_eq!((before.tactics[0].name.as_str(), after.tactics[0].name.as_str()), ("Defense Evasion", "Stealth"));
    assert_eq!(short_names(&after), ["stealth", "defense-impairment", "credential-access"]);
    assert_eq!(technique(&after, "T1685").tactics, ["stealth", "defense-impairment"]);
}

#[test]
fn each_domain_reads_its_own_kill_chain_only() {
    for (domain, name, chain) in [
        (Domain::Enterprise, "enterprise-attack", "mitre-attack"),
        (Domain::Mobile, "mobile-attack", "mitre-mobile-attack"),
        (Domain::Ics, "ics-attack", "mitre-ics-attack"),
    ] {
        let mut phases: Vec<_> = ["mitre-attack", "mitre-mobile-attack", "mitre-ics-attack", "lockheed-martin"]
            .iter()
            .map(|other| json!({"kill_chain_name": other, "phase_name": if *other == chain { "impact" } else { "execution" }}))
            .collect();
        phases.push(json!({"kill_chain_name": chain, "phase_name": "impact"}));
        let text = bundle(&[
            matrix(name, &["TA1", "TA2"]),
            tactic("TA1", "execution"),
            tactic("TA2", "impact"),
            with(pattern_in(chain, "T1", &[]), "kill_chain_phases", json!(phases)),
        ]);
        let catalogue = parse(&text).unwrap();
        assert_eq!(catalogue.domain, domain);
        assert_eq!(technique(&catalogue, "T1").tactics, ["impact"]);
    }
}

#[test]
fn a_tactic_that_the_bundle_lacks_is_left_out_and_said() {
    let catalogue = parse(&small_with(&[pattern("T1", &["execution", "nowhere"])])).unwrap();
    assert_eq!(technique(&catalogue, "T1").tactics, ["execution"]);
    assert_eq!(catalogue.warnings, ["T1 names the tactic \"nowhere\", which the bundle lacks."]);
}

#[test]
fn a_matrix_may_name_a_tactic_that_is_not_there() {
    let text = bundle(&[matrix("ics-attack", &["TA9", "TA1"]), tactic("TA1", "impact"), pattern("T1", &[])]);
    let catalogue = parse(&text).unwrap();
    assert_eq!(short_names(&catalogue), ["impact"]);
    assert_eq!(catalogue.warnings, ["The matrix names the tactic x-mitre-tactic--TA9, which the bundle lacks."]);
}

#[test]
fn a_subtechnique_has_its_parent_from_the_relationship() {
    let objects = [pattern("T1001", &[]), subtechnique("T1001.001"), relation("subtechnique-of", "T1001.001", "T1001")];
    let catalogue = parse(&small_with(&objects)).unwrap();
    assert_eq!(sub(&catalogue, "T1001.001").parent_stix_id, Some(pattern_id("T1001")));
    assert_eq!(catalogue.warnings, Vec::<String>::new());
}

#[test]
fn a_retired_subtechnique_without_a_relationship_has_its_parent_from_its_id() {
    let revoked = with(subtechnique("T1003.001"), "revoked", json!(true));
    let deprecated = with(subtechnique("T1003.002"), "x_mitre_deprecated", json!(true));
    let dead = with(relation("subtechnique-of", "T1003.001", "T1003"), "revoked", json!(true));
    let orphan = with(subtechnique("T7777.001"), "revoked", json!(true));
    let catalogue = parse(&small_with(&[revoked, deprecated, dead, orphan])).unwrap();
    assert_eq!(sub(&catalogue, "T1003.001").parent_stix_id, Some(pattern_id("T1003")));
    assert_eq!(sub(&catalogue, "T1003.002").parent_stix_id, Some(pattern_id("T1003")));
    assert_eq!(sub(&catalogue, "T7777.001").parent_stix_id, None);
    assert_eq!(catalogue.warnings, ["The subtechnique T7777.001 has no parent in the bundle."]);
}

#[test]
fn a_live_subtechnique_whose_parent_is_only_told_by_its_id_is_said() {
    let catalogue = parse(&small_with(&[subtechnique("T1003.001")])).unwrap();
    assert_eq!(sub(&catalogue, "T1003.001").parent_stix_id, Some(pattern_id("T1003")));
    assert_eq!(catalogue.warnings, ["The bundle does not say whose subtechnique T1003.001 is: taken from its id."]);
}

#[test]
fn the_parent_is_never_a_subtechnique() {
    let objects = [subtechnique("T1003.001"), subtechnique("T1003.002"), relation("subtechnique-of", "T1003.001", "T1003.002")];
    let catalogue = parse(&small_with(&objects)).unwrap();
    assert_eq!(sub(&catalogue, "T1003.001").parent_stix_id, Some(pattern_id("T1003")));
}

#[test]
fn other_objects_and_unknown_keys_are_read_over() {
    let objects = [
        json!({"type": "malware", "id": 7, "name": null, "external_references": "none", "revoked": "maybe"}),
        json!({"type": "x-of-the-future", "deep": [[[{"a": [1, -2, 3.5, true, null, "x"]}]]]}),
        with(pattern("T1", &[]), "x_mitre_of_the_future", json!({"a": [{"b": null}]})),
        json!({"type": "relationship", "id": "relationship--1", "relationship_type": "uses", "source_ref": 1, "target_ref": null}),
    ];
    let catalogue = parse(&small_with(&objects)).unwrap();
    assert_eq!(catalogue.techniques.len(), 2);
}

#[test]
fn a_byte_order_mark_is_no_obstacle() {
    let text = format!("\u{feff}{}\n", small_with(&[]));
    assert_eq!(parse(&text).unwrap(), parse(&small_with(&[])).unwrap());
}

#[test]
fn text_is_kept_exactly() {
    let odd = "🦊 \u{202e}right to left\u{202c} <script>alert(1)</script> \\ \" \n\t`code`";
    let object = with(with(pattern("T1", &[]), "description", json!(odd)), "name", json!("Ünïcode 🦊 <b>"));
    let catalogue = parse(&small_with(&[object])).unwrap();
    assert_eq!(technique(&catalogue, "T1").description, odd);
    assert_eq!(technique(&catalogue, "T1").name, "Ünïcode 🦊 <b>");
}
