// Two instances on one PostgreSQL behind a proxy that takes turns, killed in turn under load and started again: no answered write
// is lost, one that was sent again by its Idempotency-Key is there once, and a stream that goes on by Last-Event-ID misses nothing.
//   scripts/pg.sh run -- node scripts/long/twins.mjs [ROUNDS]      TYRIAN_BIN: the release binary
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Faults, Follower, Instance, freePort } from "./instance.mjs";

const ROUNDS = Number(process.argv[2] ?? 20);
const folder = mkdtempSync(join(tmpdir(), "tyrian-twins-"));
const env = { TYRIAN_DATABASE_URL: process.env.TYRIAN_TEST_PG, TYRIAN_STORAGE_URL: `file://${join(folder, "evidence")}` };
const twins = [];
for (const name of ["a", "b"]) twins.push(new Instance({ folder: mkdtempSync(join(folder, name)), port: await freePort(), env }));
// both migrate the empty database at once
await Promise.all(twins.map((twin) => twin.start()));

let turn = 0;
const proxy = createServer((incoming, outgoing) => {
  const twin = twins[turn++ % twins.length];
  const forward = request({ host: "127.0.0.1", port: twin.port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers);
    answer.on("error", () => outgoing.destroy());
    answer.on("aborted", () => outgoing.destroy());
    answer.pipe(outgoing);
  });
  forward.on("error", () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()));
  outgoing.on("close", () => forward.destroy());
  incoming.pipe(forward);
});
const port = await freePort();
await new Promise((resolve) => proxy.listen(port, "127.0.0.1", resolve));
const client = new Instance({ folder, port });
const faults = new Faults();
const must = (fine, what) => faults.must(fine, what);
const mission = await client.mission(6);
const follower = new Follower(() => client, mission.id);

const made = new Map();
const notes = new Map();
let stop = false;
let lost = 0;
/** Until the server has answered: the same request with the same key. */
async function surely(method, path, body) {
  const key = randomBytes(12).toString("hex");
  while (!stop) {
    const answer = await client.call(method, path, body, { "idempotency-key": key }).catch(() => ({ status: 0 }));
    if (answer.status !== 0 && answer.status < 500) return answer;
    lost++;
    await sleep(30);
  }
}
async function worker(n) {
  for (let k = 0; !stop; k++) {
    if (k % 2) {
      const name = `W${n}.${k}`;
      const answer = await surely("POST", "/missions", { name, client: "C", scenario_template_ids: [mission.scenario] });
      if (answer) must(answer.status === 201, `a mission: ${answer.status} ${JSON.stringify(answer.json)}`) && made.set(name, answer.json.id);
    } else {
      const text = `${n} ${k}`;
      const answer = await client.note(mission.id, mission.tests[n], text).catch(() => ({ status: 0 }));
      if (answer.status === 200) notes.set(mission.tests[n], text);
      else must(answer.status === 0 || answer.status >= 502 || answer.status === 412, `a note: ${answer.status}`);
    }
  }
}
const load = mission.tests.map((_, n) => worker(n));
const starts = [];
for (let round = 0; round < ROUNDS; round++) {
  await sleep(300 + Math.random() * 700);
  const twin = twins[round % 2];
  await twin.end("SIGKILL");
  await sleep(100);
  starts.push(await twin.start());
}
await sleep(500);
stop = true;
await Promise.all(load);

const all = new Map();
for (let cursor = ""; cursor !== null; ) {
  const page = await client.ok("GET", `/missions?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
  for (const one of page.items) all.set(one.name, [...(all.get(one.name) ?? []), one]);
  cursor = page.next_cursor ?? null;
}
for (const [name, id] of made) must(all.get(name)?.some((one) => one.id === id), `the mission ${name} was answered and is lost`);
for (const [name, list] of all) must(list.length === 1 && (name === "Live" || list[0].counts.tests === mission.tests.length), `${name} is there ${list.length} times, with ${list[0].counts.tests} tests`);
for (const [test, text] of notes) {
  const now = (await client.ok("GET", `/missions/${mission.id}/tests/${test}`)).red_notes;
  must(now === text || Number(now.split(" ")[1]) > Number(text.split(" ")[1]), `a note is ${now}, answered was ${text}`);
}
const last = (await client.ok("GET", `/missions/${mission.id}/events?limit=1`)).items[0].sequence;
for (let n = 0; n < 100 && follower.seen.at(-1) < last; n++) await sleep(100);
must(follower.seen.at(-1) === last, `the stream ended at ${follower.seen.at(-1)} of ${last}`);
must(follower.seen.every((id, at) => at === 0 || id === follower.seen[at - 1] + 1), "the stream missed or doubled an event");
must((await client.ok("GET", "/audit-events/verify")).ok, "the audit log is not whole");
await follower.stop();
proxy.close();
proxy.closeAllConnections();
for (const twin of twins) await twin.end("SIGTERM");
rmSync(folder, { recursive: true, force: true });
console.log(`Two instances: ${ROUNDS} kills in turn under load, ${made.size} missions answered, ${lost} tries lost and sent again, ready again after ${Math.round(starts.sort((a, b) => a - b)[starts.length >> 1])} ms (median); ${follower.seen.length} events, ${follower.reconnects} reconnects.`);
faults.end();
