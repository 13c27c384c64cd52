//! The published bundles. They are not ours to ship: the folder comes from TYRIAN_TEST_DATA, and without it these
//! tests say that they skipped.

use std::collections::HashSet;
use std::io::Read;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use tyrian_attack::stix::{self, Catalogue, Domain, StixError};

use crate::helpers::{short_names, sub, technique};

fn bytes_of(name: &str) -> Option<Vec<u8>> {
    let default = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("TYRIAN_TEST_DATA").map_or_else(default, PathBuf::from);
    let path = folder.join("stix").join(format!("{name}.json.gz"));
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("skipped: no {} (set TYRIAN_TEST_DATA)", path.display());
        return None;
    };
    let mut bytes = Vec::new();
    GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    Some(bytes)
}

fn catalogue(name: &str) -> Option<Catalogue> {
    bytes_of(name).map(|bytes| stix::parse_slice(&bytes).unwrap())
}

/// Techniques live, subtechniques live, revoked, deprecated.
fn counts(catalogue: &Catalogue) -> [usize; 4] {
    let (t, s) = (&catalogue.techniques, &catalogue.subtechniques);
    [
        t.iter().filter(|t| t.is_live()).count(),
        s.iter().filter(|s| s.is_live()).count(),
        t.iter().filter(|t| t.is_revoked).count() + s.iter().filter(|s| s.is_revoked).count(),
        t.iter().filter(|t| t.is_deprecated).count() + s.iter().filter(|s| s.is_deprecated).count(),
    ]
}

/// What holds for every published bundle.
fn assert_sound(catalogue: &Catalogue) {
    assert_eq!(catalogue.warnings, Vec::<String>::new());
    let techniques: HashSet<_> = catalogue.techniques.iter().map(|t| t.stix_id.as_str()).collect();
    let tactics: HashSet<_> = catalogue.tactics.iter().map(|t| t.short_name.as_str()).collect();
    for technique in catalogue.techniques.iter().filter(|t| t.is_live()) {
        assert!(!technique.tactics.is_empty(), "{}", technique.external_id);
        assert!(technique.tactics.iter().all(|tactic| tactics.contains(tactic.as_str())));
        assert!(technique.url.starts_with("https://attack.mitre.org/techniques/"), "{}", technique.url);
    }
    for subtechnique in &catalogue.subtechniques {
        let parent = subtechnique.parent_stix_id.as_deref().unwrap();
        assert!(techniques.contains(parent), "{}", subtechnique.external_id);
    }
    for (i, tactic) in catalogue.tactics.iter().enumerate() {
        assert_eq!(tactic.position, i);
        assert!(tactic.external_id.starts_with("TA"));
    }
}

#[test]
fn enterprise_18_1() {
    let Some(catalogue) = catalogue("enterprise-attack-18.1") else { return };
    assert_sound(&catalogue);
    assert_eq!((catalogue.domain, catalogue.version.as_deref()), (Domain::Enterprise, Some("18.1")));
    assert_eq!(catalogue.name, "Enterprise ATT&CK");
    assert_eq!(counts(&catalogue), [216, 475, 132, 12]);
    assert_eq!(catalogue.techniques.len() + catalogue.subtechniques.len(), 835);
    let columns = [
        "reconnaissance",
        "resource-development",
        "initial-access",
        "execution",
        "persistence",
        "privilege-escalation",
        "defense-evasion",
        "credential-access",
        "discovery",
        "lateral-movement",
        "collection",
        "command-and-control",
        "exfiltration",
        "impact",
    ];
    assert_eq!(short_names(&catalogue), columns);
    assert!(catalogue.tactics.iter().all(|tactic| tactic.in_matrix));

    for (revoked, end) in [("T1150", "T1647"), ("T1162", "T1647"), ("T1073", "T1574.001")] {
        assert_eq!(technique(&catalogue, revoked).revoked_by_external_id.as_deref(), Some(end));
    }
    assert_eq!(sub(&catalogue, "T1547.011").revoked_by_external_id.as_deref(), Some("T1647"));

    let tactics = |n: usize| {
        let techniques = catalogue.techniques.iter().filter(|t| t.is_live() && t.tactics.len() == n).count();
        techniques + catalogue.subtechniques.iter().filter(|s| s.is_live() && s.tactics.len() == n).count()
    };
    assert_eq!([tactics(2), tactics(3), tactics(4)], [117, 32, 5]);

    let lsass = sub(&catalogue, "T1003.001");
    assert_eq!((lsass.name.as_str(), lsass.tactics.as_slice()), ("LSASS Memory", ["credential-access".to_owned()].as_slice()));
    assert_eq!(lsass.parent_stix_id.as_deref(), Some(technique(&catalogue, "T1003").stix_id.as_str()));
    assert_eq!(lsass.url, "https://attack.mitre.org/techniques/T1003/001");
    // Deprecated, and no relationship says whose it was.
    assert_eq!(sub(&catalogue, "T1053.004").parent_stix_id.as_deref(), Some(technique(&catalogue, "T1053").stix_id.as_str()));
}

#[test]
fn enterprise_17_1_against_18_1() {
    let (Some(old), Some(new)) = (catalogue("enterprise-attack-17.1"), catalogue("enterprise-attack-18.1")) else { return };
    assert_sound(&old);
    assert_eq!(counts(&old), [211, 468, 132, 12]);
    let names = |catalogue: &Catalogue| -> std::collections::HashMap<String, (String, String)> {
        let techniques = catalogue.techniques.iter().map(|t| (t.stix_id.clone(), (t.external_id.clone(), t.name.clone())));
        techniques.chain(catalogue.subtechniques.iter().map(|s| (s.stix_id.clone(), (s.external_id.clone(), s.name.clone())))).collect()
    };
    let (old, new) = (names(&old), names(&new));
    assert_eq!(new.keys().filter(|id| !old.contains_key(*id)).count(), 12);
    assert_eq!(old.keys().filter(|id| !new.contains_key(*id)).count(), 0);
    let mut renamed: Vec<_> = old.iter().filter(|(id, (_, name))| new[*id].1 != *name).map(|(_, (id, _))| id.as_str()).collect();
    renamed.sort_unstable();
    assert_eq!(renamed, ["T1497.003", "T1552.003"]);
}

#[test]
fn mobile_17_1_has_the_columns_of_its_live_matrix() {
    let Some(catalogue) = catalogue("mobile-attack-17.1") else { return };
    assert_sound(&catalogue);
    assert_eq!((catalogue.domain, catalogue.version.as_deref()), (Domain::Mobile, Some("17.1")));
    assert_eq!(counts(&catalogue), [75, 46, 53, 14]);
    let columns = [
        "initial-access",
        "execution",
        "persistence",
        "privilege-escalation",
        "defense-evasion",
        "credential-access",
        "discovery",
        "lateral-movement",
        "collection",
        "command-and-control",
        "exfiltration",
        "impact",
    ];
    assert_eq!(short_names(&catalogue)[..12], columns);
    assert_eq!(catalogue.tactics.iter().filter(|tactic| tactic.in_matrix).count(), 12);
    assert!(catalogue.tactics[12..].iter().all(|tactic| tactic.is_deprecated && !tactic.in_matrix));
    assert_eq!(technique(&catalogue, "T1431").revoked_by_external_id.as_deref(), Some("T1476"));
    assert_eq!(technique(&catalogue, "T1454").revoked_by_external_id, None);
}

#[test]
fn ics_18_1() {
    let Some(catalogue) = catalogue("ics-attack-18.1") else { return };
    assert_sound(&catalogue);
    assert_eq!((catalogue.domain, catalogue.version.as_deref()), (Domain::Ics, Some("18.1")));
    assert_eq!(counts(&catalogue), [83, 0, 0, 12]);
    assert_eq!(catalogue.tactics.len(), 12);
    assert_eq!(catalogue.tactics[0].short_name, "initial-access");
}

#[test]
fn enterprise_10_1_in_stix_20() {
    let Some(catalogue) = catalogue("enterprise-attack-10.1.stix20") else { return };
    assert_sound(&catalogue);
    assert_eq!((catalogue.domain, catalogue.version.as_deref()), (Domain::Enterprise, None));
    assert_eq!(counts(&catalogue), [188, 378, 129, 12]);
    assert_eq!(catalogue.techniques.len() + catalogue.subtechniques.len(), 707);
    assert_eq!(catalogue.tactics.len(), 14);
    assert_eq!(catalogue.techniques.iter().filter(|t| t.description.is_empty()).count(), 129);
}

#[test]
fn a_streamed_file_gives_the_same_as_one_in_memory() {
    for name in ["mobile-attack-17.1", "enterprise-attack-18.1"] {
        let Some(bytes) = bytes_of(name) else { return };
        assert_eq!(stix::parse(&*bytes).unwrap(), stix::parse_slice(&bytes).unwrap());
    }
}

#[test]
fn a_real_bundle_cut_at_a_hundred_places_is_refused() {
    let Some(bytes) = bytes_of("ics-attack-18.1") else { return };
    let end = bytes.trim_ascii_end().len();
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    for _ in 0..100 {
        // xorshift: any spread will do, as long as it is the same each time
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let cut = usize::try_from(state % u64::try_from(end).unwrap()).unwrap();
        let refusal = stix::parse_slice(&bytes[..cut]).unwrap_err();
        assert!(matches!(refusal, StixError::Truncated | StixError::Empty), "cut at {cut}: {refusal}");
    }
}
