// Schemathesis over the whole OpenAPI document against the demo, as an administrator, red, blue and an observer: no 5xx, no answer
// that the document does not list or whose shape it does not give. Seeded; SECONDS for each of the four.
//   node scripts/long/contract.mjs [SECONDS]      TYRIAN_BIN: the release binary; needs python3 with venv, installs into ~/.cache
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "./instance.mjs";

const SECONDS = process.argv[2] ?? "120";
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
let failed = 0;
try {
  for (let n = 0; n < 600 && !(await fetch(`${base}/api/v1/diag/ready`).then((r) => r.ok, () => false)); n++) await sleep(100);
  for (const who of ["ines", "aiko", "priya", "noor"]) {
    const body = JSON.stringify({ email: `${who}@demo.test`, password: "tyrian-demo-2026", cookie: false });
    const answer = await fetch(`${base}/api/v1/auth/login`, { method: "POST", headers: { "content-type": "application/json" }, body });
    if (!answer.ok) throw new Error(`${who} cannot sign in: ${answer.status}`);
    const { access_token } = await answer.json();
    // what ends the session, empties the instance, looks outside, or never ends
    const not = "diag/reset|mitre/sync|auth/logout|/stream$|auth/oidc";
    const args = ["run", document, "--url", base, "-H", `Authorization: Bearer ${access_token}`, "--phases", "examples,coverage,fuzzing", "--seed", "1"];
    args.push("--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance");
    args.push("--max-time", SECONDS, "-n", "20", "--continue-on-failure", "--exclude-path-regex", not);
    const ran = spawnSync(program, args, { cwd: folder, encoding: "utf8", maxBuffer: 1 << 28 });
    const lines = ran.stdout.split("\n");
    console.log(`as ${who}: ${lines.filter((line) => /generated|failures in|no failures|No issues/i.test(line)).map((line) => line.trim()).join("; ")}`);
    if (ran.status !== 0) {
      failed++;
      console.log(lines.slice(0, 400).join("\n"));
    }
  }
} finally {
  demo.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
