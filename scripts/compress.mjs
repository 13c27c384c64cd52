// Puts a .br and a .gz beside each file of the folder that gains by it, so that the server never compresses a file at run time.
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const COMPRESSIBLE = new Set([".html", ".js", ".css", ".wasm", ".svg", ".json", ".txt"]);
const folder = process.argv[2];
if (!folder) throw new Error("usage: node scripts/compress.mjs FOLDER");

const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
for (const file of files.filter((file) => /\.(br|gz)$/.test(file))) rmSync(file);

const sizes = { plain: 0, br: 0 };
for (const file of files.filter((file) => COMPRESSIBLE.has(extname(file)))) {
  const plain = readFileSync(file);
  const br = brotliCompressSync(plain, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
  });
  if (br.length >= plain.length) continue;
  writeFileSync(`${file}.br`, br);
  writeFileSync(`${file}.gz`, gzipSync(plain, { level: 9 }));
  sizes.plain += plain.length;
  sizes.br += br.length;
}
console.log(`app: ${Math.round(sizes.plain / 1000)} kB, ${Math.round(sizes.br / 1000)} kB with brotli (fonts apart)`);
