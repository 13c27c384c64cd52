// People: an invitation from the link to the first page, and what a group gives.
import { expect, settled, test } from "./fixtures/test.ts";

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
