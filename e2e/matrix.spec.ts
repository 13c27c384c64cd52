// The ATT&CK matrix as a picture: the heat map of a mission, and the cards that count the same tests.
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { type Api, type Json, accessible, expect, fits, settled, test } from "./fixtures/test.ts";

/** A mission whose tests are judged: PowerShell missed and alerted, LSASS prevented, remote services waiting. */
async function judged(admin: Api): Promise<Json> {
  const { tests } = await admin.library();
  const again = await admin.testTemplate("Download cradle", [["subtechnique", "T1059.001"]]);
  const scenario = await admin.scenario("All of it", [...tests.map((one) => one.id), again.id]);
  const mission = await admin.mission("Quiet Ledger", "Meridian Bank", { scenario_template_ids: [scenario.id] });
  await admin.move(mission, "in_progress");
  const levels = (await admin.get("/detection-levels")).items as Json[];
  const level = (code: string) => levels.find((one) => one.code === code).id;
  const all = mission.scenarios[0].tests as Json[];
  await judge(admin, mission, all[0], { logged: "yes", alerted: "yes", prevented: "no", detection_level_id: level("technique"), detected_at: "2026-01-02T10:04:00Z", responded_at: "2026-01-02T11:00:00Z" });
  await judge(admin, mission, all[3], { logged: "no", alerted: "no", prevented: "no", detection_level_id: level("none") });
  await judge(admin, mission, all[1], { logged: "yes", alerted: "yes", prevented: "yes", detection_level_id: level("prevented"), detected_at: "2026-01-02T10:00:30Z" });
  return admin.get(`/missions/${mission.id}`);
}

async function judge(admin: Api, mission: Json, one: Json, facts: object): Promise<void> {
  const path = `/missions/${mission.id}/tests/${one.id}`;
  for (const to of ["running", "executed"]) await admin.post(`${path}/state`, { to });
  await admin.edit("PATCH", path, { started_at: "2026-01-02T10:00:00Z", ended_at: "2026-01-02T10:01:00Z", ...facts });
  await admin.post(`${path}/state`, { to: "assessed" });
}

const heat = (page: Page) => page.getByRole("group", { name: "ATT&CK matrix of this mission" });

test("a cell takes the lowest level of its tests, says so in words, and leads to them", async ({ app, admin }) => {
  const mission = await judged(admin);
  await app.goto(`/missions/${mission.id}/synthesis`);
  await settled(app, "Quiet Ledger");
  const map = heat(app);
  const cell = map.getByRole("link", { name: "T1059 Command and Scripting Interpreter, None, 2 tests" });
  await expect(cell).toBeVisible();
  await expect(map.getByRole("link", { name: /^T1003 .*, Prevented, 1 test$/ })).toBeVisible();
  await expect(map.getByRole("link", { name: /^T1021 .*, Not assessed, 1 test$/ })).toBeVisible();
  // a value is never a colour alone
  for (const one of await map.locator("a.cell").all()) await expect(one.locator(".cell__marks .g")).toHaveCount(1);
  await expect(map.getByRole("region", { name: "Execution" })).toContainText("50 %");
  await accessible(app, "the heat map");

  // keys: right unfolds, down goes to what is under it
  await cell.focus();
  const line = app.locator(".readout--matrix");
  await expect(line).toContainText("Command and Scripting Interpreter");
  await expect(line).toContainText("Download cradle");
  await expect(line.getByRole("link", { name: "Open 2 tests" })).toBeVisible();
  await app.keyboard.press("ArrowRight");
  await app.keyboard.press("Enter");
  await app.keyboard.press("ArrowDown");
  await expect(map.getByRole("link", { name: /^T1059\.001 PowerShell, None, 2 tests/ })).toBeFocused();
  await app.keyboard.press("ArrowUp");
  await app.keyboard.press("Enter");
  await settled(app, "Quiet Ledger");
  const missed = mission.scenarios[0].tests[3];
  await expect(app).toHaveURL(new RegExp(`find=T1059&test=${missed.id}`));
  await expect(app.getByLabel("Filter tests")).toHaveValue("T1059");
  await expect(app.locator(".titem[data-state]")).toHaveCount(2);
});

test("metric and extent stand in the address; the layer is a download", async ({ app, admin }) => {
  const mission = await judged(admin);
  await app.goto(`/missions/${mission.id}/synthesis`);
  await settled(app, "Quiet Ledger");
  const map = heat(app);
  await expect(map.getByRole("region")).toHaveCount(3);
  await app.getByText(/^All \d+$/).click();
  await expect(app).toHaveURL(/show=all/);
  await expect(map.getByRole("region")).toHaveCount(14);
  await expect(map.getByText("Phishing", { exact: true })).toBeVisible();
  await app.getByLabel("What a cell tells").selectOption("outcome");
  await expect(app).toHaveURL(/metric=outcome/);
  await expect(map.getByRole("link", { name: "T1059 Command and Scripting Interpreter, Missed, 2 tests" })).toBeVisible();
  await fits(app, "the whole matrix at 1280 px");
  await accessible(app, "the heat map with all techniques");
  await app.reload();
  await settled(app, "Quiet Ledger");
  await expect(map.getByRole("region")).toHaveCount(14);
  const download = app.waitForEvent("download");
  await app.getByRole("button", { name: "Layer" }).click();
  expect(JSON.parse(readFileSync(await (await download).path(), "utf8")).versions.layer).toBe("4.5");
  await app.setViewportSize({ width: 375, height: 800 });
  await fits(app, "the whole matrix at 375 px");
  const box = app.locator(".matrix-box");
  expect(await box.evaluate((element) => element.scrollWidth > element.clientWidth), "the matrix scrolls in its own box").toBe(true);
  await accessible(app, "the heat map at 375 px");
});

test("funnel, times and coverage count the same tests; the histogram has a table", async ({ app, admin }) => {
  const mission = await judged(admin);
  await app.goto(`/missions/${mission.id}/synthesis`);
  await settled(app, "Quiet Ledger");
  await expect(app.getByRole("region", { name: "Detection funnel" }).locator(".funnel__row", { hasText: "Responded" })).toContainText("1");
  const table = app.getByRole("table", { name: "Tests by time to detect" });
  await expect(table.getByRole("row", { name: /^< 1 min/ })).toContainText("1");
  await expect(table.getByRole("row", { name: /^1–5 min/ })).toContainText("1");
  await expect(app.getByRole("img", { name: /^Time to detect: 2 tests with a time, median/ })).toBeVisible();
  await expect(app.getByRole("img", { name: /^Execution: 50 % of the assessed covered\. Technique 1, None 1/ })).toBeVisible();
});

test("a retest marks what is better and worse, in the cells and beside the mission that it repeats", async ({ app, admin }) => {
  const mission = await judged(admin);
  const retest = await admin.post(`/missions/${mission.id}/retest`, { name: "Quiet Ledger again" });
  const again = await admin.get(`/missions/${retest.id}`);
  await admin.move(again, "in_progress");
  const levels = (await admin.get("/detection-levels")).items as Json[];
  const level = (code: string) => levels.find((one) => one.code === code).id;
  const all = again.scenarios[0].tests as Json[];
  const alerted = { logged: "yes", alerted: "yes", prevented: "no", detected_at: "2026-01-02T10:20:00Z" };
  await judge(admin, again, all[0], { ...alerted, detection_level_id: level("tactic") });
  await judge(admin, again, all[3], { ...alerted, detection_level_id: level("general") });
  await judge(admin, again, all[1], { ...alerted, detection_level_id: level("telemetry") });
  await app.goto(`/missions/${again.id}/synthesis`);
  await settled(app, "Quiet Ledger again");
  const map = heat(app);
  await expect(map.getByRole("link", { name: /^T1059 .*, General, 2 tests, better than last time$/ })).toBeVisible();
  await map.getByRole("link", { name: /^T1003 .*, Telemetry, 1 test, worse than last time$/ }).hover();
  await expect(app.locator(".readout--matrix")).toContainText("was Prevented");
  const changed = app.getByRole("region", { name: "Techniques that changed, the worse first" });
  await expect(changed.getByRole("row").nth(1)).toContainText("T1003.001");
  await expect(changed.getByRole("row").nth(1)).toContainText("Worse");
  const measures = app.getByRole("region", { name: "Measures of both missions" });
  await expect(measures.getByRole("row", { name: /^Detected/ })).toContainText("67 %");
  await expect(app.getByRole("img", { name: /^Execution: 100 % of the assessed covered, last time 50 %/ })).toBeVisible();
  await accessible(app, "the synthesis of a retest");
  await app.setViewportSize({ width: 375, height: 800 });
  await fits(app, "the synthesis of a retest at 375 px");
});
