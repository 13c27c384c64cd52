// What all missions tell together: trend, technique by client, one technique over the missions; and who sees it.
import { type Api, type Json, PASSWORD, accessible, expect, fits, settled, test } from "./fixtures/test.ts";

type Outcome = "missed" | "logged" | "alerted" | "prevented";

const FACTS: Record<Outcome, object> = {
  missed: { logged: "no", alerted: "no", prevented: "no" },
  logged: { logged: "yes", alerted: "no", prevented: "no" },
  alerted: { logged: "yes", alerted: "yes", prevented: "no" },
  prevented: { logged: "no", alerted: "no", prevented: "yes" },
};

/** Two clients, five half-years; each mission has the tests of T1059.001, T1003.001 and T1021. `null` is not assessed. */
const MISSIONS: [name: string, client: string, day: string, minutes: number, outcomes: (Outcome | null)[]][] = [
  ["Amber Tide", "Meridian Bank", "2024-03-04", 40, ["missed", "missed", "logged"]],
  ["Birch Gate", "Northgate Water", "2024-09-02", 30, ["missed", "logged", "alerted"]],
  ["Copper Heron", "Meridian Bank", "2025-02-03", 20, ["logged", "alerted", "missed"]],
  ["Delta Field", "Northgate Water", "2025-10-06", 10, ["alerted", "missed", "prevented"]],
  ["Ember Fall", "Meridian Bank", "2026-01-12", 6, ["prevented", "alerted", null]],
];

async function world(admin: Api): Promise<Json[]> {
  const { scenario } = await admin.library();
  const missions: Json[] = [];
  for (const [name, client, day, minutes, outcomes] of MISSIONS) {
    const made = await admin.mission(name, client, { scenario_template_ids: [scenario.id], start_date: day });
    await admin.move(made, "in_progress");
    const mission = await admin.get(`/missions/${made.id}`);
    for (const [n, outcome] of outcomes.entries()) {
      if (!outcome) continue;
      const path = `/missions/${mission.id}/tests/${mission.scenarios[0].tests[n].id}`;
      for (const to of ["running", "executed"]) await admin.post(`${path}/state`, { to });
      const seen = outcome === "missed" ? {} : { detected_at: `${day}T10:${String(minutes).padStart(2, "0")}:00Z` };
      await admin.edit("PATCH", path, { started_at: `${day}T10:00:00Z`, ended_at: `${day}T10:01:00Z`, ...FACTS[outcome], ...seen });
      await admin.post(`${path}/state`, { to: "assessed" });
    }
    missions.push(mission);
  }
  return missions;
}

test("the page tells trend, times and the last outcome of each technique at each client", async ({ app, admin }) => {
  await world(admin);
  await app.goto("/");
  await app.getByRole("navigation", { name: "Main", exact: true }).getByRole("link", { name: "Analytics" }).click();
  await settled(app, "Analytics");

  const short = app.getByRole("group", { name: "In short" });
  await expect(short).toContainText(/Missions5 of 2 clients/);
  await expect(short).toContainText(/Tests15 14 assessed/);
  await expect(short).toContainText("100 % 3 of 3");
  await expect(short).toContainText("was 67 % before H1 2026");
  await expect(short).toContainText("33 points");
  await expect(short).toContainText("Time to detect, H1 2026");
  await expect(short).toContainText("was 10 min in H2 2025");

  const trend = app.getByRole("group", { name: /^Share of assessed tests by outcome/ });
  const shares = ["0 % of 3", "33 % of 3", "33 % of 3", "67 % of 3", "100 % of 2"];
  await expect(trend.getByRole("img")).toHaveCount(5);
  for (const [n, share] of shares.entries()) await expect(trend.getByRole("img").nth(n)).toContainText(share);
  await expect(trend.getByRole("img").last()).toHaveAccessibleName(/^H1 2026\. Covered: 100 % of 2, Prevented: 1 · 50 %, Alerted: 1 · 50 %, Logged: 0 · 0 %, Missed: 0 · 0 %, Not assessed: 1/);

  // hover and focus tell the same, the arrow keys walk
  await trend.getByRole("img").first().hover();
  await expect(app.locator(".plot__tip")).toContainText("H1 2024");
  await trend.getByRole("img").last().focus();
  await app.keyboard.press("ArrowLeft");
  await expect(app.locator(".plot__tip")).toContainText("H2 2025");
  await app.keyboard.press("Escape");
  await expect(app.locator(".plot__tip")).toHaveCount(0);

  await app.getByText("As a table").first().click();
  const table = app.getByRole("region", { name: "Tests by outcome, step by step" });
  await expect(table.getByRole("row", { name: /^H2 2024/ }).getByRole("cell")).toHaveText(["1", "3", "3", "1", "1", "1", "0", "33 %"]);
  await app.getByText("As a table").last().click();
  const times = app.getByRole("region", { name: "Time to detect, step by step" });
  await expect(times.getByRole("row", { name: /^H1 2024/ })).toContainText("40 min");
  await expect(times.getByRole("row", { name: /^H1 2026/ })).toContainText("6 min");

  const clients = app.getByRole("region", { name: "Last outcome of each technique at each client" });
  await expect(clients.getByRole("columnheader")).toHaveText(["Technique", "Meridian Bank", "Northgate Water"]);
  const row = (id: string) => clients.getByRole("row", { name: new RegExp(`^${id}`) });
  await expect(row("T1059.001").getByRole("cell")).toHaveText(["Prevented", "Alerted"]);
  await expect(row("T1003.001").getByRole("cell")).toHaveText(["Alerted", "Missed"]);
  await expect(row("T1021").getByRole("cell")).toHaveText(["Missed", "Prevented"]);

  // in its own order, and the worst first
  await expect(clients.getByRole("row").nth(1)).toContainText("T1003.001");
  await app.getByRole("button", { name: "Worst first" }).click();
  await expect(app).toHaveURL(/sort=worst/);
  await expect(clients.getByRole("row").last()).toContainText("T1059.001");
  await app.getByLabel("Search techniques").fill("powershell");
  await expect(clients.getByRole("row")).toHaveCount(2);
  await expect(app).toHaveURL(/q=powershell/);

  await accessible(app, "analytics");
  await app.setViewportSize({ width: 375, height: 812 });
  await fits(app, "analytics at 375 px");
});

test("the filters stand in the URL and in the links", async ({ app, admin }) => {
  await world(admin);
  await app.goto("/analytics");
  await settled(app, "Analytics");
  const short = app.getByRole("group", { name: "In short" });
  const trend = app.getByRole("group", { name: /^Share of assessed tests by outcome/ });
  await app.getByLabel("Client", { exact: true }).selectOption("Northgate Water");
  await expect(app).toHaveURL(/client=Northgate%20Water/);
  await expect(short).toContainText(/Missions2 of 1 client/);
  // the half-year between the two missions keeps its place
  await expect(trend.getByRole("img")).toHaveCount(3);
  await expect(trend.getByRole("img").nth(1)).toContainText("no mission");

  await app.getByText("Quarter", { exact: true }).click();
  await expect(app).toHaveURL(/by=quarter/);
  await expect(trend.getByRole("img").first()).toContainText("Q3 2024");

  await app.getByLabel("Period").selectOption("custom");
  await app.getByLabel("From", { exact: true }).fill("2025-01-01");
  await expect(app).toHaveURL(/from=2025-01-01/);
  await expect(short).toContainText(/Missions1 of 1 client/);
  await app.getByLabel("to", { exact: true }).fill("2024-01-01");
  await expect(app.getByRole("alert")).toContainText("The last day lies before the first");
  await app.goBack();
  await expect(short).toContainText(/Missions1 of 1 client/);

  await app.goto("/analytics?client=meridian%20bank&from=2025-01-01&to=2026-12-31&by=month");
  await settled(app, "Analytics");
  await expect(app.getByLabel("Client", { exact: true })).toHaveValue("Meridian Bank");
  await expect(short).toContainText(/Missions2 of 1 client/);
  await expect(trend.getByRole("img").last()).toContainText("Jan 2026");
  await app.getByRole("region", { name: "Last outcome of each technique at each client" }).getByRole("link", { name: /T1059\.001/ }).click();
  await settled(app, /^T1059\.001 PowerShell/);
  expect(Object.fromEntries(new URL(app.url()).searchParams)).toEqual({ client: "meridian bank", period: "custom", from: "2025-01-01", to: "2026-12-31", by: "month" });
  await app.getByRole("link", { name: "Analytics", exact: true }).first().click();
  await settled(app, "Analytics");

  await app.getByLabel("Period").selectOption("6m");
  await app.goto("/analytics?client=nobody");
  await app.getByRole("button", { name: "Clear filters" }).click();
  await expect(app).toHaveURL(/\/analytics$/);
  await expect(short).toContainText(/Missions5 of 2 clients/);
});

test("a technique over the missions, with the tests behind each outcome", async ({ app, admin }) => {
  const missions = await world(admin);
  await app.goto("/attack?technique=T1059.001");
  await settled(app, "ATT&CK");
  await app.getByRole("link", { name: "Outcomes over the missions" }).click();
  await settled(app, "T1059.001 PowerShell");
  await expect(app).toHaveURL(/\/analytics\/techniques\/T1059\.001$/);
  await expect(app.getByRole("link", { name: "attack.mitre.org" })).toHaveAttribute("href", "https://attack.mitre.org/techniques/T1059/001");

  const drawn = app.getByRole("group", { name: /^Best and worst outcome/ }).getByRole("img");
  await expect(drawn).toHaveCount(5);
  for (const [n, word] of ["Missed", "Missed", "Logged", "Alerted", "Prevented"].entries()) {
    await expect(drawn.nth(n)).toHaveAccessibleName(new RegExp(`^${MISSIONS[n]![0]}, .*Outcome: ${word}`));
  }
  const list = app.getByRole("list", { name: "Missions, the newest first" });
  const newest = list.locator("> li").first();
  await expect(newest).toContainText("Ember Fall");
  await expect(newest).toContainText("1 of 1 assessed, 1 covered · detected after 6 min");
  await accessible(app, "a technique");
  await app.setViewportSize({ width: 375, height: 812 });
  await fits(app, "a technique at 375 px");
  await app.setViewportSize({ width: 1280, height: 900 });

  // the technique above counts the tests of those under it
  await app.getByRole("link", { name: "All of T1059" }).click();
  await settled(app, /^T1059 /);
  await expect(list.locator("> li")).toHaveCount(5);
  await expect(list.getByRole("link", { name: "T1059.001" })).toHaveCount(5);
  await list.locator("> li").first().getByRole("link", { name: "Encoded PowerShell" }).click();
  await expect(app).toHaveURL(new RegExp(`/missions/${missions[4].id}\\?test=${missions[4].scenarios[0].tests[0].id}`));

  await app.goto("/analytics/techniques/T1486");
  await settled(app, "T1486 Data Encrypted for Impact");
  await expect(app.getByText("No mission tests it yet")).toBeVisible();
  await app.goto("/analytics/techniques/no-such-thing");
  await expect(app.getByText("The technique cannot be found")).toBeVisible();
});

test("who is in none of the missions sees none of it, and who lacks the right not even the page", async ({ admin, browserOf }) => {
  await world(admin);
  const outsider = await admin.member("Otto", "Red team");
  const page = await browserOf(outsider.me.email);
  await page.goto("/analytics");
  await settled(page, "Analytics");
  await expect(page.getByText("No missions yet")).toBeVisible();
  await expect(page.getByRole("group", { name: "In short" })).toContainText(/Missions0/);
  await expect(page.getByText("Meridian Bank")).toHaveCount(0);
  await page.goto("/analytics/techniques/T1059.001");
  await settled(page, /^T1059\.001/);
  await expect(page.getByText("No mission tests it yet")).toBeVisible();
  await expect(page.getByText("Ember Fall")).toHaveCount(0);

  const user = await admin.post("/users", { email: "nina@example.test", display_name: "Nina", password: PASSWORD });
  const other = await browserOf(user.email);
  await other.goto("/analytics");
  await settled(other, "Analytics");
  await expect(other.getByText("Analytics cannot be shown to you")).toBeVisible();
  await expect(other.getByRole("navigation", { name: "Main", exact: true }).getByRole("link", { name: "Analytics" })).toHaveCount(0);
});

test("hundreds of techniques are shown in part until somebody asks for all, and an error can be tried again", async ({ app, admin }) => {
  const mission = await admin.mission("Quiet Ledger", "Client 0", { start_date: "2026-01-12" });
  const clients = Array.from({ length: 8 }, (_, n) => `Client ${n}`);
  const day = { id: mission.id, name: "Quiet Ledger", client: "Client 0", status: "draft", day: "2026-01-12" };
  const counts = { tests: 8, assessed: 8, logged: 4, alerted: 2, prevented: 2, covered: 4 };
  const techniques = Array.from({ length: 700 }, (_, n) => ({
    external_id: `T${1000 + n}`,
    parent_external_id: null,
    name: `Technique ${n}`,
    last_outcome: "missed",
    last_mission: day,
    previous_outcome: null,
    missions: 8,
    by_client: clients.map((client, at) => ({ client, outcome: (["missed", "logged", "alerted", "prevented"] as const)[(n + at) % 4], mission: { ...day, client } })),
    ...counts,
  }));
  const answer = await admin.get("/analytics/coverage");
  const many = { ...answer, missions: 8, clients, techniques };
  let broken = true;
  await app.route("**/api/v1/analytics/coverage*", (route) => (broken ? route.abort() : route.fulfill({ json: many })));
  await app.goto("/analytics");
  await expect(app.getByText("The techniques could not be read")).toBeVisible();
  broken = false;
  await app.getByRole("button", { name: "Try again" }).click();
  const rows = app.getByRole("region", { name: "Last outcome of each technique at each client" }).locator("tbody tr");
  await expect(rows).toHaveCount(200);
  await app.getByRole("button", { name: "Show all 700" }).click();
  await expect(rows).toHaveCount(700);
  await app.setViewportSize({ width: 375, height: 812 });
  await fits(app, "many techniques at 375 px");
});
