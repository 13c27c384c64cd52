// Set-up, sign-in, sessions, and what the instance says of itself.
import { ADMIN, Api, PASSWORD, accessible, expect, settled, test } from "./fixtures/test.ts";

test("the first visitor makes the administrator and is signed in", async ({ page, server }) => {
  await page.goto("/missions");
  await expect(page).toHaveURL(/\/setup/);
  await page.getByLabel("Your name").fill(ADMIN.display_name);
  await page.getByLabel("Email").fill(ADMIN.email);
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Make the account" }).click();
  await expect(page.getByLabel("Password", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Password", { exact: true }).fill("passwordpassword");
  await page.getByRole("button", { name: "Make the account" }).click();
  await expect(page.getByLabel("Password", { exact: true })).toHaveAccessibleDescription(/^Easy to guess: it repeats itself\./);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Make the account" }).click();
  await expect(page.getByRole("heading", { name: /Welcome, Ada/ })).toBeVisible();
  expect(await new Api(server.url).get("/setup")).toMatchObject({ needed: false });
  await page.goto("/setup");
  await expect(page).not.toHaveURL(/\/setup/);
});

test("a wrong password says so at the field, the right one leads back to where one was going", async ({ page, admin }) => {
  await page.goto("/templates/tests?q=x");
  await expect(page).toHaveURL(/\/login/);
  await page.getByLabel("Email").fill(admin.me.email);
  await page.getByLabel("Password", { exact: true }).fill("not this one at all");
  await page.getByRole("button", { name: "Sign in" }).click();
  const password = page.getByLabel("Password", { exact: true });
  await expect(password).toHaveAttribute("aria-invalid", "true");
  await expect(password).toBeFocused();
  await password.fill(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/templates\/tests\?q=x/);
});

test("a session survives a reload and ends with sign-out, in the other tab too", async ({ app }) => {
  await app.goto("/");
  await settled(app);
  await app.reload();
  await settled(app);
  await expect(app).toHaveURL(/\/$/);
  await app.getByRole("button", { name: "Your account" }).click();
  await app.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(app.getByRole("button", { name: "Sign in" })).toBeVisible();
  await app.goto("/missions");
  await expect(app).toHaveURL(/\/login/);
});

test("home shows the database: engine, revision, tables", async ({ app, admin }) => {
  const database = await admin.get("/diag/db");
  expect(database).toMatchObject({ reachable: true, engine: expect.stringMatching(/^SQLite 3/) });
  expect(database.table_count).toBeGreaterThan(25);
  await app.goto("/");
  const card = app.locator(".card", { has: app.getByRole("heading", { name: "Database" }) });
  await expect(card.getByText("Reachable", { exact: true })).toBeVisible();
  await expect(card.getByText(database.revision)).toBeVisible();
  await expect(card.getByText(String(database.table_count), { exact: true })).toBeVisible();
});

test("diag answers: alive and ready for everybody, the database for who is signed in", async ({ server, admin }) => {
  const anonymous = new Api(server.url);
  expect((await anonymous.send("GET", "/diag/health")).json).toMatchObject({ status: "ok" });
  expect((await anonymous.send("GET", "/diag/ready")).status).toBe(200);
  expect((await anonymous.send("GET", "/diag/db")).status).toBe(401);
  expect((await admin.send("GET", "/diag/db")).status).toBe(200);
  // the server was not started with it enabled
  expect((await admin.send("POST", "/diag/reset")).status).toBe(404);
});

test("home says so when the database cannot be reached, and comes back", async ({ app }) => {
  await app.route("**/api/v1/diag/db", (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      body: JSON.stringify({ type: "about:blank", title: "The database cannot be reached", status: 503, detail: "Try again.", code: "database_unavailable", request_id: "r1", reachable: false }),
    }),
  );
  await app.goto("/");
  const card = app.locator(".card", { has: app.getByRole("heading", { name: "Database" }) });
  await expect(card.getByText("Not reachable", { exact: true })).toBeVisible();
  await app.unroute("**/api/v1/diag/db");
  await card.getByRole("button", { name: "Try again" }).click();
  await expect(card.getByText("Reachable", { exact: true })).toBeVisible();
});

test("the footer names version, commit, API docs and the catalogue", async ({ app, admin }) => {
  const health = await admin.get("/diag/health");
  await app.goto("/about");
  await settled(app, "About Tyrian");
  const footer = app.locator("footer");
  await expect(footer).toContainText(`Tyrian ${health.version}`);
  await expect(footer).toContainText(health.commit);
  await expect(footer).toContainText("ATT&CK not synced yet");
  const docs = await app.request.get((await footer.getByRole("link", { name: "API docs" }).getAttribute("href"))!);
  expect(docs.status()).toBe(200);
});

test("the API's page loads nothing from elsewhere", async ({ page, server }) => {
  const elsewhere: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(server.url) && !/^(data|blob):/.test(request.url())) elsewhere.push(request.url());
  });
  await page.goto("/api/docs/");
  await expect(page.getByText("/api/v1/missions", { exact: true }).first()).toBeVisible();
  expect(elsewhere).toEqual([]);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing on set-up and sign-in, ${colorScheme}`, async ({ browser, server }) => {
    const context = await browser.newContext({ colorScheme, baseURL: server.url });
    const page = await context.newPage();
    await page.goto("/setup");
    await settled(page, "Make the first administrator");
    await accessible(page, "set-up");
    await Api.admin(server.url);
    await page.goto("/login");
    await settled(page, "Sign in");
    await accessible(page, "sign-in");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByLabel("Email")).toHaveAttribute("aria-invalid", "true");
    await accessible(page, "sign-in with errors");
    await context.close();
  });
}
