// PostgreSQL stops at once under load, stays away, and comes back; then all its connections are ended. Meanwhile: the process is
// alive and says that it is not ready, every request is a 503 with Retry-After within two seconds and never a 500. Afterwards: all
// is well within five seconds without a restart, no answered write is lost, streams go on where they were.
//   scripts/pg.sh run -- node scripts/long/gone.mjs [SECONDS]      TYRIAN_BIN: the release binary
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { underLoad, untilWell } from "./instance.mjs";

const AWAY = Number(process.argv[2] ?? 20);
const pg = (act) => execFileSync(process.env.TYRIAN_TEST_PG_CTL, [act]).toString().trim();
const { tyrian, faults, must, follower, load, end } = await underLoad("gone", process.env.TYRIAN_TEST_PG, 8);
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
const after = await untilWell(tyrian, back);
must(after < 5_000, `well ${Math.round(after)} ms after the return`);
must(load.slowest < 2_500, `a refusal took ${Math.round(load.slowest)} ms`);
const [away, slowest] = [{ ...load.counted }, load.slowest];
must(away[503] > 0, "nothing was refused while PostgreSQL was away");

await sleep(2_000);
let ended = 0;
for (let n = 0; n < 10; n++) {
  ended += Number(pg("terminate"));
  await sleep(300);
}
must((await untilWell(tyrian)) < 5_000, "well again after all connections were ended");
await sleep(500);
await end();
console.log(`PostgreSQL away for ${AWAY} s under load: ${away[503]} refusals, the slowest after ${Math.round(slowest)} ms; well ${Math.round(after)} ms after its return. ${ended} connections ended in 10 rounds. ${JSON.stringify(load.counted)}; ${follower.seen.length} events, ${follower.reconnects} reconnects.`);
faults.end();
