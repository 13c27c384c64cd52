// /dev/ui: every component in its states, in a development build. A released app has no such page.
import { accessible, expect, fits, test } from "./fixtures/test.ts";

test("the components show their states, light and dark", async ({ app }) => {
  await app.goto("/dev/ui");
  await expect(app.getByRole("heading", { level: 1 })).toBeVisible();
  if (await app.getByRole("heading", { level: 1, name: "Page not found" }).count()) {
    await expect(app.getByText("The address /dev/ui leads nowhere.")).toBeVisible();
    return;
  }
  await expect(app.locator("section.card[aria-label]").first()).toBeVisible();
  const colour = (state: string) =>
    app.getByRole("region", { name: "Buttons", exact: true }).locator(`[data-states="${state}"] .btn--primary`).first().evaluate((button) => getComputedStyle(button).backgroundColor);
  await expect.poll(async () => (await colour("hover")) !== (await colour(""))).toBe(true);
  const ring = app.locator('[data-states="focus"] .btn').first();
  expect(await ring.evaluate((button) => getComputedStyle(button).outlineStyle)).toBe("solid");
  for (const theme of ["light", "dark"]) {
    await app.getByRole("radio", { name: theme, exact: false }).check({ force: true });
    await expect(app.locator("html")).toHaveAttribute("data-theme", theme);
    await accessible(app, `the components, ${theme}`);
  }
  await app.setViewportSize({ width: 375, height: 800 });
  await fits(app, "the components at 375 px");
});
