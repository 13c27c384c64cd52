// The disk is full: uploads and changes get a clear refusal, reads go on, nothing is damaged, and all is well once there is room again.
//   node scripts/long/full.mjs [limit]      TYRIAN_BIN: the release binary
// As root on a small tmpfs; with "limit", or for others, under a limit of file sizes (ulimit -f).
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Faults, Instance, empty, fill, freePort } from "./instance.mjs";

const faults = new Faults();
const must = (fine, what) => faults.must(fine, what);
const folder = mkdtempSync(join(tmpdir(), "tyrian-full-"));
const data = join(folder, "data");
mkdirSync(data, { mode: 0o700 });
const small = process.argv[2] !== "limit" && process.getuid() === 0 && spawnSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", data]).status === 0;
const wrap = small ? [] : ["bash", "-c", "ulimit -f 12000; exec \"$@\"", "-"];
const tyrian = new Instance({ folder, port: await freePort(), wrap });

// what makes room at the end
if (small) writeFileSync(join(data, "fill-first"), Buffer.alloc(6 << 20));

try {
  await tyrian.start();
  const mission = await tyrian.mission(3);
  const upload = (bytes) => {
    const form = new FormData();
    form.set("side", "red");
    form.set("file", new Blob([randomBytes(bytes)]), "e.bin");
    return tyrian.call("POST", `/missions/${mission.id}/tests/${mission.tests[0]}/evidence`, form);
  };
  const refusals = {};
  const refused = (what, answer) => {
    refusals[answer.status] = (refusals[answer.status] ?? 0) + 1;
    must([503, 507].includes(answer.status), `${what}: ${answer.status} ${JSON.stringify(answer.json)}`);
    must(answer.headers.get("content-type") === "application/problem+json", `${what}: no problem`);
  };
  let kept = 0;
  let answer;
  while ((answer = await upload(small ? 1 << 20 : 13 << 20)).status === 201) kept++;
  refused("an upload", answer);

  // no room at all, not even for a page of the database
  const answered = new Set();
  if (small) {
    fill(data);
    for (let n = 0; n < 40; n++) {
      const text = "x".repeat(20_000);
      const made = await tyrian.call("POST", "/test-templates", { name: `full ${n}`, procedure: text });
      if (made.status !== 201) refused("a change", made);
      else answered.add(made.json.id);
      const saved = await tyrian.note(mission.id, mission.tests[1], `${text} ${n}`);
      if (saved.status !== 200) refused("a save", saved);
    }
    must(Object.values(refusals).reduce((a, b) => a + b) > 10, `little was refused: ${JSON.stringify(refusals)}`);
    const signIn = await tyrian.call("POST", "/auth/login", { email: "ada@example.test", password: "wrong wrong wrong wrong", cookie: false });
    must([401, 503, 507].includes(signIn.status), `a sign-in: ${signIn.status}`);
  }
  for (const path of ["/missions", `/missions/${mission.id}`, `/missions/${mission.id}/synthesis`, "/test-templates"]) {
    const read = await tyrian.call("GET", path);
    must(read.status === 200, `${path} while the disk is full: ${read.status}`);
  }
  must((await tyrian.call("GET", "/diag/health")).status === 200, "it is not alive");

  empty(data);
  const again = await tyrian.call("POST", "/test-templates", { name: "room again" });
  must(again.status === 201, `a change once there is room: ${again.status}`);
  answered.add(again.json?.id);
  must((await tyrian.note(mission.id, mission.tests[2], "room again")).status === 200, "a save once there is room");
  if (small) must((await upload(4096)).status === 201 && ++kept, "an upload once there is room");
  await tyrian.end("SIGKILL");
  await tyrian.start();
  await tyrian.signIn();
  for (const id of answered) must((await tyrian.call("GET", `/test-templates/${id}`)).status === 200, `the template ${id} was answered and is lost`);
  const files = await tyrian.ok("GET", `/missions/${mission.id}/evidence/verify`);
  must(files.ok && files.files === kept, `evidence: ${JSON.stringify(files)}, ${kept} were answered`);
  must((await tyrian.ok("GET", "/audit-events/verify")).ok, "the audit log is not whole");
  const stored = (function walk(at) {
    return readdirSync(at).flatMap((name) => (statSync(join(at, name)).isDirectory() ? walk(join(at, name)) : [name]));
  })(join(data, "evidence"));
  must(stored.length === kept, `${stored.length} files are stored, ${kept} were answered`);
  await tyrian.end("SIGTERM");
  const python = "import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check').fetchall())";
  const whole = spawnSync("python3", ["-c", python, join(data, "tyrian.db")], { encoding: "utf8" });
  if (whole.status === 0) must(whole.stdout.trim() === "[('ok',)]", `integrity_check: ${whole.stdout}`);
  console.log(`A full disk (${small ? "tmpfs of 24 MiB" : "limit of 12 MB a file"}): ${kept} uploads kept, refusals ${JSON.stringify(refusals)}, nothing damaged.`);
} finally {
  await tyrian.end();
  if (small) execFileSync("umount", [data]);
  rmSync(folder, { recursive: true, force: true });
}
faults.end();
