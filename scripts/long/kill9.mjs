// Kills the server with SIGKILL at random moments under load, again and again. After each: every answered write is there, no
// half mission, every file has its row and every row its file, the counters are those of the rows, the audit chain holds.
//   node scripts/long/kill9.mjs [ROUNDS]      TYRIAN_BIN: the release binary; TYRIAN_CHECK_DB: a PostgreSQL database, else SQLite
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const ROUNDS = Number(process.argv[2] ?? 100);
const BIN = process.env.TYRIAN_BIN;
const DB = process.env.TYRIAN_CHECK_DB;
const PASSWORD = "correct horse battery staple 9";
const WORKERS = 8;
const TESTS = 12;
if (!BIN) throw new Error("TYRIAN_BIN names the binary");

const folder = mkdtempSync(join(tmpdir(), "tyrian-kill9-"));
const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const base = `http://127.0.0.1:${port}`;
const key = "k".repeat(64);
let server;
let token;

async function start() {
  server = spawn(BIN, ["serve"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      TYRIAN_LISTEN: `127.0.0.1:${port}`,
      TYRIAN_DATA_DIR: join(folder, "data"),
      TYRIAN_SECRET_KEY: key,
      TYRIAN_RATE_LIMIT: "off",
      TYRIAN_LOG: "error",
      ...(DB ? { TYRIAN_DATABASE_URL: DB } : {}),
    },
  });
  const begun = performance.now();
  for (;;) {
    const ready = await fetch(`${base}/api/v1/diag/ready`).then((r) => r.status === 200, () => false);
    if (ready) return performance.now() - begun;
    if (performance.now() - begun > 30_000) throw new Error("the server did not come back");
    await sleep(20);
  }
}

async function kill() {
  const gone = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGKILL");
  await gone;
}

async function call(method, path, body, headers = {}) {
  const form = body instanceof FormData;
  const response = await fetch(`${base}/api/v1${path}`, {
    method,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body && !form ? { "content-type": "application/json" } : {}), ...headers },
    body: body && (form ? body : JSON.stringify(body)),
  });
  const text = await response.text();
  return { status: response.status, json: text.startsWith("{") ? JSON.parse(text) : null };
}

async function ok(method, path, body, headers) {
  const answer = await call(method, path, body, headers);
  if (answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.json)}`);
  return answer.json;
}

const signIn = async () => {
  token = undefined;
  token = (await ok("POST", "/auth/login", { email: "ada@example.test", password: PASSWORD, cookie: false })).access_token;
};

await start();
await ok("POST", "/setup", { email: "ada@example.test", display_name: "Ada", password: PASSWORD });
await signIn();
const me = (await ok("GET", "/auth/me")).id;
const templates = [];
for (let n = 0; n < TESTS; n++) templates.push((await ok("POST", "/test-templates", { name: `T${n}` })).id);
const scenario = (await ok("POST", "/scenario-templates", { name: "S", test_template_ids: templates })).id;
const live = await ok("POST", "/missions", { name: "Live", client: "C", scenario_template_ids: [scenario], members: [{ user_id: me, role_hint: "purple" }] });
await ok("POST", `/missions/${live.id}/transition`, { to: "in_progress" });
const tests = live.scenarios[0].tests.map((test) => test.id);
for (const id of tests) await ok("POST", `/missions/${live.id}/tests/${id}/state`, { to: "running" });

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

const faults = [];
const must = (fine, what) => fine || faults.push(what);

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
for (let round = 1; round <= ROUNDS && faults.length === 0; round++) {
  const stop = { done: false };
  const work = Array.from({ length: WORKERS }, (_, n) => worker(n, stop));
  await sleep(100 + Math.random() * 1400);
  stop.done = true;
  await kill();
  await Promise.all(work);
  starts.push(await start());
  await signIn();
  await check(round, round % 10 === 0 || round === ROUNDS);
}

// a file that a killed upload left goes by the sweep, an hour later; a row without a file would have failed above
const data = join(folder, "data");
const stored = (function walk(at) {
  return readdirSync(at).flatMap((name) => (statSync(join(at, name)).isDirectory() ? walk(join(at, name)) : [name]));
})(join(data, "evidence"));
await kill();
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
for (const fault of faults) console.log(`FAULT ${fault}`);
process.exit(faults.length ? 1 : 0);
