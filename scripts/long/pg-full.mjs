// No room for PostgreSQL under load: first for its data, then for its log. Without room for data every change that needs some is
// refused as a 503 or 507 with the reason, never a 500, and reading goes on. Without room for the log PostgreSQL panics, and may not
// come up again by itself: the instance is alive and not ready, and every request is a 503 with Retry-After. Once there is room, and
// PostgreSQL was started again if it is down, all is well within five seconds without a restart of the instance: whatever was
// answered is there, no mission is half there, the audit log is whole.
//   TYRIAN_TEST_PG_MIB=160 scripts/pg.sh run -- node scripts/long/pg-full.mjs      TYRIAN_BIN: the release binary; as root
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { empty, fill, underLoad, untilWell } from "./instance.mjs";

const { TYRIAN_TEST_PG: database, TYRIAN_TEST_PG_CTL: ctl, TYRIAN_TEST_PG_DATA: data, TYRIAN_TEST_PG_WAL: wal } = process.env;
if (!data || !wal) {
  console.log("skipped: no small file system could be mounted for PostgreSQL");
  process.exit(0);
}
/** Runs a command of the cluster; whether it worked. */
const pg = (...act) => {
  try {
    execFileSync(ctl, act, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};
const answers = () => pg("sql", "SELECT 1");

const { tyrian, faults, must, mission, load, end } = await underLoad("pg-full", database, 6);
const templates = new Set();
const missions = new Set([mission.id]);
let refusals = {};
let refusedMissions = 0;
/** A big template, and every so often a mission; whether either was refused. */
async function write(n) {
  let refused = false;
  const took = async (what, path, body, kept) => {
    const made = await tyrian.call("POST", path, body);
    if (made.status === 201) return kept.add(made.json.id);
    refused = true;
    refusals[made.status] = (refusals[made.status] ?? 0) + 1;
    refusedMissions += path === "/missions";
    must([503, 507].includes(made.status), `${what}: ${made.status} ${JSON.stringify(made.json)}`);
    must(made.headers.get("content-type") === "application/problem+json", `${what}: no problem`);
    must(made.headers.get("retry-after"), `${what}: no Retry-After`);
  };
  await took("a template", "/test-templates", { name: `full ${n}`, procedure: randomBytes(70_000).toString("base64") }, templates);
  if (n % 5 === 0) await took("a mission", "/missions", { name: `full ${n}`, client: "C", scenario_template_ids: [mission.scenario] }, missions);
  return refused;
}
await sleep(1_000);
for (let n = 0; n < 10; n++) await write(n);
must(Object.keys(refusals).length === 0, `refused while there is room: ${JSON.stringify(refusals)}`);

// no room for data
fill(data);
for (let n = 0, seen = 0; n < 200 && seen < 40; n++) seen += await write(n);
const count = Object.values(refusals).reduce((a, b) => a + b, 0);
must(count >= 40 && refusedMissions > 0, `little was refused without room for data: ${JSON.stringify(refusals)}, ${refusedMissions} missions`);
for (const path of ["/missions", `/missions/${mission.id}`, `/missions/${mission.id}/synthesis`, "/test-templates", "/audit-events"]) {
  const read = await tyrian.call("GET", path);
  must(read.status === 200, `${path} without room for data: ${read.status}`);
}
const login = await tyrian.call("POST", "/auth/login", { email: "ada@example.test", password: "wrong wrong wrong wrong", cookie: false });
must([401, 503, 507].includes(login.status), `a sign-in without room for data: ${login.status}`);
must((await tyrian.call("GET", "/diag/health")).status === 200, "it is not alive without room for data");
must(answers(), "PostgreSQL is down without room for data");
const noData = { ...refusals };
empty(data);
const first = await untilWell(tyrian);
must(first < 5_000, `well ${Math.round(first)} ms after there is room for data`);
must(!(await write(5)), "a change is refused once there is room for data");

// no room for its log
refusals = {};
fill(wal);
const begun = performance.now();
for (let n = 0; n < 5_000 && performance.now() - begun < 60_000 && !(await write(n)); n++);
const panicked = (performance.now() - begun) / 1_000;
must(Object.keys(refusals).length > 0, "nothing was refused without room for the log");
const since = performance.now();
let looks = 0;
let down = 0;
while (looks < 10 || performance.now() - since < 8_000) {
  const [alive, ready] = await Promise.all([tyrian.call("GET", "/diag/health"), tyrian.call("GET", "/diag/ready")]);
  must(alive.status === 200, `alive says ${alive.status} without room for the log`);
  // PostgreSQL may come up for a moment and fall again
  must([200, 503].includes(ready.status) && ready.ms < 2_500, `ready says ${ready.status} after ${Math.round(ready.ms)} ms`);
  looks++;
  down += ready.status === 503;
  await write(looks);
  await sleep(200);
}
must(down > 0, "PostgreSQL never fell: the test shows nothing");
empty(wal);
// it tries by itself, or has given up
for (let n = 0; n < 30 && !answers(); n++) await sleep(100);
const byItself = answers();
if (!byItself) must(pg("start"), "PostgreSQL does not start again");
const after = await untilWell(tyrian);
must(after < 5_000, `well ${Math.round(after)} ms after there is room for the log`);
must(!(await write(5)), "a change is refused once there is room for the log");

await sleep(1_000);
for (const id of templates) must((await tyrian.call("GET", `/test-templates/${id}`)).status === 200, `the template ${id} was answered and is lost`);
for (const id of missions) must((await tyrian.call("GET", `/missions/${id}`)).status === 200, `the mission ${id} was answered and is lost`);
const all = (await tyrian.ok("GET", "/missions?limit=200")).items;
for (const { id } of all) {
  const detail = await tyrian.ok("GET", `/missions/${id}`);
  const tests = detail.scenarios.flatMap((scenario) => scenario.tests);
  must(detail.scenarios.length === 1 && tests.length === mission.tests.length, `the mission ${id} has ${detail.scenarios.length} scenarios and ${tests.length} tests`);
}
await end();
console.log(`PostgreSQL without room under load: for data, refusals ${JSON.stringify(noData)} (${refusedMissions} missions), well ${Math.round(first)} ms after; for its log, it fell after ${panicked.toFixed(1)} s, not ready at ${down} of ${looks} looks, refusals ${JSON.stringify(refusals)}, ${byItself ? "came back by itself" : "was started again"}, well ${Math.round(after)} ms after. ${templates.size} templates and ${missions.size} of ${all.length} missions were answered, all are there and whole. ${JSON.stringify(load.counted)}.`);
faults.end();
