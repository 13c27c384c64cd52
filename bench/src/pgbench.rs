//! The statements of a change of a test alone, by pgbench: what PostgreSQL gives without a server in front of it.

use std::path::Path;
use std::process::Command;

use crate::data::{CALLER, Kind, id, open_tests, status, test_no};
use crate::server::run;

/// The script: every client has a mission and a test of its own, named by its number.
fn script(missions: u64, clients: usize) -> String {
    let (s, p) = open_tests().first().copied().unwrap_or_default();
    let own: Vec<u64> = (1..=missions).filter(|n| status(*n) == "in_progress").take(clients).collect();
    let rows = own.iter().map(|n| format!("({},'{}'::uuid,'{}'::uuid)", n, id(Kind::Mission, *n), id(Kind::Test, test_no(*n, s, p))));
    let rows = rows.collect::<Vec<_>>().join(",");
    let caller = id(Kind::User, CALLER);
    format!(
        "SELECT m AS mission, t AS test FROM (VALUES {rows}) v(n, m, t) OFFSET :client_id LIMIT 1 \\gset\n\
         BEGIN;\n\
         UPDATE missions SET content_version = content_version + 1, event_sequence = event_sequence + 1 WHERE id = :mission::uuid;\n\
         UPDATE mission_tests SET source_host = 'host-' || version, version = version + 1, updated_at = now() WHERE id = :test::uuid;\n\
         INSERT INTO mission_events (id, mission_id, sequence, at, actor_id, kind, mission_test_id, disclosed, payload) SELECT \
         gen_random_uuid(), id, event_sequence, now(), '{caller}', 'test.updated', :test::uuid, TRUE, '{{\"fields\": [\"source_host\"]}}' \
         FROM missions WHERE id = :mission::uuid;\n\
         INSERT INTO audit_heads (stream, sequence, hash) VALUES (:mission::text, 1, '') ON CONFLICT (stream) DO UPDATE SET sequence = \
         audit_heads.sequence + 1;\n\
         INSERT INTO audit_events (id, stream, sequence, at, actor_id, action, object_kind, object_id, detail, hash) SELECT \
         gen_random_uuid(), stream, sequence, now(), '{caller}', 'mission_test.update', 'mission_test', :test::text, \
         '{{\"fields\": [\"source_host\"]}}', hash FROM audit_heads WHERE stream = :mission::text;\n\
         UPDATE audit_heads SET hash = repeat('0', 64) WHERE stream = :mission::text;\n\
         COMMIT;\n\
         SELECT * FROM mission_tests WHERE id = :test::uuid;\n"
    )
}

/// Changes a second with so many clients; none where pgbench is absent.
pub fn patches(url: &str, folder: &Path, missions: u64, clients: usize, seconds: f64) -> anyhow::Result<Option<f64>> {
    let file = folder.join("patch.sql");
    std::fs::write(&file, script(missions, clients))?;
    let mut command = Command::new("pgbench");
    let (count, whole) = (clients.to_string(), seconds.ceil().to_string());
    command.args(["-n", "-M", "prepared", "-c", &count, "-j", "2", "-T", &whole, "-f"]).arg(&file).arg(url);
    if Command::new("pgbench").arg("--version").output().is_err() {
        return Ok(None);
    }
    let output = run(command)?;
    Ok(output.lines().find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok()))
}
