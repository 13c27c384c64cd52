// Evidence in a bucket of a real S3 server (s3s-fs of crates.io, which checks signatures): what goes in comes out, whole and in
// part, verifies, and goes when it is purged; while the server is away uploads are a 503 and the instance is not ready.
//   node scripts/long/bucket.mjs      TYRIAN_BIN: the release binary; S3S_FS: the S3 server's, else it is installed into ~/.cache
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Faults, Instance, freePort } from "./instance.mjs";

const tools = join(homedir(), ".cache/tyrian-tools");
const program = process.env.S3S_FS ?? join(tools, "bin/s3s-fs");
if (!existsSync(program)) {
  console.log("installing s3s-fs from crates.io (minutes)");
  const env = { ...process.env, CARGO_TARGET_DIR: join(tools, "target") };
  const done = spawnSync("cargo", ["install", "--quiet", "--locked", "--root", tools, "--features", "binary", "--version", "0.14.1", "s3s-fs"], { stdio: "inherit", env });
  if (done.status !== 0) throw new Error("s3s-fs was not installed");
}
const faults = new Faults();
const must = (fine, what) => faults.must(fine, what);
const folder = mkdtempSync(join(tmpdir(), "tyrian-bucket-"));
const root = join(folder, "s3");
mkdirSync(join(root, "evidence"), { recursive: true });
const s3port = await freePort();
let s3;
async function startS3() {
  s3 = spawn(program, ["--host", "127.0.0.1", "--port", String(s3port), "--access-key", "tyrian", "--secret-key", "a-secret-of-the-test", root], { stdio: "ignore" });
  for (let n = 0; n < 100; n++) {
    if (await fetch(`http://127.0.0.1:${s3port}/`).then(() => true, () => false)) return;
    await sleep(50);
  }
  throw new Error("s3s-fs did not come up");
}
async function stopS3() {
  const gone = new Promise((resolve) => s3.once("exit", resolve));
  s3.kill("SIGKILL");
  await gone;
}
// what the readiness writes is no evidence
const stored = () =>
  (function walk(at) {
    return readdirSync(at).flatMap((name) => (statSync(join(at, name)).isDirectory() ? walk(join(at, name)) : [name]));
  })(join(root, "evidence")).filter((name) => name !== "probe");

const env = {
  TYRIAN_STORAGE_URL: "s3://evidence/tyrian",
  AWS_ENDPOINT_URL: `http://127.0.0.1:${s3port}`,
  AWS_ALLOW_HTTP: "true",
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "tyrian",
  AWS_SECRET_ACCESS_KEY: "a-secret-of-the-test",
};
const tyrian = new Instance({ folder, port: await freePort(), env });
try {
  await startS3();
  await tyrian.start();
  const mission = await tyrian.mission(1);
  const upload = (bytes) => {
    const form = new FormData();
    form.set("side", "red");
    form.set("file", new Blob([bytes]), "e.bin");
    return tyrian.call("POST", `/missions/${mission.id}/tests/${mission.tests[0]}/evidence`, form);
  };
  const get = (id, headers = {}) => fetch(`${tyrian.base}/api/v1/evidence/${id}/content`, { headers: { authorization: `Bearer ${tyrian.token}`, ...headers } });
  const kept = [];
  // small ones, and one that goes up in parts
  for (const size of [1, 4096, 300_000, 12 << 20]) {
    const bytes = randomBytes(size);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const answer = await upload(bytes);
    if (!must(answer.status === 201, `an upload of ${size}: ${answer.status} ${JSON.stringify(answer.json)}`)) continue;
    kept.push(answer.json.id);
    must(answer.json.sha256 === sha256, `the hash of ${size} bytes`);
    const back = Buffer.from(await (await get(answer.json.id)).arrayBuffer());
    must(back.equals(bytes), `${size} bytes came back as ${back.length}`);
    if (size > 100) {
      const part = await get(answer.json.id, { range: "bytes=10-59" });
      must(part.status === 206 && Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(10, 60)), `a part of ${size} bytes: ${part.status}`);
    }
  }
  must(stored().length === kept.length, `${stored().length} objects are stored, ${kept.length} were answered`);
  must((await tyrian.ok("GET", `/missions/${mission.id}/evidence/verify`)).ok, "the evidence does not verify");

  await stopS3();
  const refused = await upload(randomBytes(5000));
  must(refused.status === 503 && refused.headers.get("retry-after"), `an upload while S3 is away: ${refused.status}`);
  // that it can store is believed for a while
  let ready = 200;
  for (let n = 0; n < 400 && ready === 200; n++, await sleep(100)) ready = (await tyrian.call("GET", "/diag/ready")).status;
  must(ready === 503, "ready though nothing can be stored");
  must((await tyrian.call("GET", `/missions/${mission.id}`)).status === 200, "a mission is read without S3");
  await startS3();
  for (let n = 0; n < 100 && (await tyrian.call("GET", "/diag/ready")).status !== 200; n++) await sleep(100);
  const again = await upload(randomBytes(5000));
  must(again.status === 201, `an upload once S3 is back: ${again.status}`);
  kept.push(again.json?.id);

  const wrong = new Instance({ folder: mkdtempSync(join(folder, "wrong-")), port: await freePort(), env: { ...env, AWS_SECRET_ACCESS_KEY: "another" } });
  const refusedStart = await Promise.race([wrong.start().then(() => "ready", () => "not ready"), sleep(4_000).then(() => "not ready")]);
  must(refusedStart === "not ready", "an instance with a wrong secret is ready");
  await wrong.end();
  const purged = await tyrian.call("POST", `/evidence/${kept[0]}/purge`, { confirm: "e.bin" });
  must(purged.status === 204 || purged.status === 200, `a purge: ${purged.status} ${JSON.stringify(purged.json)}`);
  must(stored().length === kept.length - 1, `${stored().length} objects are left of ${kept.length} after a purge`);
  console.log(`Evidence in S3: ${kept.length} uploads of up to 12 MiB, back whole and in part, verified; S3 away is a 503; a purge removes the object.`);
} finally {
  await tyrian.end();
  s3?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
faults.end();
