// PostgreSQL stops at once under load, stays away, and comes back; then all its connections are ended. Meanwhile: the process is
// alive and says that it is not ready, every request is a 503 with Retry-After within two seconds and never a 500. Afterwards: all
// is well within five seconds without a restart, no answered write is lost, streams go on where they were.
//   scripts/pg.sh run -- node scripts/long/gone.mjs [SECONDS]      TYRIAN_BIN: the release binary
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Faults, Follower, Instance, freePort } from "./instance.mjs";

const AWAY = Number(process.argv[2] ?? 20);
const pg = (act) => execFileSync(process.env.TYRIAN_TEST_PG_CTL, [act]).toString().trim();
const folder = mkdtempSync(join(tmpdir(), "tyrian-gone-"));
const tyrian = new Instance({ folder, port: await freePort(), env: { TYRIAN_DATABASE_URL: process.env.TYRIAN_TEST_PG } });
const faults = new Faults();
const must = (fine, what) => faults.must(fine, what);
await tyrian.start();
const mission = await tyrian.mission(8);
const follower = new Follower(() => tyrian, mission.id);

const promised = new Map();
const counted = {};
let stop = false;
let slowest = 0;
async function worker(n) {
  for (let k = 0; !stop; k++) {
    const text = `${n} ${k}`;
    try {
      const answer = k % 2 ? await tyrian.call("GET", "/missions?limit=50") : await tyrian.note(mission.id, mission.tests[n], text);
      counted[answer.status] = (counted[answer.status] ?? 0) + 1;
      if (answer.status === 200 && k % 2 === 0) promised.set(mission.tests[n], text);
      if (answer.status === 503) {
        slowest = Math.max(slowest, answer.ms);
        must(answer.headers.get("retry-after") && answer.headers.get("content-type") === "application/problem+json", "a 503 without Retry-After or not as a problem");
        await sleep(50);
      }
      must([200, 503].includes(answer.status), `${answer.status} ${JSON.stringify(answer.json)}`);
    } catch (error) {
      must(false, `a connection was lost: ${error.cause ?? error}`);
    }
  }
}
const load = mission.tests.map((_, n) => worker(n));
await sleep(2_000);

pg("stop");
const gone = performance.now();
await sleep(300);
while (performance.now() - gone < AWAY * 1_000) {
  const [alive, ready] = await Promise.all([tyrian.call("GET", "/diag/health"), tyrian.call("GET", "/diag/ready")]);
  must(alive.status === 200, `alive says ${alive.status}`);
  must(ready.status === 503, `ready says ${ready.status}`);
  must(ready.ms < 2_500, `ready took ${ready.ms} ms`);
  await sleep(250);
}
pg("start");
const back = performance.now();
const well = async () => (await tyrian.call("GET", "/diag/ready")).status === 200 && (await tyrian.call("GET", "/missions")).status === 200;
while (!(await well()) && performance.now() - back < 30_000) await sleep(50);
const after = performance.now() - back;
must(after < 5_000, `well ${Math.round(after)} ms after the return`);
must(slowest < 2_500, `a refusal took ${Math.round(slowest)} ms`);
const away = { ...counted };
must(away[503] > 0, "nothing was refused while PostgreSQL was away");

await sleep(2_000);
let ended = 0;
for (let n = 0; n < 10; n++) {
  ended += Number(pg("terminate"));
  await sleep(300);
}
const again = performance.now();
while (!(await well()) && performance.now() - again < 30_000) await sleep(50);
must(performance.now() - again < 5_000, "well again after all connections were ended");
await sleep(500);
stop = true;
await Promise.all(load);

for (const [test, text] of promised) {
  const now = (await tyrian.ok("GET", `/missions/${mission.id}/tests/${test}`)).red_notes;
  const [n, k] = text.split(" ").map(Number);
  // a save whose answer was a 503 may have been done
  must(now === text || Number(now?.split(" ")[1]) > k, `the note of ${n} is ${now}, answered was ${text}`);
}
const events = (await tyrian.ok("GET", `/missions/${mission.id}/events?limit=1`)).items[0];
const last = events.sequence ?? events.id;
for (let n = 0; n < 100 && follower.seen.at(-1) < last; n++) await sleep(100);
must(follower.seen.every((id, at) => at === 0 || id === follower.seen[at - 1] + 1), "the stream missed or doubled an event");
must(follower.seen.length > 10, `the stream told ${follower.seen.length} events`);
must((await tyrian.ok("GET", "/audit-events/verify")).ok, "the audit log is not whole");
await follower.stop();
await tyrian.end("SIGTERM");
rmSync(folder, { recursive: true, force: true });
console.log(`PostgreSQL away for ${AWAY} s under load: ${away[503]} refusals, the slowest after ${Math.round(slowest)} ms; well ${Math.round(after)} ms after its return. ${ended} connections ended in 10 rounds. ${JSON.stringify(counted)}; ${follower.seen.length} events, ${follower.reconnects} reconnects.`);
faults.end();
