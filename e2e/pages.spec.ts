// Every page, in light and dark, wide and narrow: axe finds nothing, nothing runs out sideways, and a picture of it lies in shots/.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { type Api, accessible, expect, fits, settled, test } from "./fixtures/test.ts";

const SHOTS = fileURLToPath(new URL("./shots", import.meta.url));
const WIDTHS = [1280, 375] as const;

/** An instance with something on every page. Long words and names are there on purpose. */
async function seed(admin: Api) {
  const { tests, scenario } = await admin.library();
  await admin.testTemplate("A test with a very long name that says in one breath what it does, where, and to whom", [["technique", "T1486"]], { tags: ["Donaudampfschifffahrtsgesellschaftskapitän"] });
  const blue = await admin.member("Bea", "Blue team");
  const running = await admin.mission("Quiet Ledger", "Meridian Bank", {
    scenario_template_ids: [scenario.id],
    start_date: "2026-03-09",
    end_date: "2026-03-20",
    objectives: "Do we **see** it?",
    members: [{ user_id: admin.me.id, role_hint: "red" }, { user_id: blue.me.id, role_hint: "blue" }],
  });
  await admin.move(running, "in_progress");
  await admin.mission("Unternehmensübergreifende Notfallübung der Wasserversorgung Nordwest", "Zweckverband Wasserversorgung Nordwest-Mecklenburg und Umland");
  const done = await admin.mission("Done", "ACME", { scenario_template_ids: [scenario.id] });
  await admin.move(done, "in_progress", "completed", "archived");
  await admin.post("/invitations", { email: "lena@example.test", group_ids: [] });
  const mission = await admin.get(`/missions/${running.id}`);
  return { test: tests[0].id, scenario: scenario.id, mission: running.id, archived: done.id, missionTest: mission.scenarios[0].tests[0].id };
}

const PAGES: [name: string, path: (at: Awaited<ReturnType<typeof seed>>) => string, title: string | RegExp][] = [
  ["home", () => "/", "Home"],
  ["missions", () => "/missions", "Missions"],
  ["missions-board", () => "/missions?view=board", "Missions"],
  ["missions-none", () => "/missions?q=nothing", "Missions"],
  ["wizard-1", () => "/missions/new", "New mission"],
  ["mission-tests", (at) => `/missions/${at.mission}`, "Quiet Ledger"],
  ["mission-test", (at) => `/missions/${at.mission}?test=${at.missionTest}`, "Quiet Ledger"],
  ["mission-timeline", (at) => `/missions/${at.mission}/timeline`, "Quiet Ledger"],
  ["mission-activity", (at) => `/missions/${at.mission}/activity`, "Quiet Ledger"],
  ["mission-members", (at) => `/missions/${at.mission}/members`, "Quiet Ledger"],
  ["mission-synthesis", (at) => `/missions/${at.mission}/synthesis`, "Quiet Ledger"],
  ["mission-export", (at) => `/missions/${at.mission}/export`, "Quiet Ledger"],
  ["mission-preview", (at) => `/missions/${at.mission}/export?preview=1`, "Quiet Ledger"],
  ["mission-compare", (at) => `/missions/${at.mission}/compare`, "Compare"],
  ["mission-drift", (at) => `/missions/${at.mission}/drift`, "Differences from the templates"],
  ["mission-archived", (at) => `/missions/${at.archived}`, "Done"],
  ["mission-unknown", () => "/missions/unknown", "Mission"],
  ["analytics", () => "/analytics", "Analytics"],
  ["analytics-technique", () => "/analytics/techniques/T1059", /^T1059/],
  ["findings", () => "/findings", "Findings"],
  ["notifications", () => "/notifications?show=unread", "Notifications"],
  ["tests", () => "/templates/tests", "Test templates"],
  ["test-new", () => "/templates/tests/new", "New test template"],
  ["test-editor", (at) => `/templates/tests/${at.test}`, "Encoded PowerShell"],
  ["outdated", () => "/templates/outdated", "Outdated tags"],
  ["scenarios", () => "/templates/scenarios", "Scenarios"],
  ["scenario-new", () => "/templates/scenarios/new", "New scenario"],
  ["scenario-builder", (at) => `/templates/scenarios/${at.scenario}`, "Hands on keyboard"],
  ["attack", () => "/attack", "ATT&CK"],
  ["attack-technique", () => "/attack?technique=T1059", "ATT&CK"],
  ["users", () => "/admin/users", "Users"],
  ["groups", () => "/admin/groups", "Groups and permissions"],
  ["invitations", () => "/admin/invitations", "Invitations"],
  ["detection", () => "/admin/detection", "Detection"],
  ["audit", () => "/admin/audit", "Audit log"],
  ["profile", () => "/profile", "Profile"],
  ["about", () => "/about", "About Tyrian"],
  ["not-found", () => "/no/such/page", "Page not found"],
];

async function look(page: Page, name: string, scheme: string) {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width === 375 ? 812 : 900 });
    await test.step(`${name} at ${width}`, async () => {
      await fits(page, `${name} at ${width}`);
      // the narrow layout has its own order and landmarks, but the colours of the wide one
      if (width === 1280 || scheme === "light") await accessible(page, `${name} at ${width}, ${scheme}`);
      await page.screenshot({ path: `${SHOTS}/${name}-${width}-${scheme}.png` });
    });
  }
}

for (const scheme of ["light", "dark"] as const) {
  test.describe(scheme, () => {
    test.use({ colorScheme: scheme });

    // in parts, so that they run side by side
    for (const part of [0, 1, 2]) {
      test(`every page, ${scheme}, ${part + 1} of 3`, async ({ app, admin }) => {
        test.setTimeout(300_000);
        const at = await seed(admin);
        await mkdir(SHOTS, { recursive: true });
        for (const [name, path, title] of PAGES.filter((_, n) => n % 3 === part)) {
          await app.goto(path(at));
          await settled(app, title);
          await look(app, name, scheme);
        }
      });
    }

    test(`what opens over and in the pages, ${scheme}`, async ({ app, admin }) => {
      test.setTimeout(180_000);
      const at = await seed(admin);
      await mkdir(SHOTS, { recursive: true });
      const wide = () => app.setViewportSize({ width: 1280, height: 900 });
      await app.goto("/missions/new");
      await settled(app, "New mission");
      await app.getByRole("button", { name: "Scenarios", exact: true }).click();
      await look(app, "wizard-1-errors", scheme);
      await wide();
      await app.getByLabel("Name").fill("Night Ferry");
      await app.getByLabel("Client").fill("ACME");
      await app.getByRole("button", { name: "Scenarios", exact: true }).click();
      await app.getByRole("checkbox", { name: "Hands on keyboard" }).check();
      await look(app, "wizard-2", scheme);
      await wide();
      await app.getByRole("button", { name: "Members", exact: true }).click();
      await app.getByRole("combobox", { name: "Add a person" }).fill("bea");
      await expect(app.getByRole("option", { name: /Bea/ })).toBeVisible();
      await look(app, "wizard-3", scheme);
      await wide();

      await app.goto(`/missions/${at.mission}`);
      await settled(app, "Quiet Ledger");
      await app.getByRole("button", { name: "More actions" }).click();
      await look(app, "mission-menu", scheme);
      await wide();
      await app.getByRole("menuitem", { name: "Delete mission" }).click();
      await expect(app.getByRole("alertdialog")).toBeVisible();
      await look(app, "mission-delete", scheme);
      await wide();
      await app.keyboard.press("Escape");

      await app.goto("/attack");
      await settled(app, "ATT&CK");
      await app.getByRole("button", { name: "Sync" }).click();
      await app.getByText("A file", { exact: true }).click();
      await look(app, "attack-sync", scheme);
      await wide();

      await app.goto("/templates/tests");
      await settled(app, "Test templates");
      await app.getByRole("button", { name: "Import", exact: true }).click();
      await expect(app.getByRole("dialog", { name: "Import" })).toBeVisible();
      await look(app, "import", scheme);
      await wide();

      await app.goto("/admin/invitations?new=1");
      await expect(app.getByRole("dialog")).toBeVisible();
      await look(app, "invitation-new", scheme);
      await wide();

      await app.goto("/");
      await settled(app, "Home");
      await app.keyboard.press("?");
      await expect(app.getByRole("dialog", { name: "Keys" })).toBeVisible();
      await look(app, "keys", scheme);
    });
  });
}
