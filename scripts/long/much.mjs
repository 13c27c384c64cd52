// 100,000 tests in 500 missions through a backup and a restore onto the other engine, both ways: every row of every table is the same by the
// hash of its table, which is made here and not by the binary. Prints times and the memory of each process at its largest.
//   scripts/pg.sh run -- node scripts/long/much.mjs [MISSIONS]      TYRIAN_BIN: the release binary
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Faults, Instance, freePort } from "./instance.mjs";
import { Zip, different } from "./zip.mjs";

const MISSIONS = Number(process.argv[2] ?? 500);
const TESTS = 200;
/** MiB that a backup and a restore may take, whatever there is. */
const LARGEST = 256;
const faults = new Faults();
const must = (fine, what) => faults.must(fine, what);
const folder = mkdtempSync(join(tmpdir(), "tyrian-much-"));
const ctl = (...args) => execFileSync(process.env.TYRIAN_TEST_PG_CTL, ["sql", ...args], { maxBuffer: 1 << 28 }).toString().trim();
async function instance(name, database) {
  mkdirSync(join(folder, name));
  const url = new URL(process.env.TYRIAN_TEST_PG);
  url.pathname = `/${database}`;
  if (database) ctl(`CREATE DATABASE ${database}`);
  return new Instance({ folder: join(folder, name), port: await freePort(), env: database ? { TYRIAN_DATABASE_URL: url.href } : {} });
}

/** What a mission is made of, parents first. */
const COPIED = ["missions", "mission_members", "mission_scenarios", "mission_categories", "mission_tests", "mission_test_mitre_tags", "mission_test_detections", "mission_comments", "mission_events"];

/** Copies all missions with everything in them so many times, every row with ids and texts of its own. */
function multiply(database, times) {
  const list = COPIED.map((table) => `'${table}'`).join();
  const own = ctl(
    `SELECT c.relname || ' ' || a.attname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1] WHERE k.contype = 'f' AND c.relname IN (${list}) AND f.relname IN (${list})
     UNION SELECT table_name || ' id' FROM information_schema.columns WHERE table_name IN (${list}) AND column_name = 'id' AND data_type = 'uuid'`,
    database,
  ).split("\n");
  const texts = { missions: ["name", "client", "objectives"], mission_tests: ["name", "red_notes"], mission_comments: ["body"] };
  for (const table of COPIED) {
    const ids = own.filter((line) => line.startsWith(`${table} `)).map((line) => line.split(" ")[1]);
    const set = [...ids.map((column) => `'${column}', md5(m.${column}::text || n)::uuid`), ...(texts[table] ?? []).map((column) => `'${column}', m.${column} || ' ' || n`)];
    ctl(`INSERT INTO ${table} SELECT (jsonb_populate_record(m, jsonb_build_object(${set.join()}))).* FROM ${table} m, generate_series(1, ${times}) n`, database);
  }
}

const figures = [];
/** A command of the binary, its time and its memory. */
async function measured(tyrian, what, ...args) {
  const done = await tyrian.command(...args);
  must(done.code === 0, `${what}: ${done.code} ${done.text}`);
  must(done.mib > 1 && done.mib < LARGEST, `${what} took ${Math.round(done.mib)} MiB`);
  figures.push(`${what} ${(done.ms / 1000).toFixed(1)} s, ${Math.round(done.mib)} MiB`);
  return done;
}
async function backedUp(tyrian, what, name) {
  const file = join(folder, name);
  await measured(tyrian, what, "backup", file);
  const zip = new Zip(file);
  const hashes = zip.hashes("tables/");
  const heads = Object.fromEntries(Object.keys(hashes).map((table) => {
    const bytes = zip.bytes(table);
    return [table.slice("tables/".length, -".jsonl".length), JSON.parse(bytes.toString("utf8", 0, bytes.indexOf(10))).map((column) => column.name)];
  }));
  zip.close();
  return { file, hashes, heads };
}

const source = await instance("source", "much");
const sqlite = await instance("sqlite");
const postgres = await instance("postgres", "again");
try {
  await source.start();
  // a catalogue of one technique, so that tests have tags
  const reference = (id) => [{ source_name: "mitre-attack", external_id: id, url: `https://attack.mitre.org/${id}` }];
  const bundle = { type: "bundle", id: "bundle--1", objects: [
    { type: "x-mitre-collection", id: "x-mitre-collection--1", name: "Enterprise ATT&CK", x_mitre_version: "1.0" },
    { type: "x-mitre-matrix", id: "x-mitre-matrix--1", name: "Enterprise ATT&CK", external_references: reference("enterprise-attack"), tactic_refs: ["x-mitre-tactic--1"] },
    { type: "x-mitre-tactic", id: "x-mitre-tactic--1", name: "Execution", x_mitre_shortname: "execution", external_references: reference("TA0002") },
    { type: "attack-pattern", id: "attack-pattern--1", name: "PowerShell", external_references: reference("T1059"), kill_chain_phases: [{ kill_chain_name: "mitre-attack", phase_name: "execution" }], x_mitre_platforms: ["Windows"], x_mitre_is_subtechnique: false },
  ] };
  await source.ok("POST", "/setup", { email: "ada@example.test", display_name: "Ada", password: "correct horse battery staple 9" });
  await source.signIn();
  const form = new FormData();
  form.set("file", new Blob([JSON.stringify(bundle)]), "bundle.json");
  form.set("allow_unverified", "true");
  await source.ok("POST", "/mitre/sync", form);
  const tags = [{ kind: "technique", external_id: "T1059" }];
  const templates = [];
  for (let n = 0; n < TESTS; n++) {
    const text = `Prüfung ${n}: „Wer \\ schaut zu?“\n${"what this test does ".repeat(10)}`;
    templates.push((await source.ok("POST", "/test-templates", { name: `T${n}`, objective: text, procedure: text, mitre_tags: tags, platforms: ["Windows"] })).id);
  }
  const scenario = (await source.ok("POST", "/scenario-templates", { name: "S", test_template_ids: templates })).id;
  const me = (await source.ok("GET", "/auth/me")).id;
  const mission = await source.ok("POST", "/missions", { name: "Much", client: "C", objectives: "o\u00a0o", scenario_template_ids: [scenario], members: [{ user_id: me, role_hint: "purple" }] });
  await source.ok("POST", `/missions/${mission.id}/transition`, { to: "in_progress" });
  const tool = (await source.ok("POST", "/defence-tools", { name: "Falcon", kind: "EDR" })).id;
  const category = (await source.ok("POST", `/missions/${mission.id}/categories`, { name: "Endpoint" })).id;
  const tests = mission.scenarios[0].tests.map((test) => `/missions/${mission.id}/tests/${test.id}`);
  for (const [n, test] of tests.entries()) {
    if (n % 4 === 3) continue;
    for (const to of ["running", "executed"]) await source.ok("POST", `${test}/state`, { to });
    await source.ok("PATCH", test, { red_notes: `notes of ${n} 🙂`, logged: "yes", category_id: category, finding_status: "open", recommendation: "**do**" }, { "if-match": "*" });
    await source.ok("POST", `${test}/detections`, { defence_tool_id: tool, kind: "logged", result: "yes", notes: `seen ${n}` });
    await source.ok("POST", `/missions/${mission.id}/comments`, { body: `said of ${n}`, mission_test_id: mission.scenarios[0].tests[n].id });
  }
  multiply("much", MISSIONS - 1);
  ctl("ANALYZE", "much");
  const count = (table, database = "much") => Number(ctl(`SELECT count(*) FROM ${table}`, database));
  must(count("mission_tests") === MISSIONS * TESTS, `${count("mission_tests")} tests`);

  const first = await backedUp(source, "backup of PostgreSQL", "first.zip");
  const bytes = statSync(first.file).size;
  // what a table holds is asked of PostgreSQL itself
  const tables = ctl("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name <> 'seaql_migrations'", "much").split("\n");
  must(tables.sort().join() === Object.keys(first.heads).sort().join(), `the backup has other tables: ${different(Object.fromEntries(tables.map((t) => [t, 1])), Object.fromEntries(Object.keys(first.heads).map((t) => [t, 1])))}`);
  let rows = 0;
  for (const table of tables) {
    const columns = ctl(`SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '${table}'`, "much").split("\n");
    must(columns.sort().join() === [...(first.heads[table] ?? [])].sort().join(), `${table} has other columns in the backup`);
    const held = Number(first.hashes[`tables/${table}.jsonl`]?.split(" ")[1]);
    // signing in goes on
    must(held === count(table), `${table} has ${count(table)} rows, ${held} in the backup`);
    rows += held;
  }
  await source.end("SIGTERM");

  await measured(sqlite, "restore onto SQLite", "restore", first.file);
  const second = await backedUp(sqlite, "backup of SQLite", "second.zip");
  must(different(first.hashes, second.hashes).length === 0, `on SQLite these tables differ: ${different(first.hashes, second.hashes)}`);
  await measured(postgres, "restore onto PostgreSQL", "restore", second.file);
  const third = await backedUp(postgres, "backup of it", "third.zip");
  must(different(first.hashes, third.hashes).length === 0, `back on PostgreSQL these tables differ: ${different(first.hashes, third.hashes)}`);
  for (const table of tables) must(count(table) === count(table, "again"), `${table} has ${count(table, "again")} rows on PostgreSQL again`);

  for (const target of [sqlite, postgres]) {
    await target.start();
    await target.signIn();
    must((await target.ok("GET", "/missions")).total === MISSIONS, "not all missions are listed");
    const one = (await target.ok("GET", "/missions?limit=1")).items[0];
    must((await target.ok("GET", `/missions/${one.id}/synthesis`)).counts !== null, "no synthesis");
    must((await target.ok("GET", "/audit-events/verify")).ok, "the audit log is not whole");
    await target.end("SIGTERM");
  }
  console.log(`${MISSIONS * TESTS} tests in ${MISSIONS} missions, ${rows} rows of ${tables.length} tables in ${(bytes / (1 << 20)).toFixed(1)} MiB, the same by hash on both engines: ${figures.join("; ")}.`);
} finally {
  for (const one of [source, sqlite, postgres]) if (one.server) await one.end();
  rmSync(folder, { recursive: true, force: true });
}
faults.end();
