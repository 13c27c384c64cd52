// Others take all connections that PostgreSQL has: first those that the server does not hold, then those that it held. As long as it
// has some, requests wait or are a 503 with Retry-After; with none every one is that 503 within two seconds, and the instance says
// that it is not ready. Once they leave all is well within five seconds without a restart, and no answered write is lost.
//   TYRIAN_TEST_PG_CONNECTIONS=30 scripts/pg.sh run -- node scripts/long/crowded.mjs [SECONDS]      TYRIAN_BIN: the release binary
import { execFileSync } from "node:child_process";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { underLoad, untilWell } from "./instance.mjs";

const FULL = Number(process.argv[2] ?? 10);
const sql = (statement) => execFileSync(process.env.TYRIAN_TEST_PG_CTL, ["sql", statement]).toString().trim();
const slots = Number(sql("SHOW max_connections")) - Number(sql("SHOW superuser_reserved_connections"));
if (slots > 60) throw new Error("give PostgreSQL few connections: TYRIAN_TEST_PG_CONNECTIONS=30");
// a superuser would find a place that is kept free
for (const act of ["CREATE ROLE tyrian LOGIN", "CREATE ROLE crowd LOGIN", "CREATE DATABASE tyrian OWNER tyrian"]) sql(act);
const url = new URL(process.env.TYRIAN_TEST_PG);
url.username = "tyrian";
url.pathname = "/tyrian";

/** Connections that do nothing but be there; each comes again until it gets in. */
class Crowd {
  #sockets = new Set();
  #gone = false;
  inside = 0;

  constructor(size) {
    this.done = Promise.all(Array.from({ length: size }, () => this.#stay()));
  }

  async #stay() {
    while (!this.#gone) {
      await new Promise((resolve) => {
        const socket = connect(Number(url.port), "127.0.0.1");
        this.#sockets.add(socket);
        let isIn = false;
        socket.on("connect", () => {
          const words = Buffer.from("user\0crowd\0database\0postgres\0\0");
          const head = Buffer.alloc(8);
          head.writeInt32BE(words.length + 8, 0);
          head.writeInt32BE(196_608, 4);
          socket.write(Buffer.concat([head, words]));
        });
        // in is who is asked for a statement; a refusal closes the connection
        socket.on("data", (answer) => {
          if (isIn || !answer.subarray(-6).equals(Buffer.from("Z\0\0\0\x05I", "latin1"))) return;
          isIn = true;
          this.inside++;
        });
        socket.on("error", () => {});
        socket.on("close", () => {
          this.inside -= isIn;
          this.#sockets.delete(socket);
          resolve();
        });
      });
      if (!this.#gone) await sleep(20);
    }
  }

  async leave() {
    this.#gone = true;
    for (const socket of this.#sockets) socket.destroy();
    await this.done;
  }
}

const { tyrian, faults, must, mission, follower, load, end } = await underLoad("crowded", url.href, 12);
await sleep(1_000);
const held = () => Number(sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'tyrian' AND state IN ('active', 'idle', 'idle in transaction')"));

const crowd = new Crowd(slots);
await sleep(1_000);
const kept = held();
must(kept > 0 && kept + crowd.inside === slots, `the server has ${kept} connections, the crowd ${crowd.inside}, of ${slots}`);
const before = { ...load.counted };
await sleep(4_000);
const few = load.counted[200] - before[200];
must(few > 50, `${few} requests worked while the server kept ${kept} connections`);

for (let n = 0; n < 100 && crowd.inside < slots; n++) {
  sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'tyrian'");
  await sleep(50);
}
must(crowd.inside === slots && held() === 0, `the crowd has ${crowd.inside} of ${slots} connections, the server ${held()}`);
// what was asked before that has its answer
await sleep(2_500);
load.slowest = 0;
const full = { ...load.counted };
const begun = performance.now();
while (performance.now() - begun < FULL * 1_000) {
  const [alive, ready] = await Promise.all([tyrian.call("GET", "/diag/health"), tyrian.call("GET", "/diag/ready")]);
  must(alive.status === 200, `alive says ${alive.status}`);
  must(ready.status === 503, `ready says ${ready.status}`);
  must(ready.ms < 2_500, `ready took ${ready.ms} ms`);
  await sleep(250);
}
const refused = load.counted[503] - (full[503] ?? 0);
must(load.counted[200] === full[200], `${load.counted[200] - full[200]} requests worked without a connection`);
must(refused >= mission.tests.length, `${refused} requests were refused`);
must(load.slowest < 2_500, `a refusal took ${Math.round(load.slowest)} ms`);
const slowest = load.slowest;

await crowd.leave();
const after = await untilWell(tyrian);
must(after < 5_000, `well ${Math.round(after)} ms after the crowd left`);
await sleep(2_000);
await end();
console.log(`All ${slots} connections of PostgreSQL taken: ${few} requests worked in 4 s with the ${kept} that were left; with none ${refused} refusals in ${FULL} s, the slowest after ${Math.round(slowest)} ms; well ${Math.round(after)} ms after the crowd left. ${JSON.stringify(load.counted)}; ${follower.seen.length} events.`);
faults.end();
