// An S3 server that checks signatures: s3s-fs of crates.io, whose objects are files below a folder of each bucket.
//   S3S_FS: its program, else it is installed into ~/.cache
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./instance.mjs";

const tools = join(homedir(), ".cache/tyrian-tools");
const program = process.env.S3S_FS ?? join(tools, "bin/s3s-fs");
if (!existsSync(program)) {
  console.log("installing s3s-fs from crates.io (minutes)");
  const env = { ...process.env, CARGO_TARGET_DIR: join(tools, "target") };
  const done = spawnSync("cargo", ["install", "--quiet", "--locked", "--root", tools, "--features", "binary", "--version", "0.14.1", "s3s-fs"], { stdio: "inherit", env });
  if (done.status !== 0) throw new Error("s3s-fs was not installed");
}

export class S3 {
  /** With these buckets, below `root`. */
  constructor(root, port, buckets) {
    Object.assign(this, { root, port });
    for (const bucket of buckets) mkdirSync(join(root, bucket), { recursive: true });
  }

  static async of(root, ...buckets) {
    const s3 = new S3(root, await freePort(), buckets);
    await s3.start();
    return s3;
  }

  async start() {
    const options = ["--host", "127.0.0.1", "--port", String(this.port), "--access-key", "tyrian", "--secret-key", "a-secret-of-the-test"];
    this.server = spawn(program, [...options, this.root], { stdio: "ignore" });
    for (let n = 0; n < 100; n++) {
      if (await fetch(`http://127.0.0.1:${this.port}/`).then(() => true, () => false)) return;
      await sleep(50);
    }
    throw new Error("s3s-fs did not come up");
  }

  async stop() {
    if (this.server.exitCode !== null || this.server.signalCode !== null) return;
    const gone = new Promise((resolve) => this.server.once("exit", resolve));
    this.server.kill("SIGKILL");
    await gone;
  }

  /** The settings of an instance whose evidence is in this bucket. */
  env(bucket) {
    return {
      TYRIAN_STORAGE_URL: `s3://${bucket}/tyrian`,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${this.port}`,
      AWS_ALLOW_HTTP: "true",
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "tyrian",
      AWS_SECRET_ACCESS_KEY: "a-secret-of-the-test",
    };
  }
}
