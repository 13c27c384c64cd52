// People: an invitation from the link to the first page, and what a group gives.
import { readFileSync } from "node:fs";
import { accessible, expect, settled, test } from "./fixtures/test.ts";

test("a new user gets groups at once, and is proposed for the side of their group in a mission", async ({ app, admin }) => {
  await admin.library();
  await app.goto("/admin/users");
  await settled(app, "Users");
  await app.getByRole("button", { name: "New user" }).click();
  const dialog = app.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Rita Red");
  await dialog.getByLabel("Email").fill("rita@example.test");
  await dialog.getByRole("checkbox", { name: /Red team/ }).check();
  await accessible(app);
  await dialog.getByRole("button", { name: "Make user" }).click();
  await expect(dialog.getByRole("heading", { name: "Rita Red can sign in" })).toBeVisible();
  await expect(dialog.getByText("They are in no group yet")).toHaveCount(0);
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(app.getByRole("row", { name: /rita@example\.test/ })).toContainText("Red team");
  const [rita] = (await admin.get("/users?q=rita")).items;
  expect(rita.groups.map((group: any) => group.name)).toEqual(["Red team"]);

  const mission = await admin.mission("Sides", "ACME");
  await app.goto(`/missions/${mission.id}/members`);
  await settled(app, "Sides");
  await app.getByRole("combobox", { name: "Add a person" }).fill("rita");
  await app.getByRole("option", { name: /Rita Red/ }).click();
  await expect(app.getByText("Rita Red is a member, as red")).toBeVisible();
  await expect(app.getByRole("combobox", { name: "Role of Rita Red" })).toHaveValue("red");
});

test("an invitation is made, its link accepted once, and the person lands in the group", async ({ app, admin, browser, server }) => {
  await app.goto("/admin/invitations");
  await settled(app, "Invitations");
  await app.getByRole("button", { name: "New invitation" }).click();
  const dialog = app.getByRole("dialog");
  await dialog.getByLabel("Email").fill("no address");
  await dialog.getByRole("button", { name: "Make the link" }).click();
  await expect(dialog.getByLabel("Email")).toHaveAttribute("aria-invalid", "true");
  await dialog.getByLabel("Email").fill("lena@example.test");
  await dialog.getByRole("checkbox", { name: /Blue team/ }).check();
  await dialog.getByRole("button", { name: "Make the link" }).click();
  await expect(dialog.getByRole("heading", { name: "lena@example.test is invited" })).toBeVisible();
  const link = (await dialog.getByText(/\/invite\//).innerText()).trim();
  expect(new URL(link).origin).toBe(server.url);
  // the link is shown this once: Esc does not lose it
  await app.keyboard.press("Escape");
  await expect(dialog).toBeVisible();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(app.getByRole("row", { name: /lena@example\.test/ })).toContainText("Open");
  await expect(app.getByText(/\/invite\//)).toHaveCount(0);

  const context = await browser.newContext({ baseURL: server.url });
  const guest = await context.newPage();
  await guest.goto(link);
  await expect(guest.getByRole("heading", { name: "Join Tyrian" })).toBeVisible();
  await expect(guest.getByText("lena@example.test")).toBeVisible();
  await guest.getByLabel("Your name").fill("Lena");
  await guest.getByLabel("Password", { exact: true }).fill("a long enough password 1");
  await guest.getByRole("button", { name: "Make the account" }).click();
  await settled(guest, "Home");
  const nav = guest.getByRole("navigation", { name: "Main" });
  await expect(nav.getByRole("link", { name: "Missions" })).toBeVisible();
  await expect(nav.getByRole("link", { name: "Administration" })).toHaveCount(0);
  await expect(guest.getByRole("link", { name: "New mission" })).toHaveCount(0);
  await context.close();

  const second = await (await browser.newContext({ baseURL: server.url })).newPage();
  await second.goto(link);
  await expect(second.getByRole("heading", { name: "This invitation is no longer open" })).toBeVisible();
  await second.context().close();
  await app.reload();
  await expect(app.getByRole("row", { name: /lena@example\.test/ })).toContainText("Accepted");
  const groups = (await admin.get("/users?q=lena")).items[0].groups.map((group: any) => group.name);
  expect(groups).toEqual(["Blue team"]);
});

test("a right ticked in the grid opens what it is for", async ({ app, admin, browserOf }) => {
  await admin.member("Noor", "Observers");
  const noor = await browserOf("noor@example.test");
  await noor.goto("/missions");
  await settled(noor, "Missions");
  await expect(noor.getByRole("link", { name: "New mission" })).toHaveCount(0);

  await app.goto("/admin/groups");
  await settled(app, "Groups and permissions");
  await app.getByRole("checkbox", { name: "mission.create for Observers" }).check();
  const bar = app.getByRole("region", { name: "Unsaved changes" });
  await bar.getByRole("button", { name: /Save/ }).click();
  await expect(bar).toHaveCount(0);
  await expect(app.getByRole("checkbox", { name: "mission.create for Observers" })).toBeChecked();

  await noor.reload();
  await expect(noor.getByRole("link", { name: "New mission" }).first()).toBeVisible();
});

test("administration is closed to who has no right for it", async ({ admin, browserOf }) => {
  await admin.member("Bea", "Blue team");
  const bea = await browserOf("bea@example.test");
  for (const path of ["/admin/users", "/admin/groups", "/admin/invitations"]) {
    await bea.goto(path);
    await settled(bea);
    await expect(bea.getByRole("table")).toHaveCount(0);
  }
});

test("one's own name and password are changed in the profile", async ({ app, admin, server, page }) => {
  await app.goto("/profile");
  await settled(app, "Profile");
  await app.getByLabel("Name", { exact: true }).fill("Ada Lovelace");
  await app.getByRole("button", { name: "Save name" }).click();
  await expect(app.getByRole("button", { name: "Your account" })).toContainText("Ada Lovelace");
  await app.getByLabel("Password up to now").fill("not this one at all");
  await app.getByLabel("New password").fill("another long password 7");
  await app.getByRole("button", { name: "Change password" }).click();
  await expect(app.getByLabel("Password up to now")).toHaveAttribute("aria-invalid", "true");
  await app.getByLabel("Password up to now").fill("correct horse battery staple 9");
  await app.getByRole("button", { name: "Change password" }).click();
  await expect(app.getByRole("status").filter({ hasText: /password/i })).toBeVisible();
  const login = (password: string) => page.context().request.post(`${server.url}/api/v1/auth/login`, { data: { email: admin.me.email, password, cookie: false } });
  expect((await login("correct horse battery staple 9")).status()).toBe(401);
  expect((await login("another long password 7")).status()).toBe(200);
});

test("levels and defence tools are made, changed and retired by who may, and what is used stays", async ({ app, admin, browserOf }) => {
  const { scenario } = await admin.library();
  const mission = await admin.mission("Quiet Ledger", "Meridian Bank", { scenario_template_ids: [scenario.id] });
  await admin.move(mission, "in_progress");
  const test = `/missions/${mission.id}/tests/${mission.scenarios[0].tests[0].id}`;
  const dialog = app.getByRole("dialog");
  await app.goto("/admin/detection");
  await settled(app, "Detection");
  const tools = app.getByRole("region", { name: "Defence tools" });
  await expect(tools.getByText("No defence tools yet")).toBeVisible();
  await tools.getByRole("button", { name: "New tool" }).click();
  await dialog.getByLabel("Name").fill("Sentry EDR");
  await dialog.getByRole("button", { name: "Save tool" }).click();
  await expect(dialog.getByLabel("Kind")).toHaveAttribute("aria-invalid", "true");
  await dialog.getByLabel("Kind").fill("EDR");
  await accessible(app, "a new tool");
  await dialog.getByRole("button", { name: "Save tool" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(tools.getByRole("row", { name: /^Sentry EDR EDR/ })).toBeVisible();
  const [tool] = (await admin.get("/defence-tools")).items;
  for (const to of ["running", "executed"]) await admin.post(`${test}/state`, { to });
  await admin.post(`${test}/detections`, { defence_tool_id: tool.id, kind: "alerted", result: "yes" });
  await tools.getByRole("button", { name: "Delete Sentry EDR" }).click();
  await app.getByRole("button", { name: "Delete tool" }).click();
  await expect(app.getByText("Detections name it.")).toBeVisible();
  await app.getByRole("button", { name: "Keep it" }).click();
  await tools.getByRole("button", { name: "Edit Sentry EDR" }).click();
  await dialog.getByRole("switch", { name: "Offered for new detections" }).uncheck({ force: true });
  await dialog.getByLabel("Vendor").fill("Sentry");
  await dialog.getByRole("button", { name: "Save tool" }).click();
  await expect(tools.getByRole("row", { name: /Sentry Not offered/ })).toBeVisible();

  const levels = app.getByRole("region", { name: "Detection levels" });
  const count = await levels.getByRole("row").count();
  await levels.getByRole("button", { name: "New level" }).click();
  await dialog.getByLabel("Name").fill("Seen by chance");
  await dialog.getByLabel("Code").fill("chance");
  await dialog.getByLabel("Rank").fill("15");
  await accessible(app, "a new level");
  await dialog.getByRole("button", { name: "Save level" }).click();
  await expect(levels.getByRole("row")).toHaveCount(count + 1);
  await expect(levels.getByRole("row", { name: /^Seen by chance/ })).toContainText("15");
  await levels.getByRole("button", { name: "New level" }).click();
  await dialog.getByLabel("Name").fill("Twice");
  await dialog.getByLabel("Code").fill("chance");
  await dialog.getByRole("button", { name: "Save level" }).click();
  await expect(dialog.getByText("Another level has this code.")).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await levels.getByRole("button", { name: "Delete Seen by chance" }).click();
  await app.getByRole("button", { name: "Delete level" }).click();
  await expect(levels.getByRole("row")).toHaveCount(count);

  // who keeps the tools only does not change the scale; who keeps neither does not get there
  const lead = await admin.member("Lena", "Leads");
  const other = await browserOf(lead.me.email);
  await other.goto("/admin/detection");
  await settled(other, "Detection");
  await expect(other.getByRole("button", { name: "New tool" })).toBeVisible();
  await expect(other.getByRole("button", { name: "New level" })).toHaveCount(0);
});

test("the audit log tells who did what, is filtered in the URL, verified, and saved as a table", async ({ app, admin }) => {
  await admin.member("Bea", "Blue team");
  const mission = await admin.mission("Quiet Ledger", "Meridian Bank");
  await admin.move(mission, "in_progress");
  await app.goto("/admin/audit");
  await settled(app, "Audit log");
  const rows = app.getByRole("region", { name: "Audit log" }).getByRole("row");
  await expect(rows.nth(1)).toContainText("Mission: transition");
  await app.getByRole("button", { name: "Verify the log" }).click();
  await expect(app.getByText(/^The log is whole: \d+ entries in 2 chains\.$/)).toBeVisible();
  await app.getByLabel("Act", { exact: true }).selectOption("user");
  await expect(app).toHaveURL(/action=user$/);
  await expect(rows.nth(1)).toContainText("User: ");
  await expect(rows.filter({ hasText: "Mission:" })).toHaveCount(0);
  await app.goto(`/admin/audit?object=${mission.id}`);
  await settled(app, "Audit log");
  await expect(rows).toHaveCount(3);
  const download = app.waitForEvent("download");
  await app.getByRole("button", { name: "CSV" }).click();
  const text = readFileSync(await (await download).path(), "utf8");
  expect(text.trim().split("\r\n")).toHaveLength(3);
  expect(text).toContain("mission.create");
  await app.getByRole("button", { name: /One object/ }).click();
  await expect(rows).not.toHaveCount(3);
});
