// Schemathesis over the whole OpenAPI document against the demo, as a stranger, somebody in no group, an observer, blue, red and an
// administrator: no 5xx, no answer that the document does not list or whose shape it does not give. Seeded; SECONDS for each of the
// six, and half as many in which what one operation answers goes into the next.
//   node scripts/long/contract.mjs [SECONDS]      TYRIAN_BIN: the release binary; needs python3 with venv, installs into ~/.cache
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "./instance.mjs";

const SECONDS = Number(process.argv[2] ?? 120);
const venv = join(homedir(), ".cache/tyrian-schemathesis/venv");
const program = join(venv, "bin/schemathesis");
if (!existsSync(program)) {
  console.log("installing schemathesis from PyPI");
  for (const [command, ...args] of [["python3", "-m", "venv", venv], [join(venv, "bin/pip"), "install", "--quiet", "schemathesis==4.32.5"]]) {
    if (spawnSync(command, args, { stdio: "inherit" }).status !== 0) throw new Error(`${command} failed`);
  }
}
const document = fileURLToPath(new URL("../../openapi.json", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tyrian-contract-"));
const port = await freePort();
const base = `http://127.0.0.1:${port}`;
const env = { ...process.env, TYRIAN_RATE_LIMIT: "off", TYRIAN_LOGIN_THROTTLE: "off", TYRIAN_LOG: "off" };
const demo = spawn(process.env.TYRIAN_BIN, ["demo", "--listen", `127.0.0.1:${port}`], { cwd: folder, stdio: "ignore", env });
const api = async (method, path, token, body) => {
  const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const answer = await fetch(`${base}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};
const password = "tyrian-demo-2026";
const signIn = async (who) => (await api("POST", "/auth/login", undefined, { email: `${who}@demo.test`, password, cookie: false })).access_token;
// what ends the session, empties the instance, looks outside, or never ends
const not = "diag/reset|mitre/sync|auth/logout|auth/sessions/|/stream$|auth/oidc";
let failed = 0;
/** One run as somebody, by each operation alone or by what the answer of one gives to the next. */
async function run(who, token, phases, seconds) {
  const args = ["run", document, "--url", base, "--phases", phases, "--seed", "1", "--max-time", String(seconds), "-n", "20"];
  if (token) args.push("-H", `Authorization: Bearer ${token}`);
  args.push("--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance");
  args.push("--continue-on-failure", "--exclude-path-regex", not);
  // not spawnSync: a connection that the server closes meanwhile would be taken for an open one
  const ran = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [ran.stdout, ran.stderr]) stream.on("data", (bytes) => (text += bytes));
  const status = await new Promise((resolve) => ran.once("close", resolve));
  const lines = text.split("\n");
  const told = lines.filter((line) => /^\s*(Selected|Tested):|\d+ generated,/.test(line)).map((line) => line.trim());
  console.log(`as ${who}, ${phases}: ${told.join("; ")}`);
  if (status !== 0) {
    failed++;
    console.log(lines.slice(0, 400).join("\n"));
  }
}
try {
  for (let n = 0; n < 600 && !(await fetch(`${base}/api/v1/diag/ready`).then((r) => r.ok, () => false)); n++) await sleep(100);
  await api("POST", "/users", await signIn("ines"), { email: "nobody@demo.test", display_name: "No Body", password });
  // the administrator comes last: nothing that is removed is missed by anybody
  for (const who of ["a stranger", "nobody", "noor", "priya", "aiko", "ines"]) {
    const token = who === "a stranger" ? undefined : await signIn(who);
    await run(who, token, "examples,coverage,fuzzing", SECONDS);
    await run(who, token, "stateful", Math.ceil(SECONDS / 2));
    // else the rest of it was refusals
    if (token) await api("GET", "/auth/me", token);
  }
} finally {
  demo.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
