// What an exercise tells when it is over: the numbers of the Synthesis tab, and the mission as files.
import { readFileSync } from "node:fs";
import { type Api, type Json, accessible, expect, fits, settled, test } from "./fixtures/test.ts";

/** A mission with one test that was missed and one that was alerted after four minutes. */
async function exercise(admin: Api): Promise<Json> {
  const { scenario } = await admin.library();
  const mission = await admin.mission("Quiet Ledger", "Meridian Bank", { scenario_template_ids: [scenario.id] });
  await admin.move(mission, "in_progress");
  const facts = [
    { logged: "no", alerted: "no", prevented: "no", priority: "high", recommendation: "Watch the door." },
    { logged: "yes", alerted: "yes", prevented: "no", detected_at: "2026-01-02T10:04:00Z" },
  ];
  for (const [n, fact] of facts.entries()) {
    const path = `/missions/${mission.id}/tests/${mission.scenarios[0].tests[n].id}`;
    for (const to of ["running", "executed"]) await admin.post(`${path}/state`, { to });
    await admin.edit("PATCH", path, { started_at: "2026-01-02T10:00:00Z", ended_at: "2026-01-02T10:01:00Z", ...fact });
    await admin.post(`${path}/state`, { to: "assessed" });
  }
  return admin.get(`/missions/${mission.id}`);
}

test("the synthesis tells funnel, times, techniques and gaps, and leads to the test behind a gap", async ({ app, admin }) => {
  const mission = await exercise(admin);
  const missed = mission.scenarios[0].tests[0];
  await app.goto(`/missions/${mission.id}/synthesis`);
  await settled(app, "Quiet Ledger");
  await expect(app.getByRole("heading", { name: "Detection funnel" })).toBeVisible();
  const times = app.getByLabel("Time to detect, alert and respond");
  await expect(times.getByRole("row", { name: /^Detected/ })).toContainText("4 min");
  const gaps = app.getByLabel("Open gaps, the most urgent first");
  await expect(gaps.getByRole("row")).toHaveCount(2);
  await expect(gaps).toContainText("Watch the door.");
  await accessible(app, "the synthesis");
  await app.setViewportSize({ width: 375, height: 800 });
  await fits(app, "the synthesis at 375 px");
  await app.setViewportSize({ width: 1280, height: 900 });
  await gaps.getByRole("link", { name: missed.name }).click();
  await expect(app).toHaveURL(new RegExp(`test=${missed.id}`));
  // to and fro, by the tab and by the browser's own way back
  for (const back of [() => app.getByRole("link", { name: "Synthesis" }).click(), () => app.goBack(), () => app.getByRole("link", { name: "Synthesis" }).click()]) {
    await expect(app.locator(".dhead h2")).toHaveText(missed.name);
    await back();
    await expect(app.getByRole("heading", { name: "Detection funnel" })).toBeVisible();
    await gaps.getByRole("link", { name: missed.name }).click();
  }
  await expect(app.locator(".dhead h2")).toHaveText(missed.name);
});

test("a mission is downloaded as a table, a report and a bundle, whole or by state", async ({ app, admin }) => {
  const mission = await exercise(admin);
  await app.goto(`/missions/${mission.id}/export`);
  await settled(app, "Quiet Ledger");
  const file = async (name: string) => {
    const download = app.waitForEvent("download");
    await app.getByRole("button", { name: new RegExp(`Download ${name}$`) }).click();
    return readFileSync(await (await download).path());
  };
  const rows = async () => (await file("CSV")).toString("utf8").trim().split(/\r?\n(?=[^"]*(?:"[^"]*"[^"]*)*$)/).length - 1;
  expect(await rows()).toBe(mission.counts.tests);
  await app.getByRole("group", { name: "Which tests" }).getByRole("button", { name: "Assessed" }).click();
  expect(await rows()).toBe(2);
  expect((await file("PDF report")).subarray(0, 5).toString()).toBe("%PDF-");
  expect((await file("Bundle")).subarray(0, 2).toString()).toBe("PK");
  await app.getByLabel("What the layer shows").selectOption("coverage");
  const layer = JSON.parse((await file("ATT&CK Navigator layer")).toString());
  expect(layer.versions.layer).toBe("4.5");
  await accessible(app, "the export tab");
  await app.setViewportSize({ width: 375, height: 800 });
  await fits(app, "the export tab at 375 px");
});
