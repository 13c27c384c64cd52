// The command palette: find and do anything from anywhere, by keyboard.
import { accessible, expect, fits, settled, test } from "./fixtures/test.ts";

test("Ctrl K finds missions, tests, templates and techniques, and opens what is chosen", async ({ app, admin }) => {
  const { scenario } = await admin.library();
  const mission = await admin.mission("Quiet Ledger", "Meridian Bank", { scenario_template_ids: [scenario.id] });
  await app.goto("/findings");
  await settled(app, "Findings");
  await app.keyboard.press("Control+k");
  const palette = app.getByRole("dialog", { name: "Search or go to" });
  const input = palette.getByRole("combobox");
  await expect(input).toBeFocused();
  await expect(palette.getByRole("option", { name: "Missions", exact: true })).toBeVisible();
  await expect(palette.getByRole("option", { name: "New mission" })).toBeVisible();

  await input.fill("lsass");
  await expect(palette.getByRole("option", { name: /^Dump LSASS\s*Quiet Ledger$/ })).toBeVisible();
  await expect(palette.getByRole("option", { name: /^Dump LSASS$/ })).toBeVisible();
  await expect(palette.getByRole("option", { name: /^T1003\.001/ })).toBeVisible();
  await expect(palette.getByRole("option", { name: "New mission" })).toHaveCount(0);
  await accessible(app, "the palette");
  await app.setViewportSize({ width: 375, height: 800 });
  await fits(app, "the palette at 375 px");
  await app.setViewportSize({ width: 1280, height: 900 });

  // the first is chosen; one further is the template, one back the test again
  await input.press("ArrowDown");
  await expect(palette.getByRole("option", { selected: true })).toHaveText("Dump LSASS");
  await input.press("ArrowUp");
  await input.press("Enter");
  await expect(app).toHaveURL(new RegExp(`/missions/${mission.id}\\?test=`));
  await expect(palette).toHaveCount(0);
  await expect(app.locator(".dhead h2")).toHaveText("Dump LSASS");

  // it closes by Esc, and the focus is where it was
  const search = app.getByRole("button", { name: "Search or go to" });
  await search.focus();
  await app.keyboard.press("Enter");
  await input.fill("nothing is called so");
  await expect(palette.getByText("Nothing matches.")).toBeVisible();
  await app.keyboard.press("Escape");
  await expect(palette).toHaveCount(0);
  await expect(search).toBeFocused();

  // acts, and pages by name
  await app.keyboard.press("Control+k");
  await input.fill("dark");
  await input.press("Enter");
  await expect(app.locator("html")).toHaveAttribute("data-theme", "dark");
  await app.keyboard.press("Control+k");
  await input.fill("analyt");
  await input.press("Enter");
  await expect(app).toHaveURL(/\/analytics$/);
});
