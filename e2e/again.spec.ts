// A mission played again: the retest, two missions side by side, how far the copies are from today's templates, and the files of it all.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Download, Page } from "@playwright/test";
import { type Api, type Json, accessible, expect, fits, settled, test } from "./fixtures/test.ts";

type Facts = { logged: string; alerted: string; prevented: string } & Record<string, string>;
const MISSED: Facts = { logged: "no", alerted: "no", prevented: "no" };
const ALERTED: Facts = { logged: "yes", alerted: "yes", prevented: "no", detected_at: "2026-01-02T10:04:00Z" };

// each of these opens many pages
test.describe.configure({ timeout: 180_000 });

/** Plays the tests of a mission in their order, as far as there are facts. */
async function play(admin: Api, mission: Json, ...facts: Facts[]): Promise<void> {
  await admin.move(mission, "in_progress");
  for (const [n, fact] of facts.entries()) {
    const path = `/missions/${mission.id}/tests/${mission.scenarios[0].tests[n].id}`;
    for (const to of ["running", "executed"]) await admin.post(`${path}/state`, { to });
    await admin.edit("PATCH", path, { started_at: "2026-01-02T10:00:00Z", ended_at: "2026-01-02T10:01:00Z", ...fact });
    await admin.post(`${path}/state`, { to: "assessed" });
  }
}

/** A mission whose first test was missed and whose second was alerted. */
async function exercise(admin: Api): Promise<Json> {
  const { scenario } = await admin.library();
  const mission = await admin.mission("Quiet Ledger", "Meridian Bank", { scenario_template_ids: [scenario.id], start_date: "2026-01-02" });
  await play(admin, mission, MISSED, ALERTED);
  return admin.get(`/missions/${mission.id}`);
}

const saved = async (download: Promise<Download>) => {
  const file = await download;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
};

const bothWidths = async (page: Page, where: string) => {
  await accessible(page, where);
  await page.setViewportSize({ width: 375, height: 800 });
  await fits(page, `${where} at 375 px`);
  await page.setViewportSize({ width: 1280, height: 900 });
};

test("a mission is played again from its menu, and its retest says of which it is one", async ({ app, admin, browserOf }) => {
  const blue = await admin.member("Bea", "Blue team");
  const origin = await exercise(admin);
  await admin.edit("PATCH", `/missions/${origin.id}`, { objectives: "Do we see it?" });
  const etag = (await admin.send("GET", `/missions/${origin.id}`)).headers.get("etag")!;
  await admin.ok("PUT", `/missions/${origin.id}/members`, { members: [{ user_id: blue.me.id, role_hint: "blue" }] }, { "If-Match": etag });
  await app.goto(`/missions/${origin.id}`);
  await settled(app, "Quiet Ledger");
  await app.getByRole("button", { name: "More actions" }).click();
  await app.getByRole("menuitem", { name: "Retest" }).click();
  const dialog = app.getByRole("dialog", { name: "Retest Quiet Ledger" });
  await expect(dialog.getByLabel("Name")).toHaveValue("Quiet Ledger, retest");
  await expect(dialog).toContainText("Meridian Bank");
  await expect(dialog).toContainText("3 tests in 1 scenario");
  await bothWidths(app, "the retest dialog");

  // what is wrong is said at its field
  await dialog.getByLabel("First day").fill("2026-06-09");
  await dialog.getByLabel("Last day").fill("2026-06-01");
  await dialog.getByRole("button", { name: "Create retest" }).click();
  await expect(dialog.getByLabel("Last day")).toHaveAttribute("aria-invalid", "true");
  await dialog.getByLabel("Last day").fill("2026-06-12");
  await dialog.getByLabel("Name").fill("Quiet Ledger II");
  await dialog.getByRole("button", { name: "Create retest" }).click();

  await settled(app, "Quiet Ledger II");
  const again = await admin.get(new URL(app.url()).pathname);
  expect(again).toMatchObject({ name: "Quiet Ledger II", client: "Meridian Bank", retest_of_id: origin.id, status: "draft", start_date: "2026-06-09", end_date: "2026-06-12", objectives: "Do we see it?" });
  expect(again.members.map((each: Json) => [each.display_name, each.role_hint])).toEqual([["Bea", "blue"]]);
  expect(again.counts.by_state.planned).toBe(3);
  await expect(app.locator(".mhead")).toContainText("Retest of Quiet Ledger");
  await app.locator(".mhead").getByRole("link", { name: "Quiet Ledger", exact: true }).click();
  await settled(app, "Quiet Ledger");

  // without the members, and of an archived mission
  await admin.move(origin, "completed", "archived");
  await app.reload();
  await settled(app, "Quiet Ledger");
  await app.getByRole("button", { name: "More actions" }).click();
  await app.getByRole("menuitem", { name: "Retest" }).click();
  await dialog.getByRole("checkbox", { name: "Keep the member" }).uncheck();
  await dialog.getByRole("button", { name: "Create retest" }).click();
  await settled(app, "Quiet Ledger, retest");
  expect((await admin.get(new URL(app.url()).pathname)).members).toEqual([]);

  // who may not make missions is not offered one, but may compare
  const page = await browserOf("bea@example.test");
  await page.goto(`/missions/${origin.id}`);
  await settled(page, "Quiet Ledger");
  await page.getByRole("button", { name: "More actions" }).click();
  await expect(page.getByRole("menuitem", { name: "Compare" })).toBeVisible();
  await expect(page.getByRole("menuitem", { name: "Retest" })).toHaveCount(0);
});

test("two missions of a client stand side by side, filtered, swapped, and led back to", async ({ app, admin }) => {
  const origin = await exercise(admin);
  const retest = await admin.post(`/missions/${origin.id}/retest`, { name: "Second look" });
  await play(admin, retest, ALERTED, MISSED);
  const unlike = await admin.mission("Paper Tiger", "Meridian Bank");
  await admin.mission("Somebody else's", "ACME");

  await app.goto(`/missions/${retest.id}`);
  await settled(app, "Second look");
  await app.getByRole("button", { name: "More actions" }).click();
  await app.getByRole("menuitem", { name: "Compare" }).click();
  await settled(app, "Compare");
  const measures = app.getByLabel("Measures of both missions");
  await expect(measures.getByRole("row", { name: /Tests missed/ })).toContainText("as before");
  await expect(measures.getByRole("link", { name: "Quiet Ledger" })).toBeVisible();
  const table = app.getByLabel("What became of each");
  await expect(table.getByRole("row")).toHaveCount(4);
  await expect(table.getByRole("row", { name: /Improved/ })).toContainText("Encoded PowerShell");
  await bothWidths(app, "the comparison");

  const filters = app.getByRole("group", { name: "What became of them" });
  await filters.getByRole("button", { name: "Worsened" }).click();
  await expect(app).toHaveURL(/change=worsened/);
  await expect(table.getByRole("row")).toHaveCount(2);
  await expect(table.getByRole("row").nth(1)).toContainText("Dump LSASS");
  await app.reload();
  await settled(app, "Compare");
  await expect(table.getByRole("row")).toHaveCount(2);
  // from the other side what went worse went better
  await app.getByRole("button", { name: "Swap" }).click();
  await expect(app).toHaveURL(new RegExp(`/missions/${origin.id}/compare.*change=improved`));
  await expect(table.getByRole("row").nth(1)).toContainText("Dump LSASS");
  await filters.getByRole("button", { name: "New" }).click();
  await expect(app.getByRole("heading", { name: "Nothing is “new”" })).toBeVisible();
  await app.getByRole("button", { name: "Show all" }).click();
  await app.getByText("Techniques", { exact: true }).click();
  await expect(app).toHaveURL(/show=techniques/);
  await expect(table.getByRole("row", { name: /T1003\.001/ })).toContainText("Improved");
  await app.goBack();
  await expect(table.getByRole("row", { name: /Dump LSASS/ })).toBeVisible();
  await table.getByRole("link", { name: "Missed: Dump LSASS in Second look" }).click();
  await expect(app).toHaveURL(new RegExp(`/missions/${retest.id}\\?test=${retest.scenarios[0].tests[1].id}`));

  // any other mission of the same client, and only those
  await app.goto(`/missions/${unlike.id}/compare`);
  await expect(app.getByRole("heading", { name: "Which other mission?" })).toBeVisible();
  await app.getByRole("combobox", { name: "Another mission of the same client" }).click();
  await expect(app.getByRole("option")).toHaveCount(2);
  await app.getByRole("option", { name: /Second look/ }).click();
  await expect(app).toHaveURL(new RegExp(`with=${retest.id}`));
  await expect(table.getByRole("row", { name: /^Gone/ })).toHaveCount(3);

  // the synthesis of the retest leads here
  await app.goto(`/missions/${retest.id}/synthesis`);
  await settled(app, "Second look");
  await app.getByRole("link", { name: "Test by test" }).click();
  await settled(app, "Compare");
});

test("a mission says where today's templates say something else, and stays as it is", async ({ app, admin, browserOf }) => {
  const blue = await admin.member("Bea", "Blue team");
  const { tests, scenario } = await admin.library();
  const long = Array.from({ length: 120 }, (_, n) => `Step ${n}: do what the step before made possible.`).join("\n");
  await admin.edit("PATCH", `/test-templates/${tests[2].id}`, { procedure: long });
  const mission = await admin.mission("Frozen", "ACME", { scenario_template_ids: [scenario.id], members: [{ user_id: blue.me.id, role_hint: "blue" }] });
  await app.goto(`/missions/${mission.id}`);
  await settled(app, "Frozen");
  await expect(app.getByText("Encoded PowerShell")).toBeVisible();
  await expect(app.getByText("today's templates")).toHaveCount(0);

  await admin.edit("PATCH", `/test-templates/${tests[0].id}`, { command: "powershell -enc SQBFAFgB", opsec_level: "high", tags: ["windows", "loud"] });
  await admin.edit("PATCH", `/test-templates/${tests[2].id}`, { procedure: long.replace("Step 60:", "Step 60, with care:") });
  await admin.edit("PATCH", `/scenario-templates/${scenario.id}`, { threat_actor: "FIN-OTHER" });
  await app.reload();
  await settled(app, "Frozen");
  const banner = app.locator(".mission-banner");
  await expect(banner).toContainText("2 tests and 1 scenario differ from today's templates. The mission keeps its copies; nothing changes by itself.");
  await bothWidths(app, "the banner of the drift");
  await banner.getByRole("link", { name: "Show differences" }).click();
  await settled(app, "Differences from the templates");
  const first = app.getByRole("region", { name: "Encoded PowerShell" });
  await expect(first.getByRole("row", { name: /^Command/ }).locator("del")).toHaveText("SQBFAFgA");
  await expect(first.getByRole("row", { name: /^Command/ }).locator("ins")).toHaveText("SQBFAFgB");
  await expect(first.getByRole("row", { name: /^OPSEC risk/ })).toContainText("High");
  await expect(app.getByRole("region", { name: "Scenario Hands on keyboard" }).getByRole("row", { name: /^Threat actor/ })).toContainText("FIN-OTHER");
  const third = app.getByRole("region", { name: "Remote desktop to a server" });
  await expect(third).not.toContainText("Step 3:");
  await third.getByRole("button", { name: "Whole text" }).click();
  await expect(third).toContainText("Step 3:");
  await bothWidths(app, "the differences");
  await first.getByRole("link", { name: "Open the template" }).click();
  await settled(app, "Encoded PowerShell");
  expect((await admin.get(`/missions/${mission.id}`)).scenarios[0].tests[0].opsec_level).toBe("medium");

  // put away it stays away, until something else differs
  await app.goto(`/missions/${mission.id}`);
  await banner.getByRole("button", { name: "Hide until something else differs" }).click();
  await expect(banner).toHaveCount(0);
  await app.reload();
  await settled(app, "Frozen");
  await expect(app.getByText("Encoded PowerShell")).toBeVisible();
  await expect(banner).toHaveCount(0);
  await admin.edit("DELETE", `/test-templates/${tests[1].id}`);
  await app.reload();
  await expect(banner).toContainText("3 tests");
  await app.goto(`/missions/${mission.id}/drift`);
  await expect(app.getByRole("region", { name: "Dump LSASS" })).toContainText("Template deleted");

  // not for who may not change the mission, nor once it is over
  const page = await browserOf("bea@example.test");
  await page.goto(`/missions/${mission.id}`);
  await settled(page, "Frozen");
  await expect(page.getByText("Encoded PowerShell")).toBeVisible();
  await expect(page.locator(".mission-banner")).toHaveCount(0);
  await page.goto(`/missions/${mission.id}/drift`);
  await expect(page.getByRole("heading", { name: /cannot be shown to you/ })).toBeVisible();
  await admin.move(mission, "in_progress", "completed");
  await app.goto(`/missions/${mission.id}`);
  await settled(app, "Frozen");
  await expect(app.getByText("Encoded PowerShell")).toBeVisible();
  await expect(banner).toHaveCount(0);
});

test("files come by jobs: under the server's names, of several states, while the page is left", async ({ app, admin }) => {
  const mission = await exercise(admin);
  await app.goto(`/missions/${mission.id}/export`);
  await settled(app, "Quiet Ledger");
  const file = async (name: string) => {
    const download = saved(app.waitForEvent("download"));
    await app.getByRole("button", { name: new RegExp(`Download ${name}$`) }).click();
    return download;
  };
  const names = [];
  for (const name of ["JSON, lossless", "ATT&CK Navigator layer", "Attack Flow", "Scenario to share"]) names.push((await file(name)).name);
  expect(names).toEqual(["quiet-ledger.json", "quiet-ledger-layer.json", "quiet-ledger-attack-flow.json", "quiet-ledger-scenario.json"]);

  const states = app.getByRole("group", { name: "Which tests" });
  await states.getByRole("button", { name: "Planned" }).click();
  await expect(app).toHaveURL(/state=planned/);
  expect(JSON.parse((await file("JSON, lossless")).bytes.toString()).tests).toHaveLength(1);
  await states.getByRole("button", { name: "Assessed" }).click();
  const both = JSON.parse((await file("JSON, lossless")).bytes.toString());
  expect([both.tests.length, both.selection.sort()]).toEqual([3, ["assessed", "planned"]]);
  await states.getByRole("button", { name: "All tests" }).click();

  const pdf = await file("PDF report");
  expect([pdf.name, pdf.bytes.subarray(0, 5).toString()]).toEqual(["quiet-ledger.pdf", "%PDF-"]);
  let text = "";
  try {
    text = execFileSync("pdftotext", ["-", "-"], { input: pdf.bytes }).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  if (text) for (const words of ["Quiet Ledger", "Meridian Bank", "Encoded PowerShell", "Dump LSASS"]) expect(text).toContain(words);

  // a job that takes long: its progress shows, it can be left, and the file comes all the same
  let held = true;
  await app.route("**/api/v1/jobs/*", async (route) => {
    if (!held) return route.continue();
    const now = new Date().toISOString();
    const job = { id: route.request().url().split("/").pop(), kind: "export_docx", state: "running", progress: 1, total: 3, message: "Looking at the evidence", result: null, created_at: now, updated_at: now };
    await route.fulfill({ json: job });
  });
  const late = saved(app.waitForEvent("download", { timeout: 60_000 }));
  await app.getByRole("button", { name: /Download Word document$/ }).click();
  await expect(app.getByText("Looking at the evidence; you may leave this page")).toBeVisible();
  await expect(app.getByRole("progressbar", { name: "Word document, being made" })).toHaveAttribute("aria-valuenow", "1");
  await app.getByRole("link", { name: "Synthesis" }).click();
  await expect(app.getByRole("heading", { name: "Detection funnel" })).toBeVisible();
  await app.getByRole("link", { name: "Export" }).click();
  await expect(app.getByRole("button", { name: "Cancel Word document" })).toBeVisible();
  await app.getByRole("link", { name: "Synthesis" }).click();
  held = false;
  expect((await late).name).toBe("quiet-ledger.docx");

  // and one that is cancelled brings nothing
  await app.getByRole("link", { name: "Export" }).click();
  held = true;
  await app.getByRole("button", { name: /Download Bundle$/ }).click();
  await app.getByRole("button", { name: "Cancel Bundle" }).click();
  await expect(app.getByRole("button", { name: /Download Bundle$/ })).toBeVisible();
});

test("the report is previewed in a frame that can do nothing", async ({ app, admin }) => {
  const mission = await exercise(admin);
  await admin.post(`/missions/${mission.id}/comments`, { body: "Between us: the box was never patched." });
  await app.goto(`/missions/${mission.id}/export`);
  await settled(app, "Quiet Ledger");
  const answer = app.waitForResponse((response) => response.url().includes("/api/v1/downloads/"));
  await app.getByRole("button", { name: "Preview the report" }).click();
  await expect(app).toHaveURL(/preview=1/);
  const frame = app.frameLocator("iframe[title='Preview of the report']");
  await expect(frame.getByRole("heading", { level: 1, name: "Quiet Ledger" })).toBeVisible();
  await expect(frame.getByRole("heading", { name: /Dump LSASS/ })).toHaveCount(1);
  const headers = (await answer).headers();
  expect(headers["content-security-policy"]).toBe("default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'");
  expect(headers["content-disposition"]).toBe("inline");
  await expect(app.locator("iframe")).toHaveAttribute("sandbox", "");
  // its own links lead on within it, though its address works only once
  await frame.getByRole("link", { name: "Summary" }).click();
  await expect(frame.getByRole("heading", { name: "Summary" })).toBeInViewport();
  await fits(app, "the preview");
  await app.setViewportSize({ width: 375, height: 800 });
  await fits(app, "the preview at 375 px");
  await app.setViewportSize({ width: 1280, height: 900 });

  // what the two sides write to each other is left out until it is asked for
  await expect(frame.getByText("Between us")).toHaveCount(0);
  await app.getByRole("checkbox", { name: "With comments" }).check();
  await expect(frame.getByText("Between us")).toHaveCount(1);

  // it follows the choice of tests, a reload shows it again, and it closes
  await app.getByRole("group", { name: "Which tests" }).getByRole("button", { name: "Planned" }).click();
  await expect(frame.getByRole("heading", { name: /Dump LSASS/ })).toHaveCount(0);
  await expect(frame.getByRole("heading", { name: /Remote desktop/ })).toHaveCount(1);
  await app.reload();
  await expect(frame.getByRole("heading", { level: 1, name: "Quiet Ledger" })).toBeVisible();
  await app.getByRole("button", { name: "Close the preview" }).click();
  await expect(app.locator("iframe")).toHaveCount(0);
  await accessible(app, "the export tab");
});
