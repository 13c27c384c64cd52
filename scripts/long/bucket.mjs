// Evidence in a bucket of a real S3 server (s3s-fs of crates.io, which checks signatures): what goes in comes out, whole and in
// part, verifies, and goes when it is purged; while the server is away uploads are a 503 and the instance is not ready.
//   node scripts/long/bucket.mjs      TYRIAN_BIN: the release binary; for S3S_FS see s3.mjs
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Faults, Instance, freePort } from "./instance.mjs";
import { S3 } from "./s3.mjs";

const faults = new Faults();
const must = (fine, what) => faults.must(fine, what);
const folder = mkdtempSync(join(tmpdir(), "tyrian-bucket-"));
const root = join(folder, "s3");
const s3 = await S3.of(root, "evidence");
// what the readiness writes is no evidence
const stored = () =>
  (function walk(at) {
    return readdirSync(at).flatMap((name) => (statSync(join(at, name)).isDirectory() ? walk(join(at, name)) : [name]));
  })(join(root, "evidence")).filter((name) => name !== "probe");
const env = s3.env("evidence");
const tyrian = new Instance({ folder, port: await freePort(), env });
try {
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

  await s3.stop();
  const refused = await upload(randomBytes(5000));
  must(refused.status === 503 && refused.headers.get("retry-after"), `an upload while S3 is away: ${refused.status}`);
  // that it can store is believed for a while
  let ready = 200;
  for (let n = 0; n < 400 && ready === 200; n++, await sleep(100)) ready = (await tyrian.call("GET", "/diag/ready")).status;
  must(ready === 503, "ready though nothing can be stored");
  must((await tyrian.call("GET", `/missions/${mission.id}`)).status === 200, "a mission is read without S3");
  await s3.start();
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
  await s3.stop();
  rmSync(folder, { recursive: true, force: true });
}
faults.end();
