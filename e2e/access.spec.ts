// Ways in: the second factor, API tokens, links for a forgotten password; and the way out for good.
import { createHmac } from "node:crypto";
import { ADMIN, Api, PASSWORD, expect, look, settled, test } from "./fixtures/test.ts";

/** The code of an authenticator (RFC 6238), `ahead` steps of 30 s from now. */
function totp(secret: string, ahead = 0): string {
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const hash = createHmac("sha1", key).update(counter).digest();
  const at = hash[19]! & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

test("two-step sign-in: on with a scanned secret, asked for at the door, off by the password", async ({ app }) => {
  await app.goto("/profile");
  await settled(app, "Profile");
  const card = app.getByRole("region", { name: "Two-step sign-in" });
  await expect(card.getByText("Off", { exact: true })).toBeVisible();
  await card.getByRole("button", { name: "Turn on" }).click();
  const dialog = app.locator("dialog[open]");
  await dialog.getByRole("button", { name: "Continue", exact: true }).last().click();
  await expect(dialog.getByLabel("Your password")).toHaveAttribute("aria-invalid", "true");
  await dialog.getByLabel("Your password").fill("not this one at all");
  await app.keyboard.press("Enter");
  await expect(dialog.getByText("This is not the present password.")).toBeVisible();
  await dialog.getByLabel("Your password").fill(PASSWORD);
  await app.keyboard.press("Enter");
  const picture = dialog.getByRole("img", { name: /QR code/ });
  await expect(picture.locator("svg")).toBeVisible();
  await look(app, "totp-scan");
  await dialog.getByText("It cannot be scanned?").click();
  const secret = (await dialog.locator("pre").innerText()).trim();
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  await dialog.getByLabel("Code", { exact: true }).fill("12345");
  await dialog.getByRole("button", { name: "Turn it on" }).click();
  await expect(dialog.getByLabel("Code", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await dialog.getByLabel("Code", { exact: true }).fill(totp(secret));
  await dialog.getByRole("button", { name: "Turn it on" }).click();
  await expect(dialog.getByRole("heading", { name: "Keep your recovery codes" })).toBeVisible();
  const codes = (await dialog.locator("pre").innerText()).trim().split("\n");
  expect(codes).toHaveLength(10);
  await look(app, "totp-codes");
  // shown this once: Esc does not lose them
  await app.keyboard.press("Escape");
  await dialog.getByRole("button", { name: "I have kept them" }).click();
  await expect(card.getByText("On", { exact: true })).toBeVisible();
  await expect(card).toContainText("10 recovery codes are left");
  await look(app, "profile-totp");

  const again = async (code: string) => {
    await app.getByLabel("Email").fill(ADMIN.email);
    await app.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await app.getByRole("button", { name: "Sign in" }).click();
    await app.getByLabel("Code").fill(code);
    await app.getByRole("button", { name: "Sign in" }).click();
  };
  const leave = async () => {
    await app.getByRole("button", { name: "Your account" }).click();
    await app.getByRole("menuitem", { name: "Sign out" }).click();
    await expect(app.getByRole("button", { name: "Sign in" })).toBeVisible();
  };
  await leave();
  await again("000000");
  await expect(app.getByLabel("Code")).toHaveAttribute("aria-invalid", "true");
  await look(app, "login-code");
  await app.getByLabel("Code").fill(totp(secret, 1));
  await app.getByRole("button", { name: "Sign in" }).click();
  await settled(app);
  await leave();
  await again(codes[3]!.toLowerCase());
  // in before going on: leaving the page now would take the request with it
  await expect(app.getByRole("button", { name: "Your account" })).toBeVisible();

  await app.goto("/profile");
  await expect(card).toContainText("9 recovery codes are left");
  await card.getByRole("button", { name: "Turn off" }).click();
  await dialog.getByLabel("Your password").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Turn it off" }).click();
  await expect(card.getByText("Off", { exact: true })).toBeVisible();
});

test("a token is made, shown once, does what it may, and ends when it is revoked", async ({ app, server }) => {
  await app.goto("/profile");
  await settled(app, "Profile");
  const card = app.getByRole("region", { name: "API tokens" });
  await expect(card.getByText("No tokens")).toBeVisible();
  await card.getByRole("button", { name: "New token" }).click();
  const dialog = app.locator("dialog[open]");
  await dialog.getByRole("button", { name: "Make the token" }).last().click();
  await expect(dialog.getByLabel("Name")).toHaveAttribute("aria-invalid", "true");
  await dialog.getByLabel("Name").fill("Nightly export");
  await dialog.getByRole("button", { name: "Only read" }).click();
  await dialog.getByRole("checkbox", { name: /audit\.read/ }).uncheck();
  await look(app, "token-new");
  await dialog.getByRole("button", { name: "Make the token" }).last().click();
  await expect(dialog.getByRole("heading", { name: "Nightly export is made" })).toBeVisible();
  const script = new Api(server.url);
  script.token = (await dialog.locator("pre").innerText()).trim();
  expect(script.token).toMatch(/^tyr_/);
  await dialog.getByRole("button", { name: "Done" }).click();
  expect((await script.send("GET", "/missions")).status).toBe(200);
  expect((await script.send("GET", "/audit-events")).status).toBe(403);
  expect((await script.send("POST", "/missions", { name: "M", client: "C" })).status).toBe(403);
  await app.reload();
  const row = card.getByRole("row", { name: /Nightly export/ });
  await expect(row).not.toContainText("Never");
  await look(app, "profile-tokens");
  await row.getByRole("button", { name: /Revoke/ }).click();
  await dialog.getByRole("button", { name: "Revoke token" }).click();
  await expect(card.getByText("No tokens")).toBeVisible();
  expect((await script.send("GET", "/missions")).status).toBe(401);
});

test("an administrator lets somebody in again who lost password and authenticator", async ({ app, admin, browser, server }) => {
  const noor = await admin.member("Noor", "Observers");
  const begun = await noor.post("/auth/me/totp", { current_password: PASSWORD });
  await noor.put("/auth/me/totp", { enrolment: begun.enrolment, code: totp(begun.secret) });
  await app.goto("/admin/users");
  await settled(app, "Users");
  const menu = app.getByRole("button", { name: "Actions for Noor" });
  const dialog = app.locator("dialog[open]");
  await menu.click();
  await app.getByRole("menuitem", { name: "Turn off two-step sign-in" }).click();
  await dialog.getByRole("button", { name: "Turn it off" }).click();
  await expect(dialog).toHaveCount(0);
  await menu.click();
  await expect(app.getByRole("menuitem", { name: "Turn off two-step sign-in" })).toHaveCount(0);
  await app.getByRole("menuitem", { name: "Link for a new password" }).click();
  await dialog.getByRole("button", { name: "Make the link" }).click();
  const link = (await dialog.getByText(/\/reset\//).innerText()).trim();
  await look(app, "reset-link");
  await dialog.getByRole("button", { name: "Done" }).click();

  const page = await (await browser.newContext({ baseURL: server.url })).newPage();
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "Set a new password" })).toBeVisible();
  await look(page, "reset");
  await page.getByLabel("New password", { exact: true }).fill("a long enough password 1");
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByText("The new password is set.")).toBeVisible();
  await page.getByLabel("Email").fill("noor@example.test");
  await page.getByLabel("Password", { exact: true }).fill("a long enough password 1");
  await page.getByRole("button", { name: "Sign in" }).click();
  await settled(page, "Home");
  await page.goto(link);
  await page.getByLabel("New password", { exact: true }).fill("a long enough password 2");
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByRole("heading", { name: "This link no longer works" })).toBeVisible();
  await page.context().close();
});

test("a forgotten password: the same answer for whoever asks", async ({ page, admin }) => {
  void admin;
  await page.goto("/login");
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await expect(page.getByRole("heading", { name: "Set a new password" })).toBeVisible();
  await look(page, "forgot");
  await page.getByLabel("Email").fill("nobody@example.test");
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.getByText("If this address has an account here")).toBeVisible();
});

test("a mission is removed for good once its name was typed", async ({ app, admin }) => {
  const mission = await admin.mission("Copper Heron", "ACME", {});
  await app.goto(`/missions/${mission.id}`);
  await settled(app, "Copper Heron");
  await app.getByRole("button", { name: "More actions" }).click();
  await app.getByRole("menuitem", { name: "Remove for good" }).click();
  const dialog = app.locator("dialog[open]");
  await dialog.getByLabel("Type Copper Heron to confirm").fill("copper heron");
  await app.keyboard.press("Enter");
  await expect(dialog).toBeVisible();
  await look(app, "purge");
  await dialog.getByLabel("Type Copper Heron to confirm").fill("Copper Heron");
  await dialog.getByRole("button", { name: "Remove for good" }).click();
  await settled(app, "Missions");
  await expect(app.getByText("Copper Heron is gone for good")).toBeVisible();
  const log = (await admin.get("/audit-events?action=mission.purge")).items;
  expect(log).toHaveLength(1);
  expect(log[0].detail.sha256).toMatch(/^[0-9a-f]{64}$/);
});

test("a file of evidence is removed for good once its name was typed, and one that was deleted before from the audit log", async ({ app, admin, browserOf }) => {
  const { scenario } = await admin.library();
  const lead = await admin.member("Lina", "Leads");
  const mission = await lead.mission("Copper Heron", "ACME", { scenario_template_ids: [scenario.id] });
  await admin.move(mission, "in_progress");
  const place = `/missions/${mission.id}/tests/${mission.scenarios[0].tests[0].id}/evidence`;
  const add = (name: string) => {
    const form = new FormData();
    form.set("side", "red");
    form.set("file", new Blob([`what ${name} says\n`], { type: "text/plain" }), name);
    return admin.ok("POST", place, form);
  };
  const [kept, gone] = [await add("console of the jump host.txt"), await add("wrong client.txt")];
  const url = `/missions/${mission.id}?test=${mission.scenarios[0].tests[0].id}`;

  // who lacks the right is not offered it
  const other = await browserOf(lead.me.email);
  await other.goto(url);
  await settled(other, "Copper Heron");
  await other.getByRole("button", { name: /console of the jump host/ }).click();
  await expect(other.locator("dialog[open]").getByRole("button", { name: "Download" })).toBeVisible();
  await expect(other.locator("dialog[open]").getByRole("button", { name: "Remove for good" })).toHaveCount(0);

  await app.goto(url);
  await settled(app, "Copper Heron");
  const evidence = app.getByRole("region", { name: "Evidence" });
  await evidence.getByRole("button", { name: /console of the jump host/ }).click();
  const dialog = app.locator("dialog[open]");
  await expect(dialog.getByText("what console of the jump host.txt says")).toBeVisible();
  await look(app, "evidence-opened");
  await dialog.getByRole("button", { name: "Remove for good" }).click();
  await expect(dialog.getByRole("heading", { name: "Remove console of the jump host.txt for good?" })).toBeVisible();
  const confirm = dialog.getByLabel("Type console of the jump host.txt to confirm");
  await expect(confirm).toBeFocused();
  await confirm.fill("console of the jump host");
  await app.keyboard.press("Enter");
  await expect(dialog).toBeVisible();
  await look(app, "evidence-purge");
  await confirm.fill("console of the jump host.txt");
  await app.keyboard.press("Enter");
  await expect(app.getByText("console of the jump host.txt is gone for good")).toBeVisible();
  await expect(evidence.getByRole("button", { name: /console of the jump host/ })).toHaveCount(0);
  await expect(evidence.getByRole("button", { name: /wrong client/ })).toBeVisible();
  expect((await admin.get(place)).items.map((each: { id: string }) => each.id)).toEqual([gone.id]);

  // what was deleted stays behind the app until it is removed: the audit log is where it is found
  await admin.send("DELETE", `/evidence/${gone.id}`);
  await app.goto("/admin/audit?action=evidence");
  await settled(app, "Audit log");
  await app.getByRole("button", { name: "Remove for good the file wrong client.txt" }).click();
  await dialog.getByLabel("Type wrong client.txt to confirm").fill("wrong client.txt");
  await look(app, "audit-purge");
  await dialog.getByRole("button", { name: "Remove for good" }).click();
  await expect(app.getByText("wrong client.txt is gone for good")).toBeVisible();
  await expect(app.getByText("Evidence: purge")).toHaveCount(2);
  // a second time there is nothing to remove, and that is said
  await app.getByRole("button", { name: "Remove for good the file wrong client.txt" }).click();
  await dialog.getByLabel("Type wrong client.txt to confirm").fill("wrong client.txt");
  await app.keyboard.press("Enter");
  await expect(dialog.getByText("It is gone for good already")).toBeVisible();
  const log = (await admin.get("/audit-events?action=evidence.purge")).items;
  expect(log.map((each: { object_id: string }) => each.object_id).sort()).toEqual([kept.id, gone.id].sort());
});
