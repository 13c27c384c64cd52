//! Whatever the bytes, the parser answers; and half a bundle is never taken for a whole one.

use proptest::prelude::*;
use serde_json::json;
use tyrian_attack::stix::{self, Catalogue, StixError};

use crate::helpers::*;

/// A bundle with a bit of everything, no blank at its end.
fn rich() -> Vec<u8> {
    small_with(&[
        json!({"type": "x-mitre-collection", "id": "x-mitre-collection--1", "name": "E", "x_mitre_version": "1.0", "x_mitre_contents": [{"a": "b"}]}),
        with(pattern("T1", &["execution", "stealth"]), "description", json!("\u{1F98A} \"quoted\" \\ \n")),
        subtechnique("T1.001"),
        relation("subtechnique-of", "T1.001", "T1"),
        with(pattern("T2", &[]), "revoked", json!(true)),
        relation("revoked-by", "T2", "T1"),
        json!({"type": "malware", "id": "malware--1", "numbers": [1, -2, 3.5e7, null, false]}),
    ])
    .into_bytes()
}

/// Both ways of reading; they agree whether it is a bundle.
fn read(bytes: &[u8]) -> Result<Catalogue, StixError> {
    let (whole, streamed) = (stix::parse_slice(bytes), stix::parse(bytes));
    match (&whole, &streamed) {
        (Ok(whole), Ok(streamed)) => assert_eq!(whole, streamed),
        (Err(_), Err(_)) => {}
        disagreement => panic!("{disagreement:?}"),
    }
    whole
}

#[test]
fn a_bundle_cut_anywhere_is_refused() {
    let bytes = rich();
    assert!(read(&bytes).is_ok());
    for end in 0..bytes.len() {
        let refusal = read(&bytes[..end]).unwrap_err();
        assert!(matches!(refusal, StixError::Truncated | StixError::Empty), "cut at {end}: {refusal}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(read(&bytes).is_err());
    }

    #[test]
    fn any_text_made_of_jsons_own_characters_is_answered(text in r#"(\{"type":"bundle","objects":\[)?[\[\]{}:,"\\a-f0-9eE.+\- ntu]{0,200}"#) {
        let _ = read(text.as_bytes());
    }

    #[test]
    fn a_bundle_with_flipped_bytes_is_answered(flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = rich();
        for (place, byte) in flips {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        // Skipped text is checked for UTF-8 by neither way; kept text by both, so they agree.
        let _ = read(&bytes);
    }

    #[test]
    fn a_bundle_with_a_piece_missing_or_doubled_is_answered(from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(), doubled: bool) {
        let bytes = rich();
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        let (from, to) = (from.min(to), from.max(to));
        let middle = if doubled { [&bytes[from..to], &bytes[from..to]].concat() } else { Vec::new() };
        let _ = read(&[&bytes[..from], &middle, &bytes[to..]].concat());
    }
}
