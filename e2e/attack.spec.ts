// ATT&CK: the matrix, one technique, and the sync by upload.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { COUNTS, attackBundle } from "./fixtures/bundle.ts";
import { expect, fits, settled, test } from "./fixtures/test.ts";

const DATA = process.env.TYRIAN_TEST_DATA || fileURLToPath(new URL("../../shared/data", import.meta.url));
const REAL = join(DATA, "stix/enterprise-attack-18.1.json.gz");

const json = (name: string, content: object | string) => ({ name, mimeType: "application/json", buffer: Buffer.from(typeof content === "string" ? content : JSON.stringify(content)) });

/** Opens the dialog and chooses a file. */
async function choose(page: Page, file: Parameters<ReturnType<Page["locator"]>["setInputFiles"]>[0]) {
  await page.getByRole("button", { name: /^Sync/ }).first().click();
  const dialog = page.getByRole("dialog", { name: "Sync ATT&CK" });
  await dialog.getByText("A file", { exact: true }).click();
  await dialog.locator("input[type=file]").setInputFiles(file);
  return dialog;
}

test("an upload is previewed, then synced; a later one shows what it would change", async ({ app, admin }) => {
  await app.goto("/attack");
  await settled(app, "ATT&CK");
  await expect(app.getByRole("heading", { name: "No ATT&CK catalogue yet" })).toBeVisible();
  let dialog = await choose(app, json("enterprise-attack.json", attackBundle()));
  await dialog.getByRole("button", { name: "Preview" }).click();
  const preview = dialog.getByRole("region", { name: "What would change" });
  await expect(preview).toContainText(`ATT&CK enterprise 90.1: ${COUNTS.tactics} tactics, ${COUNTS.techniques} techniques, ${COUNTS.subtechniques} subtechniques`);
  // nobody published this hash: it has to be confirmed
  const sync = dialog.getByRole("button", { name: "Sync", exact: true });
  await expect(sync).toBeDisabled();
  await preview.getByRole("checkbox", { name: /I checked/ }).check();
  await sync.click();
  await expect(dialog).toHaveCount(0);
  await expect(app.getByText("synced just now")).toBeVisible();
  await expect(app.getByText("hash not verified")).toBeVisible();
  await expect(app.locator("footer")).toContainText("ATT&CK Enterprise v90.1");
  expect((await admin.get("/mitre/status")).counts).toMatchObject(COUNTS);

  await admin.testTemplate("Encoded PowerShell", [["subtechnique", "T1059.001"]]);
  dialog = await choose(app, json("enterprise-attack.json", attackBundle("90.2", { T1110: "Guessing" })));
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(preview.getByText("Renamed or moved · 1")).toBeVisible();
  await expect(preview.getByRole("listitem").filter({ hasText: "T1110" })).toContainText("Guessing");
  await dialog.getByRole("button", { name: "Close" }).last().click();
  expect(await admin.get("/mitre/status")).toMatchObject({ version: "90.1" });
});

test("a bundle that is none is refused with a reason, and the catalogue stays", async ({ app, admin }) => {
  await admin.syncCatalogue();
  await app.goto("/attack");
  await settled(app, "ATT&CK");
  const dialog = await choose(app, json("broken.json", '{"type": "bundle", "objects": ['));
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  await dialog.locator("input[type=file]").setInputFiles(json("good.json", attackBundle("90.3")));
  await dialog.getByLabel("Expected SHA-256").fill("0".repeat(64));
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByRole("alert")).toContainText("0".repeat(64));
  expect(await admin.get("/mitre/status")).toMatchObject({ version: "90.1", counts: COUNTS });
});

test("the matrix scrolls in its own box, is searched, walked by arrow keys, and opens a technique", async ({ app, admin }) => {
  await admin.library();
  await app.goto("/attack");
  await settled(app, "ATT&CK");
  const box = app.getByRole("region", { name: "Matrix" });
  await fits(app, "the matrix");
  expect(await box.evaluate((element) => element.scrollWidth > element.clientWidth), "the matrix is wider than its box").toBe(true);
  await app.getByLabel("Show subtechniques").check();
  await expect(box.getByRole("button", { name: /^T1021\.001 / })).toBeVisible();
  await fits(app, "the matrix with subtechniques");
  await app.getByLabel("Show subtechniques").uncheck();

  await app.getByLabel("Search techniques").fill("powershell");
  await expect(app.getByText("1 match")).toBeVisible();
  await expect(box.getByRole("button", { name: /^T1059\.001 PowerShell/ })).toBeVisible();
  await expect(box.getByRole("button", { name: /^T1110 / })).toBeHidden();
  await expect(box.getByText("Credential Access")).toBeHidden();
  await app.getByLabel("Search techniques").fill("");

  // a technique counts the templates of its subtechniques
  const cell = box.getByRole("button", { name: /^T1059 Command and Scripting Interpreter ?, 1 template$/ });
  await cell.focus();
  await app.keyboard.press("ArrowDown");
  await app.keyboard.press("ArrowDown");
  await expect(box.getByRole("button", { name: /^T1204 / })).toBeFocused();
  await app.keyboard.press("Home");
  await app.keyboard.press("Enter");
  await expect(app).toHaveURL(/technique=T1059$/);
  const card = app.getByRole("complementary", { name: "T1059" });
  await expect(card.getByRole("heading", { name: "Command and Scripting Interpreter" })).toBeVisible();
  await expect(card.getByRole("link", { name: "Encoded PowerShell" })).toBeVisible();
  // what was opened stands in the address, so Back closes it
  await app.goBack();
  await expect(card).toHaveCount(0);
  await cell.click();
  await card.getByRole("button", { name: /T1059\.003/ }).click();
  await expect(app).toHaveURL(/technique=T1059\.003$/);
  const under = app.getByRole("complementary", { name: "T1059.003" });
  await expect(under.getByText("No template is tagged with it yet.")).toBeVisible();
  await under.getByRole("link", { name: "New test for it" }).click();
  await settled(app, "New test template");
  await expect(app.getByText("T1059.003", { exact: true })).toBeVisible();
});

test("the real bundle of ATT&CK 18.1 is uploaded with progress and is there whole", async ({ app, admin }) => {
  if (!existsSync(REAL)) console.log(`skipped: no ${REAL} (TYRIAN_TEST_DATA names the folder)`);
  test.skip(!existsSync(REAL), "no real data");
  test.setTimeout(180_000);
  const dir = await mkdtemp(join(tmpdir(), "tyrian-e2e-real-"));
  const file = join(dir, "enterprise-attack.json");
  await writeFile(file, gunzipSync(await readFile(REAL)));
  await app.goto("/attack");
  await settled(app, "ATT&CK");
  const dialog = await choose(app, file);
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByRole("progressbar")).toBeVisible();
  const preview = dialog.getByRole("region", { name: "What would change" });
  await expect(preview).toContainText("14 tactics, 216 techniques, 475 subtechniques", { timeout: 60_000 });
  await preview.getByRole("checkbox", { name: /I checked/ }).check();
  await dialog.getByRole("button", { name: "Sync", exact: true }).click();
  await expect(dialog).toHaveCount(0, { timeout: 90_000 });
  await rm(dir, { recursive: true });
  const box = app.getByRole("region", { name: "Matrix" });
  await expect(box.getByRole("button", { name: /^T1059 Command and Scripting Interpreter/ })).toBeVisible();
  await fits(app, "the real matrix");
  await app.getByLabel("Show subtechniques").check();
  await expect(box.getByRole("button", { name: /^T1059\.001 / })).toBeVisible();
  await fits(app, "the real matrix with subtechniques");
  expect((await admin.get("/mitre/status")).counts).toEqual({ tactics: 14, techniques: 216, subtechniques: 475 });
  await app.goto("/attack?technique=T1059.001");
  await expect(app.getByRole("complementary", { name: "T1059.001" }).getByRole("heading", { name: "PowerShell" })).toBeVisible();
});
