//! Every format of a mission that has something in each field: as golden files where it is text, and read back by
//! somebody else's program where there is one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test's helper fails as a test does")]

mod sample;

use std::io::{Cursor, Read};
use std::process::Command;

use sample::{CANARY, EVIL, report};
use serde_json::Value;
use tyrian_report::model::Report;
use tyrian_report::navigator::{Before, Metric};
use tyrian_report::{attack_flow, csv, docx, html, markdown, navigator, scenario, xlsx};

fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes);
    String::from_utf8(bytes).unwrap()
}

fn layer(report: &Report, metric: Metric, before: &Before) -> Value {
    serde_json::from_str(&text(|to| navigator::write(report, metric, before, to).unwrap())).unwrap()
}

#[test]
fn csv_is_as_it_was() {
    insta::assert_snapshot!(text(|to| csv::write(&report(4), to).unwrap()));
}

#[test]
fn csv_has_a_row_for_each_test_and_no_formula() {
    let bytes = text(|to| csv::write(&report(7), to).unwrap());
    let mut rows = ::csv::Reader::from_reader(bytes.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<_> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 7);
    for cell in rows.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
    }
    assert_eq!(&rows[1][3], format!("'{EVIL}"));
}

#[test]
fn markdown_is_as_it_was() {
    insta::assert_snapshot!(text(|to| markdown::write(&report(4), to).unwrap()));
}

#[test]
fn html_is_as_it_was() {
    let page = text(|to| html::write(&report(4), to).unwrap());
    let (before, after) = (page.find("<style>").unwrap(), page.find("</style>").unwrap());
    insta::assert_snapshot!(format!("{}{}", &page[..before], &page[after..]));
}

#[test]
fn html_runs_and_loads_nothing() {
    let page = text(|to| html::write(&report(4), to).unwrap());
    assert!(!page.contains("<script") && !page.contains("<img src=x") && !page.contains("javascript:"));
    for outside in ["src=\"http", "url(", "@import", "<link", "<iframe"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)"));
    assert!(page.contains("src=\"data:image/jpeg;base64,"));
}

#[test]
fn layers_are_as_they_were() {
    insta::assert_json_snapshot!(layer(&report(4), Metric::Detection, &Before::new()));
}

#[test]
fn a_layer_has_its_versions_a_tactic_on_every_row_and_a_score_only_where_something_is_judged() {
    let report = report(4);
    for (metric, wanted) in [(Metric::Detection, [100.0, 0.0]), (Metric::Prevention, [0.0, 0.0]), (Metric::Coverage, [100.0, 0.0])] {
        let layer = layer(&report, metric, &Before::new());
        let versions: Vec<_> = layer["versions"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(versions, ["attack", "layer", "navigator"]);
        assert_eq!(layer["versions"]["layer"], "4.5");
        let rows = layer["techniques"].as_array().unwrap();
        assert_eq!(rows.len(), 5, "T1053 stands in two tactics");
        assert!(rows.iter().all(|r| r["tactic"].as_str().is_some_and(|t| !t.is_empty())));
        let score = |id: &str| rows.iter().find(|r| r["techniqueID"] == id).unwrap()["score"].clone();
        assert_eq!([score("T1059.001"), score("T1053")], wanted.map(Value::from));
        assert!(score("T1059").is_null(), "executed and not judged is unscored");
    }
    let before = Before::from([("T1059.001".into(), Some(0.25)), ("T1053".into(), Some(1.0)), ("T1003.001".into(), None)]);
    let delta = layer(&report, Metric::Delta, &before);
    let score = |id: &str| delta["techniques"].as_array().unwrap().iter().find(|r| r["techniqueID"] == id).unwrap()["score"].clone();
    assert_eq!([score("T1059.001"), score("T1053")], [Value::from(75.0), Value::from(-100.0)]);
    assert!(score("T1003.001").is_null());
    assert_eq!(delta["gradient"]["minValue"], -100);
}

#[test]
fn attack_flow_is_as_it_was() {
    let flow: Value = serde_json::from_str(&text(|to| attack_flow::write(&report(4), to).unwrap())).unwrap();
    insta::assert_json_snapshot!(flow);
}

#[test]
fn an_attack_flow_is_a_chain_for_each_scenario_and_every_reference_leads_somewhere() {
    let flow: Value = serde_json::from_str(&text(|to| attack_flow::write(&report(8), to).unwrap())).unwrap();
    let objects = flow["objects"].as_array().unwrap();
    let ids: Vec<_> = objects.iter().map(|o| o["id"].as_str().unwrap()).collect();
    let of = |kind: &str| objects.iter().filter(|o| o["type"] == kind).collect::<Vec<_>>();
    assert_eq!(of("attack-action").len(), 8);
    assert_eq!(of("attack-flow")[0]["start_refs"].as_array().unwrap().len(), 2);
    let mut reached = 2;
    for object in objects {
        for (name, value) in object.as_object().unwrap() {
            let refs: Vec<&str> = match value {
                Value::String(one) if name.ends_with("_ref") => vec![one],
                Value::Array(many) if name.ends_with("_refs") => many.iter().map(|r| r.as_str().unwrap()).collect(),
                _ => continue,
            };
            reached += if name == "effect_refs" { refs.len() } else { 0 };
            assert!(refs.iter().all(|r| ids.contains(r)), "{name}: {refs:?}");
        }
    }
    assert_eq!(reached, 8, "every action is a start or an effect");
    let bytes = text(|to| attack_flow::write(&report(8), to).unwrap());
    assert!(!bytes.contains(CANARY));
}

#[test]
fn a_scenario_is_as_it_was_and_has_no_word_of_blues() {
    let bytes = text(|to| scenario::write(&report(4), to).unwrap());
    assert!(!bytes.contains(CANARY));
    for red in ["whoami /priv you", "went well", "ws-042", "shell.png"] {
        assert!(!bytes.contains(red), "{red} is a result");
    }
    let file: Value = serde_json::from_str(&bytes).unwrap();
    assert_eq!(file["test_templates"].as_array().unwrap().len(), 4);
    insta::assert_json_snapshot!(file);
}

/// The text of a part of a zip.
fn part(zip: &[u8], name: &str) -> String {
    let mut out = String::new();
    zip::ZipArchive::new(Cursor::new(zip)).unwrap().by_name(name).unwrap().read_to_string(&mut out).unwrap();
    out
}

#[test]
fn a_workbook_has_a_row_for_each_test_and_no_formula() {
    let mut bytes = Cursor::new(Vec::new());
    xlsx::write(&report(9), &mut bytes).unwrap();
    let bytes = bytes.into_inner();
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert_eq!(sheet.matches("<row ").count(), 10);
    assert!(!sheet.contains("<f>"));
    assert!(sheet.contains("'=cmd|") && !sheet.contains(">=cmd|"), "{sheet}");
    for name in ["sheet2", "sheet3", "sheet4"] {
        assert!(part(&bytes, &format!("xl/worksheets/{name}.xml")).matches("<row ").count() > 1, "{name}");
    }
}

/// Every test's name, as plain text has it.
fn names(report: &Report) -> Vec<String> {
    report.tests.iter().map(|t| squeezed(&t.plan.name)).collect()
}

/// Without white space, since lines break anywhere.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

fn installed(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().or_else(|_| Command::new(program).arg("-v").output()).is_ok();
    if !there {
        eprintln!("skipped: {program} is not installed");
    }
    there
}

fn pdf_text(file: &std::path::Path) -> String {
    let out = Command::new("pdftotext").args(["-layout", file.to_str().unwrap(), "-"]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn a_docx_is_well_formed_and_opens_in_libreoffice_with_every_test() {
    let report = report(12);
    let mut bytes = Cursor::new(Vec::new());
    docx::write(&report, &mut bytes).unwrap();
    let bytes = bytes.into_inner();
    let document = part(&bytes, "word/document.xml");
    assert!(document.contains("rIdPic0") && !document.contains('\u{1b}'));
    assert!(part(&bytes, "word/_rels/document.xml.rels").contains("https://example.test/plan"));
    if !installed("soffice") || !installed("pdftotext") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("report.docx");
    std::fs::write(&file, bytes).unwrap();
    let profile = format!("-env:UserInstallation=file://{}", dir.path().join("profile").display());
    let out = Command::new("soffice")
        .args([&profile, "--headless", "--convert-to", "pdf", "--outdir"])
        .arg(dir.path())
        .arg(&file)
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = squeezed(&pdf_text(&dir.path().join("report.pdf")));
    for name in names(&report) {
        assert!(text.contains(&name), "{name} is not in it");
    }
}

#[cfg(feature = "pdf")]
#[test]
fn a_pdf_has_contents_page_numbers_and_every_test() {
    let report = report(40);
    let mut bytes = Vec::new();
    tyrian_report::pdf::write(&report, &mut bytes).unwrap();
    assert!(bytes.starts_with(b"%PDF-"));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("report.pdf");
    std::fs::write(&file, &bytes).unwrap();
    if !installed("pdftotext") {
        return;
    }
    let text = pdf_text(&file);
    let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
    for (place, page) in pages.iter().enumerate().skip(1) {
        assert!(page.contains(&format!("{} / {}", place + 1, pages.len())), "page {} of {} has no number", place + 1, pages.len());
    }
    // what the contents promise is kept
    let promised = |heading: &str| -> usize {
        let line = pages[1..].iter().flat_map(|p| p.lines()).find(|l| l.trim_start().starts_with(heading)).unwrap();
        line.split_whitespace().last().unwrap().parse().unwrap()
    };
    for heading in ["Scope", "Summary", "Open gaps", "Findings by category", "40. Test no 40", "Appendix"] {
        let page = pages[promised(heading) - 1];
        assert!(page.lines().any(|l| l.trim() == heading), "{heading} is not on page {}", promised(heading));
    }
    let all = squeezed(&text);
    for name in names(&report) {
        assert!(all.contains(&name), "{name} is not in it");
    }
    for word in ["Привет", "┌──┐", "Coverage by tactic", "T1059.001", "ExampleSecurityGmbH", CANARY] {
        assert!(all.contains(&squeezed(word)), "{word} is not in it");
    }
}
