// What stands between the server and PostgreSQL stops to carry anything, without closing a connection: nobody is told, and whoever
// waits would wait without end. Meanwhile the instance is alive and says within two and a half seconds that it is not ready, and
// every request ends, as a 503 with Retry-After. Afterwards all is well within five seconds without a restart, and no answered
// write is lost.
//   scripts/pg.sh run -- node scripts/long/stalled.mjs [SECONDS]      TYRIAN_BIN: the release binary
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, underLoad, untilWell } from "./instance.mjs";

const STALLED = Number(process.argv[2] ?? 20);
/** Until a request that waits is ended: a question a second, which may take four. */
const BOUND = 6_000;

const url = new URL(process.env.TYRIAN_TEST_PG);
const target = Number(url.port);
const sockets = new Set();
let stalled = false;
function carry(from, to) {
  sockets.add(from);
  from.on("data", (bytes) => {
    if (to.write(bytes)) return;
    from.pause();
    to.once("drain", () => stalled || from.resume());
  });
  from.on("error", () => {});
  from.on("close", () => {
    sockets.delete(from);
    to.destroy();
  });
  if (stalled) from.pause();
}
const proxy = createServer((near) => {
  const far = connect(target, "127.0.0.1");
  carry(near, far);
  carry(far, near);
});
url.port = await freePort();
await new Promise((resolve) => proxy.listen(Number(url.port), "127.0.0.1", resolve));

const { tyrian, faults, must, mission, follower, load, end } = await underLoad("stalled", url.href, 12);
await sleep(2_000);
must(load.longest < 2_000, `a request took ${load.longest} ms before`);

stalled = true;
for (const socket of sockets) socket.pause();
const begun = performance.now();
const before = { ...load.counted };
let looks = 0;
while (performance.now() - begun < STALLED * 1_000) {
  const look = (path) => Promise.race([tyrian.call("GET", path), sleep(5_000, { status: "nothing", ms: 5_000 })]);
  const [alive, ready] = await Promise.all([look("/diag/health"), look("/diag/ready")]);
  must(alive.status === 200 && alive.ms < 500, `alive says ${alive.status} after ${Math.round(alive.ms)} ms`);
  must(ready.status === 503, `ready says ${ready.status}`);
  must(ready.ms < 2_500, `ready took ${Math.round(ready.ms)} ms`);
  looks++;
  await sleep(250);
}
const worked = load.counted[200] - before[200];
const refused = (load.counted[503] ?? 0) - (before[503] ?? 0);
// what was on its way back when it stopped
must(worked <= mission.tests.length, `${worked} requests worked through nothing`);
must(refused > mission.tests.length, `${refused} requests were refused`);
stalled = false;
for (const socket of sockets) socket.resume();
const after = await untilWell(tyrian);
must(after < 5_000, `well ${Math.round(after)} ms after it carries again`);
must(load.longest < BOUND, `a request ended after ${Math.round(load.longest)} ms`);
const longest = load.longest;

await sleep(3_000);
await end();
proxy.close();
for (const socket of sockets) socket.destroy();
console.log(`Nothing carried to PostgreSQL for ${STALLED} s under load: not ready at each of ${looks} looks, ${refused} refusals, the longest request ended after ${Math.round(longest)} ms; well ${Math.round(after)} ms after it carries again. ${JSON.stringify(load.counted)}; ${follower.seen.length} events.`);
faults.end();
