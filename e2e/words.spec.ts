// What the app asks and says: before a test counts as assessed, on the cards of missions, of people, in the log, at required fields.
import type { Page } from "@playwright/test";
import { type Api, type Json, accessible, expect, fits, settled, steps, test } from "./fixtures/test.ts";

interface Stage {
  mission: Json;
  red: Api;
  blue: Api;
  path: (n: number) => string;
  url: (n: number) => string;
}

/** A mission in progress, its tests executed, Rhea red and Bela blue. */
async function executed(admin: Api): Promise<Stage> {
  const { scenario } = await admin.library();
  const red = await admin.member("Rhea", "Red team");
  const blue = await admin.member("Bela", "Blue team");
  const mission = await admin.mission("Quiet Ledger", "Meridian Bank", {
    scenario_template_ids: [scenario.id],
    members: [
      { user_id: red.me.id, role_hint: "red" },
      { user_id: blue.me.id, role_hint: "blue" },
    ],
  });
  await admin.move(mission, "in_progress");
  const tests = mission.scenarios[0].tests;
  const path = (n: number) => `/missions/${mission.id}/tests/${tests[n].id}`;
  for (const n of [0, 1, 2]) for (const to of ["running", "executed"]) await red.post(`${path(n)}/state`, { to });
  return { mission, red, blue, path, url: (n) => `/missions/${mission.id}?test=${tests[n].id}` };
}

const blueSide = (page: Page) => page.getByRole("region", { name: "Blue side" });
const state = (page: Page) => page.getByRole("list", { name: "State" }).locator("[aria-current=step]");

test("an untouched form is not assessed without a question", async ({ admin, browserOf }) => {
  const { blue, path, url } = await executed(admin);
  const page = await browserOf(blue.me.email);
  await page.goto(url(0));
  await settled(page, "Quiet Ledger");
  const mark = page.getByRole("button", { name: "Mark assessed" });
  await mark.click();
  const asked = page.getByRole("alertdialog", { name: "Nothing is said yet about what blue saw" });
  await expect(asked).toBeVisible();
  await accessible(page, "the question about the facts");
  // back: nothing is written, and the first answer has the focus
  await asked.getByRole("button", { name: "Go back and fill in" }).click();
  await expect(asked).toBeHidden();
  await expect(blueSide(page).getByRole("radiogroup", { name: "Logged" }).getByRole("radio").first()).toBeFocused();
  expect(await blue.get(path(0))).toMatchObject({ state: "executed", logged: "unknown" });

  await mark.click();
  await asked.getByRole("button", { name: "Nothing was seen" }).click();
  await expect(state(page)).toHaveText("Assessed");
  expect(await blue.get(path(0))).toMatchObject({ state: "assessed", logged: "no", alerted: "no", prevented: "no", outcome: "missed" });
});

test("what was seen is asked for its time, which may be unknown", async ({ admin, browserOf }) => {
  const { blue, path, url } = await executed(admin);
  const page = await browserOf(blue.me.email);
  await page.goto(url(0));
  await settled(page, "Quiet Ledger");
  await blueSide(page).getByRole("radiogroup", { name: "Alerted" }).getByRole("radio", { name: "Yes" }).check({ force: true });
  await page.getByRole("button", { name: "Mark assessed" }).click();
  const when = page.getByRole("dialog", { name: "When was it detected?" });
  await when.getByRole("button", { name: "Mark assessed" }).click();
  await expect(when.getByText("Give a time, or go on with")).toBeVisible();
  await accessible(page, "the question about the time");
  const started = Date.parse((await blue.get(path(0))).started_at);
  await when.getByLabel("Detected", { exact: true }).fill(new Date(started + 61_000).toISOString());
  await when.getByRole("button", { name: "Mark assessed" }).click();
  await expect(state(page)).toHaveText("Assessed");
  const first = await blue.get(path(0));
  expect(first).toMatchObject({ state: "assessed", alerted: "yes", outcome: "alerted" });
  expect(Date.parse(first.detected_at)).toBe(started + 61_000);

  // without a time, by a click more
  await page.goto(url(1));
  await settled(page, "Quiet Ledger");
  await blueSide(page).getByRole("radiogroup", { name: "Logged" }).getByRole("radio", { name: "Partial" }).check({ force: true });
  await page.getByRole("button", { name: "Mark assessed" }).click();
  await when.getByRole("button", { name: "No time known" }).click();
  await expect(state(page)).toHaveText("Assessed");
  expect(await blue.get(path(1))).toMatchObject({ logged: "partial", detected_at: null, outcome: "logged" });

  // what the tools say is offered, and a time of theirs is enough
  const tool = await admin.post("/defence-tools", { name: "Sentry EDR", kind: "EDR" });
  const at = new Date(Date.parse((await blue.get(path(2))).started_at) + 5_000).toISOString();
  await blue.post(`${path(2)}/detections`, { defence_tool_id: tool.id, kind: "alerted", result: "yes", occurred_at: at });
  await page.goto(url(2));
  await settled(page, "Quiet Ledger");
  await expect(blueSide(page).getByText("Sentry EDR")).toBeVisible();
  await page.getByRole("button", { name: "Mark assessed" }).click();
  const asked = page.getByRole("alertdialog", { name: "Nothing is said yet about what blue saw" });
  await expect(asked).toContainText("alerted yes");
  await asked.getByRole("button", { name: "Take what the tools say" }).click();
  await expect(state(page)).toHaveText("Assessed");
  expect(await blue.get(path(2))).toMatchObject({ alerted: "yes", logged: "unknown", detected_at: null, outcome: "alerted" });
});

test("a result counts on the cards without a level, and what goes on stands first", async ({ app, admin }) => {
  const { blue, path } = await executed(admin);
  await blue.edit("PATCH", path(0), { alerted: "yes" });
  await blue.post(`${path(0)}/state`, { to: "assessed" });
  await blue.edit("PATCH", path(1), { logged: "no" });
  await blue.post(`${path(1)}/state`, { to: "assessed" });
  await admin.mission("A later draft", "ACME");
  await app.goto("/");
  await settled(app, "Home");
  const rows = app.locator("li.mission");
  await expect(rows.first()).toContainText("Quiet Ledger");
  await expect(rows.first()).toContainText("50 % covered · 1 missed");
  await expect(rows.first()).toContainText("1 waits for blue");
  await expect(rows.first().getByRole("img", { name: "Prevented 0, Alerted 1, Logged 0, Missed 1" })).toBeVisible();
  await expect(rows.nth(1)).toContainText("No results yet");
  await app.goto("/missions");
  await settled(app, "Missions");
  await expect(app.locator("li.mission", { hasText: "Quiet Ledger" })).toContainText("50 % covered · 1 missed");
  await expect(app.getByRole("group", { name: "Results" })).toContainText("Alerted");
});

test("the database is the administrator’s", async ({ admin, app, browserOf }) => {
  const red = await admin.member("Rhea", "Red team");
  await app.goto("/");
  await settled(app, "Home");
  await expect(app.getByRole("heading", { name: "Database" })).toBeVisible();
  const page = await browserOf(red.me.email);
  await page.goto("/");
  await settled(page, "Home");
  await expect(page.getByRole("heading", { name: "ATT&CK catalogue" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Database" })).toHaveCount(0);
});

test("who is no member is called by name", async ({ admin, app, browserOf }) => {
  const { red, path, url } = await executed(admin);
  // an administrator takes it up again: they run it, and are no member
  await red.post(`${path(0)}/state`, { to: "running" });
  await red.edit("PATCH", path(0), { operator_id: null });
  await red.post(`${path(0)}/state`, { to: "skipped" });
  await red.post(`${path(0)}/state`, { to: "planned" });
  await admin.post(`${path(0)}/state`, { to: "running" });
  const page = await browserOf(red.me.email);
  await page.goto(url(0));
  await settled(page, "Quiet Ledger");
  await expect(page.getByRole("region", { name: "Red side" }).getByLabel("Operator").locator("option:checked")).toHaveText("Ada Admin");
  await app.goto(url(0));
  await settled(app, "Quiet Ledger");
  await expect(app.getByText("no member")).toHaveCount(0);
});

test("a mission without red is started by a second click; with red at once", async ({ admin, app }) => {
  const blue = await admin.member("Bela", "Blue team");
  const red = await admin.member("Rhea", "Red team");
  const alone = await admin.mission("Only blue", "ACME", { members: [{ user_id: blue.me.id, role_hint: "blue" }] });
  const both = await admin.mission("Both", "ACME", { members: [{ user_id: red.me.id, role_hint: "red" }] });
  await app.goto(`/missions/${alone.id}`);
  await settled(app, "Only blue");
  await steps(app).filter({ hasText: "Start" }).click();
  const asked = app.getByRole("alertdialog", { name: "Start Only blue all the same?" });
  await expect(asked).toContainText("Nobody of red is a member of this mission");
  await accessible(app, "the question before a start");
  await asked.getByRole("link", { name: "Add members first" }).click();
  await expect(app).toHaveURL(`/missions/${alone.id}/members`);
  await expect(asked).toBeHidden();
  expect((await admin.get(`/missions/${alone.id}`)).status).toBe("draft");
  await app.goto(`/missions/${both.id}`);
  await settled(app, "Both");
  await steps(app).filter({ hasText: "Start" }).click();
  await expect(app.locator("header.topbar").getByText("In progress", { exact: true })).toBeVisible();
});

test("the log tells what a field was and became, long texts only that they changed", async ({ admin, app }) => {
  const { mission, blue, red, path } = await executed(admin);
  await red.edit("PATCH", path(0), { target_host: "WS-FIN-114", operator_id: null, red_notes: "a long story" });
  await red.edit("PATCH", path(0), { target_host: "WS-FIN-115" });
  await blue.edit("PATCH", path(0), { alerted: "partial" });
  await app.goto(`/missions/${mission.id}/activity`);
  await settled(app, "Quiet Ledger");
  const lines = app.getByRole("list", { name: "What happened" }).locator("> li");
  await expect(lines.nth(0)).toContainText("Bela changed alerted of");
  await expect(lines.nth(0).getByRole("list", { name: "Changes" })).toHaveText("Alerted: Not said → became Partial");
  await expect(lines.nth(1).getByRole("list", { name: "Changes" })).toContainText("WS-FIN-114 → became WS-FIN-115");
  const third = lines.nth(2).getByRole("list", { name: "Changes" });
  await expect(third).toContainText("Rhea → became Nobody");
  await expect(third).not.toContainText("a long story");
  await expect(lines.nth(2)).toContainText("red’s notes");
  await accessible(app, "the log with its changes");
  await app.setViewportSize({ width: 375, height: 812 });
  await fits(app, "the log with its changes");
});

test("what a form needs is marked, and shows at its field when it is missing", async ({ app }) => {
  await app.goto("/templates/tests/new");
  await settled(app, "New test template");
  const name = app.getByLabel("Name", { exact: true });
  await expect(name).toHaveAttribute("aria-required", "true");
  await expect(app.locator(".field", { has: name })).toContainText("required");
  await app.locator("header.topbar").getByRole("button", { name: "Save" }).click();
  await expect(app.getByText("This is needed.")).toBeVisible();
  await expect(name).toBeFocused();
});

test("a sync without a connection names the host and leads to the upload", async ({ app }) => {
  await app.route("**/api/v1/mitre/sync/preview", (route) =>
    route.fulfill({
      status: 422,
      contentType: "application/problem+json",
      body: JSON.stringify({ type: "about:blank", title: "The source could not be read", status: 422, detail: "No connection to raw.example.test. Without one, the bundle can be uploaded as a file.", code: "source_unreachable", request_id: "r1" }),
    }),
  );
  await app.goto("/attack");
  await settled(app, "ATT&CK");
  await app.getByRole("button", { name: /Sync/ }).first().click();
  const dialog = app.getByRole("dialog", { name: "Sync ATT&CK" });
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByText("No connection to raw.example.test.")).toBeVisible();
  await dialog.getByRole("button", { name: "Upload a file" }).click();
  await expect(dialog.getByRole("radio", { name: "A file" })).toBeChecked();
  // it cannot be pressed yet, and says why when it is
  await dialog.getByRole("button", { name: "Preview" }).click({ force: true });
  await expect(dialog.getByText("Choose a file first")).toBeVisible();
});
