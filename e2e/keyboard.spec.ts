// The main job without a mouse: sign in, write a test and a scenario, make a mission of it, start it, run a test.
import type { Locator, Page } from "@playwright/test";
import { ADMIN, PASSWORD, expect, settled, test } from "./fixtures/test.ts";

/** Tabs that a keyboard may need to a field: more is out of reach. */
const REACH = 60;

interface Stop {
  there: boolean;
  shown: boolean;
  what: string;
}

/** What has the focus: is it the target, and does it show that it has it? The ring is its own, or that of the box around it. */
const stop = (target: Locator): Promise<Stop> =>
  target.evaluate((target) => {
    const now = document.activeElement;
    // what the page itself gave the focus to, such as its heading, is no stop
    if (!now || now === document.body || now.matches("[tabindex='-1']")) return { there: now === target, shown: true, what: "" };
    const rings = (element: Element | null) => !!element && (getComputedStyle(element).outlineStyle !== "none" || getComputedStyle(element).boxShadow !== "none");
    const around = [now, now.nextElementSibling, now.parentElement, now.parentElement?.parentElement ?? null, now.parentElement?.parentElement?.parentElement ?? null];
    return { there: now === target, shown: around.some(rings), what: now.outerHTML.slice(0, 200) };
  });

/** Does the target stand before what has the focus? Then the way there is Shift and Tab. */
const isBefore = (target: Locator): Promise<boolean> =>
  target.evaluate((target) => {
    const now = document.activeElement;
    return !!now && now !== document.body && !!(target.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING);
  });

/** Presses Tab until the target has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  const key = (await isBefore(target)) ? "Shift+Tab" : "Tab";
  for (let n = 0; n < REACH; n += 1) {
    const { there, shown, what } = await stop(target);
    if (!shown) expect.soft(shown, `no visible focus on ${what}`).toBe(true);
    if (there) return;
    await page.keyboard.press(key);
  }
  await expect(target, "not within reach of the Tab key").toBeFocused();
}

/** Goes there by Tab and types; what stood there is replaced. */
async function type(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press("Control+a");
  await page.keyboard.type(text);
}

/** Goes there by Tab and presses it. */
async function press(page: Page, target: Locator, key = "Enter"): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

/** Opens the palette, types and takes the first. */
async function command(page: Page, text: string): Promise<void> {
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Search or go to" });
  await expect(palette.getByRole("combobox")).toBeFocused();
  await page.keyboard.type(text);
  await expect(palette.getByRole("option", { name: text, exact: true })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(palette).toHaveCount(0);
}

test("the main job is done without a mouse", async ({ page, admin }) => {
  test.setTimeout(240_000);
  await admin.syncCatalogue();
  await page.goto("/");

  // sign in
  await type(page, page.getByLabel("Email"), ADMIN.email);
  await type(page, page.getByLabel("Password", { exact: true }), PASSWORD);
  await page.keyboard.press("Enter");
  await settled(page, "Home");

  // a test, with a technique
  await command(page, "New test template");
  await settled(page, "New test");
  await type(page, page.getByLabel("Name", { exact: true }), "Encoded PowerShell");
  await type(page, page.getByRole("combobox", { name: /Add a tactic/ }), "T1059.001");
  await expect(page.getByRole("option", { name: /T1059\.001/ })).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Take T1059.001 out" })).toBeVisible();
  await page.keyboard.press("Control+s");
  await settled(page, "Encoded PowerShell");

  // a scenario of it
  await command(page, "New scenario");
  await settled(page, "New scenario");
  await type(page, page.getByLabel("Name", { exact: true }), "Hands on keyboard");
  await press(page, page.getByRole("button", { name: "Add Encoded PowerShell" }));
  await expect(page.getByRole("list", { name: "Tests in order" }).getByRole("listitem")).toHaveCount(1);
  await page.keyboard.press("Control+s");
  await settled(page, "Hands on keyboard");

  // a mission through the wizard
  await command(page, "New mission");
  await settled(page, "New mission");
  await type(page, page.getByLabel("Name"), "Night Ferry");
  await type(page, page.getByLabel("Client"), "ACME");
  await press(page, page.getByRole("button", { name: "Scenarios", exact: true }));
  await press(page, page.getByRole("checkbox", { name: "Hands on keyboard" }), "Space");
  await expect(page.getByRole("list", { name: "Scenarios in order" }).getByRole("listitem")).toHaveCount(1);
  await press(page, page.getByRole("button", { name: "Members", exact: true }));
  await press(page, page.getByRole("button", { name: "Create mission" }));
  await settled(page, "Night Ferry");

  // started; a member of red is there, so nobody is asked
  await press(page, page.getByRole("button", { name: "Start mission" }));
  await expect(page.locator("header.topbar").getByText("In progress", { exact: true })).toBeVisible();

  // the first test: opened, started, filled, ended by its keys
  const state = page.getByRole("list", { name: "State" }).locator("[aria-current=step]");
  await page.keyboard.press("j");
  await expect(page.getByRole("heading", { name: "Encoded PowerShell" })).toBeVisible();
  // the keys of a test count once it is there
  await expect(page.getByRole("button", { name: "Start", exact: true })).toBeVisible();
  await page.keyboard.press("s");
  await expect(state).toHaveText("Running");
  const red = page.getByRole("region", { name: "Red side" });
  await type(page, red.getByLabel("Command run"), "powershell -enc SQBFAFgA");
  await type(page, red.getByLabel("Output"), "ok 4711");
  await page.keyboard.press("Control+Enter");
  await expect(red.getByRole("status").filter({ hasText: /^Saved \d\d:\d\d$/ })).toBeVisible();
  await press(page, page.getByRole("button", { name: "End", exact: true }));
  await expect(state).toHaveText("Executed");
  const id = new URL(page.url()).pathname.split("/")[2]!;
  const mission = await admin.get(`/missions/${id}`);
  expect(await admin.get(`/missions/${id}/tests/${mission.scenarios[0].tests[0].id}`)).toMatchObject({ state: "executed", output: "ok 4711" });
});

test("a dialog and a menu keep the focus, and give it back", async ({ app, admin }) => {
  await admin.mission("Night Ferry", "ACME");
  await app.goto("/missions?view=board");
  await settled(app, "Missions");
  const menu = app.getByRole("button", { name: "Move Night Ferry" });
  await press(app, menu);
  await expect(app.getByRole("menuitem", { name: "Start mission" })).toBeFocused();
  await app.keyboard.press("Escape");
  await expect(menu).toBeFocused();
  await app.keyboard.press("Enter");
  await expect(app.getByRole("menuitem", { name: "Start mission" })).toBeFocused();
  await app.keyboard.press("Enter");
  // nobody of red is in it: asked
  const asked = app.getByRole("alertdialog", { name: "Start Night Ferry all the same?" });
  await expect(asked).toBeVisible();
  for (let n = 0; n < 5; n += 1) {
    await app.keyboard.press("Tab");
    expect(await asked.evaluate((dialog) => dialog.contains(document.activeElement) || document.activeElement === document.body)).toBe(true);
  }
  await app.keyboard.press("Escape");
  await expect(asked).toHaveCount(0);
  await expect(menu).toBeFocused();
});
