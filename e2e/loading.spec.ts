// How much a browser fetches before it shows a page, and what happens where a part does not come.
import { ADMIN, expect, settled, signIn, test } from "./fixtures/test.ts";
import type { Page } from "@playwright/test";

/** Bytes on the wire of what the page fetches itself (the API's answers apart) until `act` is through. */
async function fetched(page: Page, act: () => Promise<unknown>): Promise<{ bytes: number; files: string[] }> {
  const sizes: Promise<[string, number]>[] = [];
  page.on("requestfinished", (request) => {
    const path = new URL(request.url()).pathname;
    if (path.startsWith("/api/")) return;
    sizes.push(request.sizes().then((size) => [path, size.responseBodySize]));
  });
  await act();
  const all = await Promise.all(sizes);
  return { bytes: all.reduce((sum, [, size]) => sum + size, 0), files: all.map(([path, size]) => `${path} ${size}`) };
}

/** The hard budget of the first load: WASM, JS, CSS and fonts as they travel. */
const BUDGET = 600_000;

test("the first page and the sign-in stay within the budget", async ({ page, admin, browser, server }) => {
  const door = await fetched(page, async () => {
    await page.goto("/login");
    await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  });
  const app = await (await browser.newContext({ baseURL: server.url })).newPage();
  await signIn(app.context(), server.url, admin.me.email);
  // Without the first of the parts that are fetched ahead the others are not: on a slow machine they would count.
  await app.route(/split_door\.wasm/, (route) => route.abort());
  const home = await fetched(app, async () => {
    await app.goto("/");
    await settled(app);
  });
  console.log(`sign-in ${Math.round(door.bytes / 1000)} kB, home ${Math.round(home.bytes / 1000)} kB`);
  expect(door.bytes, door.files.join("\n")).toBeLessThan(BUDGET);
  expect(home.bytes, home.files.join("\n")).toBeLessThan(BUDGET);
  expect(home.bytes, "nothing was counted").toBeGreaterThan(100_000);
  await app.context().close();
});

test("the parts that no page needed yet are fetched afterwards, so that pages open without a request for code", async ({ app }) => {
  const last = app.waitForEvent("requestfinished", (request) => /split_admin\.wasm/.test(request.url()));
  await app.goto("/");
  await last;
  const late = await fetched(app, async () => {
    await app.getByRole("link", { name: "Test templates" }).first().click();
    await expect(app.getByRole("heading", { name: "Test templates", level: 1 })).toBeVisible();
    await settled(app);
  });
  expect(late.files.filter((file) => file.includes(".wasm") || file.includes(".bin"))).toEqual([]);
});

test("a page whose part does not come says so, and a reload brings it", async ({ browser, server, admin }) => {
  // a browser of its own: that the part failed is in its console, and may be
  const app = await (await browser.newContext({ baseURL: server.url })).newPage();
  void admin;
  await signIn(app.context(), server.url, ADMIN.email);
  await app.route(/split_attack\.wasm/, (route) => route.abort());
  await app.goto("/attack");
  await expect(app.getByText("This page could not be loaded")).toBeVisible();
  await app.unroute(/split_attack\.wasm/);
  await app.getByRole("button", { name: "Try again" }).click();
  await expect(app.getByRole("heading", { name: /ATT&CK/, level: 1 })).toBeVisible();
  await app.context().close();
});

test("code and fonts are kept for good, the page is asked for each time", async ({ page, server }) => {
  const answers = new Map<string, string>();
  page.on("response", (response) => answers.set(new URL(response.url()).pathname, response.headers()["cache-control"] ?? ""));
  await page.goto(`${server.url}/`);
  await expect(page.getByRole("button", { name: "Make the account" })).toBeVisible();
  for (const [path, caching] of answers) {
    if (path.startsWith("/api/")) continue;
    expect(caching, path).toBe(/\.(wasm|bin|js|css|svg|woff2)$/.test(path) ? "public, max-age=31536000, immutable" : "no-cache");
  }
  expect([...answers.keys()].some((path) => path.endsWith(".wasm"))).toBe(true);
});
