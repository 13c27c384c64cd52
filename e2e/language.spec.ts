// The app in another language and in other locales: one file of texts is all that it takes.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { PAGES, seed } from "./fixtures/pages.ts";
import { expect, settled, test } from "./fixtures/test.ts";

type Texts = Record<string, string | Record<string, string>>;
const ENGLISH: Texts = JSON.parse(readFileSync(new URL("../frontend/texts/en.json", import.meta.url), "utf8"));

/** Letters of another shape, so that what has not been translated stands out; places stay. */
const wide = (text: string) =>
  text.replace(/\{[^}]*\}|[A-Za-z]/g, (found) => (found.length > 1 ? found : String.fromCodePoint(found.codePointAt(0)! + 0xfee0)));
const translated = (): Texts =>
  Object.fromEntries(Object.entries(ENGLISH).map(([key, said]) => [key, typeof said === "string" ? wide(said) : { other: wide(said.other ?? "") }]));

/** Lets the app find a file of texts as scripts/assemble-app.mjs would lay it out. */
async function offer(page: Page, code: string, texts: Texts) {
  await page.route("**/*", async (route) => {
    const url = new URL(route.request().url());
    if (url.pathname.endsWith(`/texts/${code}.json`)) return route.fulfill({ json: texts });
    if (route.request().resourceType() !== "document") return route.fallback();
    const answer = await route.fetch();
    return route.fulfill({ response: answer, body: (await answer.text()).replace('name="languages" content="en"', `name="languages" content="en ${code}"`) });
  });
}

/** A language that was chosen before. The frame of a report has no storage, and its script stops there. */
const chosen = (page: Page, code: string) =>
  page.addInitScript((code) => {
    if (window === window.top) localStorage.setItem("tyrian.language", code);
  }, code);

/** Names, formats and keys that are the same everywhere, and what the browser's Intl writes. */
const SAME = new Set(
  `Tyrian ATT CK MITRE API OpenAPI Docs CSV JSON PDF DOCX HTML XLSX STIX TOTP OPSEC UTC URL IaaS SaaS ESXi Ctrl Alt Esc Tab Cmd Atomic Red Team Sigma Navigator VECTR PurpleOps
   Ghostwriter ATTiRe Windows Linux macOS Chrome Safari Chromium HeadlessChrome PowerShell Bash Python Jan Feb Mar Apr May Jun Jul Aug Sept Sep Oct Nov Dec Mon Tue Wed Thu Fri Sat Sun am pm English Pseudo Accents xyzzy sh`
    .split(/\s+/)
    .concat(["mission.read", "T1059"]),
);

/** What a person sees or hears on the page in Latin letters: texts, and names of controls. */
const shown = (page: Page) =>
  page.evaluate(() => {
    const texts = new Set<string>();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement!;
      if (!parent.closest("time, code, pre, kbd, .avatar, svg, script, style, noscript, iframe, .mono, .md")) texts.add(node.textContent!.replaceAll("\u00ad", ""));
    }
    for (const element of Array.from(document.querySelectorAll("[aria-label], [title], [placeholder], [alt]")))
      for (const name of ["aria-label", "title", "placeholder", "alt"]) {
        const value = element.getAttribute(name);
        if (value && !(name === "title" && element.matches("time"))) texts.add(value);
      }
    return [...texts].filter((text) => /[A-Za-z]{2}/.test(text));
  });

test("the catalogue holds what the app says, and other languages say nothing else", () => {
  const root = fileURLToPath(new URL("..", import.meta.url));
  expect(execFileSync("node", ["scripts/texts.mjs", "--check"], { cwd: root, encoding: "utf8" })).toMatch(/\d+ texts/);
});

test("nothing on any page is left in English where another language has its text", async ({ app, admin }) => {
  test.setTimeout(240_000);
  const at = await seed(admin);
  await offer(app, "en-XA", translated());
  // Words that came from the server are data. They are read on their way to the page, so that they are known before they are shown.
  const data = new Set<string>();
  await app.route("**/api/v1/**", async (route) => {
    if (route.request().headers()["accept"] === "text/event-stream") return route.fallback();
    const answer = await route.fetch().catch(() => null);
    const body = await answer?.body().catch(() => null);
    // the page that asked is gone
    if (!answer || !body) return route.abort().catch(() => undefined);
    if ((answer.headers()["content-type"] ?? "").includes("json")) for (const word of body.toString().match(/[A-Za-z]+/g) ?? []) data.add(word);
    return route.fulfill({ response: answer, body });
  });
  await chosen(app, "en-XA");
  const left: string[] = [];
  for (const [name, path] of PAGES) {
    await app.goto(path(at));
    await settled(app);
    await expect(app.locator("html")).toHaveAttribute("lang", "en-XA");
    for (const text of await shown(app)) {
      // the end of an id may spell a word that the whole id has not
      const words = (text.replace(/…[0-9a-f]+/g, "").match(/[A-Za-z]{2,}/g) ?? []).filter((word) => !SAME.has(word) && !data.has(word));
      if (words.length) left.push(`${name}: ${text.trim()}`);
    }
  }
  await app.unrouteAll({ behavior: "ignoreErrors" });
  expect([...new Set(left)]).toEqual([]);
});

test("the profile offers the languages that there are, and keeps the choice", async ({ app }) => {
  await offer(app, "fr", { ...translated(), Profile: "Profil", "Sign out": "Se déconnecter" });
  await app.goto("/profile");
  await settled(app, "Profile");
  const choice = app.getByRole("combobox", { name: "Language" });
  await expect(choice.getByRole("option")).toHaveText(["English", "français"]);
  await choice.selectOption("fr");
  await settled(app, "Profil");
  await expect(app.locator("html")).toHaveAttribute("lang", "fr");
  await app.reload();
  await settled(app, "Profil");
});

test("a text that has no translation yet is shown in English, and a file that does not come is no fault", async ({ app }) => {
  await offer(app, "fr", { Profile: "Profil" });
  await chosen(app, "fr");
  await app.goto("/profile");
  await settled(app, "Profil");
  await expect(app.getByRole("heading", { name: "Theme" })).toBeVisible();
  await app.route("**/texts/fr.json", (route) => route.fulfill({ status: 404 }));
  await app.reload();
  await settled(app, "Profile");
});

for (const [locale, days] of [
  ["en-GB", /9\s?–\s?20 Mar 2026/],
  ["en-US", /Mar 9\s?–\s?20, 2026/],
] as const) {
  test.describe(locale, () => {
    test.use({ locale });
    test(`dates are written as in ${locale}`, async ({ app, admin }) => {
      await admin.mission("Quiet Ledger", "Meridian Bank", { start_date: "2026-03-09", end_date: "2026-03-20" });
      await app.goto("/missions");
      await settled(app, "Missions");
      await expect(app.locator("main")).toContainText(days);
    });
  });
}
