// Single sign-on against a real OpenID provider on loopback: a new person, their groups, an account that is connected, refusals.
import type { Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer } from "node:http";
import Provider from "oidc-provider";
import { ADMIN, PASSWORD, accessible, expect, settled, test as base } from "./fixtures/test.ts";

interface Account { email: string; verified?: boolean; name: string; groups: string[] }

/** People of the provider, by what is typed into its own sign-in page. */
const PEOPLE: Record<string, Account> = {
  noor: { email: "noor@example.test", name: "Noor Haddad", groups: ["soc", "canteen"] },
  ada: { email: ADMIN.email, name: "Ada at work", groups: [] },
  eve: { email: "eve@elsewhere.test", name: "Eve", groups: ["soc"] },
  mal: { email: "mal@example.test", verified: false, name: "Mal", groups: ["soc"] },
};

const test = base.extend<{ provider: { issuer: string; back: (url: string) => void } }>({
  provider: async ({}, use) => {
    const http: HttpServer = createServer((request, response) => handler(request, response));
    let handler: (request: any, response: any) => void = (_, response) => response.writeHead(503).end();
    await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
    const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    await use({
      issuer,
      back: (url) => {
        const provider = new Provider(issuer, {
          clients: [{ client_id: "tyrian", client_secret: "a secret of the client", redirect_uris: [`${url}/api/v1/auth/oidc/callback`] }],
          claims: { openid: ["sub", "groups"], email: ["email", "email_verified"], profile: ["name"] },
          conformIdTokenClaims: false,
          features: { devInteractions: { enabled: true } },
          cookies: { keys: ["only for this test"] },
          findAccount: (_context: unknown, id: string) => {
            const person = PEOPLE[id];
            return person && { accountId: id, claims: () => ({ sub: id, email: person.email, email_verified: person.verified ?? true, name: person.name, groups: person.groups }) };
          },
        });
        handler = provider.callback();
      },
    });
    await new Promise((done) => http.close(done));
  },
  settings: async ({ provider }, use) => {
    // the port must be known before the server starts: the provider sends people back to it
    const port = await new Promise<number>((done) => {
      const probe = createServer().listen(0, "127.0.0.1", () => {
        const { port } = probe.address() as AddressInfo;
        probe.close(() => done(port));
      });
    });
    const url = `http://127.0.0.1:${port}`;
    provider.back(url);
    await use({
      TYRIAN_LISTEN: `127.0.0.1:${port}`,
      TYRIAN_PUBLIC_URL: url,
      TYRIAN_OIDC_ISSUER: provider.issuer,
      TYRIAN_OIDC_CLIENT_ID: "tyrian",
      TYRIAN_OIDC_CLIENT_SECRET: "a secret of the client",
      TYRIAN_OIDC_NAME: "Sign in with ACME",
      TYRIAN_OIDC_ALLOW: "example.test",
      TYRIAN_OIDC_GROUPS: "soc=Blue team, lead=Leads",
    });
  },
});

/** The provider's own pages: who it is, and yes. */
async function vouch(page: any, who: string): Promise<void> {
  await page.locator("input[name=login]").fill(who);
  await page.locator("input[name=password]").fill("any");
  await page.locator("button[type=submit]").click();
  await page.getByRole("button", { name: "Continue" }).click();
}

// the provider's pages are not ours: their console is no fault of the app
test.use({ ignoreHTTPSErrors: true });

test("a person of the provider gets an account, its groups, and comes back to where they were going", async ({ browser, admin, server }) => {
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  await page.goto("/missions?q=x");
  const way = page.getByRole("link", { name: "Sign in with ACME" });
  await expect(way).toBeVisible();
  await accessible(page, "sign-in with single sign-on");
  await way.click();
  await vouch(page, "noor");
  await expect(page).toHaveURL(/\/missions\?q=x/);
  await settled(page, "Missions");
  const [noor] = (await admin.get("/users?q=noor")).items;
  expect(noor.display_name).toBe("Noor Haddad");
  expect(noor.groups.map((group: any) => group.name)).toEqual(["Blue team"]);
  expect(noor.is_admin).toBe(false);
  await page.goto("/profile");
  await expect(page.getByText("You sign in by single sign-on")).toBeVisible();
  // the same person again: the same account, and a group that the provider took away is gone
  PEOPLE.noor!.groups = ["lead"];
  await page.getByRole("button", { name: "Your account" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("link", { name: "Sign in with ACME" }).click();
  await page.waitForURL(/\/profile$|interaction/);
  if (page.url().includes("interaction")) await vouch(page, "noor");
  await settled(page, "Profile");
  PEOPLE.noor!.groups = ["soc", "canteen"];
  const again = (await admin.get("/users?q=noor")).items;
  expect(again).toHaveLength(1);
  expect(again[0].groups.map((group: any) => group.name)).toEqual(["Leads"]);
  await context.close();
});

test("an address alone opens nothing: an account is connected by its owner", async ({ browser, admin, server }) => {
  void admin;
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  await page.goto("/login");
  await page.getByRole("link", { name: "Sign in with ACME" }).click();
  await vouch(page, "ada");
  await expect(page.getByText("There is an account with your address already.")).toBeVisible();
  await page.getByLabel("Email").fill(ADMIN.email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await settled(page, "Home");
  await page.goto("/profile");
  await page.getByRole("link", { name: "Connect" }).click();
  await page.waitForURL(/\/profile|interaction/);
  if (page.url().includes("interaction")) await page.getByRole("button", { name: "Continue" }).click();
  await settled(page, "Profile");
  await page.getByRole("button", { name: "Your account" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("link", { name: "Sign in with ACME" }).click();
  await settled(page, "Profile");
  await expect(page.getByText(ADMIN.email)).toBeVisible();
  const log = (await admin.get("/audit-events?action=identity.connect")).items;
  expect(log).toHaveLength(1);
  await context.close();
});

test("who is not on the list, or whose address nobody checked, stays out", async ({ browser, admin, server }) => {
  for (const who of ["eve", "mal"]) {
    const context = await browser.newContext({ baseURL: server.url });
    const page = await context.newPage();
    await page.goto("/login");
    await page.getByRole("link", { name: "Sign in with ACME" }).click();
    await vouch(page, who);
    await expect(page.getByText("nobody has let you in here yet")).toBeVisible();
    await context.close();
  }
  expect((await admin.get("/users")).items).toHaveLength(1);
  // a callback that nobody began, and one with another state
  for (const path of ["/api/v1/auth/oidc/callback?code=x&state=y", "/api/v1/auth/oidc/callback?error=access_denied"]) {
    const answer = await fetch(`${server.url}${path}`, { redirect: "manual" });
    expect(answer.status).toBe(302);
    expect(answer.headers.get("location")).toBe("/login?sso=expired");
    expect(answer.headers.get("set-cookie")).toBeNull();
  }
});
