// Ten key pages in both themes look as their pictures in pictures/ do; what the clock writes is covered. After a change that is meant, look at the new ones:
//   npx playwright test visual --update-snapshots
import { type Api, expect, settled, test } from "./fixtures/test.ts";

/** An instance that looks the same each time. */
async function seed(admin: Api) {
  const { tests, scenario } = await admin.library();
  const blue = await admin.member("Bea", "Blue team");
  const made = await admin.mission("Quiet Ledger", "Meridian Bank", {
    scenario_template_ids: [scenario.id],
    start_date: "2026-03-09",
    end_date: "2026-03-20",
    members: [{ user_id: admin.me.id, role_hint: "red" }, { user_id: blue.me.id, role_hint: "blue" }],
  });
  await admin.move(made, "in_progress");
  const frozen = (await admin.get(`/missions/${made.id}`)).scenarios[0].tests.map((each: { id: string }) => each.id);
  for (const id of frozen.slice(0, 2)) {
    for (const to of ["running", "executed", "assessed"]) {
      if (to === "assessed") await admin.edit("PATCH", `/missions/${made.id}/tests/${id}`, { logged: "yes", alerted: id === frozen[0] ? "yes" : "no", prevented: "no" });
      await admin.post(`/missions/${made.id}/tests/${id}/state`, { to });
    }
  }
  await admin.mission("Night Ferry", "ACME", { start_date: "2026-05-04", end_date: "2026-05-08" });
  return { test: tests[0].id as string, scenario: scenario.id as string, mission: made.id as string, third: frozen[2] as string };
}

type At = Awaited<ReturnType<typeof seed>>;

const PAGES: [name: string, path: (at: At) => string, title: string][] = [
  ["home", () => "/", "Home"],
  ["missions", () => "/missions", "Missions"],
  ["board", () => "/missions?view=board", "Missions"],
  ["mission-tests", (at) => `/missions/${at.mission}?test=${at.third}`, "Quiet Ledger"],
  ["mission-synthesis", (at) => `/missions/${at.mission}/synthesis`, "Quiet Ledger"],
  ["mission-members", (at) => `/missions/${at.mission}/members`, "Quiet Ledger"],
  ["test-editor", (at) => `/templates/tests/${at.test}`, "Encoded PowerShell"],
  ["scenario", (at) => `/templates/scenarios/${at.scenario}`, "Hands on keyboard"],
  ["attack", () => "/attack", "ATT&CK"],
  ["groups", () => "/admin/groups", "Groups and permissions"],
];

for (const scheme of ["light", "dark"] as const) {
  test.describe(scheme, () => {
    test.use({ colorScheme: scheme, contextOptions: { reducedMotion: "reduce" } });

    test(`ten pages look as they should, ${scheme}`, async ({ app, admin }) => {
      test.setTimeout(180_000);
      const at = await seed(admin);
      for (const [name, path, title] of PAGES) {
        await app.goto(path(at));
        await settled(app, title);
        await expect.soft(app).toHaveScreenshot(`${name}-${scheme}.png`, { mask: [app.locator("time")], maskColor: "#808080" });
      }
    });
  });
}
