//! Imports: what a file becomes, that a dry run and a refusal write nothing, that a second import changes only what nobody edited.

use serde_json::{Value, json};

use crate::bundles::{Bundle, pattern};
use crate::db_test;
use crate::exercise::Exercise;
use crate::exports::finished;
use crate::fixtures::seed_catalogue;
use crate::harness::{Answer, Client};
use crate::scene::each;

pub const ATOMIC: &str = "attack_technique: T1059.001
display_name: 'Command and Scripting Interpreter: PowerShell'
atomic_tests:
- name: Say hello
  auto_generated_guid: 0b5b1bc3-2a3c-4d5e-8f60-0a1b2c3d4e01
  description: Says hello to #{who}.
  supported_platforms: [windows]
  input_arguments:
    who: {description: to whom, type: string, default: world}
  dependency_executor_name: powershell
  dependencies:
  - {description: A shell is there., prereq_command: 'exit 0', get_prereq_command: 'echo none'}
  executor: {name: powershell, elevation_required: true, command: 'Write-Output #{who}', cleanup_command: 'Clear-Host'}
- name: Do it by hand
  auto_generated_guid: 0b5b1bc3-2a3c-4d5e-8f60-0a1b2c3d4e02
  description: By hand.
  supported_platforms: [linux, macos]
  executor: {name: manual, steps: '1. Open the door.'}
";

const VECTR: &str = "\u{feff}AssessmentGroup,Campaign,Phase,Variant,MitreID,CapecId,Method,Status,Outcome,Alert Severity,Alert Triggered,Activity Logged,Outcome Notes,Detection Recommendations,SourceIps,TargetAssets,ExpectedDetectionLayers,DetectingTools,Start Time,Start Time Epoch,Stop Time,Stop Time Epoch,Detection Time,Detection Time Epoch,Organizations,Tags,Objective,Command,References,Liklihood,Risk,Internal/External,Stealth,Attack Vector,Attack Complexity,Privileges Required,Attacker Tools\r
2025 H1,Phish,Execution,Macro,T1059.001,,PowerShell,Completed,Blocked,High,Yes,Yes,Stopped.,,10.0.0.1,ws1,,EDR,2025-03-01T10:00:00Z,,2025-03-01T10:05:00Z,,2025-03-01T10:02:00Z,,ACME,,,run,,,,,,,,,\r
2025 H1,Phish,Execution,Loader,T1059.001,,PowerShell,Completed,NotDetected,TBD,No,No,,Watch it.,,,,,2025-03-01T11:00:00Z,,,,2025-03-01T12:00:00Z,,ACME,,,,,,,,,,,,\r
2025 H1,Steal,Credential Access,Dump,,,Dumping,Completed,Detected,Low,TBD,Yes,,,,,,SIEM,2025-03-02T10:00:00Z,,,,2025-03-02T10:30:00Z,,ACME,,,,,,,,,,,,\r
";

/// An import of text.
pub async fn import(client: &Client, path: &str, name: &str, text: &str) -> Answer {
    client.upload(&format!("/imports/{path}"), name, text.as_bytes().to_vec(), &[]).await
}

fn counts(report: &Value) -> [u64; 3] {
    ["created", "updated", "skipped"].map(|field| report[field].as_u64().unwrap())
}

fn codes(report: &Value, list: &str) -> Vec<String> {
    report[list].as_array().unwrap().iter().map(|note| note["code"].as_str().unwrap().to_owned()).collect()
}

async fn templates(client: &Client) -> u64 {
    client.get("/test-templates?limit=1").await.expect(200).json["total"].as_u64().unwrap()
}

db_test! {
    async fn an_atomic_file_becomes_tests_once_and_follows_the_file_until_somebody_edits(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let dry = import(&admin, "atomic?dry_run=true", "T1059.001.yaml", ATOMIC).await.expect(200).json;
        assert_eq!((counts(&dry), &dry["applied"]), ([2, 0, 0], &json!(false)));
        assert_eq!(templates(&admin).await, 0, "a dry run writes nothing");
        assert_eq!((&dry["items"][0]["kind"], &dry["items"][0]["id"]), (&json!("test_template"), &Value::Null));

        let first = import(&admin, "atomic", "T1059.001.yaml", ATOMIC).await.expect(200).json;
        assert_eq!((counts(&first), &first["applied"]), ([2, 0, 0], &json!(true)));
        let list = admin.get("/test-templates?q=hello").await.expect(200).json;
        let path = format!("/test-templates/{}", list["items"][0]["id"].as_str().unwrap());
        let made = admin.get(&path).await.expect(200).json;
        assert_eq!(made["executor"], "powershell");
        assert_eq!((&first["items"][0]["kind"], &first["items"][0]["id"]), (&json!("test_template"), &made["id"]), "{first}");
        assert_eq!(made["command"], "Write-Output #{who}");
        assert_eq!(made["cleanup"], "Clear-Host");
        assert_eq!(made["elevation_required"], true);
        assert_eq!(made["arguments"]["who"]["default"], "world");
        assert!(made["prerequisites"].as_str().unwrap().contains("A shell is there."), "{made}");
        assert_eq!(made["mitre_tags"][0]["external_id"], "T1059.001");

        let again = import(&admin, "atomic", "T1059.001.yaml", ATOMIC).await.expect(200).json;
        assert_eq!(counts(&again), [0, 0, 2]);
        assert_eq!(again["items"][0]["id"], made["id"], "what is left alone is named too");
        let newer = ATOMIC.replace("Says hello", "Greets");
        assert_eq!(counts(&import(&admin, "atomic", "T1059.001.yaml", &newer).await.expect(200).json), [0, 1, 1]);

        admin.edit(&path, json!({"objective": "ours"})).await.expect(200);
        let kept = import(&admin, "atomic", "T1059.001.yaml", ATOMIC).await.expect(200).json;
        assert_eq!((counts(&kept), codes(&kept, "warnings")), ([0, 0, 2], vec!["edited".to_owned()]));
        assert_eq!(admin.get(&path).await.expect(200).json["objective"], "ours");
    }
}

db_test! {
    async fn one_bad_item_stops_all_unless_what_is_good_is_asked_for(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let bad = ATOMIC.replace("name: manual", "name: telepathy");
        for path in ["atomic", "atomic?dry_run=true"] {
            let refused = import(&admin, path, "T1059.001.yaml", &bad).await.expect(422).json;
            assert_eq!(refused["errors"].as_array().unwrap().len(), 1, "{refused}");
            assert!(refused["errors"][0]["line"].as_u64().is_some_and(|line| line > 14), "{refused}");
            assert!(refused["errors"][0]["item"].as_str().unwrap().contains("Do it by hand"), "{refused}");
            assert_eq!(templates(&admin).await, 0);
        }
        let taken = import(&admin, "atomic?partial=true", "T1059.001.yaml", &bad).await.expect(200).json;
        assert_eq!((taken["created"].as_u64(), taken["errors"].as_array().unwrap().len()), (Some(1), 1));
        assert_eq!(templates(&admin).await, 1);
        import(&admin, "atomic", "x.yaml", "a: [").await.expect(422);
        import(&admin, "nonsense", "x.yaml", ATOMIC).await.expect(404);
    }
}

db_test! {
    async fn an_id_that_the_catalogue_lacks_is_kept_until_a_sync_brings_it(app: TestApp) {
        let admin = app.admin().await;
        let mut bundle = Bundle::small();
        admin.upload("/mitre/sync", "b.json", bundle.bytes(), &[("allow_unverified", "true")]).await.expect(200);
        let report = import(&admin, "atomic", "T1999.yaml", &ATOMIC.replace("T1059.001", "T1999")).await.expect(200).json;
        assert_eq!(report["created"], 2);
        assert!(codes(&report, "warnings").contains(&"unknown_technique".to_owned()), "{report}");
        let path = format!("/test-templates/{}", admin.get("/test-templates?q=hello").await.expect(200).json["items"][0]["id"].as_str().unwrap());
        let made = admin.get(&path).await.expect(200).json;
        assert_eq!((&made["mitre_tags"], made["unresolved_tags"].as_array().map(Vec::len)), (&json!([]), Some(1)), "{made}");
        bundle.patterns.push(pattern("T1999", "Quite new", &["execution"]));
        admin.upload("/mitre/sync", "b.json", bundle.bytes(), &[("allow_unverified", "true")]).await.expect(200);
        let made = admin.get(&path).await.expect(200).json;
        assert_eq!(made["mitre_tags"][0]["external_id"], "T1999", "{made}");
        assert_eq!(made["unresolved_tags"], json!([]));
    }
}

db_test! {
    async fn a_mission_freezes_ids_that_the_catalogue_lacks(app: TestApp) {
        let admin = app.admin().await;
        let mut bundle = Bundle::small();
        admin.upload("/mitre/sync", "b.json", bundle.bytes(), &[("allow_unverified", "true")]).await.expect(200);
        let rule = "title: Odd shell\nid: 5c5d5e5f-0000-4000-8000-000000000001\nstatus: test\nlevel: high\nlogsource: {product: windows}\ndetection: {a: {b: c}, condition: a}\ntags: [attack.t1999.001, attack.t1059, attack.t1998]\n";
        import(&admin, "sigma", "rule.yml", rule).await.expect(200);
        let template = admin.get("/test-templates?q=odd").await.expect(200).json["items"][0]["id"].as_str().unwrap().to_owned();
        for (filter, found) in [("technique=t1998", 1), ("technique=T1999", 1), ("subtechnique=T1999.001", 1), ("technique=T1059", 1), ("technique=T199", 0), ("subtechnique=T1999", 0), ("technique=%25", 0)] {
            assert_eq!(admin.get(&format!("/test-templates?{filter}")).await.expect(200).json["total"], found, "{filter}");
        }
        let scenario = admin.post("/scenario-templates", json!({"name": "S", "test_template_ids": [template, template]})).await.expect(201).id();
        let mission = admin.post("/missions", json!({"name": "M", "client": "C", "scenario_template_ids": [scenario]})).await.expect(201);
        let path = format!("/missions/{}", mission.id());
        let tags = |mission: &Value| -> Vec<Vec<[String; 3]>> {
            let of_test = |test: &Value| {
                let word = |tag: &Value, field: &str| tag[field].as_str().unwrap().to_owned();
                test["mitre_tags"].as_array().unwrap().iter().map(|tag| ["kind", "external_id", "name"].map(|field| word(tag, field))).collect()
            };
            mission["scenarios"][0]["tests"].as_array().unwrap().iter().map(of_test).collect()
        };
        let frozen = [["technique", "T1059", "Command and Scripting Interpreter"], ["subtechnique", "T1999.001", "T1999.001"], ["technique", "T1998", "T1998"]];
        let frozen = frozen.map(|tag| tag.map(str::to_owned)).to_vec();
        assert_eq!(tags(&mission.json), vec![frozen.clone(), frozen.clone()], "known ids first, then the others as they are written");
        let synthesis = admin.get(&format!("{path}/synthesis")).await.expect(200).json;
        let external_ids = |list: &Value| list.as_array().unwrap().iter().map(|t| t["external_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        let counted = external_ids(&synthesis["by_technique"]);
        assert!(["T1059", "T1998"].iter().all(|id| counted.iter().any(|own| own == id)), "{counted:?}");
        let unchanged = async || admin.get(&format!("{path}/drift")).await.expect(200).json["unchanged"].as_u64();
        assert_eq!(unchanged().await, Some(2), "what was frozen is no drift");
        let file = admin.get("/test-templates/export").await.expect(200).text;

        bundle.patterns.push(pattern("T1998", "Quite new", &["execution"]));
        admin.upload("/mitre/sync", "b.json", bundle.bytes(), &[("allow_unverified", "true")]).await.expect(200);
        assert_eq!(tags(&admin.get(&path).await.expect(200).json), vec![frozen.clone(), frozen], "a later sync rewrites no history");
        assert_eq!(unchanged().await, Some(2));

        app.sql("UPDATE test_templates SET deleted_at = created_at").await;
        let report = import(&admin, "templates", "t.json", &file).await.expect(200).json;
        assert_eq!(report["created"], 1, "{report}");
        let again = admin.get(&format!("/test-templates/{}", report["items"][0]["id"].as_str().unwrap())).await.expect(200).json;
        assert_eq!(again["unresolved_tags"], json!(["T1999.001"]), "the library's file carries them too");
        assert_eq!(external_ids(&again["mitre_tags"]), ["T1059", "T1998"]);
    }
}

db_test! {
    async fn vectr_becomes_a_completed_mission_that_counts_as_vectr_did(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let report = import(&admin, "vectr", "demo.csv", VECTR).await.expect(200).json;
        assert_eq!(report["created"], 1, "{report}");
        let list = admin.get("/missions").await.expect(200).json;
        assert_eq!(list["total"], 1);
        let path = format!("/missions/{}", list["items"][0]["id"].as_str().unwrap());
        let mission = admin.get(&path).await.expect(200).json;
        assert_eq!((mission["name"].as_str(), mission["status"].as_str()), (Some("2025 H1"), Some("completed")));
        assert_eq!((&report["items"][0]["kind"], &report["items"][0]["id"]), (&json!("mission"), &mission["id"]), "{report}");
        assert_eq!(each_name(&mission["scenarios"]), ["Phish", "Steal"]);
        assert_eq!(mission["counts"]["by_state"]["assessed"], 3);
        let outcomes = &mission["counts"]["by_outcome"];
        assert_eq!((&outcomes["prevented"], &outcomes["alerted"], &outcomes["missed"]), (&json!(1), &json!(1), &json!(1)), "{outcomes}");
        let synthesis = admin.get(&format!("{path}/synthesis")).await.expect(200).json;
        assert_eq!(synthesis["tests"], 3);
        // the Detection Time of what nobody detected is no time to detect
        assert_eq!(synthesis["times"]["detect"]["n"], 2, "{}", synthesis["times"]);
        assert_eq!(synthesis["times"]["detect"]["median_s"], 960);
        let tests = mission["scenarios"][1]["tests"].as_array().unwrap();
        assert_eq!(tests[0]["mitre_tags"], json!([]), "a row without an id is kept");

        let again = import(&admin, "vectr", "demo.csv", VECTR).await.expect(200).json;
        assert_eq!(counts(&again), [0, 0, 1], "{again}");
        assert_eq!(admin.get("/missions").await.expect(200).json["total"], 1);
    }
}

fn each_name(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

db_test! {
    async fn a_tool_log_fills_the_tests_that_it_names_once(app: TestApp) {
        let ex = Exercise::start(&app, 0).await;
        seed_catalogue(&app).await;
        import(&ex.admin, "atomic", "T1059.001.yaml", ATOMIC).await.expect(200);
        let template = ex.admin.get("/test-templates?q=hello").await.expect(200).json["items"][0]["id"].clone();
        let scenario = ex.admin.post("/scenario-templates", json!({"name": "Hello", "test_template_ids": [template]})).await.expect(201).id();
        let members = json!([{"user_id": ex.purple.id, "role_hint": "purple"}, {"user_id": ex.blue.id, "role_hint": "blue"}]);
        let made = ex.admin.post("/missions", json!({"name": "N", "client": "C", "scenario_template_ids": [scenario], "members": members})).await.expect(201);
        let mission = format!("/missions/{}", made.id());
        ex.admin.post(&format!("{mission}/transition"), json!({"to": "in_progress"})).await.expect(200);
        let test = format!("{mission}/tests/{}", made.json["scenarios"][0]["tests"][0]["id"].as_str().unwrap());
        let log = json!({"attire-version": "1.1",
            "execution-data": {"execution-id": "run-1", "execution-source": "us", "target": {"host": "ws1", "ip": "10.0.0.9", "user": "u"}},
            "procedures": [{"procedure-name": "Say hello", "procedure-id": {"type": "guid", "id": "0b5b1bc3-2a3c-4d5e-8f60-0a1b2c3d4e01"}, "mitre-technique-id": "T1059.001", "order": 1,
                "steps": [{"order": 1, "command": "Write-Output world", "executor": "powershell", "time-start": "2026-03-01T10:00:00Z", "time-stop": "2026-03-01T10:00:05Z", "output": [{"content": "world", "level": "STDOUT", "type": "console"}]}]}]}).to_string();
        let path = format!("attire?mission_id={}", made.id());
        import(&ex.blue, &path, "log.json", &log).await.expect(403);
        import(&ex.outsider, &path, "log.json", &log).await.expect(404);
        let dry = import(&ex.purple, &format!("{path}&dry_run=true"), "log.json", &log).await.expect(200).json;
        assert_eq!((counts(&dry), &dry["applied"]), ([0, 1, 0], &json!(false)));
        assert_eq!(ex.purple.get(&test).await.expect(200).json["state"], "planned");

        let report = import(&ex.purple, &path, "log.json", &log).await.expect(200).json;
        assert_eq!(counts(&report), [0, 1, 0], "{report}");
        let filled = ex.blue.get(&test).await.expect(200);
        assert_eq!((&report["items"][0]["kind"], &report["items"][0]["id"]), (&json!("mission_test"), &filled.json["id"]), "{report}");
        assert_eq!(filled.json["state"], "executed");
        assert_eq!(filled.json["target_host"], "ws1");
        assert!(filled.json["started_at"].as_str().unwrap().starts_with("2026-03-01T10:00:00"), "{}", filled.json);
        assert!(filled.json["output"].as_str().unwrap().contains("world"));
        let events = ex.purple.get(&format!("{mission}/events")).await.expect(200);
        assert!(each(&events, "kind").iter().any(|kind| kind == "test.state_changed"), "{:?}", each(&events, "kind"));
        assert_eq!(ex.purple.get(&mission).await.expect(200).json["counts"]["by_state"]["executed"], 1);

        let again = import(&ex.purple, &path, "log.json", &log).await.expect(200).json;
        assert_eq!(counts(&again), [0, 0, 1]);
        assert_eq!(ex.blue.get(&test).await.expect(200).header("etag"), filled.header("etag"), "the same execution-id changes nothing");

        let oplog = "oplog_id,start_date,end_date,source_ip,dest_ip,tool,user_context,command,description,output,comments,operator_name,entry_identifier,tags\n\
            1,2026-03-01 11:00:00,2026-03-01 11:01:00,10.0.0.1,10.0.0.2,pwsh,u,whoami,Say hello again,u,,Red,e-1,att&ck:T1059.001\n";
        let path = format!("ghostwriter?mission_id={}", made.id());
        assert_eq!(counts(&import(&ex.purple, &path, "oplog.csv", oplog).await.expect(200).json), [0, 1, 0]);
        assert_eq!(counts(&import(&ex.purple, &path, "oplog.csv", oplog).await.expect(200).json), [0, 0, 1]);
        assert!(ex.blue.get(&test).await.expect(200).json["command_run"].as_str().unwrap().contains("whoami"));
    }
}

db_test! {
    async fn every_other_kind_is_taken_once(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let layer = json!({"name": "Ours", "domain": "enterprise-attack", "versions": {"layer": "4.5", "navigator": "4.9.0"}, "techniques": [
            {"techniqueID": "T1086", "comment": "old id"}, {"techniqueID": "T1003.001"}, {"techniqueID": "T1021", "enabled": false}]}).to_string();
        let plan = "- emulation_plan_details:\n    id: 4a5b6c70-0000-4000-8000-000000000001\n    adversary_name: Nobody\n    adversary_description: made up\n    attack_version: 8\n    format_version: 1.0\n\
            - id: 4a5b6c70-0000-4000-8000-000000000002\n  name: Look around\n  description: Looks.\n  tactic: discovery\n  technique: {attack_id: T1059, name: x}\n  procedure_group: g\n  procedure_step: 1.A\n  platforms: {windows: {powershell: {command: whoami}}}\n";
        let rule = "title: Odd shell\nid: 5c5d5e5f-0000-4000-8000-000000000001\nstatus: test\nlevel: high\nlogsource: {product: windows}\ndetection: {a: {b: c}, condition: a}\ntags: [attack.t1059.001]\n";
        let campaign = json!([{"mitreid": "T1003.001", "tactic": "Credential Access", "name": "Dump it", "objective": "o", "actions": "a", "tools": [], "tags": []}]).to_string();
        for (kind, name, text, tests) in
            [("navigator", "layer.json", layer.as_str(), 2), ("emulation-plan", "plan.yaml", plan, 1), ("sigma", "rule.yml", rule, 1), ("purpleops", "campaign.json", &campaign, 1)]
        {
            let before = templates(&admin).await;
            let report = import(&admin, kind, name, text).await.expect(200).json;
            assert!(report["created"].as_u64().unwrap() >= tests, "{kind}: {report}");
            assert_eq!(templates(&admin).await, before + tests, "{kind}: {report}");
            let again = import(&admin, kind, name, text).await.expect(200).json;
            assert_eq!(again["created"], 0, "{kind}: {again}");
            import(&admin, kind, name, "\u{0}\u{1}").await.expect(422);
        }
        let rules = admin.get("/test-templates?q=odd").await.expect(200).json["items"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(admin.get(&format!("/test-templates/{rules}")).await.expect(200).json["detection_rules"].as_array().map(Vec::len), Some(1));
        let of_layer = admin.get("/scenario-templates?q=ours").await.expect(200).json;
        let of_layer = admin.get(&format!("/scenario-templates/{}", of_layer["items"][0]["id"].as_str().unwrap())).await.expect(200).json;
        let tags: Vec<&str> = of_layer["tests"].as_array().unwrap().iter().map(|t| t["test_template"]["mitre_tags"][0]["external_id"].as_str().unwrap()).collect();
        assert_eq!(tags, ["T1059.001", "T1003.001"], "a revoked id is followed to its successor");
    }
}

db_test! {
    async fn the_library_of_one_instance_goes_into_another(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let body = json!({"name": "Carried", "procedure": "p", "command": "run #{x}", "arguments": {"x": {"default": "1"}}, "mitre_tags": [{"kind": "technique", "external_id": "T1059"}]});
        let id = admin.post("/test-templates", body).await.expect(201).id();
        admin.post("/scenario-templates", json!({"name": "Carrier", "test_template_ids": [id, id]})).await.expect(201);
        let (tests, scenarios) = (admin.get("/test-templates/export").await.expect(200).text, admin.get("/scenario-templates/export").await.expect(200).text);
        app.sql("UPDATE test_templates SET deleted_at = created_at").await;
        app.sql("UPDATE scenario_templates SET deleted_at = created_at").await;
        assert_eq!(import(&admin, "templates", "t.json", &tests).await.expect(200).json["created"], 1);
        let report = import(&admin, "scenario", "s.json", &scenarios).await.expect(200).json;
        assert_eq!(report["errors"], json!([]), "{report}");
        assert_eq!(admin.get("/scenario-templates").await.expect(200).json["total"], 1);
        assert_eq!(templates(&admin).await, 1);
        assert_eq!(import(&admin, "templates", "t.json", &tests).await.expect(200).json["created"], 0);
    }
}

db_test! {
    async fn an_import_can_be_waited_for(app: TestApp) {
        let admin = app.admin().await;
        seed_catalogue(&app).await;
        let accepted = admin.upload_with("/imports/atomic", "a.yaml", ATOMIC.as_bytes().to_vec(), &[], &[("Prefer", "respond-async")]).await.expect(202).json;
        let report = finished(&admin, accepted["job_id"].as_str().unwrap()).await;
        assert_eq!(counts(&report), [2, 0, 0]);
        assert_eq!(templates(&admin).await, 2);
    }
}
