// The catalogue of the app's texts: node scripts/texts.mjs [--check]
// Gathers what frontend/src says through t!, mark! and count, and the words of the API, into frontend/texts/en.json: English
// to English, sorted. Another language is a file beside it with the same keys; this tells which keys each lacks, and which of
// its keys or places nothing says any more. --check writes nothing and fails where en.json is not what the code says.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SOURCE = "frontend/src";
const TEXTS = "frontend/texts";
const LITERAL = String.raw`"((?:[^"\\]|\\[\s\S])*)"`;

/** The code of the Rust files of a folder, by their paths in it, without their tests. */
const sources = (folder) =>
  readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith(".rs"))
    .map((file) => [file, readFileSync(join(folder, file), "utf8").split("#[cfg(test)]")[0]]);

/** What a Rust literal says. */
const said = (literal) =>
  literal.replace(/\\(?:\n\s*|u\{([0-9a-fA-F]+)\}|([\s\S]))/g, (_, code, one) => {
    if (code) return String.fromCodePoint(parseInt(code, 16));
    return one === undefined ? "" : ({ n: "\n", t: "\t", r: "\r" }[one] ?? one);
  });

/** What stands between the bracket at `from` and the one that closes it. */
function inside(code, from) {
  let depth = 1;
  let i = from;
  for (; depth && i < code.length; i += 1) {
    if (code[i] === '"') {
      for (i += 1; code[i] !== '"'; i += 1) if (code[i] === "\\") i += 1;
    } else if ("([{".includes(code[i])) depth += 1;
    else if (")]}".includes(code[i])) depth -= 1;
  }
  return code.slice(from, i - 1);
}

/** The texts that a source file says; a counted word is `1 test|{n} tests`. */
function textsOf(code) {
  const found = [];
  for (const [, literal] of code.matchAll(new RegExp(String.raw`\b(?:t|mark)!\(\s*${LITERAL}`, "g"))) found.push(said(literal));
  for (const call of code.matchAll(/\bcount\(/g)) {
    const words = inside(code, call.index + call[0].length).match(new RegExp(String.raw`${LITERAL},\s*${LITERAL}\s*,?\s*$`));
    if (words) found.push(`1 ${said(words[1])}|{n} ${said(words[2])}`);
  }
  return found;
}

/** The words of the API's enumerations, as `words` shows them. */
function wordsOf(node, into) {
  if (Array.isArray(node)) for (const one of node) wordsOf(one, into);
  else if (node && typeof node === "object") {
    if (Array.isArray(node.enum)) for (const code of node.enum) if (/^[a-z][a-z_]*$/.test(code)) into.add(code[0].toUpperCase() + code.slice(1).replaceAll("_", " "));
    for (const one of Object.values(node)) wordsOf(one, into);
  }
  return into;
}

/** What the rules that the app shares with the server say of a fault: sentences of their crates. */
function sentencesOfRules(into) {
  for (const folder of ["crates/api-types/src", "crates/domain/src"])
    for (const [, source] of sources(folder)) {
      const code = source.replace(/^\s*(\/\/|#!?\[).*$/gm, "");
      for (const [, literal] of code.matchAll(new RegExp(LITERAL, "g"))) if (/^[A-Z{].* .*[.…]$/s.test(literal)) into.add(said(literal));
      for (const [, title] of code.matchAll(/, \d{3}, "([^"]+)"/g)) into.add(title);
    }
  return into;
}

/** The words of the audit log: its acts (`user.create`) and the fields that the entries tell of. */
function wordsOfAudit(into) {
  const spaced = (code) => code.replace(/[_.]/g, " ");
  const upper = (code) => code[0].toUpperCase() + spaced(code).slice(1);
  for (const [, code] of sources("crates/server/src")) {
    if (!/\bEntry\b/.test(code)) continue;
    for (const [, of, what] of code.matchAll(/"([a-z_]+)\.([a-z_.]+)"/g)) into.add(upper(of)).add(spaced(what));
    for (const [, word] of code.matchAll(/(?:action: |object_kind: |entry\([^"]*, |"[a-z_]+\.[a-z_.]+", )"([a-z_]+)"/g)) into.add(upper(word));
    for (const call of code.matchAll(/json!\(/g)) for (const [, field] of inside(code, call.index + 6).matchAll(/"([a-z_0-9]+)":/g)) into.add(upper(field));
  }
  return into;
}

const keys = sentencesOfRules(wordsOfAudit(wordsOf(JSON.parse(readFileSync("openapi.json", "utf8")).components.schemas, new Set())));
// what only developers see is English, and what explains the macros is none of them
const isShown = (file) => !/^(dev|texts)\//.test(file);
for (const [file, code] of sources(SOURCE)) if (isShown(file)) for (const text of textsOf(code)) keys.add(text);

const sorted = [...keys].sort((a, b) => (a < b ? -1 : 1));
const value = (key) => {
  const forms = key.match(/^1 (.*)\|(\{n\} .*)$/s);
  return forms ? { one: `1 ${forms[1]}`, other: forms[2] } : key;
};
const catalogue = `${JSON.stringify(Object.fromEntries(sorted.map((key) => [key, value(key)])), null, 1)}\n`;

let wrong = false;
const english = join(TEXTS, "en.json");
if (process.argv.includes("--check")) {
  if (!existsSync(english) || readFileSync(english, "utf8") !== catalogue) {
    console.error("frontend/texts/en.json is not what the app says: run node scripts/texts.mjs");
    wrong = true;
  }
} else writeFileSync(english, catalogue);

const places = (text) => [...text.matchAll(/\{[^}]*\}/g)].map(([place]) => place);
for (const file of existsSync(TEXTS) ? readdirSync(TEXTS).filter((file) => file.endsWith(".json") && file !== "en.json") : []) {
  const other = JSON.parse(readFileSync(join(TEXTS, file), "utf8"));
  const lacks = sorted.filter((key) => !(key in other));
  if (lacks.length) console.log(`${file}: ${lacks.length} of ${sorted.length} texts are not translated yet and are shown in English, the first: ${JSON.stringify(lacks[0])}`);
  for (const [key, text] of Object.entries(other)) {
    const fault =
      !keys.has(key) ? "nothing says it any more"
      : typeof text !== typeof value(key) || (typeof text === "object" && typeof text.other !== "string") ? "a counted word is an object with “other”, another text is a text"
      : typeof text === "string" && places(text).length !== places(key).length ? "its places differ"
      : null;
    if (!fault) continue;
    console.error(`${file}: ${JSON.stringify(key)}: ${fault}`);
    wrong = true;
  }
}
console.log(`${sorted.length} texts`);
process.exitCode = wrong ? 1 : 0;
