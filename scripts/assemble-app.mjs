// Puts the app together as the binary serves it: node scripts/assemble-app.mjs BUILT OUT [--plain]
// BUILT holds what wasm-split and wasm-bindgen made. What never changes under its name lies in folders with a hash in theirs,
// so that browsers keep it for good; a .br and a .gz beside each file that gains by it, so that the server never compresses
// one at run time (--plain leaves them out). The last line tells what a browser fetches before it shows the first page.
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const COMPRESSIBLE = new Set([".html", ".js", ".css", ".wasm", ".bin", ".svg", ".json", ".txt"]);
/** wasm-split makes a file for each set of parts that share code: what is smaller than this shares one file, `small.bin`. */
const SMALL_BYTES = 12_000;
const [built, out, plain] = process.argv.slice(2);
if (!built || !out) throw new Error("usage: node scripts/assemble-app.mjs BUILT OUT [--plain]");

const filesOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();

/** Renames a folder after its content, and says the new name. */
function hashed(folder) {
  const hash = createHash("sha256");
  for (const file of filesOf(folder)) hash.update(basename(file)).update("\0").update(readFileSync(file));
  const name = `${basename(folder)}-${hash.digest("hex").slice(0, 16)}`;
  renameSync(folder, join(folder, "..", name));
  return name;
}

/** Lays the small files one after the other into `small.bin`, and lets the loader of the parts cut them out of it. */
function pack(folder) {
  const loader = join(folder, "__wasm_split.js");
  const contents = [];
  let end = 0;
  // A page that is left while parts are fetched ahead is no error; one that needs the part shows that it did not come.
  const text = readFileSync(loader, "utf8").replace(/^\/\*.*\*\/\n/gm, "").replace("console.error(e)", "console.warn(e)");
  const js = text.replace(/fetch\(new URL\("\.\/(\w+\.wasm)", import\.meta\.url\)\)/g, (whole, name) => {
    const content = readFileSync(join(folder, name));
    if (content.length >= SMALL_BYTES) return whole;
    rmSync(join(folder, name));
    contents.push(content);
    end += content.length;
    return `small(${end - content.length}, ${end})`;
  });
  writeFileSync(join(folder, "small.bin"), Buffer.concat(contents));
  writeFileSync(
    loader,
    `${js}
let packed;
function small(from, to) {
    packed ??= fetch(new URL("./small.bin", import.meta.url)).then((answer) => (answer.ok ? answer.arrayBuffer() : Promise.reject(new Error(answer.status))));
    packed.catch(() => (packed = undefined));
    return packed.then((bytes) => new Response(bytes.slice(from, to), { headers: { "content-type": "application/wasm" } }));
}
`,
  );
}

const work = `${out}.new`;
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
cpSync("frontend/fonts", join(work, "fonts"), { recursive: true });
const fonts = hashed(join(work, "fonts"));

const app = join(work, "app");
cpSync(built, app, { recursive: true });
pack(app);
for (const file of ["boot.js", "theme.js", "favicon.svg"]) cpSync(join("frontend", file), join(app, file));
// The other languages; English stands in the code. The page says which there are, and boot.js fetches the reader's.
mkdirSync(join(app, "texts"));
const languages = readdirSync("frontend/texts").filter((file) => file.endsWith(".json") && file !== "en.json");
for (const file of languages) writeFileSync(join(app, "texts", file), JSON.stringify(JSON.parse(readFileSync(join("frontend/texts", file), "utf8"))));
writeFileSync(join(app, "app.css"), readFileSync("frontend/.build/app.css", "utf8").replaceAll('url("fonts/', `url("../${fonts}/`));
const name = hashed(app);

const page = readFileSync("frontend/index.html", "utf8")
  .replaceAll("/app/", `/${name}/`)
  .replace('content="en"', `content="${["en", ...languages.map((file) => basename(file, ".json"))].join(" ")}"`)
  .replace("<!-- icons.svg -->", () => readFileSync("frontend/icons.svg", "utf8"))
  .replace(/^ *<!--(?! g-| i-)[^>]*-->\n/gm, "");
writeFileSync(join(work, "index.html"), page);

const sizes = new Map();
for (const file of filesOf(work)) {
  const content = readFileSync(file);
  sizes.set(file, content.length);
  if (plain || !COMPRESSIBLE.has(extname(file))) continue;
  const br = brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  });
  if (br.length >= content.length) continue;
  writeFileSync(`${file}.br`, br);
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
  sizes.set(file, br.length);
}
rmSync(out, { recursive: true, force: true });
renameSync(work, out);
const all = [...sizes.values()].reduce((sum, size) => sum + size, 0);
console.log(`app: ${Math.round(all / 1000)} kB in ${sizes.size} files`);
