// A server of the release binary that a long test starts, kills and asks.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

if (!process.env.TYRIAN_BIN) throw new Error("TYRIAN_BIN names the binary");

export const PASSWORD = "correct horse battery staple 9";

/** A port that nobody listens on. */
export const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** Leaves no room in the file system of a folder, not even for a page of a database. */
export function fill(folder) {
  let files = 0;
  for (let size = 1 << 20; size >= 4096; size >>= 1) {
    for (;;) {
      try {
        writeFileSync(join(folder, `fill-${files++}`), Buffer.alloc(size));
      } catch {
        break;
      }
    }
  }
}

/** Makes room again. */
export function empty(folder) {
  for (const name of readdirSync(folder).filter((name) => name.startsWith("fill-"))) rmSync(join(folder, name));
}

export class Instance {
  /** `folder` holds its data; `wrap` is a command that runs the binary; the rest are settings. */
  constructor({ folder, port, wrap = [], env = {} }) {
    Object.assign(this, { folder, port, wrap, env, base: `http://127.0.0.1:${port}` });
  }

  #settings() {
    return {
      ...process.env,
      TYRIAN_LISTEN: `127.0.0.1:${this.port}`,
      TYRIAN_DATA_DIR: join(this.folder, "data"),
      TYRIAN_SECRET_KEY: "k".repeat(64),
      TYRIAN_RATE_LIMIT: "off",
      TYRIAN_LOGIN_THROTTLE: "off",
      TYRIAN_LOG: process.env.LONG_LOG ?? "off",
      ...this.env,
    };
  }

  /** Starts it and waits until it is ready; milliseconds that took. */
  async start() {
    const [program, ...args] = [...this.wrap, process.env.TYRIAN_BIN, "serve"];
    this.server = spawn(program, args, {
      cwd: this.folder,
      stdio: ["ignore", "ignore", "inherit"],
      env: this.#settings(),
    });
    const begun = performance.now();
    for (;;) {
      const ready = await fetch(`${this.base}/api/v1/diag/ready`).then((r) => r.status === 200, () => false);
      if (ready) return performance.now() - begun;
      if (performance.now() - begun > 30_000) throw new Error("the server did not come up");
      await sleep(20);
    }
  }

  /** Runs a command of the binary with the instance's settings to its end: exit code, output, milliseconds, MiB at its largest. */
  async command(...args) {
    const [program, ...before] = [...this.wrap, process.env.TYRIAN_BIN];
    const begun = performance.now();
    const child = spawn(program, [...before, ...args], { cwd: this.folder, stdio: ["ignore", "pipe", "pipe"], env: this.#settings() });
    let text = "";
    let kib = 0;
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (text += bytes));
    const look = setInterval(() => {
      try {
        kib = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? kib);
      } catch {}
    }, 10);
    const code = await new Promise((resolve) => child.once("close", resolve));
    clearInterval(look);
    return { code, text: text.trim(), ms: performance.now() - begun, mib: kib / 1024 };
  }

  /** Ends it by this signal and waits until it is gone. */
  async end(signal = "SIGKILL") {
    if (this.server.exitCode !== null || this.server.signalCode !== null) return;
    const gone = new Promise((resolve) => this.server.once("exit", resolve));
    this.server.kill(signal);
    await gone;
  }

  /** Sends a request; its status, headers, body, and how long it took. A lost connection throws. */
  async call(method, path, body, headers = {}) {
    const form = body instanceof FormData;
    const begun = performance.now();
    const response = await fetch(`${this.base}/api/v1${path}`, {
      method,
      headers: { ...(this.token ? { authorization: `Bearer ${this.token}` } : {}), ...(body && !form ? { "content-type": "application/json" } : {}), ...headers },
      body: body && (form ? body : JSON.stringify(body)),
    });
    const text = await response.text();
    const json = text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : null;
    return { status: response.status, headers: response.headers, json, ms: performance.now() - begun };
  }

  /** The same; fails unless it succeeds. */
  async ok(method, path, body, headers) {
    const answer = await this.call(method, path, body, headers);
    if (answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.json)}`);
    return answer.json;
  }

  async signIn() {
    this.token = undefined;
    this.token = (await this.ok("POST", "/auth/login", { email: "ada@example.test", password: PASSWORD, cookie: false })).access_token;
  }

  /** The first admin, signed in, and a mission in progress of so many tests, all running; its id and theirs. */
  async mission(tests) {
    await this.ok("POST", "/setup", { email: "ada@example.test", display_name: "Ada", password: PASSWORD });
    await this.signIn();
    const me = (await this.ok("GET", "/auth/me")).id;
    const templates = [];
    for (let n = 0; n < tests; n++) templates.push((await this.ok("POST", "/test-templates", { name: `T${n}` })).id);
    const scenario = (await this.ok("POST", "/scenario-templates", { name: "S", test_template_ids: templates })).id;
    const made = await this.ok("POST", "/missions", { name: "Live", client: "C", scenario_template_ids: [scenario], members: [{ user_id: me, role_hint: "purple" }] });
    await this.ok("POST", `/missions/${made.id}/transition`, { to: "in_progress" });
    const ids = made.scenarios[0].tests.map((test) => test.id);
    for (const id of ids) await this.ok("POST", `/missions/${made.id}/tests/${id}/state`, { to: "running" });
    return { id: made.id, tests: ids, scenario };
  }

  /** Sets red's notes of a test to this text. */
  async note(mission, test, text) {
    const now = await this.call("GET", `/missions/${mission}/tests/${test}`);
    if (now.status !== 200) return now;
    return this.call("PATCH", `/missions/${mission}/tests/${test}`, { red_notes: text }, { "if-match": `"${now.json.version}"` });
  }
}

/** People who read lists and write notes, each into a test of their own, until it ends. Answers may be 200 or an orderly 503. */
export class Load {
  /** How often each status was answered. */
  counted = {};
  /** The longest that an answer took, and that a 503 took, in milliseconds. */
  longest = 0;
  slowest = 0;
  #promised = new Map();
  #stop = false;

  constructor(tyrian, mission, must) {
    Object.assign(this, { tyrian, mission, must });
    this.done = Promise.all(mission.tests.map((_, n) => this.#work(n)));
  }

  async #work(n) {
    const { tyrian, mission, must } = this;
    for (let k = 0; !this.#stop; k++) {
      const text = `${n} ${k}`;
      try {
        const answer = k % 2 ? await tyrian.call("GET", "/missions?limit=50") : await tyrian.note(mission.id, mission.tests[n], text);
        this.counted[answer.status] = (this.counted[answer.status] ?? 0) + 1;
        this.longest = Math.max(this.longest, answer.ms);
        if (answer.status === 200 && k % 2 === 0) this.#promised.set(mission.tests[n], text);
        if (answer.status === 503) {
          this.slowest = Math.max(this.slowest, answer.ms);
          must(answer.headers.get("retry-after") && answer.headers.get("content-type") === "application/problem+json", "a 503 without Retry-After or not as a problem");
          await sleep(50);
        }
        must([200, 503].includes(answer.status), `${answer.status} ${JSON.stringify(answer.json)}`);
      } catch (error) {
        must(false, `a connection was lost: ${error.cause ?? error}`);
      }
    }
  }

  /** Ends it; no note that was answered by a 200 is lost. */
  async end() {
    this.#stop = true;
    await this.done;
    this.must(this.#promised.size > 0, "no note was saved");
    for (const [test, text] of this.#promised) {
      const now = (await this.tyrian.ok("GET", `/missions/${this.mission.id}/tests/${test}`)).red_notes;
      const [n, k] = text.split(" ").map(Number);
      // a save whose answer was a 503 may have been done
      this.must(now === text || Number(now?.split(" ")[1]) > k, `the note of ${n} is ${now}, answered was ${text}`);
    }
  }
}

/** Milliseconds until the instance is ready and answers, from `since` on; half a minute at most. */
export async function untilWell(tyrian, since = performance.now()) {
  const well = async () => (await tyrian.call("GET", "/diag/ready")).status === 200 && (await tyrian.call("GET", "/missions")).status === 200;
  while (!(await well()) && performance.now() - since < 30_000) await sleep(50);
  return performance.now() - since;
}

/** What the instance and the follower must show at the end of a load: the stream told each event once, the audit log is whole. */
async function wholeAtTheEnd(tyrian, mission, follower, must) {
  const last = (await tyrian.ok("GET", `/missions/${mission.id}/events?limit=1`)).items[0].sequence;
  for (let n = 0; n < 100 && follower.seen.at(-1) < last; n++) await sleep(100);
  must(follower.seen.at(-1) >= last, `the stream told ${follower.seen.at(-1)} events of ${last}`);
  must(follower.seen.every((id, at) => at === 0 || id === follower.seen[at - 1] + 1), "the stream missed or doubled an event");
  must(follower.seen.length > 10, `the stream told ${follower.seen.length} events`);
  must((await tyrian.ok("GET", "/audit-events/verify")).ok, "the audit log is not whole");
}

/** Follows a mission's events over lost connections, from the last one seen on; `of()` is the instance to ask now. */
export class Follower {
  seen = [];
  reconnects = -1;
  #stop = new AbortController();

  constructor(of, mission) {
    this.done = this.#follow(of, mission);
  }

  async #follow(of, mission) {
    while (!this.#stop.signal.aborted) {
      this.reconnects++;
      try {
        const instance = of();
        const response = await fetch(`${instance.base}/api/v1/missions/${mission}/stream`, {
          headers: { authorization: `Bearer ${instance.token}`, accept: "text/event-stream", ...(this.seen.length ? { "last-event-id": String(this.seen.at(-1)) } : {}) },
          signal: this.#stop.signal,
        });
        if (response.status !== 200) throw new Error(`${response.status}`);
        let text = "";
        for await (const chunk of response.body) {
          text += Buffer.from(chunk).toString();
          const blocks = text.split("\n\n");
          text = blocks.pop();
          for (const block of blocks) {
            const id = /^id: ?(\d+)$/m.exec(block);
            if (id) this.seen.push(Number(id[1]));
          }
        }
      } catch {}
      await sleep(100);
    }
  }

  async stop() {
    this.#stop.abort();
    await this.done;
  }
}

/** What must hold; `end` prints what did not and gives the exit status. */
export class Faults {
  list = [];
  must(fine, what) {
    if (!fine && this.list.length < 30) this.list.push(what);
    return fine;
  }
  end() {
    for (const fault of this.list) console.log(`FAULT ${fault}`);
    process.exit(this.list.length ? 1 : 0);
  }
}

/** An instance on the PostgreSQL at `database`, asked without a pause in a mission of so many tests while somebody follows its
 *  stream: what the tests of a database in trouble begin with. `end` stops it and looks whether all is whole. */
export async function underLoad(name, database, tests) {
  const folder = mkdtempSync(join(tmpdir(), `tyrian-${name}-`));
  const tyrian = new Instance({ folder, port: await freePort(), env: { TYRIAN_DATABASE_URL: database } });
  const faults = new Faults();
  const must = (fine, what) => faults.must(fine, what);
  await tyrian.start();
  const mission = await tyrian.mission(tests);
  const follower = new Follower(() => tyrian, mission.id);
  const load = new Load(tyrian, mission, must);
  const end = async () => {
    await load.end();
    await wholeAtTheEnd(tyrian, mission, follower, must);
    await follower.stop();
    await tyrian.end("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
  };
  return { tyrian, faults, must, mission, follower, load, end };
}
