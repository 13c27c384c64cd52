// A mission is run: red and blue at two browsers, one test. What each writes, what both write, what is not lost.
import type { Page } from "@playwright/test";
import { type Api, type Json, PASSWORD, accessible, expect, look, settled, test } from "./fixtures/test.ts";

interface Stage {
  mission: Json;
  red: Api;
  blue: Api;
  /** the address of the n-th test */
  url: (n: number) => string;
  path: (n: number) => string;
  tests: Json[];
}

/** A mission in progress with three tests, Rhea red, Bela blue, and two defence tools. */
async function stage(admin: Api, more: { status?: string[]; hidden?: number } = {}): Promise<Stage> {
  const { tests, scenario } = await admin.library();
  await admin.edit("PATCH", `/test-templates/${tests[0].id}`, {
    command: "powershell -enc #{payload} -host #{host}",
    arguments: { payload: { default: "SQBFAFgA" }, host: { description: "Where it runs" } },
  });
  const red = await admin.member("Rhea", "Red team");
  const blue = await admin.member("Bela", "Blue team");
  for (const [name, kind] of [["Sentry EDR", "EDR"], ["Loghaus", "SIEM"]]) await admin.post("/defence-tools", { name, kind });
  const mission = await admin.mission("Quiet Ledger", "Meridian Bank", {
    scenario_template_ids: [scenario.id],
    members: [
      { user_id: red.me.id, role_hint: "red" },
      { user_id: blue.me.id, role_hint: "blue" },
    ],
  });
  const path = (n: number) => `/missions/${mission.id}/tests/${mission.scenarios[0].tests[n].id}`;
  if (more.hidden !== undefined) await admin.edit("PATCH", path(more.hidden), { disclosed: false });
  await admin.move(mission, ...(more.status ?? ["in_progress"]));
  return { mission, red, blue, tests: mission.scenarios[0].tests, path, url: (n) => `/missions/${mission.id}?test=${mission.scenarios[0].tests[n].id}` };
}

const side = (page: Page, name: "Red" | "Blue") => page.getByRole("region", { name: `${name} side` });
const saved = (page: Page, name: "Red" | "Blue") => expect(side(page, name).getByRole("status").filter({ hasText: /^Saved \d\d:\d\d$/ })).toBeVisible();
const state = (page: Page) => page.getByRole("list", { name: "State" }).locator("[aria-current=step]");

test("red starts, fills and ends a test; blue notes a detection, takes what it says and assesses it", async ({ admin, browserOf }) => {
  const { red, blue, url, path } = await stage(admin);
  const left = await browserOf(red.me.email);
  await left.goto(url(0));
  await settled(left, "Quiet Ledger");

  // the command is filled as the values are typed, and kept
  await left.getByLabel("host", { exact: true }).fill("WS-FIN-114");
  const command = left.getByLabel("Command with its values");
  await expect(command).toHaveText("powershell -enc SQBFAFgA -host WS-FIN-114");
  await left.getByLabel("host", { exact: true }).blur();
  await saved(left, "Red");
  expect((await red.get(path(0))).argument_values).toEqual({ host: "WS-FIN-114" });

  await left.getByRole("button", { name: "Start", exact: true }).click();
  await expect(state(left)).toHaveText("Running");
  await left.getByRole("button", { name: "Ran as is" }).click();
  await expect(side(left, "Red").getByLabel("Command run")).toHaveValue("powershell -enc SQBFAFgA -host WS-FIN-114");
  await side(left, "Red").getByLabel("Operator").selectOption({ label: "Rhea" });
  await side(left, "Red").getByLabel("Output").fill("ok 4711");
  await left.keyboard.press("Control+Enter");
  await saved(left, "Red");
  await left.getByRole("button", { name: "End", exact: true }).click();
  await expect(state(left)).toHaveText("Executed");
  const run = await red.get(path(0));
  expect(run).toMatchObject({ state: "executed", output: "ok 4711", operator_id: red.me.id, target_host: null });
  // blue's side is not theirs: text, with its owner named
  await expect(side(left, "Blue").getByText("Blue writes this")).toBeVisible();
  await expect(side(left, "Blue").getByRole("radio")).toHaveCount(0);

  const right = await browserOf(blue.me.email);
  await right.goto(url(0));
  await settled(right, "Quiet Ledger");
  await expect(side(right, "Red").getByText("Red writes this")).toBeVisible();
  await expect(side(right, "Red").getByText("ok 4711")).toBeVisible();
  await right.getByRole("button", { name: "Add detection" }).click();
  const dialog = right.getByRole("dialog", { name: "Add detection" });
  await dialog.getByLabel("Defence tool").selectOption({ label: "Sentry EDR (EDR)" });
  await dialog.getByRole("radio", { name: "Partial" }).check({ force: true });
  await dialog.getByLabel("Reference").fill("Alert 8812");
  await dialog.getByLabel("When").fill("soon");
  await dialog.getByRole("button", { name: "Save detection" }).click();
  await expect(dialog.getByText("A time like 14:02:11")).toBeVisible();
  const at = new Date(Date.parse(run.started_at) + 47_000).toISOString();
  await dialog.getByLabel("When").fill(at);
  await dialog.getByRole("button", { name: "Save detection" }).click();
  await expect(side(right, "Blue").getByText("Partially alerted")).toBeVisible();

  // proposed, and written only by a click
  expect((await blue.get(path(0))).alerted).toBe("unknown");
  await side(right, "Blue").getByRole("button", { name: "Take it for alerted" }).click();
  await expect(side(right, "Blue").getByRole("radiogroup", { name: "Alerted" }).getByRole("radio", { name: "Partial" })).toBeChecked();
  await side(right, "Blue").getByRole("radio", { name: "Tactic" }).check({ force: true });
  await side(right, "Blue").getByLabel("Detected", { exact: true }).fill("2101-01-01 00:00:00");
  await side(right, "Blue").getByLabel("Detected", { exact: true }).blur();
  await expect(side(right, "Blue").getByText("Later than now")).toBeVisible();
  await side(right, "Blue").getByLabel("Detected", { exact: true }).fill("2001-01-01 00:00:00");
  await side(right, "Blue").getByLabel("Detected", { exact: true }).blur();
  await expect(side(right, "Blue").getByText(/lies before the start/)).toBeVisible();
  await side(right, "Blue").getByLabel("Detected", { exact: true }).fill(at);
  await side(right, "Blue").getByLabel("Notes", { exact: true }).fill("Slow, not blind.");
  await side(right, "Blue").getByLabel("Notes", { exact: true }).blur();
  await saved(right, "Blue");
  await expect(side(right, "Blue").getByText("47 s")).toBeVisible();
  await right.getByRole("button", { name: "Mark assessed" }).click();
  await expect(state(right)).toHaveText("Assessed");
  expect(await blue.get(path(0))).toMatchObject({ state: "assessed", alerted: "partial", logged: "unknown", blue_notes: "Slow, not blind.", outcome: "alerted" });
  // the side is blue's, and locked with the reason
  await expect(side(right, "Blue").getByLabel("Notes", { exact: true })).toBeDisabled();
  await expect(side(right, "Blue").getByText("move it back to executed first").first()).toBeVisible();
});

test("what two people change apart joins; what both change is shown and chosen", async ({ admin, browserOf }) => {
  const { red, url, path } = await stage(admin);
  await red.post(`${path(0)}/state`, { to: "running" });
  const page = await browserOf(red.me.email);
  await page.goto(url(0));
  await settled(page, "Quiet Ledger");
  const notes = side(page, "Red").getByLabel("Notes", { exact: true });
  await notes.fill("Mine: two tries.");
  // another field of the same test meanwhile: no question, both stay
  await red.edit("PATCH", path(0), { output: "theirs" });
  await notes.blur();
  await saved(page, "Red");
  await expect(side(page, "Red").getByLabel("Output")).toHaveValue("theirs");
  expect(await red.get(path(0))).toMatchObject({ red_notes: "Mine: two tries.", output: "theirs" });

  await notes.fill("Mine: three tries.");
  await red.edit("PATCH", path(0), { red_notes: "Theirs: no prompt.", command_run: "x" });
  await notes.blur();
  const dialog = page.getByRole("dialog", { name: "Somebody saved this test while you wrote" });
  await expect(dialog.getByText("One field differs.")).toBeVisible();
  await expect(dialog.getByText("Theirs: no prompt.")).toBeVisible();
  await dialog.getByRole("button", { name: "Back to writing" }).click();
  await expect(notes).toHaveValue("Mine: three tries.");
  // no save that follows asks the same again
  await page.waitForTimeout(2_500);
  await expect(dialog).toBeHidden();
  expect((await red.get(path(0))).red_notes).toBe("Theirs: no prompt.");
  await side(page, "Red").getByRole("button", { name: "Compare" }).click();
  await dialog.getByRole("radio", { name: "Red notes: written anew" }).check();
  await dialog.getByLabel("Red notes, written anew").fill("Three tries, no prompt.");
  await dialog.getByRole("button", { name: "Save the choice" }).click();
  await expect(dialog).toBeHidden();
  await saved(page, "Red");
  expect(await red.get(path(0))).toMatchObject({ red_notes: "Three tries, no prompt.", command_run: "x" });
});

test("unsaved text survives a reload and a lost connection", async ({ admin, browserOf }) => {
  const { red, url, path } = await stage(admin);
  await red.post(`${path(0)}/state`, { to: "running" });
  const page = await browserOf(red.me.email);
  await page.goto(url(0));
  await settled(page, "Quiet Ledger");
  const notes = side(page, "Red").getByLabel("Notes", { exact: true });
  const cut = (route: { abort: () => Promise<void>; request: () => { method: () => string }; fallback: () => Promise<void> }) =>
    route.request().method() === "PATCH" ? route.abort() : route.fallback();
  await page.route("**/api/v1/missions/*/tests/*", cut);
  await notes.fill("Half a sentence");
  await notes.blur();
  await expect(side(page, "Red").getByText("no connection, trying again")).toBeVisible();
  await page.reload();
  await settled(page, "Quiet Ledger");
  await expect(notes).toHaveValue("Half a sentence");
  await expect(page.getByText("What you had not saved is back")).toBeVisible();
  expect((await red.get(path(0))).red_notes).toBeNull();

  // the line comes back: it is saved by itself
  await notes.fill("A whole sentence.");
  await notes.blur();
  await expect(side(page, "Red").getByText("no connection, trying again")).toBeVisible();
  await page.unroute("**/api/v1/missions/*/tests/*", cut);
  await saved(page, "Red");
  expect((await red.get(path(0))).red_notes).toBe("A whole sentence.");
  await page.reload();
  await settled(page, "Quiet Ledger");
  await expect(notes).toHaveValue("A whole sentence.");
  await expect(page.getByText("What you had not saved is back")).toBeHidden();

  // what comes back can be thrown away
  await page.route("**/api/v1/missions/*/tests/*", cut);
  await notes.fill("Not this");
  await notes.blur();
  await expect(side(page, "Red").getByText("no connection, trying again")).toBeVisible();
  await page.reload();
  await settled(page, "Quiet Ledger");
  await page.unroute("**/api/v1/missions/*/tests/*", cut);
  await page.getByRole("button", { name: "Discard" }).click();
  await expect(notes).toHaveValue("A whole sentence.");
  await page.reload();
  await settled(page, "Quiet Ledger");
  await expect(notes).toHaveValue("A whole sentence.");
});

test("a hidden test is not there for blue until red shows it", async ({ admin, browserOf }) => {
  const { red, blue, url } = await stage(admin, { hidden: 1 });
  const right = await browserOf(blue.me.email);
  await right.goto(url(1));
  await settled(right, "Quiet Ledger");
  await expect(right.getByRole("heading", { name: "There is no such test" })).toBeVisible();
  const list = right.getByRole("navigation", { name: "Tests" });
  await expect(list.getByText("Encoded PowerShell")).toBeVisible();
  await expect(list.getByText("Dump LSASS")).toHaveCount(0);
  await expect(right.getByRole("link", { name: /^Tests 2/ })).toBeVisible();

  const left = await browserOf(red.me.email);
  await left.goto(url(1));
  await settled(left, "Quiet Ledger");
  await expect(left.getByRole("navigation", { name: "Tests" }).getByText("hidden")).toBeVisible();
  await left.getByRole("switch", { name: "Shown to blue" }).check();
  await saved(left, "Red");
  await right.reload();
  await settled(right, "Quiet Ledger");
  await expect(right.getByRole("heading", { name: "Dump LSASS" })).toBeVisible();
});

test("what is being written survives the end of the session, and is saved after signing in again", async ({ admin, browserOf }) => {
  const { red, url, path } = await stage(admin);
  await admin.post(`${path(0)}/state`, { to: "running" });
  const page = await browserOf(red.me.email);
  await page.goto(url(0));
  await settled(page, "Quiet Ledger");
  for (const session of (await red.get("/auth/sessions")).items as Json[]) {
    if (!session.current) await red.send("DELETE", `/auth/sessions/${session.family}`);
  }
  const notes = side(page, "Red").getByLabel("Notes", { exact: true });
  await notes.fill("Half a day of work.");
  await notes.blur();
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await expect(dialog).toBeVisible();
  await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(notes).toHaveValue("Half a day of work.");
  await expect.poll(async () => (await red.get(path(0))).red_notes).toBe("Half a day of work.");
});

test("signing in again in one tab is enough for all tabs of the browser", async ({ admin, browserOf }) => {
  const { red, url, path } = await stage(admin);
  await admin.post(`${path(0)}/state`, { to: "running" });
  const tabs = [await browserOf(red.me.email)];
  tabs.push(await tabs[0].context().newPage());
  for (const tab of tabs) {
    await tab.goto(url(0));
    await settled(tab, "Quiet Ledger");
  }
  for (const session of (await red.get("/auth/sessions")).items as Json[]) {
    if (!session.current) await red.send("DELETE", `/auth/sessions/${session.family}`);
  }
  const dialogs = tabs.map((tab) => tab.getByRole("dialog", { name: "Sign in again" }));
  for (const [n, tab] of tabs.entries()) {
    // a tab that was told already shows the dialog over the page
    if (!(await dialogs[n].isVisible())) {
      await side(tab, "Red").getByLabel(n ? "Output" : "Notes", { exact: true }).fill("more").catch(() => {});
      await tab.keyboard.press("Control+Enter");
    }
    await expect(dialogs[n]).toBeVisible({ timeout: 30_000 });
  }
  await dialogs[1].getByLabel("Password", { exact: true }).fill(PASSWORD);
  await dialogs[1].getByRole("button", { name: "Sign in", exact: true }).click();
  for (const [n, tab] of tabs.entries()) {
    await expect(dialogs[n]).toBeHidden();
    await expect(tab.getByRole("status").filter({ hasText: "Live" })).toBeVisible({ timeout: 30_000 });
  }
});

test("a test is run without a mouse", async ({ admin, app }) => {
  const { path } = await stage(admin);
  const mission = path(0).split("/")[2];
  await app.goto(`/missions/${mission}`);
  await settled(app, "Quiet Ledger");
  await app.keyboard.press("?");
  await expect(app.getByRole("dialog", { name: "Keys" }).getByText("Mark it assessed")).toBeVisible();
  await app.keyboard.press("Escape");
  await app.keyboard.press("j");
  await expect(app.getByRole("heading", { name: "Encoded PowerShell" })).toBeVisible();
  await app.keyboard.press("j");
  await expect(app.getByRole("heading", { name: "Dump LSASS" })).toBeVisible();
  await app.keyboard.press("k");
  await expect(app.getByRole("heading", { name: "Encoded PowerShell" })).toBeVisible();
  await expect(state(app)).toHaveText("Planned");
  // not assessed before it ran: it says why
  await app.keyboard.press("a");
  await expect(app.getByText("The test has not been run yet.").first()).toBeVisible();
  await app.keyboard.press("s");
  await expect(state(app)).toHaveText("Running");
  await side(app, "Red").getByLabel("Output").focus();
  await app.keyboard.type("seen by jake");
  await app.keyboard.press("Control+Enter");
  await saved(app, "Red");
  await app.keyboard.press("Tab");
  await app.evaluate(() => (document.activeElement as HTMLElement).blur());
  await app.keyboard.press("e");
  await expect(state(app)).toHaveText("Executed");
  // blue has said nothing yet: it is asked, and answered by keys too
  await app.keyboard.press("a");
  await app.getByRole("button", { name: "Nothing was seen" }).press("Enter");
  await expect(state(app)).toHaveText("Assessed");
  expect(await admin.get(path(0))).toMatchObject({ state: "assessed", output: "seen by jake", logged: "no", alerted: "no", prevented: "no" });
  await app.keyboard.press("c");
  await expect(app.getByRole("textbox", { name: "Comment on this test" })).toBeFocused();
  await app.keyboard.press("Escape");
  await app.evaluate(() => (document.activeElement as HTMLElement).blur());
  await app.keyboard.press("x");
  await expect(app.getByText("1 selected")).toBeVisible();
  await app.keyboard.press("/");
  await expect(app.getByRole("searchbox", { name: "Filter tests" })).toBeFocused();
  await app.keyboard.type("lsass");
  await expect(app.getByRole("navigation", { name: "Tests" }).getByText("Encoded PowerShell")).toHaveCount(0);
});

test("many tests at once, another order, a test that no template has", async ({ admin, app }) => {
  const { mission, red, path, tests } = await stage(admin);
  await admin.post(`${path(2)}/state`, { to: "skipped" });
  await app.goto(`/missions/${mission.id}`);
  await settled(app, "Quiet Ledger");
  await app.getByRole("button", { name: "More about the list" }).click();
  await app.getByRole("menuitem", { name: "Select several" }).click();
  await app.getByRole("button", { name: "All", exact: true }).click();
  await expect(app.getByText("3 selected")).toBeVisible();
  await app.getByRole("button", { name: "Change the selected tests" }).click();
  await app.getByRole("menuitem", { name: "Assign an operator" }).click();
  const bulk = app.getByRole("dialog", { name: "Assign an operator" });
  await bulk.getByLabel("Operator").selectOption({ label: "Rhea" });
  await bulk.getByRole("button", { name: "Change 3 tests" }).click();
  // the skipped one says why not
  await expect(bulk.getByText("2 of 3 tests changed.")).toBeVisible();
  await expect(bulk.getByText(/Remote desktop to a server.*The test is skipped/)).toBeVisible();
  await bulk.getByRole("button", { name: "Done" }).click();
  await expect(app.getByText("1 selected")).toBeVisible();
  expect((await admin.get(path(0))).operator_id).toBe(red.me.id);

  await app.getByRole("button", { name: "Order the tests of Hands on keyboard" }).click();
  const order = app.getByRole("dialog", { name: "Order of Hands on keyboard" });
  await order.getByRole("button", { name: "Move Dump LSASS up" }).press("Enter");
  await order.getByRole("button", { name: "Save the order" }).click();
  await expect(order).toBeHidden();
  const names = async () => ((await admin.get(`/missions/${mission.id}`)).scenarios[0].tests as Json[]).map((each) => each.name);
  expect(await names()).toEqual(["Dump LSASS", "Encoded PowerShell", "Remote desktop to a server"]);
  // by keyboard in the list, whole list and all, once it shows the new order
  await expect(app.locator(".trow").first()).toContainText("Dump LSASS");
  await app.locator(`#test-${tests[1].id}`).focus();
  await app.keyboard.press("Alt+ArrowDown");
  await expect.poll(names).toEqual(["Encoded PowerShell", "Dump LSASS", "Remote desktop to a server"]);

  await app.getByRole("button", { name: "Add a test to Hands on keyboard" }).click();
  const add = app.getByRole("dialog", { name: "Add a test" });
  await add.getByRole("button", { name: "Add test" }).click();
  await expect(add.getByLabel("Name")).toHaveAttribute("aria-invalid", "true");
  await add.getByLabel("Name").fill("Pass the hash");
  await add.getByRole("combobox", { name: /Add a tactic/ }).fill("T1021.001");
  await add.getByRole("option", { name: /Remote Desktop Protocol/ }).click();
  await add.getByLabel("Command").fill("mstsc /restrictedadmin");
  await add.getByRole("switch", { name: "Shown to blue" }).uncheck();
  await add.getByRole("button", { name: "Add test" }).click();
  await expect(app.getByRole("heading", { name: "Pass the hash" })).toBeVisible();
  const made = (await admin.get(`/missions/${mission.id}`)).scenarios[0].tests[3];
  expect(made).toMatchObject({ name: "Pass the hash", disclosed: false, mitre_tags: [{ external_id: "T1021.001" }] });
});

for (const scheme of ["light", "dark"] as const) {
  for (const width of [1280, 375]) {
    test(`the tests of a mission have no axe violation, ${scheme}, ${width} px`, async ({ admin, app }) => {
      const { red, blue, url, path } = await stage(admin, { hidden: 2 });
      await red.post(`${path(0)}/state`, { to: "running" });
      await red.post(`${path(0)}/state`, { to: "executed" });
      const tool = (await admin.get("/defence-tools")).items[0];
      await blue.post(`${path(0)}/detections`, { defence_tool_id: tool.id, kind: "alerted", result: "no", notes: "Nothing came." });
      await app.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      await app.setViewportSize({ width, height: 812 });
      await app.goto(url(0));
      await settled(app, "Quiet Ledger");
      await expect(app.getByRole("heading", { name: "Encoded PowerShell" })).toBeVisible();
      await accessible(app, "an executed test");
      if (width < 760) {
        expect(await app.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        await app.locator(".seg label", { hasText: "Blue" }).first().click();
      }
      await app.getByRole("button", { name: "Add detection" }).click();
      await expect(app.getByRole("dialog", { name: "Add detection" })).toBeVisible();
      await accessible(app, "the dialog of a detection");
      await app.keyboard.press("Escape");
      await app.goto(url(2));
      await settled(app, "Quiet Ledger");
      await accessible(app, "a planned test");
      if (width < 760) await app.getByRole("link", { name: "All tests" }).click();
      await app.getByRole("button", { name: "More about the list" }).click();
      await app.getByRole("menuitem", { name: "Select several" }).click();
      await accessible(app, "the list while selecting");
    });
  }
}

test("who keeps the plan corrects it until the test is run, and the template stays as it is", async ({ admin, app, browserOf }) => {
  const { blue, url, path, tests } = await stage(admin);
  await app.goto(url(1));
  await settled(app, "Quiet Ledger");
  await app.getByRole("button", { name: "Edit the plan" }).click();
  const plan = app.getByRole("region", { name: "Plan" });
  await plan.getByLabel("Procedure").fill("Only on **WS-FIN-114**.");
  await plan.getByLabel("Executor").selectOption("powershell");
  await expect(plan.getByRole("status").filter({ hasText: /^Saved \d\d:\d\d$/ })).toBeVisible();
  await accessible(app, "a plan that is edited");
  await plan.getByLabel("Name", { exact: true }).fill("");
  await expect(plan.getByText("Not saved: see below")).toBeVisible();
  await plan.getByLabel("Name", { exact: true }).fill("Dump LSASS, one host");
  await plan.getByRole("button", { name: "Done" }).click();
  await expect(app.locator(".dhead h2")).toHaveText("Dump LSASS, one host");
  await expect(app.getByText("Only on WS-FIN-114.")).toBeVisible();
  const copy = await admin.get(path(1));
  expect([copy.name, copy.procedure, copy.executor]).toEqual(["Dump LSASS, one host", "Only on **WS-FIN-114**.", "powershell"]);
  expect((await admin.get(`/test-templates/${copy.source_test_template_id}`)).name).toBe(tests[1].name);

  const other = await browserOf(blue.me.email);
  await other.goto(url(1));
  await settled(other, "Quiet Ledger");
  await expect(other.getByText("Only on WS-FIN-114.")).toBeVisible();
  await expect(other.getByRole("button", { name: "Edit the plan" })).toHaveCount(0);
  await app.getByRole("button", { name: "Start", exact: true }).click();
  await expect(state(app)).toHaveText("Running");
  await expect(app.getByRole("button", { name: "Edit the plan" })).toHaveCount(0);
});

test("arguments, labels, platforms and references of a planned test are written in its mission", async ({ admin, app }) => {
  const { url, path } = await stage(admin);
  await app.goto(url(0));
  await settled(app, "Quiet Ledger");
  await app.getByRole("button", { name: "Edit the plan" }).click();
  const plan = app.getByRole("region", { name: "Plan", exact: true });
  const savedPlan = () => expect(plan.getByRole("status").filter({ hasText: /^Saved \d\d:\d\d$/ })).toBeVisible();

  await plan.getByLabel("Platforms").fill("Windows");
  await plan.getByLabel("Platforms").press("Enter");
  await plan.getByLabel("Platforms").fill("Linux, macOS");
  await plan.getByLabel("Platforms").blur();
  await plan.getByLabel("Tags").fill("quarterly");
  await plan.getByLabel("Tags").press("Enter");
  await plan.getByRole("button", { name: "Take windows out", exact: true }).click();
  await plan.getByLabel("References").fill("https://attack.mitre.org/techniques/T1059\n\nRunbook 7, p. 12");
  await plan.getByLabel("References").blur();

  // the command asks for one more; another name is changed, a third comes by hand
  await plan.getByLabel("Command", { exact: true }).fill("powershell -enc #{payload} -host #{host} -port #{port}");
  await plan.getByRole("button", { name: "Add port" }).click();
  await expect(plan.getByLabel("Name of argument 3")).toHaveValue("port");
  await plan.getByLabel("Type of argument 3").selectOption("integer");
  await plan.getByLabel("Default of argument 3").fill("445");
  await plan.getByLabel("Default of argument 1").fill("ws-7");
  await plan.getByLabel("Description of argument 3").fill("Where it listens");
  await plan.getByRole("button", { name: "Add an argument" }).click();
  await expect(plan.getByLabel("Name of argument 4")).toBeFocused();
  await look(app, "plan-edited");

  // one without a name holds the arguments back, and says so; the rest of the plan is saved
  await plan.getByRole("button", { name: "Done" }).click();
  await expect(plan.getByText("Name the argument, or take it out. Until then the arguments are not saved.")).toBeVisible();
  await expect(plan.getByLabel("Name of argument 4")).toBeFocused();
  await look(app, "plan-fault");
  await plan.getByRole("button", { name: "Take argument 4 out" }).click();
  await savedPlan();
  // a name that is taken away is missed at once, since what stands beside it could not be kept
  await plan.getByLabel("Name of argument 3").fill("");
  await expect(plan.getByText("Until then the arguments are not saved.")).toBeVisible();
  await plan.getByLabel("Name of argument 3").fill("port");
  await expect(plan.getByText("Until then the arguments are not saved.")).toHaveCount(0);
  await plan.getByRole("button", { name: "Done" }).click();
  await expect(plan).toHaveCount(0);

  const expected = {
    platforms: ["Windows", "Linux", "macOS"],
    tags: ["quarterly"],
    references: ["https://attack.mitre.org/techniques/T1059", "Runbook 7, p. 12"],
    arguments: {
      host: { description: "Where it runs", type: null, default: "ws-7" },
      payload: { description: null, type: null, default: "SQBFAFgA" },
      port: { description: "Where it listens", type: "integer", default: 445 },
    },
  };
  await expect.poll(() => admin.get(path(0))).toMatchObject(expected);
  await expect(app.getByLabel("Command with its values")).toHaveText("powershell -enc SQBFAFgA -host ws-7 -port 445");
  await expect(app.getByRole("region", { name: "Tags and references" }).getByRole("link", { name: /T1059.*new tab/ })).toBeVisible();
  await expect(app.getByText("Windows, Linux, macOS")).toBeVisible();
});

test("arguments of two people join, and labels that both changed are shown and chosen", async ({ admin, app }) => {
  const { url, path } = await stage(admin);
  await app.goto(url(0));
  await settled(app, "Quiet Ledger");
  await app.getByRole("button", { name: "Edit the plan" }).click();
  const plan = app.getByRole("region", { name: "Plan", exact: true });
  await plan.getByLabel("Default of argument 1").fill("ws-7");
  const now = (await admin.get(path(0))).arguments;
  await admin.edit("PATCH", path(0), { arguments: { ...now, user: { default: "svc", type: "string" } } });
  await expect(plan.getByLabel("Name of argument 3")).toHaveValue("user");
  // the row in which one types stays the row in which one types
  await expect(plan.getByLabel("Default of argument 1")).toBeFocused();
  await expect(plan.getByLabel("Default of argument 1")).toHaveValue("ws-7");
  await plan.getByLabel("Default of argument 1").blur();
  await expect.poll(async () => (await admin.get(path(0))).arguments).toMatchObject({ host: { default: "ws-7" }, user: { default: "svc" } });

  await app.route("**/api/v1/missions/*/tests/*", (route) => (route.request().method() === "PATCH" ? route.abort() : route.continue()));
  await plan.getByLabel("Tags").fill("mine");
  await plan.getByLabel("Tags").press("Enter");
  await expect(plan.getByText("no connection, trying again")).toBeVisible();
  await admin.edit("PATCH", path(0), { tags: ["theirs", "windows"] });
  await app.unroute("**/api/v1/missions/*/tests/*");
  const dialog = app.getByRole("dialog", { name: "Somebody saved this test while you wrote" });
  await expect(dialog.getByText("One field differs.")).toBeVisible();
  await expect(dialog.getByText("windows, mine")).toBeVisible();
  await expect(dialog.getByText("theirs, windows")).toBeVisible();
  await accessible(app, "two versions of labels");
  await dialog.getByRole("radio", { name: "Tags: theirs" }).check();
  await dialog.getByRole("button", { name: "Save the choice" }).click();
  await expect(dialog).toBeHidden();
  await expect(plan.getByRole("button", { name: "Take theirs out" })).toBeVisible();
  await expect(plan.getByRole("button", { name: "Take mine out" })).toHaveCount(0);
  expect((await admin.get(path(0))).tags).toEqual(["theirs", "windows"]);

  // once the test has begun nobody writes its plan: what is open says why, and takes nothing
  await admin.post(`${path(0)}/state`, { to: "running" });
  await expect(plan.getByLabel("Tags")).toBeDisabled();
  await expect(plan.getByLabel("Name of argument 1")).toBeDisabled();
  await expect(plan.getByRole("button", { name: "Add an argument" })).toHaveCount(0);
  await expect(plan.getByText("The test has begun.").first()).toBeVisible();
});
