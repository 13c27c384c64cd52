// An instance with its evidence in S3 is backed up while it works, and put back onto SQLite with local files and onto PostgreSQL with
// another bucket: every row and every file is the same by its hash, over the API too. What is not or not whole in S3 is named; while
// S3 is away neither a backup nor a restore leaves anything half done.
//   scripts/pg.sh run -- node scripts/long/bucket-backup.mjs      TYRIAN_BIN: the release binary; for S3S_FS see s3.mjs
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Faults, Instance, freePort } from "./instance.mjs";
import { S3 } from "./s3.mjs";
import { Zip, different } from "./zip.mjs";

const faults = new Faults();
const must = (fine, what) => faults.must(fine, what);
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const folder = mkdtempSync(join(tmpdir(), "tyrian-bucket-backup-"));
const s3 = await S3.of(join(folder, "s3"), "evidence", "other");
async function instance(name, env) {
  mkdirSync(join(folder, name));
  return new Instance({ folder: join(folder, name), port: await freePort(), env });
}
const source = await instance("source", s3.env("evidence"));
const local = await instance("local", {});
const postgres = await instance("postgres", { ...s3.env("other"), TYRIAN_DATABASE_URL: process.env.TYRIAN_TEST_PG });
/** Files below a folder, all but what the readiness writes. */
const walk = (at) => readdirSync(at).flatMap((name) => (statSync(join(at, name)).isDirectory() ? walk(join(at, name)) : name === "probe" ? [] : [join(at, name)]));
const stored = (bucket) => walk(join(folder, "s3", bucket)).map((path) => sha256(readFileSync(path))).sort();

/** A backup of what stands there, and the hashes of what is in it. */
async function backedUp(tyrian, name) {
  const file = join(folder, name);
  const done = await tyrian.command("backup", file);
  must(done.code === 0 && !done.text.includes("not in the backup"), `the backup ${name}: ${done.text}`);
  const zip = new Zip(file);
  const hashes = { ...zip.hashes("tables/"), ...zip.hashes("evidence/") };
  zip.close();
  return { file, hashes };
}

try {
  await source.start();
  const mission = await source.mission(3);
  const kept = new Map();
  for (const [n, size] of [1, 4096, 300_000, 6 << 20, 12 << 20, 4097].entries()) {
    const bytes = randomBytes(size);
    const form = new FormData();
    form.set("side", "red");
    form.set("file", new Blob([bytes]), `e${n} ü.bin`);
    const made = await source.ok("POST", `/missions/${mission.id}/tests/${mission.tests[n % 3]}/evidence`, form);
    kept.set(made.id, sha256(bytes));
  }
  const hashes = [...kept.values()].sort();
  must(stored("evidence").join() === hashes.join(), "S3 holds other bytes than were sent");

  const first = await backedUp(source, "working.zip");
  const files = Object.entries(first.hashes).filter(([name]) => name.startsWith("evidence/")).map(([, hash]) => hash);
  must(files.sort().join() === hashes.join(), "the backup holds other files than were sent");

  for (const [name, target] of Object.entries({ local, postgres })) {
    const restored = await target.command("restore", first.file);
    must(restored.code === 0 && restored.text.includes(`${kept.size} files`), `restored onto ${name}: ${restored.text}`);
    const again = await backedUp(target, `${name}.zip`);
    must(different(first.hashes, again.hashes).length === 0, `onto ${name} these differ: ${different(first.hashes, again.hashes)}`);
    await target.start();
    await target.signIn();
    for (const [id, hash] of kept) {
      const content = await fetch(`${target.base}/api/v1/evidence/${id}/content`, { headers: { authorization: `Bearer ${target.token}` } });
      const bytes = Buffer.from(await content.arrayBuffer());
      must(content.status === 200 && sha256(bytes) === hash, `${name}: ${id} answers ${content.status} with ${bytes.length} bytes`);
    }
    must((await target.ok("GET", `/missions/${mission.id}/evidence/verify`)).ok, `the evidence on ${name} does not verify`);
    must((await target.ok("GET", "/audit-events/verify")).ok, `the audit log on ${name} is not whole`);
    await target.end("SIGTERM");
  }
  must(stored("other").join() === hashes.join(), "the other bucket holds other bytes than were sent");
  must(walk(join(folder, "local", "data", "evidence")).length === kept.size, "the folder holds other files than were sent");

  // one is gone, one is not what it was: both are named, the rest is there
  const [gone, changed] = walk(join(folder, "s3", "evidence")).sort((a, b) => statSync(b).size - statSync(a).size);
  rmSync(gone);
  const bytes = readFileSync(changed);
  bytes[7] ^= 1;
  writeFileSync(changed, bytes);
  const damaged = await source.command("backup", join(folder, "damaged.zip"));
  const told = damaged.text.split("\n").filter((line) => line.includes("not in the backup"));
  must(damaged.code === 0 && told.length === 2, `a file that is gone and one that is not whole: ${damaged.text}`);
  must(told.some((line) => line.includes("not in the storage")) && told.some((line) => line.includes("SHA-256")), `why: ${told}`);
  must(damaged.text.includes(`${kept.size - 2} files`), `the rest: ${damaged.text}`);

  await s3.stop();
  const refused = await source.command("backup", join(folder, "away.zip"));
  must(refused.code === 1 && !existsSync(join(folder, "away.zip")), `a backup while S3 is away: ${refused.code} ${refused.text}`);
  must(!readdirSync(folder).some((name) => name.startsWith(".tyrian-backup-")), "a piece of a backup is left");
  const empty = await instance("empty", s3.env("other"));
  const halted = await empty.command("restore", first.file);
  must(halted.code === 1, `a restore while S3 is away: ${halted.code} ${halted.text}`);
  await s3.start();
  // not by force: what was halted has written no row
  const resumed = await empty.command("restore", first.file);
  must(resumed.code === 0, `the same restore once S3 is back: ${resumed.text}`);
  const last = await backedUp(empty, "resumed.zip");
  must(different(first.hashes, last.hashes).length === 0, `then these differ: ${different(first.hashes, last.hashes)}`);
  if (faults.list.length === 0) console.log(`Backup of evidence in S3: ${kept.size} files of up to 12 MiB and ${Object.keys(first.hashes).length - kept.size} tables, the same by hash on SQLite with files and on PostgreSQL with another bucket; what is gone or changed is named; nothing half done while S3 is away.`);
} finally {
  for (const one of [source, local, postgres]) if (one.server) await one.end();
  await s3.stop();
  rmSync(folder, { recursive: true, force: true });
}
faults.end();
