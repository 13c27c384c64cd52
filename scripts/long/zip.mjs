// What a zip holds, read without our own code: the files of a backup with the hash of what is in each.
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

export class Zip {
  /** Where each file is, by name. */
  entries = new Map();

  constructor(path) {
    this.file = openSync(path, "r");
    const { size } = fstatSync(this.file);
    const tail = this.#read(Math.max(0, size - 70_000), Math.min(size, 70_000));
    const end = tail.lastIndexOf("PK\x05\x06", undefined, "latin1");
    let [count, length, at] = [tail.readUInt16LE(end + 10), tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
    if (count === 0xffff || length === 0xffffffff || at === 0xffffffff) {
      const wide = this.#read(Number(tail.readBigUInt64LE(end - 20 + 8)), 56);
      [count, length, at] = [32, 40, 48].map((offset) => Number(wide.readBigUInt64LE(offset)));
    }
    const list = this.#read(at, length);
    for (let n = 0, here = 0; n < count; n++) {
      const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => list.readUInt16LE(here + offset));
      const name = list.toString("utf8", here + 46, here + 46 + nameLength);
      const entry = { method: list.readUInt16LE(here + 10), packed: list.readUInt32LE(here + 20), size: list.readUInt32LE(here + 24), at: list.readUInt32LE(here + 42) };
      const extra = list.subarray(here + 46 + nameLength, here + 46 + nameLength + extraLength);
      for (let field = 0; field + 4 <= extra.length; field += 4 + extra.readUInt16LE(field + 2)) {
        if (extra.readUInt16LE(field) !== 1) continue;
        let offset = field + 4;
        for (const key of ["size", "packed", "at"]) {
          if (entry[key] !== 0xffffffff) continue;
          entry[key] = Number(extra.readBigUInt64LE(offset));
          offset += 8;
        }
      }
      this.entries.set(name, entry);
      here += 46 + nameLength + extraLength + commentLength;
    }
  }

  #read(at, length) {
    const bytes = Buffer.alloc(length);
    for (let done = 0; done < length; ) {
      const n = readSync(this.file, bytes, done, length - done, at + done);
      if (n === 0) throw new Error("the zip ends too early");
      done += n;
    }
    return bytes;
  }

  /** The bytes of a file. */
  bytes(name) {
    const entry = this.entries.get(name);
    const head = this.#read(entry.at, 30);
    const packed = this.#read(entry.at + 30 + head.readUInt16LE(26) + head.readUInt16LE(28), entry.packed);
    return entry.method === 8 ? inflateRawSync(packed) : packed;
  }

  json(name) {
    return JSON.parse(this.bytes(name).toString("utf8"));
  }

  /** SHA-256 of each file below `folder`, and of tables the number of their rows. */
  hashes(folder) {
    const found = {};
    for (const name of [...this.entries.keys()].filter((name) => name.startsWith(folder)).sort()) {
      const bytes = this.bytes(name);
      found[name] = createHash("sha256").update(bytes).digest("hex");
      if (name.endsWith(".jsonl")) {
        let rows = -1;
        for (let at = -1; (at = bytes.indexOf(10, at + 1)) >= 0; ) rows++;
        found[name] += ` ${rows}`;
      }
    }
    return found;
  }

  close() {
    closeSync(this.file);
  }
}

/** Names under which two lists of hashes differ. */
export const different = (one, other) => [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => one[name] !== other[name]);
