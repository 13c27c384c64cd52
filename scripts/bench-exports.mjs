// How much memory a running server takes to export a mission of 2,000 tests and 500 pictures, in each format.
//   node scripts/bench-exports.mjs URL TOKEN PID
// Fills the mission over the API; prints for each format what the process grew by at its peak, the size and the time.
import { readFileSync, writeFileSync } from "node:fs";
import { deflateSync } from "node:zlib";

const [url, token, pid] = process.argv.slice(2);
const [SCENARIOS, TESTS, PICTURES] = [40, 50, 500];
const FORMATS = ["json", "csv", "xlsx", "markdown", "html", "pdf", "docx", "navigator", "attack-flow", "scenario", "bundle"];
const base = `${url}/api/v1`;
const headers = { authorization: `Bearer ${token}` };

async function call(method, path, body, more = {}) {
  const json = body === undefined || body instanceof FormData ? {} : { "content-type": "application/json" };
  const answer = await fetch(base + path, { method, headers: { ...headers, ...json, ...more }, body: json["content-type"] ? JSON.stringify(body) : body });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}
const post = async (path, body) => (await call("POST", path, body)).json();

/** The checksum of a PNG's chunk; zlib's own is not in every Node. */
function crc32(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** A picture as a screenshot is one: areas of one colour, and some noise. */
function picture(seed) {
  const [width, height] = [1280, 800];
  const rows = Buffer.alloc((width * 3 + 1) * height);
  let state = seed + 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      const at = y * (width * 3 + 1) + 1 + x * 3;
      const noisy = y % 8 === 0;
      rows[at] = noisy ? state >>> 24 : (seed * 37 + (x >> 7) * 16) & 255;
      rows[at + 1] = noisy ? (state >>> 16) & 255 : (y >> 6) * 20;
      rows[at + 2] = 120;
    }
  }
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", head), chunk("IDAT", deflateSync(rows, { level: 1 })), chunk("IEND", Buffer.alloc(0))]);
}

/** Runs `work` on all, a few at a time. */
async function each(all, work) {
  const rest = all.map((item, i) => [item, i]);
  await Promise.all(Array.from({ length: 4 }, async () => {
    for (let next; (next = rest.shift()); ) await work(...next);
  }));
}

const templates = [];
for (let i = 0; i < TESTS; i++) {
  const body = { name: `Measured test ${i}`, objective: "See what is seen. ".repeat(10), procedure: "1. Do it.\n2. Look.\n".repeat(20), command: "whoami /all", platforms: ["Windows"] };
  templates.push((await post("/test-templates", body)).id);
}
const scenarios = [];
for (let i = 0; i < SCENARIOS; i++) scenarios.push((await post("/scenario-templates", { name: `Measured scenario ${i}`, test_template_ids: templates })).id);
const mission = await post("/missions", { name: "Measured", client: "Measured", scenario_template_ids: scenarios });
const root = `/missions/${mission.id}`;
await post(`${root}/transition`, { to: "in_progress" });
const tests = mission.scenarios.flatMap((scenario) => scenario.tests.map((test) => test.id));
await each(tests, async (id, i) => {
  const test = `${root}/tests/${id}`;
  for (const to of ["running", "executed"]) await post(`${test}/state`, { to });
  const etag = (await call("GET", test)).headers.get("etag");
  const body = { output: "line of what was seen\n".repeat(90), red_notes: "What red saw. ".repeat(20), blue_notes: "What blue saw. ".repeat(20), recommendation: "Look closer. ".repeat(10), alerted: ["yes", "no"][i % 2], logged: "yes", prevented: "no", severity: "high", finding_status: "open" };
  await call("PATCH", test, body, { "if-match": etag });
  await post(`${test}/state`, { to: "assessed" });
});
let pictures = 0;
await each(tests.slice(0, PICTURES), async (id, i) => {
  const form = new FormData();
  const bytes = picture(i);
  pictures += bytes.length;
  form.set("side", "red");
  form.set("file", new Blob([bytes], { type: "image/png" }), `picture-${i}.png`);
  await call("POST", `${root}/tests/${id}/evidence`, form);
});
console.log(`exports of ${tests.length} tests and ${PICTURES} pictures (${Math.round(pictures / 2 ** 20)} MiB), growth of the process at its peak:`);

const status = (field) => Number(readFileSync(`/proc/${pid}/status`, "utf8").match(new RegExp(`${field}:\\s+(\\d+)`))[1]) / 1024;
for (const format of FORMATS) {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  const [before, begun] = [status("VmRSS"), Date.now()];
  let size = 0;
  for await (const part of (await call("GET", `${root}/export/${format}`)).body) size += part.length;
  const grown = Math.round(status("VmHWM") - before);
  console.log(`  ${format.padEnd(11)} ${String(grown).padStart(4)} MiB  ${(size / 2 ** 20).toFixed(1).padStart(6)} MiB file  ${((Date.now() - begun) / 1000).toFixed(1).padStart(5)} s`);
}
