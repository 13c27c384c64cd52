// Missions: made in the wizard, frozen, seen by who belongs to them, moved through their life, found again.
import { accessible, expect, fits, settled, steps, test } from "./fixtures/test.ts";

const NOBODY = "01a00000-0000-7000-8000-000000000000";

test("the wizard makes a mission, and a reload in the middle loses nothing", async ({ app, admin }) => {
  const { scenario } = await admin.library();
  const second = await admin.scenario("Second act", [(await admin.testTemplate("Wipe a disk")).id]);
  await admin.member("Bea", "Blue team");
  await app.goto("/missions/new");
  await settled(app, "New mission");

  // what is missing is said at its field, and the step stays
  await app.getByRole("button", { name: "Scenarios", exact: true }).click();
  await expect(app.getByLabel("Name")).toHaveAttribute("aria-invalid", "true");
  await expect(app.getByLabel("Client")).toHaveAttribute("aria-invalid", "true");
  await app.getByLabel("Name").fill("Night Ferry");
  await app.getByLabel("Client").fill("ACME 🛳");
  await app.getByLabel("First day").fill("2026-03-20");
  await app.getByLabel("Last day").fill("2026-03-09");
  await app.getByLabel("Objectives").fill("Do we see **anything** at night?");
  await app.getByRole("button", { name: "Scenarios", exact: true }).click();
  await expect(app.getByLabel("Last day")).toHaveAttribute("aria-invalid", "true");
  await app.getByLabel("Last day").fill("2026-03-27");
  await app.getByRole("button", { name: "Scenarios", exact: true }).click();

  await expect(app).toHaveURL(/step=2/);
  await app.getByRole("checkbox", { name: "Hands on keyboard" }).check();
  await app.getByRole("checkbox", { name: "Second act" }).check();
  await app.getByRole("button", { name: "Move Second act up" }).click();
  const order = app.getByRole("list", { name: "Scenarios in order" }).getByRole("listitem");
  await expect(order.nth(0)).toContainText("Second act");
  await expect(app.getByText("4 tests · 3 techniques").first()).toBeVisible();

  await app.reload();
  await settled(app, "New mission");
  await expect(app).toHaveURL(/step=2/);
  await expect(order).toHaveCount(2);
  await expect(order.nth(0)).toContainText("Second act");
  await expect(order.nth(1)).toContainText("Hands on keyboard");
  await app.getByRole("button", { name: "Members", exact: true }).click();

  await app.getByRole("combobox", { name: "Add a person" }).fill("bea");
  await app.getByRole("option", { name: /Bea/ }).click();
  await app.getByRole("combobox", { name: "Role of Bea" }).selectOption("purple");
  await app.reload();
  await settled(app, "New mission");
  await expect(app.getByRole("combobox", { name: "Role of Bea" })).toHaveValue("purple");
  await app.getByRole("button", { name: "Create mission" }).click();

  await expect(app).toHaveURL(/\/missions\/[0-9a-f-]{36}$/);
  await settled(app, "Night Ferry");
  await expect(app.getByRole("link", { name: /Wipe a disk/ })).toBeVisible();
  const made = await admin.get(new URL(app.url()).pathname);
  expect(made).toMatchObject({ name: "Night Ferry", client: "ACME 🛳", start_date: "2026-03-20", end_date: "2026-03-27", objectives: "Do we see **anything** at night?", status: "draft" });
  expect(made.scenarios.map((each: any) => [each.name, each.tests.length])).toEqual([[second.name, 1], [scenario.name, 3]]);
  expect(made.members.map((each: any) => [each.display_name, each.role_hint]).sort()).toEqual([["Ada Admin", "red"], ["Bea", "purple"]]);

  // what became a mission is no draft any more
  await app.goto("/missions/new");
  await settled(app, "New mission");
  await expect(app.getByLabel("Name")).toHaveValue("");
});

test("a mission keeps its tests, whatever becomes of the library", async ({ app, admin }) => {
  const { tests, scenario } = await admin.library();
  const mission = await admin.mission("Frozen", "ACME", { scenario_template_ids: [scenario.id] });

  await app.goto(`/templates/tests/${tests[0].id}`);
  await settled(app, "Encoded PowerShell");
  await app.getByLabel("Name", { exact: true }).fill("Renamed since");
  await app.getByRole("button", { name: "Save", exact: true }).first().click();
  await settled(app, "Renamed since");
  await app.goto(`/templates/tests/${tests[1].id}`);
  await settled(app, "Dump LSASS");
  await app.getByRole("button", { name: "More actions" }).click();
  await app.getByRole("menuitem", { name: "Delete" }).click();
  await app.getByRole("alertdialog", { name: /Delete the test “Dump LSASS”/ }).getByRole("button", { name: "Delete test" }).click();
  await expect(app).toHaveURL(/\/templates\/tests$/);
  await expect(app.getByRole("link", { name: "Renamed since" })).toBeVisible();
  await expect(app.getByRole("link", { name: "Dump LSASS" })).toHaveCount(0);

  await app.goto(`/missions/${mission.id}`);
  await settled(app, "Frozen");
  for (const name of ["Encoded PowerShell", "Dump LSASS", "Remote desktop to a server"]) await expect(app.getByRole("link", { name: new RegExp(name) })).toBeVisible();
  await expect(app.getByText("Renamed since")).toHaveCount(0);
  await app.getByRole("link", { name: /Encoded PowerShell/ }).click();
  await expect(app.getByRole("heading", { name: "Encoded PowerShell" })).toBeVisible();
  await expect(app.getByText("powershell -enc SQBFAFgA")).toBeVisible();
});

test("who is no member does not see a mission, nor learns that there is one", async ({ app, admin, browserOf }) => {
  const rita = await admin.member("Rita", "Red team");
  const mine = await admin.mission("Rita is in it", "ACME", { members: [{ user_id: rita.me.id, role_hint: "red" }] });
  const other = await admin.mission("Rita is not", "ACME");
  await app.goto("/missions");
  await settled(app, "Missions");
  await expect(app.getByRole("list", { name: "Missions" }).getByRole("listitem")).toHaveCount(2);

  const page = await browserOf("rita@example.test");
  await page.goto("/missions");
  await settled(page, "Missions");
  await expect(page.getByRole("list", { name: "Missions" }).getByRole("listitem")).toHaveCount(1);
  await expect(page.getByRole("link", { name: mine.name })).toBeVisible();
  for (const id of [other.id, NOBODY]) {
    await page.goto(`/missions/${id}`);
    await expect(page.getByRole("heading", { name: "There is no such mission" })).toBeVisible();
    await expect(page).toHaveTitle(/^Mission/);
  }
  const answers = await Promise.all([other.id, NOBODY].map((id) => rita.send("GET", `/missions/${id}`)));
  const told = answers.map(({ status, json }) => ({ status, code: json.code, detail: json.detail }));
  expect(told[0]).toEqual(told[1]);
  expect(told[0]!.status).toBe(404);
});

test("a mission goes through its life, and offers only what may come next", async ({ app, admin }) => {
  const { scenario } = await admin.library();
  const mission = await admin.mission("Life", "ACME", { scenario_template_ids: [scenario.id] });
  await app.goto(`/missions/${mission.id}`);
  await settled(app, "Life");
  const bar = app.locator("header.topbar");
  await expect(bar.getByText("Draft", { exact: true })).toBeVisible();
  await expect(steps(app)).toHaveText(["Start mission"]);
  await steps(app).filter({ hasText: "Start" }).click();
  // nobody of red is there: asked once, and not forbidden
  const asked = app.getByRole("alertdialog");
  await expect(asked).toContainText("Nobody is a member of this mission.");
  await expect(asked.getByRole("link", { name: "Add members first" })).toHaveAttribute("href", `/missions/${mission.id}/members`);
  await asked.getByRole("button", { name: "Start mission" }).click();
  await expect(bar.getByText("In progress", { exact: true })).toBeVisible();
  await expect(steps(app)).toHaveText(["Complete mission", "Back to draft"]);
  await steps(app).filter({ hasText: "Complete" }).click();
  await expect(asked).toContainText("3 tests are not assessed yet");
  await asked.getByRole("button", { name: "Complete mission" }).click();
  await expect(bar.getByText("Completed", { exact: true })).toBeVisible();
  await expect(steps(app)).toHaveText(["Archive mission", "Reopen mission"]);
  await steps(app).filter({ hasText: "Archive" }).click();
  await expect(asked).toContainText("read-only for good");
  await asked.getByRole("button", { name: "Archive mission" }).click();
  await expect(bar.getByText("Archived", { exact: true })).toBeVisible();
  await expect(app.getByText("This mission is archived and read-only")).toBeVisible();
  await expect(steps(app)).toHaveCount(0);
  await bar.getByRole("button", { name: "More actions" }).click();
  await expect(app.getByRole("menuitem")).toHaveText(["Retest", "Compare", "Delete mission", "Remove for good"]);
  expect(await admin.get(`/missions/${mission.id}`)).toMatchObject({ status: "archived" });
});

test("on a phone the next steps stand in the menu", async ({ app, admin }) => {
  const mission = await admin.mission("Pocket", "ACME");
  await app.setViewportSize({ width: 375, height: 812 });
  await app.goto(`/missions/${mission.id}`);
  await settled(app, "Pocket");
  await expect(steps(app)).toHaveCount(0);
  const menu = app.getByRole("button", { name: "More actions" });
  await menu.click();
  await app.getByRole("menuitem", { name: "Start mission" }).click();
  await app.getByRole("alertdialog").getByRole("button", { name: "Start mission" }).click();
  await expect(app.locator("header.topbar").getByText("In progress", { exact: true })).toBeVisible();
  await menu.click();
  await expect(app.getByRole("menuitem")).toHaveText(["Complete mission", "Back to draft", "Edit details", "Add scenarios", "Import results", "Retest", "Compare", "Delete mission", "Remove for good"]);
});

test("a step that another browser was quicker with is refused with a reason, and the page follows", async ({ app, admin }) => {
  const mission = await admin.mission("Race", "ACME");
  await admin.move(mission, "in_progress");
  await app.goto(`/missions/${mission.id}`);
  await settled(app, "Race");
  await steps(app).filter({ hasText: "Complete" }).click();
  const asked = app.getByRole("alertdialog");
  await expect(asked).toBeVisible();
  await admin.move(mission, "completed", "archived");
  const answer = app.waitForResponse((response) => response.url().endsWith("/transition"));
  await asked.getByRole("button", { name: "Complete mission" }).click();
  expect((await answer).status()).toBe(409);
  await expect(asked).toContainText("The mission has moved on meanwhile, and nothing can follow its status now.");
  await asked.getByRole("button", { name: "Leave it as it is" }).click();
  await expect(app.locator("header.topbar").getByText("Archived", { exact: true })).toBeVisible();
  await expect(steps(app)).toHaveCount(0);
});

test("the list's filters stand in the URL, and Back brings the earlier ones", async ({ app, admin }) => {
  await admin.mission("Night Ferry", "ACME");
  const running = await admin.mission("Day Ferry", "ACME");
  await admin.mission("Slow Train", "Zenith");
  await admin.move(running, "in_progress");
  await app.goto("/missions");
  await settled(app, "Missions");
  const rows = app.getByRole("list", { name: "Missions" }).getByRole("listitem");
  const names = (...wanted: string[]) => expect(rows.getByRole("link")).toHaveText(wanted);
  await names("Slow Train", "Day Ferry", "Night Ferry");

  await app.getByLabel("Search missions").fill("ferry");
  await expect(app).toHaveURL(/\?q=ferry$/);
  await names("Day Ferry", "Night Ferry");
  const status = app.getByRole("group", { name: "Status" });
  await status.getByRole("button", { name: /^Draft/ }).click();
  await expect(app).toHaveURL(/q=ferry&status=draft$/);
  await names("Night Ferry");
  await app.reload();
  await settled(app, "Missions");
  await names("Night Ferry");
  await expect(app.getByLabel("Search missions")).toHaveValue("ferry");
  await expect(status.getByRole("button", { name: /^Draft/ })).toHaveAttribute("aria-pressed", "true");

  await app.goBack();
  await expect(app).toHaveURL(/\?q=ferry$/);
  await names("Day Ferry", "Night Ferry");
  await status.getByRole("button", { name: /^Archived/ }).click();
  await expect(app.getByRole("heading", { name: "No mission fits" })).toBeVisible();
  await app.getByRole("button", { name: "Clear filters" }).click();
  await expect(app).toHaveURL(/\/missions$/);
  await names("Slow Train", "Day Ferry", "Night Ferry");

  await app.getByRole("combobox", { name: "Client" }).fill("zen");
  await app.getByRole("option", { name: "Zenith" }).click();
  await expect(app).toHaveURL(/client=Zenith/);
  await names("Slow Train");
  await rows.getByRole("link").click();
  await settled(app, "Slow Train");
  await app.goBack();
  await expect(app).toHaveURL(/client=Zenith/);
  await names("Slow Train");
});

test("the board has a column for each status, and lists by the same filters", async ({ app, admin }) => {
  await admin.mission("Night Ferry", "ACME");
  const running = await admin.mission("Day Ferry", "ACME");
  await admin.mission("Slow Train", "Zenith");
  await admin.move(running, "in_progress");
  await app.goto("/missions");
  await settled(app, "Missions");
  await app.getByRole("radio", { name: "Board" }).check({ force: true });
  await expect(app).toHaveURL(/view=board$/);
  const column = (name: string) => app.getByRole("region", { name, exact: true });
  await expect(column("Draft").getByRole("link")).toHaveText(["Slow Train", "Night Ferry"]);
  await expect(column("In progress").getByRole("link")).toHaveText(["Day Ferry"]);
  await expect(column("Archived")).toContainText("None");
  await accessible(app, "the board");
  await app.setViewportSize({ width: 375, height: 800 });
  await fits(app, "the board at 375 px");
  await app.setViewportSize({ width: 1280, height: 900 });

  // what somebody else does is there at once
  await admin.move(running, "completed");
  await expect(column("Completed").getByRole("link")).toHaveText(["Day Ferry"]);
  await expect(column("In progress").getByRole("link")).toHaveCount(0);

  await app.getByLabel("Search missions").fill("ferry");
  await expect(column("Draft").getByRole("link")).toHaveText(["Night Ferry"]);
  await app.reload();
  await settled(app, "Missions");
  await expect(app.getByRole("radio", { name: "Board" })).toBeChecked();
  await column("Draft").getByRole("link", { name: "Night Ferry" }).click();
  await settled(app, "Night Ferry");
});
