//! Whatever comes in, a parser answers; and what is well formed comes back as it went in.

use proptest::prelude::*;
use tyrian_attack::imports::{
    Parsed, Source, archive, atomic, attire, emulation, ghostwriter, library, navigator, purpleops, sigma, vectr, yaml,
};

use crate::parse;

const PARSERS: [fn(Source<'_>) -> Parsed; 10] = [
    atomic::parse,
    navigator::parse,
    emulation::parse,
    purpleops::parse,
    vectr::parse,
    attire::parse,
    ghostwriter::parse,
    sigma::parse,
    library::templates,
    library::scenarios,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_bytes_make_a_parser_fall(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        for of in PARSERS {
            let parsed = parse(of, "f", &bytes);
            prop_assert!(!parsed.unreadable || !parsed.errors.is_empty());
        }
        let _ = archive::read(&bytes, |_| true);
    }

    #[test]
    fn no_text_like_yaml_makes_the_reader_fall(text in "[-a-c:{}\\[\\]&*!|>#,'\"\\n ~?]{0,120}") {
        let _ = yaml::documents(&text);
        for of in PARSERS {
            parse(of, "f.yaml", text.as_bytes());
        }
    }

    #[test]
    fn an_atomic_test_comes_back_as_it_was_written(
        name in "[A-Za-z0-9][A-Za-z0-9 ]{0,40}[a-z]",
        description in "[ -~]{1,80}[a-z]",
        command in "[ -\"$-~]{1,80}[a-z]",
        guid in "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    ) {
        // JSON is YAML
        let file = serde_json::json!({"attack_technique": "T1059.001", "display_name": "PowerShell", "atomic_tests": [{
            "name": name, "auto_generated_guid": guid, "description": description, "supported_platforms": ["windows"],
            "executor": {"name": "command_prompt", "command": command}}]});
        let parsed = parse(atomic::parse, "T1059.001.yaml", file.to_string().as_bytes());
        prop_assert_eq!(&parsed.errors, &[]);
        let test = &parsed.tests[0];
        prop_assert_eq!(&test.source_id, &guid);
        prop_assert_eq!(test.content.command.as_deref(), Some(command.as_str()));
        prop_assert_eq!(test.content.objective.as_deref(), Some(description.trim()));
        prop_assert_eq!(&test.content.name, &name.split_whitespace().collect::<Vec<_>>().join(" "));
    }

    #[test]
    fn a_vectr_row_comes_back_as_it_was_written(
        variant in "[A-Za-z0-9][A-Za-z0-9, \"]{0,30}[a-z]",
        campaign in "[A-Za-z][a-z ,\"]{0,20}[a-z]",
        objective in "[A-Za-z][ -~\\n]{0,60}[a-z]",
    ) {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(["AssessmentGroup", "Campaign", "Variant", "MitreID", "Outcome", "Objective"]).unwrap();
        writer.write_record(["G", &campaign, &variant, "T1059", "Blocked", &objective]).unwrap();
        let mut bytes = b"\xEF\xBB\xBF".to_vec();
        bytes.extend(writer.into_inner().unwrap());
        let parsed = parse(vectr::parse, "v.csv", &bytes);
        prop_assert_eq!(&parsed.errors, &[]);
        let (scenario, tests) = &parsed.missions[0].scenarios[0];
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert_eq!(scenario, &line(&campaign));
        prop_assert_eq!(&tests[0].content.name, &line(&variant));
        prop_assert_eq!(tests[0].content.objective.as_deref(), Some(objective.as_str()));
        prop_assert_eq!(tests[0].origin.line, Some(2));
    }

    #[test]
    fn our_own_templates_come_back_as_they_were_exported(
        names in proptest::collection::vec("[A-Za-z][A-Za-z0-9 ]{0,20}", 1..8),
        procedure in "\\PC{0,80}",
    ) {
        let items: Vec<_> = names.iter().map(|name| serde_json::json!({"name": name, "procedure": procedure, "opsec_level": "low", "mitre_tags": [{"kind": "technique", "external_id": "T1059"}]})).collect();
        let file = serde_json::json!({"format": "tyrian-test-templates", "format_version": 1, "exported_at": "2026-01-01T00:00:00Z", "items": items});
        let parsed = parse(library::templates, "t.json", file.to_string().as_bytes());
        prop_assert_eq!(&parsed.errors, &[]);
        prop_assert_eq!(parsed.tests.iter().map(|t| &t.content.name).collect::<Vec<_>>(), names.iter().collect::<Vec<_>>());
        prop_assert!(parsed.tests.iter().all(|t| t.content.procedure.as_deref() == Some(procedure.as_str()) && t.attack_ids == ["T1059"]));
        let keys: std::collections::HashSet<_> = parsed.tests.iter().map(|t| &t.source_id).collect();
        prop_assert_eq!(keys.len(), names.len());
    }
}
