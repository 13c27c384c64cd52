// Kills the server with SIGKILL at random moments under load, again and again. After each: every answered write is there, no
// half mission, every file has its row and every row its file, the counters are those of the rows, the audit chain holds.
//   node scripts/long/kill9.mjs [ROUNDS]      TYRIAN_BIN: the release binary; TYRIAN_CHECK_DB: a PostgreSQL database, else SQLite
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Faults, Instance, freePort } from "./instance.mjs";

const ROUNDS = Number(process.argv[2] ?? 100);
const DB = process.env.TYRIAN_CHECK_DB;
const WORKERS = 8;
const TESTS = 12;

const folder = mkdtempSync(join(tmpdir(), "tyrian-kill9-"));
const tyrian = new Instance({ folder, port: await freePort(), env: DB ? { TYRIAN_DATABASE_URL: DB } : {} });
const call = tyrian.call.bind(tyrian);
const ok = tyrian.ok.bind(tyrian);
await tyrian.start();
const { tests, scenario, ...live } = await tyrian.mission(TESTS);

/** What the server has answered for: it must be there for good. */
const promised = { templates: new Set(), missions: new Set(), evidence: new Map(), notes: new Map() };
let answered = 0;
let refused = 0;

async function worker(number, stop) {
  for (let n = 0; !stop.done; n++) {
    try {
      const what = (n + number) % 4;
      if (what === 0) {
        const made = await call("POST", "/test-templates", { name: `K${number}.${n}` }, { "idempotency-key": randomBytes(12).toString("hex") });
        if (made.status === 201) promised.templates.add(made.json.id);
        else refused++;
      } else if (what === 1) {
        const made = await call("POST", "/missions", { name: `M${number}.${n}`, client: "C", scenario_template_ids: [scenario] });
        if (made.status === 201) promised.missions.add(made.json.id);
        else refused++;
      } else if (what === 2) {
        // each worker has a test of its own, so that the last answered text is the one that must be there, or a later one
        const test = tests[number];
        const path = `/missions/${live.id}/tests/${test}`;
        const now = await call("GET", path);
        const text = `${number} ${n} ${Date.now()}`;
        const before = promised.notes.get(test) ?? { answered: null, open: [] };
        before.open.push(text);
        promised.notes.set(test, before);
        const saved = await call("PATCH", path, { red_notes: text }, { "if-match": `"${now.json.version}"` });
        if (saved.status === 200) promised.notes.set(test, { answered: text, open: [] });
        else refused++;
      } else {
        const bytes = randomBytes(20_000 + ((n * 7919) % 100_000));
        const form = new FormData();
        form.set("side", "red");
        form.set("file", new Blob([bytes]), `e${n}.bin`);
        const added = await call("POST", `/missions/${live.id}/tests/${tests[number]}/evidence`, form);
        if (added.status === 201) promised.evidence.set(added.json.id, createHash("sha256").update(bytes).digest("hex"));
        else refused++;
      }
      answered++;
    } catch {
      if (stop.done) return;
      await sleep(5);
    }
  }
}

const faults = new Faults();
const must = (fine, what) => faults.must(fine, what);

async function check(round, whole) {
  for (const id of promised.templates) must((await call("GET", `/test-templates/${id}`)).status === 200, `round ${round}: template ${id} is lost`);
  for (const id of promised.missions) {
    const mission = await call("GET", `/missions/${id}`);
    must(mission.status === 200, `round ${round}: mission ${id} is lost`);
    must(mission.json?.scenarios[0]?.tests.length === TESTS && mission.json.counts.tests === TESTS, `round ${round}: mission ${id} is half`);
  }
  // what was not answered may be there or not, but never in part
  const list = (await ok("GET", "/missions?limit=200")).items;
  for (const mission of list) must(mission.counts.tests === TESTS, `round ${round}: mission ${mission.id} has ${mission.counts.tests} tests`);
  for (const [test, { answered: text, open }] of promised.notes) {
    const now = (await ok("GET", `/missions/${live.id}/tests/${test}`)).red_notes;
    must(now === text || open.includes(now), `round ${round}: the note of ${test} is ${now}, answered was ${text}`);
    promised.notes.set(test, { answered: now, open: [] });
  }
  for (const [id, hash] of promised.evidence) {
    const meta = await call("GET", `/evidence/${id}`);
    must(meta.status === 200 && meta.json.sha256 === hash, `round ${round}: evidence ${id} is lost or changed`);
  }
  const files = await ok("GET", `/missions/${live.id}/evidence/verify`);
  must(files.ok, `round ${round}: files are missing or changed: ${JSON.stringify(files.damaged)}`);
  if (whole) {
    const audit = await ok("GET", "/audit-events/verify");
    must(audit.ok, `round ${round}: the audit log: ${JSON.stringify(audit.faults)}`);
    const mission = await ok("GET", `/missions/${live.id}`);
    const states = {};
    for (const test of mission.scenarios[0].tests) states[test.state] = (states[test.state] ?? 0) + 1;
    for (const [state, n] of Object.entries(mission.counts.by_state)) must((states[state] ?? 0) === n, `round ${round}: ${n} tests are counted as ${state}, ${states[state] ?? 0} are`);
  }
  // what was checked holds from here on: only the newest are asked again
  promised.templates.clear();
  promised.missions.clear();
  promised.evidence.clear();
}

const starts = [];
for (let round = 1; round <= ROUNDS && faults.list.length === 0; round++) {
  const stop = { done: false };
  const work = Array.from({ length: WORKERS }, (_, n) => worker(n, stop));
  await sleep(100 + Math.random() * 1400);
  stop.done = true;
  await tyrian.end();
  await Promise.all(work);
  starts.push(await tyrian.start());
  await tyrian.signIn();
  await check(round, round % 10 === 0 || round === ROUNDS);
}

// a file that a killed upload left goes by the sweep, an hour later; a row without a file would have failed above
const data = join(folder, "data");
const stored = (function walk(at) {
  return readdirSync(at).flatMap((name) => (statSync(join(at, name)).isDirectory() ? walk(join(at, name)) : [name]));
})(join(data, "evidence"));
await tyrian.end();
if (!DB) {
  // either of two programs that read SQLite; Python is on every Debian
  const python = "import sqlite3,sys; print('|'.join(str(r) for q in sys.argv[2:] for r in sqlite3.connect(sys.argv[1]).execute(q).fetchall()))";
  const queries = ["PRAGMA integrity_check", "PRAGMA foreign_key_check", "SELECT count(*) FROM evidence_files"];
  const asked = spawnSync("python3", ["-c", python, join(data, "tyrian.db"), ...queries], { encoding: "utf8" });
  if (asked.status === 0) {
    const [whole, ...rest] = asked.stdout.trim().split("|");
    must(whole === "('ok',)", `PRAGMA integrity_check: ${whole}`);
    must(rest.length === 1, `PRAGMA foreign_key_check: ${rest}`);
    console.log(`${stored.length} files in the storage, rows: ${rest.at(-1)}`);
  } else {
    console.log("skipped: there is no python3, so the database file itself was not checked");
  }
}
rmSync(folder, { recursive: true, force: true });
starts.sort((a, b) => a - b);
console.log(`${DB ? "PostgreSQL" : "SQLite"}: ${starts.length} kills under load, ${answered} answers, ${refused} refusals, ready again after ${Math.round(starts[starts.length >> 1])} ms (median), ${Math.round(starts.at(-1))} ms at most`);
faults.end();
