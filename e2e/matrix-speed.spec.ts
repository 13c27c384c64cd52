// The matrix with as many cells as the real one keeps the page quick.
import { bigBundle } from "./fixtures/bundle.ts";
import { LONG, longTasks, slowed } from "./fixtures/speed.ts";
import { expect, settled, test } from "./fixtures/test.ts";

// A trace copies the whole page at each step, and that is a long task itself.
test.use({ trace: "off", screenshot: "off" });

/** How often that is tried. */
const ROUNDS = 6;

test("seven hundred cells make no long task", async ({ app, admin }) => {
  await admin.syncCatalogue(bigBundle());
  await app.goto("/attack");
  await settled(app, "ATT&CK");
  const box = app.getByRole("region", { name: "Matrix" });
  await expect(box.getByRole("button", { name: /^T3219 / })).toBeAttached();
  const longest = await longTasks(app);
  const cells = box.locator(".cell[data-key]");
  const unfold = app.getByLabel("Show subtechniques");
  const search = app.getByLabel("Search techniques");
  const found: number[] = [];
  // The clock runs on while the machine does something else: the quickest of some rounds tells what the page costs.
  for (let round = 0; round < ROUNDS && !(Math.min(...found) < LONG); round += 1) {
    const before = await slowed(app);
    await app.waitForTimeout(500);
    await longest();
    await unfold.check();
    await expect.poll(() => cells.count()).toBeGreaterThan(660);
    await cells.first().focus();
    for (const key of ["ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight"]) await app.keyboard.press(key);
    await search.fill("subtechnique 1");
    await expect.poll(() => cells.count()).toBeLessThan(400);
    await search.fill("");
    await expect.poll(() => cells.count()).toBeGreaterThan(660);
    await app.waitForTimeout(500);
    const took = await longest();
    found.push(took / Math.max(1, before, await slowed(app)));
    await unfold.uncheck();
    await expect.poll(() => cells.count()).toBeLessThan(300);
  }
  expect(Math.min(...found), `longest tasks in ms: ${found.map(Math.round).join(", ")}`).toBeLessThan(LONG);
});
